"""Weighting's choices: no clipping, trimming by a bound or by Crump's rule, stabilised weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

import causal
from causal.errors import OptionProblem
from causal.estimators.design import draw_sample
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.propensity import optimal_trim
from causal.estimators.registry import method_named
from tests.estimators.designs import HEAVY, VARIED
from tests.estimators.references import ask


def rare(units: int = 200_000) -> pd.DataFrame:
    """A treatment that one in a thousand gets, with chances down to 1e-5; the effect is 1."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=units)
    t = rng.random(units) < 1 / (1 + np.exp(7.5 - 0.9 * a))
    return pd.DataFrame({"a": a, "t": t.astype(int), "y": a + t + rng.normal(size=units)})


def test_propensities_of_a_ten_thousandth_are_used_as_they_are():
    import statsmodels.api as sm

    frame = rare()
    t, y = frame["t"].to_numpy(float), frame["y"].to_numpy(float)
    model = sm.add_constant(frame[["a"]])
    score = sm.Logit(t, model).fit(disp=0, tol=1e-13, maxiter=100).predict()
    assert (1 / score[t == 1]).max() > 1_500
    assert score.min() < 2e-5
    assert np.quantile(score, 0.1) < 2e-4
    by_hand = np.average(y, weights=t / score) - np.average(y, weights=(1 - t) / (1 - score))
    analysis = ask(frame, "t", "y", ("a",), "weighting")
    assert analysis.estimate.effect == pytest.approx(by_hand, rel=1e-7)
    assert analysis.overlap.share_trimmed == 0
    assert analysis.overlap.propensity_range[0] == pytest.approx(score.min(), rel=1e-6)
    treated = 1 / score[t == 1]
    assert analysis.overlap.effective_sample_size.treated == pytest.approx(treated.sum() ** 2 / (treated @ treated))


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("weighting", "everyone"),
        ("weighting", "treated"),
        ("weighting", "overlap"),
        ("overlap_weighting", "everyone"),
        ("entropy_balancing", "treated"),
        ("covariate_balancing", "everyone"),
        ("covariate_balancing", "treated"),
    ],
)
def test_a_rare_treatment_is_answered_by_every_weight(method, target):
    estimate = ask(rare(), "t", "y", ("a",), method, target).estimate
    assert estimate.effect == pytest.approx(1, abs=4 * estimate.std_error)
    assert estimate.std_error < 0.2


def test_stabilised_weights_give_the_normalised_means():
    frame = VARIED.draw(np.random.default_rng(2), 600)
    sample = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), ("a", "b"))
    estimate, fit = estimate_from_sample(sample, method_named("weighting"))
    t, y = sample.treated, sample.outcome
    stabilised = fit.weights * np.where(t, t.mean(), 1 - t.mean())
    assert stabilised.mean() == pytest.approx(1, abs=0.01)
    assert np.average(y[t], weights=stabilised[t]) == pytest.approx(estimate.arm_means.treated, rel=1e-12)
    unnormalised, _ = estimate_from_sample(sample, method_named("weighting"), {"normalised": False})
    shared = (stabilised * y)[t].sum() / t.sum()  # the arm's share cancels there as well
    assert shared == pytest.approx(unnormalised.arm_means.treated, rel=1e-12)


def crump(score: np.ndarray) -> float:
    """The paper's equation for gamma = 1 / (alpha (1 - alpha)), solved by root finding."""
    noise = 1 / (score * (1 - score))
    if noise.max() <= 2 * noise.mean():
        return 0.0
    gamma = brentq(lambda bound: bound - 2 * noise[noise <= bound].mean(), noise.min() * 1.0001, noise.max())
    return 0.5 - np.sqrt(0.25 - 1 / gamma)


def test_crumps_rule_solves_the_papers_equation():
    frame = HEAVY.draw(np.random.default_rng(3), 20_000)
    sample = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), ("a", "b"))
    score = HEAVY.chance(frame)
    assert optimal_trim("Weighting", sample, score) == pytest.approx(crump(score), abs=1e-4)
    even = np.full(len(frame), 0.4)
    assert optimal_trim("Weighting", sample, even) == 0


def test_the_optimal_bound_is_the_given_bound_of_that_value():
    frame = HEAVY.draw(np.random.default_rng(4), 3_000)
    found = ask(frame, "t", "y", ("a", "b"), "weighting", options={"trim_rule": "optimal"})
    assert 0.02 < found.overlap.share_trimmed < 0.4
    (note,) = found.notes
    bound = float(note.split("beyond ")[1].split(",")[0])
    given = ask(frame, "t", "y", ("a", "b"), "weighting", options={"trim": bound})
    assert given.overlap.share_trimmed == pytest.approx(found.overlap.share_trimmed, abs=2e-3)


def test_crumps_rule_says_where_it_leaves_out_nobody():
    frame = VARIED.draw(np.random.default_rng(8), 800)
    found = ask(frame, "t", "y", ("a", "b"), "weighting", options={"trim_rule": "optimal"})
    assert found.overlap.share_trimmed == 0
    assert found.notes == ("Crump's rule leaves out no unit: every one makes the estimate more precise.",)


def test_no_bound_makes_an_efficient_estimate_more_precise_than_crumps():
    """With noise in proportion to 1 / (1 - e) and 2.25 / e; of many units, as few show how heavy the tails are."""
    frame = HEAVY.draw(np.random.default_rng(6), 40_000)
    bound = crump(HEAVY.chance(HEAVY.grid))
    chance = HEAVY.chance(HEAVY.grid)
    errors = {}
    for trim in (0.0, 0.02, bound, 0.2):
        inside = (chance >= trim) & (chance <= 1 - trim)
        limit = np.sqrt((1 / (1 - chance) + 2.25 / chance)[inside].mean() / inside.mean() / 40_000)
        errors[trim] = ask(frame, "t", "y", ("a", "b"), "doubly_robust", options={"trim": trim}).estimate.std_error
        assert errors[trim] == pytest.approx(limit, rel=0.05)
    assert min(errors, key=errors.__getitem__) == bound


def test_crumps_rule_is_for_everyone():
    frame = VARIED.draw(np.random.default_rng(5), 500)
    with pytest.raises(OptionProblem, match="Crump's rule for everyone"):
        ask(frame, "t", "y", ("a", "b"), "weighting", "treated", options={"trim_rule": "optimal"})
