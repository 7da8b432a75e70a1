"""The page of model fit: checked as soon as it is seen, and said in the ledger."""

from __future__ import annotations

import time

from tests.pages import walk


def checked(app):
    deadline = time.monotonic() + 240
    while "Every model" not in walk.texts(app):
        assert time.monotonic() < deadline, walk.texts(app)
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


def test_models_are_checked_when_the_page_is_opened(answered_sample) -> None:
    app = checked(walk.opened(answered_sample("classic"), "model_fit"))
    assert walk.finding(app).startswith("On units that they have not seen")
    assert len(walk.figures(app)) == 2
    walk.widget(app, "model shown").set_value("outcome under treated").run()
    assert len(walk.figures(walk.calm(app))) == 1
    assert "Model fit" in walk.plain(walk.texts(walk.turned(app, "ledger")))
