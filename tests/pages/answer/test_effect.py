"""The effect page: what is asked is answered, what cannot be is said, and the sentences follow the sign."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.study import Study
from causal.estimators.registry import method_named
from causal.graphs.causal_graph import CausalGraph
from causal.logs.samples import sample_named
from pages.ui import answers
from tests.pages import walk


def changed(app: AppTest, **fields: object) -> AppTest:
    """The tab after another one saved these fields."""
    held = answers.store().load(walk.study_id(app))
    answers.store().save(Study.from_json(held.study.to_json() | fields), held.revision, "changed")
    return walk.calm(app.run())


def asking(app: AppTest, *methods: str) -> AppTest:
    return changed(app, specs=[{"method": name, "options": None} for name in methods])


def classic(sign: int = 1) -> bytes:
    with gzip.open(sample_named("classic").folder / "log.csv.gz") as file:
        frame = pd.read_csv(file)
    return frame.assign(engagement=sign * frame["engagement"]).to_csv(index=False).encode()


def uploaded_and_answered(sign: int) -> AppTest:
    app = walk.upload(classic(sign), "classic.csv")
    for page in ("columns", "question"):
        walk.turned(app, page)
    asked = {"treatment": "algorithm", "outcome": "engagement", "control": "old", "treated": "new"}
    for name, value in asked.items():
        if walk.widget(app, name).value != value:
            walk.calm(walk.widget(app, name).set_value(value).run())
    walk.turned(app, "graph")
    return walk.answered(app)


def figure_titles(app: AppTest) -> list[str]:
    return [json.loads(spec)["layout"]["title"]["text"] for spec in walk.figures(app)]


def test_a_flipped_outcome_flips_the_headline_and_the_title_of_the_figure() -> None:
    up, down = uploaded_and_answered(1), uploaded_and_answered(-1)
    assert "seems to raise engagement by 5.17" in walk.finding(up)
    assert "seems to lower engagement by 5.17" in walk.finding(down)
    assert [-each for each in walk.digits(up)[:1]] == pytest.approx(walk.digits(down)[:1], rel=1e-9)
    assert figure_titles(up)[0] != figure_titles(down)[0]
    for page in ("what_if", "balance"):
        assert walk.finding(walk.turned(up, page)) != "" and figure_titles(up)
    assert figure_titles(walk.turned(up, "what_if")) != figure_titles(walk.turned(down, "what_if"))


def test_a_stock_method_answers_and_is_marked_as_stock() -> None:
    app = asking(walk.sample_study("classic"), "regression", "dowhy:backdoor.linear_regression")
    walk.answered(app)
    assert not walk.errors(app)
    shown = walk.widget(app, "chosen of")
    walk.calm(shown.set_value("dowhy:backdoor.linear_regression").run())
    assert "(stock)" in walk.texts(app)
    assert walk.digits(app)[0] == pytest.approx(5.1676, abs=0.2)


def test_every_method_of_ours_answers_the_classic_sample_alike_or_says_why_not() -> None:
    app = walk.turned(walk.sample_study("classic"), "effect")
    ours = [name for name in walk.methods() if name != "difference_in_means"]
    asking(app, *ours)
    walk.answered(app)
    held = answers.store().load(walk.study_id(app)).study
    found = {each.spec.method: each.estimate.effect for each in walk.analyses(held)}
    assert {"regression", "standardisation", "weighting", "matching", "doubly_robust"} <= set(found)
    assert all(4.5 < effect < 5.8 for effect in found.values()), found
    assert walk.widget(app, "chosen of").value == "doubly_robust"
    said = walk.errors(app)
    assert all(method_named(name).title in said for name in set(ours) - set(found)), said


def test_an_effect_that_the_graph_does_not_identify_is_refused_but_the_difference_is_shown() -> None:
    app = walk.sample_study("classic")
    graph = CausalGraph.from_edges([("algorithm", "engagement")], bidirected=[("algorithm", "engagement")])
    changed(app, graph=graph.to_text("json"))
    asking(app, "difference_in_means", "weighting")
    walk.turned(app, "graph")
    assert "Not identified." in walk.errors(app)
    walk.answered(app)
    said = walk.errors(app)
    assert "Not identified." in said
    assert "Weighting by propensity:" in said
    assert walk.digits(app)[0] == pytest.approx(2.29, abs=0.01)
    assert "✕ do not use" in walk.texts(app)


def test_the_truth_of_a_sample_is_there_when_asked_for(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "effect")
    assert "The true effect is" in walk.texts(app)
    assert "The true effect is" not in walk.texts(uploaded_and_answered(1))


def test_a_job_of_another_tab_is_followed_after_a_refresh() -> None:
    app = asking(walk.sample_study("classic"), "matching", "stratification")
    walk.turned(app, "question")
    walk.calm(walk.widget(app, "confidence").set_value(0.99).run())
    walk.turned(app, "effect").button("answer").click().run()
    again = walk.answered(walk.opened(walk.study_id(app), "effect"))
    assert "99 %" in walk.finding(again)
