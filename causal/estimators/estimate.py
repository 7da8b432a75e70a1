"""The effect, its uncertainty, and the mean outcome of each arm."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from causal.errors import OptionProblem

Interval = tuple[float, float]


@dataclass(frozen=True)
class PerArm(Mapping[Any, float]):
    """One number for each arm, found by "control" and "treated" or by the arm's own level."""

    control: float
    treated: float
    control_level: Any = 0
    treated_level: Any = 1

    def __getitem__(self, arm: Any) -> float:
        if arm in ("control", "treated"):  # the words first: a level may be called so too
            return self.control if arm == "control" else self.treated
        if arm == self.control_level:
            return self.control
        if arm == self.treated_level:
            return self.treated
        raise KeyError(arm)

    def __iter__(self) -> Iterator[str]:
        return iter(("control", "treated"))

    def __len__(self) -> int:
        return 2


@dataclass(frozen=True)
class Estimate:
    """Effect = mean outcome under treated minus mean under control, in units of the outcome.

    `std_error` and the arms' errors are NaN where the method has no valid one. `arm_covariance` is the covariance of
    the two estimated means, from which the relative lift takes its interval. Quantiles are Student's with
    `degrees_of_freedom` where units come in clusters, else normal (infinity).
    """

    effect: float
    std_error: float
    n: int
    arm_means: PerArm
    arm_std_errors: PerArm
    arm_sizes: PerArm
    arm_covariance: float = float("nan")
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf

    def interval(self, level: float | None = None) -> Interval:
        """Lower and upper bound at `level` (None: the confidence asked for)."""
        return self._interval(self.effect, self.std_error, level)

    def arm_interval(self, arm: Any, level: float | None = None) -> Interval:
        """The interval of one arm's mean."""
        return self._interval(self.arm_means[arm], self.arm_std_errors[arm], level)

    @property
    def p_value(self) -> float:
        """Two-sided, of the hypothesis that the effect is zero; NaN without a standard error."""
        if not self.std_error > 0:
            return float("nan")
        return two_sided_p(self.effect / self.std_error, self.degrees_of_freedom)

    @property
    def lift(self) -> float:
        """Effect relative to the mean under control (0.1 is ten per cent more); NaN where that mean is zero."""
        base = self.arm_means.control
        return self.effect / base if base else float("nan")

    @property
    def lift_std_error(self) -> float:
        """By the delta method for the ratio of the two means."""
        mean, other = self.arm_means.control, self.arm_means.treated
        if not mean:
            return float("nan")
        ratio = other / mean
        variance = (
            self.arm_std_errors.treated**2 + ratio**2 * self.arm_std_errors.control**2 - 2 * ratio * self.arm_covariance
        ) / mean**2
        return float(max(variance, 0.0) ** 0.5) if variance == variance else float("nan")

    def lift_interval(self, level: float | None = None) -> Interval:
        """The interval of the relative lift, by the delta method."""
        return self._interval(self.lift, self.lift_std_error, level)

    def _interval(self, centre: float, std_error: float, level: float | None) -> Interval:
        wanted = self.confidence if level is None else level
        return normal_interval(centre, std_error, wanted, self.degrees_of_freedom)


def estimate_to_json(estimate: Estimate) -> dict[str, Any]:
    """The estimate as mappings; `estimate_from_json` gives it back."""
    document = {each.name: getattr(estimate, each.name) for each in dataclasses.fields(estimate)}
    return {name: arm_to_json(value) if isinstance(value, PerArm) else value for name, value in document.items()}


def estimate_from_json(document: Mapping[str, Any]) -> Estimate:
    """The estimate that `estimate_to_json` wrote."""
    values: dict[str, Any] = {
        name: PerArm(**value) if isinstance(value, Mapping) else value for name, value in document.items()
    }
    return Estimate(**values)


def arm_to_json(arm: PerArm) -> dict[str, Any]:
    """The numbers of both arms and their levels as plain values; `PerArm(**…)` gives them back."""
    values = {each.name: getattr(arm, each.name) for each in dataclasses.fields(arm)}
    return {name: value.item() if hasattr(value, "item") else value for name, value in values.items()}


def normal_interval(centre: float, std_error: float, level: float, degrees_of_freedom: float = math.inf) -> Interval:
    """`centre` plus and minus the normal quantile times `std_error`; Student's quantile with degrees of freedom.

    Raises OptionProblem for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
    reach = quantile(0.5 + level / 2, degrees_of_freedom) * std_error
    return centre - reach, centre + reach


def quantile(probability: float, degrees_of_freedom: float = math.inf) -> float:
    """Of the normal distribution, or of Student's with finite degrees of freedom."""
    if not math.isfinite(degrees_of_freedom):
        return NormalDist().inv_cdf(probability)
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, probability))


def two_sided_p(statistic: float, degrees_of_freedom: float = math.inf) -> float:
    """The chance of a statistic at least so far from zero."""
    if not math.isfinite(degrees_of_freedom):
        return 2 * NormalDist().cdf(-abs(statistic))
    from scipy.special import stdtr

    return 2 * float(stdtr(degrees_of_freedom, -abs(statistic)))
