"""Matching on the propensity with its Abadie-Imbens error, balance and overlap, against DoWhy's point estimate alone.

At 1,000,000 units x 20 covariates, both in one process in turn; the ratio is of wall time, and of processor time where
others use the machine too. DoWhy gets its estimand ready-made and a fresh copy of the frame for each call (it writes
its scores into it); neither counts. It keeps one neighbour where several tie, and its score is penalised: the estimates
differ by that. Then, in processor seconds, matching between covariates (Mahalanobis, bias adjustment) at 20,000 units,
and in pairs without replacement.

Run: python -m tests.bench.matching [units] writes tests/bench/matching.json
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

import causal
from tests.bench.doubly_robust import COVARIATES, SEED, simulated

RUNS = 3
NAMES = tuple(f"x{place}" for place in range(COVARIATES))


def ours(table: causal.UnitTable, names: tuple[str, ...] = NAMES, target: str = "everyone", **options: object):
    question = causal.Question("t", "y", target=target)
    return causal.answer(table, causal.AnalysisSpec(question, adjust_for=names, method="matching", options=options))


def dowhys(frame: pd.DataFrame):
    """DoWhy's estimator, ready to be called."""
    import dowhy

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    model = dowhy.CausalModel(frame, "t", "y", common_causes=list(NAMES))
    estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
    return lambda: model.estimate_effect(estimand, method_name="backdoor.propensity_score_matching", target_units="ate")


def timed(run) -> tuple[float, float, object]:
    """Wall and processor seconds, and the result."""
    wall, processor = time.perf_counter(), time.process_time()
    result = run()
    return time.perf_counter() - wall, time.process_time() - processor, result


def main(units: int) -> None:
    frame = simulated(units)
    import dowhy  # noqa: F401

    ours(causal.UnitTable.from_frame(frame[:2_000]))  # what is imported at first use
    pairs = []
    for _ in range(RUNS):
        table = causal.UnitTable.from_frame(frame)
        *mine, analysis = timed(lambda: ours(table))  # noqa: B023
        *theirs, stock = timed(dowhys(frame.copy()))
        pairs.append((*mine, *theirs))
    small = causal.UnitTable.from_frame(frame[:20_000])
    six = NAMES[:6]
    _, near, between = timed(lambda: ours(small, six, distance="mahalanobis", bias_adjustment=six))
    _, every, _ = timed(lambda: ours(small, distance="mahalanobis", bias_adjustment=NAMES))
    _, paired, _ = timed(lambda: ours(small, six, "treated", distance="mahalanobis", replacement=False))
    _, along, _ = timed(lambda: ours(table, target="treated", replacement=False))
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "seed": SEED,
        "units": units,
        "covariates": COVARIATES,
        "runs": RUNS,
        "ours_seconds_median": round(statistics.median(pair[0] for pair in pairs), 3),
        "dowhy_seconds_median": round(statistics.median(pair[2] for pair in pairs), 3),
        "ratios": [round(pair[0] / pair[2], 3) for pair in pairs],
        "ratio_median": round(statistics.median(pair[0] / pair[2] for pair in pairs), 3),
        "ratio_median_processor": round(statistics.median(pair[1] / pair[3] for pair in pairs), 3),
        "effect": analysis.estimate.effect,
        "std_error": analysis.estimate.std_error,
        "dowhy_effect": float(stock.value),
        "mahalanobis_20000_by_6_seconds": round(near, 3),
        "mahalanobis_20000_by_6_effect": between.estimate.effect,
        "mahalanobis_20000_by_20_seconds": round(every, 3),
        "mahalanobis_pairs_20000_by_6_seconds": round(paired, 3),
        "pairs_on_the_score_seconds": round(along, 3),
    }
    text = json.dumps(report, indent=1) + "\n"
    (Path(__file__).parent / "matching.json").write_text(text)
    print(text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
