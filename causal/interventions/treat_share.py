"""What if only a share of the population had the treatment: answered from stored scores, without a refit.

With scores of both arms for every unit, the mean outcome under any rule is an average of scores: Dudík, Langford and Li
(2011), ICML; the curve over shares is the one of Yadlowsky et al. (2025), JASA 120: 38-51.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.analysis import Analysis
from causal.errors import NoScores, OptionProblem
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval


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

    def interval(self, place: int, level: float | None = None) -> Interval:
        """Of the mean outcome at one of the shares."""
        return normal_interval(self.means[place], self.std_errors[place], level or self.confidence)

    def change_interval(self, place: int, level: float | None = None) -> Interval:
        """Of the mean change against today at one of the shares."""
        return normal_interval(self.changes[place], self.change_std_errors[place], level or self.confidence)

    def total_change(self, place: int) -> float:
        """Against today, summed over the population, in units of the outcome."""
        return self.changes[place] * self.population

    def total_change_interval(self, place: int, level: float | None = None) -> Interval:
        """Of the total change."""
        low, high = self.change_interval(place, level)
        return low * self.population, high * self.population


_PARTS = "\0parts"
"""Where the parts are kept beside the orderings: no column can have this name."""


@dataclass(frozen=True, eq=False)
class _Ordering:
    """Running sums over units from the highest in a column down, at the end of each tie; all (groups + 1,)."""

    weight: Floats
    gain: Floats
    products: tuple[Floats, ...]  # gain times each of the parts
    weighted: tuple[Floats, ...]  # weight times each of the parts but gain


@dataclass(frozen=True, eq=False)
class _Parts:
    """The pieces of a unit's influence on the curve, each (n,), and `products` (5, 5), their sums of products.

    `arrays`: gain, base, drift, weight, today.
    """

    gain: Floats
    base: Floats
    drift: Floats
    weight: Floats
    today: Floats
    products: Floats

    @property
    def arrays(self) -> tuple[Floats, ...]:
        return self.gain, self.base, self.drift, self.weight, self.today


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
    if by is not None and not analysis.method.ranks:
        raise NoScores(
            f"{analysis.method.title} keeps no unit-level scores that hold in every group, so it cannot say what "
            "treating the top by a column would do. Answer with doubly robust as well, and ask there; or treat at "
            "random."
        )
    if analysis.scores is None:
        return _from_means(analysis, wanted)
    parts = _kept_parts(analysis)
    if analysis.clusters is not None:
        return _clustered(analysis, parts, wanted, by)
    ordering = _ordering(analysis, parts, by)
    size = float(parts.weight.sum())
    position = wanted * size
    place = np.clip(np.searchsorted(ordering.weight, position, side="left") - 1, 0, len(ordering.weight) - 2)
    step = ordering.weight[place + 1] - ordering.weight[place]
    part = np.clip(np.divide(position - ordering.weight[place], step, out=np.zeros_like(step), where=step > 0), 0, 1)
    place[wanted == 1], part[wanted == 1] = len(ordering.weight) - 2, 1.0
    gain = _at(ordering.gain, place, part)
    means = (parts.base.sum() + gain) / size
    chosen = _Chosen.at(ordering, place, part, _gain_at_cut(ordering, position, place))
    errors = _errors(parts, chosen, wanted, means, 0.0) / size
    change_errors = _errors(parts, chosen, wanted, means - _today(parts), 1.0) / size
    return _curve(analysis, parts, wanted, means, errors, change_errors, by)


def _at(running: Floats, place: NDArray[np.int64], part: Floats) -> Floats:
    """(k,) the running sum up to `place`, and `part` of what follows it."""
    return np.asarray(running[place] + part * (running[place + 1] - running[place]))


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Sums over the units treated, of gain minus the gain at the cut, for each share (k,).

    `square`: of its square; `products`: with base, drift, weight, today; `cut`: the gain at the cut itself.
    """

    square: Floats
    products: tuple[Floats, ...]
    cut: Floats

    @classmethod
    def at(cls, ordering: _Ordering, place: NDArray[np.int64], part: Floats, cut: Floats) -> _Chosen:
        own, with_weight = ordering.products[0], ordering.products[3]
        square = _at(own, place, part**2) - 2 * cut * _at(with_weight, place, part**2)
        square += cut**2 * _at(ordering.weighted[2], place, part**2)
        products = tuple(
            _at(gain, place, part) - cut * _at(weight, place, part)
            for gain, weight in zip(ordering.products[1:], ordering.weighted, strict=True)
        )
        return cls(square, products, cut)


def _gain_at_cut(ordering: _Ordering, position: Floats, place: NDArray[np.int64]) -> Floats:
    """(k,) mean gain of the units at the cut: of those that tie there, or of a window around it where few tie.

    Who is treated depends on the sample's own quantile; moving it trades units of just this gain.
    """
    size = float(ordering.weight[-1])
    reach = size * max(size, 1.0) ** (-1 / 3)
    low, high = np.maximum(position - reach, 0.0), np.minimum(position + reach, size)
    tie = ordering.weight[place + 1] - ordering.weight[place] > reach
    low = np.where(tie, ordering.weight[place], low)
    high = np.where(tie, ordering.weight[place + 1], high)
    gains = np.interp(high, ordering.weight, ordering.gain) - np.interp(low, ordering.weight, ordering.gain)
    return np.asarray(gains / (high - low))


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
        today = scores.target_weight * _numbers(values)
    arrays = (
        scores.treated - scores.control,
        scores.control + scores.control_correction,
        scores.treated_correction - scores.control_correction,
        scores.target_weight,
        today,
    )
    products = np.array([[float(left @ right) for right in arrays] for left in arrays])
    return _Parts(*arrays, products=products)


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
    order: NDArray[np.int64] | None = None
    ends: NDArray[np.int64] | None = np.array([len(parts.gain) - 1])
    if by is not None:
        values = _column(analysis, by)
        order = np.argsort(values)[::-1]
        ordered = values[order]
        last = np.empty(len(ordered), dtype=bool)
        last[-1] = True
        np.not_equal(ordered[1:], ordered[:-1], out=last[:-1])
        ends = None if last.all() else np.flatnonzero(last)
    gain = parts.gain if order is None else parts.gain[order]
    base, drift, weight, today = (_placed(piece, order) for piece in parts.arrays[1:])
    pieces = (gain, base, drift, weight, today)
    running_weight, running_gain = _running(weight, ends), _running(gain, ends)
    if weight[0] == 1.0 and not np.ptp(weight):  # everyone is in the target: weighting changes nothing
        products = [running_gain if piece is weight else _running(gain * piece, ends) for piece in pieces]
        weighted = [running_weight if piece is weight else _running(piece, ends) for piece in pieces[1:]]
    else:
        products = [_running(gain * piece, ends) for piece in pieces]
        weighted = [_running(weight * piece, ends) for piece in pieces[1:]]
    return _Ordering(running_weight, running_gain, tuple(products), tuple(weighted))


def _placed(values: Floats, order: NDArray[np.int64] | None) -> Floats:
    """In order; an array that is the same everywhere needs no moving."""
    if order is None or (values[0] == values[-1] and not np.ptp(values)):
        return values
    return values[order]


def _running(values: Floats, ends: NDArray[np.int64] | None) -> Floats:
    sums = np.empty(len(values) + 1)
    sums[0] = 0.0
    np.cumsum(values, out=sums[1:])
    return sums if ends is None else np.concatenate([[0.0], sums[1:][ends]])


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
    fixed = parts.products[1:, 1:]
    total = chosen.square.copy()
    for i, left in enumerate(factors):
        total += 2 * left * chosen.products[i]
        for j, right in enumerate(factors):
            total += left * right * fixed[i, j]
    return np.asarray(np.sqrt(np.maximum(total, 0.0)))


def _today(parts: _Parts) -> float:
    return float(parts.today.sum() / parts.weight.sum())


def _clustered(analysis: Analysis, parts: _Parts, shares: Floats, by: str | None) -> ShareCurve:
    """With clusters each share takes its own pass, as influences add up within a cluster before they are squared."""
    clusters = analysis.clusters
    assert clusters is not None
    size = float(parts.weight.sum())
    treated = _treated_part(analysis, parts, shares, by)
    ordering, position = _ordering(analysis, parts, by), shares * size
    place = np.clip(np.searchsorted(ordering.weight, position, side="left") - 1, 0, len(ordering.weight) - 2)
    cuts = _gain_at_cut(ordering, position, place)
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
