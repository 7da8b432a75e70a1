"""The question page's limits of extreme outcomes: chosen, given by hand, refused, and said on the effect page."""

from __future__ import annotations

from causal.archive.contents import outcome_rule_of, specs_of
from causal.study import OutcomeRule
from pages.ui import answers
from tests.pages import walk


def held(app):
    return answers.store().load(walk.study_id(app)).study


def test_limits_are_chosen_given_by_hand_and_taken_off() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(walk.widget(app, "outcome limits").set_value("top 5").run())
    walk.turned(app, "graph")
    assert specs_of(held(app))[0].outcome_rule == OutcomeRule("quantiles", None, 0.95)
    walk.answered(app)
    assert "is held to the limit" in walk.texts(app) or "are held to the limit" in walk.texts(app)
    walk.turned(app, "question")
    walk.calm(walk.widget(app, "outcome limits").set_value("values").run())
    walk.calm(walk.widget(app, "highest").set_value(60.0).run())
    assert outcome_rule_of(held(app)).high == 60.0
    walk.calm(walk.widget(app, "highest").set_value(5.0).run())
    assert "must be below its high limit" in walk.texts(app)
    assert outcome_rule_of(held(app)).high == 60.0
    walk.calm(walk.widget(app, "outcome limits").set_value("none").run())
    assert specs_of(held(app))[0].outcome_rule is None
