"""Means and regressions of scores with their errors: what every summary of effects that differ is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval, two_sided_p


@dataclass(frozen=True)
class Measured:
    """A number with its standard error; intervals alone and with all others that it was told with."""

    value: float
    std_error: float
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf
    joint_reach: float | None = None

    def interval(self) -> Interval:
        """Of the number alone."""
        return normal_interval(self.value, self.std_error, self.confidence, self.degrees_of_freedom)

    def joint_interval(self) -> Interval:
        """With all others: the interval alone where there are none."""
        if self.joint_reach is None:
            return self.interval()
        return self.value - self.joint_reach * self.std_error, self.value + self.joint_reach * self.std_error

    @property
    def p_value(self) -> float:
        """That it is nothing; one where it has no error."""
        return two_sided_p(self.value / self.std_error, self.degrees_of_freedom) if self.std_error > 0 else 1.0

    @property
    def clear(self) -> bool:
        """Whether the interval that holds with all others leaves nothing out of account."""
        low, high = self.joint_interval()
        return low > 0 or high < 0


def covariance_of(influences: Floats, cluster: NDArray[np.int64]) -> Floats:
    """(k, k) covariance of means whose influences are the rows' (n, k) over n, summed within clusters."""
    codes = np.unique(cluster, return_inverse=True)[1]
    count = int(codes.max()) + 1
    sums = influences
    if count < len(codes):
        sums = np.column_stack([np.bincount(codes, each, minlength=count) for each in influences.T])
    return np.asarray(sums.T @ sums * (count / max(count - 1, 1)) / len(codes) ** 2)


def least_squares(columns: Floats, outcome: Floats, cluster: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(k,) coefficients and their sandwich covariance (k, k), with the correction for k of n (HC1, or by clusters)."""
    n, k = columns.shape
    bread = np.linalg.pinv(columns.T @ columns / n, hermitian=True, rcond=1e-10)
    coefficients = bread @ (columns.T @ outcome) / n
    influences = (columns * (outcome - columns @ coefficients)[:, None]) @ bread
    return coefficients, covariance_of(influences, cluster) * (n - 1) / max(n - k, 1)


def rows_told(measured: Measured) -> dict[str, Any]:
    """As a row of a table."""
    low, high = measured.interval()
    joint_low, joint_high = measured.joint_interval()
    return {
        "value": measured.value,
        "std_error": measured.std_error,
        "low": low,
        "high": high,
        "joint_low": joint_low,
        "joint_high": joint_high,
    }


def together(values: Floats, covariance: Floats, confidence: float, freedom: float, seed: int) -> tuple[Measured, ...]:
    """Numbers that are told at once, each with the reach that holds all of them."""
    from causal.estimators.simultaneous import critical_value

    reach = critical_value(covariance, confidence, freedom, seed=seed)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return tuple(
        Measured(float(value), float(error), confidence, freedom, reach)
        for value, error in zip(values, errors, strict=True)
    )
