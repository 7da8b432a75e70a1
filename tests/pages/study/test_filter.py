"""The question page's filter: a condition is added, changed and taken off, and the study's sentence says it."""

from __future__ import annotations

from causal.archive.contents import specs_of, where_of
from causal.study import Condition
from pages.ui import answers
from tests.pages import walk


def held(app):
    return answers.store().load(walk.study_id(app)).study


def test_a_condition_is_added_changed_and_taken_off() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(app.button("add condition").click().run())
    assert where_of(held(app))[0].column == "age"
    walk.calm(walk.widget(app, "condition 0 value").set_value(40.0).run())
    assert specs_of(held(app))[0].where == (Condition("age", "is at least", 40.0),)
    assert "for everyone where age is at least 40?" in walk.texts(app)
    assert "of 5,000 satisfy the filter" in walk.texts(app)
    walk.calm(walk.widget(app, "condition 0 comparison").set_value("is one of").run())
    assert where_of(held(app)) == (Condition("age", "is one of", (40.0,)),)
    remove = next(each for each in app.button if each.key and each.key.startswith("remove condition 0"))
    walk.calm(remove.click().run())
    assert where_of(held(app)) == ()
    assert "for everyone?" in walk.texts(app)


def test_an_answer_within_a_filter_says_whom_it_is_for() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(app.button("add condition").click().run())
    walk.turned(app, "graph")
    walk.answered(app)
    assert "for everyone where age is at least" in walk.finding(app)
    assert "are outside the filter" in walk.texts(app)
    for page in ("what_if", "balance", "overlap", "report"):
        walk.turned(app, page)
