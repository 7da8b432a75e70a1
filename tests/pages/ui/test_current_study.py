"""The study in the address: restored after a refresh, refused with a sentence, never overwritten by another tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import answers
from tests.pages import walk

UNKNOWN = "01M80H09K61GB663WGBHMNTWSN"
THEIRS, MINE = "Show what the other tab saved", "Keep mine as a copy"


def labelled(app: AppTest, label: str) -> AppTest:
    """The app after a click on the button with this label."""
    return walk.calm(next(each for each in app.button if each.label == label).click().run())


@pytest.mark.parametrize(
    "address", [UNKNOWN, "", "x" * 5000, "../../etc/passwd", "<script>alert(1)</script>", "' or 1=1 --", "\u0000", "💥"]
)
def test_an_address_that_names_no_study_opens_a_fresh_start(address: str) -> None:
    app = walk.calm(walk.opened(address, "effect"))
    assert "There is no log yet." in app.info[0].value
    assert "study" not in app.query_params
    assert "passwd" not in walk.texts(app) and "<script>" not in walk.texts(app)


def test_an_address_that_names_no_study_says_so() -> None:
    app = walk.opened(UNKNOWN)
    assert "This study is not here" in walk.plain(app.warning[0].value)


def test_a_deleted_study_opens_a_fresh_start() -> None:
    study_id = walk.study_id(walk.sample_study("classic"))
    answers.store().delete(study_id)
    app = walk.calm(walk.opened(study_id))
    assert "deleted" in walk.plain(app.warning[0].value)
    assert "study" not in app.query_params


@pytest.mark.parametrize("page", walk.PAGES)
def test_a_refresh_shows_the_same_page_as_before(page: str, answered_sample: Callable[[str], str]) -> None:
    study_id = answered_sample("classic")
    walk.ended(walk.opened(study_id, page))  # what a page begins by itself has to be done before two are compared
    before, after = walk.opened(study_id, page), walk.opened(study_id, page)
    shown = [
        [(kind, field, text) for kind, field, text in walk.fields(app) if field == "body"] for app in (before, after)
    ]
    assert shown[0] == shown[1]
    assert walk.study_id(after) == study_id


def test_a_choice_survives_a_refresh() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    walk.calm(walk.widget(app, "target").set_value("treated").run())
    walk.calm(walk.widget(app, "confidence").set_value(0.9).run())
    again = walk.opened(walk.study_id(app), "question")
    assert walk.widget(again, "target").value == "treated"
    assert walk.widget(again, "confidence").value == 0.9


def two_tabs() -> tuple[AppTest, AppTest]:
    """Two tabs on one study; the first has changed the question, and the second has tried to."""
    first = walk.turned(walk.sample_study("classic"), "question")
    second = walk.opened(walk.study_id(first), "question")
    walk.calm(walk.widget(first, "target").set_value("treated").run())
    walk.calm(walk.widget(second, "confidence").set_value(0.8).run())
    return first, second


def test_the_second_tab_to_save_is_asked_what_to_keep() -> None:
    first, second = two_tabs()
    assert "Another tab saved this study" in walk.errors(second)
    assert {THEIRS, MINE} <= {each.label for each in second.button}
    held = answers.store().load(walk.study_id(first)).study
    assert held.question["target"] == "treated"
    assert "confidence" not in held.view["settings"]


def test_the_other_tabs_version_can_be_taken() -> None:
    first, second = two_tabs()
    labelled(second, THEIRS)
    assert not second.warning
    assert walk.widget(second, "target").value == "treated"
    assert walk.widget(second, "confidence").value == 0.95
    assert walk.study_id(second) == walk.study_id(first)


def test_ones_own_version_can_be_kept_as_a_copy() -> None:
    first, second = two_tabs()
    original = walk.study_id(first)
    labelled(second, MINE)
    assert not second.warning
    copy = answers.store().load(walk.study_id(second)).study
    assert copy.id != original
    assert copy.question["target"] == "everyone"
    assert copy.view["settings"]["confidence"] == 0.8
    assert answers.store().load(original).study.question["target"] == "treated"


def test_edits_made_while_a_conflict_waits_are_kept_with_the_first() -> None:
    _, second = two_tabs()
    walk.calm(walk.widget(second, "target").set_value("untreated").run())
    labelled(second, MINE)
    copy = answers.store().load(walk.study_id(second)).study
    assert copy.view["settings"]["confidence"] == 0.8
    assert copy.question["target"] == "untreated"


def test_an_edit_of_a_study_deleted_in_another_tab_can_be_kept_as_a_copy() -> None:
    app = walk.turned(walk.sample_study("classic"), "question")
    gone = walk.study_id(app)
    answers.store().delete(gone)
    walk.calm(walk.widget(app, "confidence").set_value(0.8).run())
    assert "deleted" in walk.errors(app)
    labelled(app, MINE)
    assert answers.store().load(walk.study_id(app)).study.view["settings"]["confidence"] == 0.8
    assert walk.study_id(app) != gone


def test_a_change_in_another_tab_is_shown_at_the_next_step_and_said() -> None:
    first = walk.turned(walk.sample_study("classic"), "question")
    second = walk.opened(walk.study_id(first), "question")
    walk.calm(walk.widget(first, "target").set_value("treated").run())
    walk.calm(second.run())
    assert walk.widget(second, "target").value == "treated"
    assert "Another tab changed this study" in second.toast[0].value


def test_a_click_that_arrives_before_the_screen_was_renewed_is_taken() -> None:
    app = walk.turned(walk.sample_study("classic"), "graph")
    app.session_state["epoch"] = app.session_state["epoch"] + 1
    walk.widget(app, "graph text").set_value("algorithm -> engagement\nmood -> engagement\n")
    walk.calm(next(each for each in app.button if each.label == "Use this text").click().run())
    assert "mood" in walk.widget(app, "graph text").value
