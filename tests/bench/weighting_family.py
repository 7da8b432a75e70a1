"""The weighting family with interval and balance against its floor, at 1,000,000 units x 20 covariates, in one process.

The floor is the family's nuisance alone: one fit of scikit-learn's LogisticRegression(C=np.inf) at its defaults, and
its predictions. Ours is `answer` on a table: the model columns, the weights, effect, interval, balance and overlap.
Both run in turn; the ratio is of wall time, and of processor time where others use the machine too. Trimming fits the
model twice by definition, and the over-identified score is fitted on top of the logistic one. Coarsened matching fits
no model: its columns are cut in two, so that many cells hold both arms.

Run: python -m tests.bench.weighting_family [units] writes tests/bench/weighting_family.json
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.doubly_robust import COVARIATES, SEED, simulated

RUNS = 3
NAMES = tuple(f"x{place}" for place in range(COVARIATES))
CUT = "\n".join(f"{name}: 0" for name in NAMES)
CASES: dict[str, tuple[str, str, dict[str, object]]] = {
    "weighting": ("weighting", "everyone", {}),
    "weighting, trimmed at 0.1": ("weighting", "everyone", {"trim": 0.1}),
    "overlap_weighting": ("overlap_weighting", "overlap", {}),
    "entropy_balancing": ("entropy_balancing", "everyone", {}),
    "entropy_balancing, treated": ("entropy_balancing", "treated", {}),
    "covariate_balancing": ("covariate_balancing", "everyone", {}),
    "covariate_balancing, over-identified": ("covariate_balancing", "everyone", {"over_identified": True}),
    "stratification": ("stratification", "everyone", {}),
    "coarsened_matching": ("coarsened_matching", "everyone", {"cut_points": CUT}),
}


def floor(frame: pd.DataFrame) -> float:
    from sklearn.linear_model import LogisticRegression

    covariates, treated = frame[list(NAMES)].to_numpy(), frame["t"].to_numpy()
    return float(LogisticRegression(C=np.inf).fit(covariates, treated).predict_proba(covariates)[:, 1].mean())


def ours(table, case: str):
    import causal

    method, target, options = CASES[case]
    question = causal.Question("t", "y", target=target)
    return causal.answer(table, causal.AnalysisSpec(question, method=method, adjust_for=NAMES, options=options))


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


def main(units: int) -> None:
    import causal

    frame = simulated(units)
    table = causal.UnitTable.from_frame(frame)
    floor(frame)
    found = {}
    for case in CASES:
        result = ours(table, case)
        pairs = [(timed(lambda case=case: ours(table, case)), timed(lambda: floor(frame))) for _ in range(RUNS)]
        found[case] = {
            "ours_seconds": round(statistics.median(mine[0] for mine, _ in pairs), 3),
            "floor_seconds": round(statistics.median(theirs[0] for _, theirs in pairs), 3),
            "wall_ratio": round(statistics.median(mine[0] / theirs[0] for mine, theirs in pairs), 2),
            "processor_ratio": round(statistics.median(mine[1] / theirs[1] for mine, theirs in pairs), 2),
            "effect": result.estimate.effect,
            "std_error": result.estimate.std_error,
            "units": result.estimate.n,
        }
        print(case, found[case], file=sys.stderr)
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "seed": SEED,
        "units": units,
        "covariates": COVARIATES,
        "runs": RUNS,
        "methods": found,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
