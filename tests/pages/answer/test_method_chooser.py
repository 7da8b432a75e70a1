"""Choosing methods: what is recommended and why, and what cannot serve is said before the click."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from causal.graphs.causal_graph import CausalGraph
from pages.ui import answers
from tests.estimators.test_instrument import drawn as by_instrument
from tests.pages import walk
from tests.pages.answer.test_effect import changed

BY_INSTRUMENT = "w -> z; w -> t; w -> y; z -> t -> y; t <-> y"


def asked(app: AppTest) -> list[str]:
    study = answers.store().load(walk.study_id(app)).study
    return [each["method"] for each in answers.methods_asked(study)]


def on_the_effect_page(several_values: bool) -> AppTest:
    frame = by_instrument(np.random.default_rng(1), 400)
    if several_values:
        frame["z"] = np.arange(len(frame)) % 5
    else:
        frame["z"] = (frame["z"] > frame["z"].median()).astype(int)
    app = walk.upload(frame.to_csv(index=False).encode(), "log.csv")
    for page in ("columns", "question"):
        walk.turned(app, page)
    question = {"treatment": "t", "outcome": "y", "target": "everyone", "control": 0, "treated": 1}
    changed(app, question=question, graph=CausalGraph.parse(BY_INSTRUMENT).to_text("json"))
    return walk.turned(app, "effect")


def test_the_recommended_methods_come_with_their_reasons() -> None:
    app = walk.turned(walk.sample_study("classic"), "effect")
    assert asked(app) == ["regression", "weighting", "doubly_robust"]
    assert "Recommended: it is right if either model is." in walk.widget(app, "method doubly_robust").help
    assert "slow" in walk.widget(app, "method causal_forest").label
    assert not [each for each in app.button if each.key == "recommended"]


def test_a_family_that_cannot_serve_says_why_and_offers_nothing() -> None:
    app = walk.turned(walk.sample_study("classic"), "effect")
    assert not [each for each in app.checkbox if each.key.startswith("method instrument ")]
    assert "The graph has no instrument" in walk.plain(walk.texts(app))


def test_a_method_that_does_not_answer_for_the_population_cannot_be_chosen() -> None:
    app = walk.turned(walk.sample_study("jobs"), "effect")
    box = walk.widget(app, "method overlap_weighting")
    assert box.disabled and "It answers for everyone" in box.help


def test_ticking_keeps_the_order_and_the_options_and_the_recommended_come_back() -> None:
    app = walk.sample_study("classic")
    changed(app, specs=[{"method": "matching", "options": {"neighbours": 3}}])
    walk.turned(app, "effect")
    walk.calm(walk.widget(app, "method regression").check().run())
    held = answers.store().load(walk.study_id(app)).study
    assert [dict(each) for each in held.specs] == [
        {"method": "regression", "options": None},
        {"method": "matching", "options": {"neighbours": 3}},
    ]
    walk.calm(app.button("recommended").click().run())
    assert asked(app) == ["regression", "weighting", "doubly_robust"]
    assert walk.widget(app, "method weighting").value and not walk.widget(app, "method matching").value


def test_compliers_are_asked_about_only_where_the_instrument_has_two_values() -> None:
    assert asked(on_the_effect_page(several_values=False)) == ["instrument", "complier_effect"]
    app = on_the_effect_page(several_values=True)
    assert asked(app) == ["instrument"]
    assert "instrument of two values" in walk.widget(app, "method complier_effect").help
    assert not walk.errors(walk.answered(app))


def test_no_sample_shows_a_warning_on_its_way_to_an_answer(answered_sample) -> None:
    for name in ("classic", "shop", "jobs", "news"):
        app = walk.opened(answered_sample(name), "effect")
        assert not walk.errors(app), name
