"""Methods that are asked together draw their units once and fit alike once; the digits are those of each alone."""

from __future__ import annotations

import numpy as np

import causal
from causal.estimators import nuisance
from causal.estimators.design import draw_sample, shared_samples
from tests.estimators.designs import VARIED

ASKED = ("weighting", "doubly_robust", "tmle", "weighted_regression", "standardisation")


def spec_of(method):
    return causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("a", "b"), method=method)


def test_the_propensity_and_the_outcome_models_are_fitted_once(monkeypatch):
    table = causal.UnitTable.from_frame(VARIED.draw(np.random.default_rng(1), 400))
    alone = [causal.answer(table, spec_of(method)).estimate for method in ASKED]
    calls = []
    for name in ("_propensity", "fit_outcome"):
        whole = getattr(nuisance, name)
        monkeypatch.setattr(
            nuisance, name, lambda *given, name=name, whole=whole: (calls.append(name), whole(*given))[1]
        )
    with shared_samples():
        together = [causal.answer(table, spec_of(method)).estimate for method in ASKED]
    assert together == alone
    assert sorted(calls) == ["_propensity", "fit_outcome", "fit_outcome"]


def test_another_question_or_table_has_a_sample_of_its_own():
    frame = VARIED.draw(np.random.default_rng(1), 400)
    first, second = causal.UnitTable.from_frame(frame), causal.UnitTable.from_frame(frame)
    question = causal.Question("t", "y")
    with shared_samples():
        drawn = draw_sample(first, question, ("a", "b"))
        assert draw_sample(first, question, ["a", "b"]) is drawn
        assert draw_sample(second, question, ("a", "b")) is not drawn
        assert draw_sample(first, causal.Question("t", "y", target="treated"), ("a", "b")) is not drawn
        assert draw_sample(first, question, ("a", "b")) is not drawn
    assert draw_sample(first, question, ("a", "b")) is not draw_sample(first, question, ("a", "b"))
