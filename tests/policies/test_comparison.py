"""One policy beside another: the public verb, with what can and cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import causal
from causal.errors import OptionProblem
from causal.policies.chosen_columns import predict_by
from causal.policies.comparison import for_their_money
from causal.policies.policy import Policy, policy_by_points, policy_of, policy_with_variety, policy_within
from causal.policies.spending import less, spending_at, spending_of
from tests.policies.test_policy import SPEC, customers, effects_of

COSTS = {"mail": 1.0, "call": 2.0}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return causal.learn_policy(customers(2_000, 30), SPEC, budget=900.0, cost=COSTS)


def test_deciding_by_unit_is_worth_more_than_everyone_alike_where_effects_differ(policy):
    found = causal.compare_policies(policy, "alike")
    assert found.curves is not None and found.for_the_same is not None
    assert found.money == 900.0
    assert found.for_the_same == found.curves.difference(found.curves.place_of(900.0))
    assert found.for_the_same.interval()[0] > 0
    assert found.as_decided.value == pytest.approx(found.for_the_same.value)
    assert found.as_decided.std_error == pytest.approx(found.for_the_same.std_error)
    assert found.other_spent == pytest.approx(900.0)
    truth = effects_of(policy.table.frame)
    told = np.array([{"none": 0, "mail": 1, "call": 2}[each] for each in policy.arm_names()])
    alike = 900 / 2_000 * truth[:, 1].mean()  # one mail gains more per cost than one call
    low, high = found.for_the_same.interval(0.999)
    assert low < truth[np.arange(2_000), told].mean() - alike < high


def test_another_learner_fewer_arms_other_columns_and_gain_alone(policy):
    scores = policy.scores
    others = {
        "arms": causal.WithoutArms(("call",)),
        "columns": policy_of(policy.table, SPEC, predict_by(policy.table, scores, ("age",), "linear", 0), 900.0, COSTS),
        "gain": "gain alone",
    }
    found = {name: causal.compare_policies(policy, other) for name, other in others.items()}
    for each in found.values():
        assert each.curves is not None
        assert each.curves.gains[-1] == pytest.approx(policy.curve.gains[-1])
    assert found["arms"].curves.difference(-1).interval()[0] > 0
    truth, order = effects_of(policy.table.frame), {"none": 0, "mail": 1, "call": 2}
    worth = [
        truth[np.arange(2_000), [order[name] for name in each.arm_names()]].mean()
        for each in (policy, others["columns"])
    ]
    low, high = found["columns"].for_the_same.interval(0.999)
    assert low < worth[0] - worth[1] < high
    path = found["gain"].curves
    assert path.differences[0] == path.std_errors[0] == 0.0
    assert path.differences[-1] == pytest.approx(0.0, abs=1e-12)
    assert path.average(len(path.budgets) // 2).value > 0
    nothing = causal.compare_policies(policy, policy)
    assert (nothing.for_the_same.value, nothing.for_the_same.std_error) == (0.0, 0.0)
    assert (nothing.as_decided.value, nothing.as_decided.std_error) == (0.0, 0.0)


@pytest.mark.parametrize("left_out", ["call", "mail"])
def test_an_arm_left_out_is_given_to_nobody(policy, left_out):
    """With money for everyone each unit gets the better of the arms that are left, by the same predictions."""
    scores, units = policy.scores, np.arange(len(policy.scores))
    kept = np.array([at for at, level in enumerate(policy.levels) if level != left_out])
    best = kept[scores.predicted[:, kept].argmax(axis=1)]
    gained = scores.scores[units, best] - scores.scores[:, list(policy.levels).index("none")]
    found = causal.compare_policies(policy, causal.WithoutArms((left_out,)), points=5).curves
    assert found is not None and found.other_gains[-1] == pytest.approx(gained.mean())
    assert found.other_spent[-1] == pytest.approx(policy.paid[units, best].sum())


def test_another_learner_is_judged_by_the_same_scores():
    table = customers(400, 35)
    policy, other = (causal.learn_policy(table, SPEC, 150.0, learner=each) for each in ("linear", "lasso"))
    found = causal.compare_policies(policy, other, points=5)
    arms = [each.arms[policy.scores.rows] for each in (policy, other)]
    units = np.arange(400)
    by_hand = policy.scores.scores[units, arms[0]] - policy.scores.scores[units, arms[1]]
    assert found.as_decided.value == pytest.approx(by_hand.mean())


def test_policies_that_are_one_allocation_stand_beside_a_curve_at_their_own_spending(policy):
    table, scores = policy.table, policy.scores
    rules = policy_of(table, SPEC, scores, 900.0, COSTS, "tree")
    points = policy_by_points(table, SPEC, scores, 900.0, COSTS)
    within = policy_within(table, SPEC, scores, 900.0, COSTS, "linear", {"mail": 200}, {})
    varied = policy_with_variety(table, SPEC, scores, 900.0, COSTS, 0.5)
    for other in (rules, points, within, varied):
        assert (other.judged is None) == (other in (within, varied))
        valued = other.arms[scores.rows] if other.judged is None else other.judged
        money = float(policy.paid[np.arange(2_000), valued].sum())
        found = causal.compare_policies(policy, other)
        assert found.curves is None
        assert found.money == found.other_spent == pytest.approx(money)
        assert found.as_decided.value == pytest.approx(policy.value.value - other.value.value)
        path = policy.path
        fixed = spending_of(scores, policy.paid, valued)
        by_hand = less(spending_at(scores, policy.paid, path, fixed), fixed, scores, 0.95)
        assert found.for_the_same == by_hand
        turned = causal.compare_policies(other, policy)
        assert turned.for_the_same.value == pytest.approx(-by_hand.value)
        assert turned.for_the_same.std_error == pytest.approx(by_hand.std_error)
    assert causal.compare_policies(rules, points).for_the_same is None
    assert for_their_money(rules) == {}


def test_for_the_money_of_each_simple_policy(policy):
    found = for_their_money(policy)
    assert list(found) == list(policy.value.gains)
    today = policy.paid[np.arange(2_000), policy.scores.arm].sum()
    path = policy.path
    arms = path.arms_after(path.steps_within(today))
    by_hand = policy.scores.scores[np.arange(2_000), arms].mean() - policy.scores.outcome.mean()
    assert found["today"].value == pytest.approx(by_hand)
    assert (found["all none"].value, found["all none"].std_error) == (0.0, 0.0)  # no money, and both give none
    assert found["all call"].value == pytest.approx(policy.curve.gains[-1] - policy.value.values["all call"].value
                                                    + policy.value.values["all none"].value)  # fmt: skip


def test_clusters_widen_the_intervals():
    table = customers(800, 31)
    frame = (
        table.frame.loc[np.repeat(np.arange(800), 2)].reset_index(drop=True).assign(user=np.repeat(np.arange(800), 2))
    )
    doubled = causal.UnitTable.from_frame(frame, {"user": "identifier"})
    alone = causal.compare_policies(causal.learn_policy(table, SPEC, 300.0), "alike", points=5)
    together = replace(SPEC, cluster="user")
    twice = causal.compare_policies(causal.learn_policy(doubled, together, 600.0), "alike", points=5)
    assert twice.for_the_same.std_error == pytest.approx(alone.for_the_same.std_error, rel=0.15)
    assert twice.for_the_same.degrees_of_freedom == 799


def test_predictions_by_some_columns_serve_other_units_too(policy):
    other = causal.learn_policy(policy.table, SPEC, 900.0, COSTS, columns=("age",))
    assert other.goes_by == ("age",)
    assert other.scores.scores == pytest.approx(policy.scores.scores)
    fresh = customers(500, 32)
    told = other.assign(fresh)
    older = fresh.frame.age.to_numpy() > 0.5
    assert (told[older] != other.control).mean() > 0.9 > (told[~older] != other.control).mean()
    kept = type(other.scores).from_arrays(other.scores.to_arrays(), other.scores.facts())
    assert kept.goes_by == ("age",)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (lambda policy: "magic", 'with a policy, or with "alike" or "gain alone", not with'),
        (lambda policy: causal.learn_policy(customers(500, 33), SPEC), "not of the same units"),
        (lambda policy: policy_of(policy.table, SPEC, policy.scores, 900.0, 1.0), "learnt at different costs"),
        (lambda policy: causal.learn_policy(policy.table, SPEC, arms=("none", "mail")), "compare with WithoutArms"),
        (lambda policy: causal.WithoutArms(("fax",)), "no arm 'fax' to leave out"),
        (lambda policy: causal.WithoutArms(("none", "mail", "call")), "nothing is left to give"),
    ],
)
def test_what_cannot_be_compared_is_said(policy, other, sentence):
    with pytest.raises(OptionProblem, match=sentence):
        causal.compare_policies(policy, other(policy))


@pytest.mark.parametrize(("columns", "sentence"), [(("bought",), 'not "bought"'), ((), "at least one")])
def test_a_column_that_is_not_adjusted_for_is_said(policy, columns, sentence):
    with pytest.raises(OptionProblem, match=sentence):
        predict_by(policy.table, policy.scores, columns, "linear", 0)
