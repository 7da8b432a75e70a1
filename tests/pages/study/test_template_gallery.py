"""The templates: ten pictures with story and advice, and the chosen one on the columns of the log."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import graph_of
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.templates import TEMPLATES
from pages.ui import answers
from tests.pages import walk


@pytest.fixture
def app() -> AppTest:
    app = walk.turned(walk.sample_study("classic"), "graph")
    return walk.calm(app.button("templates").click().run())


def held(app: AppTest) -> CausalGraph:
    found = graph_of(answers.store().load(walk.study_id(app)).study)
    assert found is not None
    return found


def pictures(app: AppTest) -> list[str]:
    return [each.proto.body for each in app.get("html") if 'class="graph-picture"' in each.proto.body]


def test_every_template_is_shown_with_its_picture_story_and_advice(app: AppTest) -> None:
    assert len(pictures(app)) == len(TEMPLATES) >= 10
    said = walk.plain(walk.texts(app))
    for template in TEMPLATES:
        assert any(f'alt="{template.title}. Variables' in each for each in pictures(app))
        assert template.story in said and template.advice in said
    walk.calm(app.button("templates").click().run())
    assert not pictures(app)


def test_a_template_is_drawn_on_the_columns_chosen_and_can_be_taken_back(app: AppTest) -> None:
    before = held(app)
    walk.calm(app.button("template price_and_promotion").click().run())
    assert len(pictures(app)) == 1
    walk.calm(walk.widget(app, "price_and_promotion price").set_value("age").run())
    walk.calm(walk.widget(app, "price_and_promotion season").set_value("age").run())
    assert "One column stands for two variables" in walk.errors(app)
    assert app.button("draw template").disabled
    walk.calm(walk.widget(app, "price_and_promotion season").set_value("gender").run())
    walk.calm(app.button("draw template").click().run())
    drawn = held(app)
    assert ("gender", "age") in drawn.directed and ("algorithm", "engagement") in drawn.directed
    assert drawn.latent == {"revenue"} and not pictures(app)
    back = next(each for each in app.button if each.label == "Back to the drawing before")
    walk.calm(back.click().run())
    assert held(app) == before


def test_starting_again_from_the_columns_can_be_taken_back(app: AppTest) -> None:
    before = held(app)
    again = next(each for each in app.button if each.label == "Start again from the columns")
    walk.calm(again.click().run())
    assert "Sketched the graph from the columns." in walk.plain(walk.texts(app))
    back = next(each for each in app.button if each.label == "Back to the drawing before")
    walk.calm(back.click().run())
    assert held(app) == before
