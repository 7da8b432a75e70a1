"""Stratification on the propensity score.

Rosenbaum and Rubin (1984), JASA 79: 516-524. Errors: Lunceford and Davidian (2004), Statistics in Medicine 23, with the
part of the fitted score and of the strata's edges by numerical derivatives of the estimate (Hong, Mahajan and
Nekipelov 2015, Journal of Econometrics 188: 250-263), as the estimate is a step function of both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.design import Floats, Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method, Nuisance
from causal.estimators.propensity import trim_and_fit

ENOUGH = 100_000
"""From about so many units on, numerical derivatives are taken from a part of them."""


@dataclass(frozen=True)
class StratificationOptions:
    """`strata`: how many, of equal size; `trim`: leave out units with propensities beyond it.

    `trim_above`: another bound above than one minus `trim`.
    """

    strata: int = 5
    trim: float = 0.0
    trim_above: float | None = None
    nuisance: Nuisance = "estimated"


@dataclass(frozen=True)
class Stratum:
    """One row of the table: propensities from `low` to `high`, sizes and mean outcomes of both arms."""

    low: float
    high: float
    control: int
    treated: int
    control_mean: float
    treated_mean: float

    @property
    def effect(self) -> float:
        """Mean under treated minus mean under control, within the stratum."""
        return self.treated_mean - self.control_mean


def fit(sample: Sample, options: StratificationOptions) -> Fit:
    """The strata's mean outcomes per arm, averaged as the target population is spread over the strata.

    Raises TooFewUnits where a stratum that the target needs lacks an arm.
    """
    if not 2 <= options.strata <= 100:
        raise OptionProblem(f"Stratification: {options.strata} strata; choose between 2 and 100.")
    sample, propensity, trimmed = trim_and_fit("Stratification", sample, options.trim, options.trim_above)
    score = np.round(propensity.fitted, 12)  # equal covariates give equal scores, whatever the order of summation
    levels = np.arange(1, options.strata) / options.strata
    edges = _edges(score, levels)
    stratum = np.searchsorted(edges, score, side="left")
    table = _Strata(sample, stratum, len(edges) + 1)
    table.require_arms(score)
    h, n, share = sample.target_weight, len(sample), float(sample.target_weight.mean())
    means = table.means()
    predicted = table.arm_means[:, stratum]
    weights = table.unit_weights(stratum)
    corrections = np.zeros((2, n))
    if options.nuisance == "estimated":
        corrections = _through_the_score(sample, propensity.coefficients, propensity.bread, propensity.residual, levels)
        corrections += _through_the_edges(sample, score, levels)
    scores, influences = [], []
    for place, arm in enumerate((~sample.treated, sample.treated)):
        residual = np.where(arm, weights * (sample.outcome - predicted[place]), 0.0)
        scores.append(h * predicted[place] + residual)
        influences.append((h * (predicted[place] - means[place]) + residual) / share + corrections[place])
    return Fit(
        sample=sample,
        means=(float(means[0]), float(means[1])),
        influences=(influences[0], influences[1]),
        weights=weights,
        propensity=propensity.fitted,
        scores=ArmScores(scores[0], scores[1], corrections[0] * share, corrections[1] * share, h),
        share_trimmed=trimmed,
        facts=(("strata", table.rows(score, stratum)),),
    )


class _Strata:
    """Counts and means by arm and stratum: arrays (2, strata), control first."""

    def __init__(self, sample: Sample, stratum: NDArray[np.int64], count: int) -> None:
        self._sample, self._stratum, self._count = sample, stratum, count
        cell = stratum + count * sample.treated
        self.sizes = np.bincount(cell, minlength=2 * count).reshape(2, count).astype(np.float64)
        sums = np.bincount(cell, weights=sample.outcome, minlength=2 * count).reshape(2, count)
        self.arm_means = sums / np.maximum(self.sizes, 1)
        self.target = np.bincount(stratum, weights=sample.target_weight, minlength=count)

    def means(self) -> Floats:
        """(2,) means over the target; strata without an arm are left out (they are refused unless differentiating)."""
        share = np.where((self.sizes > 0).all(axis=0), self.target, 0.0)
        return np.asarray(self.arm_means @ share / share.sum())

    def unit_weights(self, stratum: NDArray[np.int64]) -> Floats:
        own = np.where(self._sample.treated, self.sizes[1][stratum], self.sizes[0][stratum])
        return np.asarray(self.target[stratum] / own)

    def require_arms(self, score: Floats) -> None:
        for place in np.flatnonzero((self.sizes == 0).any(axis=0) & (self.target > 0)):
            inside = score[self._stratum == place]
            missing = self._sample.treated_level if self.sizes[1][place] == 0 else self._sample.control_level
            raise TooFewUnits(
                f"In the stratum of propensities from {inside.min():.3g} to {inside.max():.3g} no unit has the "
                f"treatment level {missing!r}, so nothing can be compared there. Use fewer strata, trim, or another "
                "method."
            )

    def rows(self, score: Floats, stratum: NDArray[np.int64]) -> tuple[Stratum, ...]:
        found = []
        for place in range(self._count):
            inside = score[stratum == place]
            if len(inside):
                found.append(
                    Stratum(
                        float(inside.min()),
                        float(inside.max()),
                        int(self.sizes[0][place]),
                        int(self.sizes[1][place]),
                        float(self.arm_means[0][place]),
                        float(self.arm_means[1][place]),
                    )
                )
        return tuple(found)


def _edges(score: Floats, shares: Floats) -> Floats:
    """The largest score of each stratum but the last: quantiles of the score.

    A score so frequent that two quantiles fall on it has a stratum of its own, and so has the largest one that a
    quantile falls on: else those below it would be lumped together with it.
    """
    found, times = np.unique(np.quantile(score, shares), return_counts=True)
    frequent = found[(times > 1) | (found >= score.max())]
    below = [score[score < each].max() for each in frequent if score.min() < each]
    return np.unique(np.concatenate([found[found < score.max()], below]))


def _means_at(sample: Sample, score: Floats, shares: Floats) -> Floats:
    """(2,) arm means when the strata end at these shares of the units."""
    edges = _edges(score, np.clip(shares, 0, 1))
    return _Strata(sample, np.searchsorted(edges, score, side="left"), len(edges) + 1).means()


def _through_the_score(sample: Sample, coefficients: Floats, bread: Floats, residual: Floats, levels: Floats) -> Floats:
    """(2, n) influence of the fitted score: derivative of the means along each coefficient's own uncertainty."""
    few = _few(sample)
    n, p = few.model.shape
    values, vectors = np.linalg.eigh(bread)
    derivative = np.zeros((2, p))
    for value, vector in zip(values, vectors.T, strict=True):
        if value <= 1e-12:
            continue
        step = np.sqrt(value) * n ** (-1 / 3)
        ends = [
            _means_at(few, np.round(_logistic(few.model @ (coefficients + sign * step * vector)), 12), levels)
            for sign in (1, -1)
        ]
        derivative += np.outer((ends[0] - ends[1]) / (2 * step), vector)
    return np.vstack([residual * (sample.model @ (bread @ row)) for row in derivative])


def _through_the_edges(sample: Sample, score: Floats, levels: Floats) -> Floats:
    """(2, n) influence of the strata's edges, as quantiles of the sample."""
    few = _few(sample)
    scored, n = score[:: _stride(sample)], len(few)
    step = min(n ** (-1 / 3), float(np.diff(np.concatenate([[0], levels, [1]])).min()) / 2)
    total = np.zeros((2, len(score)))
    for place, level in enumerate(levels):
        moved = [levels.copy(), levels.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        slope = (_means_at(few, scored, moved[0]) - _means_at(few, scored, moved[1])) / (2 * step)
        below = score <= np.quantile(score, level)
        total += np.outer(slope, below.mean() - below)
    return total


def _few(sample: Sample) -> Sample:
    """Every so many-th unit of a large sample: enough to tell a derivative, which is needed for the error alone."""
    every = _stride(sample)
    if every == 1:
        return sample
    return replace(
        sample,
        treated=sample.treated[::every],
        outcome=sample.outcome[::every],
        model=np.asfortranarray(sample.model[::every]),
        rows=sample.rows[::every],
        clusters=None,
    )


def _stride(sample: Sample) -> int:
    return max(1, len(sample) // ENOUGH)


def _logistic(index: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-index)))


METHOD = Method(
    name="stratification",
    title="Stratification on the propensity",
    family="treatment_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Stratification",
    summary="Compares the arms within groups of similar propensity, and averages over the groups.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "Within a stratum the arms are comparable (five strata leave about a tenth of the bias).",
        "Every stratum holds units of both arms.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=StratificationOptions,
    fit=fit,
    source="Rosenbaum and Rubin 1984",
    has_propensity=True,
)
