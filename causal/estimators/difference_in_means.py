"""The plain difference of the two arms' means.

Neyman (1923), translated in Statistical Science 5 (1990): 465-472; the variance of each mean with n - 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.estimators.design import Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method


@dataclass(frozen=True)
class DifferenceInMeansOptions:
    """No options: nothing is modelled."""


def fit(sample: Sample, options: DifferenceInMeansOptions) -> Fit:
    """The arms' means as they are; right where the treatment was randomised."""
    n, plain = len(sample), plain_difference(sample)
    influences, scores = [], []
    for arm, mean in zip((~sample.treated, sample.treated), plain.means, strict=True):
        size = int(arm.sum())
        residual = np.where(arm, sample.outcome - mean, 0.0) * (n / size)
        influences.append(residual * np.sqrt(size / (size - 1)))
        scores.append(residual)
    h = sample.target_weight
    nothing, share = np.zeros(n), float(h.mean())
    control, treated = (h * mean + score * share for mean, score in zip(plain.means, scores, strict=True))
    return replace(
        plain,
        influences=(influences[0], influences[1]),
        weights=np.ones(n),
        scores=ArmScores(control, treated, nothing, nothing, h),
    )


def plain_difference(sample: Sample) -> Fit:
    """The arms' means, and their covariance where no units belong together; nothing of each unit."""
    means, variances = [], []
    for arm in (~sample.treated, sample.treated):
        seen = sample.outcome[arm]
        mean = float(seen.mean())
        seen = seen - mean
        means.append(mean)
        variances.append(float(seen @ seen) / (len(seen) - 1) / len(seen))
    covariance = np.diag(variances) if sample.clusters is None else None
    return Fit(sample=sample, means=(means[0], means[1]), covariance=covariance)


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
