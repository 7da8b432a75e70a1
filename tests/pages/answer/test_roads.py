"""The effect page where the answer comes through an instrument, a front door, or in two parts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from causal.graphs.causal_graph import CausalGraph
from tests.estimators.test_front_door import drawn as by_front_door
from tests.estimators.test_instrument import drawn as by_instrument
from tests.estimators.test_mediation import drawn as by_mediator
from tests.pages import walk
from tests.pages.answer.test_effect import changed


def answered(frame: pd.DataFrame, graph: str, *methods: str) -> AppTest:
    app = walk.upload(frame.to_csv(index=False).encode(), "log.csv")
    for page in ("columns", "question"):
        walk.turned(app, page)
    question = {"treatment": "t", "outcome": "y", "target": "everyone", "control": 0, "treated": 1}
    specs = [{"method": name, "options": None} for name in methods]
    changed(app, question=question, graph=CausalGraph.parse(graph).to_text("json"), specs=specs)
    return walk.answered(app)


def titles(app: AppTest) -> str:
    shown = [json.loads(spec)["layout"]["title"]["text"].replace("<br>", " ") for spec in walk.figures(app)]
    return "\n".join(shown)


def test_an_instrument_shows_its_first_stage_and_the_region() -> None:
    frame = by_instrument(np.random.default_rng(1), 600)
    app = answered(frame, "w -> z; w -> t; w -> y; z -> t -> y; t <-> y", "instrument")
    assert not walk.errors(app)
    said = walk.texts(app)
    assert "What the instrument says" in said and "First-stage F" in said
    assert "However weak or strong z may be, the effect lies in" in said
    assert "However weak or strong the instrument" in titles(app)
    assert "for everyone if it is the same for all" in walk.finding(app)


def test_a_weak_instrument_is_not_to_be_acted_on() -> None:
    frame = by_instrument(np.random.default_rng(4), 500, push=0.0)
    app = answered(frame, "w -> z; w -> t; w -> y; z -> t -> y; t <-> y", "instrument")
    assert "Not an effect to act on" in walk.finding(app)
    assert "too weak to rule out any effect" in titles(app)


def test_a_mediation_shows_both_parts_and_what_a_hidden_cause_would_do() -> None:
    frame = by_mediator(np.random.default_rng(2), 600)
    app = answered(frame, "x -> t; x -> m; x -> y; t -> m -> y; t -> y", "mediation")
    assert not walk.errors(app)
    said = walk.texts(app)
    assert "Through the mediators and around them" in said and "goes around it" in said
    assert "in y goes through m" in titles(app) and "would account for all that goes through it" in titles(app)


def test_a_front_door_answers_and_other_roads_say_why_they_do_not() -> None:
    app = answered(by_front_door(np.random.default_rng(3), 600), "t -> m -> y; t <-> y", "front_door", "instrument")
    assert "The graph has no instrument" in walk.errors(app)
    assert "seems to raise y" in walk.finding(app)


def test_every_page_takes_an_answer_of_each_road() -> None:
    roads = (
        (by_instrument(np.random.default_rng(5), 400), "w -> z; w -> t; w -> y; z -> t -> y; t <-> y", "instrument"),
        (
            by_instrument(np.random.default_rng(5), 400),
            "w -> z; w -> t; w -> y; z -> t -> y; t <-> y",
            "complier_effect",
        ),
        (by_mediator(np.random.default_rng(6), 400), "x -> t; x -> m; x -> y; t -> m -> y; t -> y", "mediation"),
        (by_front_door(np.random.default_rng(7), 400), "t -> m -> y; t <-> y", "front_door"),
    )
    for frame, graph, method in roads:
        app = answered(frame, graph, method)
        for page in ("balance", "overlap", "what_if", "report", "effect"):
            walk.turned(app, page)
