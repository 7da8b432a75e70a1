"""A policy is worth what it says, on units it was not learnt from, against policies whose worth is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import causal
from causal.errors import DoableError, OptionProblem, TreatmentProblem
from causal.policies.allocation import allocation_path
from causal.policies.arm_scores import ArmScores, score_arms
from causal.policies.budget_curve import budget_curve
from causal.policies.policy import (
    at_budget,
    learn_policy,
    policy_by_points,
    policy_of,
    policy_value,
    policy_with_variety,
)
from causal.policies.rules import PolicyTree, arms_of, learn_tree
from causal.policies.value import PolicyValue
from causal.policies.variety import variety_of

ARMS = ("none", "mail", "call")
QUESTION = causal.Question("arm", "bought", control="none", treated="mail")
SPEC = causal.AnalysisSpec(question=QUESTION, adjust_for=("age", "visits", "region"))


def effects_of(frame: pd.DataFrame) -> np.ndarray:
    """(n, 3) the true effect of each arm for each unit."""
    age, visits = frame.age.to_numpy(), frame.visits.to_numpy()
    north = (frame.region == "north").to_numpy()
    return np.column_stack([np.zeros(len(frame)), 1.0 + 0.8 * age, 0.5 + 1.2 * visits - 0.6 * north])


def customers(n: int, seed: int) -> causal.UnitTable:
    """Three arms, given by covariates; outcomes linear in them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.standard_normal(n),
            "visits": rng.standard_normal(n),
            "region": rng.choice(["north", "south", "west"], n),
        }
    )
    index = np.column_stack([np.zeros(n), 0.4 * frame.age, -0.3 * frame.visits])
    chances = np.exp(index) / np.exp(index).sum(axis=1, keepdims=True)
    arm = (rng.random(n)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    base = 0.7 * frame.age - 0.5 * frame.visits + 0.3 * (frame.region == "west")
    frame["bought"] = base + effects_of(frame)[np.arange(n), arm] + rng.standard_normal(n)
    frame["arm"] = np.array(ARMS)[arm]
    return causal.UnitTable.from_frame(frame)


def test_the_levels_are_in_sorted_order_and_the_control_is_free():
    policy = learn_policy(customers(2_000, 0), SPEC, budget=300.0)
    assert policy.levels == ("call", "mail", "none")
    assert policy.levels[policy.control] == "none"
    assert policy.spent <= 300.0
    assert policy.spent == (policy.frame()["arm"] != "none").sum()
    assert policy.shadow_price > 0


def test_without_a_budget_it_comes_near_the_best_policy_there_is():
    table = customers(20_000, 1)
    policy = learn_policy(table, SPEC)
    truth = effects_of(table.frame)
    told = np.array([ARMS.index(each) for each in policy.arm_names()])
    best = truth.max(axis=1).mean()
    assert truth[np.arange(len(told)), told].mean() > 0.99 * best
    low, high = policy.value.gains["all none"].interval()
    assert low < truth[np.arange(len(told)), told].mean() < high


def test_values_beside_the_simple_policies():
    table = customers(10_000, 2)
    value = learn_policy(table, SPEC, budget=2_000.0).value
    truth = effects_of(table.frame)
    for name, place in (("mail", 1), ("call", 2)):
        told = value.values[f"all {name}"].value - value.values["all none"].value
        assert told == pytest.approx(truth[:, place].mean(), abs=0.12)
    assert value.values["today"].value == pytest.approx(table.frame.bought.mean())
    assert value.gain == pytest.approx(value.value - table.frame.bought.mean())
    assert sum(value.shares.values()) == pytest.approx(1.0)
    assert value.cost == pytest.approx(0.2, abs=1e-3)


def test_today_is_worth_what_it_was():
    """A policy that gives every unit what it had gains nothing on today's."""
    table = customers(3_000, 3)
    scores = score_arms(table, SPEC)
    from causal.policies.value import value_of

    found = value_of(scores, scores.arm, np.zeros((3_000, 3)), 0.95)
    assert found.gain == pytest.approx(0.0, abs=3 * found.gains["today"].std_error)


def test_a_policy_is_valued_on_other_units():
    learnt, fresh = customers(8_000, 4), customers(8_000, 5)
    policy = learn_policy(learnt, SPEC, budget=3_000.0)
    value = policy_value(fresh, policy, SPEC)
    told = policy.assign(fresh)
    truth = effects_of(fresh.frame)
    order = [ARMS.index(str(level)) for level in policy.levels]
    wanted = truth[:, order][np.arange(len(told)), told].mean()
    low, high = value.gains["all none"].interval(0.999)
    assert low < wanted < high
    assert (told != policy.control).mean() == pytest.approx(3_000 / 8_000, abs=0.03)
    assert policy_value(learnt, policy, SPEC) == policy.value


def test_units_that_lack_a_value_get_no_arm():
    table = customers(2_000, 6)
    frame = table.frame.copy()
    frame.loc[:9, "age"] = np.nan
    policy = learn_policy(causal.UnitTable.from_frame(frame), SPEC)
    assert policy.frame()["arm"].isna().sum() == 10
    assert policy.value.units == 1_990
    holes = causal.UnitTable.from_frame(frame.head(50))
    assert (policy.assign(holes)[:10] == -1).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_tree_is_the_best_of_all_trees(seed):
    """Beside every tree of depth 2 that there is on few values."""
    rng = np.random.default_rng(seed)
    n, count = 120, 3
    frame = pd.DataFrame({"a": rng.integers(0, 5, n), "b": rng.integers(0, 4, n), "c": rng.choice(["x", "y", "z"], n)})
    values = rng.standard_normal((n, count))
    table = causal.UnitTable.from_frame(frame, {"c": "category"})
    scores = made_of(values)
    tree, told = learn_tree(table, scores, np.zeros((n, count)), ("a", "b", "c"), 2, None, 0.0)
    cuts = [frame[name].to_numpy() <= cut for name in ("a", "b") for cut in range(5)]
    cuts += [(frame.c == level).to_numpy() for level in "xyz"]

    def best_leaf(inside: np.ndarray) -> float:
        return values[inside].sum(axis=0).max()

    def best_cut(inside: np.ndarray) -> float:
        return max(best_leaf(inside), *(best_leaf(inside & cut) + best_leaf(inside & ~cut) for cut in cuts))

    wanted = max(best_cut(cut) + best_cut(~cut) for cut in cuts)
    assert values[np.arange(n), told].sum() == pytest.approx(wanted)
    assert tree.score == pytest.approx(wanted / n)
    assert (arms_of(tree, table) == told).all()


def made_of(values: np.ndarray) -> ArmScores:
    n, count = values.shape
    return ArmScores(
        tuple(range(count)), 0, values, values, np.full((n, count), 1 / count), np.zeros(n, dtype=np.int64),
        values[:, 0], np.arange(n), n, None, (), False,
    )  # fmt: skip


def test_rules_keep_to_a_budget_and_are_written_as_rules():
    table = customers(5_000, 7)
    policy = learn_policy(table, SPEC, budget=1_500.0, kind="tree")
    assert policy.spent <= 1_500.0
    assert policy.tree is not None
    lines = policy.tree.lines()
    assert lines[0].startswith("if ")
    assert any("give none" in line for line in lines)
    assert (policy.assign(customers(500, 8)) >= 0).all()


def test_rules_are_valued_by_rules_of_other_folds():
    """Where no arm does anything, the best tree of many looks good on its own units; its value says that it is not."""
    honest, naive = [], []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.standard_normal((300, 5)), columns=list("abcde"))
        frame["arm"] = rng.integers(0, 2, 300)
        frame["y"] = rng.standard_normal(300)
        table = causal.UnitTable.from_frame(frame)
        spec = causal.AnalysisSpec(question=causal.Question("arm", "y"), adjust_for=tuple("abcde"))
        policy = learn_policy(table, spec, kind="tree")
        honest.append(policy.value.value / policy.value.std_error)
        assert policy.tree is not None
        naive.append(policy.tree.score / policy.value.std_error)
    assert stats.ttest_1samp(honest, 0.0).pvalue > 0.001
    assert np.mean(naive) > 2


def test_the_value_under_a_budget_is_covered():
    """60 studies of 1,000 units, seeds 0 to 59: exact binomial test against 95 % at p < .001."""
    fresh = customers(20_000, 999)
    truth, hits = effects_of(fresh.frame), 0
    for seed in range(60):
        policy = learn_policy(customers(1_000, seed), SPEC, budget=300.0)
        told = policy.assign(fresh)
        order = [ARMS.index(str(level)) for level in policy.levels]
        low, high = policy.value.gains["all none"].interval()
        hits += low <= truth[:, order][np.arange(len(told)), told].mean() <= high
    assert stats.binomtest(hits, 60, 0.95).pvalue > 0.001


def test_the_curve_rises_where_money_is_well_spent_and_ends_at_the_policy_without_limit():
    table = customers(5_000, 9)
    policy = learn_policy(table, SPEC)
    curve = policy.curve
    assert curve.gains[0] == 0.0
    assert curve.std_errors[0] == 0.0
    assert curve.gains[-1] == pytest.approx(policy.value.gains["all none"].value)
    assert curve.std_errors[-1] == pytest.approx(policy.value.gains["all none"].std_error, rel=1e-6)
    half = len(curve.gains) // 2
    assert curve.gains[half] > curve.random[half]


def test_the_curves_errors_are_those_of_units_counted_one_by_one():
    table = customers(1_500, 14)
    scores = score_arms(table, SPEC)
    path = policy_of(table, SPEC, scores, None, {"mail": 1.0, "call": 2.5}).path
    alone = budget_curve(scores, path, 0.95, points=7)
    counted = budget_curve(replace(scores, clusters=np.arange(1_500)), path, 0.95, points=7)
    assert alone.gains == pytest.approx(counted.gains)
    assert alone.std_errors == pytest.approx(counted.std_errors, rel=1e-9)
    assert alone.beyond_errors == pytest.approx(counted.beyond_errors, rel=1e-7)


def test_the_gain_beyond_random_is_covered():
    """Two arms at one price, ranked by the true effect of a normal x; 60 studies of 500 units, seeds 0 to 59.
    The truth is that of the shares served.
    """
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng([50, seed])
        x = rng.standard_normal(500)
        effect = 1 + 0.5 * x
        scores = made_of(np.column_stack([np.zeros(500), effect + rng.standard_normal(500)]))
        path = allocation_path(np.column_stack([np.zeros(500), effect]), np.tile([0.0, 1.0], (500, 1)))
        curve = budget_curve(scores, path, 0.95, points=5)
        low, high = curve.beyond_random(2)
        share = curve.spent[2] / 500
        served = stats.norm.isf(share)
        last = curve.spent[-1] / 500
        most = last + 0.5 * stats.norm.pdf(stats.norm.isf(last))
        truth = share + 0.5 * stats.norm.pdf(served) - share / last * most
        hits += low <= truth <= high
    assert stats.binomtest(hits, 60, 0.95).pvalue > 0.001


def test_capacities_and_guardrails_hold():
    table = customers(2_000, 10)
    frame = table.frame.assign(returns=lambda each: -0.5 * (each.arm == "call") + 0.1 * each.age)
    policy = learn_policy(
        causal.UnitTable.from_frame(frame), SPEC, budget=900.0, capacities={"mail": 200}, guardrails={"returns": 0.02}
    )
    counts = policy.frame()["arm"].value_counts()
    assert counts["mail"] <= 200
    assert policy.spent <= 900.0
    called = (policy.frame()["arm"] == "call").mean()
    assert -0.5 * called >= frame.returns.mean() - 0.02 - 0.1 * frame.age.mean() - 1e-3
    assert len(policy.limits) == 2
    assert set(policy.guards) == {"returns"}
    low, high = policy.guards["returns"].interval(0.999)
    told = -0.5 * called + 0.1 * frame.age.mean() - frame.returns.mean()
    assert low < told < high
    assert 0 <= policy.gap <= 3 * np.ptp(policy.scores.predicted, axis=1).max()
    again = policy_of(policy.table, SPEC, policy.scores, 900.0, 1.0).another_way(
        policy.way_arrays(), json.loads(json.dumps(policy.way_facts(), allow_nan=False))
    )
    assert (again.value, again.limits, again.guards) == (policy.value, policy.limits, policy.guards)
    with pytest.raises(OptionProblem, match="hold for the policy's own units"):
        policy.assign(customers(100, 11))


def test_points_come_near_the_best_where_the_truth_is_linear():
    """Beside the exact optimum of the same predictions: what the best arm of each unit is worth, linear in columns."""
    table = customers(1_500, 16)
    scores = score_arms(table, SPEC)
    exact, points = policy_of(table, SPEC, scores, 450.0, 1.0), policy_by_points(table, SPEC, scores, 450.0, 1.0)
    assert points.spent <= 450.0 * (1 + 1e-9)
    truth = effects_of(table.frame)
    worth = [truth[np.arange(1_500), [ARMS.index(each) for each in way.arm_names()]].mean() for way in (exact, points)]
    assert worth[1] > 0.95 * worth[0]
    assert points.points is not None and set(points.points) == {
        "(start)", "age", "visits", "region: south", "region: west"
    }  # fmt: skip
    low, high = points.value.gains["all none"].interval(0.999)
    assert low < worth[1] < high


def test_variety_comes_near_the_exact_optimum_and_costs_gain():
    """With equal costs the optimum gives each unit its best arm at a charge per arm that makes the shares what they are
    (a concave objective): found by iterating, on 600 units."""
    table = customers(600, 17)
    scores = score_arms(table, SPEC)
    free, found = policy_of(table, SPEC, scores, None, 0.0), policy_with_variety(table, SPEC, scores, None, 0.0, 1.0)
    gains, shares = scores.predicted, np.full(3, 1 / 3)
    for _ in range(3_000):
        arms = (gains - np.log(np.maximum(shares, 1e-9)) / np.log(3)).argmax(axis=1)
        shares = 0.99 * shares + 0.01 * np.bincount(arms, minlength=3) / 600

    def objective(told: np.ndarray) -> float:
        return gains[np.arange(600), told].mean() + variety_of(told, 3)

    assert found.variety == pytest.approx(variety_of(found.arms, 3))
    assert objective(found.arms) > objective(free.arms)
    assert objective(found.arms) > objective(arms) - 0.002
    assert found.value.value < free.value.value + 0.05
    with pytest.raises(OptionProblem, match="not below zero"):
        policy_with_variety(table, SPEC, scores, None, 0.0, -1.0)


def test_value_rules_and_scores_survive_being_kept():
    table = customers(600, 15)
    scores = score_arms(table, SPEC)
    kept = ArmScores.from_arrays(scores.to_arrays(), json.loads(json.dumps(scores.facts())))
    assert kept.levels == scores.levels
    assert (kept.predicted == scores.predicted).all()
    policy = learn_policy(table, SPEC, kind="tree")
    assert policy.tree is not None
    told = json.loads(json.dumps(policy.value.to_json(), allow_nan=False))
    assert PolicyValue.from_json(told) == policy.value
    assert PolicyTree.from_json(json.loads(json.dumps(policy.tree.to_json()))) == policy.tree


@pytest.mark.parametrize(
    ("asked", "error", "sentence"),
    [
        ({"cost": -1.0}, OptionProblem, "not below zero"),
        ({"cost": {"fax": 1.0}}, TreatmentProblem, "no arm 'fax' to give a cost to"),
        ({"cost": np.ones((3, 3))}, OptionProblem, "rows and 3 arms"),
        ({"cost": {"none": 2.0}, "budget": 1.0}, OptionProblem, "does not pay for the cheapest|within"),
        ({"kind": "tree", "depth": 3}, OptionProblem, "depth 1 or 2"),
        ({"learner": "magic"}, OptionProblem, "no learner"),
        ({"kind": "variety"}, OptionProblem, "Say what full variety is worth"),
        ({"kind": "points", "capacities": {"mail": 10}}, OptionProblem, "keep to a budget only"),
        ({"capacities": {"none": 1, "mail": 1, "call": 1}}, OptionProblem, "No allocation keeps"),
    ],
)
def test_what_cannot_be_asked_is_said(asked, error, sentence):
    if asked == {"cost": {"none": 2.0}, "budget": 1.0}:
        asked = {"cost": {"none": 2.0, "mail": 2.0, "call": 3.0}, "budget": 1.0}
    with pytest.raises(error, match=sentence):
        learn_policy(customers(500, 12), SPEC, **asked)


def test_a_policy_is_for_everyone():
    spec = causal.AnalysisSpec(
        question=causal.Question("arm", "bought", "treated", "none", "mail"), adjust_for=("age",)
    )
    with pytest.raises(DoableError, match="A policy is for everyone"):
        learn_policy(customers(300, 13), spec)


def test_a_ranking_that_tells_nothing_is_not_held_to_be_worse_than_chance():
    """The same effect for all: 60 studies of 300 units, seeds 0 to 59. Without levelling the mean is 0.8 below zero."""
    told = []
    for seed in range(60):
        rng = np.random.default_rng([60, seed])
        frame = pd.DataFrame({"x": rng.standard_normal(300), "t": rng.integers(0, 2, 300)})
        frame["y"] = frame.x + 0.5 * frame.t + rng.standard_normal(300)
        spec = causal.AnalysisSpec(question=causal.Question("t", "y"), adjust_for=("x",))
        curve = learn_policy(causal.UnitTable.from_frame(frame), spec).curve
        told.append((curve.gains[50] - curve.random[50]) / curve.beyond_errors[50])
    assert stats.ttest_1samp(told, 0.0).pvalue > 0.001


def test_another_budget_is_the_policy_learnt_for_it():
    table = customers(800, 18)
    scores = score_arms(table, SPEC)
    free = policy_of(table, SPEC, scores, None, 1.0)
    for budget in (0.0, 200.0, None):
        wanted, found = policy_of(table, SPEC, scores, budget, 1.0), at_budget(free, budget)
        assert (found.arms == wanted.arms).all()
        assert (found.value, found.spent, found.budget) == (wanted.value, wanted.spent, wanted.budget)
    with pytest.raises(OptionProblem, match="does not pay for the cheapest"):
        at_budget(policy_of(table, SPEC, scores, None, {"none": 1.0, "mail": 2.0, "call": 2.0}), 10.0)
