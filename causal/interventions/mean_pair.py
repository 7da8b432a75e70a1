"""A mean as it is beside the same mean under an intervention, with how they vary together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.errors import TooFewUnits
from causal.estimators.design import Floats
from causal.estimators.uncertainty import covariance_of_means


@dataclass(frozen=True)
class Overlap:
    """What the units know of a changed quantity.

    `effective_size`: so many units, weighted, stand where the change puts them; `beyond` (0 to 1): the share put where
    hardly any unit like them is; `largest` (0 to 1): the share of all weight that one unit has.
    """

    effective_size: float
    beyond: float
    largest: float


def overlap_note(overlap: Overlap, units: int) -> str:
    """What the weights are worth, in a sentence."""
    return (
        f"In effect {round(overlap.effective_size):,} of the {units:,} units tell what the change does; the fewer they "
        "are, the more rests on the model of the outcome."
    )


def overlap_of(weights: Floats, beyond: float) -> Overlap:
    """Of weights (n,), none negative."""
    total, squares = float(weights.sum()), float(weights @ weights)
    if squares == 0:  # so far away that no weight is left
        return Overlap(0.0, beyond, 1.0)
    return Overlap(total**2 / squares, beyond, float(weights.max()) / total)


@dataclass(frozen=True)
class IdentifiedMean:
    """The mean as it is and under the intervention, of the same `units`, with their (2, 2) covariance.

    `method` says in words how; `adjusted_for` what stands for like with like; `overlap` is of a changed quantity.
    """

    baseline: float
    outcome: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    units: int
    method: str
    adjusted_for: tuple[str, ...]
    degrees_of_freedom: float = math.inf
    notes: tuple[str, ...] = ()
    overlap: Overlap | None = None

    @property
    def difference(self) -> float:
        """The mean under the intervention minus as it is."""
        return self.outcome - self.baseline

    @property
    def std_error(self) -> float:
        """Of the difference."""
        (first, cross), (_, second) = self.covariance
        return math.sqrt(max(first + second - 2 * cross, 0.0))

    @property
    def outcome_std_error(self) -> float:
        """Of the mean under the intervention."""
        return math.sqrt(max(self.covariance[1][1], 0.0))

    def with_more_variance(self, variance: float) -> IdentifiedMean:
        """The same mean, where the outcome under the intervention is so much less sure than the influences say."""
        (first, cross), (_, second) = self.covariance
        return replace(self, covariance=((first, cross), (cross, second + variance)))


@dataclass(frozen=True, eq=False)
class Influenced:
    """Both means with their influences (n,), as they are and under the change."""

    baseline: float
    outcome: float
    influences: tuple[Floats, Floats]
    clusters: NDArray[np.int64] | None
    method: str
    notes: tuple[str, ...]


def summed_up(
    found: Influenced, adjusted_for: tuple[str, ...], degrees_of_freedom: float | None = None
) -> IdentifiedMean:
    """The means with their covariance; with clusters the degrees of freedom are their number less one."""
    first, second = covariance_of_means(found.influences, found.clusters).tolist()
    if degrees_of_freedom is None:
        degrees_of_freedom = math.inf if found.clusters is None else float(found.clusters.max())
    return IdentifiedMean(
        baseline=found.baseline,
        outcome=found.outcome,
        covariance=((first[0], first[1]), (second[0], second[1])),
        units=len(found.influences[0]),
        method=found.method,
        adjusted_for=adjusted_for,
        degrees_of_freedom=degrees_of_freedom,
        notes=found.notes,
    )


def covariance_of_all(influences: Floats, clusters: NDArray[np.int64] | None) -> Floats:
    """(k, k) covariance of several means by their influences (n, k), as `summed_up` has it of two.

    Raises TooFewUnits for a single cluster.
    """
    n, factor = len(influences), 1.0
    if clusters is not None:
        count = int(clusters.max()) + 1
        if count < 2:
            raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
        influences = np.column_stack([np.bincount(clusters, each, minlength=count) for each in influences.T])
        factor = count / (count - 1)
    return np.asarray(factor * (influences.T @ influences) / n**2)
