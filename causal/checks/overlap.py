"""Whether every unit had a chance of either arm: propensities by arm, effective sample sizes, what trimming took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats
from causal.estimators.estimate import PerArm
from causal.estimators.fit import Fit

BINS = 40


@dataclass(frozen=True)
class PropensityHistogram:
    """Units per bin of the propensity; `edges` has one number more than the counts."""

    edges: tuple[float, ...]
    control: tuple[int, ...]
    treated: tuple[int, ...]


@dataclass(frozen=True)
class OverlapSummary:
    """`effective_sample_size` per arm: (sum of weights) squared over the sum of squares (Kish 1965).

    `share_trimmed` of the units was left out. Without a propensity model the histogram and the extremes are None.
    `share_beyond`: units with a propensity below 0.1 or above 0.9 (Crump et al. 2009).
    """

    effective_sample_size: PerArm | None
    share_trimmed: float
    propensity_histogram: PropensityHistogram | None
    propensity_range: tuple[float, float] | None
    share_beyond: float | None
    largest_weight_share: float | None


def overlap(fit: Fit) -> OverlapSummary:
    """The summary of one fit."""
    sample = fit.sample
    sizes = largest = None
    if fit.weights is not None:
        arms = [fit.weights[~sample.treated], fit.weights[sample.treated]]
        sizes = PerArm(_effective(arms[0]), _effective(arms[1]), sample.control_level, sample.treated_level)
        largest = max(float(np.abs(arm).max() / max(abs(float(arm.sum())), 1e-300)) for arm in arms)
    if fit.propensity is None:
        return OverlapSummary(sizes, fit.share_trimmed, None, None, None, largest)
    edges = np.linspace(0.0, 1.0, BINS + 1)
    counts = [np.histogram(fit.propensity[arm], edges)[0] for arm in (~sample.treated, sample.treated)]
    return OverlapSummary(
        effective_sample_size=sizes,
        share_trimmed=fit.share_trimmed,
        propensity_histogram=PropensityHistogram(
            tuple(float(edge) for edge in edges),
            tuple(int(count) for count in counts[0]),
            tuple(int(count) for count in counts[1]),
        ),
        propensity_range=(float(fit.propensity.min()), float(fit.propensity.max())),
        share_beyond=float(((fit.propensity < 0.1) | (fit.propensity > 0.9)).mean()),
        largest_weight_share=largest,
    )


def _effective(weights: Floats) -> float:
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
