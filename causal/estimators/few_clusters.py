"""Least squares with few clusters: residuals scaled so that the variance is unbiased, and Student's degrees of freedom.

CR2 and its Satterthwaite degrees of freedom: Bell and McCaffrey (2002), Survey Methodology 28: 169-181; Pustejovsky and
Tipton (2018), Journal of Business and Economic Statistics 36: 672-683, with independent errors as the working model.
In coordinates U = X (X'X)^(-1/2) every cluster needs a matrix of the number of columns only, however many rows it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats

MOST_CLUSTERS = 1_000
"""With more the correction moves a standard error by less than a thousandth, and is left out."""

FEW_CLUSTERS = 50
"""With fewer, an interval says so."""

AT_ONCE = 2**18
"""Clusters are taken together while their matrices have so many entries."""

DETERMINED = 1e-10
"""A direction that a single cluster determines has no residual left in it, and no correction."""


@dataclass(frozen=True, eq=False)
class ReducedBias:
    """`residual` (n,) scaled within each cluster; `degrees_of_freedom` (m,) for each direction asked about."""

    residual: Floats
    degrees_of_freedom: Floats


def reduce_bias(
    design: Floats, bread: Floats, residual: Floats, clusters: NDArray[np.int64], directions: Floats
) -> ReducedBias:
    """The residuals (n,) of least squares on `design` (n, p), scaled by (I - H_gg)^(-1/2) within each cluster.

    `bread` (p, p) is the inverse of X'X / n; `directions` (m, p) the combinations of coefficients asked about.
    """
    values, vectors = np.linalg.eigh(bread / len(design))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    asked = root.T @ directions.T
    order = np.argsort(clusters, kind="stable")
    unit, left = design[order] @ root, residual[order]
    ends = np.cumsum(np.bincount(clusters))
    rows = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    lengths, sums = np.empty((len(rows), asked.shape[1])), np.empty((len(rows), *asked.shape))
    together = max(1, AT_ONCE // unit.shape[1] ** 2)
    for first in range(0, len(rows), together):
        some = slice(first, first + together)
        lengths[some], sums[some] = _scale_some(unit, left, rows[some], asked)
    adjusted = np.empty_like(residual)
    adjusted[order] = left
    every = [_satterthwaite(lengths[:, each], sums[:, :, each]) for each in range(asked.shape[1])]
    return ReducedBias(adjusted, np.array(every))


def _scale_some(unit: Floats, left: Floats, rows: list[slice], asked: Floats) -> tuple[Floats, Floats]:
    """Scale the residuals `left` of some clusters in place; the lengths (k, m) and sums (k, p, m) of each."""
    blocks = [unit[each] for each in rows]
    grams = np.stack([block.T @ block for block in blocks])
    pulls = np.stack([left[each] @ block for each, block in zip(rows, blocks, strict=True)])
    share, ways = np.linalg.eigh(grams)
    free, share = share < 1 - DETERMINED, np.clip(share, 0.0, None)
    grown = np.where(free, 1 / np.sqrt(np.where(free, 1 - share, 1.0)), 0.0)
    step = np.where(share > DETERMINED, (grown - 1) / np.maximum(share, DETERMINED), 0.5)
    back = ways.swapaxes(1, 2)
    moves = (ways @ (step[:, :, None] * (back @ pulls[:, :, None])))[:, :, 0]
    for each, block, move in zip(rows, blocks, moves, strict=True):
        left[each] += block @ move
    scaled = ways @ (grown[:, :, None] * (back @ asked))
    sums = grams @ scaled
    return np.einsum("kim,kim->km", scaled, sums), sums


def _satterthwaite(lengths: Floats, sums: Floats) -> float:
    """tr(K)² / tr(K²) for K = diag(lengths) - sums sums', the clusters' covariance under independent errors."""
    squares = np.einsum("ij,ij->i", sums, sums)
    trace = float(lengths.sum() - squares.sum())
    cross = sums.T @ sums
    of_square = float(lengths @ lengths - 2 * lengths @ squares + (cross * cross).sum())
    return trace**2 / of_square if of_square > 0 else float("nan")
