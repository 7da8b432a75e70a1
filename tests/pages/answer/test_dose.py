"""The dose page: the curve of a quantity with the library's digits, and the way on where the treatment is none."""

from __future__ import annotations

import pytest

import causal
from causal.archive.study import Study
from pages.ui import answers
from tests.effects.test_dose import draw
from tests.pages import walk


def test_two_levels_have_no_curve(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "dose")
    assert "has no curve" in app.info[0].value
    assert [each.label for each in app.button] == ["See the effect"]


def test_a_quantity_has_a_curve_with_the_librarys_digits() -> None:
    app = walk.upload(draw(1, 600).to_csv(index=False).encode(), "doses.csv")
    walk.turned(walk.turned(app, "columns"), "question")
    walk.choose(app, treatment="dose", outcome="y")
    walk.turned(app, "graph")
    walk.turned(app, "dose")
    app.button("draw the curve").click().run()
    walk.ended(app)
    held: Study = answers.store().load(walk.study_id(app)).study
    spec = causal.AnalysisSpec(causal.Question("dose", "y"), adjust_for=("x", "z"))
    found = causal.dose_response(answers.table_of(held), spec)
    assert app.dataframe[0].value["mean"].tolist() == pytest.approx(list(found.means), rel=1e-8)
    assert "dose from" in walk.finding(app)
