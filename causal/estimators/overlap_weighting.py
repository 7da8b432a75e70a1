"""Overlap weights: every unit counts by its chance of the arm that it did not get.

Li, Morgan and Zaslavsky (2018), JASA 113: 390-400. The effect is for those open to either arm: units count with
e(1 - e), e their propensity, so that no weight exceeds one. With a logistic propensity the weighted means of all its
columns are equal in both arms, exactly (their theorem 3). Errors by stacked estimating equations, the fitted score and
the population that it draws included: Li, Thomas and Li (2019), American Journal of Epidemiology 188: 250-257.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from causal.estimators import weighting
from causal.estimators.design import Sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method, Nuisance

NOTE = (
    "Overlap weighting answers for those open to either arm (units count the more, the more open it was which arm "
    "they got), not for everyone."
)


@dataclass(frozen=True)
class OverlapWeightingOptions:
    """`nuisance`: whether the standard error counts that the propensity was fitted."""

    nuisance: Nuisance = "estimated"


def fit(sample: Sample, options: OverlapWeightingOptions) -> Fit:
    """The arms' means with each unit weighted by its chance of the other arm."""
    found = weighting.fit(replace(sample, target="overlap"), weighting.WeightingOptions(nuisance=options.nuisance))
    return replace(found, notes=(NOTE,)) if sample.target == "everyone" else found


METHOD = Method(
    name="overlap_weighting",
    title="Overlap weighting",
    family="treatment_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.OverlapWeighting",
    summary="Weights every unit by its chance of the arm it did not get: an answer for those open to either arm.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The probability of treatment depends on the covariates as the logistic model says.",
        "The effect asked for is the one among units that could well have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=OverlapWeightingOptions,
    fit=fit,
    source="Li, Morgan and Zaslavsky 2018",
    has_propensity=True,
    targets=("everyone", "overlap"),
    population="overlap",
)
