"""What a fit of ordered columns sees of the rows: thresholds, slopes, variances, correlations, and their covariance.

The covariance is that of two-step estimates (Muthén 1984; Muthén and Satorra 1995), with the products of the rows'
scores for the information, as lavaan takes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causal.errors import EstimationError, TooFewUnits
from causal.structural.margins import (
    Array,
    ordered_margin,
    ordered_scores,
    quantity_margin,
    quantity_scores,
)
from causal.structural.pair_correlations import (
    PERFECT,
    Column,
    PairScores,
    pair_correlation,
    pair_scores,
    table_of,
)

Present = NDArray[np.bool_]
"""Whether a row has a value."""

_BLOCK = 20_000
_MOST = 20
"""An ordered column has at most so many levels."""


@dataclass(frozen=True)
class OrderedMoments:
    """Of one group of `n` rows: `values` (m,), and `spread` (m, m) their covariance times n.

    Column by column its thresholds (or mean), its slopes on the exogenous columns and the variance of a quantity; then
    the covariance of each pair, `pairs` of places among the `inner` columns. `levels`: of each inner column, 0 of a
    quantity. `mean` and `covariance` are the exogenous columns' own; `empty`: pairs of names whose table has a gap.
    """

    n: int
    levels: tuple[int, ...]
    values: Array
    spread: Array
    pairs: tuple[tuple[int, int], ...]
    mean: Array
    covariance: Array
    empty: tuple[tuple[str, str], ...]

    @property
    def variances(self) -> Array:
        """Of each inner column given the exogenous ones; 1 of an ordered one."""
        found, start = np.ones(len(self.levels)), 0
        for at, levels in enumerate(self.levels):
            start += (levels - 1 if levels else 2) + len(self.mean)
            if not levels:
                found[at] = self.values[start - 1]
        return found


def levels_of(values: Array, name: str, where: str = "") -> Array:
    """The distinct values of an ordered column, in order.

    Raises EstimationError where it has one only, or so many that it is a quantity.
    """
    found = np.unique(values[~np.isnan(values)])
    if len(found) < 2:
        raise EstimationError(
            f'"{name}" has one level only{where}: it covaries with nothing. Leave it out of the model.'
        )
    if len(found) > _MOST:
        raise EstimationError(
            f'"{name}" has {len(found)} values{where}: an ordered column may have {_MOST}. Treat it as a quantity, or '
            "put its values into fewer levels."
        )
    return found


def ordered_moments(
    inner: Array,
    names: Sequence[str],
    levels: Mapping[str, Array],
    outside: Array,
    where: str = "",
) -> OrderedMoments:
    """The moments of rows (n, p) given exogenous columns (n, q); `levels` of each ordered column by its name.

    A value may be missing (NaN): what is of one column is from the rows that have it, what is of a pair from those that
    have both, and a row's missing scores are zero, as with lavaan's missing="pairwise". Raises TooFewUnits, or
    EstimationError that names columns that have one level or tell the same.
    """
    width = sum(len(levels[name]) if name in levels else 2 + outside.shape[1] for name in names)
    if len(inner) <= width:
        raise TooFewUnits(
            f"There are {len(inner)} rows without a missing value{where}, for {width} thresholds and means: too few. "
            "Use fewer columns, or more rows."
        )
    for at, name in enumerate(names):
        if name in levels:
            _check_levels(inner[:, at], levels[name], name, where)
    discrete = not outside.shape[1] and len(levels) == len(names)
    rows, weights = _counted(inner) if discrete else (inner, np.ones(len(inner)))
    middle, scale = outside.mean(axis=0), outside.std(axis=0)
    centred = (outside - middle) / scale if outside.shape[1] else np.empty((len(rows), 0))
    present = ~np.isnan(rows)
    columns = tuple(
        _column(rows[:, at], present[:, at], levels.get(name), centred, weights, name) for at, name in enumerate(names)
    )
    pairs = tuple(combinations(range(len(names)), 2))
    found = [_correlation(columns, present, names, pair, centred, weights, where) for pair in pairs]
    correlations, spread = np.array(found), _spread(columns, present, pairs, found, centred, weights)
    turn = _in_own_units(columns, pairs, correlations, middle, scale)
    sd = [np.sqrt(each.margin.variance) for each in columns]
    covariances = np.array([rho * sd[i] * sd[j] for rho, (i, j) in zip(found, pairs, strict=True)])
    first = np.concatenate([each.margin.parameters for each in columns])
    width = len(first)
    return OrderedMoments(
        n=len(inner),
        levels=tuple(each.margin.levels for each in columns),
        values=np.concatenate([turn[:width, :width] @ first, covariances]),
        spread=turn @ spread @ turn.T,
        pairs=pairs,
        mean=middle,
        covariance=np.cov(outside.T).reshape(len(middle), len(middle)) if len(middle) else np.empty((0, 0)),
        empty=tuple((names[i], names[j]) for i, j in pairs if _has_gap(columns, present, (i, j), weights)),
    )


def _has_gap(columns: Sequence[Column], present: Present, pair: tuple[int, int], weights: Array) -> bool:
    first, second = (columns[at] for at in pair)
    if not first.margin.levels or not second.margin.levels:
        return False
    return bool((table_of(first, second, weights * (present[:, pair[0]] & present[:, pair[1]])) == 0).any())


def _check_levels(values: Array, levels: Array, name: str, where: str) -> None:
    missing = [level for level in levels if not (values == level).any()]
    if missing:
        raise EstimationError(
            f'No row{where} has "{name}" at {missing[0]:g}, which other rows have: a threshold cannot be told. Put '
            "that level together with its neighbour."
        )


def _counted(rows: Array) -> tuple[Array, Array]:
    """The distinct rows, and how often each occurs."""
    found, counts = np.unique(np.where(np.isnan(rows), -np.inf, rows), axis=0, return_counts=True)
    return np.where(found == -np.inf, np.nan, found), counts.astype(np.float64)


def _column(values: Array, present: Present, levels: Array | None, outside: Array, weights: Array, name: str) -> Column:
    """With the margin of the rows that have it; what stands in the others' place enters no sum."""
    none, own, given, counted = np.empty(0, dtype=np.intp), values[present], outside[present], weights[present]
    if levels is None:
        return Column(quantity_margin(own, given, counted), none, np.where(present, values, own.mean()))
    codes = np.searchsorted(levels, np.where(present, values, levels[0]))
    return Column(ordered_margin(codes[present], len(levels), given, counted, name), codes, values)


def _correlation(
    columns: Sequence[Column],
    present: Present,
    names: Sequence[str],
    pair: tuple[int, int],
    outside: Array,
    weights: Array,
    where: str,
) -> float:
    both = present[:, pair[0]] & present[:, pair[1]]
    if not both.any():
        raise EstimationError(
            f'No row{where} has both "{names[pair[0]]}" and "{names[pair[1]]}": their correlation cannot be told. '
            "Leave one of them out."
        )
    whole = bool(both.all())
    first, second = (columns[at] if whole else _some(columns[at], both) for at in pair)
    found = pair_correlation(first, second, outside[both], weights[both], whole)
    if abs(found) > PERFECT:
        raise EstimationError(
            f'"{names[pair[0]]}" and "{names[pair[1]]}" tell the same{where}: their correlation as ordered columns is '
            f"{found:.4f}. Leave one of them out."
        )
    return found


def _some(each: Column, rows: Present | slice) -> Column:
    return Column(each.margin, each.codes[rows] if each.margin.levels else each.codes, each.values[rows])


def _spread(
    columns: Sequence[Column],
    present: Present,
    pairs: Sequence[tuple[int, int]],
    found: Sequence[float],
    outside: Array,
    weights: Array,
) -> Array:
    """The covariance, times n, of all first-stage parameters and correlations, by stacked scores."""
    starts = np.cumsum([0, *(len(each.margin.parameters) for each in columns)])
    width, size = int(starts[-1]), int(starts[-1]) + len(pairs)
    products, cross = np.zeros((size, size)), np.zeros((len(pairs), width))
    tables = [_table_scores(columns[i], columns[j], rho, outside) for (i, j), rho in zip(pairs, found, strict=True)]
    for start in range(0, len(weights), _BLOCK):
        block = slice(start, start + _BLOCK)
        own, here = [_some(each, block) for each in columns], present[block]
        scores = np.empty((len(weights[block]), size))
        for at, each in enumerate(own):
            scores[:, starts[at] : starts[at + 1]] = _margin_scores(each, outside[block]) * here[:, [at]]
        for at, ((i, j), rho, table) in enumerate(zip(pairs, found, tables, strict=True)):
            told = table(own[i], own[j]) if table else pair_scores(own[i], own[j], rho, outside[block])
            scores[:, width + at] = told.correlation * here[:, i] * here[:, j]
            weighted = scores[:, width + at] * weights[block]
            cross[at, starts[i] : starts[i + 1]] += weighted @ told.first
            cross[at, starts[j] : starts[j + 1]] += weighted @ told.second
        products += scores.T @ (scores * weights[block, None])
    slopes = np.zeros((size, size))
    for at in range(len(columns)):
        inside = slice(starts[at], starts[at + 1])
        slopes[inside, inside] = products[inside, inside]
    slopes[width:, :width] = cross
    slopes[width:, width:] = np.diag(np.diag(products)[width:])
    turned = np.linalg.solve(slopes, products)
    return np.asarray(np.linalg.solve(slopes, turned.T) * weights.sum())


def _margin_scores(each: Column, outside: Array) -> Array:
    if each.margin.levels:
        return ordered_scores(each.margin, each.codes, outside)
    return quantity_scores(each.margin, each.values, outside)


@dataclass(frozen=True)
class _Table:
    """The scores of each pair of levels, looked up for rows."""

    width: int
    scores: PairScores

    def __call__(self, first: Column, second: Column) -> PairScores:
        at = first.codes * self.width + second.codes
        return PairScores(self.scores.correlation[at], self.scores.first[at], self.scores.second[at])


def _table_scores(first: Column, second: Column, rho: float, outside: Array) -> _Table | None:
    if outside.shape[1] or not first.margin.levels or not second.margin.levels:
        return None
    rows, columns = np.indices((first.margin.levels, second.margin.levels)).reshape(2, -1)
    cells = Column(first.margin, rows, np.empty(0)), Column(second.margin, columns, np.empty(0))
    return _Table(second.margin.levels, pair_scores(*cells, rho, np.empty((len(rows), 0))))


def _in_own_units(
    columns: Sequence[Column],
    pairs: Sequence[tuple[int, int]],
    correlations: Array,
    middle: Array,
    scale: Array,
) -> NDArray[np.float64]:
    """The derivative of the moments by what was estimated: slopes in columns' units, covariances of correlations."""
    starts = np.cumsum([0, *(len(each.margin.parameters) for each in columns)])
    width = int(starts[-1])
    turn = np.eye(width + len(pairs))
    for at, each in enumerate(columns):
        slopes = starts[at] + each.margin.cuts + np.arange(len(middle))
        turn[slopes, slopes] = 1 / scale
        sign = 1 if each.margin.levels else -1
        turn[starts[at] : starts[at] + each.margin.cuts, slopes] = sign * middle / scale
    for at, ((i, j), rho) in enumerate(zip(pairs, correlations.tolist(), strict=True)):
        one, two = (np.sqrt(columns[place].margin.variance) for place in (i, j))
        turn[width + at, width + at] = one * two
        for place, own, other in ((i, one, two), (j, two, one)):
            if not columns[place].margin.levels:
                turn[width + at, starts[place + 1] - 1] = rho * other / (2 * own)
    return turn
