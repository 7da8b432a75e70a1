"""Doubly robust with interval and balance against its floor, at 1,000,000 units x 20 covariates, in one process.

The floor: scikit-learn's LogisticRegression(C=np.inf) at its defaults for the propensity, and normal equations for the
two arms' outcome models. Also the what-if of `treat_share`, and the peak memory over what the imports take.

Run: python -m tests.bench.doubly_robust [units] writes tests/bench/doubly_robust.json
"""

from __future__ import annotations

import datetime
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20_261_122
COVARIATES = 20
RUNS = 5


def simulated(units: int) -> pd.DataFrame:
    rng = np.random.default_rng(SEED)
    covariates = rng.normal(size=(units, COVARIATES))
    slopes = rng.normal(size=COVARIATES) * 0.2
    chance = 1 / (1 + np.exp(-(covariates @ slopes)))
    treated = (rng.random(units) < chance).astype(np.int64)
    outcome = covariates @ rng.normal(size=COVARIATES) + treated + rng.normal(size=units)
    frame = pd.DataFrame({f"x{place}": covariates[:, place] for place in range(COVARIATES)})
    return frame.assign(t=treated, y=outcome)


def floor(frame: pd.DataFrame) -> float:
    from sklearn.linear_model import LogisticRegression

    covariates = frame[[f"x{place}" for place in range(COVARIATES)]].to_numpy()
    treated, outcome = frame["t"].to_numpy(), frame["y"].to_numpy()
    propensity = LogisticRegression(C=np.inf).fit(covariates, treated).predict_proba(covariates)[:, 1]
    model = np.column_stack([np.ones(len(frame)), covariates])
    fitted = []
    for arm in (0, 1):
        rows = treated == arm
        chosen, seen = model[rows], outcome[rows]
        fitted.append(model @ np.linalg.solve(chosen.T @ chosen, chosen.T @ seen))
    score = fitted[1] - fitted[0]
    score += treated * (outcome - fitted[1]) / propensity
    score -= (1 - treated) * (outcome - fitted[0]) / (1 - propensity)
    return float(score.mean())


def ours(frame: pd.DataFrame):
    import causal

    names = [f"x{place}" for place in range(COVARIATES)]
    graph = causal.CausalGraph.from_edges([(name, end) for name in names for end in ("t", "y")] + [("t", "y")])
    spec = causal.AnalysisSpec(question=causal.Question("t", "y"), graph=graph, method="doubly_robust")
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _peak(units: int, pipe: object) -> None:
    import causal.analysis  # noqa: F401

    frame = simulated(units)
    table = int(frame.memory_usage(index=False).sum())
    restart_high_water()
    before = resident()
    ours(frame)
    pipe.send((table, before, high_water()))  # type: ignore[attr-defined]


def restart_high_water() -> None:
    """Peak memory counts from here."""
    with open("/proc/self/clear_refs", "w") as reset:  # noqa: PTH123
        reset.write("5")


def resident() -> int:
    """Bytes of memory that this process has now."""
    return _status("VmRSS")


def high_water() -> int:
    """The most bytes of memory that it had."""
    return _status("VmHWM")


def _status(key: str) -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123
        for line in status:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(units: int) -> None:
    import causal

    frame = simulated(units)
    pairs = []
    result = ours(frame)
    floor_effect = floor(frame)
    for _ in range(RUNS):
        pairs.append((timed(lambda: ours(frame)), timed(lambda: floor(frame))))
    first = [
        timed(lambda name=f"x{place}": causal.treat_share(result, np.linspace(0, 1, 101), name)) for place in range(5)
    ]
    again = [
        timed(lambda name=f"x{place}": causal.treat_share(result, np.linspace(0, 1, 101), name)) for place in range(5)
    ]
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_peak, args=(units, there))
    child.start()
    table, before, peak = here.recv()
    child.join()
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "seed": SEED,
        "units": units,
        "covariates": COVARIATES,
        "runs": RUNS,
        "ours_seconds_median": round(statistics.median(pair[0] for pair in pairs), 3),
        "floor_seconds_median": round(statistics.median(pair[1] for pair in pairs), 3),
        "ratio_median": round(statistics.median(pair[0] / pair[1] for pair in pairs), 3),
        "ratios": [round(pair[0] / pair[1], 3) for pair in pairs],
        "effect": result.estimate.effect,
        "std_error": result.estimate.std_error,
        "floor_effect": floor_effect,
        "treat_share_first_call_ms": round(1000 * statistics.median(first), 1),
        "treat_share_kept_ordering_ms": round(1000 * statistics.median(again), 2),
        "table_mib": round(table / 2**20, 1),
        "peak_over_table_beyond_imports_with_table": round((peak - before + table) / table, 2),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
