"""The graph against the data: each independence it promises, tested, and a verdict on the whole.

One test per promise of the basis and Fisher's C over them: Shipley (2000), "A new inferential test for path models
based on directed acyclic graphs", Structural Equation Modeling 7: 206-218. The comparison with graphs of the same shape
and permuted labels: Eulig, Mastakouri, Blöbaum, Hardt and Janzing (2023), "Toward falsifying causal graphs using a
permutation-based test", arXiv 2305.09565.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice, permutations
from math import exp, factorial
from typing import Any, Literal

import numpy as np

from causal.checks.columns import Columns
from causal.checks.independence import FEWEST_ROWS, IndependenceTest, Measure, TestOptions, independence_test
from causal.checks.moments import Moments, complete_rows, encode
from causal.checks.multiplicity import benjamini_hochberg, chi_squared_log_p, holm
from causal.errors import DoableError, OptionProblem, WorkStopped
from causal.estimators.one_thread import one_thread
from causal.graphs.causal_graph import CausalGraph, EdgeKind
from causal.graphs.implications import Independence, each_implication, implications
from causal.graphs.separation import is_separated
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent

NEGLIGIBLE = 0.05
"""A smaller correlation is called slight: it is what a standardised difference of 0.1, the threshold of balance, makes
between two groups of equal size."""

Standing = Literal["kept", "not contradicted", "slight", "violated"]
GraphStanding = Literal["contradicted", "strained", "not contradicted", "nothing to test"]
LabelStanding = Literal["better than chance", "no better than chance", "says nothing"]


@dataclass(frozen=True)
class GraphFitOptions:
    """How to test a graph.

    `full`: every minimal independence, at most `most_promises`, instead of a basis; `level` of the corrected p-values;
    `negligible`: the size below which a departure is slight; `most_rows`: a larger table is sampled; `relabellings`:
    how many permuted graphs to compare with (0: none).
    """

    full: bool = False
    level: float = 0.05
    negligible: float = NEGLIGIBLE
    most_rows: int = 100_000
    most_promises: int = 500
    relabellings: int = 200
    test: TestOptions = field(default_factory=TestOptions)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise OptionProblem(f"The level {self.level} must lie between 0 and 1, for example 0.05.")
        if not 0 <= self.negligible < 1:
            raise OptionProblem(f"The negligible size {self.negligible} must lie between 0 and 1, for example 0.05.")
        if self.most_rows < FEWEST_ROWS or self.most_promises < 1 or self.relabellings < 0:
            raise OptionProblem(
                f"Testing a graph takes at least {FEWEST_ROWS} rows, one promise and no negative number of "
                "relabellings. Raise the limits."
            )


@dataclass(frozen=True)
class Mend:
    """An edge between the two sides of a broken promise that would take the promise back."""

    left: str
    right: str
    kind: EdgeKind


@dataclass(frozen=True)
class PromiseTest:
    """A promised independence and what the `n` complete rows say of it.

    `holm` and `benjamini_hochberg` are the p-value corrected for the number of promises tested; `size` with `low` and
    `high` as in IndependenceTest. `mends` is empty unless violated, likeliest reading left to the reader.
    """

    left: str
    right: str
    given: tuple[str, ...]
    n: int
    log_p: float
    holm: float
    benjamini_hochberg: float
    size: float
    low: float
    high: float
    measure: Measure
    standing: Standing
    mends: tuple[Mend, ...] = ()

    @property
    def p_value(self) -> float:
        """The p-value; 0 where it is too small for a number."""
        return exp(self.log_p)


@dataclass(frozen=True)
class UntestedPromise:
    """A promise that this table cannot be asked about, with the sentence why."""

    left: str
    right: str
    given: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class FisherC:
    """Minus twice the sum of the log p-values of the basis, chi-squared with `degrees` if all promises hold."""

    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True)
class Relabelling:
    """How many of its `promises` the graph breaks, beside graphs of the same shape with permuted labels.

    `share_as_good`: of the permuted graphs, those that break no more; `share_equivalent`: those that make the same
    promises, so that no data can tell them apart. `complete`: all permutations were tried.
    """

    promises: int
    broken: int
    broken_by_chance: float
    share_as_good: float
    share_equivalent: float
    tried: int
    complete: bool
    level: float

    @property
    def standing(self) -> LabelStanding:
        """Whether the labels matter: nothing is said where too many permuted graphs make the same promises."""
        if self.share_equivalent > self.level:
            return "says nothing"
        return "better than chance" if self.share_as_good <= self.level else "no better than chance"


@dataclass(frozen=True)
class GraphFit:
    """All promises tested, most violated first, with the verdict on the whole.

    `more`: the list of independencies was cut at the limit. `sampled`: rows drawn from a larger table, or None.
    """

    tests: tuple[PromiseTest, ...]
    untested: tuple[UntestedPromise, ...]
    fisher: FisherC | None
    relabelling: Relabelling | None
    level: float
    negligible: float
    confidence: float
    full: bool
    more: bool
    rows: int
    sampled: int | None

    @property
    def violated(self) -> tuple[PromiseTest, ...]:
        """The promises broken in significance and in size."""
        return tuple(each for each in self.tests if each.standing == "violated")

    @property
    def standing(self) -> GraphStanding:
        """The whole graph: contradicted by one violated promise; strained by slight departures or by Fisher's C."""
        if not self.tests:
            return "nothing to test"
        if self.violated:
            return "contradicted"
        slight = any(each.standing == "slight" for each in self.tests)
        rejected = self.fisher is not None and self.fisher.p_value < self.level
        return "strained" if slight or rejected else "not contradicted"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> GraphFit:
        """The fit that `to_json` wrote."""
        fields = dict(document)
        fields["tests"] = tuple(_promise_test(each) for each in document["tests"])
        fields["untested"] = tuple(
            UntestedPromise(**{**each, "given": tuple(each["given"])}) for each in document["untested"]
        )
        fields["fisher"] = FisherC(**document["fisher"]) if document["fisher"] else None
        fields["relabelling"] = Relabelling(**document["relabelling"]) if document["relabelling"] else None
        return cls(**fields)


@one_thread
def graph_fit(
    table: UnitTable, graph: CausalGraph, options: GraphFitOptions | None = None, progress: Progress = silent
) -> GraphFit:
    """What the table says of each independence that the graph promises.

    A promise about columns that the table lacks or that no test fits is listed as untested. Raises WorkStopped.
    """
    options = options or GraphFitOptions()
    progress(0.0, "listing what the graph promises")
    columns, sampled = _columns(table, options)
    basis = implications(graph)
    promises, more = _promises(graph, basis, options)
    wanted = list(dict.fromkeys([*promises, *basis]))
    results: dict[Independence, IndependenceTest] = {}
    untested: list[UntestedPromise] = []
    for place, promise in enumerate(wanted):
        progress(0.9 * place / len(wanted), f"testing independence {place + 1} of {len(wanted)}")
        try:
            results[promise] = _test(columns, promise, options.test)
        except WorkStopped:
            raise
        except DoableError as error:
            untested.append(UntestedPromise(promise.left, promise.right, tuple(sorted(promise.given)), str(error)))
    progress(0.9, "comparing with permuted labels")
    relabelling = _relabelling(columns, graph, [each for each in basis if each in results], options, progress)
    progress(1.0, "done")
    return GraphFit(
        tests=_rows([results[each] for each in promises if each in results], graph, options),
        untested=tuple(untested),
        fisher=_fisher([results[each] for each in basis if each in results]),
        relabelling=relabelling,
        level=options.level,
        negligible=options.negligible,
        confidence=options.test.confidence,
        full=options.full,
        more=more,
        rows=len(table),
        sampled=sampled,
    )


def _columns(table: UnitTable, options: GraphFitOptions) -> tuple[Columns, int | None]:
    if len(table) <= options.most_rows:
        return Columns(table), None
    drawn = np.random.default_rng(options.seed).choice(len(table), options.most_rows, replace=False)
    return Columns(UnitTable(table.frame.iloc[np.sort(drawn)], table.types, parts=table.parts)), options.most_rows


def _promises(
    graph: CausalGraph, basis: list[Independence], options: GraphFitOptions
) -> tuple[list[Independence], bool]:
    if not options.full:
        return basis[: options.most_promises], len(basis) > options.most_promises
    found = list(islice(each_implication(graph), options.most_promises + 1))
    return found[: options.most_promises], len(found) > options.most_promises


def _test(columns: Columns, promise: Independence, options: TestOptions) -> IndependenceTest:
    return independence_test(columns, promise.left, promise.right, promise.given, options)


def _rows(results: Sequence[IndependenceTest], graph: CausalGraph, options: GraphFitOptions) -> tuple[PromiseTest, ...]:
    raw = [each.p_value for each in results]
    rows = [
        _row(test, graph, options, corrected)
        for test, corrected in zip(results, zip(holm(raw), benjamini_hochberg(raw), strict=True), strict=True)
    ]
    order = {"violated": 0, "slight": 1, "not contradicted": 2, "kept": 3}
    return tuple(sorted(rows, key=lambda row: (order[row.standing], -abs(row.size), row.log_p)))


def _row(
    test: IndependenceTest, graph: CausalGraph, options: GraphFitOptions, corrected: tuple[float, float]
) -> PromiseTest:
    significant, large = corrected[0] <= options.level, abs(test.size) >= options.negligible
    standing: Standing
    if significant:
        standing = "violated" if large else "slight"
    else:
        bounded = max(abs(test.low), abs(test.high)) < options.negligible
        standing = "kept" if bounded else "not contradicted"
    return PromiseTest(
        left=test.left,
        right=test.right,
        given=test.given,
        n=test.n,
        log_p=test.log_p,
        holm=corrected[0],
        benjamini_hochberg=corrected[1],
        size=test.size,
        low=test.low,
        high=test.high,
        measure=test.measure,
        standing=standing,
        mends=_mends(graph, test.left, test.right) if standing == "violated" else (),
    )


def _mends(graph: CausalGraph, left: str, right: str) -> tuple[Mend, ...]:
    """The arrows that close no circle, and the hidden common cause."""
    arrows = [
        Mend(cause, effect, "directed")
        for cause, effect in ((left, right), (right, left))
        if effect not in graph.ancestors(cause)
    ]
    return (*arrows, Mend(left, right, "bidirected"))


def _fisher(results: Sequence[IndependenceTest]) -> FisherC | None:
    if not results:
        return None
    statistic = -2 * sum(each.log_p for each in results)
    degrees = 2 * len(results)
    return FisherC(statistic, degrees, exp(chi_squared_log_p(statistic, degrees)))


def _relabelling(
    columns: Columns, graph: CausalGraph, promises: list[Independence], options: GraphFitOptions, progress: Progress
) -> Relabelling | None:
    """Promises of the same shape with permuted names, tested on one correlation matrix."""
    names = sorted({each for promise in promises for each in (promise.left, promise.right, *promise.given)})
    if len(names) < 3 or not options.relabellings:
        return None
    try:
        rows = complete_rows(columns, names)
        if len(rows) < FEWEST_ROWS:
            return None
        moments = Moments(encode(columns, names, rows))
    except DoableError:
        return None
    own = _broken(moments, _numbered(promises, names, range(len(names))), options.level)
    broken, equivalent = [], 0
    tried = list(_orders(len(names), options))
    for place, order in enumerate(tried):
        if place % 20 == 0:
            progress(0.9 + 0.1 * place / len(tried), f"comparing with permuted labels, {place} of {len(tried)}")
        broken.append(_broken(moments, _numbered(promises, names, order), options.level))
        equivalent += _promised(graph, promises, names, order)
    return Relabelling(
        promises=len(promises),
        broken=own,
        broken_by_chance=float(np.mean(broken)),
        share_as_good=float(np.mean([each <= own for each in broken])),
        share_equivalent=equivalent / len(tried),
        tried=len(tried),
        complete=factorial(len(names)) - 1 == len(tried),
        level=options.level,
    )


def _orders(size: int, options: GraphFitOptions) -> Iterator[Sequence[int]]:
    """All permutations but the identity where they are few enough, else a random draw of them."""
    if factorial(min(size, 12)) - 1 <= options.relabellings:
        yield from islice(permutations(range(size)), 1, None)
        return
    rng = np.random.default_rng(options.seed)
    for _ in range(options.relabellings):
        yield [int(each) for each in rng.permutation(size)]


def _numbered(
    promises: Sequence[Independence], names: Sequence[str], order: Sequence[int]
) -> list[tuple[int, int, frozenset[int]]]:
    place = {name: order[position] for position, name in enumerate(names)}
    return [(place[each.left], place[each.right], frozenset(place[name] for name in each.given)) for each in promises]


def _broken(moments: Moments, promises: Sequence[tuple[int, int, frozenset[int]]], level: float) -> int:
    limit = np.log(level)
    return sum(1 for each in promises if moments.log_p(*each) < limit)


def _promised(graph: CausalGraph, promises: Sequence[Independence], names: Sequence[str], order: Sequence[int]) -> bool:
    """Whether the graph itself makes every one of the permuted promises."""
    renamed = {name: names[order[position]] for position, name in enumerate(names)}
    return all(
        is_separated(
            graph,
            renamed[each.left],
            renamed[each.right],
            {renamed[name] for name in each.given} | graph.selected - {renamed[each.left], renamed[each.right]},
        )
        for each in promises
    )


def _promise_test(document: Mapping[str, Any]) -> PromiseTest:
    mends = tuple(Mend(**each) for each in document["mends"])
    return PromiseTest(**{**document, "given": tuple(document["given"]), "mends": mends})
