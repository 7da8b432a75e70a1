"""The gain at every budget, with its interval: the Qini curve for many arms and any costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval
from causal.policies.allocation import AllocationPath
from causal.policies.arm_scores import ArmScores

POINTS = 100
_AROUND = 0.025
_FEWEST_AROUND = 50


@dataclass(frozen=True)
class BudgetCurve:
    """Gain per unit over the cheapest allocation, at each of `budgets` (total), with its standard error.

    `spent` is the total cost, `prices` the score gained per unit of money at the stop. `random` is the gain of handing
    the last allocation to units drawn at random until the budget is spent.
    """

    budgets: tuple[float, ...]
    spent: tuple[float, ...]
    gains: tuple[float, ...]
    std_errors: tuple[float, ...]
    prices: tuple[float, ...]
    random: tuple[float, ...]
    units: int
    confidence: float
    degrees_of_freedom: float

    def interval(self, place: int, level: float | None = None) -> Interval:
        """Of the gain at one of the budgets."""
        return normal_interval(
            self.gains[place], self.std_errors[place], level or self.confidence, self.degrees_of_freedom
        )


def budget_curve(scores: ArmScores, path: AllocationPath, confidence: float, points: int = POINTS) -> BudgetCurve:
    """The curve from the cheapest allocation to the one that has all it can gain, at evenly spaced budgets."""
    most = path.spent[-1] if len(path.spent) else path.least
    budgets = np.linspace(path.least, most, points) if most > path.least else np.array([path.least])
    n, clusters = len(scores), scores.clusters
    steps = [path.steps_within(float(budget)) for budget in budgets]
    prices = np.array([score_per_cost(scores, path, each) for each in steps])
    gains, errors = (
        _from_running_sums(scores, path, steps, prices) if clusters is None else _with_clusters(scores, path, steps)
    )
    spent = np.array([path.spent[each - 1] if each else path.least for each in steps])
    share = (spent - path.least) / (most - path.least) if most > path.least else np.zeros(len(spent))
    return BudgetCurve(
        budgets=tuple(budgets.tolist()),
        spent=tuple(spent.tolist()),
        gains=tuple(gains.tolist()),
        std_errors=tuple(errors.tolist()),
        prices=tuple(prices.tolist()),
        random=tuple((share * gains[-1]).tolist()),
        units=n,
        confidence=confidence,
        degrees_of_freedom=np.inf if clusters is None else float(clusters.max()),
    )


def _from_running_sums(
    scores: ArmScores, path: AllocationPath, steps: list[int], prices: Floats
) -> tuple[Floats, Floats]:
    """Means and errors of the gain after so many steps, from sums that run along the path."""
    n, unit = len(scores), path.unit
    origin = scores.scores[unit, path.start[unit]]
    now, then = scores.scores[unit, path.after] - origin, scores.scores[unit, path.before] - origin
    paid, earlier = path.paid, path.paid - path.cost
    parts = (now - then, now**2 - then**2, path.cost, paid**2 - earlier**2, now * paid - then * earlier)
    sums = [np.concatenate([[0.0], np.cumsum(each)])[steps] / n for each in parts]
    gain, square, cost, cost_square, product = sums
    variance = square - gain**2
    variance += prices**2 * (cost_square - cost**2) - 2 * prices * (product - gain * cost)
    return gain, np.sqrt(np.maximum(variance, 0.0) / (n - 1))


def _with_clusters(scores: ArmScores, path: AllocationPath, steps: list[int]) -> tuple[Floats, Floats]:
    units = np.arange(len(scores))
    gains, errors = [], []
    for each in steps:
        gained = scores.scores[units, path.arms_after(each)] - scores.scores[units, path.start]
        gains.append(float(gained.mean()))
        errors.append(_error(gained + stop_influence(scores, path, each), scores.clusters))
    return np.array(gains), np.array(errors)


def stop_influence(scores: ArmScores, path: AllocationPath, steps: int) -> Floats:
    """(n,) mean zero: the budget per unit is met in every sample, so a sample of dearer units stops sooner."""
    if steps >= len(path.unit):  # the budget binds no one
        return np.zeros(len(scores))
    paid = np.bincount(path.unit[:steps], weights=path.cost[:steps], minlength=len(scores))
    return np.asarray(-score_per_cost(scores, path, steps) * (paid - paid.mean()))


def score_per_cost(scores: ArmScores, path: AllocationPath, steps: int) -> float:
    """What money buys around the stop, by the scores of the steps just before and just after it."""
    count = len(path.unit)
    if steps >= count:
        return 0.0
    reach = max(_FEWEST_AROUND, int(_AROUND * count))
    around = slice(max(steps - reach, 0), min(steps + reach, count))
    unit = path.unit[around]
    gained = scores.scores[unit, path.after[around]] - scores.scores[unit, path.before[around]]
    return float(gained.sum() / path.cost[around].sum())


def _error(influence: Floats, clusters: NDArray[np.int64] | None) -> float:
    apart, n = influence - influence.mean(), len(influence)
    if clusters is None:
        return float(np.sqrt(apart @ apart / (n - 1) / n))
    sums = np.bincount(clusters, weights=apart)
    return float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)) / n)
