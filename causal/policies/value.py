"""What a policy is worth: the mean outcome if it were followed, beside policies that need no thought.

A mean of doubly robust scores, whose error is that of a mean (Dudík, Langford and Li 2011; Zhou, Athey and Wager 2023).
Where a budget decides where to stop, the stop varies with the sample too: its part of the influence is the score gained
per cost at the stop, times what the unit costs beyond its share of the budget (Sverdrup, Wu, Athey and Wager 2025).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.checks.json_values import from_values, to_values
from causal.errors import TooFewUnits
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval
from causal.policies.arm_scores import ArmScores


@dataclass(frozen=True)
class Compared:
    """A mean outcome per unit, or a difference of two, with its standard error."""

    value: float
    std_error: float
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf

    def interval(self, level: float | None = None) -> Interval:
        """At the confidence asked for."""
        return normal_interval(self.value, self.std_error, level or self.confidence, self.degrees_of_freedom)


@dataclass(frozen=True)
class PolicyValue:
    """The mean outcome if the policy were followed, and its gain on each simple policy, in units of the outcome.

    `gain` is on today's policy, the arms as they were; `gains` on every other: "today", "random", and "all <level>".
    `values` are their own. `units` were counted, of whom `shares` get each arm, at a mean `cost` per unit;
    today's arms cost `today_cost`.
    """

    value: float
    std_error: float
    gains: Mapping[str, Compared]
    values: Mapping[str, Compared]
    shares: Mapping[str, float]
    cost: float
    today_cost: float
    units: int
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> PolicyValue:
        """What `to_json` wrote."""
        told = from_values(document)
        for kind in ("gains", "values"):
            told[kind] = {name: Compared(**each) for name, each in told[kind].items()}
        return cls(**told)

    @property
    def gain(self) -> float:
        """On today's policy, per unit."""
        return self.gains["today"].value

    def interval(self, level: float | None = None) -> Interval:
        """Of the value."""
        return normal_interval(self.value, self.std_error, level or self.confidence, self.degrees_of_freedom)

    def gain_interval(self, level: float | None = None) -> Interval:
        """Of the gain on today's policy."""
        return self.gains["today"].interval(level)


def value_of(
    scores: ArmScores,
    arms: NDArray[np.int64],
    costs: Floats,
    confidence: float,
    stop: Floats | None = None,
) -> PolicyValue:
    """The value of giving each unit the arm in `arms` (n,), -1 where the policy says nothing of a unit.

    `stop` (n,): what a budget's stop adds to each unit's influence. Raises TooFewUnits.
    """
    known = np.flatnonzero(arms >= 0)
    if len(known) < 2:
        raise TooFewUnits("The policy says what to do with fewer than two of these units, so its value is not known.")
    told = arms[known]
    followed = scores.scores[known, told]
    if stop is not None:
        followed = followed + stop[known]
    clusters = None if scores.clusters is None else scores.clusters[known]
    mean, error, freedom = mean_of(followed, clusters)
    names = _simple_policies(scores, known)
    value = {name: Compared(*mean_of(each, clusters)[:2], confidence, freedom) for name, each in names.items()}
    gains = {
        name: Compared(*mean_of(followed - each, clusters)[:2], confidence, freedom) for name, each in names.items()
    }
    counts = np.bincount(told, minlength=len(scores.levels)) / len(told)
    return PolicyValue(
        value=mean,
        std_error=error,
        gains=gains,
        values=value,
        shares={str(level): float(share) for level, share in zip(scores.levels, counts, strict=True)},
        cost=float(costs[known, told].mean()),
        today_cost=float(costs[known, scores.arm[known]].mean()),
        units=len(known),
        confidence=confidence,
        degrees_of_freedom=freedom,
    )


def _simple_policies(scores: ArmScores, known: NDArray[np.int64]) -> dict[str, Floats]:
    """Each unit's score under the arms as they were, an arm drawn at random, and each arm for all."""
    own = scores.scores[known]
    found = {"today": scores.outcome[known], "random": own.mean(axis=1)}
    return found | {f"all {level}": own[:, at] for at, level in enumerate(scores.levels)}


def mean_of(values: Floats, clusters: NDArray[np.int64] | None) -> tuple[float, float, float]:
    """Mean, standard error, degrees of freedom."""
    n, mean = len(values), float(values.mean())
    apart = values - mean
    if clusters is None:
        return mean, float(np.sqrt(apart @ apart / (n - 1) / n)), math.inf
    sums = np.bincount(clusters, weights=apart)
    count = len(np.unique(clusters))
    if count < 2:
        raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
    return mean, float(np.sqrt(sums @ sums * count / (count - 1)) / n), float(count - 1)
