"""Balance in full: cobalt's printed tables to the digit, planted imbalance, and the limits of what can be measured."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.distributions import OrderedColumn, apart, bandwidth, largest_gap, weighted_variance
from causal.effects.balance_comparison import CHANCE, FORETOLD, BalanceComparison, BalanceOptions, compare_balance
from causal.errors import EmptyLog, OptionProblem, TooFewUnits, UnknownColumn
from tests.estimators.references import LALONDE, lalonde

VIGNETTE = ("age", "educ", "race", "re74", "re75")
"""The columns that the vignette's propensity score is of."""


def compared(frame, adjust_for, methods=("weighting",), target="everyone", options=None, treatment="treat", **spec):
    question = causal.Question(treatment, spec.pop("outcome", "re78"), target=target)
    specs = [causal.AnalysisSpec(question=question, adjust_for=adjust_for, method=name, **spec) for name in methods]
    return compare_balance(causal.UnitTable.from_frame(frame), specs, options)


def by_name(found):
    return {row.name: row for row in found.rows}


@pytest.fixture(scope="module")
def treated_odds():
    """The vignette of cobalt 5.0 (articles/cobalt.md): odds weights for the treated, with two columns beside."""
    options = BalanceOptions(squares=True, products=True, also=("nodegree", "married"))
    return compared(lalonde(), VIGNETTE, target="treated", options=options)


PRINTED_ATT = {  # means and spreads print: Diff.Un, V.Ratio.Un, Diff.Adj, V.Ratio.Adj
    "age": (-0.3094, 0.4400, 0.1112, 0.5086),
    "educ": (0.0550, 0.4959, -0.0641, 0.6018),
    "re74": (-0.7211, 0.5181, -0.0039, 1.4821),
    "re75": (-0.2903, 0.9563, -0.0428, 1.1712),
}


@pytest.mark.parametrize("name", PRINTED_ATT)
def test_quantities_are_cobalts_to_the_printed_digit(treated_odds, name):
    row = by_name(treated_odds)[name]
    shown = (row.before.difference, row.before.variance_ratio, row.after[0].difference, row.after[0].variance_ratio)
    assert tuple(round(each, 4) for each in shown) == PRINTED_ATT[name]


PRINTED_RAW = {
    "race: black": (0.6404, -0.0044, -0.0120),
    "race: hispan": (-0.0827, 0.0016, 0.0068),
    "race: white": (-0.5577, 0.0028, 0.0093),
}


@pytest.mark.parametrize("name", PRINTED_RAW)
def test_levels_are_cobalts_raw_and_standardised(treated_odds, name):
    row = by_name(treated_odds)[name]
    assert tuple(round(each, 4) for each in (row.before.raw, row.after[0].raw)) == PRINTED_RAW[name][:2]
    assert round(row.after[0].difference, 4) == PRINTED_RAW[name][2]
    assert math.isnan(row.after[0].variance_ratio)


PRINTED_TERMS = {
    "nodegree": 0.1151, "married": -0.0938, "age²": -0.0194, "educ²": -0.1353, "re74²": 0.0675, "re75²": 0.0196,
    "age × educ": 0.0950, "age × race: black": 0.0741, "age × race: white": -0.0013, "age × re74": -0.0498,
    "age × nodegree: 0": -0.1950, "age × nodegree: 1": 0.2507, "age × married: 0": 0.3612, "educ × re75": -0.0834,
    "race: black × re74": 0.0477, "race: black × nodegree: 1": 0.1067, "race: white × re74": -0.2488,
    "race: white × married: 0": 0.0327, "re74 × re75": 0.0636, "re75 × nodegree: 0": -0.3656,
    "nodegree: 0 × married: 1": -0.1017, "nodegree: 1 × married: 1": 0.0079,
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTED_TERMS)
def test_squares_and_products_are_cobalts_to_the_printed_digit(treated_odds, name):
    row = by_name(treated_odds)[name]
    yes_or_no = math.isnan(row.before.variance_ratio)
    assert round(row.after[0].raw if yes_or_no else row.after[0].difference, 4) == PRINTED_TERMS[name]


def test_every_product_that_cobalt_prints_is_there(treated_odds):
    assert sum(row.kind in ("square", "product") for row in treated_odds.rows) == 4 + 50


def test_effective_sizes_and_the_score_are_cobalts(treated_odds):
    assert (treated_odds.sizes[0].control, treated_odds.sizes[0].treated) == (429, 185)
    assert (round(treated_odds.sizes[1].control, 1), treated_odds.sizes[1].treated) == (108.2, pytest.approx(185))
    assert round(by_name(treated_odds)[CHANCE].after[0].difference, 4) == -0.0397


PRINTED_ATE = {  # reference/balance-summary.md: smd, vr, ks, ovl
    "age": (-0.1676, 0.3689, 0.1912, 0.2509),
    "educ": (0.1296, 0.5657, 0.0768, 0.1075),
    "race: black": (0.1302, None, 0.0499, 0.0499),
    "race: hispan": (0.0156, None, 0.0047, 0.0047),
    "race: white": (-0.1378, None, 0.0546, 0.0546),
    "married": (-0.2102, None, 0.0944, 0.0944),
    "nodegree": (-0.1157, None, 0.0547, 0.0547),
    "re74": (-0.2740, 0.8208, 0.3121, 0.3240),
    "re75": (-0.1579, 0.9562, 0.1526, 0.1209),
}
COARSE = ("re74", "re75")
"""Columns with a point mass and a long tail, in which R's density on 512 points is off in the third digit."""


@pytest.fixture(scope="module")
def everyone():
    return compared(lalonde(), LALONDE)


@pytest.mark.parametrize("name", PRINTED_ATE)
def test_all_four_measures_are_cobalts_for_everyone(everyone, name):
    after = by_name(everyone)[name].after[0]
    difference, ratio, gap, overlap = PRINTED_ATE[name]
    assert (round(after.difference, 4), round(after.largest_gap, 4)) == (difference, gap)
    assert round(after.variance_ratio, 4) == ratio if ratio is not None else math.isnan(after.variance_ratio)
    if name not in COARSE:
        assert round(after.apart, 4) == overlap
    else:
        assert after.apart == pytest.approx(overlap, abs=0.0015)
    assert (round(everyone.sizes[1].control, 2), round(everyone.sizes[1].treated, 2)) == (329.01, 58.33)


@pytest.mark.parametrize("name", COARSE)
def test_ours_is_the_exact_area_and_the_printed_one_that_of_a_grid_of_512_points(name):
    values, treated, weights = weighted(name)
    exact = 1 - shared_area(values, treated, weights, exact_density)
    assert apart(OrderedColumn.of(values), treated, weights) == pytest.approx(exact, abs=5e-5)
    assert abs(exact - PRINTED_ATE[name][3]) > 2e-4
    assert 1 - shared_area(values, treated, weights, density_of_r) == pytest.approx(PRINTED_ATE[name][3], abs=1.5e-4)


@pytest.mark.parametrize("stray", [300.0, 1e7, -1e12])
def test_a_stray_value_hides_no_distance_and_makes_none(stray):
    rng = np.random.default_rng(8)
    for shift in (0.0, 1.0):
        treated = rng.random(2_000) < 0.5
        values = rng.normal(size=2_000) + shift * treated
        alone = apart(OrderedColumn.of(values), treated, np.ones(2_000))
        both = OrderedColumn.of(np.append(values, stray))
        assert apart(both, np.append(treated, True), np.ones(2_001)) == pytest.approx(alone, abs=0.002)


def weighted(name):
    import statsmodels.api as sm

    frame = lalonde()
    columns = pd.get_dummies(frame[list(LALONDE)], columns=["race"], drop_first=True).astype(float)
    fitted = sm.GLM(frame["treat"], sm.add_constant(columns), sm.families.Binomial()).fit(tol=1e-14)
    treated = frame["treat"].to_numpy() == 1
    chance = fitted.fittedvalues.to_numpy()
    return frame[name].to_numpy(float), treated, np.where(treated, 1 / chance, 1 / (1 - chance))


def shared_area(values, treated, weights, density):
    width = bandwidth(values[treated])
    grid = np.linspace(values.min() - 4 * width, values.max() + 4 * width, 40_000)
    curves = [density(values[arm], weights[arm] / weights[arm].sum(), width, grid) for arm in (treated, ~treated)]
    return float(np.minimum(*curves).sum() * (grid[1] - grid[0]))


def exact_density(values, weights, width, grid):
    different, place = np.unique(values, return_inverse=True)
    curve = np.zeros(len(grid))
    for centre, weight in zip(different, np.bincount(place, weights), strict=True):
        curve += weight * np.exp(-(((grid - centre) / width) ** 2) / 2)
    return curve / width / math.sqrt(2 * math.pi)


def density_of_r(values, weights, width, grid):
    """R's density(): values shared out to 512 points, smoothed there, read off at 512 others, lines in between."""
    points = 512
    start, end = values.min() - 3 * width, values.max() + 3 * width
    at = np.linspace(start - 4 * width, end + 4 * width, points)
    place = (values - at[0]) / (at[1] - at[0])
    left = place.astype(int)
    mass = np.bincount(left, weights * (1 - place + left), points) + np.bincount(
        left + 1, weights * (place - left), points
    )
    kernel = np.exp(-(((at[:, None] - at[None]) / width) ** 2) / 2) / width / math.sqrt(2 * math.pi)
    read = np.linspace(start, end, points)
    return np.interp(grid, read, np.interp(read, at, kernel @ mass), 0.0, 0.0)


def test_matching_and_the_prognostic_score_are_cobalts_to_the_printed_digit():
    found = compared(lalonde(), LALONDE, ("matching",), target="treated")
    rows = by_name(found)
    printed = {
        FORETOLD: (-0.0485, 0.1351),
        CHANCE: (0.0044, 0.0486),
        "age": (0.2395, 0.3405),
        "educ": (-0.0161, 0.0595),
        "re74": (-0.0493, 0.2162),
        "re75": (0.0087, 0.2378),
    }
    for name, (difference, gap) in printed.items():
        after = rows[name].after[0]
        assert (round(after.difference, 4), round(after.largest_gap, 4)) == (difference, gap), name
    assert round(rows["married"].after[0].raw, 4) == 0.0595


def test_several_methods_stand_side_by_side_and_one_without_weights_says_why():
    found = compared(lalonde(), LALONDE, ("weighting", "regression", "difference_in_means"), target="treated")
    assert found.methods == ("weighting", "regression")
    assert found.left_out == (("difference_in_means", "It adjusts for other columns."),)
    assert all(len(row.after) == 2 for row in found.rows)
    assert abs(by_name(found)["age"].after[1].difference) < 1e-9


def test_groups_are_measured_within_themselves():
    frame = lalonde()
    found = compared(frame, LALONDE, target="treated", options=BalanceOptions(by="race"))
    group = {each.label: each for each in found.groups}["black"]
    inside = frame[frame["race"] == "black"]
    arms = inside[inside["treat"] == 0], inside[inside["treat"] == 1]
    gaps = {name: (arms[1][name].mean() - arms[0][name].mean()) / arms[1][name].std() for name in ("age", "re74")}
    assert (group.control, group.treated) == (len(arms[0]), len(arms[1]))
    assert group.worst[0][1] == pytest.approx(max(gaps.values(), key=abs), rel=1e-9) or group.worst[0][0] not in gaps
    assert "race" not in [name for name, _ in group.worst]


def simulated(n=2_000):
    rng = np.random.default_rng(3)
    x, g = rng.normal(size=n), rng.choice(list("ab"), n)
    t = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    return pd.DataFrame({"x": x, "g": g, "t": t, "y": x + t + rng.normal(size=n)})


def test_the_same_mean_with_another_spread_is_seen_by_every_measure_but_the_difference():
    rng = np.random.default_rng(4)
    frame = simulated().assign(z=lambda each: rng.normal(size=len(each)) * np.where(each["t"] == 1, 3.0, 1.0))
    after = by_name(compared(frame, ("x", "z"), treatment="t", outcome="y"))["z"].before
    assert abs(after.difference) < 0.1
    assert after.variance_ratio == pytest.approx(9, rel=0.2)
    assert after.beyond("variance_ratio")
    assert after.beyond("largest_gap")
    assert after.beyond("apart")


def test_values_missing_in_one_arm_have_a_row_of_their_own():
    frame = simulated()
    hidden = (frame["t"] == 1) & (np.arange(len(frame)) % 3 == 0)
    frame["x"] = frame["x"].mask(hidden)
    row = by_name(compared(frame, ("x", "g"), treatment="t", outcome="y"))["x: missing"]
    assert row.kind == "missing"
    assert row.before.raw == pytest.approx(hidden[frame["t"] == 1].mean())
    assert math.isnan(row.after[0].difference)


def test_a_column_not_adjusted_for_is_measured_where_it_is_known():
    frame = simulated().assign(w=lambda each: each["x"].where(np.arange(len(each)) % 4 > 0))
    rows = by_name(compared(frame, ("g",), options=BalanceOptions(also=("w",)), treatment="t", outcome="y"))
    known = frame.dropna()
    assert rows["w"].before.raw == pytest.approx(
        known.loc[known["t"] == 1, "w"].mean() - known.loc[known["t"] == 0, "w"].mean()
    )
    assert rows["w: missing"].kind == "missing"


@pytest.mark.parametrize("values", [np.ones(40), np.repeat([0.0, 1.0], 20)])
def test_a_constant_column_and_one_that_is_the_arm_itself(values):
    treated, weights = np.repeat([False, True], 20), np.ones(40)
    column = OrderedColumn.of(values)
    apart_by = 0.0 if np.ptp(values) == 0 else 1.0
    assert largest_gap(column, treated, weights) == apart_by
    assert apart(column, treated, weights) == apart_by


def test_a_constant_covariate_is_balanced_by_every_measure():
    row = by_name(compared(simulated().assign(c=3.0), ("x", "c"), treatment="t", outcome="y"))["c"]
    assert (row.before.difference, row.before.largest_gap, row.before.apart) == (0.0, 0.0, 0.0)
    assert math.isnan(row.before.variance_ratio)


def test_an_arm_without_weight_cannot_be_measured():
    column, treated = OrderedColumn.of(np.arange(10.0)), np.arange(10) > 4
    assert math.isnan(largest_gap(column, treated, treated.astype(float)))
    assert math.isnan(apart(column, treated, treated.astype(float)))


def test_one_unit_has_no_variance():
    assert math.isnan(weighted_variance(np.array([1.0, 2.0]), np.array([1.0, 0.0])))


def test_equal_weights_are_no_weights():
    values = np.random.default_rng(1).normal(size=50)
    assert weighted_variance(values, np.full(50, 7.0)) == pytest.approx(values.var(ddof=1), rel=1e-12)


def test_shapes_add_up_to_one_and_weights_bring_them_together():
    found = compared(simulated(), ("x", "g"), treatment="t", outcome="y")
    shapes = {each.covariate: each for each in found.shapes}
    assert shapes["g"].levels == ("a", "b")
    for shape in found.shapes:
        assert len(shape.arms) == 4
        for arm in shape.arms:
            assert sum(arm.shares) == pytest.approx(1)
    gaps = {}
    for method in ("", "weighting"):
        control, treated = (np.array(each.shares) for each in shapes["x"].arms if each.method == method)
        gaps[method] = np.abs(treated - control).sum()
    assert gaps["weighting"] < gaps[""] / 2


def test_it_comes_back_from_json():
    found = compared(simulated(), ("x", "g"), options=BalanceOptions(by="g"), treatment="t", outcome="y")
    assert BalanceComparison.from_json(found.to_json()).to_json() == found.to_json()


def test_options_that_name_the_question_or_no_column_are_refused():
    with pytest.raises(OptionProblem, match='"t" is part of the question itself'):
        compared(simulated(), ("x",), options=BalanceOptions(by="t"), treatment="t", outcome="y")
    with pytest.raises(UnknownColumn, match="clik"):
        compared(simulated(), ("x",), options=BalanceOptions(also=("clik",)), treatment="t", outcome="y")


def test_two_units_in_an_arm_are_enough_and_one_is_refused_in_words():
    frame = simulated(60)
    few = frame.assign(t=(np.arange(60) < 2).astype(int))
    found = compared(few, ("g",), ("regression",), treatment="t", outcome="y", options=BalanceOptions(by="g"))
    assert (found.sizes[0].treated, found.groups[0].worst) == (2, ())
    with pytest.raises(TooFewUnits, match="only 1 unit has the treatment level 1"):
        compared(frame.assign(t=(np.arange(60) < 1).astype(int)), ("g",), treatment="t", outcome="y")


def test_a_covariate_that_nobody_has_is_refused_in_words():
    with pytest.raises(EmptyLog, match='The emptiest is "x"'):
        compared(simulated(60).assign(x=np.nan), ("x",), treatment="t", outcome="y")


def test_without_overlap_a_method_says_why_it_has_no_weights_and_before_is_shown():
    frame = simulated(400).assign(x=lambda each: each["t"] * 10 + np.arange(400) % 7)
    found = compared(frame, ("x",), ("weighting", "regression"), treatment="t", outcome="y")
    assert found.methods == ("regression",)
    assert "decide the treatment of every unit" in dict(found.left_out)["weighting"]
    assert by_name(found)["x"].before.apart == by_name(found)["x"].before.largest_gap == 1.0
