"""A table in a warehouse, from choosing it to an answer: the rows stay there, and the digits are those of a file."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import specs_of
from causal.archive.script import reproduction_script
from causal.archive.study import Study
from causal.jobs.pool import JobPool
from causal.logs import warehouses
from causal.logs.reading import frame_of
from causal.logs.samples import open_sample
from causal.logs.units import build_units
from causal.study import AnalysisSpec, Question
from pages.ui import answers
from tests.logs.engines.same_units import assert_same, in_postgres
from tests.pages import walk
from tests.postgres import postgres, postgres_address

__all__ = ["postgres", "postgres_address"]

GONE = "postgres://me:s3cret@127.0.0.1:9/none"


@pytest.fixture
def house(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The connection "house", known to this process and to a worker of its own; it holds the video sample's rows."""
    monkeypatch.setenv(f"{warehouses.VARIABLE}GONE", GONE)
    monkeypatch.setenv(f"{warehouses.VARIABLE}LAKE", "clickhouse://me:s3cret@lake/db")
    pool = JobPool(answers.store(), workers=1)
    monkeypatch.setattr("pages.ui.answers.work.pool", lambda: pool)
    answers.tables_of.clear()
    yield postgres
    pool.close()


def study_of(app: AppTest) -> Study:
    return answers.store().load(walk.study_id(app)).study


def chosen(connection: str, table: str | None = None) -> AppTest:
    """The log page after a connection and a table were chosen."""
    app = walk.opened(page="log")
    walk.calm(walk.widget(app, "connection").set_value(connection).run())
    return app if table is None else walk.calm(walk.widget(app, f"table in {connection}").set_value(table).run())


def opened(table: str, whole: bool = False) -> AppTest:
    app = chosen("house", table)
    if whole:
        walk.calm(walk.widget(app, "rows of table").set_value(True).run())
    walk.calm(app.button("open the table").click().run())
    return walk.ended(app, "stop reading table")


def answered(app: AppTest) -> AppTest:
    for page in ("columns", "question", "graph"):
        walk.turned(app, page)
    held = answers.store().load(walk.study_id(app))
    one = held.study.to_json() | {"specs": [{"method": "regression", "options": None}]}
    answers.store().save(Study.from_json(one), held.revision, "changed")
    return walk.answered(app)


def test_events_stay_in_the_warehouse_up_to_an_answer_with_the_digits_of_a_file(house: Any) -> None:
    sample = open_sample("video")
    rows = [tuple(None if each != each else each for each in row) for row in frame_of(sample).itertuples(index=False)]
    in_postgres(house, sample.names, [each.kind for each in sample.schema], rows)
    app = opened("events")
    assert walk.finding(app).startswith("The rows stay in “house”; ")
    walk.turned(app, "columns")
    assert "stay in “house”" in walk.plain(walk.texts(app))
    walk.turned(app, "units")
    walk.ended(app)
    assert walk.finding(app).startswith("41,500 rows became 1,040 units")
    assert 'FROM "events"' in walk.texts(app)
    answered(app)
    held = study_of(app)

    recipe = answers.recipe_of(held)
    assert_same(answers.table_of(held).frame, build_units(sample, recipe).frame, "units")
    assert (held.question["control"], held.question["treated"]) == ("old", "new")
    assert "causal.warehouse_log('house', 'events')" in script_of(held)
    estimate = answers.known(held, specs_of(held)[0]).estimate
    assert printed_by(script_of(held)) == [estimate.effect, *estimate.interval(0.95)]

    walk.forget()  # a restart, and a refresh: the units are those that were made
    house.execute("DELETE FROM events")
    again = walk.turned(walk.opened(held.id), "effect")
    assert walk.digits(again) == walk.digits(app)
    walk.turned(again, "log").button("look at the table again").click().run()
    assert 'The table "events" has no rows.' in walk.errors(walk.ended(again, "stop reading table"))
    assert study_of(again).log == held.log
    assert "s3cret" not in str(held.to_json())
    assert os.environ[f"{warehouses.VARIABLE}HOUSE"] not in str(held.to_json())


def test_a_table_of_units_is_read_in_whole(house: Any) -> None:
    house.execute(
        "DROP TABLE IF EXISTS people; CREATE TABLE people AS SELECT n AS id, n % 2 AS treated, n % 7 + n % 2 AS spent "
        "FROM generate_series(1, 3000) AS n"
    )
    app = opened("people", whole=True)
    assert walk.finding(app) == "3,000 rows and 3 columns are read."
    reference = study_of(app).log
    assert (reference.connection, reference.whole) == ("house", True)
    spec = AnalysisSpec(Question("treated", "spent"), adjust_for=())
    script = reproduction_script(reference, answers.recipe_of(study_of(app)), spec)
    assert "causal.warehouse_log('house', 'people', whole=True)" in script
    assert printed_by(script)[0] == pytest.approx(1.0, abs=0.2)


def script_of(held: Study) -> str:
    """The script of the study's first answer."""
    return reproduction_script(held.log, answers.recipe_of(held), specs_of(held)[0])


def printed_by(script: str) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(script, {})
    return [float(each) for line in out.getvalue().splitlines() for each in line.split()[1:]]


def test_a_connection_that_cannot_be_asked_says_why_and_shows_no_address(house: Any) -> None:
    down = chosen("gone")
    assert 'no connection to "gone"' in walk.errors(down)
    undriven = chosen("lake")
    assert "not installed" in walk.errors(undriven)
    house.execute("DROP TABLE IF EXISTS short_lived; CREATE TABLE short_lived (a integer)")
    absent = chosen("house", "short_lived")
    house.execute("DROP TABLE short_lived")
    walk.ended(walk.calm(absent.button("open the table").click().run()), "stop reading table")
    assert '"house" has no table "short_lived"' in walk.errors(absent)
    for each in (down, undriven, absent):
        assert "s3cret" not in walk.texts(each)


def test_stop_ends_the_question_in_the_warehouse(house: Any) -> None:
    answers.tables_of.clear()
    house.execute("CREATE OR REPLACE VIEW endless AS SELECT 'u' AS who, now() AS at, pg_sleep(60)::text AS slow")
    app = chosen("house", "endless")
    walk.calm(app.button("open the table").click().run())
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'"
    until(lambda: house.execute(asleep).fetchone() == (1,))
    until(lambda: "is working" in walk.plain(walk.texts(app.run())))
    refreshed = walk.opened()
    refreshed.query_params["reading_table"] = app.query_params["reading_table"]
    assert any(each.key == "stop reading table" for each in walk.turned(refreshed, "log").button)
    walk.calm(app.button("stop reading table").click().run())
    until(lambda: house.execute(asleep).fetchone() == (0,))
    assert "Stopped. Nothing was kept." in walk.errors(app.run())


def until(holds: Any) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
