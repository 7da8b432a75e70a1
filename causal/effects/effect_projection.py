"""How the effect goes with columns: the best straight line, and the curve over one quantity with its band.

Semenova and Chernozhukov (2021), Econometrics Journal 24: 264-289: doubly robust scores regressed on columns or on a
series of one; that models were fitted before adds nothing to the errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal.effects.score_means import Measured, least_squares, together
from causal.effects.unit_effects import UnitEffects
from causal.errors import CovariateProblem
from causal.estimators.design import Floats, columns_of
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable

POINTS = 41
MARGIN = 0.025
"""The curve runs between these quantiles: beyond them are too few units."""

FEWEST_VALUES = 7
"""A quantity with fewer different values has groups, and no curve."""


@dataclass(frozen=True)
class EffectProjection:
    """`slopes`: what one more of each column (in its own unit; a level beside the first) adds to the effect, the
    others held; `constant` where all columns are zero or at their first level. Intervals of slopes hold at once.
    """

    names: tuple[str, ...]
    slopes: tuple[Measured, ...]
    constant: Measured
    units: int


@dataclass(frozen=True)
class EffectCurve:
    """The effect at each of `values` of a quantity, by a natural cubic spline with `knots` inside; the band holds the
    whole curve at once. `line` is the slope of a straight line; `average` the effect on all.
    """

    by: str
    values: tuple[float, ...]
    effects: tuple[Measured, ...]
    line: Measured
    average: float
    knots: int
    units: int


@one_thread
def effect_projection(found: UnitEffects, table: UnitTable, columns: Sequence[str]) -> EffectProjection:
    """The best linear prediction of the effect from columns, with sandwich errors.

    Raises CovariateProblem, UnknownColumn.
    """
    if not columns:
        raise CovariateProblem("Name at least one column that the effect may go with.")
    rows = found.rows
    rows = rows[table.frame[list(columns)].iloc[rows].notna().all(axis=1).to_numpy()]
    coded, names, _ = columns_of(table, rows, tuple(columns))
    values, covariance = least_squares(
        np.column_stack([np.ones(len(rows)), coded]), found.score[rows], found.cluster[rows]
    )
    freedom = float(len(np.unique(found.cluster[rows])) - 1) if found.clustered else math.inf
    return EffectProjection(
        names=names,
        slopes=together(values[1:], covariance[1:, 1:], found.confidence, freedom, found.seed),
        constant=Measured(float(values[0]), math.sqrt(covariance[0, 0]), found.confidence, freedom),
        units=len(rows),
    )


@one_thread
def effect_curve(found: UnitEffects, table: UnitTable, by: str) -> EffectCurve:
    """The effect over a quantity. The band is that of the spline closest to the effects: more units, more knots.

    Raises CovariateProblem (not a quantity, or too few values), UnknownColumn.
    """
    values = table.column(by)
    if table.types[by] != "numeric":
        raise CovariateProblem(f'"{by}" is no quantity, so there is no curve over it: see its groups on the segments.')
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    rows = found.rows[np.isfinite(numbers[found.rows])]
    x, score, cluster = numbers[rows], found.score[rows], found.cluster[rows]
    if len(np.unique(x)) < FEWEST_VALUES:
        raise CovariateProblem(f'"{by}" has fewer than {FEWEST_VALUES} different values: see its groups instead.')
    inside = min(max(round(len(rows) ** 0.2), 1), 6)
    knots = np.unique(np.quantile(x, np.linspace(0, 1, inside + 2)))
    low, high = np.quantile(x, [MARGIN, 1 - MARGIN])
    grid = np.linspace(low, high, POINTS)
    coefficients, covariance = least_squares(_natural(x, knots), score, cluster)
    at = _natural(grid, knots)
    freedom = float(len(np.unique(cluster)) - 1) if found.clustered else math.inf
    slope, spread = least_squares(np.column_stack([np.ones(len(x)), x - x.mean()]), score, cluster)
    return EffectCurve(
        by=by,
        values=tuple(grid.tolist()),
        effects=together(at @ coefficients, at @ covariance @ at.T, found.confidence, freedom, found.seed),
        line=Measured(float(slope[1]), math.sqrt(spread[1, 1]), found.confidence, freedom),
        average=float(score.mean()),
        knots=max(len(knots) - 2, 0),
        units=len(rows),
    )


def _natural(x: Floats, knots: Floats) -> Floats:
    """(n, k) natural cubic splines at k knots (Hastie, Tibshirani and Friedman 2009, equation 5.4), of x in 0 to 1."""
    first, last = knots[0], knots[-1]
    u, ends = (x - first) / (last - first), (knots - first) / (last - first)

    def part(end: float) -> Floats:
        return np.asarray((np.maximum(u - end, 0.0) ** 3 - np.maximum(u - 1.0, 0.0) ** 3) / (1.0 - end))

    bends = [part(float(end)) - part(float(ends[-2])) for end in ends[:-2]]
    return np.column_stack([np.ones(len(x)), u, *bends])
