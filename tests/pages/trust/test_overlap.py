"""The overlap page: trimming where a method trims, and what each bound would do."""

from __future__ import annotations

import time

import pytest

from causal.archive.study import Study
from pages.ui import answers
from tests.pages import walk


def until(app, shown):
    """The tab once it shows a text."""
    deadline = time.monotonic() + 240
    while shown not in walk.texts(app):
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


def with_method(name: str):
    app = walk.sample_study("classic")
    held = answers.store().load(walk.study_id(app))
    changed = held.study.to_json() | {"specs": [{"method": name, "options": None}]}
    answers.store().save(Study.from_json(changed), held.revision, "one method")
    walk.answered(app)
    return walk.turned(app, "overlap")


def test_every_bound_is_tried_once_and_kept_while_the_slider_moves() -> None:
    app = with_method("weighting")
    charts = len(app.get("plotly_chart"))
    button = next(each for each in app.button if each.label == "Try every bound")
    button.click().run()
    deadline = time.monotonic() + 240
    while len(app.get("plotly_chart")) == charts:
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    walk.calm(app)
    assert "With all" in walk.texts(app)
    walk.widget(app, "trim").set_value(0.1).run()
    assert "Without propensities beyond 0.1" in walk.texts(walk.calm(app))
    assert "Try every bound" not in [each.label for each in app.button]


@pytest.mark.parametrize("method", ["overlap_weighting", "covariate_balancing"])
def test_where_a_method_trims_nothing_no_slider_is_shown(method: str) -> None:
    app = with_method(method)
    assert "leaves out no units by their propensity" in walk.texts(app)
    assert not app.slider


def test_it_is_said_who_has_nobody_to_be_compared_with() -> None:
    app = until(with_method("weighting"), "No group that can be told by its covariates")
    assert "Who has nobody to be compared with" in walk.texts(app)


def test_the_usual_rules_stand_side_by_side_and_one_can_be_taken() -> None:
    app = with_method("doubly_robust")
    next(each for each in app.button if each.label == "Try every bound").click().run()
    app = until(app, "The usual rules")
    assert "Stürmer, 5 % of each arm" in walk.texts(app)
    next(each for each in app.button if each.label == "Take: Beyond 0.1 left out").click().run()
    assert "answer again" in walk.errors(walk.calm(app))
    held = answers.store().load(walk.study_id(app)).study
    assert held.specs[0]["options"]["trim"] == 0.1
    for taken, low in (("Stürmer, 5 % of each arm", 0.0), ("Range that both arms share", 0.0)):
        next(each for each in app.button if each.label == f"Take: {taken}").click().run()
        walk.calm(app)
        options = answers.store().load(walk.study_id(app)).study.specs[0]["options"]
        assert low < options["trim"] < options["trim_above"] < 1
        assert "stay. Move it to undo." in walk.texts(app)
    next(each for each in app.button if each.label == "Answer again").click().run()
    app = until(app, "Is it enough?")
    walk.widget(app, "trim").set_value(0.05).run()
    assert answers.store().load(walk.study_id(app)).study.specs[0]["options"]["trim_above"] is None


def test_the_analyst_says_whether_it_is_enough_and_it_stands_in_ledger_and_report() -> None:
    app = walk.turned(with_method("weighting"), "ledger")
    assert "Nobody has said yet whether that is enough" in walk.plain(walk.texts(app))
    app = walk.turned(app, "overlap")
    keep = next(each for each in app.button if each.label == "Keep this answer")
    walk.widget(app, "overlap enough").set_value("No, it is not")
    walk.widget(app, "overlap reason").set_value("short")
    keep.click().run()
    assert "this one has 5" in walk.texts(walk.calm(app))
    walk.widget(app, "overlap enough").set_value("No, it is not")
    walk.widget(app, "overlap reason").set_value("The new page is for those under 20, of whom none had the old one.")
    next(each for each in app.button if each.label == "Keep this answer").click().run()
    assert "of whom none had the old one" in walk.errors(walk.calm(app)) + walk.texts(app)
    for page in ("ledger", "report"):
        shown = walk.plain(walk.texts(walk.turned(app, page)))
        assert "The analyst judges that not enough: The new page is for those under 20" in shown
    assert "do not use" in walk.texts(app)
    app = walk.turned(app, "overlap")
    next(each for each in app.button if each.label == "Take it back").click().run()
    assert "Keep this answer" in [each.label for each in walk.calm(app).button]


def test_where_the_covariates_decide_the_arm_it_is_said_for_whom() -> None:
    lines = ["user_id,platform,age,new_page,engagement"]
    for place in range(600):
        platform = ("web", "app", "tv")[place % 3]
        page = 1 if platform == "web" else place % 2
        lines.append(f"u{place},{platform},{20 + place % 37},{page},{20 + place % 11 + page + place / 1000}")
    app = walk.upload("\n".join(lines).encode())
    walk.turned(walk.turned(app, "question"), "graph")
    app = walk.answered(app)
    app = until(walk.turned(app, "overlap"), "Who has nobody to be compared with")
    shown = walk.plain(walk.texts(until(app, "platform web")))
    assert "Of 200 units with platform web, none are with new_page at 0" in shown
    assert "no propensity can be fitted" in shown
