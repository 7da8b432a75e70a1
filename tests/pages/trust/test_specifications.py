"""The page of the specification curve: what is varied is chosen, answers come as they are, and stopped work goes on."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

import causal
from causal.archive.study import Study
from pages.ui import answers, journey
from tests.pages import walk


def curve_on(app: AppTest):
    held: Study = answers.store().load(walk.study_id(app)).study
    analysis = journey.chosen_analysis(held)
    return held, analysis, answers.specifications_told(held, analysis)[1]


def test_a_chosen_curve_is_answered_kept_and_its_light_joins_the_others() -> None:
    app = walk.turned(walk.answered(walk.sample_study("classic")), "specifications")
    assert "What is varied: 42 specifications" in walk.texts(app)
    for name, chosen in (("targets", ["everyone"]), ("limits", False), ("methods", ["regression", "doubly_robust"])):
        walk.calm(walk.widget(app, name).set_value(chosen).run())
    walk.calm(walk.widget(app, "trims").set_value([0.0]).run())
    walk.calm(walk.widget(app, "group").set_value("gender").run())
    assert "What is varied: 6 specifications" in walk.texts(app)
    app = walk.ended(app.button("try specifications").click().run())
    held, analysis, curve = curve_on(app)
    assert walk.finding(app).startswith("6 of 6 sound specifications (100 %) say that algorithm raises engagement")
    assert len(app.get("plotly_chart")) == 1 and len(app.dataframe[0].value) == 6
    for each in curve.answers[:4]:
        told = causal.answer(answers.table_of(held), curve.specifications[each.place].spec).estimate
        assert (each.effect, each.std_error) == (told.effect, told.std_error)
    (light,) = [each for each in analysis.ledger.verdicts if each.check == "specification curve"]
    assert (light.light, light.sentence) == ("passed", walk.finding(app))


def test_other_choices_are_another_curve_and_the_own_specification_stays_in() -> None:
    app = walk.turned(walk.answered(walk.sample_study("classic")), "specifications")
    walk.calm(walk.widget(app, "methods").set_value(["weighting"]).run())
    _, analysis, curve = curve_on(app)
    choices = answers.specification_choices(curve_on(app)[0], analysis)
    assert curve is None and choices.methods == (analysis.spec.method, "weighting")
    assert answers.specifications_job(curve_on(app)[0], analysis) is None
