"""The report on a log of millions of events: `python -m tests.bench.log_report [millions of events, default 5]`.

One process reads the same bytes on every run, makes the units, and then looks at both; time, processor seconds and the
peak memory of the process are written beside this file, check by check.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.reading import read_log
from causal.logs.report.log_report import log_report
from causal.logs.report.looked_at import roles_in
from causal.logs.time_range import after, before
from causal.logs.units import UnitRecipe, log_of_units

MADE = """
COPY (
  SELECT 'u' || (hash(i) % {users})::VARCHAR AS user_id,
    TIMESTAMP '2024-01-01'
      + to_microseconds(((i * 5184000 // {events}) * 1000000 + hash(i + 7) % 1000000)::BIGINT) AS time,
    time + INTERVAL 2 SECOND AS received_at,
    CASE hash(i + 2000000011) % 10 WHEN 0 THEN 'click' WHEN 1 THEN 'shown' ELSE 'view' END AS event,
    (hash(i + 3000000019) % 20000)::BIGINT AS item_id,
    CASE WHEN hash(user_id) % 2 = 0 THEN 'a' ELSE 'b' END AS variant,
    ((hash(i + 4000000007) % 3000) / 10.0)::DOUBLE AS minutes
  FROM range({events}) AS numbers(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
RECIPE = UnitRecipe(
    events=EventRecipe(
        EventColumns("user_id", "time", "event", "item_id"),
        anchor=Anchor("first of a kind", ("shown",)),
        treatment=Measure("value", column="variant"),
        covariates=(Measure("count", before(14), name="events_before"),),
        outcomes=(Measure("sum", after(7), ("view",), "minutes", name="minutes_7d"),),
    )
)


def main(millions: float) -> None:
    """The report once, with what each check took."""
    import duckdb

    events, stages = round(millions * 1e6), [("opening", time.perf_counter(), time.process_time())]
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "events.parquet"
        duckdb.execute(MADE.format(users=events // 20, events=events, path=path))
        log = read_log(path, folder=Path(home))
        units = log_of_units(log, RECIPE)
        roles = roles_in(log, units, RECIPE)
        stages[0] = ("opening", time.perf_counter(), time.process_time())
        found = log_report(
            log,
            units,
            roles,
            progress=lambda _, stage: stages.append((stage, time.perf_counter(), time.process_time())),
        )
        stages.append(("", time.perf_counter(), time.process_time()))
    record: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "events": events,
        "units": units.rows,
        "seconds": round(stages[-1][1] - stages[0][1], 2),
        "processor_seconds": round(stages[-1][2] - stages[0][2], 2),
        "peak_megabytes_of_the_whole_process": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "processes_waiting_for_the_cores": round(os.getloadavg()[0], 1),
        "processor_seconds_by_check": {
            each[0].removeprefix("looking for "): round(later[2] - each[2], 2)
            for each, later in itertools.pairwise(stages)
        },
        "findings": {each.check: each.count for each in found.findings},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5)
