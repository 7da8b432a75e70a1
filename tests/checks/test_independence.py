import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency, pearsonr

from causal.checks.columns import Columns
from causal.checks.independence import TestOptions, independence_test
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits, UnknownColumn
from causal.logs.unit_table import UnitTable
from tests.checks.mixed_columns import CONDITIONS, PAIRS, simulated
from tests.hang import SECONDS_OF_A_HANG


def name_of(pair):
    return "-".join(pair)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_five_per_cent_of_independent_pairs_are_rejected(pair, condition):
    rng = np.random.default_rng(2026)
    tests = [independence_test(*_asked(simulated(rng, 250, pair, condition))) for _ in range(60)]
    rejected = sum(each.p_value < 0.05 for each in tests)
    assert binomtest(rejected, len(tests), 0.05).pvalue > 0.001


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_dependent_pairs_are_found(pair, condition):
    rng = np.random.default_rng(7)
    tests = [independence_test(*_asked(simulated(rng, 1500, pair, condition, effect=0.8))) for _ in range(3)]
    assert all(each.p_value < 0.01 for each in tests)
    assert all(each.low > 0 for each in tests)


@pytest.mark.parametrize("pair", [("numeric", "binary"), ("category", "category")], ids=name_of)
def test_the_interval_covers_the_size_in_the_population(pair):
    rng = np.random.default_rng(11)
    truth = independence_test(*_asked(simulated(rng, 50_000, pair, "mixed", effect=0.8))).size
    tests = [independence_test(*_asked(simulated(rng, 500, pair, "mixed", effect=0.8))) for _ in range(60)]
    covered = sum(each.low <= truth <= each.high for each in tests)
    assert binomtest(covered, len(tests), 0.95).pvalue > 0.001


def test_without_conditions_the_size_is_the_correlation():
    table, _ = simulated(np.random.default_rng(1), 500, ("numeric", "numeric"), "nothing", effect=0.3)
    found = independence_test(table, "x", "y")
    assert found.size == pytest.approx(pearsonr(table.column("x"), table.column("y")).statistic, rel=1e-12)
    assert found.measure == "partial correlation"
    assert found.low < found.size < found.high


def test_with_categories_the_size_is_cramers_v_without_its_bias():
    table, _ = simulated(np.random.default_rng(2), 100_000, ("category", "category"), "nothing", effect=1.0)
    counts = pd.crosstab(table.column("x"), table.column("y"))
    cramer = np.sqrt(chi2_contingency(counts).statistic / len(table) / 2)
    found = independence_test(table, "x", "y")
    assert found.size == pytest.approx(cramer, rel=0.01)
    assert found.degrees == 4
    assert found.measure == "association"


def test_luck_is_no_proof_of_independence():
    frame = pd.DataFrame({"x": ["a", "b", "c"] * 40, "y": np.repeat(["p", "q", "r", "s"], 30)})
    found = independence_test(UnitTable.from_frame(frame), "x", "y")
    assert found.statistic == pytest.approx(0.0, abs=1e-9)
    assert found.size == found.low == 0.0
    assert found.high > 0.1


def test_the_size_given_numbers_is_the_partial_correlation():
    rng = np.random.default_rng(3)
    z = rng.normal(size=(2000, 2))
    frame = pd.DataFrame({"a": z[:, 0], "b": z[:, 1]})
    frame["x"] = z @ [0.5, 0.5] + rng.normal(size=2000)
    frame["y"] = z @ [0.5, -0.2] + 0.3 * frame["x"] + rng.normal(size=2000)
    precision = np.linalg.inv(np.corrcoef(frame.to_numpy().T))
    expected = -precision[2, 3] / np.sqrt(precision[2, 2] * precision[3, 3])
    found = independence_test(UnitTable.from_frame(frame), "x", "y", ("a", "b"), TestOptions(shape="linear"))
    assert found.size == pytest.approx(expected, rel=1e-9)


def test_a_spread_that_differs_does_not_look_like_dependence():
    rng = np.random.default_rng(4)
    rejected = 0
    for _ in range(200):
        spread = np.abs(rng.normal(size=400)) + 0.1
        frame = pd.DataFrame({"x": spread * rng.normal(size=400), "y": spread * rng.normal(size=400)})
        rejected += independence_test(UnitTable.from_frame(frame), "x", "y").p_value < 0.05
    assert binomtest(rejected, 200, 0.05).pvalue > 0.001


def test_a_curved_condition_is_followed():
    rng = np.random.default_rng(5)
    z = rng.uniform(-2, 2, size=5000)
    frame = pd.DataFrame({"x": z**2 + rng.normal(size=5000), "y": np.exp(z) + rng.normal(size=5000), "z": z})
    table = UnitTable.from_frame(frame)
    assert independence_test(table, "x", "y", ["z"]).p_value > 0.01
    assert independence_test(table, "x", "y", ["z"], TestOptions(shape="linear")).p_value < 1e-6


def test_one_right_regression_of_two_is_enough():
    rng = np.random.default_rng(6)
    rejected = 0
    for _ in range(100):
        a, b = rng.normal(size=(2, 400))
        frame = pd.DataFrame({"x": rng.random(400) < 1 / (1 + np.exp(-a * b)), "a": a, "b": b})
        frame["y"] = rng.random(400) < 1 / (1 + np.exp(-a))
        rejected += independence_test(UnitTable.from_frame(frame), "x", "y", ("a", "b")).p_value < 0.05
    assert binomtest(rejected, 100, 0.05).pvalue > 0.001


def test_combinations_of_discrete_conditions_have_their_own_means():
    rng = np.random.default_rng(8)
    a, b = rng.integers(0, 2, size=(2, 20_000))
    either = 0.1 + 0.8 * (a ^ b)
    frame = pd.DataFrame({"a": a, "b": b, "x": rng.random(20_000) < either, "y": rng.random(20_000) < either})
    assert independence_test(UnitTable.from_frame(frame), "x", "y", ("a", "b")).p_value > 0.01


def test_ranks_withstand_heavy_tails():
    rng = np.random.default_rng(9)
    noise = rng.standard_cauchy(size=(2, 2000))
    frame = pd.DataFrame({"x": noise[0], "y": np.exp(0.3 * np.clip(noise[0], -50, 50)) + np.abs(noise[1])})
    found = independence_test(UnitTable.from_frame(frame), "x", "y", options=TestOptions(values="ranks"))
    assert found.size > 0.3
    again = independence_test(
        UnitTable.from_frame(frame.assign(x=np.arctan(frame["x"]))), "x", "y", options=TestOptions(values="ranks")
    )
    assert again.size == pytest.approx(found.size, abs=1e-12)


def test_rows_with_missing_values_are_left_out():
    table, given = simulated(np.random.default_rng(10), 400, ("numeric", "category"), "mixed")
    frame = table.frame.copy()
    frame.loc[:49, "x"] = np.nan
    frame.loc[50:99, "zc"] = None
    found = independence_test(UnitTable.from_frame(frame), "x", "y", given)
    expected = independence_test(UnitTable.from_frame(frame.iloc[100:].reset_index(drop=True)), "x", "y", given)
    assert found.n == 300
    assert found.log_p == pytest.approx(expected.log_p, rel=1e-9)


def test_a_yes_or_no_column_counts_its_later_level_as_one():
    frame = pd.DataFrame({"new": ["no"] * 50 + ["yes"] * 50, "minutes": np.arange(100.0)})
    flipped = frame.iloc[::-1].reset_index(drop=True)
    for each in (frame, flipped):
        assert independence_test(UnitTable.from_frame(each), "new", "minutes").size > 0.8


def test_a_p_value_beyond_numbers_keeps_its_logarithm():
    x = np.random.default_rng(12).normal(size=20_000)
    noise = np.random.default_rng(13).normal(size=20_000)
    found = independence_test(UnitTable.from_frame(pd.DataFrame({"x": x, "y": x + 0.1 * noise})), "x", "y")
    assert found.p_value == 0.0
    assert np.isfinite(found.log_p)
    assert found.log_p < -800


def test_a_copy_correlates_by_one():
    x = np.random.default_rng(14).normal(size=200)
    found = independence_test(UnitTable.from_frame(pd.DataFrame({"x": x, "y": 2 * x})), "x", "y")
    assert (found.low, found.size, found.high) == (1.0, 1.0, 1.0)


def test_levels_that_never_meet_do_not_stop_the_test():
    rng = np.random.default_rng(15)
    z = rng.normal(size=600)
    frame = pd.DataFrame({"x": rng.normal(size=600), "y": z > 0, "z": z})
    assert independence_test(UnitTable.from_frame(frame), "x", "y", ["z"]).p_value > 0.001


def test_a_condition_named_twice_over_changes_nothing():
    table, given = simulated(np.random.default_rng(18), 500, ("binary", "category"), "mixed")
    doubled = UnitTable.from_frame(table.frame.assign(again=table.frame["zn"], other=2 * table.frame["zn"] + 1))
    once = independence_test(table, "x", "y", given)
    again = independence_test(doubled, "x", "y", (*given, "again", "other"))
    assert again.log_p == pytest.approx(once.log_p, rel=1e-4)


def test_a_test_of_a_hundred_thousand_rows_takes_no_minute():
    table, given = simulated(np.random.default_rng(16), 100_000, ("numeric", "binary"), "mixed")
    start = time.process_time()
    independence_test(Columns(table), "x", "y", given)
    assert time.process_time() - start < SECONDS_OF_A_HANG


@pytest.mark.parametrize(
    ("left", "right", "given", "error", "message"),
    [
        ("x", "x", (), CovariateProblem, '"x" stands twice in one test of independence'),
        ("x", "y", ("y",), CovariateProblem, '"y" stands twice'),
        ("x", "nope", (), UnknownColumn, 'no column "nope"'),
        ("x", "constant", (), CovariateProblem, '"constant" does not vary, so nothing can be said'),
        ("x", "y", ("copy",), CovariateProblem, '"x" does not vary among units alike in copy'),
        ("x", "empty", (), TooFewUnits, 'Only 0 rows have a value in all of "x", "empty"'),
        ("x", "title", (), CovariateProblem, '"title" is free text: no test of independence fits it'),
        ("x", "many", (), CovariateProblem, '"many" has 250 different values, more than a test can take'),
    ],
)
def test_what_cannot_be_tested_is_said(left, right, given, error, message):
    rng = np.random.default_rng(17)
    frame = pd.DataFrame({"x": rng.normal(size=250), "y": rng.normal(size=250), "constant": 1.0})
    frame["copy"] = frame["x"]
    frame["empty"] = np.nan
    frame["title"] = "words"
    frame["many"] = [f"level {each}" for each in range(250)]
    with pytest.raises(error, match=message):
        independence_test(UnitTable.from_frame(frame, {"title": "text"}), left, right, given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"values": "logs"}, 'The values "logs" are not one of'),
        ({"shape": "cubic"}, 'The shape "cubic" is not one of'),
        ({"confidence": 95}, "The confidence 95 must lie between 0 and 1"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(OptionProblem, match=message):
        TestOptions(**options)


def _asked(simulation):
    table, given = simulation
    return table, "x", "y", given
