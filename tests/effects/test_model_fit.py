"""Fit on units not seen: against scikit-learn and statsmodels by hand, planted faults, and the limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import causal
from causal.checks.calibration import ResidualGroup, calibration, has_pattern, residual_groups, told_apart
from causal.effects.model_fit import ModelFit, model_fit, why_no_model_fit
from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.design import draw_sample
from causal.estimators.folds import fold_of, settled_order
from causal.estimators.registry import method_named
from tests.estimators.references import LALONDE, lalonde


def fitted(frame, adjust_for, method="doubly_robust", outcome="y", treatment="t", cluster=None, **options):
    spec = causal.AnalysisSpec(
        question=causal.Question(treatment, outcome),
        adjust_for=adjust_for,
        method=method,
        options=options or None,
        cluster=cluster,
    )
    return model_fit(causal.UnitTable.from_frame(frame), spec)


def simulated(n=3_000, seed=1, curved=False):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    index = 1.5 * (x**2 - 1) if curved else 0.8 * x - 0.5 * z
    t = (rng.random(n) < expit(index)).astype(int)
    y = t + (3 * np.abs(x) if curved else x) + z + rng.normal(size=n)
    return pd.DataFrame({"x": x, "z": z, "t": t, "y": y})


@pytest.fixture
def alone(monkeypatch):
    """Without the boosted trees beside each model, which take their time."""
    monkeypatch.setattr("causal.effects.model_fit._Rival.predicted", lambda self, nuisance: None)


@pytest.fixture(scope="module")
def of_lalonde():
    return fitted(lalonde(), LALONDE, treatment="treat", outcome="re78")


@pytest.fixture(scope="module")
def folds_of_lalonde():
    table = causal.UnitTable.from_frame(lalonde())
    sample = draw_sample(table, causal.Question("treat", "re78"), LALONDE)
    return fold_of(sample, settled_order(sample), 5, 0)


def lalonde_columns():
    return pd.get_dummies(lalonde()[list(LALONDE)], columns=["race"], drop_first=True).astype(float)


def test_the_propensity_on_units_not_seen_is_statsmodels_fold_by_fold(of_lalonde, folds_of_lalonde):
    import statsmodels.api as sm
    from sklearn.metrics import log_loss, roc_auc_score

    columns, treated = sm.add_constant(lalonde_columns()), lalonde()["treat"]
    chance = np.empty(len(treated))
    for each in range(5):
        inside = folds_of_lalonde == each
        model = sm.GLM(treated[~inside], columns[~inside], sm.families.Binomial()).fit(tol=1e-14)
        chance[inside] = model.predict(columns[inside])
    found = of_lalonde.of("treatment")
    assert found.loss == pytest.approx(((treated - chance) ** 2).mean(), rel=1e-8)
    assert found.log_loss == pytest.approx(log_loss(treated, chance), rel=1e-8)
    assert found.told_apart == pytest.approx(roc_auc_score(treated, chance), rel=1e-10)
    assert found.baseline == pytest.approx(treated.mean() * (1 - treated.mean()))
    logit = sm.add_constant(np.log(chance / (1 - chance)))
    recalibrated = sm.GLM(treated, logit, sm.families.Binomial()).fit(cov_type="HC0", tol=1e-14)
    ours = found.calibration
    assert (ours.intercept, ours.slope) == pytest.approx(tuple(recalibrated.params), abs=1e-8)
    assert (ours.intercept_error, ours.slope_error) == pytest.approx(tuple(recalibrated.bse), rel=1e-6)
    joint = recalibrated.wald_test((np.eye(2), np.array([0.0, 1.0])), scalar=True, use_f=False)
    assert ours.p_value == pytest.approx(float(joint.pvalue), rel=1e-6)


@pytest.mark.parametrize(("nuisance", "arm"), [("outcome under control", 0), ("outcome under treated", 1)])
def test_the_outcome_on_units_not_seen_is_least_squares_fold_by_fold(of_lalonde, folds_of_lalonde, nuisance, arm):
    from sklearn.linear_model import LinearRegression

    columns, frame = lalonde_columns(), lalonde()
    inside = (frame["treat"] == arm).to_numpy()
    fitted_values = np.empty(len(frame))
    for each in range(5):
        train, test = inside & (folds_of_lalonde != each), folds_of_lalonde == each
        model = LinearRegression().fit(columns[train], frame.loc[train, "re78"])
        fitted_values[test] = model.predict(columns[test])
    found = of_lalonde.of(nuisance)
    expected = (frame.loc[inside, "re78"] - fitted_values[inside]) ** 2
    assert (found.loss, found.units) == (pytest.approx(expected.mean(), rel=1e-8), inside.sum())
    own = LinearRegression().fit(columns[inside], frame.loc[inside, "re78"])
    assert found.seen == pytest.approx(
        ((frame.loc[inside, "re78"] - own.predict(columns[inside])) ** 2).mean(), rel=1e-8
    )


def test_right_models_are_not_beaten_and_their_chances_come_true():
    found = fitted(simulated(), ("x", "z"))
    assert not [each.nuisance for each in found.models if each.beaten or each.miscalibrated]
    low, high = found.of("treatment").calibration.slope_interval()
    assert low < 1 < high
    assert found.of("outcome under control").explained == pytest.approx(2 / 3, abs=0.06)


def test_what_a_straight_line_misses_is_found_by_trees_and_in_the_residuals():
    found = fitted(simulated(1_500, curved=True), ("x", "z"))
    assert [each.nuisance for each in found.models if each.beaten] == [each.nuisance for each in found.models]
    assert found.of("outcome under treated").gain > 1


def test_a_model_learnt_by_boosted_trees_is_not_set_beside_them():
    found = fitted(simulated(300), ("x", "z"), learner="boosting").of("treatment")
    assert (found.model, found.rival, found.seen, found.beaten) == ("boosting", None, None, False)


def test_groups_beyond_the_band_are_a_pattern_where_chance_leaves_fewer():
    def groups(beyond):
        return [ResidualGroup(10, 0.0, 3.0 if place < beyond else 0.0, 1.0) for place in range(20)]

    assert [has_pattern(groups(beyond)) for beyond in (0, 1, 3, 4, 5)] == [False, False, False, False, True]


def test_chances_that_are_too_extreme_are_called_so_and_right_ones_seldom():
    rng = np.random.default_rng(7)
    index = rng.normal(size=4_000)
    happened = (rng.random(4_000) < expit(index)).astype(float)
    extreme = calibration(expit(2 * index), happened)
    assert extreme.slope == pytest.approx(0.5, abs=0.06)
    assert extreme.p_value < 1e-10
    wrong = 0
    for seed in range(200):
        rng = np.random.default_rng(500 + seed)
        index = rng.normal(size=400)
        wrong += calibration(expit(index), (rng.random(400) < expit(index)).astype(float)).p_value < 0.05
    assert 1 <= wrong <= 22  # a binomial of 200 at 5 % leaves 1 to 22 with p < .001


def test_copies_of_units_in_clusters_make_nothing_surer():
    rng = np.random.default_rng(8)
    chance = np.clip(rng.random(300), 0.05, 0.95)
    happened = (rng.random(300) < chance).astype(float)
    once = calibration(chance, happened)
    thrice = calibration(np.repeat(chance, 3), np.repeat(happened, 3), np.repeat(np.arange(300), 3))
    assert thrice.slope_error == pytest.approx(once.slope_error * np.sqrt(300 / 299), rel=1e-6)


def test_the_band_of_residuals_is_two_standard_errors_of_their_group():
    rng = np.random.default_rng(9)
    fitted_values = rng.normal(size=1_000)
    seen = fitted_values + rng.normal(size=1_000)
    groups = residual_groups(fitted_values, seen)
    order = np.argsort(fitted_values)[:50]
    first = (seen - fitted_values)[order]
    assert (groups[0].units, groups[0].residual) == (50, pytest.approx(first.mean()))
    assert groups[0].std_error == pytest.approx(first.std(ddof=1) / np.sqrt(50))
    assert sum(each.units for each in groups) == 1_000
    assert told_apart(np.array([0.1, 0.2, 0.2, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])) == 0.875


@pytest.mark.parametrize(
    ("method", "models"),
    [
        ("regression", ["outcome"]),
        ("weighting", ["treatment"]),
        ("matching", ["treatment"]),
        ("standardisation", ["outcome under control", "outcome under treated"]),
        ("tmle", ["treatment", "outcome under control", "outcome under treated"]),
        ("double_ml", ["treatment", "outcome under control", "outcome under treated"]),
    ],
)
def test_every_method_shows_the_models_that_it_rests_on(method, models, alone):
    assert [each.nuisance for each in fitted(simulated(400), ("x", "z"), method).models] == models


def test_regression_predicts_with_the_treatment_among_its_columns(alone):
    frame = simulated(600)
    found = fitted(frame, ("x", "z"), "regression").of("outcome")
    assert found.loss == pytest.approx(1, abs=0.15)
    assert found.model == "linear"


def test_counts_are_fitted_log_linearly_where_that_was_chosen(alone):
    rng = np.random.default_rng(10)
    frame = simulated(800).assign(y=lambda each: rng.poisson(np.exp(0.5 * each["x"])))
    found = fitted(frame, ("x", "z"), "standardisation", outcome_model="poisson")
    assert {each.model for each in found.models} == {"log-linear"}
    assert found.models[0].explained > 0.05


def test_a_yes_or_no_outcome_is_calibrated_too(alone):
    frame = simulated(900).assign(y=lambda each: (each["x"] > 0).astype(int) ^ (np.arange(900) % 5 == 0))
    found = fitted(frame, ("x", "z"))
    assert all(each.calibration is not None for each in found.models)
    assert all(each.model == "logistic" for each in found.models)


def test_many_units_are_looked_at_by_a_part_drawn_at_random(monkeypatch, alone):
    monkeypatch.setattr("causal.effects.model_fit.MOST_UNITS", 500)
    found = fitted(simulated(900), ("x", "z"), "weighting")
    assert (found.units, found.units_total) == (500, 900)


def test_a_constant_covariate_leaves_nothing_to_calibrate(alone):
    frame = simulated(200).assign(c=1.0)
    found = fitted(frame, ("c",), "weighting").of("treatment")
    assert found.explained < 0.01
    assert not found.beaten


def test_too_few_units_of_an_arm_are_refused_in_words():
    frame = simulated(200)
    frame["t"] = (np.arange(200) < 3).astype(int)
    with pytest.raises(TooFewUnits, match="too few to be spread over 5 folds"):
        fitted(frame, ("x",), "weighting")


def test_an_answer_without_models_says_so():
    naive = method_named("difference_in_means")
    assert "rests on no model" in why_no_model_fit(naive, None)
    assert "equal cells" in why_no_model_fit(method_named("coarsened_matching"), None)
    with pytest.raises(OptionProblem, match="rests on no model"):
        fitted(simulated(200), (), "difference_in_means")


def test_it_comes_back_from_json(of_lalonde):
    assert ModelFit.from_json(of_lalonde.to_json()) == of_lalonde
    assert not math.isnan(of_lalonde.models[0].explained)
