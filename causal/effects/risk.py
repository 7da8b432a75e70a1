"""A yes-or-no outcome told as risks: difference, ratio, odds ratio, and how many to treat for one more.

Ratios by the delta method on the log scale: Agresti (2013), Categorical Data Analysis, section 3.1. The number needed
to treat, whose interval falls apart where the difference's holds zero: Altman (1998), BMJ 317: 1309-1312.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causal.errors import OutcomeProblem
from causal.estimators.estimate import Estimate, Interval, normal_interval

if TYPE_CHECKING:
    from causal.analysis import Analysis

Arm = Literal["control", "treated"]
ARMS: tuple[Arm, Arm] = ("control", "treated")

SURELY = 1e-9
"""So near to 0 or 1 a fitted risk is one."""


@dataclass(frozen=True)
class RiskMeasure:
    """One measure with its interval; NaN where it is not defined (a risk of nil, or one beyond 0 to 1)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RiskMeasures:
    """What the treatment does to the chance of the outcome; JSON-able by `dataclasses.asdict`.

    `number_needed`: so many units treated make one more outcome (negative: one less; infinite: no difference).
    `number_needed_intervals` has one interval, or two where the difference's interval holds zero: then it runs through
    infinity, from the second's end to infinity and on from minus infinity to the first's end.
    `unvaried` names the arms ("control", "treated") whose units all have the same outcome, with the share of the other
    outcome that they do not rule out at the confidence: their risk has no error, and the intervals take it for certain.
    """

    control_risk: float
    treated_risk: float
    difference: RiskMeasure
    ratio: RiskMeasure
    odds_ratio: RiskMeasure
    number_needed: float
    number_needed_intervals: tuple[Interval, ...]
    confidence: float
    unvaried: tuple[tuple[Arm, float], ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return not self.difference.low <= 0 <= self.difference.high


def risk_measures(analysis: Analysis) -> RiskMeasures:
    """The risk difference, risk ratio, odds ratio and number needed to treat of an answer, each with its interval.

    Raises OutcomeProblem where the outcome is not yes or no, or the method gives no mean per arm.
    """
    outcome, estimate = analysis.spec.question.outcome, analysis.estimate
    if not analysis.outcome_is_binary:
        raise OutcomeProblem(
            f'"{outcome}" is not yes or no, so there are no risks to compare. Read its effect instead.'
        )
    if not math.isfinite(estimate.arm_covariance + estimate.arm_std_errors.control):
        raise OutcomeProblem(
            f"{analysis.method.title} gives no mean per arm with its error, so there are no risks to compare. Answer "
            "with doubly robust as well."
        )
    control, treated = estimate.arm_means.control, estimate.arm_means.treated
    low, high = estimate.interval()
    return RiskMeasures(
        control_risk=control,
        treated_risk=treated,
        difference=RiskMeasure(estimate.effect, low, high),
        ratio=risk_ratio(estimate),
        odds_ratio=_ratio(
            estimate, (_odds(control), _odds(treated)), (control * (1 - control), treated * (1 - treated))
        ),
        number_needed=1 / estimate.effect if estimate.effect else math.inf,
        number_needed_intervals=number_needed_intervals(low, high),
        confidence=estimate.confidence,
        unvaried=_unvaried(estimate),
    )


def _unvaried(estimate: Estimate) -> tuple[tuple[Arm, float], ...]:
    """The arms without an event, or with nothing else, and Clopper and Pearson's (1934) bound on the rest of them."""
    found: list[tuple[Arm, float]] = []
    for arm in ARMS:
        distance = min(abs(estimate.arm_means[arm]), abs(1 - estimate.arm_means[arm]))
        if distance <= SURELY and estimate.arm_std_errors[arm] <= SURELY:
            found.append((arm, 1 - ((1 - estimate.confidence) / 2) ** (1 / estimate.arm_sizes[arm])))
    return tuple(found)


def risk_ratio(estimate: Estimate) -> RiskMeasure:
    """The mean under treated over the mean under control; NaN where they are not both positive."""
    means = (estimate.arm_means.control, estimate.arm_means.treated)
    return _ratio(estimate, means, means)


def number_needed_intervals(low: float, high: float) -> tuple[Interval, ...]:
    """What an interval of the risk difference says of its reciprocal: one interval, or two around infinity."""
    if math.isnan(low):
        return ()
    if low > 0 or high < 0:
        return ((1 / high, 1 / low),)
    less = ((-math.inf, 1 / low),) if low else ()
    return (*less, (1 / high, math.inf)) if high else less


def _odds(risk: float) -> float:
    return risk / (1 - risk) if risk < 1 else math.nan


def _ratio(estimate: Estimate, values: tuple[float, float], slopes: tuple[float, float]) -> RiskMeasure:
    """Treated over control; `slopes` divide each mean's error, as the logarithm's derivative does."""
    control, treated = values
    if not (control > SURELY and treated > SURELY and min(slopes) > SURELY):
        return RiskMeasure(math.nan, math.nan, math.nan)
    errors = estimate.arm_std_errors
    variance = (errors.treated / slopes[1]) ** 2 + (errors.control / slopes[0]) ** 2
    variance -= 2 * estimate.arm_covariance / (slopes[0] * slopes[1])
    centre = math.log(treated / control)
    low, high = normal_interval(centre, math.sqrt(max(variance, 0.0)), estimate.confidence, estimate.degrees_of_freedom)
    return RiskMeasure(treated / control, math.exp(low), math.exp(high))
