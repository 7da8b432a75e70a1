"""The accuracy page: published figures without a study, recomputed in the background, kept, and stopped."""

from __future__ import annotations

import time

import pytest

from causal.accuracy.recompute import recompute, unanswered
from causal.accuracy.references import REFERENCES
from causal.wording.accuracy import accuracy_headline
from tests.pages import walk


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing was recomputed yet."""
    packages = {"packages": {"of this test": str(time.monotonic_ns())}}
    monkeypatch.setattr("pages.ui.answers.accuracy._tables_installed", lambda: packages)


def test_the_published_figures_are_listed_without_a_study_and_before_recomputing(fresh) -> None:
    app = walk.opened(page="accuracy")
    assert walk.finding(app) == accuracy_headline(unanswered())
    assert [each.label for each in app.button] == ["Recompute"]
    assert not app.get("plotly_chart")
    listed = [row for each in app.dataframe for row in each.value["reference"]]
    assert len(listed) == sum(len(each.figures) for each in REFERENCES)


def test_recomputing_goes_on_behind_the_page_and_is_kept(fresh) -> None:
    app = walk.opened(page="accuracy")
    walk.calm(app.button("recompute").click().run())
    walk.ended(app)
    wanted = recompute()
    assert walk.finding(app) == accuracy_headline(wanted)
    assert app.get("plotly_chart")[0].proto.alt
    again = walk.opened(page="accuracy")
    assert walk.finding(again) == accuracy_headline(wanted)
    assert again.button("recompute").label == "Recompute again"
    shown = again.dataframe[0].value
    assert shown["units apart"].tolist() == pytest.approx([each.units for each in wanted.comparisons], abs=1e-4)


def test_recomputing_can_be_stopped(fresh) -> None:
    app = walk.opened(page="accuracy")
    app.button("recompute").click().run()
    if any(each.key == "stop job" for each in app.button):
        app.button("stop job").click().run()
        walk.ended(app)
        assert "Stopped." in walk.errors(app)
        assert app.button("recompute").label == "Recompute"
