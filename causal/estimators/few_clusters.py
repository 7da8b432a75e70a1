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
    unit, asked = design @ root, root.T @ directions.T
    order = np.argsort(clusters, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(clusters))])
    adjusted = np.empty_like(residual)
    lengths, sums = np.empty((len(starts) - 1, asked.shape[1])), np.empty((len(starts) - 1, *asked.shape))
    for place in range(len(starts) - 1):
        rows = order[starts[place] : starts[place + 1]]
        block = unit[rows]
        gram = block.T @ block
        share, ways = np.linalg.eigh(gram)
        free = share < 1 - DETERMINED
        share = np.clip(share, 0.0, None)
        grown = np.where(free, 1 / np.sqrt(np.where(free, 1 - share, 1.0)), 0.0)
        step = np.where(share > DETERMINED, (grown - 1) / np.maximum(share, DETERMINED), 0.5)
        adjusted[rows] = residual[rows] + block @ (ways @ (step * (ways.T @ (block.T @ residual[rows]))))
        scaled = ways @ (grown[:, None] * (ways.T @ asked))
        sums[place] = gram @ scaled
        lengths[place] = np.einsum("im,im->m", scaled, sums[place])
    every = [_satterthwaite(lengths[:, each], sums[:, :, each]) for each in range(asked.shape[1])]
    return ReducedBias(adjusted, np.array(every))


def _satterthwaite(lengths: Floats, sums: Floats) -> float:
    """tr(K)² / tr(K²) for K = diag(lengths) - sums sums', the clusters' covariance under independent errors."""
    squares = np.einsum("ij,ij->i", sums, sums)
    trace = float(lengths.sum() - squares.sum())
    cross = sums.T @ sums
    of_square = float(lengths @ lengths - 2 * lengths @ squares + (cross * cross).sum())
    return trace**2 / of_square if of_square > 0 else float("nan")
