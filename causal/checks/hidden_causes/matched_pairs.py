"""How far pairs may differ in their odds of treatment before the signed-rank test loses its result.

Rosenbaum (2002), Observational Studies, 2nd ed., section 4.3: the bounds on Wilcoxon's signed-rank test. Pairs without
a difference are ranked with the others and then count for nothing; ranks of ties are averaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats


@dataclass(frozen=True)
class PairedTest:
    """Wilcoxon's signed ranks of pairs: `statistic` sums the ranks that speak for the effect's side.

    `ranks` and `squared_ranks` are sums over the pairs that differ; `gamma` is up to which odds of treatment within a
    pair the two-sided test stays below one minus the confidence (1: it never was).
    """

    pairs: int
    statistic: float
    ranks: float
    squared_ranks: float
    gamma: float

    def p_value(self, gamma: float = 1.0) -> float:
        """The largest one-sided p-value if odds within pairs differ by up to `gamma`."""
        if self.squared_ranks == 0:
            return 1.0
        chance = gamma / (1 + gamma)
        spread = math.sqrt(chance * (1 - chance) * self.squared_ranks)
        return math.erfc((self.statistic - chance * self.ranks) / spread / math.sqrt(2)) / 2


def paired_test(differences: Floats, confidence: float) -> PairedTest:
    """The test of treated minus control (pairs,), for the side that the ranks favour."""
    from scipy.stats import rankdata

    ranks = np.where(differences == 0, 0.0, rankdata(np.abs(differences)))
    above, total = float(ranks[differences > 0].sum()), float(ranks.sum())
    plain = PairedTest(len(differences), max(above, total - above), total, float((ranks**2).sum()), 1.0)
    return PairedTest(plain.pairs, plain.statistic, plain.ranks, plain.squared_ranks, _gamma(plain, 1 - confidence))


def _gamma(test: PairedTest, alpha: float) -> float:
    if test.p_value() >= alpha / 2:
        return 1.0
    low, high = 1.0, 2.0
    while test.p_value(high) < alpha / 2:
        low, high = high, 2 * high
        if high > 1e6:
            return math.inf
    while high - low > 1e-9 * low:
        middle = (low + high) / 2
        low, high = (middle, high) if test.p_value(middle) < alpha / 2 else (low, middle)
    return low
