"""The page of all causes: asked in the background, ranked, with the reasons of those left out."""

from __future__ import annotations

import pytest

import causal
from causal.archive.contents import graph_of
from pages.ui import answers
from tests.pages import walk


def test_every_cause_is_asked_about_with_the_librarys_digits() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.turned(app, "graph")
    walk.turned(app, "impact")
    app.button("rank causes").click().run()
    walk.ended(app)
    held = answers.store().load(walk.study_id(app)).study
    found = causal.feature_impact(answers.table_of(held), graph_of(held).without_positions(), "engagement")
    assert walk.finding(app)
    shown = app.dataframe[0].value
    assert shown["effect"].tolist() == pytest.approx([each.effect for each in found.impacts], rel=1e-9)
    assert len(app.get("plotly_chart")) == 1
