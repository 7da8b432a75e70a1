"""The balance page: everything measured on request, in the background, and kept whichever method is chosen."""

from __future__ import annotations

import time

from tests.effects.four_arms import draw
from tests.pages import walk


def measured(app, label="Measure it in full"):
    next(each for each in app.button if each.label == label).click().run()
    deadline = time.monotonic() + 240
    while any(each.key == "stop job" for each in app.button) or any(each.label == label for each in app.button):
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


def test_everything_is_measured_when_asked_for(answered_sample) -> None:
    app = measured(walk.opened(answered_sample("classic"), "balance"))
    shown = walk.texts(app)
    assert "prognostic score" in shown
    assert "In full" in shown
    assert len(walk.figures(app)) == 3
    walk.widget(app, "balance measure").set_value("largest_gap").run()
    assert "Kolmogorov-Smirnov" in walk.texts(walk.calm(app))
    walk.widget(app, "balance drawn").set_value("shares below").run()
    walk.calm(app)


def test_squares_and_groups_are_asked_for_anew() -> None:
    app = walk.turned(walk.answered(walk.sample_study("classic")), "balance")
    walk.widget(app, "balance squares").set_value(True).run()
    walk.widget(app, "balance by").set_value("gender").run()
    app = measured(app)
    assert "Within groups of gender" in walk.texts(app)
    assert "age\\u00b2" in "".join(walk.figures(app))


def test_a_treatment_of_two_levels_has_no_section_for_all_arms(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "balance")
    assert "Measure all arms" not in [each.label for each in app.button]


def test_four_arms_are_shown_by_their_worst_pair() -> None:
    app = walk.upload(draw(0, 800).to_csv(index=False).encode(), "four_arms.csv")
    walk.turned(app, "question")
    walk.choose(app, treatment="arm", outcome="y")
    walk.turned(app, "graph")
    walk.turned(walk.answered(app), "balance")
    app = measured(app, "Measure all arms")
    shown = walk.plain(walk.texts(app))
    assert "All 4 arms" in shown
    assert "After weighting" in shown and "count as" in shown
    assert "Furthest two arms" in "".join(walk.figures(app))
