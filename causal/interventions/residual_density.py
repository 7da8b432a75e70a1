"""The density of standardised residuals: a smooth curve through the logarithm of a fine histogram.

A natural spline in the log density, fitted to the counts by maximum likelihood: Lindsey's method, Efron and Tibshirani
(1996), Annals of Statistics 24: 2431-2461; as many knots as the Bayesian information criterion says (Kooperberg and
Stone 1991). Beyond the outer knots the logarithm is a straight line, so that the ratio of two densities there neither
explodes nor depends on a single far unit, as it does with kernels; unless the residuals look normal, when the curve is
a departure from the normal density.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from causal.estimators.design import Floats
from causal.interventions.mechanisms.features import Features, Part

FARTHEST = 12.0
"""Residuals farther out, in standard deviations, say nothing of the shape."""

MARGIN = 0.5
"""So far beyond the outermost residuals the histogram goes on, to learn that nothing is there."""

BINS = 240
KNOTS = (3, 5, 7, 9)
"""The numbers of knots that are tried."""

_FEWEST_BEYOND = 20
_STEPS = 60
_CLOSE = 1e-8
_STEEPEST = 40.0
_CLEAR = 2.0
_HIGHEST = 3.0
_EVERYWHERE = np.linspace(-FARTHEST - 2, FARTHEST + 2, 1401)


Shape = tuple[bool, int]
"""Whether a density is a departure from the normal one, and the number of its knots; two knots bend nothing."""


@dataclass(frozen=True, eq=False)
class ResidualDensity:
    """`curve` gives the columns of a residual, `coefficients` (p,) their weights in the log density.

    By its `shape` these may be the departure from the logarithm of a normal density.
    """

    curve: Features
    coefficients: Floats
    shape: Shape

    def logarithm(self, residuals: Floats) -> Floats:
        """(n,) the log density at these residuals."""
        found = self.curve.of({"residual": residuals}) @ self.coefficients
        return np.asarray(found - residuals**2 / 2 if self.shape[0] else found)


def fit_residual_density(residuals: Floats, shape: Shape | None = None) -> ResidualDensity:
    """Of residuals (n,) with mean near zero and spread near one; `shape` None is looked for."""
    kept = residuals[np.abs(residuals) <= FARTHEST]
    edges = np.linspace(kept.min() - MARGIN, kept.max() + MARGIN, BINS + 1)
    counts = np.histogram(kept, edges)[0].astype(np.float64)
    seen = _Histogram((edges[1:] + edges[:-1]) / 2, counts, float(edges[1] - edges[0]), np.sort(kept))
    if shape is not None:
        criterion, found = _of_shape(seen, shape)
        if np.isfinite(criterion):
            return found
    return _best(seen)


class _Histogram(NamedTuple):
    """Of the residuals, which are sorted."""

    middles: Floats
    counts: Floats
    width: float
    residuals: Floats


def _best(seen: _Histogram) -> ResidualDensity:
    """By the Bayesian information criterion; more knots are tried as long as they help."""
    found = [_of_shape(seen, (True, 2))]
    for bell in (False, True):
        last = np.inf
        for many in KNOTS:
            tried = _of_shape(seen, (bell, many))
            if tried[0] >= last:
                break
            found.append(tried)
            last = tried[0]
    return min(found, key=lambda each: each[0])[1]


def _of_shape(seen: _Histogram, shape: Shape) -> tuple[float, ResidualDensity]:
    """The criterion, and the density."""
    bell, many = shape
    n = len(seen.residuals)
    tail = float(np.clip(_FEWEST_BEYOND / n, 0.003, 0.05))
    places = (np.linspace(tail, 1 - tail, many) * (n - 1)).astype(np.int64)
    knots = _apart(seen.residuals[places], _CLEAR * seen.width) if many > 2 else np.empty(0)
    curve = Features((Part("residual", np.empty(0), knots if len(knots) > 2 else np.empty(0), 0.0, 1.0),), False)
    carrier = -(seen.middles**2) / 2 if bell else np.zeros(BINS)
    coefficients, loss = _fit(curve.of({"residual": seen.middles}), carrier, seen.counts, seen.width)
    found = ResidualDensity(curve, coefficients, shape)
    if not found.logarithm(_EVERYWHERE).max() < np.log(_HIGHEST / seen.width):  # it went astray where nothing holds it
        return np.inf, found
    return 2 * loss + np.log(n) * (len(coefficients) - 1), found


def _apart(knots: Floats, least: float) -> Floats:
    """Those that lie apart, as nothing is known of a curve within a bin."""
    found = [float(knots[0])]
    for each in knots[1:].tolist():
        if each - found[-1] >= least:
            found.append(each)
    return np.array(found)


def _fit(columns: Floats, carrier: Floats, counts: Floats, width: float) -> tuple[Floats, float]:
    """(p,) coefficients of the log density, the first making it integrate to one, and minus the log likelihood."""
    scales = np.abs(columns[:, 1:]).max(axis=0)
    scales[scales == 0] = 1.0
    basis, n = columns[:, 1:] / scales, counts.sum()
    seen = counts @ basis / n
    start = np.maximum(-(columns[:, 1] ** 2) / 2, -_STEEPEST) - carrier
    weights = np.linalg.lstsq(np.column_stack([np.ones(len(basis)), basis]), start, rcond=None)[0][1:]
    loss, shares = _loss(basis, carrier, weights, seen, width)
    for _ in range(_STEPS):
        centre = shares @ basis
        hessian = (basis * shares[:, None]).T @ basis - np.outer(centre, centre)
        step = np.linalg.solve(hessian + 1e-10 * np.eye(len(centre)), seen - centre)
        length = 1.0
        while True:
            tried = weights + length * step
            new, new_shares = _loss(basis, carrier, tried, seen, width)
            if new <= loss + 1e-12 or length < 1e-4:
                break
            length /= 2
        moved, weights, loss, shares = loss - new, tried, new, new_shares
        if moved < _CLOSE:
            break
    level = -_log_integral(carrier + basis @ weights, width)
    return np.concatenate([[level], weights / scales]), float(n * (loss - counts @ carrier / n))


def _loss(basis: Floats, carrier: Floats, weights: Floats, seen: Floats, width: float) -> tuple[float, Floats]:
    """Minus the mean log density up to the carrier's own, and (bins,) the share of each bin."""
    index = carrier + basis @ weights
    integral = _log_integral(index, width)
    return float(integral - seen @ weights), np.exp(index - integral) * width


def _log_integral(index: Floats, width: float) -> float:
    top = float(index.max())
    return top + float(np.log(np.exp(index - top).sum() * width))
