"""The fit of models in pictures and sentences: calibration, residuals, who is beaten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import causal
from causal.effects.model_fit import model_fit
from causal.errors import OptionProblem
from causal.plots.model_fit import reliability, reliability_rows, residual_rows, residuals
from causal.wording import model_fit as wording
from tests.effects.test_model_fit import simulated


@pytest.fixture(scope="module")
def answered():
    spec = causal.AnalysisSpec(question=causal.Question("t", "y"), adjust_for=("x", "z"), method="doubly_robust")
    table = causal.UnitTable.from_frame(simulated(1_500))
    return causal.answer(table, spec), model_fit(table, spec)


@pytest.fixture(scope="module")
def curved():
    spec = causal.AnalysisSpec(question=causal.Question("t", "y"), adjust_for=("x", "z"), method="regression")
    table = causal.UnitTable.from_frame(simulated(1_500, curved=True))
    return causal.answer(table, spec), model_fit(table, spec)


@pytest.mark.parametrize("narrow", [False, True])
def test_chances_lie_on_the_line_with_their_intervals(answered, narrow):
    analysis, found = answered
    shown = reliability(analysis, found.of("treatment"), dark=narrow, narrow=narrow)
    assert [trace.name for trace in shown.data] == ["chances come true", "units not seen, with 95 % intervals"]
    assert shown.layout.title.text.replace("<br>", " ").startswith("<b>The chances of t at 1 come true")
    assert len(reliability_rows(found.of("treatment"))) == 10


def test_an_outcome_that_is_a_quantity_has_no_reliability(answered):
    with pytest.raises(OptionProblem, match="predicts no chance"):
        reliability(answered[0], answered[1].of("outcome under control"))


@pytest.mark.parametrize("nuisance", ["treatment", "outcome under control", "outcome under treated"])
def test_residuals_of_right_models_have_no_pattern(answered, nuisance):
    analysis, found = answered
    shown = residuals(analysis, found.of(nuisance), narrow=True)
    assert "has no clear pattern" in shown.layout.title.text.replace("<br>", " ")
    assert len(residual_rows(found.of(nuisance))) == 20


def test_a_model_that_misses_a_bend_is_told_with_the_way_out(curved):
    analysis, found = curved
    assert wording.fit_finding(analysis, found).startswith(
        "On units that they have not seen boosted trees predict y clearly better ("
    )
    assert "doubly robust and the learner" in wording.fit_advice(analysis, found)
    verdict = wording.model_fit_verdict(analysis, found)
    assert (verdict.check, verdict.light) == ("model fit", "attention")
    assert ", clearly less (" in wording.model_sentence(analysis, found.models[0])


def test_models_that_hold_up_are_told_as_such(answered):
    analysis, found = answered
    told = wording.fit_finding(analysis, found)
    assert (
        told
        == "On units that they have not seen the models predict as well as boosted trees do, and chances come true."
    )
    assert wording.fit_advice(analysis, found) == ""
    assert wording.model_fit_verdict(analysis, found).light == "passed"
    assert "of the variance" in wording.model_sentence(analysis, found.models[1])
    assert [row["model"] for row in wording.model_rows(analysis, found)] == ["logistic", "linear", "linear"]


def test_chances_that_do_not_come_true_are_told_with_their_slope(answered):
    analysis, found = answered
    treatment = found.of("treatment")
    off = replace(treatment, calibration=replace(treatment.calibration, slope=0.5, slope_error=0.05, p_value=1e-9))
    assert off.miscalibrated
    told = wording.calibration_finding(analysis, off)
    assert told.startswith("The chances of t at 1 do not come true: they are too extreme (slope 0.500 [0.402, 0.598]")
    flat = replace(treatment, calibration=replace(treatment.calibration, slope=np.nan, p_value=np.nan))
    assert wording.calibration_finding(analysis, flat).startswith("Every unit has the same")
    assert wording.calibration_sentence(flat.calibration).startswith("There is nothing to calibrate")


def test_worse_than_the_mean_is_said(answered):
    analysis, found = answered
    poor = replace(found.models[1], loss=found.models[1].baseline * 1.2)
    assert "does worse than the mean" in wording.model_sentence(analysis, poor)
