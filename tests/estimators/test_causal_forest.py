"""EconML's causal forest through our contract."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import OptionProblem
from causal.estimators.causal_forest import CausalForestOptions, fit, unit_effects
from causal.estimators.cross_fitting import nuisances_of
from causal.estimators.design import draw_sample
from causal.estimators.estimation import summarise
from tests.estimators.designs import VARIED
from tests.estimators.references import ask

QUICK = CausalForestOptions(trees=100, learner="lasso")


def sample_of(frame, target="everyone", seed=0):
    question = causal.Question("t", "y", target=target)
    return draw_sample(causal.UnitTable.from_frame(frame), question, ("a", "b"), seed=seed)


@pytest.fixture(scope="module")
def frame():
    return VARIED.draw(np.random.default_rng(1), 1_200)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_it_finds_the_effect(frame, target):
    control, treated = VARIED.truth(target)
    estimate = summarise(fit(sample_of(frame, target), QUICK), 0.95)
    assert estimate.effect == pytest.approx(treated - control, abs=4 * estimate.std_error)
    assert estimate.arm_means.control == pytest.approx(control, abs=4 * estimate.arm_std_errors.control)
    plain = ask(frame, "t", "y", ("a", "b"), "doubly_robust", target).estimate
    assert estimate.std_error == pytest.approx(plain.std_error, rel=0.15)


def test_its_effects_follow_those_of_the_units(frame):
    effects = dict(fit(sample_of(frame), QUICK).facts)["unit effects"]
    assert np.corrcoef(effects, 1 + frame["a"])[0, 1] > 0.8
    assert effects.mean() == pytest.approx(1, abs=0.2)


def test_it_is_econmls_forest_on_what_is_left(frame):
    """CausalForestDML given the same first-stage predictions."""
    from econml.dml import CausalForestDML
    from sklearn.base import BaseEstimator

    sample = sample_of(frame)
    nuisances = nuisances_of(sample, "lasso", 5, by_arm=False)
    known = pd.DataFrame({"y": nuisances.outcomes[0], "t": nuisances.propensity})

    class Known(BaseEstimator):
        def __init__(self, name="y"):
            self.name = name

        def fit(self, X, y):
            return self

        def predict(self, X):
            return known[self.name].to_numpy()[X[:, -1].astype(int)]

    theirs = CausalForestDML(
        model_y=Known("y"), model_t=Known("t"), cv=2, n_estimators=200, random_state=0, n_jobs=1, min_samples_leaf=5
    )
    place = np.arange(len(sample))[:, None]
    theirs.fit(sample.outcome, sample.treated.astype(float), X=sample.model[:, 1:], W=place)
    ours = unit_effects(sample, nuisances, dataclasses.replace(QUICK, trees=200))
    assert np.corrcoef(ours, theirs.effect(sample.model[:, 1:]))[0, 1] > 0.9


def test_the_seed_decides_and_rows_in_another_order_do_not(frame):
    few = frame.head(400)
    first = fit(sample_of(few), QUICK).means
    assert fit(sample_of(few), QUICK).means == first
    assert fit(sample_of(few.sample(frac=1, random_state=2)), QUICK).means == pytest.approx(first, rel=1e-6)
    assert fit(sample_of(few, seed=1), QUICK).means != first


def test_without_covariates_it_is_the_difference_in_means(frame):
    estimate = ask(frame, "t", "y", (), "causal_forest").estimate
    assert estimate.effect == pytest.approx(ask(frame, "t", "y", (), "difference_in_means").estimate.effect, rel=1e-10)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"trees": 5}, "5 trees cannot be; choose between 20 and 10,000"), ({"smallest_leaf": 0}, "a smallest leaf of 0")],
)
def test_options_that_make_no_sense_are_refused(frame, options, sentence):
    with pytest.raises(OptionProblem, match=sentence):
        ask(frame, "t", "y", ("a", "b"), "causal_forest", options=options)


def test_econml_is_loaded_only_when_asked_for():
    program = (
        "import sys, causal, causal.estimators.causal_forest\n"
        "causal.METHODS\n"
        "print(sorted({'econml', 'shap', 'lightgbm', 'sklearn'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
