"""Two policies at every budget, on the same units by the same scores: the difference of their gains, paired.

Sverdrup, Wu, Athey and Wager (2025), Journal of Causal Inference (`difference_gain` and `integrated_difference` of
their R package maq). They resample halves of the units; here each unit's influence on both curves is known, the part
included by which each stop moves with the sample, so that errors of differences, of their average over budgets and of
all budgets at once come from one covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from causal.estimators.design import Floats
from causal.estimators.estimate import Interval
from causal.estimators.one_thread import one_thread
from causal.estimators.simultaneous import critical_value
from causal.policies.alike import AlikePath
from causal.policies.allocation import AllocationPath
from causal.policies.arm_scores import ArmScores
from causal.policies.budget_curve import score_per_cost
from causal.policies.spending import Way, price_alike
from causal.policies.value import Compared

POINTS = 51
_BLOCK = 4_096


@dataclass(frozen=True)
class PairedCurves:
    """At each of `budgets` (totals): what two policies gain per unit, and the first less the other.

    `gains` and `other_gains` count from the first's cheapest allocation on, `spent` and `other_spent` are total costs.
    A policy that has all it can gain stays as it is. `std_errors` of the `differences` are paired. `averages` are the
    mean differences over all budgets up to each, with `average_errors`: times the width of these budgets, the area
    between the curves. `reach` standard errors on either side hold the differences at all budgets at once.
    """

    budgets: tuple[float, ...]
    spent: tuple[float, ...]
    other_spent: tuple[float, ...]
    gains: tuple[float, ...]
    other_gains: tuple[float, ...]
    differences: tuple[float, ...]
    std_errors: tuple[float, ...]
    averages: tuple[float, ...]
    average_errors: tuple[float, ...]
    reach: float
    units: int
    confidence: float
    degrees_of_freedom: float

    def difference(self, place: int) -> Compared:
        """The difference at one of the budgets, told alone."""
        told = self.differences[place], self.std_errors[place]
        return Compared(*told, self.confidence, self.degrees_of_freedom)

    def average(self, place: int) -> Compared:
        """The average difference over the budgets up to one."""
        return Compared(self.averages[place], self.average_errors[place], self.confidence, self.degrees_of_freedom)

    def joint_interval(self, place: int) -> Interval:
        """Of the difference at one of the budgets, held at all of them at once with the chance `confidence`."""
        size = self.reach * self.std_errors[place]
        return self.differences[place] - size, self.differences[place] + size

    def place_of(self, budget: float) -> int:
        """The last of the budgets that is not above one; the first where all are."""
        return max(int(np.searchsorted(self.budgets, budget * (1 + 1e-9), side="right")) - 1, 0)


@one_thread
def paired_curves(
    scores: ArmScores,
    paid: Floats,
    first: Way,
    other: Way,
    confidence: float,
    at: Sequence[float] = (),
    points: int = POINTS,
    seed: int = 0,
) -> PairedCurves:
    """Both at evenly spaced budgets, from the least that pays for either to the end of both, and at those of `at`.

    `paid` (n, K) are the costs. Raises OptionProblem where one begins above all that the other can spend on gains.
    """
    budgets = _budgets(first, other, at, points)
    firsts, others = _reader(first, scores, paid, budgets), _reader(other, scores, paid, budgets)
    moments = _Moments(len(budgets))
    for units, starts in _blocks(scores.clusters, len(scores)):
        (value, money), (beside, beside_money) = firsts.told(units), others.told(units)
        moments.add(value, beside, money * firsts.prices[:, None] - beside_money * others.prices[:, None], starts)
    n, covariance = len(scores), moments.covariance(len(scores))
    differences, upto = moments.difference / n, _averaging(budgets)
    freedom = np.inf if scores.clusters is None else float(scores.clusters.max())
    origin = firsts.origin
    return PairedCurves(
        budgets=tuple(budgets.tolist()),
        spent=tuple(firsts.spent.tolist()),
        other_spent=tuple(others.spent.tolist()),
        gains=tuple((moments.value / n - origin).tolist()),
        other_gains=tuple((moments.beside / n - origin).tolist()),
        differences=tuple(differences.tolist()),
        std_errors=tuple(_roots(np.diag(covariance))),
        averages=tuple((upto @ differences).tolist()),
        average_errors=tuple(_roots(np.einsum("ij,jk,ik->i", upto, covariance, upto))),
        reach=critical_value(covariance, confidence, freedom, seed=seed),
        units=n,
        confidence=confidence,
        degrees_of_freedom=freedom,
    )


def _roots(variances: Floats) -> list[float]:
    return [float(each) for each in np.sqrt(np.maximum(variances, 0.0))]


def _reader(way: Way, scores: ArmScores, paid: Floats, budgets: Floats) -> _Walker | _Mixture:
    return (_Walker if isinstance(way, AllocationPath) else _Mixture)(way, scores, paid, budgets)  # type: ignore[arg-type]


def _budgets(first: Way, other: Way, at: Sequence[float], points: int) -> Floats:
    least, most = max(first.least, other.least), max(first.most, other.most)
    even = np.linspace(least, most, points) if most > least else np.array([least])
    return np.unique(np.concatenate([even, np.clip(np.asarray(at, dtype=np.float64), even[0], even[-1])]))


def _averaging(budgets: Floats) -> Floats:
    """(G, G) the weights of the mean over the budgets up to each, by trapezes."""
    halves = np.diff(budgets, prepend=budgets[0]) / 2
    parts = np.tril(np.ones((len(budgets), len(budgets))), -1) * (halves + np.append(halves[1:], 0.0))
    found = parts + np.diag(halves)
    found[1:] /= (budgets[1:] - budgets[0])[:, None]
    found[0, 0] = 1.0
    return np.asarray(found)


def _blocks(
    clusters: NDArray[np.int64] | None, count: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64] | None]]:
    """The units in pieces, clusters whole, with where each cluster begins in the piece."""
    if clusters is None:
        for start in range(0, count, _BLOCK):
            yield np.arange(start, min(start + _BLOCK, count)), None
        return
    order = np.argsort(clusters, kind="stable")
    sorted_codes = clusters[order]
    starts = np.flatnonzero(np.diff(sorted_codes, prepend=-1))
    cut = 0
    while cut < len(starts):
        begin = starts[cut]
        cut = max(int(np.searchsorted(starts, begin + _BLOCK, side="right")) - 1, cut + 1)
        end = starts[cut] if cut < len(starts) else count
        inside = starts[(starts >= begin) & (starts < end)] - begin
        yield order[begin:end], inside


class _Moments:
    """Sums over units, kept while the blocks go by; influences as their distance from the first unit's."""

    def __init__(self, budgets: int) -> None:
        self.value, self.beside, self.difference = np.zeros(budgets), np.zeros(budgets), np.zeros(budgets)
        self.total, self.by_size, self.products = np.zeros(budgets), np.zeros(budgets), np.zeros((budgets, budgets))
        self.groups, self.sizes = 0, 0.0
        self.first: Floats | None = None

    def add(self, value: Floats, beside: Floats, stop: Floats, starts: NDArray[np.int64] | None) -> None:
        """A block's values under both policies (G, m), and what the stops take from the difference's influence."""
        apart = value - beside
        self.value += value.sum(axis=1)
        self.beside += beside.sum(axis=1)
        self.difference += apart.sum(axis=1)
        apart -= stop
        if self.first is None:
            self.first = apart[:, :1].copy()
        apart -= self.first
        size = np.ones(apart.shape[1])
        if starts is not None:
            apart = np.add.reduceat(apart, starts, axis=1)
            size = np.diff(np.append(starts, len(size))).astype(np.float64)
        self.total += apart.sum(axis=1)
        self.by_size += apart @ size
        self.products += apart @ apart.T
        self.groups += apart.shape[1]
        self.sizes += float(size @ size)

    def covariance(self, n: int) -> Floats:
        """Of the mean differences: sums within clusters about their share of the mean, as of `_error`."""
        if self.groups < 2:
            return np.full_like(self.products, np.nan)
        mean = self.total / n
        crossed = np.outer(self.by_size, mean)
        about = self.products - crossed - crossed.T + self.sizes * np.outer(mean, mean)
        return np.asarray(about * self.groups / (self.groups - 1) / n**2)


class _Walker:
    """Reads a path: where each unit is at each budget."""

    def __init__(self, path: AllocationPath, scores: ArmScores, paid: Floats, budgets: Floats) -> None:
        self.path, self.scores, self.paid, n = path, scores.scores, paid, len(scores)
        steps = np.array([path.steps_within(float(budget)) for budget in budgets])
        self.prices = score_per_cost(scores, path, steps)
        self.spent = np.concatenate([[path.least], path.least + np.cumsum(path.cost)])[steps]
        count = len(path.unit)
        self.bins = np.searchsorted(steps, np.arange(count), side="right")
        table = sparse.coo_array((np.ones(count, dtype=np.int8), (path.unit, np.arange(count))), shape=(n, count))
        self.by_unit = table.tocsr()
        self.budgets = len(budgets)
        self.origin = float(scores.scores[np.arange(n), path.start].mean())

    def told(self, units: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """(G, m) the score and the cost of the arm that each of the units has at each budget."""
        rows = self.by_unit[units]
        steps = rows.indices
        place = np.repeat(np.arange(len(units)), np.diff(rows.indptr))
        counts = self.bins[steps] < self.budgets
        steps, place = steps[counts], place[counts]
        at = np.zeros((self.budgets, len(units)), dtype=np.int64)
        at[0] = np.arange(len(units))
        # of a unit's steps to one budget the last one stays
        at[self.bins[steps], place] = np.arange(len(units), len(units) + len(steps))
        for budget in range(1, self.budgets):  # several times as fast as np.maximum.accumulate
            np.maximum(at[budget], at[budget - 1], out=at[budget])
        unit = np.concatenate([units, units[place]])
        arm = np.concatenate([self.path.start[units], self.path.after[steps]])
        return self.scores[unit, arm][at], self.paid[unit, arm][at]


class _Mixture:
    """Reads the shares of the units that get each arm alike."""

    def __init__(self, path: AlikePath, scores: ArmScores, paid: Floats, budgets: Floats) -> None:
        self.scores, self.paid = scores.scores, paid
        self.shares = np.column_stack([path.shares_within(float(budget)) for budget in budgets])
        self.spent = paid.sum(axis=0) @ self.shares
        self.prices = np.array([price_alike(path, scores, float(budget)) for budget in budgets])
        self.origin = float(scores.scores[:, path.arms[0]].mean())

    def told(self, units: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """(G, m) the mean score and cost of each of the units over the draw of its arm."""
        return self.shares.T @ self.scores[units].T, self.shares.T @ self.paid[units].T
