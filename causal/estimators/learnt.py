"""Arm means from learnt nuisances: augmented weighting of predictions by models that have not seen the unit.

Neyman-orthogonal, so that errors of both nuisances count only by their product: Chernozhukov et al. (2018),
Econometrics Journal 21: C1-C68; several splits are summed up by their median, with the spread between splits in the
error (ibid., definition 3.3). For the overlap population: Crump et al. (2006), NBER technical working paper 330.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from causal.estimators.cross_fitting import SURE, Nuisances, nuisances_of
from causal.estimators.design import Floats, Sample
from causal.estimators.estimation import summarise
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.folds import check_folds
from causal.estimators.propensity import bounds_of, target_tilt, target_tilt_slope, target_weights

Once = Callable[[Sample, Nuisances], Fit]


def fit_repeatedly(
    title: str,
    sample: Sample,
    learner: str,
    folds: int,
    repeats: int,
    trim: tuple[float, float | None],
    once: Once,
    by_arm: bool = True,
) -> Fit:
    """`once(sample, nuisances)` for each of the splits, summed up by the one in the middle.

    Units whose learnt propensity in the first split lies beyond the bounds of `trim` (those of `bounds_of`) are left
    out, and all is learnt again.
    Raises OptionProblem, TooFewUnits, PerfectSeparation.
    """
    check_folds(title, folds, repeats)
    low, high = bounds_of(title, *trim)
    trimmed = 0.0
    if (low, high) != (0.0, 1.0):
        chance = nuisances_of(sample, learner, folds, by_arm=by_arm).propensity
        inside = (chance >= low) & (chance <= high)
        trimmed = float(1 - inside.mean())
        sample = sample if inside.all() else sample.keep(inside)
    found = []
    for repeat in range(repeats):
        nuisances = nuisances_of(sample, learner, folds, repeat, by_arm)
        fitted = once(sample, nuisances)
        facts = (*fitted.facts, ("losses", nuisances.losses))
        found.append(replace(fitted, share_trimmed=trimmed, facts=facts, notes=_notes(nuisances)))
    return middle_of(found)


def augmented(sample: Sample, nuisances: Nuisances) -> Fit:
    """The arms' means of predicted outcomes, corrected by weighted residuals; the influence is the score itself."""
    chance = nuisances.propensity
    tilt, h = tilts(sample, chance)
    weights = target_weights(sample, chance)
    means, influences, scores = [], [], []
    for fitted, weight in zip(nuisances.outcomes, weights, strict=True):
        score = tilt * fitted + weight * (sample.outcome - fitted)
        mean = float(score.sum() / tilt.sum())
        means.append(mean)
        scores.append(score)
        influences.append((score - tilt * mean) / float(tilt.mean()))
    nothing = np.zeros(len(sample))
    return Fit(
        sample=sample,
        means=(means[0], means[1]),
        influences=(influences[0], influences[1]),
        weights=weights[0] + weights[1],
        propensity=chance,
        scores=None if sample.target == "overlap" else ArmScores(scores[0], scores[1], nothing, nothing, h),
    )


def tilts(sample: Sample, chance: Floats) -> tuple[Floats, Floats]:
    """(n,) twice: how much each unit's prediction counts, the learnt propensity's own part included; and without it."""
    h = target_tilt(sample, chance)
    if sample.target != "overlap":
        return h, h
    return h + target_tilt_slope(sample, chance) / (chance * (1 - chance)) * (sample.treated - chance), h


def middle_of(fits: list[Fit]) -> Fit:
    """The fit whose effect is the median of all (the mean of the middle two), with the spread between them."""
    if len(fits) == 1:
        return fits[0]
    estimates = [summarise(fit, 0.95) for fit in fits]
    effects = np.array([each.effect for each in estimates])
    errors = np.array([each.std_error for each in estimates])
    order = np.argsort(effects, kind="stable")
    middle = [fits[place] for place in order[(len(fits) - 1) // 2 : len(fits) // 2 + 1]]
    variance = float(np.median(errors**2 + (effects - np.median(effects)) ** 2))
    joined = middle[0] if len(middle) == 1 else _mean_of(middle[0], middle[1])
    return replace(joined, effect_std_error=float(np.sqrt(variance)))


def _mean_of(first: Fit, second: Fit) -> Fit:
    def mean(left: Floats, right: Floats) -> Floats:
        return (left + right) / 2

    scores = None
    if first.scores is not None and second.scores is not None:
        names = ("control", "treated", "control_correction", "treated_correction", "target_weight")
        scores = ArmScores(*(mean(getattr(first.scores, name), getattr(second.scores, name)) for name in names))
    assert first.influences is not None and second.influences is not None
    assert first.weights is not None and second.weights is not None
    assert first.propensity is not None and second.propensity is not None
    return replace(
        first,
        means=((first.means[0] + second.means[0]) / 2, (first.means[1] + second.means[1]) / 2),
        influences=(mean(first.influences[0], second.influences[0]), mean(first.influences[1], second.influences[1])),
        weights=mean(first.weights, second.weights),
        propensity=mean(first.propensity, second.propensity),
        scores=scores,
    )


def _notes(nuisances: Nuisances) -> tuple[str, ...]:
    chance = nuisances.propensity
    held = int(((chance <= SURE) | (chance >= 1 - SURE)).sum())
    if not held:
        return ()
    return (
        f"{held:,} units have a learnt propensity of 0 or 1 (it is held at {SURE:g} from there): consider trimming.",
    )
