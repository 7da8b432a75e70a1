"""Targeted maximum likelihood: predicted outcomes, moved until the weighted residuals of each arm are nil.

Van der Laan and Rubin (2006), International Journal of Biostatistics 2(1), article 11; numeric outcomes scaled to
[0, 1] and moved on the logistic scale, so that no mean leaves the outcome's range: Gruber and van der Laan (2010),
ibid. 6(1), article 26. The weights multiply the likelihood and one intercept per arm moves (R's tmle, `target.gwt`).
With a learner the predictions are cross-fitted: Zheng and van der Laan (2011), in Targeted Learning, chapter 27.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from causal.estimators.cross_fitting import Nuisances
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.fit import Fit, fit_of_scores
from causal.estimators.learners import Learner
from causal.estimators.learnt import fit_repeatedly
from causal.estimators.method import Method, Nuisance
from causal.estimators.nuisance import LinearIndex, fit_arm, require_predictable
from causal.estimators.propensity import target_weight_slopes, target_weights, trim_and_fit

EDGE = 1e-9
"""Predictions keep this distance from the ends of the outcome's range, just enough to have log odds: R's tmle keeps
0.0005, which would wipe out the model of an outcome that is rare, or whose largest values are far from the others."""


@dataclass(frozen=True)
class TmleOptions:
    """`trim`: leave out units whose propensity is below it or above one minus it, or above `trim_above`.

    `learner`: "parametric" models fitted on all units; the others learn in `folds` what they predict for the fold left
    out, "best" by a combination of all; `repeats`: so many splits into folds, summed up by the median.
    """

    trim: float = 0.0
    trim_above: float | None = None
    nuisance: Nuisance = "estimated"
    learner: Learner = "parametric"
    folds: int = 5
    repeats: int = 1


@dataclass(frozen=True, eq=False)
class Targeted:
    """Predictions of one arm's outcome after the move.

    `fitted` (n,) in units of the outcome; `slope` (n,) their derivative by the index that moved; `inside` (n,) flags
    where the first prediction was within the range, and so counts.
    """

    fitted: Floats
    slope: Floats
    inside: Flags


def fit(sample: Sample, options: TmleOptions) -> Fit:
    """The arms' means of the targeted predictions over the target population."""
    if options.learner != "parametric":
        splits = options.learner, options.folds, options.repeats
        return fit_repeatedly("TMLE", sample, *splits, (options.trim, options.trim_above), _of_learnt)
    sample, propensity, trimmed = trim_and_fit("TMLE", sample, options.trim, options.trim_above)
    require_predictable(sample)
    h = sample.target_weight
    weights = target_weights(sample, propensity.fitted)
    slopes = target_weight_slopes(sample, propensity.fitted)
    means, scores, corrections = [], [], []
    for place, arm in enumerate((~sample.treated, sample.treated)):
        weight = weights[place]
        first = fit_arm(sample, place)
        targeted = target(sample, first.fitted, weight)
        residual = np.where(arm, sample.outcome - targeted.fitted, 0.0)
        mean = float(h @ targeted.fitted) / h.sum()
        score = h * targeted.fitted + weight * residual
        correction = np.zeros(len(sample))
        if options.nuisance == "estimated":
            correction = _of_the_models(sample, propensity, first, targeted, h, (weight, slopes[place]), residual)
        means.append(mean)
        scores.append(score)
        corrections.append(correction)
    return fit_of_scores(sample, h, means, scores, corrections, weights, propensity.fitted, trimmed)


def _of_learnt(sample: Sample, nuisances: Nuisances) -> Fit:
    """The predictions of all folds moved together; the influence is that of known nuisances."""
    h, chance = sample.target_weight, nuisances.propensity
    weights = target_weights(sample, chance)
    means, scores = [], []
    for fitted, weight in zip(nuisances.outcomes, weights, strict=True):
        moved = target(sample, fitted, weight).fitted
        mean = float(h @ moved / h.sum())
        score = h * moved + weight * (sample.outcome - moved)
        means.append(mean)
        scores.append(score)
    return fit_of_scores(sample, h, means, scores, [np.zeros(len(sample))] * 2, weights, chance)


def target(sample: Sample, fitted: Floats, weight: Floats) -> Targeted:
    """The predictions `fitted` (n,) of an arm moved until the residuals, weighted, add up to nothing.

    `weight` (n,) carries the arm to the target population, and is zero outside the arm.
    """
    low, high = float(sample.outcome.min()), float(sample.outcome.max())
    span = high - low
    scaled = (fitted - low) / span
    inside = (scaled > EDGE) & (scaled < 1 - EDGE)
    index = logit(np.clip(scaled, EDGE, 1 - EDGE))
    chosen = weight != 0
    seen = (sample.outcome[chosen] - low) / span
    if np.ptp(seen) == 0 and seen[0] in (0.0, 1.0):  # no finite move would reach the end of the range
        return Targeted(np.full(len(fitted), low + span * seen[0]), np.zeros(len(fitted)), inside)
    moved = expit(index + _move(index[chosen], seen, weight[chosen]))
    return Targeted(low + span * moved, span * moved * (1 - moved), inside)


def _move(index: Floats, seen: Floats, weight: Floats) -> float:
    """The intercept at which the weighted score is nil: Newton's method, kept between bounds that close in."""
    weight = weight / weight.sum()
    low, high, move = -40.0, 40.0, 0.0
    for _ in range(100):
        mean = expit(index + move)
        score = float(weight @ (seen - mean))
        if abs(score) < 1e-15:
            break
        low, high = (move, high) if score > 0 else (low, move)
        slope = float(weight @ (mean * (1 - mean)))
        step = move + score / slope if slope > 0 else np.inf
        new = step if low < step < high else (low + high) / 2
        if new == move:
            break
        move = new
    return move


def _of_the_models(
    sample: Sample,
    propensity: LinearIndex,
    first: LinearIndex,
    targeted: Targeted,
    h: Floats,
    weighting: tuple[Floats, Floats],
    residual: Floats,
) -> Floats:
    """(n,) what the fitted models and the move add to the influence of the mean beyond the weighted residual.

    `weighting`: the weights and their derivatives by the propensity's index.
    """
    n = len(sample)
    weight, slope = weighting
    reach = float(weight @ targeted.slope)
    if reach == 0:
        return np.zeros(n)
    ratio = float(h @ targeted.slope) / reach
    by_first = (h - ratio * weight) * targeted.slope * _index_slope(sample, first, targeted)
    by_propensity = ratio * slope * residual
    correction = (ratio - 1) * weight * residual
    correction += first.influence(sample.model, sample.model.T @ by_first / n)
    return correction + propensity.influence(sample.model, sample.model.T @ by_propensity / n)


def _index_slope(sample: Sample, first: LinearIndex, targeted: Targeted) -> Floats:
    """(n,) derivative of the first prediction's logit by the model's index."""
    if first.slope is not None:
        return targeted.inside.astype(np.float64)
    span = float(np.ptp(sample.outcome))
    scaled = np.clip((first.fitted - sample.outcome.min()) / span, EDGE, 1 - EDGE)
    return np.asarray(targeted.inside / (span * scaled * (1 - scaled)))


METHOD = Method(
    name="tmle",
    title="Targeted maximum likelihood (TMLE)",
    family="both_models",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Tmle",
    summary="Predicts outcomes, then moves the predictions until each arm's weighted residuals are nil: right if "
    "either of the two models is, and never outside the outcome's range.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The model of the treatment or the model of the outcome is right; not necessarily both.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=TmleOptions,
    fit=fit,
    source="van der Laan and Rubin 2006; Gruber and van der Laan 2010",
    has_propensity=True,
    ranks=True,
)
