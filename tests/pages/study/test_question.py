"""What the question page asks beside treatment and outcome, and that a study keeps it."""

from __future__ import annotations

from causal.archive.contents import question_of, specs_of
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


def test_the_outcomes_unit_is_kept_and_told_and_changes_no_answer() -> None:
    app = walk.sample_study("classic")
    walk.answered(walk.turned(app, "graph"))
    before = specs_of(held(app))[0]
    outcome = before.question.outcome
    walk.turned(app, "question")
    walk.calm(walk.widget(app, f"unit of {outcome}").set_value("minutes *a*").run())
    assert question_of(held(app)).unit == "minutes *a*"
    assert specs_of(held(app))[0].fingerprint == before.fingerprint
    walk.turned(app, "effect")
    assert not any(each.key == "answer" and not each.disabled for each in app.button)
    assert "minutes *a*" in walk.finding(app)
    for page in ("what_if", "segments", "report"):
        assert "minutes *a*" in walk.texts(walk.turned(app, page)), page


def test_a_treatment_of_many_numbers_is_sent_to_the_dose_curve() -> None:
    rows = (f"{each / 2},{each * 7 % 97 / 3:.2f},{each * 31 % 101 / 4}" for each in range(120))
    content = "\n".join(["share,age,minutes", *rows])
    app = walk.turned(walk.turned(walk.upload(content.encode(), "doses.csv"), "columns"), "question")
    walk.choose(app, treatment="share", outcome="minutes")
    assert "turn to the page Dose curve" in app.warning[0].value
