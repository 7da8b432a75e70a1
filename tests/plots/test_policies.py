"""A policy's figures: the finding as title, what is marked, and the table behind them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import causal
from causal.plots import paired_curves as curves_plot
from causal.plots import policy_gains, policy_tree
from causal.policies.comparison import PolicyComparison, for_their_money
from causal.policies.paired_curves import PairedCurves
from causal.policies.policy import Policy
from causal.policies.rules import Leaf, PolicyTree, Split
from causal.policies.value import Compared
from causal.wording.numbers import NO_UNIT, Scale
from causal.wording.policy import policy_finding, same_money_sentence
from causal.wording.policy_comparison import (
    comparison_finding,
    curves_title,
    decided_sentence,
    other_name,
    rules_sentence,
)
from tests.policies.test_policy import SPEC, customers

BUDGETS = (0.0, 100.0, 200.0, 300.0, 400.0)


def curves(differences: tuple[float, ...], errors: tuple[float, ...] = (0.0, 0.1, 0.1, 0.1, 0.1)) -> PairedCurves:
    """With a reach of three standard errors."""
    nothing, both = (0.0,) * 5, (differences, errors)
    return PairedCurves(BUDGETS, BUDGETS, BUDGETS, differences, nothing, *both, *both, 3.0, 100, 0.95, np.inf)


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ((0.0, 1.0, 1.0, 1.0, 1.0), "At every budget this policy gains more than treating everyone alike"),
        ((0.0, 0.2, 0.2, 1.0, 1.0), "From a budget of 300 on this policy gains more than treating everyone alike"),
        ((0.0, -1.0, -1.0, 0.0, 0.0), "Up to a budget of 200 this policy gains less than treating everyone alike"),
        (
            (0.0, 0.1, 1.0, 1.0, 0.1),
            "Between budgets of 200 and 300 this policy gains more than treating everyone alike",
        ),
        ((0.0, 1.0, 0.1, 1.0, 0.1), "At some budgets between 100 and 300 this policy gains more than"),
        ((0.0, 1.0, 0.1, 1.0, 1.0), "From a budget of 300 on this policy gains more than treating everyone alike"),
        ((0.0, 0.1, 0.1, 1.0, 0.1), "With a budget of 300 this policy gains more than treating everyone alike"),
        (
            (0.0, 1.0, 0.1, 0.1, -1.0),
            "This policy gains more than treating everyone alike with a budget of 100, and less",
        ),
        ((0.0, 0.1, 0.1, 0.1, 0.1), "At no budget is it clear whether this policy gains more than treating everyone"),
    ],
)
def test_the_title_says_at_which_budgets_it_is_clear_at_once(differences, said):
    title = curves_title(curves(differences), 200.0, {"kind": "alike"}, NO_UNIT)
    assert title.startswith(said)
    assert "with 200 the difference is" in title


def test_the_number_in_the_title_is_that_of_the_budget_alone():
    title = curves_title(curves((0.0, 1.0, 1.0, 1.0, 1.0)), 200.0, {"kind": "alike"}, Scale(shares=True))
    assert title.endswith("with 200 the difference is +100 percentage points [80.4, 120]")


def test_the_same_twice_is_said():
    same = curves((0.0,) * 5, (0.0,) * 5)
    assert curves_title(same, 200.0, {"kind": "learner", "learner": "best"}, NO_UNIT) == (
        "This policy does the same as predicting by the best mix of learners at every budget"
    )


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (0.5, 0.1, "gains more than"),
        (-0.5, 0.1, "gains less than"),
        (0.1, 0.1, "does not clearly differ from"),
        (0.0, 0.0, "does the same as"),
    ],
)
def test_one_allocation_stands_beside_another_for_the_same_money(value, error, said):
    told = PolicyComparison(Compared(value, error), 200.0, 300.0, Compared(value, error), 200.0, None)
    sentence = comparison_finding(told, {"kind": "budget"}, NO_UNIT)
    assert sentence.startswith(f"For the same 200 in all, this policy {said} deciding unit by unit within the budget")
    plural = said.replace("gains", "gain").replace("does", "do")
    assert f"that rules learnt without each unit spend, they {plural} deciding" in rules_sentence(
        told, {"kind": "budget"}, NO_UNIT
    )
    assert "for 200 against 300 in all" in decided_sentence(told, NO_UNIT)
    apart = replace(told, for_the_same=None, money=None)
    assert rules_sentence(apart, {"kind": "budget"}, NO_UNIT) == ""
    assert "no spending in common" in comparison_finding(apart, {"kind": "budget"}, NO_UNIT)


def test_others_are_named():
    assert other_name({"kind": "arms", "arms": ["a", "b", "c"]}) == "doing without a, b and c"
    assert other_name({"kind": "columns", "columns": ["age"]}) == "predicting by age alone"
    assert other_name({"kind": "gain alone"}) == "going by predicted gain alone"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return causal.learn_policy(customers(1_000, 50), SPEC, budget=300.0, cost={"mail": 1.0, "call": 2.0})


def test_both_curves_their_difference_and_its_bands_are_drawn(policy):
    found = causal.compare_policies(policy, "alike")
    assert found.curves is not None
    shown = curves_plot.paired_curves(found.curves, {"kind": "alike"}, "bought", 300.0, NO_UNIT)
    names = [trace.name for trace in shown.data if trace.name]
    assert names[:2] == ["this policy", "treating everyone alike"]
    assert sum(trace.fill == "toself" and trace.yaxis == "y2" for trace in shown.data) == 2
    line = next(trace for trace in shown.data if trace.yaxis == "y2" and trace.mode == "lines" and trace.fill is None)
    assert list(line.y) == list(found.curves.differences)
    assert "the difference is" in shown.layout.title.text
    long = {"kind": "columns", "columns": ["a name of a column that is long", "another name that is as long as that"]}
    title = curves_plot.paired_curves(found.curves, long, "bought", 300.0, NO_UNIT).layout.title.text
    assert "the difference is" not in title and "gains more than predicting by" in title
    table = curves_plot.rows(found.curves)
    assert [row["difference"] for row in table] == list(found.curves.differences)
    assert all(row["low_at_all_budgets"] <= row["low"] <= row["high"] <= row["high_at_all_budgets"] for row in table)


def test_simple_policies_say_what_they_cost_and_are_met_for_the_same(policy):
    fair = for_their_money(policy)
    own, same = (policy_gains.policy_gains(policy, NO_UNIT, each) for each in (None, fair))
    assert "For the same money" in same.layout.title.text
    assert "For the same money" not in own.layout.title.text
    table = {row["policy"]: row for row in policy_gains.rows(policy, fair)}
    assert table["Today's arms"]["for_its_money"] == fair["today"].value
    assert table["Today's arms"]["cost_in_all"] == policy.cost_of_simple("today")
    assert table["Everyone gets call"]["cost_in_all"] == 2_000
    assert "beside today's arms, which cost" in policy_finding(policy, NO_UNIT)
    assert "that today's arms cost, the same ranking would be worth" in same_money_sentence(policy, fair, NO_UNIT)
    assert same_money_sentence(policy, {}, NO_UNIT) == ""


LEAVES = [Leaf(0, 10, 0.0), Leaf(1, 20, 0.0), Leaf(2, 30, 0.0)]
TREE = PolicyTree(("none", "mail", "call"), Split("age", 0.5, LEAVES[0], Split("region", "north", *LEAVES[1:])), 0.1)


def test_rules_are_drawn_as_a_tree():
    shown = policy_tree.policy_tree(TREE)
    texts = [each.text for each in shown.layout.annotations]
    assert texts.count("yes") == texts.count("no") == 2
    assert {"age ≤ 0.5000?", "region is north?"} <= set(texts)
    assert sum("<b>mail</b>" in text for text in texts) == 1
    assert "By 3 rules" in shown.layout.title.text
    assert policy_tree.rows(TREE) == [
        {"rule": "age ≤ 0.5000", "arm": "none", "units": 10, "share": pytest.approx(1 / 6)},
        {"rule": "age > 0.5000 and region is north", "arm": "mail", "units": 20, "share": pytest.approx(1 / 3)},
        {"rule": "age > 0.5000 and region is not north", "arm": "call", "units": 30, "share": 0.5},
    ]


def test_a_tree_without_a_question_says_so():
    alone = PolicyTree(("none", "mail"), Leaf(1, 40, 0.0), 0.1)
    assert "No question helps: all 40 units get mail" in policy_tree.policy_tree(
        alone, narrow=True
    ).layout.title.text.replace("<br>", " ")
