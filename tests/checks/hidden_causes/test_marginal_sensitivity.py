import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import causal
from causal.checks.hidden_causes.marginal_sensitivity import odds_bounds
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
