"""The bootstrap by choice: its errors are those of theory, on one process and on two, and it is refused where wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest

import causal
from causal.errors import EstimationError, OptionProblem
from causal.estimators.bootstrap import bootstrapped
from causal.estimators.design import draw_sample
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.registry import method_named
from tests.estimators.designs import USERS, VARIED
from tests.estimators.references import lalonde

QUESTION = causal.Question("t", "y")


def asked(frame, method="weighting", covariates=("a", "b"), **changes):
    spec = causal.AnalysisSpec(QUESTION, adjust_for=covariates, method=method, **changes)
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


@pytest.mark.parametrize("method", ["difference_in_means", "regression", "weighting", "doubly_robust"])
def test_its_error_is_the_theorys_and_the_effect_is_the_same(method):
    frame = VARIED.draw(np.random.default_rng(1), 600)
    plain = asked(frame, method).estimate
    refitted = asked(frame, method, bootstrap=causal.Bootstrap(replicates=300))
    assert refitted.estimate.effect == plain.effect
    assert refitted.estimate.std_error == pytest.approx(plain.std_error, rel=0.15)
    assert refitted.estimate.arm_std_errors.treated == pytest.approx(plain.arm_std_errors.treated, rel=0.2)
    assert "spread of 300 refits on units drawn with replacement" in refitted.notes[-1]


def test_clusters_are_drawn_whole():
    frame = USERS.draw(np.random.default_rng(2), 900)
    theory = asked(frame, cluster="user").estimate
    drawn = asked(frame, cluster="user", bootstrap=causal.Bootstrap("cluster", 300))
    assert drawn.estimate.std_error == pytest.approx(theory.std_error, rel=0.15)
    assert asked(frame).estimate.std_error < 0.9 * theory.std_error
    assert any("whole clusters" in note for note in drawn.notes)


def test_one_process_and_two_give_the_same_digits():
    table = causal.UnitTable.from_frame(VARIED.draw(np.random.default_rng(3), 400))
    sample, method = draw_sample(table, QUESTION, ("a", "b")), method_named("doubly_robust")
    options = method.make_options(None)
    estimate, _ = estimate_from_sample(sample, method, options)
    asked_for = causal.Bootstrap(replicates=60)
    one, two = (
        bootstrapped(sample, method, options, asked_for, estimate, 7, processes=processes) for processes in (1, 2)
    )
    assert one == two


def test_the_seed_decides_and_the_spec_keeps_the_request():
    frame = VARIED.draw(np.random.default_rng(4), 300)
    few = causal.Bootstrap(replicates=50)
    same = [asked(frame, bootstrap=few, seed=seed).estimate.std_error for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]
    spec = causal.AnalysisSpec(QUESTION, bootstrap=few)
    back = causal.AnalysisSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert back == spec and spec.fingerprint != causal.AnalysisSpec(QUESTION).fingerprint
    assert "bootstrap" not in causal.AnalysisSpec(QUESTION).to_json()


def test_it_is_refused_for_matching_with_replacement_and_its_reason_given():
    few = causal.Bootstrap(replicates=50)
    frame = VARIED.draw(np.random.default_rng(5), 300)
    with pytest.raises(OptionProblem, match=r"wrong for matching with replacement.*Abadie and Imbens 2008"):
        asked(frame, "matching", bootstrap=few)


@pytest.mark.parametrize(("method", "options"), [("doubly_robust", {"learner": "lasso"}), ("double_ml", None)])
def test_it_is_refused_where_models_are_learnt_in_folds(method, options):
    frame = VARIED.draw(np.random.default_rng(5), 300)
    with pytest.raises(OptionProblem, match="a unit drawn twice stands in two of them"):
        asked(frame, method, options=options, bootstrap=causal.Bootstrap(replicates=50))


def test_with_few_clusters_it_takes_students_quantiles_as_the_note_says():
    frame = VARIED.draw(np.random.default_rng(6), 300).assign(user=np.arange(300) % 12)
    found = asked(frame, cluster="user", bootstrap=causal.Bootstrap("cluster", 50))
    assert found.estimate.degrees_of_freedom == 11
    assert any("with 11 degrees of freedom" in note for note in found.notes)


def test_what_does_not_fit_is_said():
    frame = VARIED.draw(np.random.default_rng(5), 300).assign(user=np.arange(300))
    with pytest.raises(OptionProblem, match="50 to 10,000 replicates, not 3"):
        causal.Bootstrap(replicates=3)
    with pytest.raises(OptionProblem, match='"wild" is not one of'):
        causal.Bootstrap("wild")
    with pytest.raises(OptionProblem, match="needs the column"):
        asked(frame, bootstrap=causal.Bootstrap("cluster"))
    with pytest.raises(OptionProblem, match='"user" are not independent'):
        asked(frame, cluster="user", bootstrap=causal.Bootstrap())
    with pytest.raises(OptionProblem, match="many arms"):
        spec = causal.AnalysisSpec(QUESTION, adjust_for=("a",), bootstrap=causal.Bootstrap())
        causal.compare_arms(causal.UnitTable.from_frame(frame), spec)


def test_samples_that_cannot_be_fitted_are_an_error_if_they_are_many():
    frame = lalonde().head(5).assign(treat=[1, 1, 0, 0, 0], re78=[1.0, 2.0, 3.0, 4.0, 6.0])
    with pytest.raises(EstimationError, match="could not be fitted"):
        spec = causal.AnalysisSpec(
            causal.Question("treat", "re78"), adjust_for=(), method="difference_in_means", bootstrap=causal.Bootstrap()
        )
        causal.answer(causal.UnitTable.from_frame(frame), spec)
