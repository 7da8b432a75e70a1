"""Events to users beside hand-written DuckDB SQL: `python -m tests.bench.units [millions of events, default 5] [runs]`.

Each side runs so many times (default 3), in turns, and its fastest run counts, since other work shares the machine.
Each run is a process of its own with the same memory limit; time, processor seconds and peak memory are the process's
from its first query to the written Parquet file. The events are the same bytes on every run.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from operator import itemgetter
from pathlib import Path
from typing import Any

from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.log import Column, Log
from causal.logs.time_range import after, before

PER_USER = 20
MADE = """
COPY (
  SELECT 'u' || (hash(i) % {users})::VARCHAR AS user_id,
    TIMESTAMP '2024-01-01' + to_microseconds((hash(i + 1000000007) % 5184000000000)::BIGINT) AS time,
    CASE hash(i + 2000000011) % 10 WHEN 0 THEN 'click' WHEN 1 THEN 'shown' ELSE 'view' END AS event,
    (hash(i + 3000000019) % 20000)::BIGINT AS item_id,
    ((hash(i + 4000000007) % 3000) / 10.0)::DOUBLE AS minutes
  FROM range({events}) AS numbers(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
FLOOR = """
COPY (
  WITH anchors AS (
    SELECT user_id, min(time) FILTER (WHERE event = 'shown') AS anchor FROM events GROUP BY user_id
  ), kept AS (
    SELECT * FROM anchors
    WHERE anchor IS NOT NULL AND anchor + INTERVAL 7 DAY <= (SELECT max(time) FROM events)
  )
  SELECT k.user_id, any_value(k.anchor) AS anchor,
    count(*) FILTER (WHERE time >= anchor - INTERVAL 14 DAY AND time < anchor) AS events_before,
    count(*) FILTER (WHERE time >= anchor - INTERVAL 14 DAY AND time < anchor AND event = 'click') AS clicks_before,
    count(DISTINCT item_id) FILTER (WHERE time >= anchor - INTERVAL 14 DAY AND time < anchor) AS items_before,
    count(*) FILTER (WHERE time >= anchor AND time < anchor + INTERVAL 7 DAY AND event = 'click') AS clicks_after,
    coalesce(sum(minutes) FILTER (WHERE time >= anchor AND time < anchor + INTERVAL 7 DAY AND event = 'view'), 0)
      AS minutes_after
  FROM kept k JOIN events e ON e.user_id = k.user_id
  GROUP BY k.user_id ORDER BY k.user_id
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""
RECIPE = EventRecipe(
    EventColumns("user_id", "time", "event", "item_id"),
    anchor=Anchor("first of a kind", ("shown",)),
    covariates=(
        Measure("count", before(14), name="events_before"),
        Measure("count", before(14), ("click",), name="clicks_before"),
        Measure("distinct", before(14), column="item_id", name="items_before"),
    ),
    outcomes=(
        Measure("count", after(7), ("click",), name="clicks_after"),
        Measure("sum", after(7), ("view",), "minutes", name="minutes_after"),
    ),
)


def floor(path: Path, out: Path, limit: str) -> None:
    """The hand-written query, in an engine with the same limits."""
    from causal.logs import engine

    engine.MEMORY_LIMIT = limit
    with engine.locked_engine(out.parent, reads=(path,)) as connection:
        connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{path}')")
        connection.execute(FLOOR.format(out=out))


def ours(path: Path, out: Path, limit: str) -> None:
    """The recipe, as `build_units` runs it."""
    from causal.logs import engine
    from causal.logs.event_units import unit_log

    engine.MEMORY_LIMIT = limit
    kinds = (("user_id", "text"), ("time", "time"), ("event", "text"), ("item_id", "integer"), ("minutes", "number"))
    log = Log("events", path, tuple(Column(name, kind) for name, kind in kinds), 0, "")
    unit_log(log, RECIPE, out.parent).path.replace(out)


def measured(side: str, path: Path, folder: Path, limit: str) -> dict[str, Any]:
    """One side in a process of its own."""
    out = folder / f"{side}-{limit}.parquet"
    run = [sys.executable, "-m", "tests.bench.units", side, str(path), str(out), limit]
    told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    return {**json.loads(told.strip().splitlines()[-1]), "out": out}


def one_side(side: str, path: Path, out: Path, limit: str) -> None:
    """What the process of one side does and tells."""
    import duckdb  # noqa: F401  loading it is no part of the work
    import pyarrow.parquet  # noqa: F401

    began, spent = time.perf_counter(), time.process_time()
    {"floor": floor, "ours": ours}[side](path, out, limit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "seconds": round(time.perf_counter() - began, 2),
                "processor_seconds": round(time.process_time() - spent, 2),
                "peak_megabytes": round(peak),
            }
        )
    )


def same(left: Path, right: Path) -> bool:
    """Whether both sides found the same: integers exactly, sums to 1e-9."""
    import duckdb

    differ = """SELECT count(*) FROM read_parquet(?) l FULL JOIN read_parquet(?) r USING (user_id)
      WHERE l.anchor IS DISTINCT FROM r.anchor OR l.events_before IS DISTINCT FROM r.events_before
      OR l.clicks_before IS DISTINCT FROM r.clicks_before OR l.items_before IS DISTINCT FROM r.items_before
      OR l.clicks_after IS DISTINCT FROM r.clicks_after
      OR abs(l.minutes_after - r.minutes_after) > 1e-9 * greatest(1, abs(r.minutes_after))"""
    ((count,),) = duckdb.execute(differ, [str(left), str(right)]).fetchall()
    return bool(count == 0)


def main(millions: float, repeats: int) -> None:
    """Both sides at the app's memory limit, and ours once more with 1.5 GB."""
    import duckdb

    events = round(millions * 1e6)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        path = folder / "events.parquet"
        duckdb.execute(MADE.format(events=events, users=events // PER_USER, path=path))
        runs = [{side: measured(side, path, folder, "2GB") for side in ("floor", "ours")} for _ in range(repeats)]
        found = {side: min((run[side] for run in runs), key=itemgetter("seconds")) for side in ("floor", "ours")}
        small = measured("ours", path, folder, "1.5GB")
        record = {
            "made": datetime.date.today().isoformat(),
            "machine": f"{platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}",
            "events": events,
            "runs": repeats,
            "file_megabytes": round(path.stat().st_size / 1e6),
            **{side: {name: each[name] for name in each if name != "out"} for side, each in found.items()},
            "ours_with_1.5GB": {name: small[name] for name in small if name != "out"},
            "times_the_floor": round(found["ours"]["seconds"] / found["floor"]["seconds"], 2),
            "times_the_floors_processor": round(
                found["ours"]["processor_seconds"] / found["floor"]["processor_seconds"], 2
            ),
            "same_as_floor": same(found["ours"]["out"], found["floor"]["out"]),
            "same_bytes_with_1.5GB": found["ours"]["out"].read_bytes() == small["out"].read_bytes(),
            "processes_waiting_for_the_cores": round(os.getloadavg()[0], 1),
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    if sys.argv[1:2] in (["floor"], ["ours"]):
        one_side(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 5, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
