"""Doubly robust with interval and balance at 10,000,000 units x 20 covariates: peak memory of the whole process.

The frame is made in the process first; the peak is then set back, so that it counts what is resident (imports and the
frame among it) and all that the unit table and the answer take, but not what making the frame took for a moment.

Run: python -m tests.bench.memory [units] writes tests/bench/memory.json
"""

from __future__ import annotations

import datetime
import json
import platform
import sys
import time
from pathlib import Path

from tests.bench.doubly_robust import COVARIATES, SEED, high_water, ours, resident, restart_high_water, simulated

LIMIT_GB = 12


def main(units: int) -> None:
    ours(simulated(2_000))  # what is imported at first use
    frame = simulated(units)
    restart_high_water()
    before = resident()
    wall, processor = time.perf_counter(), time.process_time()
    analysis = ours(frame)
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "seed": SEED,
        "units": units,
        "covariates": COVARIATES,
        "table_gb": round(int(frame.memory_usage(index=False).sum()) / 1e9, 2),
        "resident_before_gb": round(before / 1e9, 2),
        "peak_gb": round(high_water() / 1e9, 2),
        "limit_gb": LIMIT_GB,
        "seconds": round(time.perf_counter() - wall, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        "effect": analysis.estimate.effect,
        "std_error": analysis.estimate.std_error,
        "largest_difference_after": max(abs(row.after) for row in analysis.balance.rows),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
