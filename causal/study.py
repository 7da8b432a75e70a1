"""What is asked, as frozen nouns that can be written as JSON and fingerprinted."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, get_args

from causal.errors import OptionProblem, TreatmentProblem
from causal.graphs.causal_graph import CausalGraph

Target = Literal["everyone", "treated", "untreated", "overlap"]

POPULATIONS: Mapping[Target, str] = MappingProxyType(
    {
        "everyone": "everyone",
        "treated": "those treated",
        "untreated": "those not treated",
        "overlap": "those open to either arm",
    }
)
"""Each target population in words."""

LONGEST_UNIT = 24
"""Characters of an outcome's unit, which stands behind every number."""

Level = str | int | float | bool


def same_level(left: Level, right: Level) -> bool:
    """Whether two are one level: written alike, or a number or a yes-or-no and its text (TRUE in a file is True)."""
    if left == right or str(left) == str(right):
        return True
    if isinstance(left, str) == isinstance(right, str):
        return False
    text, value = (left, right) if isinstance(left, str) else (str(right), left)
    if isinstance(value, bool):
        return text.casefold() == str(value).casefold()
    try:
        return float(text) == float(value)
    except (TypeError, ValueError):
        return False


Comparison = Literal["is", "is not", "is one of", "is at least", "is at most", "is above", "is below"]


@dataclass(frozen=True)
class Condition:
    """One thing that a unit must satisfy to be asked about: a column, a comparison, and what it is compared with.

    `value` is a tuple of levels for "is one of"; times are written as ISO text. A missing value satisfies nothing.
    """

    column: str
    comparison: Comparison
    value: Level | tuple[Level, ...]

    def __post_init__(self) -> None:
        if self.comparison not in get_args(Comparison):
            wanted = ", ".join(f'"{each}"' for each in get_args(Comparison))
            raise OptionProblem(f'The filter\'s comparison "{self.comparison}" is not one of {wanted}.')
        several = isinstance(self.value, list | tuple | set | frozenset)
        if several != (self.comparison == "is one of"):
            wanted = "a list of values" if not several else "a single value"
            raise OptionProblem(f'The filter "{self.column} {self.comparison}" needs {wanted}, not {self.value!r}.')
        if several:
            object.__setattr__(self, "value", tuple(self.value))  # type: ignore[arg-type]
            if not self.value:
                raise OptionProblem(f'The filter "{self.column} is one of" names no value: give at least one.')


@dataclass(frozen=True)
class Question:
    """Does the treatment, from `control` to `treated`, change the outcome, for the target population?

    `target` "overlap" weights every unit with e(1 - e), e its propensity (Li, Morgan and Zaslavsky 2018).
    `control` and `treated` may be left out where the treatment is 0/1 or boolean. `unit` is what the outcome is counted
    in, such as "minutes": it is for words and axes alone, and makes no other question.
    """

    treatment: str
    outcome: str
    target: Target = "everyone"
    control: Level | None = None
    treated: Level | None = None
    unit: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if len(self.unit) > LONGEST_UNIT:
            raise OptionProblem(
                f'The outcome\'s unit "{self.unit[:LONGEST_UNIT]}…" is longer than {LONGEST_UNIT} characters. Give a '
                'word or two, such as "minutes".'
            )
        if self.target not in get_args(Target):
            wanted = ", ".join(f'"{each}"' for each in get_args(Target))
            raise OptionProblem(f'The target population "{self.target}" is not one of {wanted}.')
        if self.treatment == self.outcome:
            raise TreatmentProblem(
                f'"{self.treatment}" cannot be the treatment and the outcome at once: choose another.'
            )


@dataclass(frozen=True)
class Terms:
    """Terms added to the models only, never to graph or balance.

    `squares`: numeric covariates entered with their square; `interactions`: pairs of covariates entered with their
    product; `treatment_by`: covariates that the effect may vary with (outcome models with one equation only).
    """

    squares: tuple[str, ...] = ()
    interactions: tuple[tuple[str, str], ...] = ()
    treatment_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("squares", "interactions", "treatment_by"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise OptionProblem(f'{name} is a list of columns: write ("{given}",) for one of them.')
        object.__setattr__(self, "squares", tuple(self.squares))
        object.__setattr__(self, "interactions", tuple((left, right) for left, right in self.interactions))
        object.__setattr__(self, "treatment_by", tuple(self.treatment_by))


@dataclass(frozen=True)
class Bootstrap:
    """Standard errors from refits instead of the method's theory.

    `kind`: "plain" draws units with replacement, "cluster" whole clusters (it needs the spec's cluster); "bayesian"
    lets units, or the spec's clusters, count by random weights.
    """

    kind: Literal["plain", "cluster", "bayesian"] = "plain"
    replicates: int = 400

    def __post_init__(self) -> None:
        if self.kind not in ("plain", "cluster", "bayesian"):
            raise OptionProblem(f'The bootstrap "{self.kind}" is not one of "plain", "cluster", "bayesian".')
        if not isinstance(self.replicates, int) or not 50 <= self.replicates <= 10_000:
            raise OptionProblem(f"A bootstrap takes 50 to 10,000 replicates, not {self.replicates!r}; 400 is usual.")


@dataclass(frozen=True)
class OutcomeRule:
    """Outcomes beyond the limits count as the limits (winsorising), so that a few extreme units do not decide.

    `low` and `high` (None: no limit on that side) are for `kind` "quantiles" shares of the units compared, both arms
    together, for "values" values of the outcome.
    """

    kind: Literal["quantiles", "values"] = "quantiles"
    low: float | None = None
    high: float | None = 0.99

    def __post_init__(self) -> None:
        if self.kind not in ("quantiles", "values"):
            raise OptionProblem(f'The outcome\'s limits are "quantiles" or "values", not {self.kind!r}.')
        for name in ("low", "high"):
            given = getattr(self, name)
            if given is None:
                continue
            if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
                raise OptionProblem(f"The outcome's {name} limit must be a number, not {given!r}; None sets no limit.")
            if self.kind == "quantiles" and not 0 < given < 1:
                raise OptionProblem(f"The outcome's {name} limit is the share {given!r}: it must lie between 0 and 1.")
            object.__setattr__(self, name, float(given))
        if self.low is None and self.high is None:
            raise OptionProblem("The outcome's limits name neither low nor high: give one of them, or no rule at all.")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise OptionProblem(f"The outcome's low limit {self.low:g} must be below its high limit {self.high:g}.")


@dataclass(frozen=True)
class AnalysisSpec:
    """One answerable request: the question, the graph, and how to estimate.

    `adjust_for` overrides the set that the graph gives (and is checked against it); `options` is an instance of the
    method's own options dataclass, or a mapping of them (None: its defaults); `cluster` names the column whose units
    belong together; `where` lists what a unit must satisfy to be asked about (all of it; nothing: every unit);
    `bootstrap` asks for standard errors from refits; `outcome_rule` limits extreme outcomes.
    """

    question: Question
    graph: CausalGraph | None = None
    method: str = "doubly_robust"
    adjust_for: tuple[str, ...] | None = None
    terms: Terms = field(default_factory=Terms)
    options: Any = None
    confidence: float = 0.95
    cluster: str | None = None
    seed: int = 0
    where: tuple[Condition, ...] = ()
    bootstrap: Bootstrap | None = None
    outcome_rule: OutcomeRule | None = None

    def __post_init__(self) -> None:
        if isinstance(self.adjust_for, str):  # its letters would be taken for columns
            raise OptionProblem(f'adjust_for is a list of column names: write ("{self.adjust_for}",) for one of them.')
        if self.adjust_for is not None:
            named: Any = self.adjust_for
            object.__setattr__(
                self, "adjust_for", tuple(sorted(named) if isinstance(named, set | frozenset) else named)
            )
        if not isinstance(self.confidence, int | float) or not 0 < self.confidence < 1:
            raise OptionProblem(f"The confidence {self.confidence!r} must lie between 0 and 1, for example 0.95.")
        object.__setattr__(self, "where", conditions_of(self.where))
        given: Any = self.bootstrap
        if isinstance(given, Mapping):
            object.__setattr__(self, "bootstrap", Bootstrap(**given))
        limits: Any = self.outcome_rule
        if isinstance(limits, Mapping):
            object.__setattr__(self, "outcome_rule", OutcomeRule(**limits))
        kind = None if self.bootstrap is None else self.bootstrap.kind
        if kind in ("plain", "cluster") and (kind == "cluster") != (self.cluster is not None):
            raise OptionProblem(
                "A bootstrap of clusters needs the column that says which units belong together."
                if self.cluster is None
                else f'Units of the same "{self.cluster}" are not independent: draw whole clusters, '
                'with Bootstrap(kind="cluster").'
            )

    def to_json(self) -> dict[str, Any]:
        """The spec as plain JSON values; `from_json` gives it back."""
        options = self.options
        if isinstance(options, Mapping):  # the method's dataclass and a mapping of it are one request
            from causal.estimators.registry import method_named

            options = method_named(self.method).make_options(options)
        if options is not None:
            plain = dataclasses.asdict(options)
            options = {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}
            if options.get("trim_above", 0.0) is None:  # as in a spec from before there was a bound of its own above
                del options["trim_above"]
        document = {
            "question": {name: each for name, each in dataclasses.asdict(self.question).items() if name != "unit"},
            "graph": None if self.graph is None else self.graph.to_text("json"),
            "method": self.method,
            "adjust_for": None if self.adjust_for is None else list(self.adjust_for),
            "terms": {
                "squares": list(self.terms.squares),
                "interactions": [list(pair) for pair in self.terms.interactions],
                "treatment_by": list(self.terms.treatment_by),
            },
            "options": options,
            "confidence": self.confidence,
            "cluster": self.cluster,
            "seed": self.seed,
        }
        if self.where:  # a spec without a filter keeps the fingerprint that it had before there were filters
            document["where"] = [condition_to_json(each) for each in self.where]
        if self.bootstrap is not None:
            document["bootstrap"] = dataclasses.asdict(self.bootstrap)
        if self.outcome_rule is not None:
            document["outcome_rule"] = dataclasses.asdict(self.outcome_rule)
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> AnalysisSpec:
        """The spec that `to_json` wrote.

        Raises OptionProblem where the method or its options are unknown.
        """
        from causal.estimators.registry import method_named  # the registry knows the options' types

        options = document["options"]
        if options is not None:
            options = method_named(document["method"]).make_options(options)
        terms = document["terms"]
        return cls(
            question=Question(**document["question"]),
            graph=None if document["graph"] is None else CausalGraph.parse(document["graph"]),
            method=document["method"],
            adjust_for=None if document["adjust_for"] is None else tuple(document["adjust_for"]),
            terms=Terms(
                squares=tuple(terms["squares"]),
                interactions=tuple((left, right) for left, right in terms["interactions"]),
                treatment_by=tuple(terms["treatment_by"]),
            ),
            options=options,
            confidence=document["confidence"],
            cluster=document["cluster"],
            seed=document["seed"],
            where=conditions_of(document.get("where", ())),
            bootstrap=document.get("bootstrap"),
            outcome_rule=document.get("outcome_rule"),
        )

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits; equal for equal specs, in any process."""
        return fingerprint_of(self.to_json())


def conditions_of(given: Iterable[Condition | Mapping[str, Any]] | Condition) -> tuple[Condition, ...]:
    """Conditions from one, several, or what `condition_to_json` wrote.

    Raises OptionProblem.
    """
    listed = (given,) if isinstance(given, Condition) else given
    return tuple(each if isinstance(each, Condition) else Condition(**each) for each in listed)


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """One condition as plain JSON values."""
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    return {"column": condition.column, "comparison": condition.comparison, "value": value}


def fingerprint_of(document: Any) -> str:
    """SHA-256 of the canonical JSON of plain values, as 64 hexadecimal digits."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
