"""What if units with small or large propensities were left out: one answer per bound, and how far it moves.

Trimming trades noise for reach: without units that hardly ever had one arm the interval is narrower, but the effect
is for the others. Crump, Hotz, Imbens and Mitnik (2009), Biometrika 96: 187-199. The propensity is fitted anew on the
units that stay, as by the methods' own `trim`, whose digits these are. Other rules are the range that
the scores of both arms share (Dehejia and Wahba 1999, JASA 94: 1053-1062), and percentiles of each arm's own scores
(Stürmer, Rothman, Avorn and Glynn 2010, American Journal of Epidemiology 172: 843-854).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from causal.analysis import resolve
from causal.checks.json_values import from_values, to_values
from causal.errors import DoableError, OptionProblem
from causal.estimators.design import Flags, Floats, Sample, draw_sample
from causal.estimators.estimate import Estimate, Interval, normal_interval
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.propensity import optimal_trim
from causal.estimators.registry import method_named
from causal.estimators.uncertainty import covariance_of_means
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

Rule = Literal["all", "fixed", "crump", "range", "percentiles"]

FIXED = (0.05, 0.1)
PERCENTILES = (0.01, 0.025, 0.05)
MOST_MOVED = 3
"""So many covariates are named that a rule moves most."""

_UNTRIMMED: Mapping[str, Any] = MappingProxyType({"trim": 0.0, "trim_above": None, "trim_rule": "given"})

BOUNDS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3)


@dataclass(frozen=True)
class TrimmedAnswer:
    """The answer without propensities below `bound` or above one minus it; `share` of the units stay.

    `degrees_of_freedom` of Student's distribution where units come in clusters (None: intervals are normal). `shift` is
    how far the effect moves from that of all units, with its own standard error: the two answers share most of their
    noise (NaN where the method has no influences).
    """

    bound: float
    share: float
    units: int
    effect: float
    std_error: float
    shift: float
    shift_std_error: float
    degrees_of_freedom: float | None = None


@dataclass(frozen=True)
class CovariateShift:
    """How the mean of one covariate or level moves by leaving units out: from all units to those that stay.

    `shift` in standard deviations among all units.
    """

    name: str
    before: float
    after: float
    shift: float


@dataclass(frozen=True)
class RuleAnswer:
    """One rule of trimming: units with a propensity from `low` to `high` stay, and what the `answer` is then.

    `rule`: "all", "fixed", "crump", "range" or "percentiles", with its `parameter` if it has one. `moved` are the
    covariates that change most, the furthest first. Without an answer, `refused` says why and `answer` is None.
    """

    rule: Rule
    parameter: float | None
    low: float
    high: float
    answer: TrimmedAnswer | None
    moved: tuple[CovariateShift, ...] = ()
    refused: str = ""

    @property
    def options(self) -> dict[str, float | None]:
        """What to give a method that trims, so that it takes this rule: the same units and digits."""
        even = self.rule in ("all", "fixed", "crump")
        return {"trim": self.low, "trim_above": None if even else self.high}


@dataclass(frozen=True)
class TrimmingRules:
    """The usual rules side by side, the first of which keeps all units."""

    rules: tuple[RuleAnswer, ...]
    confidence: float
    outcome: str
    binary: bool
    unit: str = ""

    def interval(self, place: int) -> Interval:
        """Of the effect by one of the rules, which must have an answer."""
        at = self.rules[place].answer
        assert at is not None
        return normal_interval(at.effect, at.std_error, self.confidence, _freedom(at))

    def shift_interval(self, place: int) -> Interval:
        """Of the move from the effect of all units."""
        at, whole = self.rules[place].answer, self.rules[0].answer
        assert at is not None and whole is not None
        return normal_interval(at.shift, at.shift_std_error, self.confidence, _freedom(whole))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values(dataclasses.asdict(self))
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TrimmingRules:
        """What `to_json` wrote."""
        held = from_values(document)
        rules = []
        for each in held["rules"]:
            answer = None if each["answer"] is None else TrimmedAnswer(**each["answer"])
            moved = tuple(CovariateShift(**shift) for shift in each["moved"])
            rules.append(RuleAnswer(**{**each, "answer": answer, "moved": moved}))
        return cls(**{**held, "rules": tuple(rules)})


@dataclass(frozen=True)
class TrimmingCurve:
    """One answer per bound, the first without trimming; `ended` says why there is none for larger bounds.

    `outcome` is its column, `binary` whether it is yes or no; `optimal` is the bound of Crump's rule, None where it
    does not apply (another target than everyone).
    """

    answers: tuple[TrimmedAnswer, ...]
    optimal: float | None
    ended: str
    confidence: float
    outcome: str
    binary: bool
    unit: str = ""

    def interval(self, place: int) -> Interval:
        """Of the effect at one of the bounds."""
        at = self.answers[place]
        return normal_interval(at.effect, at.std_error, self.confidence, _freedom(at))

    def shift_interval(self, place: int) -> Interval:
        """Of the move from the effect of all units."""
        at = self.answers[place]
        return normal_interval(at.shift, at.shift_std_error, self.confidence, _freedom(self.answers[0]))

    def narrowing(self, place: int) -> float:
        """By which share the interval is narrower than that of all units; negative where it is wider."""
        (low, high), (start, end) = self.interval(place), self.interval(0)
        return 1 - (high - low) / (end - start)

    def nearest(self, bound: float) -> int:
        """The place of the answer whose bound is nearest."""
        return min(range(len(self.answers)), key=lambda place: abs(self.answers[place].bound - bound))

    def to_json(self) -> dict[str, Any]:
        """The curve as plain JSON values; `from_json` gives it back."""
        rows = [
            {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
            for row in (dataclasses.asdict(each) for each in self.answers)
        ]
        return {**dataclasses.asdict(self), "answers": rows}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TrimmingCurve:
        """The curve that `to_json` wrote."""
        rows: list[dict[str, Any]] = [
            {name: math.nan if value is None else value for name, value in row.items()} for row in document["answers"]
        ]
        answers = tuple(TrimmedAnswer(**row) for row in rows)
        return cls(**{**document, "answers": answers})


def _freedom(at: TrimmedAnswer) -> float:
    return math.inf if at.degrees_of_freedom is None else at.degrees_of_freedom


def untrimmed(spec: AnalysisSpec) -> AnalysisSpec:
    """The spec without its own trimming: the curve is the same whatever bound the spec has.

    Raises OptionProblem where the method trims nothing.
    """
    method = method_named(spec.method)
    options = method.make_options(spec.options)
    names = {each.name for each in dataclasses.fields(options)}
    if "trim" not in names or method.fit_from_table is not None:
        raise OptionProblem(
            f"{method.title} leaves out no units by their propensity. Choose weighting or doubly robust to see what "
            "trimming would do."
        )
    plain = {name: value for name, value in _UNTRIMMED.items() if name in names}
    return dataclasses.replace(spec, options=dataclasses.replace(options, **plain))


def _untrimmed_units(table: UnitTable, spec: AnalysisSpec, progress: Progress) -> tuple[AnalysisSpec, Method, Sample]:
    """The spec without its own trimming, its method, and the units that it is about."""
    spec = untrimmed(spec)
    method = method_named(spec.method)
    method.require_target(spec.question.target)
    progress(0.02, "drawing the units")
    _, adjust_for, _ = resolve(table, spec, method)
    sample = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    return spec, method, sample


@one_thread
def trimming(
    table: UnitTable, spec: AnalysisSpec, bounds: Sequence[float] = BOUNDS, progress: Progress = silent
) -> TrimmingCurve:
    """The answer of `spec` at each of the bounds (its own is not used).

    Raises OptionProblem where the method trims nothing, and the errors of `answer` where all units give none.
    """
    spec, method, sample = _untrimmed_units(table, spec, progress)
    found: list[TrimmedAnswer] = []
    ended, whole = "", None
    steps = sorted({0.0, *bounds})
    for place, bound in enumerate(steps):
        progress(0.05 + 0.95 * place / len(steps), f"without propensities beyond {bound:g}")
        try:
            estimate, fit = estimate_from_sample(
                sample, method, dataclasses.replace(spec.options, trim=bound), spec.confidence
            )
        except DoableError as error:
            if whole is None:
                raise
            ended = f"Beyond {found[-1].bound:g} there is no answer: {error}"
            break
        whole = whole or (estimate, fit)
        found.append(_trimmed(sample, bound, estimate, fit, whole))
    assert whole is not None
    score = whole[1].propensity
    optimal = (
        None if score is None or sample.target != "everyone" else optimal_trim(method.title, whole[1].sample, score)
    )
    progress(1.0, "done")
    return TrimmingCurve(
        answers=tuple(found),
        optimal=optimal,
        ended=ended,
        confidence=spec.confidence,
        outcome=spec.question.outcome,
        binary=sample.outcome_is_binary,
        unit=spec.question.unit,
    )


@one_thread
def trimming_rules(table: UnitTable, spec: AnalysisSpec, progress: Progress = silent) -> TrimmingRules:
    """The answer of `spec` by each of the usual rules (its own trimming is not used), the first without any.

    Raises OptionProblem where the method trims nothing, and the errors of `answer` where all units give none.
    """
    spec, method, sample = _untrimmed_units(table, spec, progress)
    progress(0.05, "fitting all units")
    whole = estimate_from_sample(sample, method, spec.options, spec.confidence)
    score = whole[1].propensity
    assert score is not None
    found = [RuleAnswer("all", None, 0.0, 1.0, _trimmed(sample, 0.0, *whole, whole))]
    listed = _rules_for(method.title, sample, score)
    for place, (rule, parameter, low, high) in enumerate(listed):
        progress(0.2 + 0.8 * place / len(listed), "leaving units out by each rule")
        inside = (score >= low) & (score <= high)
        try:
            kept = sample if inside.all() else sample.keep(inside)
            estimate, fit = estimate_from_sample(kept, method, spec.options, spec.confidence)
        except DoableError as error:
            found.append(RuleAnswer(rule, parameter, low, high, None, refused=str(error)))
            continue
        answer = _trimmed(sample, low, estimate, fit, whole)
        found.append(RuleAnswer(rule, parameter, low, high, answer, _moved(sample, inside)))
    progress(1.0, "done")
    asked = spec.question
    return TrimmingRules(tuple(found), spec.confidence, asked.outcome, sample.outcome_is_binary, asked.unit)


def _rules_for(title: str, sample: Sample, score: Floats) -> list[tuple[Rule, float | None, float, float]]:
    """(rule, parameter, lowest and highest propensity that stays)."""
    listed: list[tuple[Rule, float | None, float, float]] = [("fixed", bound, bound, 1 - bound) for bound in FIXED]
    if sample.target == "everyone":
        bound = optimal_trim(title, sample, score)
        listed.append(("crump", bound, bound, 1 - bound))
    treated, control = score[sample.treated], score[~sample.treated]
    shared = max(treated.min(), control.min()), min(treated.max(), control.max())
    listed.append(("range", None, float(shared[0]), float(shared[1])))
    for share in PERCENTILES:
        low, high = np.quantile(treated, share), np.quantile(control, 1 - share)
        listed.append(("percentiles", share, float(low), float(high)))
    return listed


def _moved(sample: Sample, inside: Flags) -> tuple[CovariateShift, ...]:
    """The columns whose means leaving the others out moves most, in their own units."""
    if inside.all() or not inside.any():
        return ()
    means = inside @ sample.model / inside.sum()  # the model's columns have mean 0 and variance 1
    found = []
    for covariate in sample.covariates:
        for place in covariate.places:
            before, scale = float(sample.centres[place]), float(sample.scales[place])
            moved = float(means[place])
            found.append(CovariateShift(sample.names[place], before, before + moved * scale, moved))
    return tuple(sorted(found, key=lambda each: -abs(each.shift))[:MOST_MOVED])


def _trimmed(sample: Sample, bound: float, estimate: Estimate, fit: Fit, whole: tuple[Estimate, Fit]) -> TrimmedAnswer:
    return TrimmedAnswer(
        bound=bound,
        share=len(fit.sample) / len(sample),
        units=len(fit.sample),
        effect=estimate.effect,
        std_error=estimate.std_error,
        shift=estimate.effect - whole[0].effect,
        shift_std_error=_shift_error(sample, fit, whole[1]),
        degrees_of_freedom=None if math.isinf(estimate.degrees_of_freedom) else estimate.degrees_of_freedom,
    )


def _shift_error(sample: Sample, fit: Fit, whole: Fit) -> float:
    """Of the difference of two effects on one sample, one of them on a part of it: by their influences."""
    if fit.influences is None or whole.influences is None or len(whole.sample) < len(sample):
        return math.nan
    inside = np.isin(sample.rows, fit.sample.rows, assume_unique=True)
    moved: Floats = whole.influences[0] - whole.influences[1]
    moved[inside] += (fit.influences[1] - fit.influences[0]) / inside.mean()
    return float(np.sqrt(covariance_of_means((moved, moved), sample.clusters)[0, 0]))
