"""The segments page: effects in groups from stored scores, or the way to a method that keeps them."""

from __future__ import annotations

import pytest

import causal
from causal.archive.study import Study
from pages.ui import answers
from tests.pages import walk


def test_the_digits_are_those_of_the_library(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "segments")
    held = answers.store().load(walk.study_id(app)).study
    analysis = next(each for each in walk.analyses(held) if each.spec.method == "doubly_robust")
    found = causal.group_effects(analysis, walk.widget(app, "segments by").value, 4)
    assert app.dataframe[0].value["effect"].tolist() == pytest.approx([each.effect for each in found.groups])
    walk.calm(walk.widget(app, "segments bins").set_value(6).run())
    assert len(app.dataframe[0].value) == 6
    assert app.get("plotly_chart")


def test_methods_without_scores_offer_doubly_robust() -> None:
    app = walk.sample_study("classic")
    held = answers.store().load(walk.study_id(app))
    specs = [{"method": "weighting", "options": None}]
    answers.store().save(Study.from_json(held.study.to_json() | {"specs": specs}), held.revision, "changed")
    walk.answered(walk.calm(app.run()))
    walk.turned(app, "segments")
    assert "None of the methods answered keeps scores" in app.warning[0].value
    assert app.button[0].label == "Add doubly robust"


def test_a_yes_or_no_outcome_is_told_as_risks(answered_sample) -> None:
    app = walk.opened(answered_sample("shop"), "effect")
    held = answers.store().load(walk.study_id(app)).study
    assert any(each.outcome_is_binary for each in walk.analyses(held))
    table = next(each.value for each in app.dataframe if "measure" in each.value)
    assert [each.split(" (")[0] for each in table["measure"]] == [
        "Risk difference",
        "Risk ratio",
        "Odds ratio",
        "Number needed to treat for one more",
    ]
