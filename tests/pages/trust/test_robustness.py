"""The trust ledger's one button runs what was not run; the page of refuters then shows the library's lights."""

from __future__ import annotations

import re

import causal
from causal.archive.study import Study
from pages.ui import answers, journey
from tests.pages import walk


def test_what_was_not_run_is_run_by_one_button_and_the_headline_follows() -> None:
    app = walk.answered(walk.sample_study("classic"))
    assert "seems to raise" in walk.finding(app)
    app = walk.turned(app, "ledger")
    assert walk.finding(app).startswith("Tentative. Not yet checked: refuters")
    app.button("check missing").click().run()
    walk.ended(app)
    assert re.match(r"Causal. All \d checks that apply hold\.", walk.finding(app))
    assert " raises engagement by" in walk.finding(walk.turned(app, "effect"))
    app = walk.turned(app, "robustness")
    held: Study = answers.store().load(walk.study_id(app)).study
    analysis = journey.chosen_analysis(held)
    found = answers.refutations_told(answers.refutation_job(held, analysis.spec))
    assert walk.finding(app).startswith("The answer stood up to all")
    (light,) = [each for each in journey.chosen_analysis(held).ledger.verdicts if each.check == "refuters"]
    assert light.light == "passed" and light.sentence == walk.finding(app)
    placebo = next(each for each in found if each.refuter == "placebo")
    again = causal.refute(answers.table_of(held), analysis.spec, ["placebo"], processes=1)[0]
    assert max(abs(placebo.effects - again.effects)) < 1e-9
