"""Whether the moments can tell the parameters apart, before anything is fitted.

A model is locally identified where the derivative of its moments by its parameters has full rank (Rothenberg 1971;
Bollen and Bauldry 2010 for structural equations). The rank is taken at several points, as one may be special by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import Layout, derivatives, implied
from causal.structural.model import SemModel

Slopes = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""The derivative (moments, k) of the moments at a point."""

_POINTS = 4
_RANK = 1e-7
_TOUCHED = 1e-3


@dataclass(frozen=True)
class Identification:
    """`rank` of the derivative and `free` parameters; `moments` that they are to be told from, `unidentified` names."""

    rank: int
    free: int
    moments: int
    unidentified: tuple[str, ...]

    @property
    def identified(self) -> bool:
        """Whether every parameter can be told."""
        return self.rank == self.free


def identification(
    model: SemModel,
    layouts: Sequence[Layout],
    start: NDArray[np.float64],
    scales: NDArray[np.float64],
    seed: int = 0,
    slopes: Slopes | None = None,
) -> Identification:
    """What the moments can tell of the model, at points around `start`; `slopes` where they are no covariances."""
    rng = np.random.default_rng(seed)
    best: tuple[int, NDArray[np.float64]] = (-1, np.zeros((0, model.free)))
    for _ in range(_POINTS):
        theta = start + scales * rng.uniform(0.1, 0.5, model.free) * rng.choice([-1.0, 1.0], model.free)
        rank, null = rank_at(layouts, theta, scales, slopes)
        if rank > best[0]:
            best = rank, null
    return _named(model, layouts, *best)


def identification_at(
    model: SemModel,
    layouts: Sequence[Layout],
    theta: NDArray[np.float64],
    scales: NDArray[np.float64],
    slopes: Slopes | None = None,
) -> Identification:
    """What the moments can tell at one point, such as the estimates."""
    return _named(model, layouts, *rank_at(layouts, theta, scales, slopes))


def rank_at(
    layouts: Sequence[Layout],
    theta: NDArray[np.float64],
    scales: NDArray[np.float64],
    slopes_at: Slopes | None = None,
) -> tuple[int, NDArray[np.float64]]:
    """The rank of the scaled derivative at theta, and a basis (rows) of the directions that move no moment."""
    given = slopes_at(theta) if slopes_at else np.concatenate([_slopes(layout, theta) for layout in layouts])
    slopes = given * scales
    size = np.linalg.norm(slopes, axis=1, keepdims=True)
    slopes = slopes / np.where(size > 0, size, 1.0)
    _, values, turned = np.linalg.svd(slopes)
    rank = int((values > _RANK * max(values[0], 1e-300)).sum()) if len(values) else 0
    return rank, turned[rank:]


def _slopes(layout: Layout, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """(moments, k): how each mean and covariance of a group moves with each parameter."""
    by_covariance, by_mean = derivatives(implied(layout, theta), len(theta))
    rows, columns = np.tril_indices(layout.observed)
    parts = [by_covariance[:, rows, columns].T]
    return np.concatenate([*parts, by_mean.T] if layout.means else parts)


def _named(model: SemModel, layouts: Sequence[Layout], rank: int, null: NDArray[np.float64]) -> Identification:
    touched = np.abs(null).max(axis=0, initial=0.0) > _TOUCHED
    names = tuple(name for name, hit in zip(model.names_of_free(), touched.tolist(), strict=True) if hit)
    return Identification(rank, model.free, count_moments(model), names if rank < model.free else ())


def count_moments(model: SemModel) -> int:
    """The means and covariances to be explained: all but those among exogenous columns.

    An ordered column has thresholds instead of a mean, and no variance.
    """
    p, fixed, ordered = len(model.observed), len(model.exogenous), len(model.ordered)
    covariances = p * (p + 1) // 2 - fixed * (fixed + 1) // 2 - ordered
    thresholds = sum(levels - 1 for _, levels in model.ordered)
    return model.groups * (covariances + thresholds + (p - fixed - ordered if model.means else 0))
