"""The text beside the canvas: it says what the study holds, and what it says the study takes, without losing a word."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import graph_of
from causal.archive.study import Study
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.writing import FORMATS
from pages.ui import answers
from tests.pages import walk


@pytest.fixture
def app() -> AppTest:
    return walk.turned(walk.turned(walk.sample_study("classic"), "question"), "graph")


def held(app: AppTest) -> CausalGraph:
    found = graph_of(answers.store().load(walk.study_id(app)).study)
    assert found is not None
    return found


def text(app: AppTest) -> str:
    found: str = walk.widget(app, "graph text").value
    return found


def write(app: AppTest, words: str) -> AppTest:
    return walk.calm(walk.widget(app, "graph text").set_value(words).run())


def written_as(app: AppTest, format: str) -> AppTest:
    return walk.calm(walk.widget(app, "graph format").set_value(format).run())


def redrawn(app: AppTest, graph: CausalGraph) -> AppTest:
    saved = answers.store().load(walk.study_id(app))
    study = Study.from_json(saved.study.to_json() | {"graph": graph.to_text("json")})
    answers.store().save(study, saved.revision, "drawn")
    return walk.calm(app.run())


def canvas(app: AppTest) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = json.loads(app.get("bidi_component")[0].proto.json)["doc"]
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_the_text_says_what_the_study_holds_in_every_format(app: AppTest, format: str) -> None:
    assert text(written_as(app, format)) == held(app).to_text(format)


def test_an_edit_of_the_text_reaches_study_and_canvas(app: AppTest) -> None:
    write(app, text(app) + "\nmood -> engagement")
    assert ("mood", "engagement") in held(app).directed
    assert ["mood", "engagement"] in canvas(app)["directed"]
    assert held(app).role("algorithm") == "treatment" and held(app).role("age") == "confounder"


def test_an_edit_of_the_drawing_reaches_the_text(app: AppTest) -> None:
    redrawn(app, held(app).with_edge("age", "gender"))
    assert "age -> gender" in text(app)


def test_a_persons_own_words_stay_while_they_say_what_is_drawn(app: AppTest) -> None:
    mine = "# my notes\nalgorithm -> engagement\nage -> algorithm\nage -> engagement\n"
    assert text(write(app, mine)) == mine
    redrawn(app, held(app).with_position("age", 5.0, 5.0))
    assert text(app) == mine
    redrawn(app, held(app).with_edge("age", "gender") if "gender" in held(app).nodes else held(app).with_node("mood"))
    assert text(app) == held(app).to_text("edges")


def test_a_text_that_cannot_be_read_stays_with_line_and_column_and_the_canvas_keeps_its_graph(app: AppTest) -> None:
    before = held(app)
    broken = "age -> algorithm\nage -> -> engagement"
    write(app, broken)
    assert text(app) == broken and held(app) == before
    assert "Line 2, column" in walk.errors(app)
    shown = app.code[0].value.splitlines()
    assert "age -> -> engagement" in shown[0] and shown[1].strip() == "^"
    redrawn(app, before.with_edge("age", "gender"))
    assert text(app) == broken
    app.button("drop graph draft").click().run()
    assert "age -> gender" in text(app) and "Line 2" not in walk.errors(app)


def test_a_circle_is_refused_by_name(app: AppTest) -> None:
    write(app, "age -> algorithm\nalgorithm -> age")
    assert "age → algorithm → age" in walk.errors(app)


def test_a_pasted_text_in_another_format_is_taken_and_its_format_shown(app: AppTest) -> None:
    pasted = (
        'dag { age [latent, pos="0,0"] algorithm [pos="1,1"] engagement [pos="2,0"] age -> algorithm -> engagement }'
    )
    write(app, pasted)
    assert held(app).latent == {"age"}
    assert walk.widget(app, "graph format").value == "dagitty"
    places = {name: (x, y) for name, x, y in held(app).positions}
    assert places["engagement"][0] - places["age"][0] > 100


def test_what_a_format_loses_is_said_and_the_file_can_be_taken(app: AppTest) -> None:
    captions = "\n".join(each.value for each in app.caption)
    assert "cannot say which variables are unobserved" in captions
    written_as(app, "json")
    assert "says everything that the canvas shows" in "\n".join(each.value for each in app.caption)
    assert any(each.proto.label == "Download" for each in app.get("download_button"))


def test_a_file_in_any_format_becomes_the_graph_and_a_broken_one_is_shown_with_its_fault(app: AppTest) -> None:
    graph = CausalGraph.from_edges([("age", "algorithm"), ("algorithm", "engagement")], latent=["age"])
    for format in ("gml", "lavaan"):
        upload = walk.widget(app, "graph file")
        walk.calm(upload.set_value((f"graph.{format}", graph.to_text(format).encode(), "text/plain")).run())
        assert held(app).latent == {"age"} and held(app).directed == graph.directed
    walk.calm(walk.widget(app, "graph file").set_value(("broken.dot", b"digraph { a -> }", "text/plain")).run())
    assert "Line 1, column" in walk.errors(app) and text(app) == "digraph { a -> }"
    assert held(app).directed == graph.directed
    walk.calm(walk.widget(app, "graph file").set_value(("big.dot", b"x" * 900_000, "text/plain")).run())
    assert "too large to be a graph" in walk.errors(app)


def test_a_text_that_cannot_be_read_yet_survives_a_refresh(app: AppTest) -> None:
    written_as(app, "dagitty")
    write(app, "dag { age -> ")
    again = walk.opened(walk.study_id(app), "graph")
    assert text(again) == "dag { age -> "
    assert "Line 1, column" in walk.errors(again)
    assert walk.widget(again, "graph format").value == "dagitty"
    write(again, "dag { age -> engagement }")
    assert "Line 1" not in walk.errors(walk.opened(walk.study_id(app), "graph"))
