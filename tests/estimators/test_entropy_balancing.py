"""Entropy balancing: its balance, an independent solution of its dual, and its stacked estimating equations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog, minimize
from scipy.special import logsumexp, softmax

import causal
from causal.errors import PerfectSeparation
from causal.estimators.design import draw_sample
from causal.estimators.entropy_balancing import METHOD
from causal.estimators.estimation import estimate_from_sample
from tests.estimators.designs import VARIED
from tests.estimators.references import LALONDE, ask, lalonde, lalonde_answer, nhefs_answer
from tests.estimators.test_uncertainty import sandwich, solve

TARGETS = ("everyone", "treated", "untreated")


def test_means_of_every_column_are_those_of_the_target_exactly():
    for target in TARGETS:
        for row in lalonde_answer("entropy_balancing", target).balance.rows:
            assert row.after == pytest.approx(0, abs=1e-9), row.name
    for row in nhefs_answer("entropy_balancing").balance.rows:
        assert row.after == pytest.approx(0, abs=1e-9), row.name


def independent(columns: np.ndarray, outcome: np.ndarray, asked: np.ndarray) -> float:
    """Hainmueller's dual in its normalised form, by scipy: the log of the sum of exp, minimised."""
    centred = columns - asked

    def hessian(z):
        weights = softmax(-centred @ z)
        mean = weights @ centred
        return centred.T @ (centred * weights[:, None]) - np.outer(mean, mean)

    found = minimize(
        lambda z: logsumexp(-centred @ z),
        np.zeros(centred.shape[1]),
        jac=lambda z: -softmax(-centred @ z) @ centred,
        hess=hessian,
        method="trust-exact",
        options={"gtol": 1e-11, "maxiter": 2_000},
    )
    weights = softmax(-centred @ found.x)
    assert np.abs(weights @ centred).max() < 1e-6
    return float(weights @ outcome)


@pytest.mark.parametrize(
    ("moments", "target"),
    [*(("means", target) for target in TARGETS), ("variances", "treated"), ("variances", "everyone")],
)
def test_lalonde_is_an_independent_solution_of_the_dual(target, moments):
    frame = pd.get_dummies(lalonde()[list(LALONDE)], drop_first=True).astype(float)
    if moments == "variances":
        numeric = frame[["age", "educ", "re74", "re75"]]
        frame = pd.concat([frame, (((numeric - numeric.mean()) / numeric.std()) ** 2).add_suffix("²")], axis=1)
    columns = ((frame - frame.mean()) / frame.std()).to_numpy()
    t, y = lalonde()["treat"].to_numpy(bool), lalonde()["re78"].to_numpy(float)
    inside = {"everyone": np.ones_like(t), "treated": t, "untreated": ~t}[target]
    means = [
        y[arm].mean() if (arm == inside).all() else independent(columns[arm], y[arm], columns[inside].mean(axis=0))
        for arm in (~t, t)
    ]
    estimate = lalonde_answer("entropy_balancing", target, moments=moments).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(means, rel=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_error_is_the_sandwich_of_the_stacked_moments(target):
    frame = VARIED.draw(np.random.default_rng(1), 600)
    x = np.column_stack([np.ones(600), frame[["a", "b"]]])
    t, y = frame["t"].to_numpy(float), frame["y"].to_numpy(float)
    h = {"everyone": np.ones_like(t), "treated": t, "untreated": 1 - t}[target]

    def moments(theta):
        weights = [(1 - t) * np.exp(x @ theta[:3]), t * np.exp(x @ theta[3:6])]
        balanced = [weight[:, None] * x - h[:, None] * x for weight in weights]
        means = [weight * y - h * theta[6 + arm] for arm, weight in enumerate(weights)]
        return np.column_stack([*balanced, *means])

    root = solve(moments, np.zeros(8))
    covariance = sandwich(moments, root)[-2:, -2:]
    estimate = ask(frame, "t", "y", ("a", "b"), "entropy_balancing", target).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(root[-2:], rel=1e-7)
    assert estimate.arm_std_errors.control == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-5)
    effect = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert estimate.std_error == pytest.approx(np.sqrt(effect), rel=1e-5)


def test_variances_balance_too_where_they_are_asked_for():
    frame = VARIED.draw(np.random.default_rng(2), 1_000)
    table = causal.UnitTable.from_frame(frame)
    sample = draw_sample(table, causal.Question("t", "y", target="treated"), ("a", "b"))
    spread = {}
    for moments in ("means", "variances"):
        _, fit = estimate_from_sample(sample, METHOD, {"moments": moments})
        control = ~sample.treated
        for name in ("a", "b"):
            values = frame[name].to_numpy()
            mean = np.average(values[control], weights=fit.weights[control])
            variance = np.average((values[control] - mean) ** 2, weights=fit.weights[control])
            spread[moments, name] = variance / values[sample.treated].var()
    assert [spread["variances", name] for name in "ab"] == pytest.approx([1, 1], rel=1e-8)
    assert abs(spread["means", "a"] - 1) > 1e-3


def test_it_is_right_where_only_the_outcome_is_linear():
    """The log odds bend, so a logistic score is wrong; the outcome is linear: Zhao and Percival's double robustness."""
    rng = np.random.default_rng(3)
    a = rng.uniform(-1, 1, 40_000)
    t = (rng.random(40_000) < 0.1 + 0.7 * (a > 0.2)).astype(int)
    frame = pd.DataFrame({"a": a, "t": t, "y": 3 * a + t + rng.normal(size=40_000)})
    estimate = ask(frame, "t", "y", ("a",), "entropy_balancing").estimate
    wrong = ask(frame, "t", "y", ("a",), "weighting").estimate
    assert estimate.effect == pytest.approx(1, abs=4 * estimate.std_error)
    assert abs(wrong.effect - 1) > 4 * wrong.std_error


@pytest.mark.parametrize("method", ["entropy_balancing", "covariate_balancing"])
def test_means_out_of_reach_are_refused_with_the_column(method):
    rng = np.random.default_rng(4)
    t = rng.random(2_000) < 0.3
    far = rng.uniform(0, 1, 2_000) + 1.3 * t - 0.35 * (~t & (rng.random(2_000) < 0.5))
    far[0], t[0] = 2.2, False  # one control reaches into the treated, so a logistic score exists
    far[1], t[1] = -0.2, True
    frame = pd.DataFrame({"a": rng.normal(size=2_000), "far": far, "t": t.astype(int), "y": rng.normal(size=2_000)})
    with pytest.raises(PerfectSeparation, match='most of all "far"'):
        ask(frame.drop(index=[0, 1]), "t", "y", ("a", "far"), method, "treated")


def test_variances_that_the_treated_of_lalonde_do_not_reach_are_refused():
    """A linear programme agrees: no non-negative weights of the 185 have these means and mean squares."""
    with pytest.raises(PerfectSeparation, match="treatment level 1 give them the covariate means of"):
        lalonde_answer("entropy_balancing", "untreated", moments="variances")
    frame = pd.get_dummies(lalonde()[list(LALONDE)], drop_first=True).astype(float)
    columns = pd.concat([frame, frame[["age", "educ", "re74", "re75"]] ** 2], axis=1)
    columns = ((columns - columns.mean()) / columns.std()).to_numpy()
    t = lalonde()["treat"].to_numpy(bool)
    asked = np.append(columns[~t].mean(axis=0), 1)
    found = linprog(np.zeros(t.sum()), A_eq=np.vstack([columns[t].T, np.ones(t.sum())]), b_eq=asked)
    assert found.status == 2  # infeasible


def test_a_level_that_an_arm_lacks_is_refused_with_its_column():
    frame = VARIED.draw(np.random.default_rng(5), 600)
    g = np.where((frame["t"] == 1) & (frame["b"] > 0.6), "only", "both")
    with pytest.raises(PerfectSeparation, match=r'treatment level 0 give them the covariate means.*most of all "g"'):
        ask(frame.assign(g=g), "t", "y", ("a", "g"), "entropy_balancing")
    estimate = ask(frame.assign(g=g), "t", "y", ("a", "g"), "entropy_balancing", "untreated").estimate
    assert estimate.std_error > 0
