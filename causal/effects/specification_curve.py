"""The effect by every sensible specification, sorted: what hangs on choices that could have been made otherwise.

Simonsohn, Simmons and Nelson (2020), Specification curve analysis, Nature Human Behaviour 4: 1208-1214. How much of the
spread each choice explains: the average, over all orders, of what it adds to the R² of a linear model of the effects
(Lindeman, Merenda and Gold 1980; Grömping 2007, The American Statistician 61: 139-147).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from causal.analysis import answer
from causal.checks.json_values import from_values, to_values
from causal.effects.joint_null import JointTest, joint_test
from causal.effects.specifications import DIMENSIONS, Choices, Dimension, Specification, default_choices, specifications
from causal.errors import DoableError
from causal.estimators.design import Floats, draw_sample, shared_samples
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

DRAWS = 200
ANSWERING = 0.8
"""The share of the work that is answering; the rest is the joint test."""


@dataclass(frozen=True)
class SpecificationAnswer:
    """What one specification says; `failed` names the checks that it fails, `error` says why there is no answer.

    `deviation` is the outcome's standard deviation among the untreated, by which effects on different outcomes are
    compared.
    """

    place: int
    effect: float = math.nan
    std_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    units: int = 0
    deviation: float = math.nan
    failed: tuple[str, ...] = ()
    error: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether there is an answer, and it passes its checks."""
        return not self.failed and not self.error and math.isfinite(self.effect)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        found = to_values(dataclasses.asdict(self))
        assert isinstance(found, dict)
        return found

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SpecificationAnswer:
        """What `to_json` wrote."""
        values = from_values(document)
        return cls(**{**values, "failed": tuple(values["failed"])})


Tell = Callable[[SpecificationAnswer | JointTest], None]
Known = Callable[[AnalysisSpec], SpecificationAnswer | None]
Keep = Callable[[AnalysisSpec, SpecificationAnswer], None]


@dataclass(frozen=True, eq=False)
class SpecificationCurve:
    """The answers so far, in the order of `specifications`, and the joint test of the regressions, or None.

    Effects are in units of the outcome; where several columns serve as outcome, in standard deviations of each.
    """

    spec: AnalysisSpec
    choices: Choices
    answers: tuple[SpecificationAnswer, ...]
    outcome_is_binary: bool = False
    joint: JointTest | None = None

    @cached_property
    def specifications(self) -> tuple[Specification, ...]:
        """Every combination, answered or not."""
        return specifications(self.spec, self.choices)

    @property
    def is_complete(self) -> bool:
        """Whether every specification was answered or refused."""
        return len(self.answers) == len(self.specifications)

    @property
    def in_deviations(self) -> bool:
        """Whether effects are in standard deviations of the outcome."""
        return len({each.column for each in self.choices.outcomes}) > 1

    def scaled(self, answered: SpecificationAnswer) -> tuple[float, float, float]:
        """Effect and interval of an answer in the curve's unit."""
        unit = answered.deviation if self.in_deviations else 1.0
        return answered.effect / unit, answered.low / unit, answered.high / unit

    @cached_property
    def sound(self) -> tuple[SpecificationAnswer, ...]:
        """The answers that pass their checks, from the smallest effect to the largest."""
        return tuple(sorted((each for each in self.answers if each.is_sound), key=lambda each: self.scaled(each)[0]))

    @cached_property
    def effects(self) -> Floats:
        """(sound,) in the curve's unit, from the smallest to the largest."""
        return np.array([self.scaled(each)[0] for each in self.sound])

    @property
    def own(self) -> SpecificationAnswer | None:
        """The analysis's own specification, once it is answered."""
        return next((each for each in self.answers if each.place == 0), None)

    @property
    def own_direction(self) -> int:
        """1 or -1 where the analysis's own interval leaves zero out on that side, else 0."""
        found = self.own
        if found is None or not math.isfinite(found.low) or found.low <= 0 <= found.high:
            return 0
        return 1 if found.effect > 0 else -1

    @property
    def sign(self) -> int:
        """The direction that is counted: of the analysis's own answer, where that is unclear of the median."""
        return self.own_direction or (1 if self.median >= 0 else -1)

    @property
    def median(self) -> float:
        """Of the sound effects; NaN without any."""
        return float(np.median(self.effects)) if len(self.effects) else math.nan

    @property
    def share_of_sign(self) -> float:
        """The share of the sound specifications whose effect has the `sign`."""
        return float((self.effects * self.sign > 0).mean()) if len(self.effects) else math.nan

    def share_clear(self, sign: int) -> float:
        """The share of the sound specifications whose interval lies on that side of zero."""
        clear = [(each.low if sign > 0 else -each.high) > 0 for each in self.sound]
        return sum(clear) / len(clear) if clear else math.nan

    @cached_property
    def contributions(self) -> tuple[tuple[Dimension, float], ...]:
        """The share of the effects' variance that each choice explains, the largest first; those with one option left
        out. What they leave is explained by combinations of choices."""
        return _contributions(self)

    @classmethod
    def from_outcomes(
        cls, spec: AnalysisSpec, choices: Choices, outcome_is_binary: bool, told: Sequence[Mapping[str, Any]]
    ) -> SpecificationCurve:
        """The curve of what a job told: answers, and in the end the joint test."""
        answers = [SpecificationAnswer.from_json(each) for each in told if "place" in each]
        joint = next((JointTest.from_json(each["joint"]) for each in told if each.get("joint")), None)
        return cls(spec, choices, tuple(sorted(answers, key=lambda each: each.place)), outcome_is_binary, joint)


def specification_curve(
    table: UnitTable,
    spec: AnalysisSpec,
    choices: Choices | None = None,
    draws: int = DRAWS,
    progress: Progress = silent,
    tell: Tell | None = None,
    known: Known | None = None,
    keep: Keep | None = None,
) -> SpecificationCurve:
    """Every specification answered as `answer` does, and a joint test of the regressions among them.

    `tell` hears each answer as it comes; `known` and `keep` look an answer up and put it away, so that none is worked
    out twice. Methods that ask for the same units share their design and models. Raises the errors of `answer` where
    the spec itself cannot be asked, and OptionProblem for choices without an option, or too many.
    """
    progress(0.0, "listing the specifications")
    choices = choices or default_choices(table, spec)
    listed, answers = specifications(spec, choices), []
    with shared_samples():
        for each in listed:
            progress(ANSWERING * each.place / len(listed), f"specification {each.place + 1:,} of {len(listed):,}")
            answered = None if known is None else known(each.spec)
            if answered is None:
                answered = _answered(table, each)
                if keep is not None:
                    keep(each.spec, answered)
            answers.append(dataclasses.replace(answered, place=each.place))
            if tell is not None:
                tell(answers[-1])
    curve = SpecificationCurve(spec, choices, tuple(answers), _is_binary(table, spec))
    asked = [
        (each.spec, answered, answered.deviation if curve.in_deviations else 1.0)
        for each, answered in zip(listed, answers, strict=True)
        if answered.is_sound and each.spec.method == "regression"
    ]
    joint = joint_test(table, asked, draws, spec.seed, _rest(progress))
    if joint is not None and tell is not None:
        tell(joint)
    progress(1.0, "done")
    return dataclasses.replace(curve, joint=joint)


def _answered(table: UnitTable, asked: Specification) -> SpecificationAnswer:
    try:
        found = answer(table, asked.spec)
    except DoableError as refusal:
        return SpecificationAnswer(asked.place, error=str(refusal))
    low, high = found.estimate.interval()
    return SpecificationAnswer(
        place=asked.place,
        effect=found.estimate.effect,
        std_error=found.estimate.std_error,
        low=low,
        high=high,
        units=found.estimate.n,
        deviation=_deviation(table, asked.spec, found.adjust_for),
        failed=tuple(each.check for each in found.verdicts if each.light == "failed"),
    )


def _deviation(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str]) -> float:
    """Of the outcome among the untreated, before trimming; the units are those just drawn."""
    sample = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    return float(sample.outcome[~sample.treated].std()) or math.nan


def _is_binary(table: UnitTable, spec: AnalysisSpec) -> bool:
    return draw_sample(table, spec.question, (), cluster=spec.cluster, where=spec.where).outcome_is_binary


def _rest(progress: Progress) -> Progress:
    return lambda share, stage: progress(ANSWERING + (1 - ANSWERING) * share, stage)


def _contributions(curve: SpecificationCurve) -> tuple[tuple[Dimension, float], ...]:
    picks = np.array([curve.specifications[each.place].picks for each in curve.sound]).reshape(-1, len(DIMENSIONS))
    varying = [place for place in range(len(DIMENSIONS)) if len(np.unique(picks[:, place])) > 1]
    centred = curve.effects - curve.effects.mean() if len(picks) else np.zeros(0)
    total = float(centred @ centred)
    if not varying or not total > 0:
        return ()
    dummies = {place: picks[:, [place]] == np.unique(picks[:, place])[None, 1:] for place in varying}

    def explained(places: tuple[int, ...]) -> float:
        columns = [np.ones((len(picks), 1)), *(dummies[place] for place in places)]
        design = np.concatenate(columns, axis=1).astype(np.float64)
        fitted = design @ np.linalg.lstsq(design, centred, rcond=None)[0]
        return float(fitted @ fitted) / total

    known = {each: explained(each) for size in range(len(varying) + 1) for each in combinations(varying, size)}
    shares: list[tuple[Dimension, float]] = [
        (DIMENSIONS[place], max(_shapley(place, varying, known), 0.0)) for place in varying
    ]
    return tuple(sorted(shares, key=lambda each: -each[1]))


def _shapley(place: int, every: list[int], value: Mapping[tuple[int, ...], float]) -> float:
    """The average, over all orders, of what one choice adds to those before it."""
    others, total = [each for each in every if each != place], 0.0
    for size in range(len(others) + 1):
        orders = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(every))
        for before in combinations(others, size):
            total += orders * (value[tuple(sorted((*before, place)))] - value[before])
    return total
