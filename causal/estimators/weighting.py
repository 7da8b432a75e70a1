"""Inverse probability weighting.

Hájek's normalised means; errors through the fitted score by stacked estimating equations: Lunceford and Davidian
(2004), Statistics in Medicine 23: 2937-2960. With the score taken as known: Hernán and Robins, chapter 12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from causal.estimators.design import Floats, Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method, Nuisance
from causal.estimators.nuisance import fit_propensity
from causal.estimators.propensity import (
    optimal_trim,
    target_tilt,
    target_tilt_slope,
    target_weight_slopes,
    target_weights,
    trim_and_fit,
)


@dataclass(frozen=True)
class WeightingOptions:
    """`normalised`: weights of each arm add up to one (Hájek), else Horvitz-Thompson; `trim`: leave out units whose
    propensity is below it or above one minus it, or above `trim_above` where that is given; `trim_rule` "optimal" finds
    that bound by Crump's rule instead.

    Stabilised weights, those of an arm times its share of units, have no option: between two arms the share cancels,
    and normalised means are the same with them.
    """

    normalised: bool = True
    trim: float = 0.0
    trim_above: float | None = None
    trim_rule: Literal["given", "optimal"] = "given"
    nuisance: Nuisance = "estimated"


def fit(sample: Sample, options: WeightingOptions) -> Fit:
    """The arms' means with each unit weighted to the target population."""
    trim, above, notes = options.trim, options.trim_above, tuple[str, ...]()
    if options.trim_rule == "optimal":
        trim = optimal_trim("Weighting", sample, fit_propensity(sample).fitted)
        above, notes = None, (_told(trim),)
    sample, propensity, trimmed = trim_and_fit("Weighting", sample, trim, above)

    def through_the_score(direction: Floats) -> Floats:
        return propensity.influence(sample.model, direction)

    fitted_score = through_the_score if options.nuisance == "estimated" else None
    found = weighted_means(sample, propensity.fitted, fitted_score, options.normalised)
    return replace(found, share_trimmed=trimmed, notes=notes)


def _told(bound: float) -> str:
    """What Crump's rule does."""
    if bound == 0:
        return "Crump's rule leaves out no unit: every one makes the estimate more precise."
    return f"Crump's rule leaves out propensities beyond {bound:.3g}, which would cost more precision than they give."


def weighted_means(
    sample: Sample, propensity: Floats, influence: Callable[[Floats], Floats] | None, normalised: bool = True
) -> Fit:
    """The arms' means weighted by a logistic propensity (n,), however its coefficients were fitted.

    `influence` gives (n,) what that fit adds to an answer whose derivative by the coefficients is (p,); None: nothing,
    the propensity is taken as known.
    """
    h, n = target_tilt(sample, propensity), len(sample)
    leaning = target_tilt_slope(sample, propensity)
    weights = target_weights(sample, propensity)
    slopes = target_weight_slopes(sample, propensity)
    means, influences, scores, corrections = [], [], [], []
    for weight, slope in zip(weights, slopes, strict=True):
        size = float(weight.mean()) if normalised else float(h.mean())
        mean = float(weight @ sample.outcome) / n / size
        centre = mean if normalised else 0.0
        score = weight * (sample.outcome - centre) / size
        correction = np.zeros(n)
        if influence is not None:
            pull = slope * (sample.outcome - centre) - (0.0 if normalised else leaning * mean)
            correction = influence(sample.model.T @ pull / n / size)
        offset = 0.0 if normalised else h * mean / size
        means.append(mean)
        influences.append(score - offset + correction)
        scores.append((h * centre + score * h.mean()) if normalised else score * h.mean())
        corrections.append(correction * h.mean())
    return Fit(
        sample=sample,
        means=(means[0], means[1]),
        influences=(influences[0], influences[1]),
        weights=weights[0] + weights[1],
        propensity=propensity,
        scores=None
        if sample.target == "overlap"
        else ArmScores(scores[0], scores[1], corrections[0], corrections[1], h),
    )


METHOD = Method(
    name="weighting",
    title="Weighting by propensity",
    family="treatment_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Weighting",
    summary="Weights every unit by the inverse of its probability of the arm it had, so that the arms look alike.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The probability of treatment depends on the covariates as the logistic model says.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=WeightingOptions,
    fit=fit,
    source="Hájek 1971; Lunceford and Davidian 2004",
    has_propensity=True,
    targets=("everyone", "treated", "untreated", "overlap"),
)
