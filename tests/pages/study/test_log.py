"""Several files become one log on the page, and the study's script puts them together again."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.script import reproduction_script
from causal.archive.study import Study
from causal.logs.units import UnitRecipe
from causal.study import AnalysisSpec, Question
from pages.ui import answers
from tests.pages import walk

CLICKS = b"user_id,time,event,item\n" + b"".join(
    b"u%d,2024-01-%02d 10:00:00,%s,i%d\n" % (i % 9, 1 + i % 28, (b"view", b"click")[i % 2], i % 5) for i in range(90)
)
ORDERS = b"user_id,time,price\n" + b"".join(
    b"u%d,2024-01-%02d 12:00:00,%d\n" % (i % 9, 1 + i % 28, i) for i in range(30)
)
USERS = b"who,country\n" + b"".join(b"u%d,D%d\n" % (i, i % 2) for i in range(8))


def study_of(app: AppTest) -> Study:
    return answers.store().load(walk.study_id(app)).study


def second(app: AppTest, content: bytes, name: str) -> AppTest:
    """The log page after another file was dropped beside its log."""
    walk.turned(app, "log")
    found = [each for each in app.file_uploader if each.label.startswith("More events")]
    return walk.calm(found[0].set_value((name, content, "text/csv")).run())


@pytest.fixture
def app() -> AppTest:
    return walk.upload(CLICKS, "clicks.csv")


def test_more_events_and_a_table_of_users_are_put_to_the_log(app: AppTest) -> None:
    second(app, ORDERS, "order.csv")
    walk.calm(app.button("put together").click().run())
    log = answers.log_of(study_of(app))
    assert (log.rows, log.names) == (120, ("user_id", "time", "item", "price", "event"))
    second(app, USERS, "users.csv")
    walk.calm(walk.widget(app, "holds").set_value("join").run())
    walk.calm(walk.widget(app, "key in log").set_value("user_id").run())
    walk.calm(walk.widget(app, "key in file").set_value("who").run())
    walk.calm(app.button("put together").click().run())
    log = answers.log_of(study_of(app))
    assert (log.rows, log.names[-1]) == (120, "country")
    assert "carries no time" in walk.plain(walk.texts(app))
    assert walk.finding(app) == "120 rows and 6 columns are read."
    reference = Study.from_json(study_of(app).to_json()).log
    assert reference == study_of(app).log
    script = reproduction_script(reference, UnitRecipe(), AnalysisSpec(Question("a", "b"), adjust_for=()))
    assert (
        "log = causal.join_logs(causal.stack_logs({'event': causal.read_log('clicks.csv'), 'order': "
        "causal.read_log('order.csv')}, 'event'), causal.read_log('users.csv'), 'user_id', 'who')"
    ) in script


def test_a_table_with_a_key_twice_is_refused_and_the_log_stays(app: AppTest) -> None:
    second(app, USERS + b"u1,DE\n", "users.csv")
    walk.calm(walk.widget(app, "holds").set_value("join").run())
    walk.calm(walk.widget(app, "key in file").set_value("who").run())
    walk.calm(app.button("put together").click().run())
    assert 'several rows for 1 value of "who", such as "u1"' in walk.errors(app)
    assert answers.log_of(study_of(app)).rows == 90


def vectors() -> bytes:
    target = io.BytesIO()
    np.save(target, np.random.default_rng(0).normal(size=(5, 3)))
    return target.getvalue()


def test_vectors_of_items_are_put_to_the_log_and_to_its_script(app: AppTest) -> None:
    second(app, vectors(), "taste.npy")
    assert "5 vectors of 3 numbers; ids such as 0, 1, 2." in [walk.plain(each.value) for each in app.caption]
    walk.calm(walk.widget(app, "key of vectors").set_value("item").run())
    walk.calm(app.button("put together").click().run())
    assert 'No "item" of the log is among the ids of the vectors, such as "0"' in walk.errors(app)
    ids = [each for each in app.file_uploader if each.label.startswith("Their ids")]
    walk.calm(ids[0].set_value(("ids.txt", b"i0\ni1\ni2\ni3\ni4\n", "text/plain")).run())
    walk.calm(walk.widget(app, "components of vectors").set_value(2).run())
    walk.calm(app.button("put together").click().run())
    log = answers.log_of(study_of(app))
    assert log.names[-2:] == ("taste 1", "taste 2")
    reference = Study.from_json(study_of(app).to_json()).log
    script = reproduction_script(reference, UnitRecipe(), AnalysisSpec(Question("a", "b"), adjust_for=()))
    assert (
        "log = causal.join_vectors(causal.read_log('clicks.csv'), causal.read_vectors('taste.npy', ids='ids.txt'), "
        "'item', components=2, name='taste')"
    ) in script


def test_vectors_that_do_not_fit_are_refused_and_the_log_stays(app: AppTest) -> None:
    second(app, vectors()[:150], "taste.npy")
    assert "no whole array of numbers" in walk.errors(app)
    assert answers.log_of(study_of(app)).rows == 90


def test_a_large_log_is_looked_at_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", 80)
    app = walk.upload(CLICKS + CLICKS.splitlines(keepends=True)[1], "clicks twice.csv")
    deadline = time.monotonic() + 60
    while any(each.key == "stop job" for each in app.button):
        assert time.monotonic() < deadline, "the job does not end"
        time.sleep(0.1)
        app.run()
    walk.calm(app)
    assert len(walk.figures(app)) == 4
    assert "1 row repeated" in walk.plain(walk.texts(app))
    log = answers.log_of(study_of(app))
    found, pictured = answers.problems(log), answers.profile(log)
    monkeypatch.undo()
    assert found == answers.problems(log)
    assert pictured == answers.profile(log)
