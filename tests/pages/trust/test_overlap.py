"""The overlap page: trimming where a method trims, and what each bound would do."""

from __future__ import annotations

import time

import pytest

from causal.archive.study import Study
from pages.ui import answers
from tests.pages import walk


def with_method(name: str):
    app = walk.sample_study("classic")
    held = answers.store().load(walk.study_id(app))
    changed = held.study.to_json() | {"specs": [{"method": name, "options": None}]}
    answers.store().save(Study.from_json(changed), held.revision, "one method")
    walk.answered(app)
    return walk.turned(app, "overlap")


def test_every_bound_is_tried_once_and_kept_while_the_slider_moves() -> None:
    app = with_method("weighting")
    charts = len(app.get("plotly_chart"))
    button = next(each for each in app.button if each.label == "Try every bound")
    button.click().run()
    deadline = time.monotonic() + 60
    while len(app.get("plotly_chart")) == charts:
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    walk.calm(app)
    assert "With all" in walk.texts(app)
    walk.widget(app, "trim").set_value(0.1).run()
    assert "Without propensities beyond 0.1" in walk.texts(walk.calm(app))
    assert "Try every bound" not in [each.label for each in app.button]


@pytest.mark.parametrize("method", ["overlap_weighting", "covariate_balancing"])
def test_where_a_method_trims_nothing_no_slider_is_shown(method: str) -> None:
    app = with_method(method)
    assert "leaves out no units by their propensity" in walk.texts(app)
    assert not app.slider
