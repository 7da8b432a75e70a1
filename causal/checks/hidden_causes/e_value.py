"""The E-value: how strongly a hidden cause must go with both treatment and outcome, as risk ratios.

VanderWeele and Ding (2017), Sensitivity analysis in observational research: introducing the E-value, Annals of Internal
Medicine 167: 268-274. A numeric outcome by its standardised difference d, as a risk ratio of about exp(0.91 d).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

OF_DEVIATIONS, OF_ENDS = 0.91, 1.78
"""Risk ratio per standard deviation (Chinn 2000), and what its interval takes per standard error."""


@dataclass(frozen=True)
class RiskRatio:
    """The effect as a risk ratio with its interval; `approximate` where it comes from a standardised difference."""

    value: float
    low: float
    high: float
    approximate: bool

    @property
    def e_value(self) -> float:
        """Of the effect: 1 where there is none to explain away."""
        return e_value(self.value)

    @property
    def e_value_limit(self) -> float:
        """Of the interval's end that is nearer to no effect: 1 where the interval holds it."""
        if math.isnan(self.low):
            return math.nan
        if self.low <= 1 <= self.high:
            return 1.0
        return e_value(self.low if self.low > 1 else self.high)


def e_value(ratio: float) -> float:
    """The least risk ratio with treatment and outcome alike that makes this ratio of nothing; NaN unless positive."""
    if not ratio > 0:
        return math.nan
    size = max(ratio, 1 / ratio)
    return size + math.sqrt(size * (size - 1))


def from_difference(effect: float, std_error: float, deviation: float) -> RiskRatio:
    """The risk ratio of a difference of means, where `deviation` is the outcome's within the arms."""
    size, error = effect / deviation, std_error / deviation
    low, high = (math.exp(OF_DEVIATIONS * size + sign * OF_ENDS * error) for sign in (-1, 1))
    return RiskRatio(math.exp(OF_DEVIATIONS * size), low, high, approximate=True)
