"""The interval of a share, which lies between 0 and 1 and holds the truth near these ends too.

A share with a standard error is taken for one of so many units as have that error, and its interval is Jeffreys':
Franco, Little, Louis and Slud (2019), Journal of Survey Statistics and Methodology 7: 334-364, with degrees of freedom
as in Korn and Graubard (1998), Survey Methodology 24: 193-201. Differences of shares keep the normal interval, cut off
at -1 and 1: their skewness is small, and every pair of shares near .01 that was enumerated had coverage .95 to .96 by
it, both sides alike, and .93 to .95, one side four times the other, by intervals made of those of the two shares.
"""

from __future__ import annotations

import math

from causal.errors import OptionProblem
from causal.estimators.estimate import Interval, normal_interval, quantile

_CERTAIN = 1e10
"""A share of more units than this has a normal law to all digits."""


def share_interval(
    share: float, std_error: float, level: float = 0.95, degrees_of_freedom: float = math.inf
) -> Interval:
    """Both ends between 0 and 1, the share within; no width without an error.

    Raises OptionProblem for a level outside 0 to 1.
    """
    from scipy.special import betaincinv

    if not 0 < level < 1:
        raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
    if std_error == 0:
        return share, share
    inside = min(max(share, min(std_error, 0.5)), 1 - min(std_error, 0.5))  # nearer to an end no error is so large
    wider = quantile(0.5 + level / 2, degrees_of_freedom) / quantile(0.5 + level / 2)
    units = inside * (1 - inside) / (std_error * wider) ** 2
    if units > _CERTAIN:
        low, high = normal_interval(share, std_error, level, degrees_of_freedom)
        return max(low, 0.0), min(high, 1.0)
    ends = betaincinv(share * units + 0.5, (1 - share) * units + 0.5, [0.5 - level / 2, 0.5 + level / 2])
    return min(float(ends[0]), share), max(float(ends[1]), share)


def difference_interval(
    difference: float, std_error: float, level: float = 0.95, degrees_of_freedom: float = math.inf
) -> Interval:
    """Of a difference of two shares: both ends between -1 and 1.

    Raises OptionProblem for a level outside 0 to 1.
    """
    low, high = normal_interval(difference, std_error, level, degrees_of_freedom)
    return max(low, -1.0), min(high, 1.0)
