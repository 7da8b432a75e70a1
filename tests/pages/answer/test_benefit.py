"""The page of who benefits: works it out once behind the page, then shows the library's digits."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest

import causal
from causal.archive.contents import base_spec
from causal.wording import benefit as wording
from causal.wording import escape
from pages.ui import answers
from tests.pages import walk


@pytest.fixture(scope="module")
def told():
    app = walk.turned(walk.sample_study("classic"), "benefit")
    walk.calm(walk.widget(app, "benefit learner").set_value("linear").run())
    assert app.button("learn effects").label == "Learn who benefits"
    return walk.ended(walk.calm(app.button("learn effects").click().run()))


def job_of(held):
    spec = base_spec(held, "doubly_robust")
    spec = replace(spec, question=replace(spec.question, target="everyone"))
    return answers.work_about(held, "unit effects", {"spec": spec.to_json(), "learner": "linear", "forest": False})


def test_it_shows_the_librarys_curves_rules_and_profile(told) -> None:
    held = answers.store().load(walk.study_id(told)).study
    job = job_of(held)
    found = answers.unit_effects_told(job)
    differences = causal.effect_differences(found, answers.table_of(held))
    assert walk.finding(told) == wording.benefit_finding(found, causal.priority_curve(found), differences)
    assert len(told.get("plotly_chart")) >= 4
    assert len(told.dataframe) == len(told.get("plotly_chart")) + 3
    table = pd.read_csv(io.BytesIO(answers.unit_effects_file(held, job, "csv")))
    assert len(table) == len(found)
    assert table["drivers"].str.contains(" is ").any()
    line = causal.effect_projection(found, answers.table_of(held), found.adjust_for)
    assert escape.markdown(wording.projection_sentence(line, differences)) in walk.texts(told)
    assert table["effect"].to_numpy() == pytest.approx(found.effect, nan_ok=True)


def test_deeper_rules_ask_nothing_anew(told) -> None:
    before = walk.figures(told)
    walk.calm(walk.widget(told, "benefit depth").set_value(1).run())
    assert walk.figures(told) != before
    assert not any(each.key in ("learn effects", "stop job") for each in told.button)
