"""The maximum of the likelihood: Fisher scoring with a halved step, which no change of units can mislead.

Scoring converges to the last digit where a quasi-Newton search stops at its tolerance, which costs digits of the
chi-square at a million rows (Jöreskog and Sörbom take the same road after their first steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from causal.structural.likelihood import (
    Group,
    deviance,
    deviance_gradient,
    expected_information,
    observed_information,
)

_STEPS = 500
_POLISH = 50
_DONE = 1e-16
_ENOUGH = 1e-8


@dataclass(frozen=True)
class Found:
    """Where a search ended: theta, the deviance there, and how far the solution is, in squared standard errors."""

    theta: NDArray[np.float64]
    deviance: float
    distance: float
    steps: int

    @property
    def converged(self) -> bool:
        """Whether the gradient is as good as zero."""
        return self.distance < _ENOUGH


def maximise(groups: Sequence[Group], start: NDArray[np.float64], scales: NDArray[np.float64], seed: int = 0) -> Found:
    """The end of a search from `start`; where it fails, the best of quasi-Newton searches from there and near it."""
    found = _score(groups, start)
    if found.converged:
        return found
    rng = np.random.default_rng(seed)
    tried = [found]
    for attempt in range(6):
        moved = start if attempt == 0 else start + 0.3 * scales * rng.standard_normal(len(start))
        rough = _quasi_newton(groups, moved, scales)
        tried.append(_score(groups, rough))
        if tried[-1].converged:
            break
    best = min(tried, key=lambda each: (not each.converged, each.deviance))
    return best if best.converged else _newton(groups, best)


def _newton(groups: Sequence[Group], near: Found) -> Found:
    """Newton's steps where scoring creeps, as in loops with weak instruments; they are taken only within a valley."""
    theta, value, distance, steps = near.theta, near.deviance, near.distance, near.steps
    for _ in range(_POLISH):
        slope = -deviance_gradient(groups, theta) / 2
        information = observed_information(groups, theta)
        size = np.sqrt(np.abs(np.diag(information)))
        roots, vectors = np.linalg.eigh(information / np.outer(size, size))
        if roots[0] <= roots[-1] * 1e-12:
            return near
        direction = vectors @ (vectors.T @ (slope / size) / roots) / size
        distance, steps = float(slope @ direction), steps + 1
        if distance < _DONE:
            break
        theta, value, moved = _halved(groups, theta, value, direction, distance)
        if not moved:
            break
    return Found(theta, value, distance, steps)


def _score(groups: Sequence[Group], start: NDArray[np.float64]) -> Found:
    theta, value = start, deviance(groups, start)
    distance = np.inf
    if not np.isfinite(value):
        return Found(theta, value, distance, 0)
    steps = 0
    while steps < _STEPS:
        steps += 1
        slope = -deviance_gradient(groups, theta) / 2
        direction = _solve(expected_information(groups, theta), slope)
        distance = float(slope @ direction)
        if distance < _DONE:
            break
        theta, value, moved = _halved(groups, theta, value, direction, distance)
        if not moved:
            break
    return Found(theta, value, distance, steps)


def _solve(information: NDArray[np.float64], slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Information^-1 slope, with what is flat at this point held still."""
    size = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    roots, vectors = np.linalg.eigh(information / np.outer(size, size))
    kept = roots > roots[-1] * 1e-12
    turned = vectors[:, kept].T @ (slope / size)
    return np.asarray(vectors[:, kept] @ (turned / roots[kept]) / size)


def _halved(
    groups: Sequence[Group],
    theta: NDArray[np.float64],
    value: float,
    direction: NDArray[np.float64],
    distance: float,
) -> tuple[NDArray[np.float64], float, bool]:
    """The first of the halved steps that lowers the deviance; near the solution the whole step, below rounding."""
    length = 1.0
    for _ in range(40):
        moved = theta + length * direction
        reached = deviance(groups, moved)
        if reached <= value - 1e-4 * length * distance or (distance < 1e-6 and np.isfinite(reached)):
            return moved, reached, True
        length /= 2
    return theta, value, False


def _quasi_newton(
    groups: Sequence[Group], start: NDArray[np.float64], scales: NDArray[np.float64]
) -> NDArray[np.float64]:
    n = sum(group.n for group in groups)

    def cost(scaled: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        theta = scaled * scales
        value = deviance(groups, theta)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(scaled)
        return value / n, deviance_gradient(groups, theta) * scales / n

    ended = optimize.minimize(cost, start / scales, jac=True, method="BFGS", options={"maxiter": 2000, "gtol": 1e-7})
    return np.asarray(ended.x * scales)
