"""Two versions of the graph side by side: what differs, what each answers, and the way back."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

import causal
from causal.archive.contents import graph_of, specs_of
from causal.archive.study import Study
from causal.graphs.causal_graph import CausalGraph
from pages.ui import answers
from tests.pages import walk


def drawn(app: AppTest, graph: CausalGraph) -> AppTest:
    """The tab after another one drew this graph."""
    held = answers.store().load(walk.study_id(app))
    document = held.study.to_json() | {"graph": graph.to_text("json")}
    answers.store().save(Study.from_json(document), held.revision, "Drew on the graph")
    return walk.calm(app.run())


def study_of(app: AppTest) -> Study:
    return answers.store().load(walk.study_id(app)).study


def answered_both(app: AppTest) -> AppTest:
    walk.calm(app.button("answer both").click().run())
    return walk.ended(app)


@pytest.fixture
def app() -> AppTest:
    """The classic sample after age was taken off as a cause of the outcome."""
    app = walk.turned(walk.sample_study("classic"), "versions")
    graph = graph_of(study_of(app))
    return drawn(app, graph.without_edge("age", "engagement"))


def test_one_version_alone_teaches() -> None:
    app = walk.turned(walk.sample_study("classic"), "versions")
    assert "two versions of the graph side by side" in app.info[0].value
    assert {each.key for each in app.button} >= {"keep version", "next graph"}


def test_what_differs_is_said_and_drawn(app: AppTest) -> None:
    assert walk.finding(app) == "The graph before and the graph now differ in 1 edge."
    assert "Only in the graph before: age → engagement." in walk.plain(walk.texts(app))
    assert sum('class="graph-picture"' in each.proto.body for each in app.get("html")) == 2


def test_the_answers_of_both_graphs_are_those_of_answer(app: AppTest) -> None:
    answered_both(app)
    study = study_of(app)
    table = answers.table_of(study)
    before = graph_of(study).with_edge("age", "engagement")
    wanted = [
        causal.answer(table, next(each for each in specs_of(study, graph) if each.method == "doubly_robust")).estimate
        for graph in (before, graph_of(study))
    ]
    shown = app.dataframe[0].value.to_dict("records")
    assert [each["effect"] for each in shown] == pytest.approx([each.effect for each in wanted], rel=1e-11)
    assert [each["std_error"] for each in shown] == pytest.approx([each.std_error for each in wanted], rel=1e-11)
    assert "the graph before alone adjusts for age." in walk.plain(walk.texts(app))
    assert [each.key for each in app.button if each.key == "answer both"] == []


def test_a_graph_that_identifies_nothing_has_its_reason_beside_the_other_answer(app: AppTest) -> None:
    graph = graph_of(study_of(app))
    confounded = graph.with_edge("age", "engagement").with_edge("algorithm", "engagement", "bidirected")
    drawn(app, confounded)  # without the arrow from age, age would be an instrument
    answered_both(app)
    assert "Only the graph before gives an answer" in walk.texts(app)
    assert "The graph now:" in walk.errors(app)


def test_work_that_ends_while_the_page_is_drawn_is_not_offered_anew(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = answers.known

    def ends_meanwhile(study: Study, spec: causal.AnalysisSpec) -> causal.Analysis | None:
        """For the graph before: looked at just before the work has ended, which it has once the page goes on."""
        before = spec.fingerprint not in {each.fingerprint for each in answers.specs_asked(study)}
        if not before or not any(each.active for each in answers.jobs_of(study)):
            return known(study, spec)
        while any(each.active for each in answers.jobs_of(study)):
            time.sleep(0.05)
        return None

    monkeypatch.setattr(answers, "known", ends_meanwhile)
    walk.calm(walk.widget(app, "versions by").set_value("regression").run())  # what no test here has answered yet
    walk.calm(app.button("answer both").click().run())
    assert [each.key for each in app.button if each.key == "answer both"] == []
    assert len(app.dataframe) == 1


def test_an_earlier_version_is_taken_as_a_further_change(app: AppTest) -> None:
    revision = answers.store().load(walk.study_id(app)).revision
    (taken,) = [each for each in app.button if each.label == "Use this version"]
    walk.calm(taken.click().run())
    held = answers.store().load(walk.study_id(app))
    assert held.revision == revision + 1
    assert ("age", "engagement") in graph_of(held.study).directed
    assert len(answers.graph_versions(held.study)) == 3


def test_a_version_keeps_its_name_when_the_graph_goes_on(app: AppTest) -> None:
    walk.calm(walk.widget(app, "version name").set_value("no age").run())
    walk.calm(app.button("keep version").click().run())
    drawn(app, graph_of(study_of(app)).with_edge("age", "engagement"))
    walk.calm(walk.widget(app, "first version").set_value("kept no age").run())
    assert "“no age” and the graph now differ in 1 edge." in walk.finding(app)
    (dropped,) = [each for each in app.button if each.label == "Drop the name"]
    walk.calm(dropped.click().run())
    assert "no age" not in walk.texts(app)


def test_a_name_that_is_taken_is_refused_with_a_sentence(app: AppTest) -> None:
    for _ in range(2):
        walk.calm(walk.widget(app, "version name").set_value("a").run())
        walk.calm(app.button("keep version").click().run())
    assert 'There is a version "a" already' in walk.errors(app)
