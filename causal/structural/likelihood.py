"""The normal likelihood of a model, with its gradient and information; rows may lack values (full information).

A group's rows fall into patterns by which columns they have; each pattern adds its own marginal likelihood (Arbuckle
1996), and rows without a missing value are one. The gradient is Jöreskog's (1967), in the matrices of `implied.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import Implied, Layout, Matrix, derivatives, gradient, implied
from causal.structural.moments import Moments


@dataclass(frozen=True)
class Pattern:
    """Rows of one group that have the same columns: `columns` (q,) their places, and the moments over them."""

    columns: NDArray[np.intp]
    moments: Moments


@dataclass(frozen=True)
class Group:
    """What the likelihood sees of one group."""

    layout: Layout
    patterns: tuple[Pattern, ...]

    @property
    def n(self) -> int:
        """The rows of the group."""
        return sum(each.moments.n for each in self.patterns)


def deviance(groups: Sequence[Group], theta: Matrix) -> float:
    """-2 log-likelihood without its constant; infinite where an implied covariance is not positive definite."""
    try:
        points = [implied(group.layout, theta) for group in groups]
        return float(
            sum(_deviance(at, each) for group, at in zip(groups, points, strict=True) for each in group.patterns)
        )
    except np.linalg.LinAlgError:
        return float("inf")


def _deviance(at: Implied, pattern: Pattern) -> float:
    inside = np.ix_(pattern.columns, pattern.columns)
    root = np.linalg.cholesky(at.covariance[inside])
    spread = _spread(at, pattern)
    half = np.linalg.solve(root, spread)
    whitened = np.linalg.solve(root, half.T)
    return float(pattern.moments.n * (2 * np.log(np.diag(root)).sum() + np.trace(whitened)))


def _spread(at: Implied, pattern: Pattern) -> Matrix:
    """The mean square of the rows around the implied mean."""
    if not at.layout.means:
        return pattern.moments.covariance
    apart = pattern.moments.mean - at.mean[pattern.columns]
    return pattern.moments.covariance + np.outer(apart, apart)


def deviance_gradient(groups: Sequence[Group], theta: Matrix) -> Matrix:
    """The derivative of the deviance by theta; complex theta gives its complex continuation."""
    found = np.zeros_like(theta)
    for group in groups:
        at = implied(group.layout, theta)
        p = group.layout.observed
        by_covariance = np.zeros((p, p), dtype=theta.dtype)
        by_mean = np.zeros(p, dtype=theta.dtype)
        for pattern in group.patterns:
            inside, n = np.ix_(pattern.columns, pattern.columns), pattern.moments.n
            inverse = np.linalg.inv(at.covariance[inside])
            by_covariance[inside] += n * (inverse - inverse @ _spread(at, pattern) @ inverse)
            if group.layout.means:
                by_mean[pattern.columns] -= 2 * n * inverse @ (pattern.moments.mean - at.mean[pattern.columns])
        found += gradient(at, by_covariance, by_mean, len(theta))
    return found


def expected_information(groups: Sequence[Group], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The expected information (k, k) of all rows, given which values are missing."""
    size = len(theta)
    found = np.zeros((size, size))
    for group in groups:
        at = implied(group.layout, theta)
        by_covariance, by_mean = derivatives(at, size)
        for pattern in group.patterns:
            columns = pattern.columns
            root = np.linalg.inv(np.linalg.cholesky(at.covariance[np.ix_(columns, columns)]))
            turned = (root @ by_covariance[:, columns[:, None], columns] @ root.T).reshape(size, -1)
            shifted = by_mean[:, columns] @ root.T
            found += pattern.moments.n * (turned @ turned.T / 2 + shifted @ shifted.T)
    return found


def observed_information(groups: Sequence[Group], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minus the second derivative of the log-likelihood, from the gradient by the complex step."""
    step = 1e-20
    columns = []
    for place in range(len(theta)):
        moved = theta.astype(np.complex128)
        moved[place] += 1j * step
        columns.append(deviance_gradient(groups, moved).imag / step / 2)
    found = np.array(columns)
    return (found + found.T) / 2
