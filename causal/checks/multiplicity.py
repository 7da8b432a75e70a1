"""P-values corrected for how many there are, and p-values too small for a number."""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma, log

import numpy as np
from numpy.typing import NDArray


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that bound the chance of one false alarm or more.

    Holm (1979), Scandinavian Journal of Statistics 6: 65-70.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return _placed(np.minimum(steps, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that bound the expected share of false alarms among alarms.

    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57: 289-300.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    steps = np.minimum.accumulate(values[order] * len(values) / np.arange(len(values), 0, -1))
    return _placed(np.minimum(steps, 1.0), order)


def chi_squared_log_p(statistic: float, degrees: int) -> float:
    """The logarithm of the upper tail of a chi-squared distribution, finite however far out."""
    from scipy.special import chdtrc

    tail = float(chdtrc(degrees, statistic))
    if tail > 1e-290:
        return log(tail)
    half = degrees / 2
    return (half - 1) * log(statistic / 2) - statistic / 2 - lgamma(half)


def _placed(steps: NDArray[np.float64], order: NDArray[np.intp]) -> tuple[float, ...]:
    placed = np.empty(len(steps))
    placed[order] = steps
    return tuple(float(each) for each in placed)
