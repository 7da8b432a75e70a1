"""Regions without overlap: planted ones are found by their own rule, none is found where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.overlap_regions import _roundest
from causal.effects.positivity import Positivity, positivity
from causal.logs.conditions import satisfied
from tests.estimators.references import LALONDE, lalonde


def users(n, seed, hole=True, share=0.5):
    rng = np.random.default_rng(seed)
    age, web = rng.integers(16, 70, n), rng.random(n) < 0.3
    chance = 1 / (1 + np.exp(-(0.02 * (age - 40) + 0.3 * web + np.log(share / (1 - share)))))
    inside = (age < 20) & web
    treated = rng.random(n) < (np.where(inside, 1.0, chance) if hole else chance)
    frame = pd.DataFrame({"age": age, "platform": np.where(web, "web", "app"), "activity": rng.exponential(3, n)})
    return frame.assign(t=treated.astype(int), y=rng.normal(size=n)), inside


def found_in(frame, target="everyone", covariates=("age", "platform", "activity")):
    question = causal.Question("t", "y", target=target)
    spec = causal.AnalysisSpec(question=question, adjust_for=covariates, method="weighting")
    return positivity(causal.UnitTable.from_frame(frame), spec)


@pytest.mark.parametrize("seed", range(5))
def test_those_under_20_on_the_web_are_found_as_such(seed):
    frame, inside = users(6_000, seed)
    regions = found_in(frame).regions
    assert [rule.absent for rule in regions.rules] == ["control"]
    rule = regions.rules[0]
    told = {(each.column, each.comparison, each.value) for each in rule.conditions}
    assert told == {("age", "is below", 20), ("platform", "is", "web")}
    assert (regions.without_control, rule.others) == (inside.sum(), 0)
    assert 0 < rule.upper < 0.07


def test_the_propensity_model_does_not_see_what_the_rule_sees():
    frame, _ = users(6_000, 1)
    regions = found_in(frame).regions
    assert regions.rules[0].fitted > 0.2
    assert (regions.beyond, regions.covered) == (0, 0)


def test_no_region_is_found_where_there_is_none():
    """60 logs without a hole: each rule must pass a test at one in a thousand in the half that did not find it."""
    assert sum(len(found_in(users(2_000, 100 + seed, hole=False)[0]).regions.rules) for seed in range(60)) <= 1


def test_a_rare_treatment_is_no_region_by_itself():
    frame, _ = users(20_000, 2, hole=False, share=0.01)
    assert found_in(frame).regions.rules == ()


def test_counts_of_the_other_half_hold_the_true_chance_as_often_as_they_say():
    """One in 100 units of a region has the other arm: the bound must hold it in 95 of 100 logs; exact at p < .001."""
    held = kept = 0
    for seed in range(100):
        rng = np.random.default_rng(1_000 + seed)
        x = rng.random(4_000)
        treated = rng.random(4_000) < np.where(x < 0.2, 0.01, 0.5)
        frame = pd.DataFrame({"x": x, "t": treated.astype(int), "y": rng.normal(size=4_000)})
        regions = found_in(frame, covariates=("x",)).regions
        for rule in regions.rules[:1]:
            kept += 1
            held += rule.upper >= 0.01
    assert kept >= 80
    assert held >= kept - 13  # a binomial of 100 at 5 % exceeds 13 with p < .001


def test_only_the_arm_that_the_target_needs_is_looked_for():
    frame, inside = users(6_000, 3)
    assert found_in(frame, "treated").regions.without_control == inside.sum()
    assert found_in(frame, "untreated").regions.rules == ()


def test_a_column_that_decides_the_arm_is_said_in_both_directions():
    frame, _ = users(2_000, 4, hole=False)
    frame["t"] = (frame["platform"] == "web").astype(int)
    regions = found_in(frame).regions
    assert {(rule.absent, rule.others) for rule in regions.rules} == {("control", 0), ("treated", 0)}
    assert regions.without == 2_000
    assert regions.beyond is None


def test_lalonde_has_hardly_a_treated_man_who_earned_and_is_not_black():
    table = causal.UnitTable.from_frame(lalonde())
    spec = causal.AnalysisSpec(question=causal.Question("treat", "re78"), adjust_for=LALONDE, method="weighting")
    regions = positivity(table, spec).regions
    assert (regions.without_control, regions.covered, regions.beyond) == (0, 35, 36)
    first = {(each.column, each.comparison, each.value) for each in regions.rules[0].conditions}
    assert {("race", "is not", "black"), ("re74", "is at least", 30)} < first
    every = np.zeros(len(table), dtype=bool)
    for rule in regions.rules:
        inside = satisfied(table, rule.conditions)
        assert (rule.units, rule.others) == (inside.sum(), lalonde().loc[inside, "treat"].sum())
        assert rule.others <= 0.02 * rule.units
        every |= inside
    assert regions.without_treated == every.sum()


def test_a_limit_is_the_roundest_that_parts_the_units_alike():
    ends = ((0.0, 33.31), (19, 20), (3690.0, 3732.4), (-7.5, -2.25))
    assert [_roundest(low, high) for low, high in ends] == [30.0, 20.0, 3700.0, -3.0]


@pytest.mark.parametrize("n", [4, 12])
def test_too_few_units_find_nothing(n):
    frame = pd.DataFrame({"x": np.arange(n), "t": [0, 1] * (n // 2), "y": np.arange(n) % 3})
    regions = found_in(frame, covariates=("x",)).regions
    assert (regions.rules, regions.searched) == ((), False)


def test_a_constant_column_and_a_time_make_no_rule():
    frame, _ = users(500, 5, hole=False)
    frame = frame.assign(c=1.0, when=pd.date_range("2026-01-01", periods=500, freq="h"))
    assert found_in(frame, covariates=("age", "c", "when")).regions.rules == ()


def test_it_comes_back_from_json():
    found = found_in(users(3_000, 6)[0])
    assert Positivity.from_json(found.to_json()) == found
