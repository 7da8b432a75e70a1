"""Diagonally weighted least squares: a model's thresholds, slopes and correlations brought near those of the rows.

The estimator, its sandwich errors and the test with mean and variance adjusted (scaled and shifted) that lavaan and
Mplus call WLSMV: Muthén, du Toit and Spisic (1997); Asparouhov and Muthén (2010), "Simple second order chi-square
correction".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from causal.structural.fit_measures import FitMeasures, FitTest, comparative, rmsea_of
from causal.structural.implied import (
    Layout,
    Matrix,
    implied,
    left_of,
    scales_of,
    thresholds_of,
)
from causal.structural.ordered_moments import OrderedMoments

_STEP = 1e-20
_ENOUGH = 1e-6
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Weighted:
    """What the fit sees: per group its layout and moments; `weights` (m,) and `spread` (m, m) of all moments stacked.

    Weights are one over the diagonal of the moments' covariance, times the group's share of the rows.
    """

    layouts: tuple[Layout, ...]
    moments: tuple[OrderedMoments, ...]

    @property
    def n(self) -> int:
        """All rows."""
        return sum(each.n for each in self.moments)

    @property
    def values(self) -> Array:
        """The moments of the rows, group by group."""
        return np.concatenate([each.values for each in self.moments])

    @property
    def weights(self) -> Array:
        """Of each moment in the errors and the test."""
        return np.concatenate([each.n / self.n / np.diag(each.spread) for each in self.moments])

    @property
    def spread(self) -> Array:
        """The covariance, times n, of the stacked moments."""
        width = len(self.values)
        found, start = np.zeros((width, width)), 0
        for each in self.moments:
            inside = slice(start, start + len(each.values))
            found[inside, inside] = each.spread * self.n / each.n
            start += len(each.values)
        return found

    @property
    def counted(self) -> Array:
        """By what the squared distance of each moment is multiplied in the chi-square."""
        return np.concatenate([(each.n - 1) / np.diag(each.spread) for each in self.moments])

    def implied(self, theta: Matrix) -> Matrix:
        """The moments that the model implies, group by group."""
        pairs = zip(self.layouts, self.moments, strict=True)
        return np.concatenate([_moments(layout, seen, theta) for layout, seen in pairs])

    def slopes(self, theta: Array) -> Array:
        """(m, k): their derivative, by the complex step."""
        parts = [_slopes(layout, seen, theta) for layout, seen in zip(self.layouts, self.moments, strict=True)]
        return np.concatenate(parts)


def _moments(layout: Layout, seen: OrderedMoments, theta: Matrix) -> Matrix:
    at, p = implied(layout, theta), layout.observed
    covariance = left_of(at)
    intercepts = at.intercepts.copy()
    intercepts[layout.outside] = 0.0
    level, slopes, scale = at.total[:p] @ intercepts, at.total[:p, layout.outside], scales_of(layout, theta)
    cuts = dict(zip(layout.ordered.tolist(), thresholds_of(layout, theta), strict=True))
    inner = np.setdiff1d(np.arange(p), layout.outside)
    parts = []
    for place, levels in zip(inner.tolist(), seen.levels, strict=True):
        parts.append(scale[place] * (cuts[place] - level[place]) if levels else level[[place]])
        parts.append(scale[place] * slopes[place])
        if not levels:
            parts.append(covariance[[place], place])
    left, right = inner[np.array(seen.pairs, dtype=np.intp).reshape(-1, 2)].T
    return np.concatenate([*parts, scale[left] * scale[right] * covariance[left, right]])


def _slopes(layout: Layout, seen: OrderedMoments, theta: Array) -> Array:
    """Of one group's moments; a threshold moves its own moment alone, by the column's scale."""
    found = np.zeros((len(seen.values), len(theta)))
    cuts, scale = layout.thresholds, scales_of(layout, theta)
    starts = _starts(layout, seen)
    for row, column, free in zip(cuts.rows, cuts.columns, cuts.free, strict=True):
        if free >= 0:
            found[starts[row] + column, free] += scale[row]
    others = {*layout.arrows.free, *layout.residuals.free, *layout.intercepts.free, *layout.scales.free} - {-1}
    for place in sorted(others):
        moved = theta.astype(np.complex128)
        moved[place] += 1j * _STEP
        found[:, place] += _moments(layout, seen, moved).imag / _STEP
    return found


def _starts(layout: Layout, seen: OrderedMoments) -> dict[int, int]:
    """At which of the moments each inner column begins."""
    widths = [(levels - 1 if levels else 2) + len(seen.mean) for levels in seen.levels]
    inner = np.setdiff1d(np.arange(layout.observed), layout.outside).tolist()
    return dict(zip(inner, np.cumsum([0, *widths[:-1]]).tolist(), strict=True))


def least_squares(seen: Weighted, start: Array, scales: Array, seed: int = 0) -> tuple[Array, bool]:
    """Theta of the least weighted squares, and whether the search settled; begun again nearby where it did not."""
    root, values = np.sqrt(seen.counted), seen.values
    rng = np.random.default_rng(seed)
    best: tuple[float, Array, bool] = (np.inf, start, False)

    def distance(theta: Array) -> Array:
        return np.asarray(root * (values - seen.implied(theta)))

    def slopes(theta: Array) -> Array:
        return np.asarray(-root[:, None] * seen.slopes(theta))

    for attempt in range(5):
        begun = start + (0.3 * scales * rng.standard_normal(len(start)) if attempt else 0.0)
        try:
            ended = optimize.least_squares(
                distance,
                begun,
                jac=slopes,
                method="lm",
                x_scale=scales,
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-12,
                max_nfev=1_000,
            )
        except (np.linalg.LinAlgError, ValueError):
            continue
        settled = _distance(seen, ended.x) < _ENOUGH
        if ended.cost < best[0] or (settled and not best[2]):
            best = float(ended.cost), ended.x, settled
        if settled:
            break
    return best[1], best[2]


def _distance(seen: Weighted, theta: Array) -> float:
    """How far the next step would still go, in the metric of the weights."""
    slopes = seen.slopes(theta) * np.sqrt(seen.counted)[:, None]
    rest = (seen.values - seen.implied(theta)) * np.sqrt(seen.counted)
    step = np.linalg.lstsq(slopes, rest)[0]
    return float(np.square(slopes @ step).sum())


def covariance_of_weighted(seen: Weighted, theta: Array) -> Array:
    """The sandwich covariance (k, k) of the estimates; of each group's rows one is lost, as lavaan counts."""
    slopes, weights = seen.slopes(theta), seen.weights
    weighted = slopes * weights[:, None]
    bread = np.linalg.inv(slopes.T @ weighted)
    lost = np.concatenate([np.full(len(each.values), each.n / (each.n - 1)) for each in seen.moments])
    return np.asarray(bread @ weighted.T @ (lost[:, None] * seen.spread) @ weighted @ bread / seen.n)


def residual_weight(slopes: Array, weights: Array) -> Array:
    """U (m, m): what is left of the weights once the parameters have taken their directions."""
    weighted = slopes * weights[:, None]
    return np.asarray(np.diag(weights) - weighted @ np.linalg.pinv(slopes.T @ weighted, hermitian=True) @ weighted.T)


def scaled_and_shifted(chi2: float, df: int, weight: Array, spread: Array) -> tuple[float, float]:
    """What the chi-square is divided by, and what is then added, so that mean and variance are those of df."""
    if df <= 0:
        return 1.0, 0.0
    product = weight @ spread
    scaling = float(np.sqrt(np.einsum("ij,ji->", product, product) / df))
    return scaling, df - float(np.trace(product)) / scaling


def weighted_test(seen: Weighted, theta: Array) -> FitTest:
    """Chi-square and its relatives; likelihood, AIC and BIC are NaN, as there is no likelihood."""
    apart = seen.values - seen.implied(theta)
    chi2, df = float(seen.counted @ apart**2), len(apart) - len(theta)
    scaling, shift = scaled_and_shifted(chi2, df, residual_weight(seen.slopes(theta), seen.weights), seen.spread)
    zero = _zero_in_baseline(seen)
    alone, alone_df = float(seen.counted[zero] @ seen.values[zero] ** 2), int(zero.sum())
    weight = np.diag(np.where(zero, seen.weights, 0.0))
    alone_scaling, alone_shift = scaled_and_shifted(alone, alone_df, weight, seen.spread)
    srmr = _srmr(seen, apart)
    plain = _measures(seen, chi2, df, alone, alone_df, srmr)
    scaled = _measures(seen, chi2 / scaling + shift, df, alone / alone_scaling + alone_shift, alone_df, srmr)
    return FitTest(plain, scaled, scaling, shift)


def _zero_in_baseline(seen: Weighted) -> NDArray[np.bool_]:
    """The moments that are zero where nothing is related: the covariances, which come last in each group."""
    return np.concatenate([np.arange(len(each.values)) >= len(each.values) - len(each.pairs) for each in seen.moments])


def _measures(seen: Weighted, chi2: float, df: int, alone: float, alone_df: int, srmr: float) -> FitMeasures:
    cfi, tli = comparative(chi2, df, alone, alone_df)
    rmsea, interval = rmsea_of(chi2, df, seen.n - len(seen.moments), len(seen.moments))
    nothing = float("nan")
    p_value = float(stats.chi2.sf(chi2, df)) if df else nothing
    return FitMeasures(chi2, df, p_value, alone, alone_df, cfi, tli, rmsea, interval, srmr, nothing, nothing, nothing)


def _srmr(seen: Weighted, apart: Array) -> float:
    """The root of the mean squared residual correlation, as lavaan counts them: variances with, exogenous ones too."""
    found, start = 0.0, 0
    for each in seen.moments:
        start += len(each.values)
        left, right = np.array(each.pairs, dtype=np.intp).reshape(-1, 2).T
        spread = np.sqrt(each.variances)
        squares = np.square(apart[start - len(each.pairs) : start] / (spread[left] * spread[right])).sum()
        count = len(each.pairs) + len(each.levels) + len(each.mean)
        found += each.n / seen.n * float(np.sqrt(squares / count))
    return found
