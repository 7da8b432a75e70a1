"""A graph proposed from a table: the edges of a search, each with how often resampled rows give it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from causal.checks.columns import Columns
from causal.checks.moments import complete_rows
from causal.discovery.evidence import gather_evidence
from causal.discovery.knowledge import Knowledge, check_names
from causal.discovery.orientation import EdgeSort, Found
from causal.discovery.searches import Search, search_boss, search_fci, search_lingam, search_pc
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent

SearchMethod = Literal["pc", "fci", "boss", "lingam"]

FEWEST_ROWS_PER_COLUMN = 10
MOST_COLUMNS = 60

_SEARCHES: Mapping[SearchMethod, Callable[[Search], list[Found]]] = {
    "pc": search_pc,
    "fci": search_fci,
    "boss": search_boss,
    "lingam": search_lingam,
}


@dataclass(frozen=True)
class DiscoveryOptions:
    """How to search.

    `method`: "pc" (tests, no hidden causes), "fci" (tests, hidden causes allowed), "boss" (best order by score) or
    "lingam" (numbers with linear effects and noise that is not normal). `level` of the tests; `penalty` of the scores,
    as a multiple of BIC's; `most_given`: the largest set conditioned on; `resamples`: for the confidence (0: none);
    `most_rows`: a larger table is sampled.
    """

    method: SearchMethod = "boss"
    level: float = 0.01
    penalty: float = 1.0
    most_given: int = 5
    resamples: int = 50
    most_rows: int = 100_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in get_args(SearchMethod):
            wanted = ", ".join(f'"{each}"' for each in get_args(SearchMethod))
            raise OptionProblem(f'There is no search "{self.method}". Choose one of {wanted}.')
        if not 0 < self.level < 1:
            raise OptionProblem(f"The level {self.level} must lie between 0 and 1, for example 0.01.")
        if not self.penalty > 0:
            raise OptionProblem(f"The penalty {self.penalty} must be positive; 1 is that of BIC.")
        if self.most_given < 0 or self.resamples < 0 or self.most_rows < FEWEST_ROWS_PER_COLUMN:
            raise OptionProblem(
                "A search needs rows, and no negative number of resamples or of columns to condition on. "
                "Raise the limits."
            )


@dataclass(frozen=True)
class ProposedEdge:
    """An edge of a proposal.

    `kind`: left -> right ("directed"), a hidden common cause ("bidirected"), left -> right or a hidden common cause
    ("partly directed"), or of unknown direction ("undirected"). Of the resamples, `confidence` have an edge between the
    two: `forward` (left -> right), `backward`, `hidden` (bidirected) and `undecided` (the rest) sum to it; all are None
    without resamples. `required`: a person said so, the data was not asked.
    """

    left: str
    right: str
    kind: EdgeSort
    confidence: float | None
    forward: float | None
    backward: float | None
    hidden: float | None
    undecided: float | None
    required: bool = False

    @property
    def orientation_share(self) -> float | None:
        """Of the resamples with an edge between the two, the share that gives it the same kind and direction."""
        if not self.confidence:
            return None
        same = {"directed": self.forward, "bidirected": self.hidden}.get(self.kind, self.undecided)
        return None if same is None else same / self.confidence


@dataclass(frozen=True)
class Proposal:
    """What a search proposes for a table: a start for drawing, never the truth. The surest edges come first.

    `rows` are complete in all `names`, of which `sampled` were used where they were too many (else None).
    """

    edges: tuple[ProposedEdge, ...]
    names: tuple[str, ...]
    method: SearchMethod
    rows: int
    dropped: int
    sampled: int | None
    resamples: int
    seed: int
    knowledge: Knowledge = field(default_factory=Knowledge)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Proposal:
        """The proposal that `to_json` wrote."""
        fields = dict(document)
        fields["edges"] = tuple(ProposedEdge(**each) for each in document["edges"])
        fields["names"] = tuple(document["names"])
        fields["knowledge"] = Knowledge(**document["knowledge"])
        return cls(**fields)


@one_thread
def propose_graph(
    table: UnitTable,
    names: Sequence[str],
    knowledge: Knowledge | None = None,
    options: DiscoveryOptions | None = None,
    progress: Progress = silent,
) -> Proposal:
    """The edges that a search finds between the named columns, within what is known.

    Raises UnknownColumn; CovariateProblem (text, identifiers, too many levels, fewer than two columns or more than 60,
    categories for LiNGAM); TooFewUnits (too few complete rows, a column with one value); WorkStopped.
    """
    options, knowledge = options or DiscoveryOptions(), knowledge or Knowledge()
    progress(0.0, "reading the columns")
    columns = Columns(table)
    _check(columns, names, knowledge, options)
    complete = complete_rows(columns, names)
    _require_rows(complete, names)
    rng = np.random.default_rng(options.seed)
    rows = complete
    if len(complete) > options.most_rows:
        rows = np.sort(rng.choice(complete, options.most_rows, replace=False))
    evidence = gather_evidence(columns, names, rows, raw=options.method == "lingam")
    runs: list[list[Found]] = []
    for place in range(options.resamples + 1):
        stage = f"resample {place} of {options.resamples}" if place else "searching"
        share = place / (options.resamples + 1)
        search = Search(
            evidence=evidence.resampled(rng) if place else evidence,
            names=tuple(names),
            knowledge=knowledge,
            level=options.level,
            penalty=options.penalty,
            most_given=options.most_given,
            rng=np.random.default_rng([options.seed, place]),
            pulse=partial(progress, share, stage),
        )
        search.pulse()
        runs.append(_SEARCHES[options.method](search))
    progress(1.0, "done")
    return Proposal(
        edges=_edges(runs[0], runs[1:], names, knowledge),
        names=tuple(names),
        method=options.method,
        rows=len(complete),
        dropped=len(table) - len(complete),
        sampled=len(rows) if len(rows) < len(complete) else None,
        resamples=options.resamples,
        seed=options.seed,
        knowledge=knowledge,
    )


def _check(columns: Columns, names: Sequence[str], knowledge: Knowledge, options: DiscoveryOptions) -> None:
    if not 2 <= len(set(names)) <= MOST_COLUMNS or len(set(names)) < len(names):
        raise CovariateProblem(
            f"A search takes 2 to {MOST_COLUMNS} different columns; {len(names)} were named. Choose the columns that "
            "the graph is about."
        )
    check_names(knowledge, names)
    made = [columns.of(name) for name in names]
    unfit = [each.name for each in made if each.numbers is None]
    if options.method == "lingam" and unfit:
        listed = ", ".join(f'"{name}"' for name in unfit)
        raise CovariateProblem(
            f"LiNGAM reads directions from the noise of numbers, and these columns are none: {listed}. Leave them out, "
            "or choose another search."
        )


def _require_rows(rows: Sequence[int] | Any, names: Sequence[str]) -> None:
    needed = max(FEWEST_ROWS_PER_COLUMN * len(names), 50)
    if len(rows) < needed:
        raise TooFewUnits(
            f"Only {len(rows):,} rows have a value in all {len(names)} columns; a search needs {needed:,}. Leave out "
            "the emptiest columns, or bring more rows."
        )


def _edges(
    main: Sequence[Found], runs: Sequence[Sequence[Found]], names: Sequence[str], knowledge: Knowledge
) -> tuple[ProposedEdge, ...]:
    seen: Counter[tuple[int, int, str]] = Counter()
    for run in runs:
        for left, right, sort in run:
            seen[(left, right, sort)] += 1
    edges = [_edge(found, seen, len(runs), names, knowledge) for found in main]
    return tuple(sorted(edges, key=lambda each: (-(each.confidence or 0), each.left, each.right)))


def _edge(
    found: Found, seen: Mapping[tuple[int, int, str], int], runs: int, names: Sequence[str], knowledge: Knowledge
) -> ProposedEdge:
    left, right = found.left, found.right
    both = ((left, right), (right, left))
    forward, backward = (seen.get((*pair, "directed"), 0) for pair in both)
    hidden = sum(seen.get((*pair, "bidirected"), 0) for pair in both)
    undecided = sum(seen.get((*pair, sort), 0) for pair in both for sort in ("partly directed", "undirected"))
    counts = (forward + backward + hidden + undecided, forward, backward, hidden, undecided)
    confidence, *shares = (count / runs if runs else None for count in counts)
    return ProposedEdge(
        left=names[left],
        right=names[right],
        kind=found.sort,
        confidence=confidence,
        forward=shares[0],
        backward=shares[1],
        hidden=shares[2],
        undecided=shares[3],
        required=knowledge.requires(names[left], names[right]),
    )
