"""Who gets which arm at every budget, exactly: the path of the multiple-choice knapsack's linear program.

For each unit only the arms on the concave hull of (cost, gain) are ever chosen, and the steps along all hulls are taken
in the order of gain per cost (Zemel 1980; Sinha and Zoltners 1979). Stopping at a budget gives the optimum of the
linear program but for the one unit that would be split; gain per cost of the next step is the shadow price. Over all
budgets it is the Qini curve for many arms of Sverdrup, Wu, Athey and Wager (2025), Journal of Causal Inference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.design import Floats

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class AllocationPath:
    """Every step from the cheapest allocation to the best one, in the order in which money buys most.

    `start` (n,) the cheapest arm of each unit. Of step s: `unit`, the arm it leaves (`before`) and takes (`after`),
    `cost` and `gain` added, what the unit has cost more than at the start (`paid`), and the running totals `spent`
    (from the cheapest allocation's cost `least` on).
    """

    start: Places
    unit: Places
    before: Places
    after: Places
    cost: Floats
    gain: Floats
    paid: Floats
    spent: Floats
    least: float

    @property
    def most(self) -> float:
        """What the allocation that has all it can gain costs in all."""
        return float(self.spent[-1]) if len(self.spent) else self.least

    def steps_within(self, budget: float) -> int:
        """How many steps the budget (a total) pays for.

        Raises OptionProblem where it does not pay for the cheapest allocation.
        """
        if not budget >= self.least * (1 - 1e-12):
            raise OptionProblem(
                f"The budget {budget:g} does not pay for the cheapest arm of every unit, which costs {self.least:g} in "
                "all. Raise the budget, or add an arm that costs nothing."
            )
        return int(np.searchsorted(self.spent, budget + 1e-9 * max(abs(budget), 1.0), side="right"))

    def arms_after(self, steps: int) -> Places:
        """(n,) the arm of each unit after so many steps."""
        arms = self.start.copy()
        arms[self.unit[:steps]] = self.after[:steps]  # a unit's steps come in order, so its last one stays
        return arms

    def price_at(self, steps: int) -> float:
        """What the next unit of money buys; zero where nothing is left to gain."""
        return 0.0 if steps >= len(self.unit) else float(self.gain[steps] / self.cost[steps])


def allocation_path(gains: Floats, costs: Floats) -> AllocationPath:
    """The path for predicted outcomes `gains` (n, K) and `costs` (n, K), none negative.

    Raises OptionProblem for costs that are missing or negative.
    """
    if not np.isfinite(costs).all() or (costs < 0).any():
        raise OptionProblem("Every arm of every unit needs a cost that is a number and not below zero.")
    everyone = np.arange(len(gains))
    order = np.lexsort((-gains, costs), axis=1) if gains.shape[1] > 1 else np.zeros((len(gains), 1), dtype=np.int64)
    start = order[:, 0].astype(np.int64)
    steps: list[tuple[Places, Places, Places, Floats, Floats, Floats]] = []
    active, arm, paid = everyone, start, np.zeros(len(gains))
    while len(active):
        after, cost, gain = _next_on_hull(gains[active], costs[active], arm)
        moves = gain > 0
        active, before, arm = active[moves], arm[moves], after[moves]
        cost, gain = cost[moves], gain[moves]
        paid = paid[moves] + cost
        steps.append((active, before, arm, cost, gain, paid))
    unit, before, after, cost, gain, paid = (np.concatenate(each) for each in zip(*steps, strict=True))
    with np.errstate(divide="ignore"):
        slope = np.where(cost > 0, gain / cost, np.inf)
    taken = np.argsort(-slope, kind="stable")
    least = float(costs[everyone, start].sum())
    return AllocationPath(
        start=start,
        unit=unit[taken],
        before=before[taken],
        after=after[taken],
        cost=cost[taken],
        gain=gain[taken],
        paid=paid[taken],
        spent=least + np.cumsum(cost[taken]),
        least=least,
    )


def _next_on_hull(gains: Floats, costs: Floats, arm: Places) -> tuple[Places, Floats, Floats]:
    """For each unit the arm to go to from its present one: the most gain per cost; of equals, the farthest."""
    n, count = gains.shape
    units = np.arange(n)
    best, best_slope = arm.copy(), np.zeros(n)
    best_cost, best_gain = np.zeros(n), np.zeros(n)
    here_cost, here_gain = costs[units, arm], gains[units, arm]
    for place in range(count):
        cost, gain = costs[:, place] - here_cost, gains[:, place] - here_gain
        useful = (gain > 0) & (cost > 0)
        slope = np.divide(gain, cost, out=np.zeros(n), where=useful)
        better = useful & ((slope > best_slope) | ((slope == best_slope) & (cost > best_cost)))
        best[better], best_slope[better] = place, slope[better]
        best_cost[better], best_gain[better] = cost[better], gain[better]
    return best, best_cost, best_gain
