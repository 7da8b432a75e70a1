"""The mean outcome of every arm from one joint fit, with each unit's influence; with two arms, `answer`'s digits.

Generalised propensity: Imbens (2000), Biometrika 87: 706-710; joint influences: Cattaneo (2010), Journal of
Econometrics 155: 138-154. The formulas are those of the two-arm files in causal/estimators, written for K arms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.effects.generalised_propensity import ArmChances, fit_chances
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.design import Floats, Sample
from causal.estimators.few_clusters import MOST_CLUSTERS, reduce_bias
from causal.estimators.nuisance import LinearIndex, fit_outcome, inverse_of
from causal.study import Level


@dataclass(frozen=True, eq=False)
class ArmSample:
    """Units of several arms: `sample` as for two, `arm` (n,) each unit's arm by its place in `levels`.

    `target` is the place of the arm whose units are asked about (None: everyone).
    """

    sample: Sample
    arm: NDArray[np.int64]
    levels: tuple[Level, ...]
    target: int | None

    @property
    def target_weight(self) -> Floats:
        """(n,) one where the unit belongs to the target population, else zero."""
        return np.ones(len(self.arm)) if self.target is None else (self.arm == self.target).astype(np.float64)


@dataclass(frozen=True, eq=False)
class ArmMeans:
    """`means` (K,), their `covariance` (K, K), and the degrees of freedom of every pair's difference (K, K).

    `effective_sizes` (K,) and `smallest_chances` (K,), NaN where the method weights nothing.
    """

    means: Floats
    covariance: Floats
    degrees_of_freedom: Floats
    effective_sizes: Floats
    smallest_chances: Floats


def difference_in_means(units: ArmSample) -> ArmMeans:
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


def standardisation(units: ArmSample) -> ArmMeans:
    """A model of the outcome per arm, predicted for the whole target population."""
    h = units.target_weight
    share = float(h.mean())
    means, influences = [], []
    for place in range(len(units.levels)):
        outcome = _outcome_of(units, place)
        mean = float(h @ outcome.fitted) / h.sum()
        direction = units.sample.model.T @ outcome.slope_times(h) / len(h)
        means.append(mean)
        influences.append((h * (outcome.fitted - mean) + outcome.influence(units.sample.model, direction)) / share)
    return _by_influence(units, means, influences, None)


def weighting(units: ArmSample) -> ArmMeans:
    """Each arm weighted to the target population by the inverse of its chance; weights add up to one per arm."""
    chances = _chances(units)
    model, outcome, n = units.sample.model, units.sample.outcome, len(units.arm)
    means, influences = [], []
    for place in range(len(units.levels)):
        weight, slopes = _weight(units, chances, place)
        size = float(weight.mean())
        mean = float(weight @ outcome) / n / size
        direction = np.stack([model.T @ (slope * (outcome - mean)) for slope in slopes]) / n / size
        means.append(mean)
        influences.append(weight * (outcome - mean) / size + chances.influence(model, direction))
    return _by_influence(units, means, influences, chances)


def doubly_robust(units: ArmSample) -> ArmMeans:
    """Predicted outcomes corrected by the weighted residuals, for every arm."""
    chances = _chances(units)
    model, n, h = units.sample.model, len(units.arm), units.target_weight
    share = float(h.mean())
    means, influences = [], []
    for place in range(len(units.levels)):
        outcome = _outcome_of(units, place)
        weight, slopes = _weight(units, chances, place)
        score = h * outcome.fitted + weight * outcome.residual
        mean = float(score.mean()) / share
        by_chance = np.stack([model.T @ (slope * outcome.residual) for slope in slopes]) / n
        by_outcome = model.T @ outcome.slope_times(h - weight) / n
        correction = chances.influence(model, by_chance) + outcome.influence(model, by_outcome)
        means.append(mean)
        influences.append((score - h * mean + correction) / share)
    return _by_influence(units, means, influences, chances)


def regression(units: ArmSample) -> ArmMeans:
    """Least squares of the outcome on the arms and the covariates; HC2, with clusters CR2."""
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


MODELS: dict[str, Callable[[ArmSample], ArmMeans]] = {
    "difference_in_means": difference_in_means,
    "regression": regression,
    "standardisation": standardisation,
    "weighting": weighting,
    "doubly_robust": doubly_robust,
}
"""The methods that fit all arms at once, by the names of the registry."""


def model_named(name: str) -> Callable[[ArmSample], ArmMeans]:
    """The function for a method's name.

    Raises OptionProblem.
    """
    if name not in MODELS:
        raise OptionProblem(f'"{name}" compares two arms only. Many arms at once are compared by: {", ".join(MODELS)}.')
    return MODELS[name]


def arm_weights(units: ArmSample) -> Floats:
    """(n,) what carries each unit's own arm to the target population.

    Raises PerfectSeparation.
    """
    chances = _chances(units)
    return np.asarray(np.sum([_weight(units, chances, place)[0] for place in range(len(units.levels))], axis=0))


def _chances(units: ArmSample) -> ArmChances:
    labels = [str(each) for each in units.levels]
    return fit_chances(units.sample.model, units.arm, labels, units.target_weight > 0)


def _weight(units: ArmSample, fitted: ArmChances, place: int) -> tuple[Floats, list[Floats]]:
    """(n,) what carries one arm to the target, and its derivatives by the index of every arm but the first."""
    inside = (units.arm == place).astype(np.float64)
    own = fitted.chances[:, place]
    others = range(1, len(units.levels))
    if units.target is None:
        weight = inside / own
        return weight, [-weight * ((k == place) - fitted.chances[:, k]) for k in others]
    weight = inside * (fitted.chances[:, units.target] / own)
    return weight, [weight * (float(k == units.target) - float(k == place)) for k in others]


def _outcome_of(units: ArmSample, place: int) -> LinearIndex:
    """The outcome's model in one arm; refused where its units do not determine the target's mean."""
    inside = units.arm == place
    block = units.sample.model[inside]
    gram = block.T @ block
    h = units.target_weight
    asked = h @ units.sample.model / h.sum()
    left = asked - gram @ (inverse_of(gram) @ asked)
    if np.abs(left).max() > 1e-6:
        name = units.sample.names[int(np.argmax(np.abs(left)))]
        raise CovariateProblem(
            f'The units with treatment level {units.levels[place]!r} do not say how "{name}" moves the outcome: some '
            "of its values, present in the population asked about, do not occur among them. Merge its levels, leave it "
            "out, or leave that arm out."
        )
    return fit_outcome(units.sample, inside, gram)


def _by_influence(
    units: ArmSample, means: list[float], influences: list[Floats], chances: ArmChances | None
) -> ArmMeans:
    both, n, count = np.column_stack(influences), len(units.arm), len(units.levels)
    clusters, factor, freedom = units.sample.clusters, 1.0, math.inf
    if clusters is not None:
        groups = int(clusters.max()) + 1
        if groups < 2:
            raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
        both = np.column_stack([np.bincount(clusters, each, minlength=groups) for each in influences])
        factor, freedom = groups / (groups - 1), float(groups - 1)
    sizes, smallest = np.full(count, math.nan), np.full(count, math.nan)
    if chances is not None:
        asked = units.target_weight > 0
        for place in range(count):
            weight, _ = _weight(units, chances, place)
            sizes[place] = weight.sum() ** 2 / (weight @ weight)
            smallest[place] = chances.chances[asked, place].min()
    return ArmMeans(np.array(means), factor * (both.T @ both) / n**2, np.full((count, count), freedom), sizes, smallest)
