"""Augmented inverse probability weighting: right if either the propensity or the outcome model is.

Robins, Rotnitzky and Zhao (1994), JASA 89: 846-866; for those treated: Hahn (1998), Econometrica 66: 315-331.
The influence includes the fitted models, so the interval holds too where only one of them is right. With a learner it
is cross-fitted: Chernozhukov et al. (2018), Econometrics Journal 21: C1-C68.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import Sample
from causal.estimators.fit import Fit, fit_of_scores
from causal.estimators.learners import Learner
from causal.estimators.learnt import augmented, fit_repeatedly
from causal.estimators.method import Method, Nuisance
from causal.estimators.nuisance import require_predictable
from causal.estimators.outcome_model import OutcomeModel, fit_arm_as
from causal.estimators.propensity import (
    target_tilt,
    target_tilt_slope,
    target_weight_slopes,
    target_weights,
    trim_and_fit,
)


@dataclass(frozen=True)
class DoublyRobustOptions:
    """`trim`: leave out units whose propensity is below it or above one minus it, or above `trim_above`.

    `learner`: "parametric" models fitted on all units; the others learn in `folds` what they predict for the fold left
    out, "best" by a combination of all; `repeats`: so many splits into folds, summed up by the median.
    `outcome_model` of parametric models: "automatic" is logistic for a yes-or-no outcome, else linear; "poisson" is
    log-linear, for counts.
    """

    trim: float = 0.0
    trim_above: float | None = None
    nuisance: Nuisance = "estimated"
    learner: Learner = "parametric"
    folds: int = 5
    repeats: int = 1
    outcome_model: OutcomeModel = "automatic"


def fit(sample: Sample, options: DoublyRobustOptions) -> Fit:
    """The arms' means from predicted outcomes, corrected by the weighted residuals."""
    if options.learner != "parametric":
        if options.outcome_model != "automatic":
            raise OptionProblem("Doubly robust: a learner models the outcome its own way. Take one of the two back.")
        splits = options.learner, options.folds, options.repeats
        return fit_repeatedly("Doubly robust", sample, *splits, (options.trim, options.trim_above), augmented)
    sample, propensity, trimmed = trim_and_fit("Doubly robust", sample, options.trim, options.trim_above)
    h, n = target_tilt(sample, propensity.fitted), len(sample)
    leaning = target_tilt_slope(sample, propensity.fitted)
    require_predictable(sample, h if sample.target == "overlap" else None)
    share = float(h.mean())
    weights = target_weights(sample, propensity.fitted)
    slopes = target_weight_slopes(sample, propensity.fitted)
    means, scores, corrections = [], [], []
    for place in (0, 1):
        weight = weights[place]
        outcome = fit_arm_as(sample, place, options.outcome_model)
        score = h * outcome.fitted + weight * outcome.residual
        mean = float(score.mean()) / share
        correction = np.zeros(n)
        if options.nuisance == "estimated":
            pull = slopes[place] * outcome.residual + leaning * (outcome.fitted - mean)
            by_propensity = sample.model.T @ pull / n
            by_outcome = sample.model.T @ outcome.slope_times(h - weight) / n
            correction = propensity.influence(sample.model, by_propensity)
            correction += outcome.influence(sample.model, by_outcome)
        means.append(mean)
        scores.append(score)
        corrections.append(correction)
    return fit_of_scores(sample, h, means, scores, corrections, weights, propensity.fitted, trimmed)


METHOD = Method(
    name="doubly_robust",
    title="Doubly robust",
    family="both_models",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.DoublyRobust",
    summary="Predicts outcomes and corrects them by weighting: right if either of the two models is.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The model of the treatment or the model of the outcome is right; not necessarily both.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=DoublyRobustOptions,
    fit=fit,
    source="Robins, Rotnitzky and Zhao 1994",
    has_propensity=True,
    ranks=True,
    targets=("everyone", "treated", "untreated", "overlap"),
)
