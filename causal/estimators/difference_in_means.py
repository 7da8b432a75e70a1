"""The plain difference of the two arms' means.

Neyman (1923), translated in Statistical Science 5 (1990): 465-472; the variance of each mean with n - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method


@dataclass(frozen=True)
class DifferenceInMeansOptions:
    """No options: nothing is modelled."""


def fit(sample: Sample, options: DifferenceInMeansOptions) -> Fit:
    """The arms' means as they are; right where the treatment was randomised."""
    n = len(sample)
    means, influences, scores = [], [], []
    for arm in (~sample.treated, sample.treated):
        size = int(arm.sum())
        mean = float(sample.outcome[arm].mean())
        residual = np.where(arm, sample.outcome - mean, 0.0) * (n / size)
        means.append(mean)
        influences.append(residual * np.sqrt(size / (size - 1)))
        scores.append(residual)
    h = sample.target_weight
    nothing = np.zeros(n)
    return Fit(
        sample=sample,
        means=(means[0], means[1]),
        influences=(influences[0], influences[1]),
        weights=np.ones(n),
        scores=ArmScores(h * means[0] + scores[0] * h.mean(), h * means[1] + scores[1] * h.mean(), nothing, nothing, h),
    )


METHOD = Method(
    name="difference_in_means",
    title="Difference in means",
    family="as_is",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.DifferenceInMeans",
    summary="Compares the two arms as they are, without adjusting for anything.",
    assumes=(
        "The treatment was given at random: nothing that affects the outcome also decides who is treated.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=DifferenceInMeansOptions,
    fit=fit,
    source="Neyman 1923; Welch's variance",
    adjusts=False,
    ranks=True,
    targets=("everyone", "treated", "untreated", "overlap"),
)
