"""Sensitivity to a hidden cause: sensemakr's Darfur table, a drawn hidden cause, limits, and refusals."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem, OptionProblem
from tests.estimators.designs import LINEAR

DARFUR = ("age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female", "village")


@cache
def darfur() -> pd.DataFrame:
    import importlib.util

    found = importlib.util.find_spec("sensemakr")
    assert found is not None and found.origin is not None
    return pd.read_csv(Path(found.origin).parent / "data" / "darfur.csv")


def weighed(frame, treatment, outcome, adjust_for, benchmark=(), method="regression", **changes):
    question = causal.Question(treatment, outcome, **changes.pop("question", {}))
    spec = causal.AnalysisSpec(question, method=method, adjust_for=adjust_for, **changes)
    return causal.sensitivity(causal.UnitTable.from_frame(frame), spec, benchmark=benchmark)


@cache
def darfur_weighed():
    return weighed(darfur(), "directlyharmed", "peacefactor", DARFUR, benchmark=("female",))


def test_the_published_darfur_table():
    """Cinelli, Ferwerda and Hazlett's sensemakr, its README and, to all digits, PySensemakr 0.0.8 on the same data."""
    found = darfur_weighed()
    assert [round(each, 5) for each in (found.coefficient.effect, found.coefficient.std_error)] == [0.09732, 0.02326]
    assert found.coefficient.degrees_of_freedom == 783
    assert found.robustness_value == pytest.approx(0.1387763538935877, abs=1e-9)
    assert found.robustness_value_alpha == pytest.approx(0.07625796554485668, abs=1e-9)
    assert found.partial_r2 == pytest.approx(0.021873093341109522, abs=1e-9)


def test_the_published_darfur_bounds():
    """The rows of PySensemakr 0.0.8's `bounds` for female, as it prints them."""
    table = [
        (1, 0.009164, 0.124641, 0.075220, 0.021873, 3.438904, 0.032283, 0.118158),
        (2, 0.018329, 0.249324, 0.052915, 0.020350, 2.600246, 0.012968, 0.092862),
        (3, 0.027493, 0.374050, 0.030396, 0.018670, 1.628062, -0.006253, 0.067045),
    ]
    for bound, row in zip(darfur_weighed().bounds, table, strict=True):
        shown = (
            bound.times, bound.partial_r2_treatment, bound.partial_r2_outcome, bound.adjusted_effect,
            bound.adjusted_std_error, bound.adjusted_t, bound.adjusted_low, bound.adjusted_high,
        )  # fmt: skip
        assert shown == pytest.approx(row, abs=1e-6)
        assert bound.label == f"{bound.times:g}× female"
    assert [each.leaves_it_clear for each in darfur_weighed().bounds] == [True, True, False]


def test_a_category_is_one_benchmark_with_all_its_levels():
    """Against least squares with and without its dummies."""
    frame = LINEAR.draw(np.random.default_rng(3), 600)
    frame["c"] = np.where(frame["b"] > 0, np.where(frame["a"] > 0, "x", "y"), "z")
    found = weighed(frame, "t", "y", ("a", "c"), ("c",))
    dummies = [(frame["c"] == each).to_numpy(float) for each in ("y", "z")]
    for target, others, share in (
        ("t", [], found.coefficient.strengths[1].with_treatment),
        ("y", [frame["t"].to_numpy(float)], found.coefficient.strengths[1].with_outcome),
    ):
        base = np.column_stack([np.ones(600), frame["a"], *others])
        sums = [_residuals(columns, frame[target].to_numpy(float)) for columns in
                (base, np.column_stack([base, *dummies]))]  # fmt: skip
        assert share == pytest.approx(1 - sums[1] / sums[0], rel=1e-9)


def _residuals(design, values):
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(((values - fitted) ** 2).sum())


def test_the_worst_case_is_reached_by_a_hidden_cause_of_that_strength():
    """A cause drawn to have any partial R² moves the coefficient and its error just as the formulas say."""
    frame = LINEAR.draw(np.random.default_rng(5), 500)
    found = weighed(frame, "t", "y", ("a", "b"))
    t, y = frame["t"].to_numpy(float), frame["y"].to_numpy(float)
    base = np.column_stack([np.ones(500), frame[["a", "b"]]])

    def left(values, columns):
        return values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]

    of_treatment = left(t, base)
    of_outcome = left(y, np.column_stack([base, t]))
    noise = left(np.random.default_rng(6).normal(size=500), np.column_stack([base, t, y]))
    unit = [each / np.linalg.norm(each) for each in (of_treatment, of_outcome, noise)]
    hidden = 0.5 * unit[0] + 0.4 * unit[1] + unit[2]  # goes with both, in the direction of the effect
    with_treatment = float((hidden @ unit[0]) ** 2 / (hidden @ hidden))
    rest = left(hidden, np.column_stack([base, t]))
    with_outcome = float((rest @ unit[1]) ** 2 / (rest @ rest))
    full = np.column_stack([base, t, hidden])
    coefficients = np.linalg.lstsq(full, y, rcond=None)[0]
    residual = y - full @ coefficients
    error = math.sqrt(residual @ residual / (500 - 5) * np.linalg.inv(full.T @ full)[3, 3])
    told = found.coefficient.adjusted(np.asarray(with_treatment), np.asarray(with_outcome))
    assert [float(each) for each in told] == pytest.approx([coefficients[3], error], rel=1e-9)


def test_robustness_values_are_where_the_effect_and_its_interval_reach_zero():
    found = darfur_weighed()
    own = found.coefficient
    value, limit = np.asarray(found.robustness_value), np.asarray(found.robustness_value_alpha)
    effect, _ = own.adjusted(value, value)
    assert float(effect) == pytest.approx(0, abs=1e-12)
    effect, error = own.adjusted(limit, limit)
    assert own.interval(float(effect), float(error), 0.95)[0] == pytest.approx(0, abs=1e-9)


def test_the_e_value_of_nhefs():
    """Quitting smoking and death, unadjusted: R's EValue gives 1.98."""
    from causaldata import nhefs

    frame = nhefs.load_pandas().data[["qsmk", "death"]].astype(int)
    found = weighed(frame, "qsmk", "death", (), method="difference_in_means")
    assert round(found.e_value, 2) == 1.98
    assert 1 < found.e_value_limit < found.e_value
    assert found.strongest is None and found.bounds == ()


def test_a_numeric_outcome_has_an_e_value_by_its_standardised_difference():
    frame = LINEAR.draw(np.random.default_rng(7), 800)
    found = weighed(frame, "t", "y", ("a", "b"))
    arms = [frame.loc[frame["t"] == each, "y"] for each in (0, 1)]
    deviation = math.sqrt(sum((len(each) - 1) * each.var() for each in arms) / 798)
    ratio = math.exp(0.91 * found.method_effect / deviation)
    assert found.risk_ratio.approximate
    assert found.e_value == pytest.approx(ratio + math.sqrt(ratio * (ratio - 1)), rel=1e-9)


def test_weighting_has_bounds_and_matching_a_gamma():
    frame = LINEAR.draw(np.random.default_rng(8), 600)
    weighting, matching = (weighed(frame, "t", "y", ("a", "b"), method=each) for each in ("weighting", "matching"))
    assert weighting.odds.low[0] == pytest.approx(weighting.odds.high[0]) == pytest.approx(weighting.method_effect)
    assert weighting.matched is None and matching.odds is None
    assert matching.matched.gamma > 1 and matching.matched.pairs <= min(frame["t"].sum(), 600 - frame["t"].sum())


def test_where_the_method_has_no_answer_regression_stands_in_and_it_is_said():
    frame = LINEAR.draw(np.random.default_rng(9), 300)
    found = weighed(
        frame.assign(s=2 * frame["t"] + np.random.default_rng(1).random(300)),
        "t",
        "y",
        ("a", "s"),
        method="doubly_robust",
    )
    assert "regression stands in" in found.notes[0]
    assert found.method_effect == pytest.approx(found.coefficient.effect, rel=1e-6)


def test_a_multiple_that_would_explain_all_of_the_treatment_is_left_out():
    frame = LINEAR.draw(np.random.default_rng(10), 300)
    strong = frame.assign(s=frame["t"] + np.random.default_rng(1).normal(0, 0.4, 300))
    found = weighed(strong, "t", "y", ("a", "s"), ("s",))
    assert len(found.bounds) < 3


def test_without_an_effect_nothing_is_to_be_explained_away():
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"t": rng.integers(0, 2, 400), "x": rng.normal(size=400), "y": rng.normal(size=400)})
    found = weighed(frame, "t", "y", ("x",))
    assert not found.is_clear and found.robustness_value_alpha == 0 and found.e_value_limit == 1


def test_it_survives_json():
    for method in ("weighting", "matching", "difference_in_means"):
        frame = LINEAR.draw(np.random.default_rng(12), 300)
        found = weighed(frame, "t", "y", ("a", "b"), method=method)
        assert causal.Sensitivity.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_what_does_not_fit_is_said():
    frame = LINEAR.draw(np.random.default_rng(13), 300)
    with pytest.raises(CovariateProblem, match=r'"z" is not adjusted for.*Adjusted for: a, b'):
        weighed(frame, "t", "y", ("a", "b"), ("z",))
    with pytest.raises(OptionProblem, match=r'write \["a"\]'):
        weighed(frame, "t", "y", ("a", "b"), "a")
    graph = causal.CausalGraph.from_edges([("a", "t"), ("t", "y")], bidirected=[("t", "y")])
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph, "instrument")
    with pytest.raises(OptionProblem, match="does not rest on adjusting"):
        causal.sensitivity(causal.UnitTable.from_frame(frame), spec)


def test_an_effect_without_noise_takes_all_of_both_to_undo():
    """Where treatment and covariates fix the outcome nothing is left for chance; it divided by nothing, or said 0 %."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=200), "t": np.arange(200) % 2})
    for adjust_for, outcome in ((("x",), 2.0 * frame["t"] + frame["x"]), ((), 1.0 * frame["t"])):
        spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=adjust_for)
        found = causal.sensitivity(causal.UnitTable.from_frame(frame.assign(y=outcome)), spec)
        assert (found.robustness_value, found.robustness_value_alpha, found.partial_r2) == (1.0, 1.0, 1.0)
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("x",))
    found = causal.sensitivity(causal.UnitTable.from_frame(frame.assign(y=frame["x"])), spec)
    assert found.coefficient.effect == found.robustness_value == 0.0
    assert not found.is_clear
