"""Shares of levels by multinomial logistic regression, with draws of its coefficients.

A ridge so small that it only keeps coefficients finite where causes decide the level; draws by the robust covariance,
by cluster where there are any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.interventions.mechanisms.clusters import Clusters, outer_products
from causal.interventions.mechanisms.features import Features, one_row
from causal.interventions.mechanisms.line import drawn_normal
from causal.interventions.node_columns import Values

RIDGE = 0.01
MOST_COEFFICIENTS = 400
_STEPS = 60
_CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class LogitShares:
    """`coefficients` (p, levels - 1) against the first level, and draws of them (replicates, p, levels - 1)."""

    features: Features
    coefficients: Floats
    drawn: Floats

    def shares(self, values: Values) -> Floats:
        """(n, levels) the chance of each level given the causes' values."""
        return np.asarray(_shares(self.coefficients.T[None] @ self.features.stacked(one_row(values)))[0])

    def drawn_shares(self, values: Values) -> Floats:
        """(replicates, m, levels) each replicate's chances at its own row of values (replicates, m)."""
        return _shares(self.drawn.transpose(0, 2, 1) @ self.features.stacked(values))


def fit_logit(
    features: Features,
    values: Values,
    codes: NDArray[np.int64],
    levels: int,
    rng: np.random.Generator | None = None,
    replicates: int = 0,
    weights: Floats | None = None,
    clusters: Clusters = None,
) -> LogitShares:
    """Maximum likelihood by Newton's method; `weights` (n,) count a row several times."""
    model = features.of(values)
    weight = np.ones(len(codes)) if weights is None else weights
    had = np.zeros((len(codes), levels))
    had[np.arange(len(codes)), codes] = 1.0
    coefficients, hessian = _newton(model, had, weight)
    if rng is None:
        return LogitShares(features, coefficients, np.empty((0, *coefficients.shape)))
    left = (had - softmax(model @ coefficients))[:, 1:]
    scores = (model[:, :, None] * left[:, None, :]).reshape(len(codes), -1)
    bread = np.linalg.inv(hessian)
    scores *= np.sqrt(weight)[:, None]
    covariance = bread @ outer_products(scores, clusters) @ bread
    drawn = drawn_normal(coefficients.ravel(), covariance, rng, replicates)
    return LogitShares(features, coefficients, drawn.reshape(replicates, *coefficients.shape))


def _shares(index: Floats) -> Floats:
    """(replicates, m, levels) shares from indices (replicates, levels - 1, m), worked on level by level."""
    largest = np.maximum(index.max(axis=1), 0.0)
    full = np.empty((index.shape[1] + 1, *largest.shape))
    np.exp(-largest, out=full[0])
    for level in range(index.shape[1]):
        np.exp(index[:, level] - largest, out=full[level + 1])
    full /= full.sum(axis=0)
    return np.moveaxis(full, 0, -1)


def softmax(index: Floats) -> Floats:
    """(..., levels) shares from indices (..., levels - 1) against the first level."""
    full = np.concatenate([np.zeros((*index.shape[:-1], 1)), index], axis=-1)
    full -= full.max(axis=-1, keepdims=True)
    np.exp(full, out=full)
    full /= full.sum(axis=-1, keepdims=True)
    return full


def _newton(model: Floats, had: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(p, levels - 1) coefficients, and the penalised Hessian with coefficients read row by row."""
    width, others = model.shape[1], had.shape[1] - 1
    penalty = np.full((width, others), RIDGE)
    penalty[0] = 1e-6
    coefficients = np.zeros((width, others))
    value, shares = _loss(model, had, weight, coefficients, penalty)
    for _ in range(_STEPS):
        gradient = model.T @ ((had - shares)[:, 1:] * weight[:, None]) - penalty * coefficients
        hessian = _hessian(model, shares, weight, penalty)
        step = np.linalg.solve(hessian, gradient.ravel()).reshape(width, others)
        length = 1.0
        while True:
            tried = coefficients + length * step
            better, fitted = _loss(model, had, weight, tried, penalty)
            if better <= value or length < 1e-4:
                break
            length /= 2
        done = value - better <= _CLOSE * (1 + abs(value))
        coefficients, value, shares = tried, better, fitted
        if done:
            break
    return coefficients, _hessian(model, shares, weight, penalty)


def _loss(model: Floats, had: Floats, weight: Floats, coefficients: Floats, penalty: Floats) -> tuple[float, Floats]:
    shares = softmax(model @ coefficients)
    chance = np.einsum("ij,ij->i", shares, had)
    loss = -float(weight @ np.log(np.maximum(chance, 1e-300))) + 0.5 * float((penalty * coefficients**2).sum())
    return loss, shares


def _hessian(model: Floats, shares: Floats, weight: Floats, penalty: Floats) -> Floats:
    width, others = penalty.shape
    found = np.empty((width, others, width, others))
    for k in range(others):
        for j in range(k, others):
            slope = weight * shares[:, k + 1] * (float(k == j) - shares[:, j + 1])
            block = model.T @ (model * slope[:, None])
            found[:, k, :, j] = block
            found[:, j, :, k] = block.T
    size = width * others
    return found.reshape(size, size) + np.diag(penalty.ravel())
