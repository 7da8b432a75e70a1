"""Bounds on doubly robust estimates and double machine learning: DoubleML's digits, a hidden cause, simulation."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.hidden_causes.debiased import debiased_bounds, strength
from causal.estimators.cross_fitting import Nuisances
from causal.estimators.design import draw_sample
from causal.estimators.double_ml import residual_on_residual
from causal.estimators.estimation import summarise
from causal.estimators.learnt import augmented

SEED = 20_261_126


@cache
def golden():
    return json.loads((Path(__file__).parent / "doubleml_bounds.json").read_text())


def ours(kind):
    """The fit and the bounds of DoubleML's data with its predictions."""
    data = {name: np.array(values) for name, values in golden()["data"].items()}
    units = causal.UnitTable.from_frame(pd.DataFrame({"y": data["y"], "d": data["d"].astype(int)}))
    target = "everyone" if kind == "partially linear" else kind
    sample = draw_sample(units, causal.Question("d", "y", target=target), ())
    fold = np.zeros(len(sample), dtype=np.int64)
    if kind == "partially linear":
        fit = residual_on_residual(sample, Nuisances(data["m"], (data["l"],), (), fold))
        effect = fit.means[1] - fit.means[0]
        return fit, debiased_bounds(fit, data["y"] - data["l"] - effect * (data["d"] - data["m"]), True)
    fit = augmented(sample, Nuisances(data["m"], (data["g0"], data["g1"]), (), fold))
    return fit, debiased_bounds(fit, data["y"] - np.where(data["d"] == 1, data["g1"], data["g0"]))


@pytest.mark.parametrize("kind", ["everyone", "treated", "partially linear"])
def test_the_figures_of_doubleml(kind):
    """DoubleML 0.11.2 on the same data and predictions; the script that made the file stands beside it.

    Its limits of confidence take the covariance of effect and bias with the other sign, as it divides the score by its
    derivative without the minus: the next test says by simulation which sign is right.
    """
    told, (fit, found) = golden()["found"][kind], ours(kind)
    estimate, other_sign = summarise(fit, 0.95), replace(found, covariance=-found.covariance)
    assert [estimate.effect, estimate.std_error] == pytest.approx([told["effect"], told["std_error"]], rel=1e-8)
    for each in told["bounds"]:
        given = each["with_outcome"], each["with_treatment"]
        assert found.bounds(*given) == pytest.approx(each["bounds"], rel=1e-8)
        assert other_sign.limits(*given, 0.95) == pytest.approx(each["limits"], rel=1e-8)
    assert found.robustness_value() == pytest.approx(told["robustness_value"], abs=2e-5)
    assert other_sign.robustness_value_alpha(0.95) == pytest.approx(told["robustness_value_alpha"], abs=2e-5)


@pytest.mark.parametrize("partially_linear", [False, True])
def test_the_error_of_a_bound_is_its_spread_over_samples(partially_linear):
    """With skewed noise the covariance of effect and bias matters; with the other sign the error is twice too large."""
    rng, lows, errors, others = np.random.default_rng(SEED), [], [], []
    for _ in range(300):
        x = rng.normal(size=400)
        m = 1 / (1 + np.exp(-0.7 * x))
        d = rng.random(400) < m
        noise = rng.exponential(size=400) - 1
        g0, g1 = x, 1.3 * x + 0.8
        y = np.where(d, g1 + 2 * noise, g0 - 0.3 * noise)
        units = causal.UnitTable.from_frame(pd.DataFrame({"y": y, "d": d.astype(int)}))
        sample, fold = draw_sample(units, causal.Question("d", "y"), ()), np.zeros(400, dtype=np.int64)
        if partially_linear:
            mean = m * g1 + (1 - m) * g0
            fit = residual_on_residual(sample, Nuisances(m, (mean,), (), fold))
            rest = y - mean - (fit.means[1] - fit.means[0]) * (d - m)
        else:
            fit, rest = augmented(sample, Nuisances(m, (g0, g1), (), fold)), y - np.where(d, g1, g0)
        found = debiased_bounds(fit, rest, partially_linear)
        given = 0.5, 0.4
        lows.append(found.bounds(*given)[0])
        for kept, each in ((errors, found), (others, replace(found, covariance=-found.covariance))):
            kept.append((each.bounds(*given)[0] - each.limits(*given, 0.95)[0]) / 1.6448536269514722)
    assert np.mean(errors) == pytest.approx(np.std(lows), rel=0.12)
    assert np.mean(others) > 1.5 * np.std(lows)


def drawn(n=4_000, hidden=0.8, seed=0):
    rng = np.random.default_rng([SEED, seed])
    x, z, u = rng.normal(size=(3, n))
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.8 * x + hidden * u)))).astype(int)
    return pd.DataFrame({"t": t, "x": x, "z": z, "u": u, "y": t + x + 0.2 * z + hidden * u + rng.normal(size=n)})


def weighed(frame, adjust_for, **options):
    method = options.pop("method", "doubly_robust")
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method=method, adjust_for=adjust_for, options=options or None)
    return causal.sensitivity(causal.UnitTable.from_frame(frame), spec)


def test_a_hidden_cause_lies_within_the_bounds_of_its_own_strength():
    """What leaving out u does to the estimate is no more than its own gains allow, and its gains are told by name."""
    frame = drawn()
    long, short = weighed(frame, ("x", "z", "u")), weighed(frame, ("x", "z"))
    (u,) = [each for each in long.debiased.gains if each.covariate == "u"]
    assert u.with_outcome > 0.1 and u.with_treatment > 0.1
    low, high = short.debiased.bounds(u.with_outcome / (1 + u.with_outcome), u.with_treatment / (1 + u.with_treatment))
    assert low <= long.debiased.effect <= high
    assert not low <= 0 <= high
    weak = next(each for each in long.debiased.gains if each.covariate == "z")
    assert weak.with_treatment < 0.01 < u.with_treatment


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("double_ml", {"learner": "linear"}),
        ("double_ml", {"learner": "linear", "model": "partially linear"}),
        ("doubly_robust", {"trim": 0.1}),
    ],
)
def test_every_kind_of_debiased_estimate_has_bounds_around_its_own_effect(method, options):
    found = weighed(drawn(1_000, seed=2), ("x", "z"), method=method, **options)
    told = causal.answer(causal.UnitTable.from_frame(drawn(1_000, seed=2)), found.spec).estimate
    own = found.debiased
    assert own.effect == pytest.approx(told.effect, rel=1e-9)
    assert math.sqrt(own.variance) == pytest.approx(told.std_error, rel=1e-6)
    assert own.bounds(0.0, 0.0) == (own.effect, own.effect)
    assert 0 < own.robustness_value_alpha(0.95) < own.robustness_value() < 1
    at = own.robustness_value()
    assert own.bounds(at, at)[0] == pytest.approx(0.0, abs=1e-9)
    again = causal.Sensitivity.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert again.debiased == own and len(own.gains) == 2


def test_one_sided_limits_of_a_bound_hold_as_often_as_they_say():
    """Of the bound at a fixed strength, whose truth is had from many units (exact binomial test at p < .001)."""
    from scipy.stats import binom

    truth = weighed(drawn(200_000, seed=3), ("x", "z")).debiased.bounds(0.1, 0.1)
    held = np.zeros(2, dtype=int)
    for seed in range(100, 200):
        low, high = weighed(drawn(400, seed=seed), ("x", "z")).debiased.limits(0.1, 0.1, 0.95)
        held += [low <= truth[0], truth[1] <= high]
    for each in held:
        assert binom.cdf(each, 100, 0.95) > 0.0005 and binom.sf(each - 1, 100, 0.95) > 0.0005


def test_others_have_none_and_limits_are_kept():
    frame = drawn(400, seed=5)
    assert weighed(frame, ("x",), method="weighting").debiased is None
    question = causal.Question("t", "y", target="overlap")
    spec = causal.AnalysisSpec(question, method="doubly_robust", adjust_for=("x",))
    assert causal.sensitivity(causal.UnitTable.from_frame(frame), spec).debiased is None
    assert strength(0.2, 1.0) == math.inf and strength(0.0, 1.0) == 0.0
    nothing = frame.assign(y=np.random.default_rng(1).normal(size=400))
    assert weighed(nothing, ("x",)).debiased.robustness_value_alpha(0.95) == 0.0
