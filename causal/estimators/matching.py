"""Matching on the propensity score, with replacement, ties averaged.

Variance: Abadie and Imbens (2006), Econometrica 74: 235-267; with the fitted score: Abadie and Imbens (2016),
Econometrica 84: 781-807. No bootstrap: it is not valid here (Abadie and Imbens 2008, Econometrica 76: 1537-1557).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.design import Floats, Sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method, Nuisance
from causal.estimators.nuisance import LinearIndex
from causal.estimators.propensity import trim_and_fit

Places = NDArray[np.int64]


@dataclass(frozen=True)
class MatchingOptions:
    """`neighbours` per unit (more where they tie); `trim`: leave out units with propensities beyond it;
    `variance_neighbours`: how many units of the same arm tell the spread at a score.
    """

    neighbours: int = 1
    trim: float = 0.0
    variance_neighbours: int = 2
    nuisance: Nuisance = "estimated"


@dataclass(frozen=True, eq=False)
class _Arm:
    """The units of one arm in order of score: positions (m,), scores (m,), and the start of each tie."""

    places: Places
    score: Floats
    starts: Places
    values: Floats

    @classmethod
    def of(cls, places: Places, score: Floats) -> _Arm:
        order = places[np.argsort(score[places], kind="stable")]
        ordered = score[order]
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        return cls(order, ordered, np.append(first, len(order)), ordered[first])


@dataclass(frozen=True, eq=False)
class _Windows:
    """For each unit of the sample, its neighbours: from `low` up to `high` in the arm's order."""

    low: Places
    high: Places

    @property
    def size(self) -> Places:
        return self.high - self.low


def fit(sample: Sample, options: MatchingOptions) -> Fit:
    """Each unit's missing outcome is the mean of its nearest neighbours' in the other arm."""
    if options.neighbours < 1 or options.variance_neighbours < 2:
        raise OptionProblem("Matching: at least 1 neighbour, and at least 2 variance neighbours, are needed.")
    sample, propensity, trimmed = trim_and_fit("Matching", sample, options.trim)
    if sample.clusters is not None:
        raise OptionProblem(
            "Matching has no standard error for clustered units. Choose another method, or leave the cluster out."
        )
    score = np.round(propensity.fitted, 12)  # equal covariates give equal scores, whatever the order of summation
    arms = [_Arm.of(np.flatnonzero(flags), score) for flags in (~sample.treated, sample.treated)]
    smallest = min(len(arm.places) for arm in arms)
    if smallest < max(options.neighbours, options.variance_neighbours):
        raise TooFewUnits(
            f"The smaller arm has {smallest} units, fewer than the neighbours asked for. Ask for fewer neighbours."
        )
    matched = _Matched(sample, score, arms, options.neighbours)
    spread = _spread(sample, score, arms, options.variance_neighbours)
    means, covariance = matched.means(), matched.covariance(spread)
    if options.nuisance == "estimated":
        correction = _score_correction(sample, propensity, score, arms, matched, options.variance_neighbours)
        covariance = covariance + correction
    return Fit(
        sample=sample,
        means=means,
        covariance=covariance,
        weights=matched.weights(),
        propensity=propensity.fitted,
        share_trimmed=trimmed,
    )


class _Matched:
    """Imputed outcomes under both arms, and how often each unit serves as a match."""

    def __init__(self, sample: Sample, score: Floats, arms: list[_Arm], neighbours: int) -> None:
        self._sample = sample
        n = len(sample)
        h = sample.target_weight
        self.imputed = np.empty((2, n))
        self.times = np.zeros(n)
        self.times_squared = np.zeros(n)
        for place, arm in enumerate(arms):
            own = sample.treated == bool(place)
            windows = nearest(arm, score, neighbours)
            averaged = _window_means(windows, sample.outcome[arm.places])
            self.imputed[place] = np.where(own, sample.outcome, averaged)
            asking = np.where(own, 0.0, h)
            self.times[arm.places] = _spread_over(windows, asking / windows.size, len(arm.places))
            self.times_squared[arm.places] = _spread_over(windows, asking / windows.size**2, len(arm.places))

    def means(self) -> tuple[float, float]:
        h = self._sample.target_weight
        return float(h @ self.imputed[0] / h.sum()), float(h @ self.imputed[1] / h.sum())

    def weights(self) -> Floats:
        return self._sample.target_weight + self.times

    def covariance(self, spread: Floats) -> Floats:
        """(2, 2): spread of the imputed outcomes over units, plus what each outcome counts beyond its own row."""
        sample = self._sample
        h, size = sample.target_weight, sample.target_weight.sum()
        centred = h * (self.imputed - np.array(self.means())[:, None])
        total = centred @ centred.T
        # (h + K)² - h² - K'' with K the times used and K'' their squares: Abadie and Imbens 2006, theorem 7, per arm
        beyond = (self.times**2 + 2 * h * self.times - self.times_squared) * spread
        total[0, 0] += float(beyond[~sample.treated].sum())
        total[1, 1] += float(beyond[sample.treated].sum())
        return np.asarray(total / size**2)


def nearest(arm: _Arm, score: Floats, count: int) -> _Windows:
    """For every unit, the `count` units of the arm nearest in score, and all that tie with the last of them."""
    left = np.searchsorted(arm.values, score, side="left") - 1
    right = left + 1
    low, high = arm.starts[np.maximum(right, 0)].copy(), arm.starts[np.maximum(right, 0)].copy()
    waiting = np.arange(len(score))
    last = len(arm.values) - 1
    while len(waiting):
        here, there = left[waiting], right[waiting]
        below = np.where(here >= 0, score[waiting] - arm.values[np.maximum(here, 0)], np.inf)
        above = np.where(there <= last, arm.values[np.minimum(there, last)] - score[waiting], np.inf)
        tied = np.isclose(below, above, rtol=0, atol=1e-13)
        take_below, take_above = (below < above) | tied, (above < below) | tied
        take_below &= np.isfinite(below)
        take_above &= np.isfinite(above)
        down, up = waiting[take_below], waiting[take_above]
        low[down] = arm.starts[left[down]]
        left[down] -= 1
        high[up] = arm.starts[right[up] + 1]
        right[up] += 1
        waiting = waiting[(high[waiting] - low[waiting]) < count]
    return _Windows(low, high)


def _window_means(windows: _Windows, values: Floats) -> Floats:
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((running[windows.high] - running[windows.low]) / windows.size)


def _spread_over(windows: _Windows, amounts: Floats, length: int) -> Floats:
    """(length,) the sum over units of `amounts` put on every place of their window."""
    change = np.bincount(windows.low, weights=amounts, minlength=length + 1)
    change -= np.bincount(windows.high, weights=amounts, minlength=length + 1)
    totals = np.cumsum(change)[:length]
    return np.where(np.abs(totals) < 1e-9, 0.0, totals)


def _spread(sample: Sample, score: Floats, arms: list[_Arm], count: int) -> Floats:
    """(n,) variance of the outcome given the score, from the `count` units of the same arm nearest in score."""
    spread = np.empty(len(sample))
    centred = sample.outcome - sample.outcome.mean()
    for arm in arms:
        windows = nearest(arm, arm.score, count)
        values = centred[arm.places]
        mean = _window_means(windows, values)
        square = _window_means(windows, values**2)
        spread[arm.places] = np.maximum(square - mean**2, 0.0) * windows.size / (windows.size - 1)
    return spread


def _score_correction(
    sample: Sample, propensity: LinearIndex, score: Floats, arms: list[_Arm], matched: _Matched, count: int
) -> Floats:
    """(2, 2) what the fitted score changes in the covariance of the means: usually it makes them more precise.

    Abadie and Imbens 2016, theorems 1 and 2, arm by arm: minus the covariance with the score's own equation, plus,
    where the target moves with the score (those treated, those not), the derivative of the target's mean.
    """
    p = propensity.fitted
    slope, own_share = p * (1 - p), (1 - p, p)
    size = sample.target_weight.sum()
    leaning = [
        _joint_spread(sample, arm, score, slope / own_share[place], count) / size for place, arm in enumerate(arms)
    ]
    covariance, derivative = np.vstack([-leaning[0], leaning[1]]), np.zeros((2, sample.model.shape[1]))
    if sample.target != "everyone":
        own, sign = (1, 1.0) if sample.target == "treated" else (0, -1.0)
        for place, arm in enumerate(arms):
            centred = sample.outcome[arm.places] - matched.means()[place]
            pull = (slope / own_share[place])[arm.places] * centred
            derivative[place] = sign * (pull @ sample.model[arm.places]) / size
        covariance[own] = derivative[own]
        covariance[1 - own] = derivative[1 - own] - sign * leaning[1 - own]
    n = len(sample)
    change = derivative @ propensity.bread @ derivative.T - covariance @ propensity.bread @ covariance.T
    return np.asarray(change / n)


def _joint_spread(sample: Sample, arm: _Arm, score: Floats, factor: Floats, count: int) -> Floats:
    """(p,) sum over units of `factor` times the covariance, given the score, of each covariate with the outcome."""
    windows = nearest(arm, score, count)
    outcome = sample.outcome[arm.places] - sample.outcome.mean()
    mean_outcome = _window_means(windows, outcome)
    factor = factor * windows.size / (windows.size - 1)
    found = np.zeros(sample.model.shape[1])
    for column in range(1, len(found)):
        values = sample.model[arm.places, column]
        joint = _window_means(windows, values * outcome) - _window_means(windows, values) * mean_outcome
        found[column] = float(factor @ joint)
    return found


METHOD = Method(
    name="matching",
    title="Matching on the propensity",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Matching",
    summary="Compares every unit with the unit of the other arm whose propensity is nearest.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The probability of treatment depends on the covariates as the logistic model says.",
        "Every unit of the target population has near neighbours in the other arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=MatchingOptions,
    fit=fit,
    source="Abadie and Imbens 2006, 2016",
    has_propensity=True,
    clusters=False,
)
