"""Why a unit gets its arm: parts that add up to the prediction, found where the truth has them, told in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import causal
from causal.effects.drivers import drivers_of
from causal.estimators.subsamples import FREEDOM
from causal.policies.arm_scores import score_arms
from causal.policies.drivers import drivers, gain_of
from causal.policies.policy import policy_of
from causal.wording.drivers import drivers_text, reasons
from tests.policies.test_policy import ARMS, SPEC, customers, effects_of


def test_parts_and_rest_add_up_and_are_those_of_an_additive_truth() -> None:
    rng = np.random.default_rng(40)
    frame = pd.DataFrame(
        {"a": rng.standard_normal(3_000), "b": rng.uniform(size=3_000), "c": rng.choice(list("xyz"), 3_000)}
    )
    a, c = (2.0 * frame.a).to_numpy(), np.where(frame.c == "x", 1.0, 0.0)
    table = causal.UnitTable.from_frame(frame)
    found = drivers_of(5 + a + c, table, ("a", "b", "c"))
    assert found.told == pytest.approx(1, abs=1e-6)
    for row in (0, 7, 100):
        told = {each.column: each.part for each in found.of(row)}
        assert told["a"] == pytest.approx(a[row] - a.mean(), abs=0.01)
        assert told["c"] == pytest.approx(c[row] - c.mean(), abs=0.01)
        assert sum(told.values()) + found.average[row] + found.rest[row] == pytest.approx(5 + a[row] + c[row])
        assert found.of(row)[0].value == frame[found.of(row)[0].column][row]


def test_columns_that_go_together_share_and_what_they_do_together_is_rest() -> None:
    rng = np.random.default_rng(41)
    frame = pd.DataFrame({"a": rng.standard_normal(2_000), "b": rng.standard_normal(2_000)})
    table = causal.UnitTable.from_frame(frame.assign(twin=frame.a))
    shared = drivers_of(frame.a.to_numpy(), table, ("a", "twin"))
    one, other = shared.of(3)
    assert one.part == pytest.approx(other.part, rel=0.01)
    together = drivers_of((frame.a * frame.b).to_numpy(), table, ("a", "b"))
    assert together.told < 0.05


def test_units_without_a_prediction_and_predictions_that_are_all_alike_have_no_drivers() -> None:
    table = causal.UnitTable.from_frame(pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0], "s": ["same"] * 4}))
    found = drivers_of(np.array([1.0, 1.0, np.nan, 1.0]), table, ("a", "s"))
    assert [found.of(row) for row in range(4)] == [()] * 4
    assert found.told == 0.0
    assert np.isnan(found.average[2]) and np.isnan(found.rest[2])


def test_every_unit_of_a_policy_is_told_why() -> None:
    table = customers(2_000, 42)
    frame = table.frame.copy()
    frame.loc[3, "age"] = np.nan
    table = causal.UnitTable.from_frame(frame)
    policy = policy_of(table, SPEC, score_arms(table, SPEC), 400.0, 1.0)
    found = drivers(policy)
    assert found.told > 0.95
    call = policy.levels.index("call")
    called = np.flatnonzero(policy.arms == call)
    assert all(found.of(row)[0].column == "visits" for row in called[:20])
    told = reasons(policy, found, False)
    assert told[3].startswith("no arm")
    assert all(told[row].startswith("call is predicted to gain +") for row in called)
    spared = np.flatnonzero((policy.arms == policy.control) & (gain_of(policy, found.subject) > 0))
    assert all("that its cost buys elsewhere" in told[row] for row in spared)
    assert "visits is" in drivers_text(found, int(called[0]), False)


def test_the_interval_of_a_units_gain_holds_the_truth() -> None:
    """60 studies of 400 units, seeds 0 to 59: the first unit's two gains, against 95 % at p < .001."""
    hits = [0, 0]
    for seed in range(60):
        table = customers(400, seed)
        scores = score_arms(table, SPEC, errors=True)
        assert scores.errors is not None
        assert (scores.errors[:, scores.control] == 0).all()
        truth = effects_of(table.frame)[:, [ARMS.index(str(level)) for level in scores.levels]][0]
        gains = (scores.predicted - scores.predicted[:, [scores.control]])[0]
        reach = stats.t.ppf(0.975, FREEDOM) * scores.errors[0]
        others = [place for place in range(3) if place != scores.control]
        for at, place in enumerate(others):
            hits[at] += abs(gains[place] - truth[place]) <= reach[place]
    assert all(stats.binomtest(each, 60, 0.95).pvalue > 0.001 for each in hits)


def test_a_policy_tells_its_intervals_where_the_scores_have_errors() -> None:
    table = customers(600, 43)
    frame = policy_of(table, SPEC, score_arms(table, SPEC, errors=True), 200.0, 1.0).frame()
    told = frame[frame.arm != "none"]
    assert ((told.gain_low < told.predicted_gain) & (told.predicted_gain < told.gain_high)).all()
    assert (frame[frame.arm == "none"][["cost", "predicted_gain", "gain_low", "gain_high"]] == 0).all(axis=None)
    clustered = causal.UnitTable.from_frame(table.frame.assign(shop=np.arange(600) // 10))
    errors = score_arms(clustered, replace(SPEC, cluster="shop"), errors=True).errors
    assert errors is not None and np.isfinite(errors).all()
