"""Every value of a ratio that two estimates do not contradict: an interval, two half-lines, or the whole line.

Fieller (1954), Journal of the Royal Statistical Society B 16: 175-185. Of one instrument it is the region of Anderson
and Rubin (1949), Annals of Mathematical Statistics 20: 46-63.
"""

from __future__ import annotations

from math import inf, sqrt

from causal.estimators.estimate import Interval

Region = tuple[Interval, ...]


def ratio_region(
    above: float, below: float, variance_above: float, variance_below: float, covariance: float, limit: float
) -> Region:
    """The ratios r with (above - r below)² <= limit times the variance of (above - r below), as sorted intervals.

    `limit` is a quantile of chi-squared or F with one degree of freedom. Ends may be infinite.
    """
    square = below**2 - limit * variance_below
    middle = above * below - limit * covariance
    rest = above**2 - limit * variance_above
    return quadratic_region(square, middle, rest)


def quadratic_region(square: float, middle: float, rest: float) -> Region:
    """Where square r² - 2 middle r + rest <= 0, as sorted intervals; () where nowhere."""
    if square == 0:
        if middle == 0:
            return ((-inf, inf),) if rest <= 0 else ()
        end = rest / (2 * middle)
        return ((end, inf),) if middle > 0 else ((-inf, end),)
    discriminant = middle**2 - square * rest
    if discriminant < 0:
        return ((-inf, inf),) if square < 0 else ()
    far = middle + (sqrt(discriminant) if middle >= 0 else -sqrt(discriminant))
    roots = sorted((far / square, rest / far if far else 0.0))
    if square > 0:
        return ((roots[0], roots[1]),)
    return ((-inf, roots[0]), (roots[1], inf))
