"""Balance in full as pictures: every measure, a symbol per method, shapes, many arms, and the sentences on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import causal
from causal.effects.arm_balance import arm_balance as arms_measured
from causal.effects.arm_balance import dose_balance
from causal.effects.balance_comparison import BalanceOptions, compare_balance
from causal.plots import arm_balance, balance_measures, covariate_shape
from causal.wording import balance as wording


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(6)
    n = 900
    x, age, g = rng.exponential(size=n), rng.integers(18, 70, n), rng.choice(list("abc"), n)
    t = (rng.random(n) < 1 / (1 + np.exp(1 - x))).astype(int)
    arm = rng.choice(["one", "two", "three"], n)
    frame = pd.DataFrame({"x": x, "age": age, "g": g, "t": t, "arm": arm, "dose": x + rng.normal(size=n)})
    return causal.UnitTable.from_frame(frame.assign(y=x + t + rng.normal(size=n)))


@pytest.fixture(scope="module")
def found(table):
    question = causal.Question("t", "y")
    specs = [
        causal.AnalysisSpec(question=question, adjust_for=("x", "age", "g"), method=name)
        for name in ("weighting", "regression")
    ]
    return compare_balance(table, specs, BalanceOptions(squares=True, by="g"))


@pytest.mark.parametrize("measure", wording.MEASURES)
@pytest.mark.parametrize("narrow", [False, True])
def test_every_measure_has_a_hollow_point_before_and_a_symbol_per_method(found, measure, narrow):
    shown = balance_measures.balance_measures(found, measure, dark=narrow, narrow=narrow)
    assert [trace.name for trace in shown.data] == ["before", "after weighting by propensity", "after regression"]
    assert shown.data[0].marker.symbol == "circle-open"
    assert shown.data[1].marker.symbol != shown.data[2].marker.symbol
    assert len(shown.data[0].x) == len(wording.measured_rows(found, measure))
    assert shown.layout.meta["alt"]


def test_yes_or_no_has_no_spread_to_show(found):
    names = [row.name for row in wording.measured_rows(found, "variance_ratio")]
    assert "g: a" not in names
    assert "x" in names


def test_points_of_one_row_do_not_hide_each_other(found):
    first, second = (trace.y for trace in balance_measures.balance_measures(found).data[1:])
    assert set(first).isdisjoint(second)


def test_the_table_holds_every_measure_of_every_method(found):
    row = balance_measures.rows(found)[2]
    for when in ("before", "Weighting by propensity", "Regression"):
        assert row[f"means, {when}"] is not None
        assert row[f"largest gap, {when}"] is not None


def test_the_title_says_how_many_columns_are_left_and_how_many_were_before(found):
    title = wording.comparison_finding(found, "difference")
    assert "balances all 9 columns by their means" in title
    assert "before" in title
    assert "in common after adjustment" in wording.shape_finding(found, found.shapes[0], "weighting")
    assert "prognostic score" in wording.prognostic_sentence(found)
    assert "after regression" in wording.sizes_sentence(found)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(("covariate", "kind"), [("x", "bars"), ("x", "shares below"), ("age", "bars"), ("g", "bars")])
def test_a_covariate_is_drawn_before_and_after_in_both_arms(found, covariate, kind, narrow):
    shown = covariate_shape.covariate_shape(found, covariate, "weighting", kind, narrow=narrow)
    assert [trace.name for trace in shown.data] == ["control", "treated"] * 2
    if covariate != "g" and kind == "bars":
        assert max(shown.data[0].y) <= 0 <= min(shown.data[1].y)
    if kind == "shares below":
        assert shown.data[0].y[-1] == pytest.approx(100)
    told = covariate_shape.rows(found, covariate, "weighting")
    assert sum(row["treated, after"] for row in told) == pytest.approx(1)


def test_bars_of_whole_numbers_hold_as_many_of_them(found):
    edges = covariate_shape.shape_named(found, "age").edges
    assert {high - low for low, high in pairwise(edges)} == {2.0}


def test_groups_are_told_one_row_per_weighting(found):
    told = wording.group_rows(found)
    assert len(told) == 3 * 3
    assert {row["adjustment"] for row in told} == {"before", "Weighting by propensity", "Regression"}
    assert "3 groups of g" in wording.groups_finding(found)


def test_without_a_method_only_what_was_before_is_shown(table):
    spec = causal.AnalysisSpec(question=causal.Question("t", "y"), adjust_for=("x",), method="difference_in_means")
    found = compare_balance(table, [spec])
    assert found.methods == ()
    assert [trace.name for trace in balance_measures.balance_measures(found).data] == ["before"]
    assert wording.comparison_finding(found, "difference").startswith("Before adjustment")
    assert len(covariate_shape.covariate_shape(found, "x").data) == 2


@pytest.mark.parametrize("narrow", [False, True])
def test_many_arms_and_quantities_show_before_and_after(table, narrow):
    asked = causal.AnalysisSpec(
        question=causal.Question("arm", "y", control="one", treated="two"), adjust_for=("x", "g"), method="weighting"
    )
    many = arms_measured(table, asked)
    assert [trace.name for trace in arm_balance.arm_balance(many, narrow=narrow).data] == [
        "before weighting",
        "after weighting",
    ]
    assert arm_balance.rows(many)[0]["pair before"].count(" minus ") == 1
    assert wording.arms_finding(many).startswith("After weighting")
    dose = dose_balance(
        table, causal.AnalysisSpec(question=causal.Question("dose", "y"), adjust_for=("x",), method="regression")
    )
    assert "Correlation" in arm_balance.arm_balance(dose, dark=True).layout.xaxis.title.text
    assert wording.arms_finding(dose).startswith("After weighting dose ")
