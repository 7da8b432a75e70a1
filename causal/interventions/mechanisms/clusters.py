"""What units of one cluster share: scores added up within it, and weights that its units have in common.

Liang and Zeger (1986), Biometrika 73: 13-22, for scores; weights are Rubin's Bayesian bootstrap (1981) of whole
clusters. Both carry the factor G / (G - 1) for G clusters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.few_clusters import MOST_CLUSTERS, reduce_bias

Clusters = NDArray[np.int64] | None
"""(n,) a number for the cluster of each unit; None where every unit stands for itself."""


def numbered(clusters: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """(n,) the clusters numbered from 0 without gaps, and how many there are."""
    _, codes = np.unique(clusters, return_inverse=True)
    return codes.astype(np.int64), int(codes.max()) + 1


def sums(values: Floats, clusters: NDArray[np.int64], count: int) -> Floats:
    """(clusters, columns) the values (n, columns) added up within clusters that are numbered."""
    return np.column_stack([np.bincount(clusters, column, minlength=count) for column in values.T])


def outer_products(scores: Floats, clusters: Clusters) -> Floats:
    """(p, p) the sum of the outer products of scores (n, p), of units or of whole clusters."""
    if clusters is None:
        return np.asarray(scores.T @ scores)
    codes, count = numbered(clusters)
    added = sums(scores, codes, count)
    return np.asarray(added.T @ added * (count / max(count - 1, 1)))


def line_scores(model: Floats, bread: Floats, residual: Floats, clusters: NDArray[np.int64]) -> Floats:
    """(n, p) the scores of least squares; of few clusters with residuals scaled so that they have no bias (CR2).

    `bread` (p, p) is the inverse of X'X. Scaled ones are divided by the factor that `outer_products` brings.
    """
    codes, count = numbered(clusters)
    if 1 < count <= MOST_CLUSTERS:
        none = np.empty((0, model.shape[1]))
        residual = reduce_bias(model, bread * len(model), residual, codes, none).residual
        residual = residual * np.sqrt((count - 1) / count)
    return model * residual[:, None]


def cluster_weights(clusters: Clusters, units: int, rng: np.random.Generator) -> Floats:
    """(units,) random weights of mean 1, the same for all units of a cluster."""
    if clusters is None:
        return rng.standard_exponential(units)
    codes, count = numbered(clusters)
    return np.asarray(rng.standard_gamma(max(count - 1, 1) / count, count)[codes] * (count / max(count - 1, 1)))


def mean_error(values: Floats, clusters: Clusters) -> Floats:
    """(columns,) the squared standard errors of the means of values (n, columns); the clusters are numbered."""
    n = len(values)
    if clusters is None:
        return np.asarray(values.var(axis=0) / n)
    count = int(clusters.max()) + 1
    added = sums(values - values.mean(axis=0), clusters, count)
    return np.asarray((added**2).sum(axis=0) * (count / max(count - 1, 1)) / n**2)
