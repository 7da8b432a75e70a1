"""A table in a warehouse: found by its connection's name, read and never written, refused in sentences."""

from __future__ import annotations

import os
import threading
from functools import partial
from pathlib import Path

import pytest

from causal.errors import EmptyLog, LogError, NoConnection, WarehouseError, WorkStopped
from causal.logs import warehouses
from causal.logs.event_recipe import Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.event_units import attrition, query_text, unit_log
from causal.logs.reading import frame_of
from causal.logs.report.log_report import log_report
from causal.logs.several_logs import stack_logs
from causal.logs.time_range import after, before
from causal.logs.units import UnitRecipe, build_units, log_of_units
from causal.logs.warehouse_question import CLICKHOUSE_SHARE, CLICKHOUSE_STOP, Question
from causal.logs.warehouses import connections, engine_of, here, tables_of, warehouse_log, with_histories

MADE = """DROP TABLE IF EXISTS shown CASCADE; DROP TABLE IF EXISTS empty; CREATE TABLE empty (a integer);
CREATE TABLE shown AS SELECT 'u' || n % 700 AS who, TIMESTAMP '2024-01-01' + n * INTERVAL '1 minute' AS at
FROM generate_series(1, 3000) AS n"""
RECIPE = EventRecipe(EventColumns("who", "at"), outcomes=(Measure("count"),), incomplete="keep")


def test_the_first_rows_are_fetched_and_the_others_counted_where_they_are(postgres, tmp_path: Path) -> None:
    postgres.execute(MADE)
    postgres.execute("DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other; CREATE VIEW other.seen AS TABLE shown")
    assert {"shown", "other.seen"} <= set(tables_of("house"))
    assert not any(each.startswith(("pg_", "information_schema")) for each in tables_of("house"))
    assert warehouse_log("house", "other.seen", tmp_path).names == ("who", "at")
    log = warehouse_log("house", "shown", tmp_path)
    assert (log.rows, log.name, log.connection) == (1_000, "shown", "house")
    assert len(frame_of(log)) == 1_000
    assert (attrition(log, RECIPE).start, attrition(log, RECIPE).units) == (3_000, 700)
    assert 'FROM "shown"' in query_text(log, RECIPE)
    assert warehouse_log("house", "shown", tmp_path).fingerprint == log.fingerprint
    for needs_all in (
        partial(log_of_units, log, UnitRecipe()),
        partial(stack_logs, {"a": log}),
        partial(log_report, log),
    ):
        with pytest.raises(LogError, match='rows of "shown" stay in "house"'):
            needs_all()
    assert len(build_units(log, UnitRecipe(events=RECIPE))) == 700


def test_what_cannot_be_asked_is_said_without_address_or_password(postgres, monkeypatch, tmp_path: Path) -> None:
    postgres.execute(MADE)
    with pytest.raises(NoConnection, match=r'no connection "mars" on this server; there is: .*"house"'):
        warehouse_log("mars", "shown", tmp_path)
    with pytest.raises(WarehouseError, match='"house" has no table "absent"'):
        warehouse_log("house", "absent", tmp_path)
    with pytest.raises(EmptyLog, match='"empty" has no rows'):
        warehouse_log("house", "empty", tmp_path)
    postgres.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN")
    address = os.environ[f"{warehouses.VARIABLE}HOUSE"]
    monkeypatch.setenv(f"{warehouses.VARIABLE}GUEST", address.replace("user=doable", "user=guest"))
    with pytest.raises(WarehouseError, match='"guest" has no right to read "shown"'):
        warehouse_log("guest", "shown", tmp_path)
    monkeypatch.setenv(f"{warehouses.VARIABLE}GONE", "postgres://me:s3cret@127.0.0.1:9/none")
    with pytest.raises(WarehouseError, match='no connection to "gone"') as refused:
        tables_of("gone")
    assert "s3cret" not in str(refused.value)
    monkeypatch.setenv(f"{warehouses.VARIABLE}FILE", "duckdb:///etc/passwd")
    assert "file" not in connections()
    with pytest.raises(NoConnection):
        warehouse_log("file", "passwd", tmp_path)


def test_a_question_that_takes_too_long_is_given_up(postgres, monkeypatch, tmp_path: Path) -> None:
    postgres.execute("CREATE OR REPLACE VIEW endless AS SELECT 'u' AS who, now() AS at, pg_sleep(60)::text AS slow")
    monkeypatch.setattr(warehouses, "SECONDS", 1)
    with pytest.raises(WarehouseError, match='"house" took longer than it may'):
        warehouse_log("house", "endless", tmp_path)


def test_whoever_watches_can_call_a_question_off(postgres, tmp_path: Path) -> None:
    postgres.execute("CREATE OR REPLACE VIEW endless AS SELECT 'u' AS who, now() AS at, pg_sleep(60)::text AS slow")
    said = []

    def watching(share: float, stage: str) -> None:
        said.append(stage)
        if "is working" in stage:
            raise WorkStopped("Enough.")

    with pytest.raises(WorkStopped):
        warehouse_log("house", "endless", tmp_path, progress=watching)
    assert said[0] == 'connecting to "house"'
    asleep = postgres.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").fetchone()
    assert asleep == (0,)


def test_what_is_read_in_whole_is_a_log_like_that_of_a_file(postgres, tmp_path: Path) -> None:
    postgres.execute(MADE)
    told = []
    log = warehouse_log("house", "shown", tmp_path, whole=True, progress=lambda share, stage: told.append(share))
    assert (log.rows, log.connection) == (3_000, None)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(build_units(log)) == 3_000


def test_the_rows_to_try_recipes_on_are_whole_histories(postgres, tmp_path: Path) -> None:
    postgres.execute(MADE)
    log = with_histories(warehouse_log("house", "shown", tmp_path), "who", tmp_path)
    rows = frame_of(log)
    assert (log.connection, rows["who"].nunique()) == ("house", 100)
    assert set(rows["who"].value_counts()) <= {4, 5}  # of 3,000 rows of 700 users
    assert attrition(log, RECIPE).units == 700
    assert attrition(here(log), RECIPE).units == 100


def test_sessions_of_a_log_of_usual_size_are_made_in_seconds(postgres, monkeypatch, tmp_path: Path) -> None:
    """PostgreSQL guesses what steps give far too small; with loops over loops this took for ever."""
    postgres.execute(
        "DROP TABLE IF EXISTS many; CREATE TABLE many AS SELECT 'u' || n % 700 AS who, TIMESTAMP '2024-01-01' "
        "+ n * INTERVAL '1 minute' AS at FROM generate_series(1, 20000) AS n"
    )
    monkeypatch.setattr(warehouses, "SECONDS", 60)
    recipe = EventRecipe(
        EventColumns("who", "at"),
        "session",
        outcomes=(Measure("count", after(1)),),
        covariates=(Measure("count", before(28), of="user"),),
        cleaning=Cleaning(duplicates="rows", quantile_per_day=0.999, session_gap=1_800),
    )
    assert unit_log(warehouse_log("house", "many", tmp_path), recipe, tmp_path).rows == 18_560  # all but the last day's


def test_how_clickhouse_is_asked_about_a_question_is_its_own_language(in_process) -> None:
    rows = in_process.session.query(CLICKHOUSE_SHARE.format(mark="doable-1"), "CSV").data()
    assert rows.strip() == "0,0"
    in_process.session.query(CLICKHOUSE_STOP.format(mark="doable-1"))


def test_clickhouse_tells_how_far_it_is_and_is_told_to_stop() -> None:
    asked, stopped = [], threading.Event()

    class Client:
        result_rows = ((250, 1_000),)

        def query(self, text: str) -> Client:
            asked.append(text)
            if text.startswith("KILL"):
                stopped.set()
            return self

        command = query

    class Beside:
        con = Client()

        def disconnect(self) -> None:
            asked.append("closed")

    def watch(share: float | None, seconds: float) -> None:
        asked.append(share)
        raise WorkStopped("Enough.")

    question = Question(None, "clickhouse", "mark", watch, Beside)
    with pytest.raises(WorkStopped):
        question.asked(lambda: stopped.wait(30))
    share, kill = CLICKHOUSE_SHARE.format(mark="mark"), CLICKHOUSE_STOP.format(mark="mark")
    assert asked == [share, "closed", 0.25, kill, "closed"]


def test_nothing_can_be_written(postgres) -> None:
    import psycopg

    with warehouses._connected("house", "mark") as backend, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backend.raw_sql("CREATE TABLE mine (a integer)")


def test_connections_come_from_the_environment_and_from_secrets(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"{warehouses.VARIABLE}LAKE", "clickhouse://u:p@host/db")
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        '[connections.snow]\nurl = "snowflake://u:p@account/db/schema"\n[connections.other]\ntype = "sql"\n'
    )
    found = connections()
    assert (found["lake"], found["snow"]) == ("ClickHouse", "Snowflake")
    assert "other" not in found
    secrets.write_text("[connections")
    with pytest.raises(WarehouseError, match="cannot be read as TOML"):
        connections()


def test_only_the_engines_that_recipes_run_in_have_addresses() -> None:
    assert engine_of("postgresql://h/d") == "postgres"
    assert engine_of("bigquery://project/dataset") == "bigquery"
    assert not engine_of("sqlite:///x.db")
