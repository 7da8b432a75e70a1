"""TMLE against the textbook's algorithm by statsmodels' GLM, and at its limits."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import causal
from causal.estimators.design import draw_sample
from causal.estimators.nuisance import fit_outcome
from causal.estimators.registry import method_named
from causal.estimators.tmle import EDGE, target
from tests.estimators.designs import VARIED, YES_OR_NO
from tests.estimators.references import CATTANEO_OUTCOME, ask, cattaneo

BINOMIAL = sm.families.Binomial()
DESIGNS = (VARIED, YES_OR_NO)


def textbook(frame, covariates, t, y, goal):
    """Step by step: initial fit, propensity, weighted logistic fluctuation per arm, mean over the target."""
    model = sm.add_constant(frame[list(covariates)].to_numpy(dtype=float))
    treated, outcome = frame[t].to_numpy(), frame[y].to_numpy(dtype=float)
    low, span = outcome.min(), np.ptp(outcome)
    score = sm.GLM(treated, model, family=BINOMIAL).fit(tol=1e-14).fittedvalues
    family = BINOMIAL if set(outcome) <= {0.0, 1.0} else sm.families.Gaussian()
    population = {"everyone": np.ones(len(frame)), "treated": treated, "untreated": 1 - treated}[goal]
    numerator = {"everyone": 1.0, "treated": score, "untreated": 1 - score}[goal]
    means, influences = [], []
    for arm in (0, 1):
        own = treated == arm
        initial = sm.GLM(outcome[own], model[own], family=family).fit(tol=1e-14).predict(model)
        bounded = np.clip((initial - low) / span, EDGE, 1 - EDGE)
        offset = np.log(bounded / (1 - bounded))
        weight = own * numerator / np.where(arm == 1, score, 1 - score)
        moved = sm.GLM(
            ((outcome - low) / span)[own],
            np.ones((own.sum(), 1)),
            offset=offset[own],
            freq_weights=weight[own],
            family=BINOMIAL,
        ).fit(tol=1e-14)
        fitted = low + span * moved.predict(np.ones((len(frame), 1)), offset=offset)
        means.append(np.average(fitted, weights=population))
        influences.append((population * (fitted - means[-1]) + weight * (outcome - fitted)) / population.mean())
    spread = influences[1] - influences[0]
    return means, np.sqrt(spread @ spread) / len(frame)


@pytest.mark.parametrize("goal", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_it_is_the_textbooks_algorithm(design, goal):
    frame = design.draw(np.random.default_rng(1), 1_500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        means, std_error = textbook(frame, design.covariates, "t", "y", goal)
    estimate = ask(frame, "t", "y", design.covariates, "tmle", goal, {"nuisance": "known"}).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(means, rel=1e-8)
    assert estimate.std_error == pytest.approx(std_error, rel=1e-6)


def test_on_cattaneo_it_is_the_textbooks_algorithm():
    frame = cattaneo()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        means, std_error = textbook(frame, CATTANEO_OUTCOME, "mbsmoke_", "bweight", "everyone")
    estimate = ask(frame, "mbsmoke_", "bweight", CATTANEO_OUTCOME, "tmle", options={"nuisance": "known"}).estimate
    assert estimate.effect == pytest.approx(means[1] - means[0], rel=1e-8)
    assert estimate.std_error == pytest.approx(std_error, rel=1e-7)


@pytest.mark.parametrize("goal", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
@pytest.mark.parametrize("method", ["tmle", "weighted_regression"])
def test_the_influence_is_the_derivative_of_the_mean_by_each_units_count(method, design, goal):
    """The whole procedure refitted with one unit counted a little more: the infinitesimal jackknife."""
    frame = design.draw(np.random.default_rng(2), 120)
    table = causal.UnitTable.from_frame(frame)
    found = method_named(method)
    question = causal.Question("t", "y", target=goal)
    options = found.make_options(None)
    fit = found.fit(draw_sample(table, question, design.covariates), options)
    copies = 60
    many = pd.concat([frame] * copies, ignore_index=True)
    extremes = {frame["y"].idxmin(), frame["y"].idxmax()}
    for unit in [place for place in (0, 17, 55, 101) if place not in extremes]:
        more = causal.UnitTable.from_frame(pd.concat([many, frame.iloc[[unit]]], ignore_index=True))
        less = causal.UnitTable.from_frame(many.drop(index=unit))
        means = [found.fit(draw_sample(each, question, design.covariates), options).means for each in (more, less)]
        for arm in (0, 1):
            slope = (means[0][arm] - means[1][arm]) / 2 * copies * len(frame)
            assert slope == pytest.approx(fit.influences[arm][unit], rel=2e-2, abs=2e-2)


def test_no_mean_leaves_the_outcomes_range():
    rng = np.random.default_rng(3)
    a = rng.normal(size=400)
    frame = pd.DataFrame({"a": a, "t": (rng.random(400) < 1 / (1 + np.exp(-2 * a))).astype(int)})
    frame["y"] = np.clip(frame["t"] + a, 0, 1)
    means = ask(frame, "t", "y", ("a",), "tmle").estimate.arm_means
    assert 0 <= means.control <= means.treated <= 1


@pytest.mark.parametrize("value", [0, 1])
def test_an_arm_that_always_has_the_same_end_of_the_range_keeps_it(value):
    frame = YES_OR_NO.draw(np.random.default_rng(4), 500)
    frame.loc[frame["t"] == 1, "y"] = value
    estimate = ask(frame, "t", "y", ("a", "b"), "tmle").estimate
    assert estimate.arm_means.treated == value
    assert estimate.arm_std_errors.treated == 0
    assert np.isfinite([estimate.effect, estimate.std_error]).all()


@pytest.mark.parametrize("goal", ["everyone", "treated", "untreated"])
def test_the_weighted_residuals_of_each_arm_are_nil(goal):
    table = causal.UnitTable.from_frame(VARIED.draw(np.random.default_rng(5), 800))
    sample = draw_sample(table, causal.Question("t", "y", target=goal), ("a", "b"))
    weight = np.where(sample.treated, np.random.default_rng(6).exponential(size=len(sample)), 0.0)
    moved = target(sample, np.full(len(sample), 100.0), weight)
    assert not moved.inside.any()
    assert weight @ (sample.outcome - moved.fitted) == pytest.approx(0, abs=1e-9)


def test_the_model_of_a_rare_outcome_is_not_wiped_out():
    """Its predictions go down to a hundred-thousandth; in the arm asked about nothing has to be moved."""
    rng = np.random.default_rng(8)
    a = rng.uniform(-1, 1, 40_000)
    frame = pd.DataFrame({"a": a, "t": rng.integers(0, 2, 40_000)})
    frame["y"] = (rng.random(40_000) < 1 / (1 + np.exp(8 - 3 * a))).astype(int)
    table = causal.UnitTable.from_frame(frame)
    sample = draw_sample(table, causal.Question("t", "y", target="treated"), ("a",))
    first = fit_outcome(sample, sample.treated, sample.arm_moments[1]).fitted
    moved = target(sample, first, sample.target_weight)
    assert first.min() < 1e-4 < first.max() / 10
    assert moved.fitted == pytest.approx(first, rel=1e-6)
    assert moved.inside.all()


def test_the_model_of_a_skewed_outcome_is_not_wiped_out():
    """Right if the outcome's model is: the propensity's is wrong, and one value is a thousand times the usual."""
    rng = np.random.default_rng(9)
    a = rng.uniform(-1, 1, 20_000)
    chance = 0.15 + 0.7 * (np.abs(a) > 0.5) * (a > -0.9)
    t = (rng.random(20_000) < chance).astype(int)
    frame = pd.DataFrame({"a": a, "t": t, "y": 10 + 5 * a + t + rng.normal(size=20_000)})
    frame.loc[frame.index[(frame["t"] == 0) & (frame["a"].abs() < 0.01)][0], "y"] = 30_000.0
    tmle, regression = (ask(frame, "t", "y", ("a",), name).estimate for name in ("tmle", "doubly_robust"))
    assert tmle.arm_means.treated == pytest.approx(regression.arm_means.treated, abs=0.01)
