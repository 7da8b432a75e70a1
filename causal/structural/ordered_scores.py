"""Factor scores where columns are ordered: the most likely latent variables of each row (lavaan's method "EBM").

The mode of the normal prior times the chance of each level (Muthén 1998-2004, Mplus technical appendices 11; Skrondal
and Rabe-Hesketh 2009), by Newton steps of which the concave logarithm needs few. Given the latent variables the columns
count as independent, so a residual covariance between two of them is left out, as in lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from causal.structural.implied import Implied
from causal.structural.margins import FAR, Array, density

_STEPS = 100
_DONE = 1e-10


@dataclass(frozen=True)
class Measurement:
    """One group's model given the exogenous columns: of inner columns (p) by latent variables (q).

    `level` and `slopes` of columns, `latent_level` and `latent_slopes`: means at zero and per unit of the exogenous
    columns. `loadings` (p, q), `left_over` (p,) variances given the latent, `precision` (q, q) of the latent.
    `thresholds`: of each column, empty for a quantity.
    """

    level: Array
    slopes: Array
    latent_level: Array
    latent_slopes: Array
    loadings: Array
    left_over: Array
    precision: Array
    thresholds: tuple[Array, ...]


def measurement(at: Implied, inner: NDArray[np.intp], outer: NDArray[np.intp], cuts: tuple[Array, ...]) -> Measurement:
    """What one group's fitted matrices say of the inner columns; `outer`: places of exogenous ones."""
    p = at.layout.observed
    latent = np.arange(p, at.layout.size)
    held = at.residuals.copy()
    held[outer] = 0.0
    held[:, outer] = 0.0
    spread = at.total @ held @ at.total.T
    intercepts = at.intercepts.copy()
    intercepts[outer] = 0.0
    level, slopes = at.total @ intercepts, at.total[:, outer]
    precision = np.linalg.pinv(spread[np.ix_(latent, latent)], hermitian=True)
    loadings = spread[np.ix_(inner, latent)] @ precision
    left_over = np.diag(spread)[inner] - np.einsum("iq,iq->i", loadings, spread[np.ix_(inner, latent)])
    return Measurement(level[inner], slopes[inner], level[latent], slopes[latent], loadings, left_over, precision, cuts)


def modes(model: Measurement, values: Array, codes: NDArray[np.intp], outside: Array) -> Array:
    """(rows, q): the most likely latent variables; `codes` (n, p) of levels, `values` (n, p) of quantities.

    A column whose value is missing (NaN) says nothing.
    """
    missing = np.isnan(values)
    expected = model.level + outside @ model.slopes.T
    ends = [np.concatenate([[-np.inf], each, [np.inf]]) for each in model.thresholds]
    moved = np.zeros((len(values), len(model.precision)))
    for _ in range(_STEPS):
        centre = expected + moved @ model.loadings.T
        slope, weight = np.empty_like(centre), np.empty_like(centre)
        for at, cuts in enumerate(ends):
            left_over = max(float(model.left_over[at]), 1e-8)
            if len(cuts) == 2:
                slope[:, at], weight[:, at] = (values[:, at] - centre[:, at]) / left_over, 1 / left_over
            else:
                limits = (cuts[codes[:, at] + 1] - centre[:, at], cuts[codes[:, at]] - centre[:, at])
                slope[:, at], weight[:, at] = _level_slopes(*limits, np.sqrt(left_over))
        slope[missing] = weight[missing] = 0.0
        gradient = slope @ model.loadings - moved @ model.precision
        information = model.precision + np.einsum("np,pq,pr->nqr", weight, model.loadings, model.loadings)
        step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
        moved = moved + np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < _DONE:
            break
    return np.asarray(model.latent_level + outside @ model.latent_slopes.T + moved)


def _level_slopes(upper: Array, lower: Array, root: float) -> tuple[Array, Array]:
    """The derivative of the log chance of a level by the response's mean, and minus the second one."""
    high, low = np.clip(upper / root, -FAR, FAR), np.clip(lower / root, -FAR, FAR)
    chance = np.maximum(special.ndtr(high) - special.ndtr(low), 1e-300)
    slope = (density(low) - density(high)) / chance
    weight = slope**2 + (high * density(high) - low * density(low)) / chance
    return slope / root, weight / root**2
