"""The same recipe gives the same units on DuckDB, PostgreSQL and ClickHouse, whatever each makes of ties and zones."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.event_units import unit_log
from causal.logs.log import Log
from causal.logs.readers.rows import Rows
from causal.logs.readers.values import arrow_array
from causal.logs.reading import frame_of, keep_rows, read_log
from causal.logs.ready_recipes import READY, guess_events, ready_recipe
from causal.logs.time_range import after, before
from causal.logs.warehouses import warehouse_log
from tests.logs.engines.same_units import assert_same_everywhere, in_clickhouse, in_postgres
from tests.logs.test_event_units import COLUMNS, NAMES, anchors, cleanings, events, log_with, looking
from tests.logs.test_ready_recipes import LOGS
from tests.logs.test_ready_recipes import events as events_of

BOTH = ("house", "columns")
few = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example asks three engines: shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@few
@given(
    rows=events,
    measures=st.lists(looking, min_size=1, max_size=4),
    unit=st.sampled_from(["user", "user and item", "impression", "user and day", "session"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    data=st.data(),
)
def test_units_of_any_recipe_are_the_same(rows, measures, unit, zone, data, postgres, clickhouse, tmp_path) -> None:
    if unit == "user and day":
        measures = [each for each in measures if each.what != "value"] or [Measure("count")]
    renamed = [Measure(**{**vars(each), "name": f"m{place} ?"}) for place, each in enumerate(measures)]
    recipe = EventRecipe(
        COLUMNS,
        unit,
        Anchor("first of a kind", ("view",)) if unit == "impression" else data.draw(anchors),
        outcomes=tuple(renamed),
        cleaning=Cleaning(session_gap=8 * 3_600) if unit == "session" else data.draw(cleanings),
        time_zone=zone,
        incomplete=data.draw(st.sampled_from(["keep", "drop"])),
    )
    held = [tuple(row[name] for name in NAMES) for row in rows]
    in_postgres(postgres, list(NAMES), list(NAMES.values()), held, zoned=data.draw(st.booleans()))
    in_clickhouse(clickhouse, list(NAMES), list(NAMES.values()), held)
    assert_same_everywhere(log_with(rows, tmp_path), recipe, tmp_path, BOTH)


@pytest.mark.parametrize("name", LOGS)
def test_units_of_every_ready_recipe_are_the_same(name, postgres, clickhouse, tmp_path) -> None:
    here = read_log(events_of(name), f"{name}.csv")
    everywhere(here, postgres, clickhouse)
    (ready,) = (each for each in READY if each.name == name)
    recipe = ready_recipe(ready, guess_events(here), repeated=True)
    assert_same_everywhere(here, replace(recipe, incomplete="keep"), tmp_path, BOTH)


SINCE, BEFORE_1970 = datetime.datetime(2024, 10, 27, 0, 30, 0, 999_999), datetime.datetime(1969, 12, 31, 23, 59, 59, 1)
ADDED = ("big", "odd", "far", "yes")
TRAPS = {
    "who": ("text", ["a", "B", "é", "Z", "a", "B", "é", "Z", "a", "B"]),
    "at": (
        "time",
        [datetime.datetime(2024, 10, 27, 0, 30, 0, 999_999) + i * datetime.timedelta(minutes=45) for i in range(10)],
    ),
    "day": (
        "time",
        [datetime.datetime(1969, 12, 31, 23, 59, 59, 1) + i * datetime.timedelta(hours=1) for i in range(10)],
    ),
    "what": ("integer", [1, 2, 1, 1, 10, 2, None, 1, 2, 1]),
    "name": ("text", ["b", "A", "", "ß", "a'b", "\\", "_", "%", "z\nz", None]),
    "big": ("number", [1e15, -1e15 + 0.125, 0.1, -0.0, -1e15, 1e300, 5e-324, 0.0, None, math.inf]),
    "odd": ("number", [0.1] * 9 + [-0.3]),
    "far": ("integer", [2**62, 2**62, 2**62, -(2**62), 3, -7, 1, 0, None, -1]),
    "yes": ("boolean", [True, False, None, True, True, False, True, False, True, None]),
}


def test_what_engines_differ_in_is_the_same(postgres, clickhouse, tmp_path) -> None:
    """The order of text, ties, sums that cancel or overflow, negative zeros, whole division, midnights."""
    here = log_of(TRAPS, tmp_path)
    everywhere(here, postgres, clickhouse)
    measures = [
        *(Measure("last value", after(None), column=each, of="user", name=f"last {each}") for each in TRAPS),
        *(Measure("distinct", after(None), column=each, of="user", name=f"distinct {each}") for each in TRAPS),
        *(Measure("attribute", column=each, name=f"most {each}") for each in TRAPS),
        *(
            Measure("sum", after(None), column=each, of="user", name=f"sum {each}")
            for each in ("big", "odd", "far", "yes")
        ),
        *(
            Measure("mean", before(1), column=each, of="user", name=f"mean {each}")
            for each in ("big", "odd", "far", "yes")
        ),
        Measure("rate", after(3), ("1",), of="user", name="rate"),
        Measure("share", after(None), column="what", of="user", name="share", top=2),
        Measure("share", after(None), column="yes", of="user", name="yes", top=2),
        Measure("ratio", after(None), ("1",), of="user", name="ratio", over_kinds=("2",)),
    ]
    columns = EventColumns("who", "at", "what", "name")
    for unit in ("user", "impression"):
        recipe = EventRecipe(
            columns,
            unit,
            outcomes=tuple(measures),
            cleaning=Cleaning(quantile_per_day=0.9),
            time_zone="Europe/Berlin",
            incomplete="keep",
        )
        assert_same_everywhere(here, recipe, tmp_path, BOTH)


def test_counted_clocks_and_typed_columns_of_postgres_are_read(postgres, tmp_path) -> None:
    postgres.execute(
        """DROP TABLE IF EXISTS typed;
        CREATE TABLE typed (who uuid, second double precision, price numeric(12, 2), whole numeric(18, 0), day date,
          small smallint, list integer[], bytes bytea);
        INSERT INTO typed
        SELECT ('00000000-0000-0000-0000-00000000000' || (n % 3))::uuid, 1.7e9 + n * 3600.5, n / 4.0, n,
          DATE '2024-02-28' + n, n, ARRAY[n], 'x' FROM generate_series(1, 12) AS n"""
    )
    log = warehouse_log("house", "public.typed", tmp_path)
    kinds = {each.name: each.kind for each in log.schema}
    assert list(kinds.values()) == ["text", "number", "number", "integer", "time", "integer"]
    assert '"list", "bytes"' in log.notes[0].sentence
    recipe = EventRecipe(
        EventColumns("who", "second", clock="seconds"),
        outcomes=(
            Measure("sum", after(None), column="price", name="spent"),
            Measure("last value", after(None), column="day", name="day"),
            Measure("distinct", after(None), column="whole", name="n"),
        ),
        incomplete="keep",
    )
    frame = frame_of(unit_log(log, recipe, tmp_path))
    assert frame["spent"].tolist() == [7.5, 5.5, 6.5]
    assert frame["n"].tolist() == [4, 4, 4]
    assert frame["day"].dt.strftime("%m-%d").tolist() == ["03-11", "03-09", "03-10"]
    assert frame["anchor"].iloc[0] == pd.Timestamp("2023-11-15 01:13:21.5")


def everywhere(here: Log, postgres: Any, clickhouse: Any) -> None:
    """The rows of a log as the table "events" of both."""
    rows = [tuple(row.values()) for row in pq.ParquetFile(here.path).read().to_pylist()]
    kinds = [each.kind for each in here.schema]
    in_postgres(postgres, here.names, kinds, rows)
    in_clickhouse(clickhouse, here.names, kinds, rows)


def log_of(columns: Any, folder: Path) -> Log:
    arrays = [arrow_array(values, kind) for kind, values in columns.values()]
    batch = pa.RecordBatch.from_arrays(arrays, names=[f"c{place}" for place in range(len(arrays))])
    kinds = tuple(kind for kind, _ in columns.values())
    return keep_rows(Rows(tuple(columns), kinds, iter([batch])), "events", folder, folder)
