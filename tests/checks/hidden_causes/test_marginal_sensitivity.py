from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.stats import binom

import causal
from causal.checks.hidden_causes.marginal_sensitivity import odds_bounds, with_intervals
from causal.estimators.design import draw_sample
from causal.estimators.nuisance import fit_propensity


def drawn(target="everyone", n=60, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    frame = pd.DataFrame({"x": x, "t": t, "y": 1.5 * t + x + rng.normal(size=n)})
    return draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y", target=target), ("x",))


def largest(outcome, sure, odds, factor):
    """The linear-fractional program by Charnes and Cooper's transformation, solved as a linear one."""
    n = len(outcome)
    weight_equals = np.concatenate([np.ones(n), [0.0]])[None]
    upper = np.hstack([np.eye(n), -(sure + odds * factor)[:, None]])
    lower = np.hstack([-np.eye(n), (sure + odds / factor)[:, None]])
    found = linprog(
        -np.concatenate([outcome, [0.0]]), A_ub=np.vstack([upper, lower]), b_ub=np.zeros(2 * n),
        A_eq=weight_equals, b_eq=[1.0],
    )  # fmt: skip
    return -found.fun


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_bounds_are_those_of_the_linear_fractional_program(target):
    sample = drawn(target)
    propensity = fit_propensity(sample).fitted
    found = odds_bounds(sample, propensity, (1.0, 1.5, 3.0))
    parts = {
        "everyone": ((1, propensity / (1 - propensity)), (1, (1 - propensity) / propensity)),
        "treated": ((0, propensity / (1 - propensity)), (1, np.zeros(len(sample)))),
        "untreated": ((1, np.zeros(len(sample))), (0, (1 - propensity) / propensity)),
    }[target]
    for place, factor in enumerate(found.factors):
        ends = []
        for (sure, odds), arm in zip(parts, (~sample.treated, sample.treated), strict=True):
            args = np.full(arm.sum(), float(sure)), odds[arm], factor
            ends.append((-largest(-sample.outcome[arm], *args), largest(sample.outcome[arm], *args)))
        assert found.low[place] == pytest.approx(ends[1][0] - ends[0][1], abs=1e-7)
        assert found.high[place] == pytest.approx(ends[1][1] - ends[0][0], abs=1e-7)


def test_the_tipping_factor_is_where_zero_is_reached():
    sample = drawn(n=400)
    propensity = fit_propensity(sample).fitted
    found = odds_bounds(sample, propensity)
    just, before = (odds_bounds(sample, propensity, (found.tipping * each,)) for each in (1.0001, 0.9999))
    assert just.low[0] <= 0 < before.low[0]


def test_bounds_hold_what_a_hidden_cause_of_that_strength_makes():
    """A hidden u multiplies the odds of treatment by e^±0.5, so weights from x alone are off by that much at most."""
    rng = np.random.default_rng(4)
    n = 40_000
    x, u = rng.normal(size=n), rng.choice([-1.0, 1.0], n)
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.5 * x + 0.5 * u)))).astype(int)
    frame = pd.DataFrame({"x": x, "t": t, "y": 1.0 * t + x + 2 * u + rng.normal(size=n)})
    sample = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), ("x",))
    found = odds_bounds(sample, fit_propensity(sample).fitted, (1.0, float(np.exp(0.5)) * 1.05))
    assert found.low[0] > 1.5  # biased upwards
    assert found.low[1] <= 1.0 <= found.high[1]


def test_the_overlap_population_has_no_bounds():
    sample = drawn("overlap")
    assert odds_bounds(sample, fit_propensity(sample).fitted) is None


def with_chance(sample, draws=200, factors=(1.0, 1.5, 2.0)):
    found = odds_bounds(sample, fit_propensity(sample).fitted, factors)
    return with_intervals(found, sample, draws, 0.95, processes=1)


def test_intervals_are_the_quantiles_of_the_bounds_of_drawn_samples_fitted_anew():
    """Zhao, Small and Bhattacharya's percentile bootstrap, as a plain loop."""
    sample = drawn(n=150)
    found = with_chance(sample, 30)
    lows, highs = [], []
    for each in np.random.SeedSequence(sample.seed).spawn(30):
        rows = np.random.default_rng(each).integers(0, 150, 150)
        frame = pd.DataFrame({"x": sample.model[rows, 1], "t": sample.treated[rows].astype(int),
                              "y": sample.outcome[rows]})  # fmt: skip
        again = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), ("x",))
        bounds = odds_bounds(again, fit_propensity(again).fitted, (1.0, 1.5, 2.0))
        lows.append(bounds.low)
        highs.append(bounds.high)
    assert found.interval_low == pytest.approx(np.quantile(lows, 0.025, axis=0), rel=1e-9)
    assert found.interval_high == pytest.approx(np.quantile(highs, 0.975, axis=0), rel=1e-9)
    assert found.draws == 30


def test_intervals_widen_with_the_factor_and_at_one_are_those_of_the_estimate():
    sample = drawn(n=800, seed=4)
    found = with_chance(sample)
    frame = pd.DataFrame({"x": sample.model[:, 1], "t": sample.treated.astype(int), "y": sample.outcome})
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("x",), method="weighting")
    low, high = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate.interval()
    assert (found.interval_low[0], found.interval_high[0]) == pytest.approx((low, high), abs=0.25 * (high - low) / 2)
    assert list(found.interval_low) == sorted(found.interval_low, reverse=True)
    assert list(found.interval_high) == sorted(found.interval_high)
    assert all(outer < inner for outer, inner in zip(found.interval_low, found.low, strict=True))
    assert replace(found, interval_low=(0.4, 0.1, -0.1)).clear_up_to == 1.5
    assert np.isnan(replace(found, interval_low=(-0.1, -0.2, -0.3)).clear_up_to)


def test_intervals_hold_the_effect_as_often_as_they_say():
    """Without a hidden cause, at a factor of one (exact binomial test at p < .001); at two nearly always."""
    held = np.zeros(2, dtype=int)
    for seed in range(25):
        found = with_chance(drawn(n=120, seed=1_000 + seed), 40, (1.0, 2.0))
        held += [low <= 1.5 <= high for low, high in zip(found.interval_low, found.interval_high, strict=True)]
    assert binom.cdf(held[0], 25, 0.95) > 0.0005
    assert held[1] == 25


def test_whole_clusters_are_drawn():
    sample = drawn(n=200, seed=5)
    doubled = replace(
        sample, treated=np.tile(sample.treated, 2), outcome=np.tile(sample.outcome, 2),
        model=np.asfortranarray(np.tile(sample.model, (2, 1))), rows=np.arange(400),
        clusters=np.tile(np.arange(200), 2),
    )  # fmt: skip
    whole, alone = with_chance(doubled), with_chance(replace(doubled, clusters=None))
    assert whole.interval_high[0] - whole.interval_low[0] > 1.2 * (alone.interval_high[0] - alone.interval_low[0])
