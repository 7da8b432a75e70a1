"""Everyone alike: the arms by their mean gain per cost, the same for all units, at random where money runs out between.

The baseline that says what deciding by unit is worth (Sverdrup, Wu, Athey and Wager 2025, Journal of Causal Inference;
`target.with.covariates = FALSE` of their R package maq).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats
from causal.policies.allocation import Places, allocation_path


@dataclass(frozen=True, eq=False)
class AlikePath:
    """The arms on the hull of mean cost and mean predicted outcome, `arms` (m,) from the cheapest on.

    `spent` (m,): what each costs in all if every unit gets it; between two of them, units drawn at random get the next.
    """

    arms: Places
    spent: Floats
    count: int

    @property
    def least(self) -> float:
        """What the cheapest of them costs in all."""
        return float(self.spent[0])

    @property
    def most(self) -> float:
        """What the dearest that gains costs in all."""
        return float(self.spent[-1])

    def shares_within(self, budget: float) -> Floats:
        """(K,) the share of the units that each arm gets for a budget (a total) not below `least`."""
        found = np.zeros(self.count)
        place = self.stage_at(budget)
        if place + 1 < len(self.arms):
            next_share = (budget - self.spent[place]) / (self.spent[place + 1] - self.spent[place])
            found[self.arms[place + 1]] = max(next_share, 0.0)
        found[self.arms[place]] = 1.0 - found.sum()
        return found

    def stage_at(self, budget: float) -> int:
        """The place in `arms` of the last one that the budget pays for everyone."""
        return max(int(np.searchsorted(self.spent, budget + 1e-9 * max(abs(budget), 1.0), side="right")) - 1, 0)


def alike_path(gains: Floats, costs: Floats) -> AlikePath:
    """The path for predicted outcomes `gains` (n, K) and `costs` (n, K) by their means.

    Raises OptionProblem for costs that are missing or negative.
    """
    path = allocation_path(gains.mean(axis=0, keepdims=True), costs.sum(axis=0, keepdims=True))
    return AlikePath(
        np.concatenate([path.start, path.after]), np.concatenate([[path.least], path.spent]), gains.shape[1]
    )
