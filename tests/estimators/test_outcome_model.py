"""Log-linear outcome models: statsmodels' GLM with the delta method, coverage with overdispersed counts, limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.errors import OptionProblem, OutcomeProblem
from tests.estimators.references import ask

SEED = 20_261_129
POISSON = {"outcome_model": "poisson"}


def counts(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Clicks with a log-linear mean, twice as spread out as Poisson's; x moves both treatment and clicks."""
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-0.6 * x))).astype(int)
    mean = np.exp(0.3 + 0.5 * x + 0.4 * t)
    return pd.DataFrame({"x": x, "t": t, "y": rng.poisson(mean * rng.gamma(2, 0.5, n)).astype(float)})


TRUTH = float(np.exp(0.3 + 0.125) * (np.exp(0.4) - 1))
"""The mean of exp(0.5 x) is exp(0.125)."""


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return counts(np.random.default_rng(SEED), 1_200)


def test_standardisation_is_statsmodels_glm_with_the_delta_method(frame):
    """Robust (HC0) errors of each arm's coefficients carried to its mean, and the spread of the predictions added."""
    import statsmodels.api as sm

    found = ask(frame, "t", "y", ("x",), "standardisation", options=POISSON).estimate
    design, n = sm.add_constant(frame[["x"]]).to_numpy(), len(frame)
    for arm, name in ((0, "control"), (1, "treated")):
        own = (frame["t"] == arm).to_numpy()
        model = sm.GLM(frame["y"][own], design[own], family=sm.families.Poisson()).fit(cov_type="HC0", tol=1e-12)
        predicted = np.exp(design @ model.params.to_numpy())
        gradient = design.T @ predicted / n
        pull = np.linalg.inv(design[own].T @ (design[own] * predicted[own, None])) @ gradient
        scores = np.zeros(n)
        scores[own] = (frame["y"][own] - predicted[own]) * (design[own] @ pull)
        assert scores @ scores == pytest.approx(gradient @ model.cov_params().to_numpy() @ gradient, rel=1e-6)
        influence = (predicted - predicted.mean()) / n + scores
        assert found.arm_means[name] == pytest.approx(predicted.mean(), rel=1e-9)
        assert found.arm_std_errors[name] == pytest.approx(np.sqrt(influence @ influence), rel=1e-7)


def test_one_pooled_model_is_statsmodels_too(frame):
    import statsmodels.api as sm

    found = ask(frame, "t", "y", ("x",), "standardisation", options={**POISSON, "pooled": True}).estimate
    design = np.column_stack([np.ones(len(frame)), frame["x"], frame["t"]])
    model = sm.GLM(frame["y"].to_numpy(), design, family=sm.families.Poisson()).fit(tol=1e-12)
    for arm, name in ((0.0, "control"), (1.0, "treated")):
        rows = design.copy()
        rows[:, 2] = arm
        assert found.arm_means[name] == pytest.approx(np.exp(rows @ model.params).mean(), rel=1e-9)


@pytest.mark.parametrize("method", ["standardisation", "doubly_robust"])
@pytest.mark.parametrize("target", ["everyone", "treated"])
def test_without_covariates_it_is_the_difference_of_means(frame, method, target):
    found = ask(frame, "t", "y", (), method, target, POISSON).estimate
    gap = frame["y"][frame["t"] == 1].mean() - frame["y"][frame["t"] == 0].mean()
    assert found.effect == pytest.approx(gap, rel=1e-9)
    assert found.std_error == pytest.approx(ask(frame, "t", "y", (), method, target).estimate.std_error, rel=1e-6)


@pytest.mark.parametrize("method", ["standardisation", "doubly_robust"])
def test_intervals_hold_the_truth_with_overdispersed_counts(method):
    hits = 0
    for study in range(150):
        frame = counts(np.random.default_rng([SEED, study]), 500)
        low, high = ask(frame, "t", "y", ("x",), method, options=POISSON).estimate.interval()
        hits += low <= TRUTH <= high
    assert hits >= 133  # the exact binomial test of 95 % at .001


def test_a_linear_model_of_yes_or_no_is_that_of_a_number(frame):
    binary = frame.assign(y=(frame["y"] > 0).astype(int))
    found = ask(binary, "t", "y", ("x",), "standardisation", options={"outcome_model": "linear"}).estimate
    scaled = ask(binary.assign(y=2.0 * binary["y"]), "t", "y", ("x",), "standardisation").estimate
    assert found.effect == pytest.approx(scaled.effect / 2, rel=1e-10)


def test_large_outcomes_converge(frame):
    found = ask(frame.assign(y=1e6 * frame["y"]), "t", "y", ("x",), "doubly_robust", options=POISSON).estimate
    plain = ask(frame, "t", "y", ("x",), "doubly_robust", options=POISSON).estimate
    assert found.effect == pytest.approx(1e6 * plain.effect, rel=1e-8)


def test_what_is_not_log_linear_is_refused(frame):
    with pytest.raises(OutcomeProblem, match="negative values"):
        ask(frame.assign(y=frame["y"] - 1), "t", "y", ("x",), "standardisation", options=POISSON)
    with pytest.raises(OutcomeProblem, match="zero for all units of one arm"):
        ask(frame.assign(y=frame["y"] * frame["t"]), "t", "y", ("x",), "doubly_robust", options=POISSON)
    with pytest.raises(OptionProblem, match="Take one of the two back"):
        ask(frame, "t", "y", ("x",), "doubly_robust", options={**POISSON, "learner": "lasso"})
