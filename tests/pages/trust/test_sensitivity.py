"""The page of hidden causes: it works by itself in the background, with the library's digits and chosen benchmarks."""

from __future__ import annotations

import time

import pytest

import causal
from causal.archive.study import Study
from pages.ui import answers, journey
from tests.pages import walk


def weighed_page(study_id: str):
    app = walk.opened(study_id, "sensitivity")
    deadline = time.monotonic() + 240
    while not app.get("plotly_chart"):
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


def test_it_starts_by_itself_and_shows_the_librarys_digits(answered_sample) -> None:
    app = weighed_page(answered_sample("classic"))
    held: Study = answers.store().load(walk.study_id(app)).study
    analysis = journey.chosen_analysis(held)
    found = causal.sensitivity(answers.table_of(held), analysis.spec)
    names = found.by_strength()[:2]
    left = [each.adjusted_effect for each in found.bounds_of(names)]
    assert app.dataframe[0].value["effect left"].tolist() == pytest.approx(left, rel=1e-8)
    assert "A hidden cause would have to explain" in walk.finding(app)
    (light,) = [each for each in journey.chosen_analysis(held).ledger.verdicts if each.check == "hidden cause"]
    assert light.light == "passed" and light.sentence == walk.finding(app)


def test_other_benchmarks_are_drawn_at_once() -> None:
    app = walk.sample_study("classic")
    walk.answered(app)
    app = weighed_page(walk.study_id(app))
    box = walk.widget(app, "benchmarks")
    app = walk.calm(box.set_value([box.options[-1]]).run())
    assert {each.split("× ")[1] for each in app.dataframe[0].value["hidden cause"]} == {box.options[-1]}
