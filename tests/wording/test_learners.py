"""Which model predicted best: the sentence names the lowest error, the rows keep every model with its share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.analysis import analysis_from_json, analysis_to_json
from causal.wording.learners import learner_rows, learners_sentence


@pytest.fixture(scope="module")
def analysis() -> causal.Analysis:
    rng = np.random.default_rng(5)
    x = rng.normal(size=600)
    t = rng.random(600) < 1 / (1 + np.exp(-x))
    frame = pd.DataFrame({"x": x, "t": np.where(t, "new", "old"), "y": 2 * x + t + rng.normal(size=600)})
    question = causal.Question("t", "y", control="old", treated="new")
    graph = causal.CausalGraph.parse("x -> t; x -> y; t -> y")
    spec = causal.AnalysisSpec(question=question, graph=graph, method="double_ml", options={"learner": "lasso"})
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


def test_the_losses_survive_the_journey_through_json(analysis: causal.Analysis) -> None:
    again = analysis_from_json(analysis_to_json(analysis))
    assert again.losses == analysis.losses != ()


def test_each_part_has_its_best_model_named(analysis: causal.Analysis) -> None:
    said = learners_sentence(analysis)
    assert "who has new" in said.lower() and "y with old" in said and "y with new" in said


def test_the_shares_of_each_part_add_up_to_all(analysis: causal.Analysis) -> None:
    for part in {each.nuisance for each in analysis.losses}:
        assert sum(each.share for each in analysis.losses if each.nuisance == part) == pytest.approx(1)
    assert len(learner_rows(analysis)) == len(analysis.losses)


def test_the_typical_error_is_that_of_the_noise(analysis: causal.Analysis) -> None:
    errors = [float(row["typical error"]) for row in learner_rows(analysis) if row["predicts"].startswith("y")]
    assert all(0.8 < each < 1.3 for each in errors)
