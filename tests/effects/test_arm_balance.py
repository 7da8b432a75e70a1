"""Balance of many arms and of quantities: cobalt's printed tables to the digit, and what weighting does to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.effects.arm_balance import ArmBalance, arm_balance, dose_balance
from causal.errors import TreatmentProblem
from tests.estimators.references import lalonde


def spec(treatment, adjust_for, outcome="re78", **levels):
    return causal.AnalysisSpec(
        question=causal.Question(treatment, outcome, **levels), adjust_for=adjust_for, method="weighting"
    )


@pytest.fixture(scope="module")
def races():
    asked = spec("race", ("age", "educ", "married", "nodegree", "re74", "re75"), control="black", treated="white")
    return arm_balance(causal.UnitTable.from_frame(lalonde()), asked)


PRINTED = {"age": (0.3065, 0.0557), "educ": (0.5861, 0.1140), "re74": (0.6196, 0.1527), "re75": (0.3442, 0.1491)}
"""Max.Diff.Un and Max.Diff.Adj of cobalt's vignette, with a multinomial score."""


@pytest.mark.parametrize("name", PRINTED)
def test_the_worst_pair_is_cobalts_to_the_printed_digit(races, name):
    row = {each.name: each for each in races.rows}[name]
    assert (round(abs(row.before), 4), round(abs(row.after), 4)) == PRINTED[name]


def test_the_worst_pairs_are_those_of_the_printed_pairwise_tables(races):
    rows = {each.name: each for each in races.rows}
    assert rows["age"].pair_before == ("hispan", "white")
    assert rows["educ"].pair_after == ("black", "hispan")
    assert rows["educ"].after < 0
    assert rows["re74"].pair_after == ("black", "white")


def test_effective_sizes_of_every_arm_are_cobalts(races):
    assert races.units == (243, 72, 299)
    assert [round(each, 2) for each in races.effective_sizes] == [138.38, 54.99, 259.59]


def test_the_worst_and_the_unbalanced_are_named(races):
    assert races.worst.name == "re74"
    assert {each.name for each in races.unbalanced} == {"educ", "nodegree", "re74", "re75"}


PRINTED_CORRELATIONS = {
    "age": 0.1400, "educ": 0.0183, "race: black": -0.1405, "race: hispan": 0.0616, "race: white": 0.0978,
    "married": 0.3541, "nodegree": -0.0705, "re74": 0.5520,
}  # fmt: skip


@pytest.fixture(scope="module")
def earnings():
    asked = spec("re75", ("age", "educ", "race", "married", "nodegree", "re74"))
    return dose_balance(causal.UnitTable.from_frame(lalonde()), asked)


def test_correlations_with_a_quantity_are_cobalts_to_the_printed_digit(earnings):
    assert {each.name: round(each.before, 4) for each in earnings.rows} == PRINTED_CORRELATIONS


def test_weighting_by_the_density_comes_to_what_cobalt_prints_for_another_kernel(earnings):
    """WeightIt's kernel has another bandwidth than ours: the second digit is the same."""
    printed = {"age": -0.0508, "educ": 0.0285, "race: black": -0.0166, "married": -0.0852, "re74": -0.1336}
    rows = {each.name: each.after for each in earnings.rows}
    for name, value in printed.items():
        assert rows[name] == pytest.approx(value, abs=0.002)
    assert earnings.effective_sizes[0] == pytest.approx(80.85, abs=0.5)
    assert [each.name for each in earnings.unbalanced] == ["re74"]


def test_weighting_takes_a_linear_dependence_away():
    rng = np.random.default_rng(5)
    x = rng.normal(size=4_000)
    frame = pd.DataFrame({"x": x, "dose": 0.5 * x + rng.normal(size=4_000), "y": rng.normal(size=4_000)})
    row = dose_balance(causal.UnitTable.from_frame(frame), spec("dose", ("x",), "y")).rows[0]
    assert row.before == pytest.approx(0.45, abs=0.05)
    assert abs(row.after) < 0.1


def test_two_arms_are_those_of_the_balance_table():
    frame = lalonde()
    found = arm_balance(causal.UnitTable.from_frame(frame), spec("treat", ("age", "re74")))
    table = causal.answer(causal.UnitTable.from_frame(frame), spec("treat", ("age", "re74"))).balance
    for row, expected in zip(found.rows, table.rows, strict=True):
        assert (row.before, row.after) == pytest.approx((expected.before, expected.after), rel=1e-9)


def test_a_constant_covariate_is_balanced():
    frame = lalonde().assign(c=1.0)
    asked = spec("race", ("age", "c"), control="black", treated="white")
    assert arm_balance(causal.UnitTable.from_frame(frame), asked).rows[1].after == 0.0
    assert dose_balance(causal.UnitTable.from_frame(frame), spec("re75", ("age", "c"))).rows[1].before == 0.0


def test_text_is_no_quantity():
    with pytest.raises(TreatmentProblem, match='"race" is no quantity'):
        dose_balance(causal.UnitTable.from_frame(lalonde()), spec("race", ("age",), control="black", treated="white"))


def test_it_comes_back_from_json(races, earnings):
    for found in (races, earnings):
        assert ArmBalance.from_json(found.to_json()) == found
