"""Files come in, small or large or from the server; several become one log, and the study's script says so."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.script import reproduction_script
from causal.archive.study import Study
from causal.errors import ArrivalRefused
from causal.logs.reading import frame_of
from causal.logs.units import UnitRecipe
from causal.study import AnalysisSpec, Question
from pages.ui import answers
from pages.ui.answers.incoming import _shared_folder
from pages.ui.intake import uploader
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
        "log = causal.join_logs(causal.stack_logs({'clicks': causal.read_log('clicks.csv'), 'order': "
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


def test_an_encoding_that_cannot_be_told_is_asked_by_words_of_the_file() -> None:
    app = walk.upload("name,k\nDvořák,1\nNovak,2\n".encode("cp1250"), "people.csv")
    assert "The encoding of **people.csv** cannot be told" in walk.errors(app)
    words = walk.widget(app, "upload words")
    assert [walk.plain(each) for each in words.options] == [
        "Dvoøák · Windows-1252 (Western)",
        "Dvořák · Windows-1250 (Central European)",
    ]
    walk.calm(walk.widget(app, "upload more words").set_value(True).run())
    words = walk.widget(app, "upload words")
    assert "Dvoшбk · Windows-1251 (Cyrillic)" in [walk.plain(each) for each in words.options]
    assert app.button("upload read it so").disabled
    walk.calm(words.set_value("cp1250").run())
    walk.calm(app.button("upload read it so").click().run())
    assert walk.finding(app) == "2 rows and 2 columns are read."
    assert study_of(app).log.encoding == "cp1250"
    assert answers.first_rows(answers.log_of(study_of(app)))["name"].tolist() == ["Dvořák", "Novak"]


def test_a_large_log_is_looked_at_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.answers.logs.AT_ONCE", 80)
    app = walk.upload(CLICKS + CLICKS.splitlines(keepends=True)[1], "clicks twice.csv")
    until_read(app)
    assert len(walk.figures(app)) == 4
    assert "1 row repeated" in walk.plain(walk.texts(app))
    log = answers.log_of(study_of(app))
    found, pictured = answers.problems(log), answers.profile(log)
    monkeypatch.undo()
    assert found == answers.problems(log)
    assert pictured == answers.profile(log)


def until_read(app: AppTest) -> AppTest:
    deadline = time.monotonic() + 240
    while any(str(each.key).startswith("stop ") for each in app.button):
        assert time.monotonic() < deadline, "the work does not end"
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


def incoming() -> list[str]:
    return [path.name for path in (answers.store().folder / "incoming").rglob("*") if path.is_file()]


def test_a_file_beyond_a_few_megabytes_is_read_in_a_worker() -> None:
    app = until_read(walk.upload(b"user,clicks\n" + b"somebody with a long name,1\n" * 200_000, "longer.csv"))
    assert walk.finding(app) == "200,000 rows and 2 columns are read."
    assert incoming() == []


def test_a_refusal_in_the_worker_is_a_sentence_and_leaves_nothing() -> None:
    app = until_read(walk.upload(b"a,b\n" + b"1,2,3,4\n" * 600_000, "wide.csv"))
    assert "Line 2 has 4 values, but the header in line 1 names only 2 columns." in walk.errors(app)
    assert incoming() == []


def test_an_encoding_that_a_person_chose_stands_in_the_script() -> None:
    app = walk.opened(page="log")
    walk.calm(walk.widget(app, "upload encoding").set_value("cp1250").run())
    walk.calm(
        app.file_uploader[0].set_value(("č.csv", "město,x\nPříbram,1\nŽďár,2\n".encode("cp1250"), "text/csv")).run()
    )
    log = study_of(app).log
    assert log is not None
    assert answers.log_of(study_of(app)).names == ("město", "x")
    script = reproduction_script(log, UnitRecipe(), AnalysisSpec(Question("a", "b"), adjust_for=()))
    assert "causal.read_log('č.csv', encoding='cp1250')" in script


def test_a_log_in_the_servers_folder_is_read_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table" / "day=1").mkdir(parents=True)
    (tmp_path / "table" / "day=1" / "part-0.csv").write_text("user,clicks\na,1\nb,2\n")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    monkeypatch.setenv("DOABLE_LOGS", str(tmp_path))
    _shared_folder.clear()
    app = walk.opened(page="log")
    chooser = walk.widget(app, "upload on the server")
    assert chooser.options == ["table"]
    walk.calm(chooser.set_value("table").run())
    until_read(walk.calm(app.button("upload read it").click().run()))
    assert walk.finding(app) == "2 rows and 3 columns are read."
    for outside in ("link.csv", "../table", "/etc/passwd"):
        with pytest.raises(ArrivalRefused):
            answers.read_shared(outside, None)
    _shared_folder.clear()


def test_a_second_file_is_read_while_the_log_is_still_looked_at(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploader, "AT_ONCE", 10)
    second(app, ORDERS, "order.csv")
    until_read(app)
    walk.calm(app.button("put together").click().run())
    assert answers.log_of(study_of(app)).rows == 120


def test_more_events_whose_times_have_another_name_keep_them(app: AppTest) -> None:
    second(app, ORDERS.replace(b"time", b"ordered_at", 1), "order.csv")
    until_read(app)
    walk.calm(app.button("put together").click().run())
    log = answers.log_of(study_of(app))
    assert "ordered_at" not in log.names
    assert frame_of(log)["time"].notna().all()
    (_, part) = study_of(app).log.parts
    assert part["same"] == {"ordered_at": "time"}
    script = reproduction_script(study_of(app).log, UnitRecipe(), AnalysisSpec(Question("a", "b"), adjust_for=()))
    assert "}, 'event', same={'ordered_at': 'time'})" in script


def test_one_thing_to_know_is_one_thing() -> None:
    labels = [each.label for each in walk.upload(CLICKS, "clicks.csv").expander]
    assert "1 thing to know about this log" in labels


def test_letters_of_a_time_zone_are_said_on_the_page_read_or_not() -> None:
    lines = [f"u{n % 7},2024-03-01 1{n % 10}:00 CET,2024-03-01 1{n % 10}:30 IST,{n}" for n in range(40)]
    app = walk.upload("\n".join(["user,seen,bought,amount", *lines]).encode())
    said = walk.plain(walk.texts(app)) + walk.errors(app)
    assert "is written with the time zone CET (UTC+1); it was read as times in UTC." in said
    assert "which may mean UTC+5:30 (India), UTC+2 (Israel) or UTC+1 (Ireland), so it stays text." in said
