"""The two ends that a model is compared with: unrestricted moments, and columns that are not related.

With missing values the unrestricted moments are the EM algorithm's (Orchard and Woodbury 1972; Dempster, Laird and
Rubin 1977), started from each column's own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causal.errors import EstimationError
from causal.structural.likelihood import Pattern
from causal.structural.moments import Moments

_STEPS = 5_000
_DONE = 1e-10


def unrestricted(patterns: Sequence[Pattern], width: int) -> Moments:
    """The moments (width columns) of greatest likelihood; those of the rows where none is missing.

    Raises EstimationError where they cannot be found.
    """
    n = sum(each.moments.n for each in patterns)
    if len(patterns) == 1 and len(patterns[0].columns) == width:
        return patterns[0].moments
    mean, covariance = _pairwise(patterns, width)
    for _ in range(_STEPS):
        sums, squares = _expected(patterns, mean, covariance)
        moved_mean = sums / n
        moved = squares / n - np.outer(moved_mean, moved_mean)
        spread = np.sqrt(np.diag(moved))
        change = max(
            float(np.abs((moved_mean - mean) / spread).max()),
            float(np.abs((moved - covariance) / np.outer(spread, spread)).max()),
        )
        mean, covariance = moved_mean, moved
        if change < _DONE:
            return Moments(n, mean, covariance)
    raise EstimationError(
        "The means and covariances could not be found from the rows with missing values: some pair of columns is "
        "almost never seen together. Leave one of them out, or use complete rows only."
    )


def _pairwise(patterns: Sequence[Pattern], width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each column's own mean and variance; no covariances, so that it is positive definite."""
    count, total, square = np.zeros(width), np.zeros(width), np.zeros(width)
    for each in patterns:
        moments = each.moments
        count[each.columns] += moments.n
        total[each.columns] += moments.n * moments.mean
        square[each.columns] += moments.n * (np.diag(moments.covariance) + moments.mean**2)
    mean = total / count
    return mean, np.diag(square / count - mean**2)


def _expected(
    patterns: Sequence[Pattern], mean: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums and sums of products that all rows would have, expected given what each row shows."""
    width = len(mean)
    sums, squares = np.zeros(width), np.zeros((width, width))
    for each in patterns:
        seen, moments = each.columns, each.moments
        hidden = np.setdiff1d(np.arange(width), seen)
        slopes = np.zeros((width, len(seen)))
        slopes[seen, np.arange(len(seen))] = 1.0
        slopes[hidden] = np.linalg.solve(covariance[np.ix_(seen, seen)], covariance[np.ix_(seen, hidden)]).T
        left_over = covariance - slopes @ covariance[seen]
        left_over[seen] = left_over[:, seen] = 0.0
        level = mean + slopes @ (moments.mean - mean[seen])
        sums += moments.n * level
        squares += moments.n * (slopes @ moments.covariance @ slopes.T + np.outer(level, level) + left_over)
    return sums, squares


def deviance_of(patterns: Sequence[Pattern], at: Moments, means: bool) -> float:
    """-2 log-likelihood of the rows under these moments, without its constant; without means, around each row's own."""
    found = 0.0
    for each in patterns:
        covariance = at.covariance[np.ix_(each.columns, each.columns)]
        spread = each.moments.covariance
        if means:
            apart = each.moments.mean - at.mean[each.columns]
            spread = spread + np.outer(apart, apart)
        logarithm = float(np.linalg.slogdet(covariance)[1])
        found += each.moments.n * (logarithm + float(np.trace(np.linalg.solve(covariance, spread))))
    return found


def unrelated(patterns: Sequence[Pattern], seen: Moments, together: Sequence[int]) -> Moments:
    """The moments in which only the columns `together` (the exogenous ones) covary."""
    mean, covariance = (
        (seen.mean, np.diag(np.diag(seen.covariance))) if len(patterns) == 1 else _pairwise(patterns, len(seen.mean))
    )
    inside = np.ix_(list(together), list(together))
    covariance[inside] = seen.covariance[inside]
    return Moments(seen.n, mean, covariance)
