"""What the question page asks beside treatment and outcome, and that a study keeps it."""

from __future__ import annotations

from causal.archive.contents import specs_of
from causal.study import Bootstrap
from pages.ui import answers
from tests.pages import walk


def held(app):
    return answers.store().load(walk.study_id(app)).study


def test_the_bayesian_bootstrap_is_a_choice_with_clusters_and_without() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(walk.widget(app, "bootstrap").set_value("bayesian 400").run())
    assert specs_of(held(app))[0].bootstrap == Bootstrap("bayesian", 400)
    assert walk.widget(app, "bootstrap").value == "bayesian 400"
    walk.calm(walk.widget(app, "bootstrap").set_value(200).run())
    assert specs_of(held(app))[0].bootstrap == Bootstrap("plain", 200)
