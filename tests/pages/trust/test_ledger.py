"""The trust ledger's page: every light with its reason, and an analyst's overruling, which goes with the headline."""

from __future__ import annotations

import ast
from collections.abc import Callable

from causal.archive.study import Study
from pages.ui import answers
from tests.pages import walk

REASON = 'Drawn by lot in week 3.\nSo say the "release notes" \\ #1'
KEPT = 'Drawn by lot in week 3. So say the "release notes" \\ #1'


def test_every_light_has_its_reason_and_a_way_to_its_page(answered_sample: Callable[[str], str]) -> None:
    app = walk.opened(answered_sample("classic"), "ledger")
    shown = walk.plain(walk.texts(app))
    for title in ("Identification", "Balance", "Overlap", "Refuters", "Hidden causes", "Graph and data"):
        assert f"**{title}**, " in shown
    assert "Nobody has tried to refute this answer yet." in shown
    assert "! tentative" in shown and "✓ causal" not in shown
    assert walk.finding(app).startswith("Tentative. Not yet checked: refuters")
    assert list(app.dataframe[0].value["light"])[:3] == ["holds", "holds", "holds"]


def test_a_written_reason_overrules_on_every_page_in_the_report_and_in_the_script() -> None:
    app = walk.turned(walk.answered(walk.sample_study("classic")), "ledger")
    walk.widget(app, "own standing").set_value("causal")
    walk.calm(walk.widget(app, "reason").set_value("no").run())
    walk.calm(app.button("overrule").click().run())
    assert "a reason of 10 to 500 characters" in app.toast[0].value
    walk.widget(app, "reason").set_value(REASON)
    walk.calm(app.button("overrule").click().run())
    assert walk.finding(app).startswith("Causal, by the analyst's judgement. The analyst overrules the checks")
    for page in ("effect", "what_if", "balance", "segments", "report"):
        shown = walk.texts(walk.turned(app, page))
        assert "✓ causal, overruled" in shown, page
        assert "The analyst overrules the checks, which said “tentative”" in shown, page
    assert " raises engagement by" in walk.finding(app) and walk.finding(app).endswith(f"{KEPT}.")
    script = app.code[0].value
    ast.parse(script)
    assert (
        f"# Causal, by the analyst's judgement. The analyst overrules the checks, which said “tentative”: {KEPT}."
        in script
    )
    app = walk.turned(app, "ledger")
    walk.calm(app.button("take back").click().run())
    assert walk.finding(app).startswith("Tentative. Not yet checked")
    notes = [each.note for each in answers.store().revisions(walk.study_id(app))]
    assert "Overruled the checks: causal" in notes and "Took the overruling of the checks back" in notes


def test_an_overruling_is_of_one_answer_and_another_option_asks_the_checks_again() -> None:
    app = walk.turned(walk.answered(walk.sample_study("classic")), "ledger")
    walk.widget(app, "own standing").set_value("do not use")
    walk.widget(app, "reason").set_value("The log lost a day of clicks.")
    walk.calm(app.button("overrule").click().run())
    assert "✕ do not use, overruled" in walk.texts(app)
    app = walk.turned(app, "effect")
    assert "the analyst sets it aside" in walk.finding(app)
    app = walk.turned(app, "question")
    walk.calm(walk.widget(app, "confidence").set_value(0.9).run())
    app = walk.turned(walk.answered(app), "effect")
    assert "overruled" not in walk.texts(app) and "seems to raise" in walk.finding(app)


def test_answers_that_the_ledger_is_not_of_say_so(answered_sample: Callable[[str], str]) -> None:
    app = walk.opened(answered_sample("classic"), "impact")
    shown = walk.texts(app)
    assert "not of what stands here. There it says “tentative”." in shown
    assert "? unchecked" in walk.texts(walk.turned(app, "policy"))
    assert "? unchecked" not in walk.texts(walk.turned(app, "effect"))


def test_a_method_with_a_known_fault_and_a_treatment_taken_as_random_are_lights_that_can_be_overruled() -> None:
    app = walk.sample_study("classic")
    held = answers.store().load(walk.study_id(app))
    stock = {"method": "dowhy:backdoor.propensity_score_weighting", "options": None}
    plain = {"method": "difference_in_means", "options": None}
    changed = held.study.to_json() | {"specs": [stock, plain]}
    answers.store().save(Study.from_json(changed), held.revision, "other methods")
    app = walk.answered(app)
    for method, title in (
        ("dowhy:backdoor.propensity_score_weighting", "The method itself"),
        (plain["method"], "Identification"),
    ):
        held = answers.store().load(walk.study_id(app))
        view = {**held.study.view, "chosen": method}
        answers.store().save(Study.from_json(held.study.to_json() | {"view": view}), held.revision, "chosen")
        app = walk.turned(app, "ledger")
        assert f"**{title}**, " in walk.plain(walk.texts(app))
        walk.widget(app, "own standing").set_value("causal")
        walk.widget(app, "reason").set_value("Treatment was drawn by lot, as the release notes say.")
        walk.calm(app.button("overrule").click().run())
        assert walk.finding(app).startswith("Causal, by the analyst's judgement.")
