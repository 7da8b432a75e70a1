"""The Bayesian bootstrap: weighted fits are fits on repeated rows, and their spread is the error that theory gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import OptionProblem
from causal.estimators.bootstrap import bootstrapped
from causal.estimators.design import draw_sample
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.registry import method_named
from causal.estimators.weighted_units import _FITS, weighted_means_of
from tests.estimators.designs import USERS, VARIED, YES_OR_NO

QUESTION = causal.Question("t", "y")
ASKED = tuple((name, target) for name in _FITS for target in method_named(name).targets)
OPTIONS = {"pooled": True}, {"normalised": False}, {"outcome_model": "linear"}


def drawn(frame, target="everyone", covariates=("a", "b"), cluster=None):
    question = causal.Question("t", "y", target=target)
    return draw_sample(causal.UnitTable.from_frame(frame), question, covariates, cluster=cluster)


def means(method, sample, options):
    estimate, _ = estimate_from_sample(sample, method, options)
    return list(estimate.arm_means.values())


def asked(frame, name="weighting", **changes):
    spec = causal.AnalysisSpec(QUESTION, adjust_for=("a", "b"), method=name, **changes)
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


@pytest.mark.parametrize("design", [VARIED, YES_OR_NO], ids=lambda each: each.name)
@pytest.mark.parametrize(("name", "target"), ASKED)
def test_a_weight_of_two_is_a_unit_that_stands_there_twice(design, name, target):
    frame = design.draw(np.random.default_rng(1), 300)
    method, sample = method_named(name), drawn(frame, target, design.covariates)
    again = np.random.default_rng(2).integers(1, 4, len(frame))
    repeated = drawn(frame.loc[frame.index.repeat(again)].reset_index(drop=True), target, design.covariates)
    fields = method.options.__dataclass_fields__
    for options in ({}, *(each for each in OPTIONS if set(each) <= set(fields))):
        made = method.make_options(options)
        assert weighted_means_of(method, made, sample, np.ones(len(sample))) == pytest.approx(
            means(method, sample, made), rel=1e-9
        )
        assert weighted_means_of(method, made, sample, again.astype(float)) == pytest.approx(
            means(method, repeated, made), rel=1e-9
        )


@pytest.mark.parametrize("name", ["difference_in_means", "regression", "doubly_robust", "tmle"])
def test_its_error_is_the_theorys_and_the_effect_is_the_same(name):
    frame = VARIED.draw(np.random.default_rng(3), 600)
    plain = asked(frame, name).estimate
    found = asked(frame, name, bootstrap=causal.Bootstrap("bayesian", 300))
    assert found.estimate.effect == plain.effect
    assert found.estimate.std_error == pytest.approx(plain.std_error, rel=0.15)
    assert found.estimate.arm_std_errors.treated == pytest.approx(plain.arm_std_errors.treated, rel=0.2)
    assert "300 refits in which units count by random weights (the Bayesian bootstrap)" in found.notes[-1]


def test_clusters_count_as_wholes():
    frame = USERS.draw(np.random.default_rng(2), 900)
    theory = asked(frame, cluster="user").estimate
    found = asked(frame, cluster="user", bootstrap=causal.Bootstrap("bayesian", 300))
    assert found.estimate.std_error == pytest.approx(theory.std_error, rel=0.15)
    assert asked(frame).estimate.std_error < 0.9 * theory.std_error
    assert any("whole clusters count by random weights" in note for note in found.notes)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    rng, method, held, studies = np.random.default_rng(20_261_126), method_named("weighting"), 0, 80
    control, treated = VARIED.truth("everyone")
    options = method.make_options(None)
    for study in range(studies):
        sample = drawn(VARIED.draw(rng, 250))
        estimate, _ = estimate_from_sample(sample, method, options)
        few = causal.Bootstrap("bayesian", 50)
        low, high = bootstrapped(sample, method, options, few, estimate, study, processes=1).estimate.interval()
        held += low <= treated - control <= high
    assert binomtest(held, studies, 0.95).pvalue > 0.001, held


def test_one_process_and_two_give_the_same_digits():
    method, sample = method_named("doubly_robust"), drawn(VARIED.draw(np.random.default_rng(4), 400))
    options = method.make_options(None)
    estimate, _ = estimate_from_sample(sample, method, options)
    few = causal.Bootstrap("bayesian", 60)
    one, two = (bootstrapped(sample, method, options, few, estimate, 7, processes=each) for each in (1, 2))
    assert one == two


def test_an_arm_of_two_units_is_never_lost():
    frame = VARIED.draw(np.random.default_rng(5), 60).assign(t=[1, 1] + [0] * 58)
    found = asked(frame, "difference_in_means", bootstrap=causal.Bootstrap("bayesian", 200))
    assert "could not be fitted" not in found.notes[-1]
    assert found.estimate.std_error > 0


def test_a_spec_keeps_it_with_clusters_and_without():
    for cluster in (None, "user"):
        spec = causal.AnalysisSpec(QUESTION, cluster=cluster, bootstrap=causal.Bootstrap("bayesian", 200))
        assert causal.AnalysisSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("stratification", None, "has no fit in which units count by weights"),
        ("entropy_balancing", None, "has no Bayesian bootstrap. Take the plain bootstrap"),
        ("weighting", {"trim": 0.1}, 'fits no "trim" of 0.1 with weights. Take that option back to 0.0'),
        ("standardisation", {"outcome_model": "poisson"}, "back to 'automatic', or choose the plain bootstrap"),
        ("doubly_robust", {"learner": "lasso"}, "wrong for models learnt in folds"),
    ],
)
def test_what_cannot_be_weighted_says_so(name, options, told):
    frame = VARIED.draw(np.random.default_rng(6), 200)
    frame = frame.assign(y=frame["y"] - frame["y"].min())
    with pytest.raises(OptionProblem) as caught:
        asked(frame, name, options=options, bootstrap=causal.Bootstrap("bayesian", 50))
    assert told in str(caught.value)
