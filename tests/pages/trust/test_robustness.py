"""The page of refuters: asked with a button, told as they come, with the library's lights."""

from __future__ import annotations

import time

import causal
from causal.archive.study import Study
from pages.ui import answers, journey
from tests.pages import walk


def test_the_refuters_are_run_once_and_their_light_joins_the_others() -> None:
    app = walk.answered(walk.sample_study("classic"))
    app = walk.turned(app, "robustness")
    app.button("refute").click().run()
    deadline = time.monotonic() + 120
    while not app.get("plotly_chart"):
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.2)
        app.run()
    walk.calm(app)
    held: Study = answers.store().load(walk.study_id(app)).study
    analysis = journey.chosen_analysis(held)
    found = answers.refutations_told(answers.refutation_job(held, analysis.spec))
    assert walk.finding(app).startswith("The answer stood up to all")
    assert "refuters" in [each.check for each in answers.verdicts_of(held, analysis)]
    placebo = next(each for each in found if each.refuter == "placebo")
    again = causal.refute(answers.table_of(held), analysis.spec, ["placebo"], processes=1)[0]
    assert max(abs(placebo.effects - again.effects)) < 1e-9
