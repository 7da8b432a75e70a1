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


@dataclass(frozen=True, eq=False)
class _Ordering:
    """Running sums over units from the highest in a column down, at the end of each tie; all (groups + 1,)."""

    weight: Floats
    gain: Floats
    products: Floats  # (groups + 1, 5): gain², gain x base, gain x drift, gain x weight, gain x today


@dataclass(frozen=True, eq=False)
class _Parts:
    """The pieces of a unit's influence on the curve, each (n,)."""

    base: Floats
    drift: Floats
    gain: Floats
    weight: Floats
    today: Floats


def treat_share(analysis: Analysis, shares: Sequence[float], by: str | None = None) -> ShareCurve:
    """The outcome if the top share (by a numeric column, None: at random) is treated, for each of `shares`.

    The order of a column is kept with the analysis, so that later calls take a pass over the shares only. Where many
    tie at the cut, which of them are treated is drawn at random.

    Raises NoScores (the method keeps none), OptionProblem (a share outside 0 to 1), UnknownColumn.
    """
    wanted = np.asarray(shares, dtype=np.float64)
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise OptionProblem("A share lies between 0 (no one) and 1 (everyone).")
    if analysis.scores is None:
        return _from_means(analysis, wanted, by)
    parts = _parts(analysis)
    if analysis.clusters is not None:
        return _clustered(analysis, parts, wanted, by)
    ordering = _ordering(analysis, parts, by)
    size = parts.weight.sum()
    position = wanted * size
    place = np.clip(np.searchsorted(ordering.weight, position, side="right") - 1, 0, len(ordering.weight) - 2)
    step = ordering.weight[place + 1] - ordering.weight[place]
    part = np.clip(np.divide(position - ordering.weight[place], step, out=np.ones_like(step), where=step > 0), 0, 1)
    gain = ordering.gain[place] + part * (ordering.gain[place + 1] - ordering.gain[place])
    means = (parts.base.sum() + gain) / size
    inside = ordering.products[place]
    edge = ordering.products[place + 1] - inside
    powers = np.column_stack([part**2, part, part, part, part])
    products = inside + powers * edge
    errors = _errors(parts, products, wanted, means, size, 0.0)
    change_errors = _errors(parts, products, wanted, means - _today(parts), size, 1.0)
    return _curve(analysis, parts, wanted, means, errors, change_errors, by)


def _parts(analysis: Analysis) -> _Parts:
    """Drift is what the fitted models add; it moves from the control's to the treated's as the share grows."""
    scores, table, rows = analysis.scores, analysis.table, analysis.rows
    assert scores is not None
    today = np.zeros(len(scores.control))
    if table is not None and rows is not None:
        outcome = table.column(analysis.spec.question.outcome)
        values = outcome if len(rows) == len(outcome) else outcome.iloc[rows]
        today = scores.target_weight * _numbers(values)
    return _Parts(
        base=scores.control + scores.control_correction,
        drift=scores.treated_correction - scores.control_correction,
        gain=scores.treated - scores.control,
        weight=scores.target_weight,
        today=today,
    )


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
    products = np.empty((len(parts.gain), 5))
    for place, other in enumerate((parts.gain, parts.base, parts.drift, parts.weight, parts.today)):
        np.multiply(parts.gain, other, out=products[:, place])
    if by is None:
        return _Ordering(
            np.array([0.0, parts.weight.sum()]),
            np.array([0.0, parts.gain.sum()]),
            np.vstack([np.zeros(5), products.sum(axis=0)]),
        )
    values = _column(analysis, by)
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    ends = np.flatnonzero(np.concatenate([ordered[1:] != ordered[:-1], [True]]))
    return _Ordering(
        np.concatenate([[0.0], np.cumsum(parts.weight[order])[ends]]),
        np.concatenate([[0.0], np.cumsum(parts.gain[order])[ends]]),
        np.vstack([np.zeros(5), np.cumsum(products[order], axis=0)[ends]]),
    )


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


def _errors(
    parts: _Parts, products: Floats, shares: Floats, means: Floats, size: float, against_today: float
) -> Floats:
    """(k,) root of the sum of squares of base + s drift + g gain - mean weight [- today], over the size.

    Expanded, so that it needs only sums: g is one for the units treated, a fraction for those at the cut.
    """
    fixed = parts.base - against_today * parts.today
    gain2, by_base, by_drift, by_weight, by_today = products.T
    total = (
        fixed @ fixed
        + shares**2 * (parts.drift @ parts.drift)
        + gain2
        + means**2 * (parts.weight @ parts.weight)
        + 2 * shares * (fixed @ parts.drift)
        + 2 * (by_base - against_today * by_today)
        - 2 * means * (fixed @ parts.weight)
        + 2 * shares * by_drift
        - 2 * shares * means * (parts.drift @ parts.weight)
        - 2 * means * by_weight
    )
    return np.sqrt(np.maximum(total, 0.0)) / size


def _today(parts: _Parts) -> float:
    return float(parts.today.sum() / parts.weight.sum())


def _clustered(analysis: Analysis, parts: _Parts, shares: Floats, by: str | None) -> ShareCurve:
    """With clusters each share takes its own pass, as influences add up within a cluster before they are squared."""
    clusters = analysis.clusters
    assert clusters is not None
    size = float(parts.weight.sum())
    treated = _treated_part(analysis, parts, shares, by)
    means, errors, change_errors = [], [], []
    count = int(clusters.max()) + 1
    for share, chosen in zip(shares, treated, strict=True):
        mean = float((parts.base.sum() + chosen @ parts.gain) / size)
        influence = parts.base + share * parts.drift + chosen * parts.gain - mean * parts.weight
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
    size = parts.weight.sum()
    filled = np.divide(1.0, weights, out=np.zeros_like(weights), where=weights > 0)
    return [np.clip((share * size - before) * filled + (weights == 0) * (share * size > before), 0, 1)[inverse] for share in shares]


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


def _from_means(analysis: Analysis, shares: Floats, by: str | None) -> ShareCurve:
    """At random, the arm means and their covariance suffice."""
    estimate = analysis.estimate
    title = analysis.method.title
    if by is not None:
        raise NoScores(
            f"{title} keeps no score per unit, so it cannot say what treating the top by a column would do. "
            "Answer with doubly robust as well, and ask there; or treat at random."
        )
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
