"""What if only a share of the population had the treatment: answered from stored scores, without a refit.

With scores of both arms for every unit, the mean outcome under any rule is an average of scores: Dudík, Langford and Li
(2011), ICML; the curve over shares is the one of Yadlowsky et al. (2025), JASA 120: 38-51.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.analysis import Analysis
from causal.errors import NoScores, OptionProblem
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import within


@dataclass(frozen=True)
class ShareCurve:
    """Mean outcome of the target population if a share of it had the treatment, and the others the control.

    `shares` (0 to 1), `means` and `std_errors` in units of the outcome; the share treated are those highest in `by`
    (None: drawn at random). `today` is the observed mean, with `today_share` treated; `population` counts the units.
    """

    shares: tuple[float, ...]
    means: tuple[float, ...]
    std_errors: tuple[float, ...]
    changes: tuple[float, ...]
    change_std_errors: tuple[float, ...]
    by: str | None
    population: float
    today: float
    today_share: float
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf

    def interval(self, place: int, level: float | None = None) -> Interval:
        """Of the mean outcome at one of the shares."""
        return normal_interval(
            self.means[place], self.std_errors[place], level or self.confidence, self.degrees_of_freedom
        )

    def change_interval(self, place: int, level: float | None = None) -> Interval:
        """Of the mean change against today at one of the shares."""
        return normal_interval(
            self.changes[place], self.change_std_errors[place], level or self.confidence, self.degrees_of_freedom
        )

    def _interval(self, centre: float, std_error: float, level: float | None) -> Interval:
        return normal_interval(centre, std_error, level or self.confidence, self.degrees_of_freedom)

    def total_change(self, place: int) -> float:
        """Against today, summed over the population, in units of the outcome."""
        return self.changes[place] * self.population

    def total_change_interval(self, place: int, level: float | None = None) -> Interval:
        """Of the total change."""
        low, high = self.change_interval(place, level)
        return low * self.population, high * self.population


_BLOCK = 2048
"""Units summed at a time: what lies between two kept sums is summed on demand."""

_PARTS = "\0parts"
"""Where the parts are kept beside the orderings: no column can have this name."""


@dataclass(frozen=True, eq=False)
class _Ordering:
    """Units from the highest in a column down, with sums over whole blocks of them; sums in between are made on demand.

    `order` (n,) positions of the units; `keys` (n,) what they are sorted by, ascending (None: all tie); `blocks`
    (blocks + 1, 11) running sums of weight, of gain, of gain times each part, of weight times each part but gain.
    """

    parts: _Parts
    order: NDArray[np.int64]
    keys: Floats | None
    blocks: Floats

    def sums(self, ends: NDArray[np.int64]) -> Floats:
        """(k, 11) running sums over the first `ends` units."""
        wanted, back = np.unique(ends, return_inverse=True)
        found = self.blocks[wanted // _BLOCK].copy()
        for row, end in enumerate(wanted.tolist()):
            start = end - end % _BLOCK
            if start < end:
                found[row] += _block_sums(self.parts, self.order[start:end])
        return np.asarray(found[back])

    def reach(self, positions: Floats) -> NDArray[np.int64]:
        """(k,) how many units it takes until their weight reaches each position."""
        block = np.clip(np.searchsorted(self.blocks[:, 0], positions, side="left") - 1, 0, len(self.blocks) - 2)
        found = np.empty(len(positions), dtype=np.int64)
        for place, (start, position) in enumerate(zip(block.tolist(), positions.tolist(), strict=True)):
            inside = np.cumsum(self.parts.weight[self.order[start * _BLOCK : (start + 1) * _BLOCK]])
            found[place] = start * _BLOCK + np.searchsorted(inside, position - self.blocks[start, 0], side="left") + 1
        return np.minimum(found, len(self.order))

    def ties(self, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(k,) where the units that tie with the last one of each end begin, and where they end."""
        if self.keys is None:
            return np.zeros_like(ends), np.full_like(ends, len(self.order))
        key = self.keys[self.order[np.maximum(ends - 1, 0)]]
        low = np.searchsorted(self.keys, key, side="left", sorter=self.order)
        return low, np.searchsorted(self.keys, key, side="right", sorter=self.order)


@dataclass(frozen=True, eq=False)
class _Parts:
    """The pieces of a unit's influence on the curve: `rows` (n, 5) hold gain, base, drift, weight, today.

    `products` (5, 6): sums of products, and sums. Row by row, because they are read in another order than they lie.
    """

    rows: Floats
    products: Floats

    @property
    def gain(self) -> Floats:
        return self.rows[:, 0]

    @property
    def base(self) -> Floats:
        return self.rows[:, 1]

    @property
    def drift(self) -> Floats:
        return self.rows[:, 2]

    @property
    def weight(self) -> Floats:
        return self.rows[:, 3]

    @property
    def today(self) -> Floats:
        return self.rows[:, 4]


@one_thread
def treat_share(analysis: Analysis, shares: Sequence[float], by: str | None = None) -> ShareCurve:
    """The outcome if the top share (by a numeric column, None: at random) is treated, for each of `shares`.

    The order of a column is kept with the analysis, so that later calls take a pass over the shares only. Where many
    tie at the cut, which of them are treated is drawn at random.

    Raises NoScores (the method keeps none, or none that hold in every group), OptionProblem (a share outside 0 to 1),
    UnknownColumn.
    """
    wanted = np.asarray(shares, dtype=np.float64)
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise OptionProblem("A share lies between 0 (no one) and 1 (everyone).")
    if analysis.target == "overlap":
        raise NoScores(
            "Those open to either arm are units weighted by their propensity, no group of which a share could be "
            "treated. Ask the question for everyone, those treated or those not treated, and what if there."
        )
    if analysis.method.name == "complier_effect":
        raise NoScores(
            "This effect is that on the compliers, whom nobody can pick out, so it does not say what treating a share "
            "of all would do. Answer by two-stage least squares as well, which takes the effect to be the same for "
            "all, and ask there."
        )
    if by is not None and not analysis.method.ranks:
        raise NoScores(
            f"{analysis.method.title} keeps no unit-level scores that hold in every group, so it cannot say what "
            "treating the top by a column would do. Answer with doubly robust as well, and ask there; or treat at "
            "random."
        )
    if analysis.scores is None:
        left_out = analysis.overlap.share_trimmed
        if left_out > 0:
            raise NoScores(
                f"{analysis.method.title} left out {round(100 * left_out)} % of the units and keeps no scores of the "
                "others, so it cannot say what treating a share would do. Answer with doubly robust as well, and ask "
                "there."
            )
        return _from_means(analysis, wanted)
    parts = _kept_parts(analysis)
    if analysis.clusters is not None:
        return _clustered(analysis, parts, wanted, by)
    ordering = _ordering(analysis, parts, by)
    size = float(ordering.blocks[-1, 0])
    place = _Place.of(ordering, wanted * size)
    means = (parts.products[1, 5] + place.at(1)) / size
    chosen = _Chosen.at(place, _gain_at_cut(ordering, place))
    errors = _errors(parts, chosen, wanted, means, 0.0) / size
    change_errors = _errors(parts, chosen, wanted, means - _today(parts), 1.0) / size
    return _curve(analysis, parts, wanted, means, errors, change_errors, by)


@dataclass(frozen=True, eq=False)
class _Place:
    """Where the cut falls for each share: running sums before and after the units that tie there, and the part treated.

    `positions` (k,) weights treated; `below` and `above` (k, 11); `part` (k,) between 0 and 1.
    """

    positions: Floats
    below: Floats
    above: Floats
    part: Floats

    @classmethod
    def of(cls, ordering: _Ordering, positions: Floats) -> _Place:
        """The place of each position; all units are treated at the last, those without weight included."""
        low, high = ordering.ties(ordering.reach(positions))
        everyone = positions >= ordering.blocks[-1, 0]
        high = np.where(everyone, len(ordering.order), high)
        below, above = ordering.sums(low), ordering.sums(high)
        step = above[:, 0] - below[:, 0]
        part = np.divide(positions - below[:, 0], step, out=np.zeros_like(step), where=step > 0)
        return cls(positions, below, above, np.where(everyone, 1.0, np.clip(part, 0, 1)))

    def at(self, column: int, power: int = 1) -> Floats:
        """(k,) one of the running sums, with the part treated of those at the cut, to a power."""
        below = self.below[:, column]
        return np.asarray(below + self.part**power * (self.above[:, column] - below))


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Sums over the units treated, of gain minus the gain at the cut, for each share (k,).

    `square`: of its square; `products`: with base, drift, weight, today; `cut`: the gain at the cut itself.
    """

    square: Floats
    products: tuple[Floats, ...]
    cut: Floats

    @classmethod
    def at(cls, place: _Place, cut: Floats) -> _Chosen:
        square = place.at(2, 2) - 2 * cut * place.at(5, 2) + cut**2 * place.at(9, 2)
        return cls(square, tuple(place.at(3 + each) - cut * place.at(7 + each) for each in range(4)), cut)


def _gain_at_cut(ordering: _Ordering, place: _Place) -> Floats:
    """(k,) mean gain of the units at the cut: of those that tie there, or of a window around it where few tie.

    Who is treated depends on the sample's own quantile; moving it trades units of just this gain.
    """
    size = float(ordering.blocks[-1, 0])
    reach = size * max(size, 1.0) ** (-1 / 3)
    tie = place.above[:, 0] - place.below[:, 0] > reach
    window = [ordering.sums(ordering.reach(np.clip(place.positions + side * reach, 0.0, size))) for side in (-1.0, 1.0)]
    low, high = (
        np.where(tie[:, None], own, near) for own, near in zip((place.below, place.above), window, strict=True)
    )
    weight = high[:, 0] - low[:, 0]
    return np.asarray(np.divide(high[:, 1] - low[:, 1], weight, out=np.zeros_like(weight), where=weight > 0))


def _kept_parts(analysis: Analysis) -> _Parts:
    if _PARTS not in analysis.orderings:
        analysis.orderings[_PARTS] = _parts(analysis)
    found = analysis.orderings[_PARTS]
    assert isinstance(found, _Parts)
    return found


def _parts(analysis: Analysis) -> _Parts:
    """Drift is what the fitted models add; it moves from the control's to the treated's as the share grows."""
    scores, table, rows = analysis.scores, analysis.table, analysis.rows
    assert scores is not None
    today = np.zeros(len(scores.control))
    if table is not None and rows is not None:
        outcome = table.column(analysis.spec.question.outcome)
        values = outcome if len(rows) == len(outcome) else outcome.iloc[rows]
        today = scores.target_weight * within(_numbers(values), analysis.outcome_limits)
    pieces = np.empty((len(scores.control), 5))
    np.subtract(scores.treated, scores.control, out=pieces[:, 0])
    np.add(scores.control, scores.control_correction, out=pieces[:, 1])
    np.subtract(scores.treated_correction, scores.control_correction, out=pieces[:, 2])
    pieces[:, 3] = scores.target_weight
    pieces[:, 4] = today
    return _Parts(pieces, np.hstack([pieces.T @ pieces, pieces.sum(axis=0)[:, None]]))


def _numbers(values: pd.Series) -> Floats:
    if values.dtype.kind in "biuf":
        return values.to_numpy(dtype=np.float64)
    codes, _ = pd.factorize(values, sort=True)
    return codes.astype(np.float64)


def _ordering(analysis: Analysis, parts: _Parts, by: str | None) -> _Ordering:
    if by not in analysis.orderings:
        analysis.orderings[by] = _sorted(analysis, parts, by)
    found = analysis.orderings[by]
    assert isinstance(found, _Ordering)
    return found


def _sorted(analysis: Analysis, parts: _Parts, by: str | None) -> _Ordering:
    n = len(parts.gain)
    keys = None if by is None else -_column(analysis, by)
    order = np.arange(n) if keys is None else np.argsort(keys)
    starts = range(0, n, _BLOCK)
    sums = np.vstack([np.zeros(11), *(_block_sums(parts, order[start : start + _BLOCK]) for start in starts)])
    return _Ordering(parts, order, keys, np.cumsum(sums, axis=0))


def _block_sums(parts: _Parts, units: NDArray[np.int64]) -> Floats:
    """(11,) of some units: see `_Ordering`."""
    rows = parts.rows.take(units, axis=0)
    products, sums = rows.T @ rows, rows.sum(axis=0)
    return np.concatenate([[sums[3], sums[0]], products[0], products[3, 1:]])


def _column(analysis: Analysis, by: str) -> Floats:
    if analysis.table is None or analysis.rows is None:
        raise NoScores("The table is not at hand, so its units cannot be put in order. Open the study's log again.")
    series = analysis.table.column(by)
    values = series if len(analysis.rows) == len(series) else series.iloc[analysis.rows]
    if values.dtype.kind == "M":
        values = values.astype("int64")
    if values.dtype.kind not in "biuf":
        raise OptionProblem(f'"{by}" is not numeric, so it puts the units in no order. Choose a numeric column.')
    numbers = values.to_numpy(dtype=np.float64)
    return np.where(np.isnan(numbers), -np.inf, numbers)


def _errors(parts: _Parts, chosen: _Chosen, shares: Floats, means: Floats, against_today: float) -> Floats:
    """(k,) root of the sum of squares of base + s drift + g (gain - cut weight) + (s cut - mean) weight [- today].

    Expanded, so that it needs only sums: g is one for the units treated, a fraction for those at the cut.
    """
    ones = np.ones_like(shares)
    factors = [ones, shares, shares * chosen.cut - means, -against_today * ones]  # of base, drift, weight, today
    fixed = parts.products[1:, 1:5]
    total = chosen.square.copy()
    for i, left in enumerate(factors):
        total += 2 * left * chosen.products[i]
        for j, right in enumerate(factors):
            total += left * right * fixed[i, j]
    return np.asarray(np.sqrt(np.maximum(total, 0.0)))


def _today(parts: _Parts) -> float:
    return float(parts.products[4, 5] / parts.products[3, 5])


def _clustered(analysis: Analysis, parts: _Parts, shares: Floats, by: str | None) -> ShareCurve:
    """With clusters each share takes its own pass, as influences add up within a cluster before they are squared."""
    clusters = analysis.clusters
    assert clusters is not None
    size = float(parts.weight.sum())
    treated = _treated_part(analysis, parts, shares, by)
    ordering = _ordering(analysis, parts, by)
    cuts = _gain_at_cut(ordering, _Place.of(ordering, shares * size))
    means, errors, change_errors = [], [], []
    count = int(clusters.max()) + 1
    for share, chosen, cut in zip(shares, treated, cuts, strict=True):
        mean = float((parts.base.sum() + chosen @ parts.gain) / size)
        influence = parts.base + share * parts.drift + chosen * (parts.gain - cut * parts.weight)
        influence += (share * cut - mean) * parts.weight
        change = influence - parts.today + _today(parts) * parts.weight
        means.append(mean)
        errors.append(_clustered_error(influence, clusters, count) / size)
        change_errors.append(_clustered_error(change, clusters, count) / size)
    return _curve(analysis, parts, shares, np.array(means), np.array(errors), np.array(change_errors), by)


def _treated_part(analysis: Analysis, parts: _Parts, shares: Floats, by: str | None) -> list[Floats]:
    """For each share, (n,) how much of each unit is treated: 1, 0, or a fraction of those that tie at the cut."""
    if by is None:
        return [np.full(len(parts.gain), share) for share in shares]
    values = _column(analysis, by)
    levels, inverse = np.unique(-values, return_inverse=True)
    weights = np.bincount(inverse, weights=parts.weight, minlength=len(levels))
    before = np.concatenate([[0.0], np.cumsum(weights)[:-1]])
    position = shares * parts.weight.sum()
    steps = np.where(weights > 0, weights, 1.0)
    found = []
    for share, reach in zip(shares, position, strict=True):
        inside = np.where(weights > 0, np.clip((reach - before) / steps, 0, 1), before < reach)
        found.append(np.ones(len(values)) if share == 1 else inside[inverse])
    return found


def _clustered_error(influence: Floats, clusters: NDArray[np.int64], count: int) -> float:
    sums = np.bincount(clusters, weights=influence, minlength=count)
    return float(np.sqrt(sums @ sums * count / (count - 1)))


def _curve(
    analysis: Analysis,
    parts: _Parts,
    shares: Floats,
    means: Floats,
    errors: Floats,
    change_errors: Floats,
    by: str | None,
) -> ShareCurve:
    today = _today(parts)
    return ShareCurve(
        shares=tuple(shares.tolist()),
        means=tuple(means.tolist()),
        std_errors=tuple(errors.tolist()),
        changes=tuple((means - today).tolist()),
        change_std_errors=tuple(change_errors.tolist()),
        by=by,
        population=float(parts.weight.sum()),
        today=today,
        today_share=_share_today(analysis),
        confidence=analysis.spec.confidence,
        degrees_of_freedom=analysis.estimate.degrees_of_freedom,
    )


def _share_today(analysis: Analysis) -> float:
    target = analysis.spec.question.target
    sizes = analysis.estimate.arm_sizes
    return {"treated": 1.0, "untreated": 0.0}.get(target, sizes.treated / (sizes.treated + sizes.control))


def _from_means(analysis: Analysis, shares: Floats) -> ShareCurve:
    """At random, the arm means and their covariance suffice."""
    estimate = analysis.estimate
    title = analysis.method.title
    if estimate.arm_std_errors.control != estimate.arm_std_errors.control:
        raise NoScores(f"{title} gives no mean per arm, so it answers no what-if. Answer with doubly robust as well.")
    means = estimate.arm_means.control + shares * estimate.effect
    variance = (
        (1 - shares) ** 2 * estimate.arm_std_errors.control**2
        + shares**2 * estimate.arm_std_errors.treated**2
        + 2 * shares * (1 - shares) * estimate.arm_covariance
    )
    today, population, today_share = _observed(analysis)
    errors = np.sqrt(np.maximum(variance, 0.0))
    # Without scores the covariance with today's mean is not known: the error of the share moved is what is left.
    moved = np.abs(shares - today_share) * estimate.std_error
    return ShareCurve(
        shares=tuple(shares.tolist()),
        means=tuple(means.tolist()),
        std_errors=tuple(errors.tolist()),
        changes=tuple((means - today).tolist()),
        change_std_errors=tuple(moved.tolist()),
        by=None,
        population=population,
        today=today,
        today_share=today_share,
        confidence=analysis.spec.confidence,
        degrees_of_freedom=analysis.estimate.degrees_of_freedom,
    )


def _observed(analysis: Analysis) -> tuple[float, float, float]:
    sizes, naive = analysis.estimate.arm_sizes, analysis.naive.arm_means
    target = analysis.spec.question.target
    if target == "treated":
        return naive.treated, sizes.treated, 1.0
    if target == "untreated":
        return naive.control, sizes.control, 0.0
    share = sizes.treated / (sizes.treated + sizes.control)
    return share * naive.treated + (1 - share) * naive.control, sizes.treated + sizes.control, share
