"""The interval of a number that is known up to bounds, where the bounds themselves are estimated.

Imbens and Manski (2004), Econometrica 72: 1845-1857: it holds the number, wherever between the bounds it lies, as often
as it says. Between bounds that are far apart each end can be missed on one side alone, so that it reaches less far
beyond them than two intervals of the bounds would; where they meet it is the usual interval.
"""

from __future__ import annotations

import math

from causal.errors import OptionProblem
from causal.estimators.estimate import Interval, quantile


def bounds_interval(
    bounds: tuple[float, float],
    errors: tuple[float, float],
    level: float = 0.95,
    degrees_of_freedom: float = math.inf,
) -> Interval:
    """From the lower and the upper bound with their standard `errors`.

    Raises OptionProblem for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
    (lower, upper), widest = bounds, max(errors)
    if widest == 0:
        return lower, upper
    reach = _reach((upper - lower) / widest, level, degrees_of_freedom)
    return lower - reach * errors[0], upper + reach * errors[1]


def _reach(width: float, level: float, degrees_of_freedom: float) -> float:
    """So many errors beyond each bound: F(reach + width) - F(-reach) is the level."""
    from scipy.special import ndtr, stdtr

    def below(score: float) -> float:
        return float(ndtr(score) if math.isinf(degrees_of_freedom) else stdtr(degrees_of_freedom, score))

    low, high = quantile(level, degrees_of_freedom), quantile(0.5 + level / 2, degrees_of_freedom)
    for _ in range(60):
        middle = (low + high) / 2
        if below(middle + width) - below(-middle) < level:
            low = middle
        else:
            high = middle
    return high
