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
    the last allocation to units drawn at random until the budget is spent, and `beyond_errors` are the standard errors
    of `gains` less that, of the same units.
    """

    budgets: tuple[float, ...]
    spent: tuple[float, ...]
    gains: tuple[float, ...]
    std_errors: tuple[float, ...]
    prices: tuple[float, ...]
    random: tuple[float, ...]
    beyond_errors: tuple[float, ...]
    units: int
    confidence: float
    degrees_of_freedom: float

    def interval(self, place: int, level: float | None = None) -> Interval:
        """Of the gain at one of the budgets."""
        return normal_interval(
            self.gains[place], self.std_errors[place], level or self.confidence, self.degrees_of_freedom
        )

    def beyond_random(self, place: int, level: float | None = None) -> Interval:
        """Of the gain at one of the budgets less that of the same money handed out at random."""
        beyond = self.gains[place] - self.random[place]
        return normal_interval(beyond, self.beyond_errors[place], level or self.confidence, self.degrees_of_freedom)


def budget_curve(scores: ArmScores, path: AllocationPath, confidence: float, points: int = POINTS) -> BudgetCurve:
    """The curve from the cheapest allocation to the one that has all it can gain, at evenly spaced budgets."""
    most = path.most
    budgets = np.linspace(path.least, most, points) if most > path.least else np.array([path.least])
    n, clusters = len(scores), scores.clusters
    steps = np.array([path.steps_within(float(budget)) for budget in budgets])
    prices = score_per_cost(scores, path, steps)
    spent = np.concatenate([[path.least], path.spent])[steps]
    share = (spent - path.least) / (most - path.least) if most > path.least else np.zeros(len(spent))
    told = _from_running_sums if clusters is None else _with_clusters
    gains, errors, beyond = told(scores, path, steps, prices, share)
    return BudgetCurve(
        budgets=tuple(budgets.tolist()),
        spent=tuple(spent.tolist()),
        gains=tuple(gains.tolist()),
        std_errors=tuple(errors.tolist()),
        prices=tuple(prices.tolist()),
        random=tuple((share * gains[-1]).tolist()),
        beyond_errors=tuple(beyond.tolist()),
        units=n,
        confidence=confidence,
        degrees_of_freedom=np.inf if clusters is None else float(clusters.max()),
    )


def _from_running_sums(
    scores: ArmScores, path: AllocationPath, steps: NDArray[np.int64], prices: Floats, share: Floats
) -> tuple[Floats, Floats, Floats]:
    """Means, errors, and errors beyond random of the gain after so many steps, from sums that run along the path."""
    n, unit = len(scores), path.unit
    origin = scores.scores[unit, path.start[unit]]
    now, then = scores.scores[unit, path.after] - origin, scores.scores[unit, path.before] - origin
    paid, earlier = path.paid, path.paid - path.cost
    drawn = _handed_out(scores, path)
    parts = (
        now - then,
        now**2 - then**2,
        path.cost,
        paid**2 - earlier**2,
        now * paid - then * earlier,
        (now - then) * drawn[unit],
        path.cost * drawn[unit],
    )
    sums = [np.concatenate([[0.0], np.cumsum(each)])[steps] / n for each in parts]
    gain, square, cost, cost_square, product, with_drawn, cost_with_drawn = sums
    variance = square - gain**2
    variance += prices**2 * (cost_square - cost**2) - 2 * prices * (product - gain * cost)
    apart = variance + share**2 * float(drawn @ drawn) / n - 2 * share * (with_drawn - prices * cost_with_drawn)
    apart = np.where(share < 1, apart, 0.0)  # both give every unit its last arm
    errors, beyond = (np.sqrt(np.maximum(each, 0.0) / (n - 1)) for each in (variance, apart))
    return gain, errors, beyond


def _handed_out(scores: ArmScores, path: AllocationPath) -> Floats:
    """(n,) the influence of the last allocation's gain at a budget that is met: how random hand-outs vary."""
    units, last = np.arange(len(scores)), path.arms_after(len(path.unit))
    gained = scores.scores[units, last] - scores.scores[units, path.start]
    paid = np.bincount(path.unit, weights=path.cost, minlength=len(scores))
    return np.asarray(gained - gained.mean() / paid.mean() * paid if paid.any() else np.zeros(len(scores)))


def _with_clusters(
    scores: ArmScores, path: AllocationPath, steps: NDArray[np.int64], prices: Floats, share: Floats
) -> tuple[Floats, Floats, Floats]:
    units, drawn = np.arange(len(scores)), _handed_out(scores, path)
    gains, errors, beyond = [], [], []
    for each, part in zip(steps, share, strict=True):
        gained = scores.scores[units, path.arms_after(each)] - scores.scores[units, path.start]
        gains.append(float(gained.mean()))
        influence = gained + stop_influence(scores, path, each)
        errors.append(_error(influence, scores.clusters))
        beyond.append(_error(influence - part * drawn, scores.clusters) if part < 1 else 0.0)
    return np.array(gains), np.array(errors), np.array(beyond)


def stop_influence(scores: ArmScores, path: AllocationPath, steps: int) -> Floats:
    """(n,) mean zero: the budget per unit is met in every sample, so a sample of dearer units stops sooner."""
    if steps >= len(path.unit):  # the budget binds no one
        return np.zeros(len(scores))
    paid = np.bincount(path.unit[:steps], weights=path.cost[:steps], minlength=len(scores))
    price = float(score_per_cost(scores, path, np.array([steps]))[0])
    return np.asarray(-price * (paid - paid.mean()))


def score_per_cost(scores: ArmScores, path: AllocationPath, steps: NDArray[np.int64]) -> Floats:
    """What money buys around each of the stops after `steps`, by the scores of the steps just before and just after."""
    count = len(path.unit)
    reach = max(_FEWEST_AROUND, int(_AROUND * count))
    low, high = np.maximum(steps - reach, 0), np.minimum(steps + reach, count)
    gained = scores.scores[path.unit, path.after] - scores.scores[path.unit, path.before]
    bought, cost = (_between(each, low, high) for each in (gained, path.cost))
    return np.divide(bought, cost, out=np.zeros(len(steps)), where=(steps < count) & (cost > 0))


def _between(values: Floats, low: NDArray[np.int64], high: NDArray[np.int64]) -> Floats:
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(running[high] - running[low])


def _error(influence: Floats, clusters: NDArray[np.int64] | None) -> float:
    apart, n = influence - influence.mean(), len(influence)
    if clusters is None:
        return float(np.sqrt(apart @ apart / (n - 1) / n))
    sums = np.bincount(clusters, weights=apart)
    return float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)) / n)
