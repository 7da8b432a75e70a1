"""From unit-level influences to standard errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.errors import TooFewUnits
from causal.estimators.design import Floats


def covariance_of_means(influences: tuple[Floats, Floats], clusters: NDArray[np.int64] | None) -> Floats:
    """(2, 2) covariance of two estimates whose influences (n,) have mean zero: sum of squares over n squared.

    With clusters the influences are summed within each first, with the factor G / (G - 1) for G clusters
    (Liang and Zeger 1986).

    Raises TooFewUnits for a single cluster.
    """
    n = len(influences[0])
    factor = 1.0
    if clusters is not None:
        count = int(clusters.max()) + 1
        if count < 2:
            raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
        influences = (_summed(influences[0], clusters, count), _summed(influences[1], clusters, count))
        factor = count / (count - 1)
    first, second = influences
    cross = float(first @ second)
    return factor * np.array([[float(first @ first), cross], [cross, float(second @ second)]]) / n**2


def _summed(influence: Floats, clusters: NDArray[np.int64], count: int) -> Floats:
    return np.bincount(clusters, weights=influence, minlength=count).astype(np.float64)
