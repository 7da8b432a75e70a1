"""What the fit sees of the rows: their number, means and covariances, in one pass over blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import EstimationError, TooFewUnits

BLOCK = 200_000
_SCALES = 1e6
_DEPENDENT = 1e-10


@dataclass(frozen=True)
class Moments:
    """Of one group: `n` rows without a missing value, `mean` (p,), `covariance` (p, p) with divisor n."""

    n: int
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]


def moments_of(values: NDArray[np.float64]) -> Moments:
    """The moments of rows (n, p) without missing values; two passes, so that large means cost no digits."""
    n, width = values.shape
    total = np.zeros(width)
    for block in blocks(values):
        total += block.sum(axis=0)
    mean = total / n
    cross = np.zeros((width, width))
    for block in blocks(values):
        centred = block - mean
        cross += centred.T @ centred
    return Moments(n, mean, cross / n)


def blocks(values: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The rows in pieces that fit the cache's size."""
    for start in range(0, len(values), BLOCK):
        yield values[start : start + BLOCK]


def check_moments(found: Moments, names: Sequence[str], where: str = "") -> None:
    """Whether a model can be fitted to these moments.

    Raises TooFewUnits, or EstimationError that names the columns that are constant, of very unlike scale, or linearly
    dependent.
    """
    if found.n <= len(names):
        raise TooFewUnits(
            f"There are {found.n} rows without a missing value{where}, for {len(names)} columns: too few for their "
            "covariances. Use fewer columns, or more rows."
        )
    variances = np.diag(found.covariance)
    floor = (np.abs(found.mean) * 1e-12) ** 2
    constant = [name for name, each, least in zip(names, variances, floor, strict=True) if not each > least]
    if constant:
        raise EstimationError(
            f'"{constant[0]}" has one value only{where}: it covaries with nothing. Leave it out of the model.'
        )
    spread = np.sqrt(variances)
    if spread.max() > _SCALES * spread.min():
        large, small = names[int(spread.argmax())], names[int(spread.argmin())]
        raise EstimationError(
            f'"{large}" varies more than a million times as much as "{small}"{where}: the fit would lose its digits. '
            f'Write "{large}" in a larger unit, or "{small}" in a smaller one.'
        )
    _check_dependence(found.covariance / np.outer(spread, spread), names, where)


def _check_dependence(correlation: NDArray[np.float64], names: Sequence[str], where: str) -> None:
    roots, vectors = np.linalg.eigh(correlation)
    if roots[0] > _DEPENDENT:
        return
    weights = np.abs(vectors[:, 0])
    tied = [name for name, weight in zip(names, weights, strict=True) if weight > 0.05]
    listed = ", ".join(f'"{name}"' for name in tied)
    raise EstimationError(
        f"These columns determine one another{where}: {listed}. A covariance matrix of them cannot be inverted. "
        "Leave one of them out."
    )
