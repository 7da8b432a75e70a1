"""Every page, before there is a study and with one that is answered: it shows what it is for, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from causal.logs.samples import SAMPLES, open_sample
from causal.logs.units import build_units
from pages.ui import answers
from tests.pages import walk

NEEDS_A_LOG = [name for name in walk.PAGES if name not in ("studies", "log", "accuracy")]
NEEDS_AN_ANSWER = [
    "segments",
    "ledger",
    "balance",
    "overlap",
    "model_fit",
    "robustness",
    "sensitivity",
    "specifications",
    "report",
]
ASKED_FOR = [
    "text",
    "log_report",
    "suggest",
    "versions",
    "graph_fit",
    "arms",
    "dose",
    "impact",
    "benefit",
    "policy",
    "model_fit",
    "structure",
    "robustness",
    "sensitivity",
    "specifications",
]
"""Pages whose finding is worked out in the background."""


def test_a_page_without_a_study_offers_a_first_step() -> None:
    app = walk.opened()
    for page in walk.PAGES:
        walk.turned(app, page)
        offered = [each.label for each in app.button]
        assert offered
        if page in NEEDS_A_LOG:
            assert "There is no log yet." in app.info[0].value
            assert offered == ["Open a log"]


def test_a_page_without_an_answer_says_what_it_will_show() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(walk.widget(app, "confidence").set_value(0.8).run())
    for page in NEEDS_AN_ANSWER:
        walk.turned(app, page)
        assert "question first" in app.info[0].value
        assert [each.label for each in app.button] == ["Get the effect"]


@pytest.mark.parametrize("sample", [each.name for each in SAMPLES])
def test_every_page_of_an_answered_sample_comes_to_life(sample: str, answered_sample: Callable[[str], str]) -> None:
    app = walk.opened(answered_sample(sample))
    for page in walk.PAGES:
        walk.turned(app, page)
        if page not in ("studies", "question", "graph", *ASKED_FOR):
            assert walk.finding(app), page
        if page in ("log", "effect", "what_if", "balance", "overlap"):
            assert app.get("plotly_chart"), page


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_the_digits_on_screen_are_those_of_answer(sample, answered_sample: Callable[[str], str]) -> None:
    import causal
    from causal.archive.contents import specs_of

    study = answers.store().load(answered_sample(sample.name)).study
    spec = specs_of(study)[-1]
    estimate = causal.answer(build_units(open_sample(sample.name), sample.recipe), spec).estimate
    shown = walk.digits(walk.opened(study.id, "effect"))
    wanted = [estimate.effect, *estimate.interval(spec.confidence), estimate.std_error]
    assert shown == pytest.approx(wanted, rel=1e-11)  # a worker sums in as many threads as it has, so to rounding


def test_a_figure_comes_with_words_and_with_its_table(answered_sample: Callable[[str], str]) -> None:
    app = walk.opened(answered_sample("classic"))
    for page in ("effect", "what_if", "balance", "overlap"):
        walk.turned(app, page)
        figures = app.get("plotly_chart")
        assert all(each.proto.alt for each in figures)
        assert (
            len(app.dataframe) == len(figures) == sum(each.label == "Download as CSV" for each in app.download_button)
        )


def test_a_study_can_be_opened_from_the_list_and_deleted(answered_sample: Callable[[str], str]) -> None:
    kept = walk.study_id(walk.sample_study("classic"))
    app = walk.calm(walk.opened().button(f"open {kept}").click().run())
    assert walk.study_id(app) == kept
    walk.turned(app, "studies").button(f"really delete {kept}").click().run()
    walk.calm(app)
    assert "study" not in app.query_params
    assert all(each.key != f"open {kept}" for each in app.button)
