"""An allocation that counts for something as a whole: variety of arms beside the sum of gains, by simulated annealing.

Variety is the entropy of the arms' shares over its greatest value: one where all arms are as frequent, zero where all
units get the same. It is no sum over units, so no order of units by gain per cost finds the best allocation; annealing
(`parametric.py`) starts from the one without variety. Shannon (1948), Bell System Technical Journal 27: 379-423.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.design import Floats
from causal.policies.parametric import anneal
from causal.progress import Progress, silent

MOST_UNITS = 100_000
STEPS_PER_UNIT = 40


@dataclass(frozen=True, eq=False)
class VariedAllocation:
    """`arms` (n,); `variety` from 0 to 1; `objective`: mean gain plus `worth` times variety."""

    arms: NDArray[np.int64]
    variety: float
    objective: float


def allocate_with_variety(
    gains: Floats,
    costs: Floats,
    start: NDArray[np.int64],
    budget: float | None,
    worth: float,
    price: float = 0.0,
    seed: int = 0,
    progress: Progress = silent,
) -> VariedAllocation:
    """The allocation with the highest mean of `gains` (n, K) plus `worth` times the variety of arms, within the budget.

    `start` (n,) is where the search begins, and keeps to the budget; `price` is what money buys there: moves are
    weighed less their cost at it, so that one unit makes room for another. Raises OptionProblem.
    """
    n, count = gains.shape
    if n > MOST_UNITS:
        raise OptionProblem(
            f"Variety is searched for by moving single units, at most {MOST_UNITS:,} of them, and these are {n:,}. Say "
            "with a filter whom the policy is for, or set limits on how many units get each arm."
        )
    if not worth >= 0:
        raise OptionProblem("What variety is worth is a number of the outcome's units, not below zero.")
    totals = _Totals(np.bincount(start, minlength=count).astype(float), float(costs[np.arange(n), start].sum()))
    room = math.inf if budget is None else budget * (1 + 1e-12)
    scale = n * worth / math.log(count)
    gain, paid = gains.tolist(), costs.tolist()  # lists are read one number at a time several times faster

    def part(units: float) -> float:
        return -units / n * math.log(units / n) if units > 0 else 0.0

    def change(arms: NDArray[np.int64], unit: int, arm: int) -> float:
        before, counts = int(arms[unit]), totals.counts
        if totals.spent + paid[unit][arm] - paid[unit][before] > room:
            return -math.inf
        less, more = counts[before], counts[arm]
        moved = part(less - 1) - part(less) + part(more + 1) - part(more)
        net = gain[unit][arm] - gain[unit][before] - price * (paid[unit][arm] - paid[unit][before])
        return float(net + scale * moved)

    def taken(unit: int, before: int, after: int) -> None:
        totals.counts[before] -= 1
        totals.counts[after] += 1
        totals.spent += paid[unit][after] - paid[unit][before]

    warmth = 0.1 * float(np.median(np.ptp(gains, axis=1)))
    arms = anneal(start, count, change, STEPS_PER_UNIT * n, max(warmth, 1e-12), seed, progress, taken)
    variety = variety_of(arms, count)
    return VariedAllocation(arms, variety, float(gains[np.arange(n), arms].mean()) + worth * variety)


@dataclass(eq=False)
class _Totals:
    """What the moves so far have made of the counts of arms and of the money; kept along, as no sum can be afforded."""

    counts: Floats
    spent: float


def variety_of(arms: NDArray[np.int64], count: int) -> float:
    """The entropy of the shares of `count` arms over its greatest value."""
    shares = np.bincount(arms, minlength=count) / len(arms)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum() / math.log(count))
