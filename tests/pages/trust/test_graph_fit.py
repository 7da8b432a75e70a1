"""The page that tests the graph on the data: asked once, kept, told, and tested again after each drawing."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from causal.archive.study import Study
from causal.checks.graph_fit import GraphFitOptions, graph_fit
from causal.graphs.causal_graph import CausalGraph
from causal.plots.graph_fit import rows
from pages.ui import answers
from tests.pages import walk


def graph_tested(app: AppTest) -> AppTest:
    """The tab once the test that runs or is offered has ended."""
    walk.turned(app, "graph_fit")
    offered = [each for each in app.button if each.key == "test"]
    if offered:
        offered[0].click().run()
    return walk.ended(app)


def drawn(app: AppTest, graph: CausalGraph) -> AppTest:
    """The tab after another one drew this graph."""
    held = answers.store().load(walk.study_id(app))
    document = held.study.to_json() | {"graph": graph.to_text("json")}
    answers.store().save(Study.from_json(document), held.revision, "drew")
    return walk.calm(app.run())


def test_before_it_is_asked_the_page_says_what_it_will_show() -> None:
    app = walk.turned(walk.sample_study("classic"), "graph_fit")
    assert "A graph promises" in app.info[0].value
    assert [each.label for each in app.button] == ["Test the graph on the data"]


def test_the_finding_the_table_and_the_verdict_are_those_of_graph_fit() -> None:
    app = graph_tested(walk.sample_study("shop"))
    study = answers.store().load(walk.study_id(app)).study
    fit = graph_fit(answers.table_of(study), CausalGraph.parse(study.graph or ""), GraphFitOptions())
    assert walk.finding(app).startswith("The data contradicts 3 of 17 promised independencies")
    shown = app.dataframe[0].value.to_dict("records")
    assert [(each["left"], each["right"], each["size"]) for each in shown] == [
        (each["left"], each["right"], each["size"]) for each in rows(fit)
    ]
    said = walk.plain(walk.texts(app))
    assert "Taken together, the test of the whole graph rejects it" in said
    assert "That is a weak recommendation" in said
    assert "ways to mend it" in said


def test_a_further_drawing_is_tested_by_itself_and_an_earlier_one_is_not_tested_again() -> None:
    app = graph_tested(walk.sample_study("shop"))
    before, held = walk.finding(app), answers.store().load(walk.study_id(app)).study
    graph = CausalGraph.parse(held.graph or "")
    drawn(app, graph.with_edge("category", "price"))
    assert walk.finding(graph_tested(app)).startswith("The data contradicts 2 of 16 promised independencies")
    count = len(answers.jobs_of(held))
    drawn(app, graph.with_position("price", 3.0, 4.0))
    assert walk.finding(app) == before
    assert len(answers.jobs_of(held)) == count


def test_a_broken_promise_is_mended_by_a_button_and_the_graph_is_tested_again() -> None:
    app = graph_tested(walk.sample_study("shop"))
    marks = json.loads(app.get("bidi_component")[0].proto.json)["marks"]["broken"]
    assert [each["left"] for each in marks] == ["category", "category", "minutes"]
    (mend,) = [each for each in app.button if each.key == "mend 0 category directed"]
    assert mend.label == "category → price"
    assert "The answer stays as it is." in walk.plain(walk.texts(app))
    mend.click().run()
    assert walk.finding(graph_tested(app)).startswith("The data contradicts 2 of 16 promised independencies")
    held = answers.store().load(walk.study_id(app)).study
    assert ("category", "price") in CausalGraph.parse(held.graph or "").directed


def test_what_the_data_says_of_the_graph_stands_among_the_checks_of_an_answer() -> None:
    app = walk.answered(graph_tested(walk.sample_study("shop")))
    assert "! tentative" in walk.texts(app)
    assert "The data contradicts 3 of 17 promised independencies" in walk.plain(walk.texts(app))


def test_the_full_list_is_shown_on_demand() -> None:
    app = graph_tested(walk.sample_study("classic"))
    walk.calm(walk.widget(app, "full").set_value(True).run())
    assert "every smallest set" in walk.texts(graph_tested(app))


def test_the_graph_page_draws_what_the_data_contradicts_until_it_is_switched_off() -> None:
    app = walk.turned(graph_tested(walk.sample_study("shop")), "graph")
    assert len(marks_on(app)) == 3
    walk.calm(walk.widget(app, "show broken").set_value(False).run())
    assert marks_on(app) == []


def marks_on(app: AppTest) -> list[object]:
    found: list[object] = json.loads(app.get("bidi_component")[0].proto.json)["marks"].get("broken", [])
    return found
