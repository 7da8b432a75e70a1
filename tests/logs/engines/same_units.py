"""One log in every engine, and its units from each."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from causal.errors import EmptyLog
from causal.logs.event_recipe import EventRecipe
from causal.logs.event_units import attrition, resolved, unit_log
from causal.logs.log import Kind, Log
from causal.logs.reading import frame_of
from causal.logs.warehouses import warehouse_log

POSTGRES = {"integer": "bigint", "number": "double precision", "boolean": "boolean", "text": "text"}
CLICKHOUSE = {"integer": "Int64", "number": "Float64", "boolean": "Bool", "text": "String"}
IBIS = {"integer": "int64", "number": "float64", "boolean": "boolean", "time": "timestamp", "text": "string"}

Rows = Sequence[tuple[Any, ...]]


def in_postgres(connection: Any, names: Sequence[str], kinds: Sequence[Kind], rows: Rows, zoned: bool = False) -> None:
    """The rows as a new table "events"; its times with or without a time zone."""
    from psycopg import sql

    types = {**POSTGRES, "time": "timestamptz" if zoned else "timestamp"}
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types[kind]))
        for name, kind in zip(names, kinds, strict=True)
    ]
    made = sql.SQL("DROP TABLE IF EXISTS events; CREATE TABLE events ({})").format(sql.SQL(", ").join(columns))
    connection.execute(made)
    zone = datetime.UTC if zoned else None
    with connection.cursor() as cursor, cursor.copy("COPY events FROM STDIN") as copy:
        for row in rows:
            copy.write_row([each.replace(tzinfo=zone) if hasattr(each, "tzinfo") else each for each in row])


def in_clickhouse(backend: Any, names: Sequence[str], kinds: Sequence[Kind], rows: Rows) -> None:
    """The rows as a new table "events"."""
    types = {**CLICKHOUSE, "time": "DateTime64(6, 'America/Lima')"}
    columns = ", ".join(f"{_label(name)} Nullable({types[kind]})" for name, kind in zip(names, kinds, strict=True))
    backend.session.query("DROP TABLE IF EXISTS events")
    backend.session.query(f"CREATE TABLE events ({columns}) ENGINE = Memory")
    written = ", ".join("(" + ", ".join(map(_literal, row)) + ")" for row in rows)
    backend.session.query(f"INSERT INTO events VALUES {written}")
    backend.schemas["events"] = {name: IBIS[kind] for name, kind in zip(names, kinds, strict=True)}


def units_of(log: Log, recipe: EventRecipe, folder: Path) -> pd.DataFrame | None:
    """The units, or None where none stays."""
    try:
        return frame_of(unit_log(log, recipe, folder))
    except EmptyLog:
        return None


def assert_same_everywhere(here: Log, recipe: EventRecipe, folder: Path, names: Sequence[str]) -> None:
    """The units of a file's log and of the tables "events" of the connections: whole numbers and text exactly."""
    recipe = resolved(here, recipe)
    wanted, counted = units_of(here, recipe, folder), attrition(here, recipe)
    for name in names:
        there = warehouse_log(name, "events", folder)
        assert resolved(there, recipe) == recipe
        assert attrition(there, recipe) == counted, name
        found = units_of(there, recipe, folder)
        assert (found is None) == (wanted is None), name
        if wanted is not None and found is not None:
            assert_same(found, wanted, name)


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame, name: str) -> None:
    assert list(found.columns) == list(wanted.columns)
    assert list(found.dtypes) == list(wanted.dtypes), (name, found.dtypes, wanted.dtypes)
    assert len(found) == len(wanted), name
    for column in wanted.columns:
        for left, right in zip(found[column], wanted[column], strict=True):
            assert _equal(left, right), (name, column, left, right)


def _equal(left: Any, right: Any) -> bool:
    if pd.isna(left) or pd.isna(right):
        return bool(pd.isna(left) and pd.isna(right))
    if isinstance(left, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return bool(left == right)


def _label(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, datetime.datetime):
        return (
            f"fromUnixTimestamp64Micro({(value - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)})"
        )
    return repr(value)
