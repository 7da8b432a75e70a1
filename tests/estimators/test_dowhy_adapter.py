"""Each method through DoWhy's own `estimate_effect`, and DoWhy's refuters on ours."""

from __future__ import annotations

import functools
import logging

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import EstimationError, NotIdentified, OptionProblem
from causal.estimators.stock import STOCK_NAMES
from causal.estimators.stock_econml import is_econml
from tests.estimators.designs import VARIED, YES_OR_NO
from tests.estimators.references import LALONDE, ask, lalonde, lalonde_answer

logging.getLogger("dowhy").setLevel(logging.CRITICAL)
TARGETS = {"everyone": "ate", "treated": "att", "untreated": "atc", "overlap": "ato"}
BY_NAME = {method.name: method for method in causal.METHODS if method.on_its_own}


def modelled(frame, treatment, outcome, covariates):
    """DoWhy's model of covariates that cause both, and its estimand."""
    from dowhy import CausalModel

    edges = [(treatment, outcome), *((name, end) for name in covariates for end in (treatment, outcome))]
    model = CausalModel(frame, treatment=treatment, outcome=outcome, graph=nx.DiGraph(edges))
    return model, model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")


def through_dowhy(model, estimand, method, target="everyone", control=0, treated=1, **parameters):
    return model.estimate_effect(
        estimand,
        method_name=BY_NAME[method].dowhy_name,
        target_units=TARGETS[target],
        control_value=control,
        treatment_value=treated,
        method_params=parameters or None,
    )


@pytest.fixture(scope="module")
def job_training():
    frame = lalonde().copy()
    return frame, *modelled(frame, "treat", "re78", LALONDE)


@pytest.mark.parametrize(
    ("method", "target"), [(name, target) for name in BY_NAME for target in TARGETS if target in BY_NAME[name].targets]
)
def test_dowhy_gives_the_digits_of_answer(job_training, method, target):
    frame, model, estimand = job_training
    before = frame.copy(deep=True)
    theirs = through_dowhy(model, estimand, method, target)
    ours = lalonde_answer(method, target).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)
    assert theirs.get_standard_error() == pytest.approx(ours.std_error, rel=1e-12)
    assert theirs.get_confidence_intervals() == pytest.approx(ours.interval(0.95), rel=1e-12)
    assert theirs.test_stat_significance()["p_value"] == pytest.approx(ours.p_value, rel=1e-9)
    pd.testing.assert_frame_equal(frame, before)


def test_the_interval_has_the_confidence_asked_for(job_training):
    _, model, estimand = job_training
    theirs = through_dowhy(model, estimand, "regression", confidence=0.8)
    ours = lalonde_answer("regression", "everyone").estimate
    assert theirs.get_confidence_intervals() == pytest.approx(ours.interval(0.8), rel=1e-12)


@pytest.mark.parametrize("method", BY_NAME)
def test_a_boolean_treatment_and_a_binary_outcome_go_through_dowhy(method):
    frame = YES_OR_NO.draw(np.random.default_rng(1), 800)
    frame["t"] = frame["t"].astype(bool)
    theirs = through_dowhy(*modelled(frame, "t", "y", ("a", "b")), method)
    assert theirs.value == pytest.approx(ask(frame, "t", "y", ("a", "b"), method).estimate.effect, rel=1e-12)


@pytest.mark.parametrize("method", BY_NAME)
def test_named_treatment_levels_go_through_dowhy(method):
    frame = VARIED.draw(np.random.default_rng(2), 600)
    frame["t"] = np.where(frame["t"] == 1, "new", "old")
    theirs = through_dowhy(*modelled(frame, "t", "y", ("a", "b")), method, control="old", treated="new")
    spec = causal.AnalysisSpec(
        causal.Question("t", "y", control="old", treated="new"), adjust_for=("a", "b"), method=method
    )
    ours = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("weighting", {"normalised": False}),
        ("weighting", {"trim": 0.05}),
        ("doubly_robust", {"trim": 0.05}),
        ("matching", {"neighbours": 3}),
        ("stratification", {"strata": 4}),
        ("standardisation", {"pooled": True}),
        ("regression", {"std_error": "classical"}),
    ],
)
def test_options_and_terms_reach_the_method_through_method_params(job_training, method, options):
    _, model, estimand = job_training
    terms = causal.Terms(squares=("age",), interactions=(("educ", "married"),), treatment_by=("educ",))
    theirs = through_dowhy(model, estimand, method, options=options, terms=terms)
    ours = ask(lalonde(), "treat", "re78", LALONDE, method, options=options, terms=terms).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)
    assert theirs.get_standard_error() == pytest.approx(ours.std_error, rel=1e-12)


def test_types_and_clusters_reach_the_method_through_method_params():
    frame = VARIED.draw(np.random.default_rng(3), 600)
    frame["grade"], frame["user"] = np.arange(600) % 4, np.arange(600) // 3
    model, estimand = modelled(frame, "t", "y", ("a", "grade"))
    theirs = through_dowhy(model, estimand, "doubly_robust", types={"grade": "category"}, cluster="user")
    table = causal.UnitTable.from_frame(frame, {"grade": "category"})
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("a", "grade"), cluster="user")
    ours = causal.answer(table, spec).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)
    assert theirs.get_standard_error() == pytest.approx(ours.std_error, rel=1e-12)


def test_an_unknown_option_is_refused_through_dowhy_too(job_training):
    _, model, estimand = job_training
    with pytest.raises(OptionProblem, match='Weighting by propensity has no option "penalty"'):
        through_dowhy(model, estimand, "weighting", options={"penalty": 1})


@pytest.mark.parametrize("parameters", [{"option": {"trim": 0.1}}, {"init_params": {"options": {"trim": 0.1}}}])
def test_a_mistyped_parameter_does_not_pass_in_silence(job_training, parameters):
    _, model, estimand = job_training
    with pytest.raises(OptionProblem, match=f'has no parameter "{next(iter(parameters))}"'):
        through_dowhy(model, estimand, "weighting", **parameters)


@pytest.mark.parametrize("method", ["weighting", "doubly_robust"])
def test_dowhys_placebo_refuter_gives_about_zero_and_refits(monkeypatch, method):
    from causal.estimators import propensity

    fits = []
    original = propensity.fit_propensity
    monkeypatch.setattr(propensity, "fit_propensity", lambda sample: fits.append(len(sample)) or original(sample))
    frame, truth = VARIED.draw(np.random.default_rng(4), 2000), 1.0
    before = frame.copy(deep=True)
    model, estimand = modelled(frame, "t", "y", ("a", "b"))
    estimate = through_dowhy(model, estimand, method)
    assert estimate.value == pytest.approx(truth, abs=0.3)
    fitted_once = len(fits)
    refuted = model.refute_estimate(
        estimand,
        estimate,
        method_name="placebo_treatment_refuter",
        placebo_type="permute",
        num_simulations=20,
        show_progress_bar=False,
        random_state=np.random.RandomState(5),
    )
    assert len(fits) - fitted_once >= 20
    assert refuted.new_effect == pytest.approx(0, abs=0.1)
    assert refuted.refutation_result["p_value"] > 0.05
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("method", ["weighting", "doubly_robust"])
def test_dowhys_random_common_cause_moves_our_estimate(method):
    frame = VARIED.draw(np.random.default_rng(6), 800)
    model, estimand = modelled(frame, "t", "y", ("a", "b"))
    estimate = through_dowhy(model, estimand, method)
    refuted = model.refute_estimate(
        estimand,
        estimate,
        method_name="random_common_cause",
        num_simulations=5,
        show_progress_bar=False,
        random_state=np.random.RandomState(7),
    )
    assert refuted.new_effect != estimate.value
    assert refuted.new_effect == pytest.approx(estimate.value, abs=0.05)


def test_two_estimators_on_one_model_do_not_disturb_each_other(job_training):
    _, model, estimand = job_training
    first = through_dowhy(model, estimand, "weighting", "treated").value
    through_dowhy(model, estimand, "doubly_robust")
    through_dowhy(model, estimand, "weighting", "everyone")
    assert through_dowhy(model, estimand, "weighting", "treated").value == first
    assert round(first, 4) == 1214.0712


def test_a_column_called_propensity_score_is_a_covariate_like_any_other():
    frame = VARIED.draw(np.random.default_rng(8), 800)
    renamed = frame.rename(columns={"a": "propensity_score"})
    for method in BY_NAME:
        ours = ask(renamed, "t", "y", ("propensity_score", "b"), method).estimate.effect
        plain = ask(frame, "t", "y", ("a", "b"), method).estimate.effect
        theirs = through_dowhy(*modelled(renamed, "t", "y", ("propensity_score", "b")), method).value
        assert ours == pytest.approx(plain, rel=1e-10)
        assert theirs == pytest.approx(ours, rel=1e-10)


@pytest.mark.parametrize("given", [None, "t -> m -> y; t <-> y"])
def test_dowhys_front_door_gives_the_digits_of_our_formula(given):
    from dowhy import CausalModel

    rng = np.random.default_rng(3)
    hidden = rng.random(1_000)
    t = (rng.random(1_000) < 0.2 + 0.6 * hidden).astype(int)
    m = rng.integers(0, 2, 1_000) + t * rng.integers(0, 2, 1_000)
    frame = pd.DataFrame({"t": t, "m": np.minimum(m, 1), "y": m + hidden})
    edges = [("t", "m"), ("m", "y"), ("u", "t"), ("u", "y")]
    model = CausalModel(frame, treatment="t", outcome="y", graph=nx.DiGraph(edges))
    estimand = model.identify_effect(proceed_when_unidentifiable=True)
    theirs = model.estimate_effect(
        estimand,
        method_name="frontdoor.causal.estimators.dowhy_adapter.IdentifiedFormula",
        method_params={"graph": given} if given else None,
    )
    graph = causal.CausalGraph.parse("t -> m -> y; t <-> y")
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph=graph, method="identified_formula")
    ours = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)
    assert theirs.get_standard_error() == pytest.approx(ours.std_error, rel=1e-12)


def test_dowhys_adjustment_set_gives_the_digits_of_our_formula():
    frame = VARIED.draw(np.random.default_rng(4), 500)
    frame = frame.assign(b=frame["b"] > frame["b"].median())
    model, estimand = modelled(frame, "t", "y", ("b",))
    name = "backdoor.causal.estimators.dowhy_adapter.IdentifiedFormula"
    ours = ask(frame, "t", "y", ("b",), "identified_formula").estimate.effect
    for parameters in (None, {"graph": "b -> t; b -> y; t -> y"}):
        theirs = model.estimate_effect(estimand, method_name=name, method_params=parameters)
        assert theirs.value == pytest.approx(ours, rel=1e-12)
    with pytest.raises(NotIdentified, match="The graph gives no formula to put shares of units into"):
        model.estimate_effect(estimand, method_name=name, method_params={"graph": "b -> t -> y; t <-> y"})


@functools.cache
def stock(name, target="everyone", corrected=False):
    return lalonde_answer(f"dowhy:{name}", target, corrected=corrected)


def fault_of(analysis):
    """What the verdict on the method says is wrong with it."""
    return "".join(each.sentence for each in analysis.verdicts if each.check == "method")


def test_stock_weighting_as_shipped_is_marked_and_off():
    analysis = stock("backdoor.propensity_score_weighting")
    assert round(analysis.estimate.effect, 2) == 1061.15
    assert analysis.method.title.startswith("DoWhy (stock)")
    assert "clips propensities to 0.05" in fault_of(analysis)
    assert any("No interval" in note for note in analysis.notes)
    assert np.isnan(analysis.estimate.std_error)


@pytest.mark.parametrize(("target", "effect"), [("everyone", 224.6763), ("treated", 1214.0712)])
def test_stock_weighting_corrected_is_the_converged_answer(target, effect):
    analysis = stock("backdoor.propensity_score_weighting", target, corrected=True)
    assert round(analysis.estimate.effect, 4) == effect
    assert fault_of(analysis) == ""


def test_stock_regression_is_our_regression():
    ours = lalonde_answer("regression").estimate.effect
    assert stock("backdoor.linear_regression").estimate.effect == pytest.approx(ours, rel=1e-9)


def test_an_unknown_stock_method_names_some_that_exist():
    with pytest.raises(OptionProblem, match=r'DoWhy has no estimator "backdoor\.magic".*backdoor\.linear_regression'):
        stock("backdoor.magic")
    with pytest.raises(OptionProblem, match="it starts with backdoor"):
        stock("magic")


def test_stock_runs_on_hostile_names_and_leaves_the_frame_alone():
    frame = VARIED.draw(np.random.default_rng(9), 500)
    frame = frame.rename(columns={"a": 'quo"te; DROP TABLE', "b": "propensity_score"})
    before = frame.copy(deep=True)
    names = ('quo"te; DROP TABLE', "propensity_score")
    ours = ask(frame, "t", "y", names, "weighting").estimate.effect
    name = "dowhy:backdoor.propensity_score_weighting"
    theirs = ask(frame, "t", "y", names, name, options={"corrected": True})
    assert theirs.estimate.effect == pytest.approx(ours, rel=1e-6)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", [name for name in STOCK_NAMES if name.startswith("backdoor.") and not is_econml(name)])
@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_every_stock_method_gives_a_number_or_a_sentence(name, target):
    frame = VARIED.draw(np.random.default_rng(10), 300)
    before = frame.copy(deep=True)
    try:
        estimate = ask(frame, "t", "y", ("a", "b"), f"dowhy:{name}", target).estimate
        assert estimate.effect == pytest.approx(1, abs=1)
    except EstimationError as error:
        assert str(error).endswith("Choose one of our methods instead.")
    pd.testing.assert_frame_equal(frame, before)


def test_bootstrap_replicates_give_a_stock_method_an_error():
    frame = VARIED.draw(np.random.default_rng(11), 300)
    options = {"replicates": 20}
    first, second = (
        ask(frame, "t", "y", ("a", "b"), "dowhy:backdoor.linear_regression", options=options).estimate.std_error
        for _ in range(2)
    )
    ours = ask(frame, "t", "y", ("a", "b"), "regression").estimate.std_error
    assert first == second
    assert first == pytest.approx(ours, rel=0.5)
