"""How far the arms are apart in one column by four measures, before and after each of several adjustments.

What is compared, and how: Austin and Stuart (2015), Statistics in Medicine 34: 3661-3679; Franklin et al. (2014),
Statistics in Medicine 33: 1685-1699; the denominator is that of `causal.checks.balance`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.checks.balance import NO_SPREAD
from causal.checks.distributions import OrderedColumn, apart, largest_gap, weighted_mean, weighted_variance
from causal.estimators.design import Flags, Floats
from causal.study import Target

Kind = Literal["numeric", "binary", "level", "missing", "square", "product", "score"]
Arm = Literal["control", "treated"]
Measure = Literal["difference", "variance_ratio", "largest_gap", "apart"]

LIMITS: dict[Measure, float] = {"difference": 0.1, "variance_ratio": 2.0, "largest_gap": 0.1, "apart": 0.1}
"""Beyond these a column is called unbalanced; a variance ratio also below one over its own (Rubin 2001)."""

BINS = 30
"""Bars of a distribution."""

ENDS = (0.005, 0.995)
"""The bars reach between these quantiles; the outermost hold all beyond."""


@dataclass(frozen=True)
class Distances:
    """How far the treated are from the control in one column; NaN where it cannot be told.

    `difference` of means in standard deviations, `raw` in the column's units; `variance_ratio` treated over control
    (NaN for yes or no, whose spread follows from the mean); `largest_gap` between the distribution functions; `apart`:
    one minus the area that the densities share.
    """

    difference: float
    raw: float
    variance_ratio: float
    largest_gap: float
    apart: float

    def beyond(self, measure: Measure) -> bool:
        """Whether a measure says that the column is unbalanced."""
        value = getattr(self, measure)
        if measure == "variance_ratio":
            return bool(value > LIMITS[measure] or value < 1 / LIMITS[measure])
        return bool(abs(value) > LIMITS[measure])


@dataclass(frozen=True)
class ColumnBalance:
    """One column `before` adjustment and `after` each method, in their order; `covariate` is the column it is of."""

    name: str
    covariate: str
    kind: Kind
    before: Distances
    after: tuple[Distances, ...]


@dataclass(frozen=True)
class ArmShape:
    """The distribution of one covariate in one arm under one weighting, as `shares` that add up to one."""

    arm: Arm
    method: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class CovariateShape:
    """A covariate's distribution in both arms, before ("" as method) and after each method.

    Of a quantity `edges` has one number more than there are shares (the outermost bars hold all beyond); else `levels`
    names them.
    """

    covariate: str
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    arms: tuple[ArmShape, ...]


def balance_of(
    name: str,
    covariate: str,
    kind: Kind,
    values: Floats,
    treated: Flags,
    weightings: Sequence[Floats],
    target: Target,
    binary: bool = False,
) -> ColumnBalance:
    """The row of one column (n,); each of `weightings` (n,) is zero where a method leaves a unit out."""
    column = OrderedColumn.of(values)
    plain = np.ones(len(values))
    scale = _scale(values, treated, target, binary)
    before, *after = (_distances(column, treated, each, scale, binary) for each in (plain, *weightings))
    return ColumnBalance(name, covariate, kind, before, tuple(after))


def _distances(column: OrderedColumn, treated: Flags, weights: Floats, scale: float, binary: bool) -> Distances:
    values = column.values
    means = [weighted_mean(values[arm], weights[arm]) for arm in (~treated, treated)]
    raw = means[1] - means[0]
    size = max(abs(each) for each in means)
    if abs(raw) <= NO_SPREAD * size:
        raw = 0.0
    standard = raw / scale if scale > 0 else (0.0 if raw == 0 else math.copysign(math.inf, raw))
    if math.isnan(raw):
        standard = math.nan
    if binary:
        return Distances(standard, raw, math.nan, abs(raw), abs(raw))
    spreads = [weighted_variance(values[arm], weights[arm]) for arm in (~treated, treated)]
    ratio = spreads[1] / spreads[0] if spreads[0] > 0 else math.nan
    return Distances(standard, raw, ratio, largest_gap(column, treated, weights), apart(column, treated, weights))


def _scale(values: Floats, treated: Flags, target: Target, binary: bool) -> float:
    """The standard deviation before adjustment: pooled for everyone, else the target arm's own."""
    spreads = []
    for arm in (~treated, treated):
        inside = values[arm]
        if len(inside) == 0:
            return math.nan
        mean = float(inside.mean())
        spread = mean * (1 - mean) if binary else float(inside.var(ddof=1)) if len(inside) > 1 else 0.0
        spreads.append(0.0 if spread <= NO_SPREAD * mean**2 else spread)
    chosen = {"treated": spreads[1], "untreated": spreads[0]}.get(target, sum(spreads) / 2)
    return math.sqrt(chosen)


def shape_of_quantity(
    covariate: str, values: Floats, treated: Flags, weightings: Sequence[tuple[str, Floats]]
) -> CovariateShape:
    """The bars of a quantity (n,); few different whole numbers have a bar each."""
    edges = _edges(values)
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return CovariateShape(
        covariate, tuple(float(each) for each in edges), (), _arms(place, len(edges) - 1, treated, weightings)
    )


def shape_of_levels(
    covariate: str, places: Floats, levels: Sequence[str], treated: Flags, weightings: Sequence[tuple[str, Floats]]
) -> CovariateShape:
    """The shares of levels; `places` (n,) says which of them a unit has."""
    return CovariateShape(
        covariate, (), tuple(levels), _arms(places.astype(np.int64), len(levels), treated, weightings)
    )


def _edges(values: Floats) -> Floats:
    different = np.unique(values)
    whole = bool((different == np.round(different)).all())
    if whole and np.ptp(different) < BINS:
        return np.arange(different[0] - 0.5, different[-1] + 1.5)
    low, high = np.quantile(values, ENDS)
    width = math.ceil((high - low + 1) / BINS)
    if whole and width < (high - low) / 5:  # every bar of whole numbers holds as many of them
        return np.arange(math.floor(low) - 0.5, high + 0.5 + width, width)
    if low == high:
        low, high = float(different[0]), float(different[-1])
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, BINS + 1)


def _arms(
    place: NDArray[np.int64], count: int, treated: Flags, weightings: Sequence[tuple[str, Floats]]
) -> tuple[ArmShape, ...]:
    arms: tuple[tuple[Arm, Flags], ...] = (("control", ~treated), ("treated", treated))
    found = []
    for method, weights in (("", np.ones(len(place))), *weightings):
        for name, arm in arms:
            sums = np.bincount(place[arm], weights[arm], count)
            total = float(sums.sum())
            shares = sums / total if total > 0 else np.zeros(count)
            found.append(ArmShape(name, method, tuple(float(each) for each in shares)))
    return tuple(found)
