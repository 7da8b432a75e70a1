"""How far apart two weighted distributions of one column are: spread, largest gap, overlap.

Largest gap between the distribution functions (Kolmogorov and Smirnov) with weights: Austin and Stuart (2015),
Statistics in Medicine 34: 3661-3679; weighted variance: ibid.; overlapping coefficient: Franklin et al. (2014),
Statistics in Medicine 33: 1685-1699, with a Gaussian kernel of Scott's (1992) bandwidth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Flags, Floats

GRID = 2048
"""At least so many points of a density."""

MOST_POINTS = 65_536
PER_BANDWIDTH = 16
"""So many points of a density to a bandwidth, as far as the points reach."""

REACH = 4.0
"""A kernel ends so many bandwidths from its centre."""


@dataclass(frozen=True, eq=False)
class OrderedColumn:
    """A column's values (n,) with their `order` (n,), and where in it each run of equal values `ends`.

    Sorted once, however many weights it is looked at with.
    """

    values: Floats
    order: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, values: Floats) -> OrderedColumn:
        """The column of these values, none of which is missing."""
        order = np.argsort(values).astype(np.int64)
        ordered = values[order]
        return cls(values, order, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)).astype(np.int64))


def weighted_mean(values: Floats, weights: Floats) -> float:
    """NaN where nothing has weight."""
    total = float(weights.sum())
    return float(weights @ values) / total if total != 0 else math.nan


def weighted_variance(values: Floats, weights: Floats) -> float:
    """The unbiased variance where weights say how much a unit counts; NaN where fewer than two units count."""
    total, squares = float(weights.sum()), float(weights @ weights)
    left = total**2 - squares
    if left <= 1e-12 * total**2:
        return math.nan
    around = values - weighted_mean(values, weights)
    return float(weights @ around**2) * total / left


def largest_gap(column: OrderedColumn, treated: Flags, weights: Floats) -> float:
    """The largest distance of the arms' weighted distribution functions, 0 to 1; NaN where an arm has no weight."""
    signed = _signed(treated, weights)
    if signed is None:
        return math.nan
    inner = column.ends[:-1]  # at the last value both functions are one
    return float(min(np.abs(np.cumsum(signed[column.order])[inner]).max(initial=0.0), 1.0))


def apart(column: OrderedColumn, treated: Flags, weights: Floats) -> float:
    """One minus the area that the arms' densities share: 0 alike, 1 with nothing in common.

    The bandwidth is that of the smaller arm as it is. NaN where an arm has no weight.
    """
    sums = [float(weights[arm].sum()) for arm in (~treated, treated)]
    values, spread = column.values, float(column.values.std())
    if not all(each > 0 for each in sums):
        return math.nan
    if spread == 0:
        return 0.0
    control, own = values[~treated], values[treated]
    if control.min() > own.max() or own.min() > control.max():
        return 1.0
    width = bandwidth(own if len(own) <= len(control) else control) or spread * 1e-3
    values = _closed_up(column, 2 * REACH * width)
    low, high = float(values.min()) - REACH * width, float(values.max()) + REACH * width
    points = int(min(max(GRID, PER_BANDWIDTH * (high - low) / width), MOST_POINTS))
    step = (high - low) / (points - 1)
    densities = [
        _density(values[arm], weights[arm] / total, low, step, points, width)
        for arm, total in zip((~treated, treated), sums, strict=True)
    ]
    shared = np.minimum(densities[0], densities[1])
    return float(np.clip(1 - shared.sum() * step, 0.0, 1.0))


def _closed_up(column: OrderedColumn, most: float) -> Floats:
    """(n,) the values with gaps no wider than `most`, over which no kernel reaches: a stray value costs no points."""
    ordered = column.values[column.order]
    beyond = np.maximum(np.diff(ordered) - most, 0.0)
    if not beyond.any():
        return column.values
    found = np.empty(len(ordered))
    found[column.order] = ordered - np.concatenate([[0.0], np.cumsum(beyond)])
    return found


def bandwidth(values: Floats) -> float:
    """Scott's rule by the lesser of two spreads; by the standard deviation where the middle half is one value."""
    if len(values) < 2:
        return 0.0
    deviation = float(values.std(ddof=1))
    quartiles = np.quantile(values, [0.25, 0.75])
    spread = min(deviation, float(quartiles[1] - quartiles[0]) / 1.34) or deviation
    return float(1.06 * spread * len(values) ** -0.2)


def _signed(treated: Flags, weights: Floats) -> Floats | None:
    sums = float(weights[treated].sum()), float(weights[~treated].sum())
    if not all(each > 0 for each in sums):
        return None
    return np.where(treated, weights / sums[0], -weights / sums[1])


def _density(values: Floats, weights: Floats, low: float, step: float, points: int, width: float) -> Floats:
    """(points,) a density on a grid: each value shared out between its two neighbours, then smoothed."""
    from scipy.signal import fftconvolve

    at = (values - low) / step
    left = np.clip(np.floor(at).astype(np.int64), 0, points - 2)
    right = at - left
    counts = np.bincount(left, weights * (1 - right), points) + np.bincount(left + 1, weights * right, points)
    reach = math.ceil(REACH * width / step)
    kernel = np.exp(-((np.arange(-reach, reach + 1) * step / width) ** 2) / 2)
    return np.maximum(fftconvolve(counts, kernel / kernel.sum(), mode="same") / step, 0.0)
