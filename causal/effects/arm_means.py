"""The mean outcome of every arm from one joint fit, with each unit's influence; with two arms, `answer`'s digits.

Joint influences: Cattaneo (2010), Journal of Econometrics 155: 138-154. The formulas, and the options, are those of the
two-arm files in causal/estimators, written for K arms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causal.effects.arm_weights import ArmSample, ArmWeights, trim_arms, weigh
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.design import Floats
from causal.estimators.few_clusters import MOST_CLUSTERS, reduce_bias
from causal.estimators.nuisance import LinearIndex, inverse_of
from causal.estimators.outcome_model import OutcomeModel, fit_outcome_as


@dataclass(frozen=True, eq=False)
class ArmMeans:
    """`means` (K,), their `covariance` (K, K), and the degrees of freedom of every pair's difference (K, K).

    `effective_sizes` (K,) and `smallest_chances` (K,), NaN where the method weights nothing; `units` are those kept
    after trimming, `influences` (n, K) theirs on the means.
    """

    units: ArmSample
    means: Floats
    covariance: Floats
    degrees_of_freedom: Floats
    effective_sizes: Floats
    smallest_chances: Floats
    influences: Floats


def difference_in_means(units: ArmSample, options: Any) -> ArmMeans:
    """The arms' means as they are."""
    n = len(units.arm)
    means, influences = [], []
    for place in range(len(units.levels)):
        inside = units.arm == place
        size = int(inside.sum())
        mean = float(units.sample.outcome[inside].mean())
        means.append(mean)
        influences.append(np.where(inside, units.sample.outcome - mean, 0.0) * (n / size) * np.sqrt(size / (size - 1)))
    return _by_influence(units, means, influences, None)


def standardisation(units: ArmSample, options: Any) -> ArmMeans:
    """A model of the outcome per arm, predicted for the whole target population."""
    h = units.target_weight
    share = float(h.mean())
    means, influences = [], []
    for place in range(len(units.levels)):
        outcome = _outcome_of(units, place, h, options.outcome_model)
        mean = float(h @ outcome.fitted) / h.sum()
        direction = units.sample.model.T @ outcome.slope_times(h) / len(h)
        means.append(mean)
        influences.append((h * (outcome.fitted - mean) + outcome.influence(units.sample.model, direction)) / share)
    return _by_influence(units, means, influences, None)


def weighting(units: ArmSample, options: Any) -> ArmMeans:
    """Each arm weighted to the target population by the inverse of its chance; normalised, weights sum up to one."""
    units = trim_arms("Weighting", units, options.trim)
    weights = weigh(units)
    outcome, n = units.sample.outcome, len(units.arm)
    means, influences = [], []
    for place in range(len(units.levels)):
        weight, slopes = weights.of(place)
        size = float(weight.mean()) if options.normalised else float(weights.tilt.mean())
        mean = float(weight @ outcome) / n / size
        centre = mean if options.normalised else 0.0
        offset = 0.0 if options.normalised else weights.tilt * mean / size
        leaning = 0.0 if options.normalised else weights.leaning * mean
        correction = _of_the_chances(weights, options, (slopes * (outcome - centre) - leaning) / size)
        means.append(mean)
        influences.append(weight * (outcome - centre) / size - offset + correction)
    return _by_influence(units, means, influences, weights)


def doubly_robust(units: ArmSample, options: Any) -> ArmMeans:
    """Predicted outcomes corrected by the weighted residuals, for every arm."""
    units = trim_arms("Doubly robust", units, options.trim)
    weights = weigh(units)
    model, n, h = units.sample.model, len(units.arm), weights.tilt
    share = float(h.mean())
    means, influences = [], []
    for place in range(len(units.levels)):
        outcome = _outcome_of(units, place, h, options.outcome_model)
        weight, slopes = weights.of(place)
        score = h * outcome.fitted + weight * outcome.residual
        mean = float(score.mean()) / share
        pull = slopes * outcome.residual + weights.leaning * (outcome.fitted - mean)
        correction = _of_the_chances(weights, options, pull)
        if options.nuisance == "estimated":
            by_outcome = model.T @ outcome.slope_times(h - weight) / n
            correction = correction + outcome.influence(model, by_outcome)
        means.append(mean)
        influences.append((score - h * mean + correction) / share)
    return _by_influence(units, means, influences, weights)


def regression(units: ArmSample, options: Any) -> ArmMeans:
    """Least squares of the outcome on the arms and the covariates; HC2, with clusters CR2, or classical errors."""
    if options.std_error == "classical" and units.sample.clusters is not None:
        raise OptionProblem('Regression: classical errors know no clusters. Choose std_error="HC2", or no cluster.')
    sample, h, count = units.sample, units.target_weight, len(units.levels)
    n, p, share = len(sample), sample.model.shape[1], float(h.mean())
    chosen = sample.model[:, list(sample.modifiers)]
    effects = np.column_stack([np.ones(n), chosen - h @ chosen / h.sum()])
    width = effects.shape[1]
    design = np.column_stack([sample.model, *(effects * (units.arm == k)[:, None] for k in range(1, count))])
    bread = inverse_of(design.T @ design / n)
    coefficients = bread @ (design.T @ sample.outcome) / n
    residual = sample.outcome - design @ coefficients
    leverage = np.einsum("ij,ij->i", design @ bread, design) / n
    scaled = residual / np.sqrt(np.maximum(1 - leverage, 1e-12))
    directions = np.zeros((count, design.shape[1]))
    directions[:, :p] = h @ sample.model / (n * share)
    for k in range(1, count):
        directions[k, p + (k - 1) * width] = 1.0  # the modifiers are centred at the target's means
    under_control = sample.model @ coefficients[:p]
    fitted = [
        under_control + (effects @ coefficients[p + (k - 1) * width : p + k * width] if k else 0.0)
        for k in range(count)
    ]
    means = np.array([float(h @ each) / (n * share) for each in fitted])
    spreads = [h * (each - mean) / share for each, mean in zip(fitted, means, strict=True)]
    if options.std_error == "classical":
        spread = np.array(spreads)
        variance = float(residual @ residual) / (n - int((np.diag(bread) > 0).sum()))
        covariance = variance * (directions @ bread @ directions.T) / n + spread @ spread.T / n**2
        return replace(_by_influence(units, list(means), spreads, None), covariance=covariance)
    factor, freedom = 1.0, np.full((count, count), math.inf)
    if sample.clusters is not None and 1 < (clusters := int(sample.clusters.max()) + 1) <= MOST_CLUSTERS:
        pairs = directions[:, None] - directions[None]
        reduced = reduce_bias(design, bread, residual, sample.clusters, pairs.reshape(count * count, -1))
        scaled, freedom = reduced.residual, reduced.degrees_of_freedom.reshape(count, count)
        factor = np.sqrt((clusters - 1) / clusters)  # CR2 has no further factor; the spread keeps its own
        spreads = [each / factor for each in spreads]
    influences = [
        factor * (spread + scaled * (design @ (bread @ direction)))
        for spread, direction in zip(spreads, directions, strict=True)
    ]
    found = _by_influence(units, list(means), influences, None)
    return found if factor == 1.0 else replace(found, degrees_of_freedom=freedom)


MODELS: dict[str, Callable[[ArmSample, Any], ArmMeans]] = {
    "difference_in_means": difference_in_means,
    "regression": regression,
    "standardisation": standardisation,
    "weighting": weighting,
    "doubly_robust": doubly_robust,
}
"""The methods that fit all arms at once, by the names of the registry."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "difference_in_means": (),
    "regression": ("std_error",),
    "standardisation": ("outcome_model",),
    "weighting": ("normalised", "trim", "nuisance"),
    "doubly_robust": ("trim", "nuisance", "outcome_model"),
}
"""Those options of each that hold for many arms too."""


def model_named(name: str) -> Callable[[ArmSample, Any], ArmMeans]:
    """The function for a method's name.

    Raises OptionProblem.
    """
    if name not in MODELS:
        raise OptionProblem(f'"{name}" compares two arms only. Many arms at once are compared by: {", ".join(MODELS)}.')
    return MODELS[name]


def _of_the_chances(weights: ArmWeights, options: Any, pull: Floats) -> Floats:
    """(n,) what the fitted chances add to an influence; `pull` (K - 1, n) is the answer's derivative by each index."""
    n = len(weights.tilt)
    if options.nuisance == "known":
        return np.zeros(n)
    return weights.chances.influence(weights.units.sample.model, pull @ weights.units.sample.model / n)


def _outcome_of(units: ArmSample, place: int, h: Floats, model: OutcomeModel) -> LinearIndex:
    """The outcome's model in one arm; refused where its units do not determine the mean of the target `h` (n,)."""
    inside = units.arm == place
    block = units.sample.model[inside]
    gram = block.T @ block
    asked = h @ units.sample.model / h.sum()
    left = asked - gram @ (inverse_of(gram) @ asked)
    if np.abs(left).max() > 1e-6:
        name = units.sample.names[int(np.argmax(np.abs(left)))]
        raise CovariateProblem(
            f'The units with treatment level {units.levels[place]!r} do not say how "{name}" moves the outcome: some '
            "of its values, present in the population asked about, do not occur among them. Merge its levels, leave it "
            "out, or leave that arm out."
        )
    return fit_outcome_as(units.sample, inside, gram, model)


def _by_influence(
    units: ArmSample, means: list[float], influences: list[Floats], weights: ArmWeights | None
) -> ArmMeans:
    each_unit, n, count = np.column_stack(influences), len(units.arm), len(units.levels)
    both = each_unit
    clusters, factor, freedom = units.sample.clusters, 1.0, math.inf
    if clusters is not None:
        groups = int(clusters.max()) + 1
        if groups < 2:
            raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
        both = np.column_stack([np.bincount(clusters, each, minlength=groups) for each in influences])
        factor, freedom = groups / (groups - 1), float(groups - 1)
    sizes, smallest = np.full(count, math.nan), np.full(count, math.nan)
    if weights is not None:
        asked = units.target_weight > 0
        for place in range(count):
            weight, _ = weights.of(place)
            sizes[place] = weight.sum() ** 2 / (weight @ weight)
            if not units.overlap:  # there a small chance counts for little, by design
                smallest[place] = weights.chances.chances[asked, place].min()
    covariance = factor * (both.T @ both) / n**2
    return ArmMeans(units, np.array(means), covariance, np.full((count, count), freedom), sizes, smallest, each_unit)
