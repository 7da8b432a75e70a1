"""400 bootstrap replicates on one process and on two: the same digits, and how much faster.

In turn, three times; ratios are medians over the three. By the clock, and by the processor seconds of the busier of the
two processes: where others use the machine too, only the second says what two free cores would give.

Run: python -m tests.bench.replicates writes tests/bench/replicates.json
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import causal
from causal.estimators.bootstrap import _Asked, refit
from causal.estimators.design import draw_sample
from causal.estimators.registry import method_named
from causal.replicates import run_replicates
from tests.estimators.designs import VARIED

REPLICATES = 400
ROWS = 30_000
RUNS = 3


def _processor_seconds() -> tuple[float, float]:
    """Of this process, and of its helpers that have ended."""
    used = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return used[0].ru_utime + used[0].ru_stime, used[1].ru_utime + used[1].ru_stime


def main() -> None:
    frame = VARIED.draw(np.random.default_rng(1), ROWS)
    for place in range(8):
        frame[f"x{place}"] = np.random.default_rng(place).normal(size=ROWS)
    covariates = ("a", "b", *(f"x{place}" for place in range(8)))
    sample = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), covariates)
    asked = _Asked(sample, "doubly_robust", method_named("doubly_robust").make_options(None), None)
    rounds, same = [], True
    for _ in range(RUNS):
        seconds, busiest, found = {}, {}, {}
        for processes in (1, 2):
            began, before = time.perf_counter(), _processor_seconds()
            found[processes] = run_replicates(refit, asked, REPLICATES, seed=1, processes=processes)
            seconds[processes] = time.perf_counter() - began
            busiest[processes] = max(now - then for now, then in zip(_processor_seconds(), before, strict=True))
        rounds.append((seconds, busiest))
        same = same and found[1] == found[2]

    def middle(of: Callable[[dict[int, float], dict[int, float]], float]) -> float:
        return round(statistics.median(of(*each) for each in rounds), 2)

    record = {
        "made": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "what": f"doubly robust, {ROWS:,} rows, {len(covariates)} covariates, {REPLICATES} replicates",
        "runs": RUNS,
        "seconds_on_one_process": middle(lambda seconds, _: seconds[1]),
        "seconds_on_two_processes": middle(lambda seconds, _: seconds[2]),
        "times_faster": middle(lambda seconds, _: seconds[1] / seconds[2]),
        "each_time": [round(seconds[1] / seconds[2], 2) for seconds, _ in rounds],
        "processor_seconds_of_one_process": middle(lambda _, busiest: busiest[1]),
        "processor_seconds_of_the_busier_of_two": middle(lambda _, busiest: busiest[2]),
        "times_faster_by_processor_seconds": middle(lambda _, busiest: busiest[1] / busiest[2]),
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "same_digits": same,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
