"""Overlap weighting: its population, its exact balance, and its standard error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import NoScores, OptionProblem
from causal.wording import sentences
from tests.estimators.designs import HEAVY, VARIED
from tests.estimators.references import LALONDE, ask, cattaneo, lalonde, lalonde_answer


def test_means_of_every_column_balance_exactly():
    for row in lalonde_answer("overlap_weighting").balance.rows:
        assert row.after == pytest.approx(0, abs=1e-9), row.name


def by_hand(frame, treatment, outcome, covariates):
    """statsmodels' logit, then the weighted means."""
    import statsmodels.api as sm

    x = sm.add_constant(pd.get_dummies(frame[list(covariates)], drop_first=True).astype(float))
    t, y = frame[treatment].to_numpy(float), frame[outcome].to_numpy(float)
    score = sm.Logit(t, x).fit(disp=0, tol=1e-12, maxiter=100).predict()
    return np.average(y, weights=t * (1 - score)) - np.average(y, weights=(1 - t) * score)


def test_lalonde_is_the_weighted_difference_by_hand():
    theirs = by_hand(lalonde(), "treat", "re78", LALONDE)
    assert lalonde_answer("overlap_weighting").estimate.effect == pytest.approx(theirs, rel=1e-8)


def test_statsmodels_generic_gmm_gives_the_same_error():
    """Moments of the logit and of both weighted means, handed to a GMM that differentiates them numerically."""
    from statsmodels.sandbox.regression.gmm import GMM

    frame = cattaneo()
    x = np.column_stack([np.ones(len(frame)), frame["mmarried_"], frame["mage"] / 10, frame["fbaby_"]])
    t, y = frame["mbsmoke_"].to_numpy(float), frame["bweight"].to_numpy(float) / 1_000

    class Moments(GMM):
        def momcond(self, theta):
            score = 1 / (1 + np.exp(-x @ theta[:4]))
            control, treated = (1 - t) * score * (y - theta[4]), t * (1 - score) * (y - theta[5])
            return np.column_stack([x * (t - score)[:, None], control, treated])

    zeros = np.zeros(len(y))
    found = Moments(zeros, x, zeros, k_moms=6, k_params=6).fit(
        np.array([0, 0, 0, 0, 3.4, 3.1]), maxiter=2, optim_args={"disp": 0, "gtol": 1e-12}, inv_weights=np.eye(6)
    )
    covariance = np.asarray(found.cov_params())
    estimate = ask(frame, "mbsmoke_", "bweight", ("mmarried_", "mage", "fbaby_"), "overlap_weighting").estimate
    theirs = covariance[4, 4] + covariance[5, 5] - 2 * covariance[4, 5]
    assert estimate.arm_means.control == pytest.approx(1_000 * found.params[4], rel=1e-6)
    assert estimate.std_error == pytest.approx(1_000 * np.sqrt(theirs), rel=1e-4)


@pytest.mark.parametrize("method", ["weighting", "overlap_weighting"])
def test_weighting_to_the_overlap_population_is_overlap_weighting(method):
    plain = lalonde_answer("overlap_weighting").estimate
    assert lalonde_answer(method, "overlap").estimate == plain


@pytest.mark.parametrize("method", ["weighting", "doubly_robust"])
def test_a_constant_effect_is_found_there_more_surely_than_for_everyone(method):
    frame = HEAVY.draw(np.random.default_rng(1), 20_000)
    there, everywhere = (
        ask(frame, "t", "y", ("a", "b"), method, target).estimate for target in ("overlap", "everyone")
    )
    assert there.effect == pytest.approx(1, abs=4 * there.std_error)
    assert there.std_error < everywhere.std_error


def test_units_whose_arm_is_decided_count_for_nothing():
    frame = VARIED.draw(np.random.default_rng(2), 800)
    inside = (frame["t"] == 1) & (frame["b"] > 0.6)
    lopsided = frame.assign(g=np.where(inside, "only", "both"))
    for method, near in (("overlap_weighting", 1e-5), ("doubly_robust", 1e-3)):  # whose outcome model they still inform
        found = ask(lopsided, "t", "y", ("a", "b", "g"), method, "overlap").estimate
        kept = ask(lopsided[~inside], "t", "y", ("a", "b"), method, "overlap").estimate
        assert found.effect == pytest.approx(kept.effect, rel=near)
        assert found.std_error == pytest.approx(kept.std_error, rel=0.02)


def test_asked_about_everyone_it_says_for_whom_it_answers():
    analysis = lalonde_answer("overlap_weighting")
    assert analysis.target == "overlap"
    assert any("answers for those open to either arm" in note for note in analysis.notes)
    assert "those open to either arm" in sentences.arm_sentence(analysis)
    assert lalonde_answer("overlap_weighting", "overlap").notes == ()


@pytest.mark.parametrize("target", ["treated", "untreated"])
def test_other_populations_are_refused_in_a_sentence(target):
    with pytest.raises(OptionProblem, match="Overlap weighting does not answer for those"):
        lalonde_answer("overlap_weighting", target)


@pytest.mark.parametrize("method", [each.name for each in causal.METHODS if "overlap" not in each.targets])
def test_methods_that_cannot_weight_refuse_the_overlap_population(method):
    with pytest.raises(OptionProblem, match="does not answer for those open to either arm: ask it about everyone"):
        lalonde_answer(method, "overlap")


def test_a_share_of_weighted_units_cannot_be_treated():
    with pytest.raises(NoScores, match="no group of which a share could be treated"):
        causal.treat_share(lalonde_answer("overlap_weighting"), [0.5])
