"""Allocations beside linear programs solved by HiGHS, and beside every allocation there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import optimize, sparse

from causal.errors import OptionProblem
from causal.policies.allocation import allocation_path
from causal.policies.limits import Limit, allocate_within, capacity_limits
from causal.policies.parametric import anneal, learn_softmax


def problem(n: int, arms: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Predicted outcomes and costs; the first arm is free, some arms are dear and useless."""
    rng = np.random.default_rng(seed)
    gains = rng.normal(0.3, 1.0, (n, arms))
    costs = rng.gamma(2.0, 1.0, (n, arms))
    costs[:, 0] = 0.0
    return gains, costs


def program(gains: np.ndarray, costs: np.ndarray, budget: float) -> tuple[float, float]:
    """The linear program's optimum and its shadow price, by HiGHS."""
    n, count = gains.shape
    found = optimize.linprog(
        -gains.ravel(),
        A_ub=costs.ravel()[None],
        b_ub=[budget],
        A_eq=sparse.kron(sparse.eye(n), np.ones((1, count)), format="csr"),
        b_eq=np.ones(n),
        method="highs",
    )
    return -found.fun, -found.ineqlin.marginals[0]


@pytest.mark.parametrize("seed", range(4))
def test_at_every_budget_it_is_the_programs_optimum_but_for_one_unit(seed):
    gains, costs = problem(400, 5, seed)
    path = allocation_path(gains, costs)
    units = np.arange(len(gains))
    for share in (0.0, 0.05, 0.3, 0.7, 1.0):
        budget = path.least + share * (path.spent[-1] - path.least)
        steps = path.steps_within(budget)
        arms = path.arms_after(steps)
        best, price = program(gains, costs, budget)
        assert costs[units, arms].sum() <= budget + 1e-9
        assert best - gains[units, arms].sum() <= np.ptp(gains, axis=1).max() + 1e-9
        assert best >= gains[units, arms].sum() - 1e-7
        if 0 < share < 1:
            assert path.price_at(steps) == pytest.approx(price, rel=1e-6)


def test_without_a_limit_everyone_gets_the_arm_that_gains_most():
    gains, costs = problem(300, 4, 5)
    path = allocation_path(gains, costs)
    assert (path.arms_after(len(path.unit)) == gains.argmax(axis=1)).all()


def test_arms_that_cost_the_same_are_chosen_by_gain_alone():
    gains, _ = problem(200, 3, 6)
    path = allocation_path(gains, np.zeros_like(gains))
    assert len(path.unit) == 0
    assert (path.start == gains.argmax(axis=1)).all()


def test_a_budget_below_the_cheapest_allocation_is_refused():
    path = allocation_path(np.ones((10, 2)), np.ones((10, 2)))
    with pytest.raises(OptionProblem, match="does not pay for the cheapest arm"):
        path.steps_within(9.0)


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_costs_must_be_numbers_that_are_not_negative(bad):
    with pytest.raises(OptionProblem, match="not below zero"):
        allocation_path(np.ones((3, 2)), np.array([[0, 1], [0, bad], [0, 1]]))


@pytest.mark.parametrize("seed", range(3))
def test_under_several_limits_it_is_near_the_bound_and_keeps_to_each(seed):
    gains, costs = problem(600, 4, 10 + seed)
    guard = np.random.default_rng(seed).normal(size=gains.shape)
    limits = [
        *capacity_limits(list("abcd"), 600, {"b": 60, "c": 100}),
        Limit("a budget", costs, 300.0),
        Limit("a guardrail", -guard, 0.0),
    ]
    found = allocate_within(gains, limits)
    units = np.arange(600)
    for each in limits:
        assert each.use[units, found.arms].sum() <= each.most + 1e-6
    assert found.bound - found.gain <= len(limits) * np.ptp(gains, axis=1).max()
    assert found.gain <= found.bound + 1e-6


@pytest.mark.parametrize("core", [200, 25])
def test_a_core_of_the_units_gives_the_optimum_of_all(monkeypatch, core):
    """Beside the same program in one piece, from a core of a tenth of the units or of next to none; and the bound."""
    gains, costs = problem(2_000, 4, 13)
    limits = [
        *capacity_limits(list("abcd"), 2_000, {"b": 250, "c": 300}),
        Limit("a budget", costs, 900.0),
        Limit("a guardrail", -np.random.default_rng(13).normal(size=gains.shape), -150.0),
    ]
    whole = allocate_within(gains, limits)
    monkeypatch.setattr("causal.policies.limits.CORE", core)
    found = allocate_within(gains, limits)
    for each in limits:
        assert each.use[np.arange(2_000), found.arms].sum() <= each.most + 1e-6
    assert found.bound == pytest.approx(whole.bound, rel=1e-9)
    assert found.prices == pytest.approx(whole.prices, rel=1e-6)
    assert found.bound - found.gain <= len(limits) * np.ptp(gains, axis=1).max()
    with pytest.raises(OptionProblem, match="No allocation keeps"):
        allocate_within(gains, [*limits, Limit("nothing", np.ones_like(gains), 1_999.0)])


def test_one_budget_as_a_program_is_the_path():
    gains, costs = problem(500, 4, 14)
    path = allocation_path(gains, costs)
    budget = 0.3 * float(path.spent[-1])
    found = allocate_within(gains, [Limit("a budget", costs, budget)])
    steps = path.steps_within(budget)
    assert found.prices[0] == pytest.approx(path.price_at(steps), rel=1e-6)
    assert found.gain >= gains[np.arange(500), path.arms_after(steps)].sum() - 1e-9


def test_of_a_few_units_it_is_within_one_unit_of_the_best_of_all_allocations():
    gains, costs = problem(6, 3, 20)
    best = max(
        gains[np.arange(6), each].sum()
        for each in product(range(3), repeat=6)
        if costs[np.arange(6), each].sum() <= 4 and sum(arm == 1 for arm in each) <= 2
    )
    found = allocate_within(gains, [Limit("b", costs, 4.0), *capacity_limits(list("abc"), 6, {"b": 2})])
    assert best - found.gain <= 2 * np.ptp(gains, axis=1).max()
    assert found.bound >= best - 1e-9


def test_limits_that_nothing_can_keep_are_refused():
    with pytest.raises(
        OptionProblem, match="No allocation keeps to all of these limits at once: at most 1 units get a"
    ):
        allocate_within(np.ones((5, 2)), capacity_limits(["a", "b"], 5, {"a": 1, "b": 1}))


def test_the_softmax_policy_finds_a_rule_that_is_linear():
    """Scores that are best served by the sign of x1 + x2: the value is that of the best rule, the gradient exact."""
    rng = np.random.default_rng(30)
    x = rng.standard_normal((4_000, 3))
    effect = x[:, 0] + x[:, 1]
    scores = np.column_stack([np.zeros(4_000), effect + 0.1 * rng.standard_normal(4_000)])
    found = learn_softmax(np.column_stack([np.ones(4_000), x]), scores)
    best = np.maximum(scores, 0)[np.arange(4_000), (effect > 0).astype(int)].mean()
    assert found.value > 0.95 * best
    assert (found.arms() == (effect > 0)).mean() > 0.97


def test_annealing_comes_near_the_exact_optimum_of_a_budget():
    """Measured against the path's exact optimum: within 5 %. Overspent money is punished in the objective."""
    gains, costs = problem(60, 3, 31)
    path = allocation_path(gains, costs)
    budget = 0.4 * path.spent[-1]
    exact = gains[np.arange(60), path.arms_after(path.steps_within(budget))].sum()

    def change(arms: np.ndarray, unit: int, arm: int) -> float:
        spent = float(costs[np.arange(60), arms].sum())
        after = spent + costs[unit, arm] - costs[unit, arms[unit]]
        over = 10 * (max(after - budget, 0.0) - max(spent - budget, 0.0))
        return float(gains[unit, arm] - gains[unit, arms[unit]] - over)

    arms = anneal(path.start, 3, change, 60_000, 1.0)
    assert costs[np.arange(60), arms].sum() <= budget + 1e-9
    assert gains[np.arange(60), arms].sum() > 0.95 * exact
