"""The chance of each of several arms given the covariates, by multinomial logistic regression.

Imbens (2000), Biometrika 87: 706-710. Unpenalised, converged, not clipped, as the two-arm propensity is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from causal.errors import PerfectSeparation
from causal.estimators.design import Flags, Floats, blocks
from causal.estimators.nuisance import CERTAIN, GRADIENT, STILL_MOVING, SUSPECT, dependent_columns, inverse_of


@dataclass(frozen=True, eq=False)
class ArmChances:
    """`chances` (n, K) of every arm for every unit; `residual` (n, K - 1) had the arm minus its chance, first arm left
    out; `bread` (q, q) the inverse of the mean Hessian over the q = (K - 1) p coefficients, arm by arm.
    """

    chances: Floats
    residual: Floats
    bread: Floats

    def influence(self, model: Floats, direction: Floats) -> Floats:
        """(n,) influence of the fit on an answer whose derivative by the coefficients is `direction` (K - 1, p)."""
        solved = (self.bread @ direction.ravel()).reshape(direction.shape)
        return np.asarray(np.einsum("ik,ik->i", self.residual, model @ solved.T))


def fit_chances(model: Floats, arm: NDArray[np.int64], labels: Sequence[str], asked: Flags) -> ArmChances:
    """Maximum likelihood for K arms; `arm` (n,) codes, `asked` (n,) the units of the target population.

    Raises PerfectSeparation where the covariates rule an arm out for units of the target.
    """
    count = int(arm.max()) + 1
    had = np.equal.outer(arm, np.arange(count)).astype(np.float64)
    coefficients, hessian = _newton(model, had)
    index = np.column_stack([np.zeros(len(arm)), model @ coefficients.T])
    chances = softmax(index, axis=1)
    found = ArmChances(chances, (had - chances)[:, 1:], inverse_of(hessian))
    _refuse_separation(model, found, hessian, labels, asked)
    return found


def _newton(model: Floats, had: Floats) -> tuple[Floats, Floats]:
    count, p = had.shape[1], model.shape[1]
    coefficients = np.zeros((count - 1, p))
    loss, gradient, hessian = _pass(model, had, coefficients)
    for _ in range(100):
        settled = bool(np.abs(gradient).max() <= GRADIENT)
        direction = (inverse_of(hessian) @ gradient.ravel()).reshape(coefficients.shape)
        length = 1.0
        while True:
            tried = coefficients + length * direction
            new = _pass(model, had, tried)
            if new[0] <= loss + 1e-12 * max(1.0, abs(loss)) or length < 1e-4:
                break
            length /= 2
        if np.array_equal(tried, coefficients):
            break
        coefficients, (loss, gradient, hessian) = tried, new
        if settled:  # one step beyond convergence, so that two arms have the digits of the two-arm model
            break
    return coefficients, hessian


def _pass(model: Floats, had: Floats, coefficients: Floats) -> tuple[float, Floats, Floats]:
    """Mean loss, mean score (K - 1, p) and mean Hessian ((K - 1) p square), in one walk over the rows."""
    n, p = model.shape
    others = len(coefficients)
    loss, gradient, hessian = 0.0, np.zeros((others, p)), np.zeros((others, p, others, p))
    for rows in blocks(n):
        block = model[rows]
        index = np.column_stack([np.zeros(len(block)), block @ coefficients.T])
        chance = softmax(index, axis=1)
        loss -= float((had[rows] * log_softmax(index, axis=1)).sum())
        gradient += (had[rows] - chance)[:, 1:].T @ block
        for i in range(others):
            for j in range(i, others):
                weight = chance[:, i + 1] * ((i == j) - chance[:, j + 1])
                part = block.T @ (block * weight[:, None])
                hessian[i, :, j] += part
                if i != j:
                    hessian[j, :, i] += part
    return loss / n, gradient / n, hessian.reshape(others * p, others * p) / n


def _refuse_separation(model: Floats, fitted: ArmChances, hessian: Floats, labels: Sequence[str], asked: Flags) -> None:
    """As for two arms: a chance at nil, or on its way there because the likelihood has no maximum."""
    stuck = (fitted.chances < CERTAIN) & asked[:, None]
    suspect = (fitted.chances < SUSPECT) & asked[:, None]
    if suspect.any():
        moving = np.abs(_next_step(model, fitted, hessian)) > STILL_MOVING
        moving = np.column_stack([moving.any(axis=1), moving])
        stuck |= suspect & moving
    if not stuck.any():
        return
    worst = int(stuck.sum(axis=0).argmax())
    raise PerfectSeparation(
        f"The covariates rule out {labels[worst]!r} for {int(stuck[:, worst].sum()):,} of {int(asked.sum()):,} units, "
        "so nobody comparable had it. Leave that arm out, leave the column out if it is no common cause, or restrict "
        "the log to units that could have had every arm."
    )


def _next_step(model: Floats, fitted: ArmChances, hessian: Floats) -> Floats:
    """(n, K - 1) how far one more Newton step would move each index; no direction is given up for flatness alone."""
    others, p = fitted.residual.shape[1], model.shape[1]
    moments = model.T @ model
    scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
    free = np.setdiff1d(np.arange(p), dependent_columns(moments / np.outer(scale, scale)))
    every = np.concatenate([free + place * p for place in range(others)])
    gradient = (fitted.residual.T @ model / len(model)).ravel()[every]
    values, vectors = np.linalg.eigh(hessian[np.ix_(every, every)])
    step = np.zeros(others * p)
    step[every] = vectors @ ((vectors.T @ gradient) / np.maximum(values, 1e-15))
    return np.asarray(model @ step.reshape(others, p).T)
