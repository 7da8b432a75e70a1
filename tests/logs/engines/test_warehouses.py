"""A table in a warehouse: found by its connection's name, read and never written, refused in sentences."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from causal.errors import EmptyLog, LogError, NoConnection, WarehouseError
from causal.logs import warehouses
from causal.logs.event_recipe import EventColumns, EventRecipe, Measure
from causal.logs.event_units import attrition, query_text
from causal.logs.reading import frame_of
from causal.logs.report.log_report import log_report
from causal.logs.several_logs import stack_logs
from causal.logs.units import UnitRecipe, build_units, log_of_units
from causal.logs.warehouses import connections, engine_of, tables_of, warehouse_log

MADE = """DROP TABLE IF EXISTS shown; DROP TABLE IF EXISTS empty; CREATE TABLE empty (a integer);
CREATE TABLE shown AS SELECT 'u' || n % 700 AS who, TIMESTAMP '2024-01-01' + n * INTERVAL '1 minute' AS at
FROM generate_series(1, 3000) AS n"""
RECIPE = EventRecipe(EventColumns("who", "at"), outcomes=(Measure("count"),), incomplete="keep")


def test_the_first_rows_are_fetched_and_the_others_counted_where_they_are(postgres, tmp_path: Path) -> None:
    postgres.execute(MADE)
    assert "shown" in tables_of("house")
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


def test_nothing_can_be_written(postgres) -> None:
    import psycopg

    with warehouses._connected("house") as backend, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
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
