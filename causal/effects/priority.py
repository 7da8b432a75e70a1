"""Whether a ranking by predicted effect finds those who benefit: TOC and Qini curves, RATE, and how predictions hold.

RATE, TOC, AUTOC and QINI: Yadlowsky, Fleming, Shah, Brunskill and Wager (2025), JASA 120: 38-51. Calibration by the
best linear predictor: Chernozhukov, Demirer, Duflo and Fernández-Val (2025), Econometrica 93: 1121-1164. Each fold is
ranked by what the folds before it say, so that errors add up as those of a martingale (Wager 2024, arXiv 2405.05534).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.effects.score_means import Measured, covariance_of, least_squares, together
from causal.effects.unit_effects import FOLDS, START, UnitEffects
from causal.errors import CovariateProblem, TooFewUnits
from causal.estimators.design import Floats
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable

SHARES = tuple(round(0.05 * each, 2) for each in range(1, 21))
WINDOW = 0.05
"""The effect at a share's edge is the mean of so much of the ranking on either side."""

MOST_LEVELS = 6
"""Of a category, so many of its most frequent levels are profiled."""


@dataclass(frozen=True)
class PriorityCurve:
    """At each of `shares`, if so many were treated by predicted effect: `toc` the effect on those treated beyond that
    on all, `gain` per unit of the population; `average` the effect on all.

    `autoc` and `qini` sum the TOC up over the shares, evenly and by the share treated: both zero where the ranking
    tells nothing. `units` were ranked. Intervals of `toc` and `gain` hold at every share at once.
    """

    shares: tuple[float, ...]
    toc: tuple[Measured, ...]
    gain: tuple[Measured, ...]
    average: Measured
    autoc: Measured
    qini: Measured
    units: int


@dataclass(frozen=True)
class EffectCalibration:
    """The score on the predicted effect: `mean` is the effect on all, `slope` one where predictions are right in size.

    `p_value`: chance of a slope as far above zero if the effect were the same for all (one-sided, summed over folds).
    """

    mean: Measured
    slope: Measured
    p_value: float
    units: int


@dataclass(frozen=True)
class ProfileRow:
    """One column's mean (or share of a level) among those who gain least and most, and the `difference`."""

    column: str
    level: str | None
    bottom: float
    top: float
    difference: Measured
    standardised: float


@dataclass(frozen=True)
class EffectProfile:
    """Who gains most and least: the effect in the top and bottom `share` by rank, and what they are like."""

    share: float
    top: Measured
    bottom: Measured
    gap: Measured
    rows: tuple[ProfileRow, ...]
    units: int


@one_thread
def priority_curve(found: UnitEffects) -> PriorityCurve:
    """The curves and their areas, from the units that are ranked by folds before their own."""
    folds = [np.flatnonzero(found.fold == each) for each in range(START, FOLDS)]
    parts = [_curve_of_fold(found.ranking[rows], found.score[rows]) for rows in folds]
    rows, total = np.concatenate(folds), sum(len(each) for each in folds)
    values = np.mean([value for value, _ in parts], axis=0)
    scale = [total / len(folds) / len(each) * _for_the_mean(found.cluster[each]) for each in folds]
    influences = np.concatenate([part * each for (_, part), each in zip(parts, scale, strict=True)])
    covariance = covariance_of(influences, found.cluster[rows])
    k, freedom = len(SHARES), _freedom(found, rows)
    said = (found.confidence, freedom, found.seed)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))

    def alone(place: int) -> Measured:
        return Measured(float(values[place]), float(errors[place]), found.confidence, freedom)

    return PriorityCurve(
        shares=SHARES,
        toc=together(values[:k], covariance[:k, :k], *said),
        gain=together(values[k : 2 * k], covariance[k : 2 * k, k : 2 * k], *said),
        average=alone(2 * k),
        autoc=alone(2 * k + 1),
        qini=alone(2 * k + 2),
        units=total,
    )


def _for_the_mean(cluster: NDArray[np.int64]) -> float:
    """What makes up for a fold's own mean, as for n - 1 of n."""
    count = len(np.unique(cluster))
    return math.sqrt(count / max(count - 1, 1))


def _freedom(found: UnitEffects, rows: NDArray[np.int64]) -> float:
    return float(len(np.unique(found.cluster[rows])) - 1) if found.clustered else math.inf


def _curve_of_fold(ranking: Floats, score: Floats) -> tuple[Floats, Floats]:
    """(2k + 3,) TOC, gain, mean, AUTOC, QINI of one fold's n units, and their influences (n, 2k + 3)."""
    n = len(score)
    order = np.argsort(-ranking, kind="stable")
    tied = np.unique(-ranking[order], return_inverse=True)[1]
    sorted_score, average = score[order], float(score.mean())
    evened = (np.bincount(tied, sorted_score) / np.bincount(tied))[tied]  # units that tie are as good as each other
    values, influences = [], []
    running = np.concatenate([[0.0], np.cumsum(evened)]) / n
    for share in SHARES:
        count = min(max(round(share * n), 1), n)
        edge = _at_edge(evened, count)
        inside = _shared(np.arange(n) < count, tied)
        gain = running[count]
        values.append((gain * n / count - average, gain))
        beyond = inside * (sorted_score - edge) + edge * count / n - gain
        influences.append((beyond * n / count - (sorted_score - average), beyond))
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n + 1))])
    apart = float(tied[-1] > 0)  # where all tie there is no ranking: nothing, to the last digit
    areas = (
        apart * _shared(harmonic[n] - harmonic[:-1] - 1, tied),
        apart * _shared((n - 1) / (2 * n) - np.arange(n) / n, tied),  # add up to nothing, as the effect on all is none
    )
    slopes = (-n / np.maximum(np.arange(n), 1), -np.ones(n))
    found, influenced, beyond = [average], [sorted_score - average], sorted_score - average
    for weight, slope in zip(areas, slopes, strict=True):
        area = float(weight @ beyond) / n
        found.append(area)
        influenced.append(weight * beyond - area + _of_rank(apart * slope * (evened - average), tied))
    told = np.column_stack([*(each[0] for each in influences), *(each[1] for each in influences), *influenced])
    back = np.empty_like(told)
    back[order] = told - told.mean(axis=0)
    return np.array([*(each[0] for each in values), *(each[1] for each in values), *found]), back


def _shared(values: NDArray[np.generic], tied: NDArray[np.int64]) -> Floats:
    """Those of units that tie are averaged."""
    numbers = np.asarray(values, dtype=np.float64)
    return np.asarray((np.bincount(tied, numbers) / np.bincount(tied))[tied])


def _of_rank(moved: Floats, tied: NDArray[np.int64]) -> Floats:
    """What a unit adds by moving the ranks of those after it: the mean of `moved` over them.

    Its own outcome, and those of units that tie with it, are left out: they would hide some of their own noise.
    """
    after = np.bincount(tied, moved)[::-1].cumsum()[::-1]
    return np.append(after[1:], 0.0)[tied] / len(moved)


def _at_edge(evened: Floats, count: int) -> float:
    reach = max(int(WINDOW * len(evened)), 1)
    return float(evened[max(count - reach, 0) : count + reach].mean())


@one_thread
def effect_calibration(found: UnitEffects) -> EffectCalibration:
    """How the scores of units follow their predicted effect; without any spread of it the slope is NaN."""
    rows = found.ranked
    apart, statistics = np.empty(len(rows)), []
    for each in range(START, FOLDS):
        inside = found.fold[rows] == each
        ranking, score = found.ranking[rows[inside]], found.score[rows[inside]]
        apart[inside] = ranking - ranking.mean()
        moved = apart[inside] * (score - score.mean())
        error = math.sqrt(float(covariance_of(moved[:, None], found.cluster[rows[inside]])[0, 0]))
        statistics.append(float(moved.mean()) / error if error > 0 else 0.0)
    freedom = _freedom(found, rows)
    if float(np.abs(apart).max()) <= 1e-12 * max(float(np.abs(found.score[rows]).max()), 1e-300):
        columns = np.ones((len(rows), 1))
    else:
        columns = np.column_stack([np.ones(len(rows)), apart])
    values, covariance = least_squares(columns, found.score[rows], found.cluster[rows])
    errors = np.sqrt(np.diag(covariance))
    slope = (float(values[1]), float(errors[1])) if len(values) == 2 else (math.nan, math.nan)
    from scipy.special import ndtr

    return EffectCalibration(
        mean=Measured(float(values[0]), float(errors[0]), found.confidence, freedom),
        slope=Measured(*slope, found.confidence, freedom),
        p_value=float(ndtr(-sum(statistics) / math.sqrt(len(statistics)))),
        units=len(rows),
    )


@one_thread
def effect_profile(
    found: UnitEffects, table: UnitTable, columns: tuple[str, ...] | None = None, share: float = 0.1
) -> EffectProfile:
    """The top and bottom `share` of each fold's ranking: their effect by scores, and the means of columns (None: those
    adjusted for), largest standardised difference first. Folds that the ranking does not tell apart are left out.

    Raises TooFewUnits, CovariateProblem (nothing to rank by), UnknownColumn.
    """
    folds = found.telling_folds
    if not folds:
        raise CovariateProblem("The predicted effect is the same for all, so there is no top and no bottom.")
    rows = np.flatnonzero(np.isin(found.fold, folds))
    place = np.empty(len(rows))
    for each in folds:
        inside = found.fold[rows] == each
        ranking = pd.Series(found.ranking[rows[inside]])
        place[inside] = ranking.rank(method="first", ascending=False).to_numpy() / len(ranking)
    top, bottom = place <= share, place > 1 - share
    if min(top.sum(), bottom.sum()) < 10:
        raise TooFewUnits("Fewer than ten units would stand at the top and at the bottom: too few to describe.")
    freedom, cluster = _freedom(found, rows), found.cluster[rows]
    told = [_gap(found.score[rows], top, bottom)]
    named: list[tuple[str, str | None, Floats]] = []
    for name in columns or found.adjust_for:
        named += _numbers(table, rows, name)
    told += [_gap(values, top, bottom) for _, _, values in named]
    influences = np.column_stack([each[2] for each in told])
    covariance = covariance_of(influences, cluster)
    gaps = np.array([each[1] - each[0] for each in told])
    effect = Measured(float(gaps[0]), math.sqrt(covariance[0, 0]), found.confidence, freedom)
    measured = together(gaps[1:], covariance[1:, 1:], found.confidence, freedom, found.seed) if named else ()
    lines = [
        ProfileRow(name, level, low, high, each, each.value / spread if (spread := float(np.nanstd(values))) else 0.0)
        for (name, level, values), (low, high, _), each in zip(named, told[1:], measured, strict=True)
    ]
    ends = [_mean(found.score[rows], inside, cluster) for inside in (top, bottom)]
    return EffectProfile(
        share=share,
        top=Measured(*ends[0], found.confidence, freedom),
        bottom=Measured(*ends[1], found.confidence, freedom),
        gap=effect,
        rows=tuple(sorted(lines, key=lambda each: -abs(each.standardised))),
        units=int(top.sum() + bottom.sum()),
    )


def _gap(values: Floats, top: NDArray[np.bool_], bottom: NDArray[np.bool_]) -> tuple[float, float, Floats]:
    """Means at the bottom and at the top, and the influence (n,) of their difference; missing values count for none."""
    known = np.isfinite(values)
    n, influence, means = len(values), np.zeros(len(values)), []
    for inside, sign in ((bottom & known, -1.0), (top & known, 1.0)):
        mean = float(values[inside].mean()) if inside.any() else math.nan
        means.append(mean)
        influence[inside] = sign * (values[inside] - mean) * n / max(int(inside.sum()), 1)
    return means[0], means[1], influence


def _mean(values: Floats, inside: NDArray[np.bool_], cluster: NDArray[np.int64]) -> tuple[float, float]:
    mean = float(values[inside].mean())
    return mean, math.sqrt(float(covariance_of((values[inside] - mean)[:, None], cluster[inside])[0, 0]))


def _numbers(table: UnitTable, rows: NDArray[np.int64], name: str) -> list[tuple[str, str | None, Floats]]:
    """A column as numbers: itself, or a flag per level."""
    values, kind = table.column(name).iloc[rows], table.types[name]
    if kind == "numeric" or (kind == "binary" and pd.api.types.is_numeric_dtype(values.dtype)):
        return [(name, None, values.to_numpy(dtype=np.float64, na_value=np.nan))]
    if kind not in ("category", "binary"):
        return []
    levels = values.value_counts().index[: 1 if values.nunique() == 2 else MOST_LEVELS]
    missing = values.isna().to_numpy()
    return [
        (name, str(level), np.where(missing, np.nan, (values == level).to_numpy(dtype=np.float64, na_value=np.nan)))
        for level in levels
    ]
