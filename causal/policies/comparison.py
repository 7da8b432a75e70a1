"""Two policies of the same units beside each other: as they are, for the same money, and at every budget.

Which is better is told by the same doubly robust scores of the same units, so that what both do alike cancels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.one_thread import one_thread
from causal.policies.alike import alike_path
from causal.policies.allocation import AllocationPath, allocation_path
from causal.policies.paired_curves import POINTS, PairedCurves, paired_curves
from causal.policies.policy import Policy
from causal.policies.spending import Spending, Way, less, simple_spendings, spending_at, spending_of
from causal.policies.value import Compared
from causal.study import Level

Baseline = Literal["alike", "gain alone"]
"""What can be compared with and needs no learning: the same for everyone, or by predicted gain whatever it costs."""


@dataclass(frozen=True)
class WithoutArms:
    """The policy by the same predictions if some arms could not be given."""

    arms: tuple[Level, ...]


@dataclass(frozen=True)
class PolicyComparison:
    """The first policy less the other, per unit in units of the outcome, paired.

    `as_decided`: each for what it spends in all, `spent` and `other_spent` (a baseline the first's budget).
    `for_the_same`: both for `money`, which is the first's budget where both can spend any, and where only one can, what
    the other one spends; None where neither can. `curves`: at every budget, where both can spend any.
    """

    as_decided: Compared
    spent: float
    other_spent: float
    for_the_same: Compared | None
    money: float | None
    curves: PairedCurves | None


@one_thread
def compare_policies(policy: Policy, other: Policy | WithoutArms | Baseline, points: int = POINTS) -> PolicyComparison:
    """The policy beside another of the same units, learnt from the same table at the same costs, or beside a baseline.

    "alike": the arms by their mean predicted gain per cost, the same for everyone, at random where money runs out
    between two; "gain alone": units by predicted gain, whatever it costs; `WithoutArms`: with fewer arms. A policy may
    have another learner, or go by other columns. Policies within limits, by rules, points or with variety are one
    allocation each, and stand beside another at their own spending. All are judged by the first one's scores. The
    curves are told at `points` budgets.

    Raises OptionProblem where the policies are not of the same units, arms or costs.
    """
    scores, paid, confidence = policy.scores, policy.paid, policy.spec.confidence
    first, second = way_of(policy), _beside(policy, other)
    budget = _budget_of(policy)
    their_budget = _budget_of(other) if isinstance(other, Policy) else budget
    mine = spending_of(scores, paid, _valued(policy)) if first is None else spending_at(scores, paid, first, budget)
    if isinstance(second, Spending):
        theirs = second
    else:
        theirs = spending_at(scores, paid, second, max(their_budget, second.least))
    curves, same, money = None, None, None
    if first is not None and not isinstance(second, Spending):
        money = max(budget, second.least)
        curves = paired_curves(scores, paid, first, second, confidence, (money,), points, policy.spec.seed)
        same = curves.difference(curves.place_of(money))
    elif not isinstance(second, Spending) and mine.total >= second.least:
        money, same = mine.total, less(mine, spending_at(scores, paid, second, mine), scores, confidence)
    elif first is not None and isinstance(second, Spending) and second.total >= first.least:
        money, same = second.total, less(spending_at(scores, paid, first, second), second, scores, confidence)
    return PolicyComparison(
        as_decided=less(mine, theirs, scores, confidence),
        spent=mine.total,
        other_spent=theirs.total,
        for_the_same=same,
        money=money,
        curves=curves,
    )


def for_their_money(policy: Policy) -> dict[str, Compared]:
    """The gain on each simple policy (as in `value.gains`) if this one spent what that one costs, for those that cost
    enough for its cheapest allocation; {} for a policy that is no way to spend any budget.
    """
    way, scores, paid = way_of(policy), policy.scores, policy.paid
    if way is None:
        return {}
    return {
        name: less(spending_at(scores, paid, way, each), each, scores, policy.spec.confidence)
        for name, each in simple_spendings(scores, paid).items()
        if each.total >= way.least * (1 - 1e-12)
    }


def _budget_of(policy: Policy) -> float:
    return policy.spent if policy.budget is None else policy.budget


def way_of(policy: Policy) -> AllocationPath | None:
    """The steps that a policy by budget alone takes at any budget; None for any other."""
    if policy.kind != "budget" or policy.limits:
        return None
    return policy.path


def _valued(policy: Policy) -> NDArray[np.int64]:
    """(n,) the arms that the policy's value is of."""
    return policy.arms[policy.scores.rows] if policy.judged is None else policy.judged


def _beside(policy: Policy, other: Policy | WithoutArms | Baseline) -> Way | Spending:
    scores, paid = policy.scores, policy.paid
    if isinstance(other, WithoutArms):
        return _without(policy, other)
    if other == "alike":
        return alike_path(scores.predicted, paid)
    if other == "gain alone":
        return _by_gain_alone(policy)
    if not isinstance(other, Policy):
        raise OptionProblem(f'Compare with a policy, or with "alike" or "gain alone", not with {other!r}.')
    arms = _places(policy, other)
    way = way_of(other)
    if way is None:
        return spending_of(scores, paid, arms[_valued(other)])
    return _with_arms(way, arms)


def _with_arms(way: AllocationPath, arms: NDArray[np.int64]) -> AllocationPath:
    return replace(way, start=arms[way.start], before=arms[way.before], after=arms[way.after])


def _without(policy: Policy, other: WithoutArms) -> AllocationPath:
    taken = {str(level) for level in other.arms}
    unknown = taken - {str(level) for level in policy.levels}
    if unknown:
        known = ", ".join(repr(each) for each in policy.levels)
        raise OptionProblem(f"There is no arm {min(unknown)!r} to leave out. The arms are: {known}.")
    kept = np.array([at for at, level in enumerate(policy.levels) if str(level) not in taken], dtype=np.int64)
    if not len(kept):
        raise OptionProblem("With every arm left out nothing is left to give. Keep at least one.")
    return _with_arms(allocation_path(policy.scores.predicted[:, kept], policy.paid[:, kept]), kept)


def _by_gain_alone(policy: Policy) -> AllocationPath:
    """The path on which each unit goes to its best arm at once, the largest predicted gain first."""
    scores, paid, start = policy.scores, policy.paid, policy.path.start
    units = np.arange(len(scores))
    alike = np.ones_like(paid)
    alike[units, start] = 0.0
    path = allocation_path(scores.predicted, alike)
    cost = paid[path.unit, path.after] - paid[path.unit, path.before]
    least = float(paid[units, start].sum())
    return replace(path, cost=cost, paid=cost, spent=least + np.cumsum(cost), least=least)


def _places(policy: Policy, other: Policy) -> NDArray[np.int64]:
    """(K of the other,) where its arms are among the policy's."""
    here = {str(level): at for at, level in enumerate(policy.levels)}
    if {str(level) for level in other.levels} != set(here):
        raise OptionProblem(
            "The two policies do not have the same arms, so they were learnt from different units. Learn both with all "
            "arms, and compare with WithoutArms."
        )
    if not np.array_equal(policy.scores.rows, other.scores.rows) or len(policy.table) != len(other.table):
        raise OptionProblem(
            "The two policies are not of the same units: learn both from the same table, with the same columns "
            "adjusted for and the same filter."
        )
    arms = np.array([here[str(level)] for level in other.levels], dtype=np.int64)
    if not np.allclose(policy.paid[:, arms], other.paid, rtol=1e-9, atol=0.0):
        raise OptionProblem("The two policies were learnt at different costs. Learn both with the same `cost`.")
    return arms
