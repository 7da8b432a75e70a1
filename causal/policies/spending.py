"""What one allocation of money is worth to each unit and costs for it, and how its stop moves with the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.policies.alike import AlikePath
from causal.policies.allocation import AllocationPath
from causal.policies.arm_scores import ArmScores
from causal.policies.budget_curve import score_per_cost
from causal.policies.value import Compared, mean_of

Way = AllocationPath | AlikePath
"""How any budget is spent: unit by unit along a path, or on everyone alike."""


@dataclass(frozen=True, eq=False)
class Spending:
    """Of n units: the score of what each gets (`values`), what that costs (`money`), and what a stop that moves with
    the sample adds to the influence of their mean (`stop`, zeros where none does).
    """

    values: Floats
    money: Floats
    stop: Floats

    @property
    def total(self) -> float:
        """What it costs in all."""
        return float(self.money.sum())


def spending_of(scores: ArmScores, paid: Floats, arms: NDArray[np.int64]) -> Spending:
    """Giving each unit the arm in `arms` (n,), whatever that costs."""
    units = np.arange(len(scores))
    return Spending(scores.scores[units, arms], paid[units, arms], np.zeros(len(scores)))


def simple_spendings(scores: ArmScores, paid: Floats) -> dict[str, Spending]:
    """The policies that need no thought, named as in `PolicyValue.gains`."""
    units, nothing = np.arange(len(scores)), np.zeros(len(scores))
    found = {
        "today": Spending(scores.outcome, paid[units, scores.arm], nothing),
        "random": Spending(scores.scores.mean(axis=1), paid.mean(axis=1), nothing),
    }
    alone = {
        f"all {level}": Spending(scores.scores[:, at], paid[:, at], nothing) for at, level in enumerate(scores.levels)
    }
    return found | alone


def spending_at(scores: ArmScores, paid: Floats, way: Way, budget: float | Spending) -> Spending:
    """What a way of spending makes of a budget (a total), or of as much as another spends, which moves with the sample.

    Raises OptionProblem where that does not pay for the cheapest allocation.
    """
    total = budget.total if isinstance(budget, Spending) else budget
    if isinstance(way, AlikePath):
        shares = way.shares_within(total)
        values, money, price = scores.scores @ shares, paid @ shares, price_alike(way, scores, total)
    else:
        steps = way.steps_within(total)
        found = spending_of(scores, paid, way.arms_after(steps))
        values, money = found.values, found.money
        price = float(score_per_cost(scores, way, np.array([steps]))[0])
    stop = -price * (money - money.mean())
    if isinstance(budget, Spending):
        stop = stop + price * (budget.money - budget.money.mean())
    return Spending(values, money, stop)


def price_alike(way: AlikePath, scores: ArmScores, budget: float) -> float:
    """What money buys by the scores where everyone is treated alike; zero where nothing is left to gain."""
    stage = way.stage_at(budget)
    if stage + 1 >= len(way.arms):
        return 0.0
    before, after = way.arms[stage], way.arms[stage + 1]
    gained = float(scores.scores[:, after].mean() - scores.scores[:, before].mean())
    return gained * len(scores) / float(way.spent[stage + 1] - way.spent[stage])


def less(first: Spending, second: Spending, scores: ArmScores, confidence: float) -> Compared:
    """The mean of the first less that of the second, paired."""
    apart = (first.values - second.values) + (first.stop - second.stop)
    mean, error, freedom = mean_of(apart, scores.clusters)
    return Compared(mean, error, confidence, freedom)
