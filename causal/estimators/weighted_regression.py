"""Inverse-probability-weighted regression adjustment: outcome models fitted with the weights, then standardised.

Wooldridge (2007), Journal of Econometrics 141: 1281-1301; Stata's `teffects ipwra`. Errors by stacked estimating
equations. Its outcome models stay linear or logistic: with weights learnt flexibly they would have to be right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats, Sample
from causal.estimators.fit import Fit, fit_of_scores
from causal.estimators.method import Method, Nuisance
from causal.estimators.nuisance import LinearIndex, fit_weighted_outcome, require_predictable
from causal.estimators.propensity import target_weight_slopes, target_weights, trim_and_fit


@dataclass(frozen=True)
class WeightedRegressionOptions:
    """`trim`: leave out units whose propensity is below it or above one minus it, or above `trim_above`."""

    trim: float = 0.0
    trim_above: float | None = None
    nuisance: Nuisance = "estimated"


def fit(sample: Sample, options: WeightedRegressionOptions) -> Fit:
    """The arms' means from outcome models in which each unit counts as its weight says."""
    sample, propensity, trimmed = trim_and_fit("Weighted regression", sample, options.trim, options.trim_above)
    require_predictable(sample)
    h = sample.target_weight
    weights = target_weights(sample, propensity.fitted)
    slopes = target_weight_slopes(sample, propensity.fitted)
    means, scores, corrections = [], [], []
    for weight, slope in zip(weights, slopes, strict=True):
        outcome = fit_weighted_outcome(sample, weight / weight.mean())
        residual = outcome.residual * weight.mean()
        mean = float(h @ outcome.fitted) / h.sum()
        score = h * outcome.fitted + residual
        correction = np.zeros(len(sample))
        if options.nuisance == "estimated":
            correction = _of_the_models(sample, propensity, outcome, h, weight, slope) - residual
        means.append(mean)
        scores.append(score)
        corrections.append(correction)
    return fit_of_scores(sample, h, means, scores, corrections, weights, propensity.fitted, trimmed)


def _of_the_models(
    sample: Sample, propensity: LinearIndex, outcome: LinearIndex, h: Floats, weight: Floats, slope: Floats
) -> Floats:
    """(n,) what the two fitted models add to the influence of the mean (times the target's share)."""
    direction = sample.model.T @ outcome.slope_times(h) / len(sample)
    pull = sample.model @ (outcome.bread @ direction)
    unweighted = np.where(weight != 0, sample.outcome - outcome.fitted, 0.0)
    by_propensity = sample.model.T @ (slope / weight.mean() * unweighted * pull) / len(sample)
    return outcome.residual * pull + propensity.influence(sample.model, by_propensity)


METHOD = Method(
    name="weighted_regression",
    title="Weighted regression",
    family="both_models",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.WeightedRegression",
    summary="Predicts outcomes by models in which units count as their weights say: right if either model is.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The model of the treatment or the model of the outcome is right; not necessarily both.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=WeightedRegressionOptions,
    fit=fit,
    source="Wooldridge 2007 (IPWRA)",
    has_propensity=True,
    ranks=True,
)
