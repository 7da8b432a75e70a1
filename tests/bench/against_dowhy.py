"""Four methods with interval and balance against DoWhy's estimate with its default interval, at 5,000 units x 6.

DoWhy's default interval is a bootstrap of 399 replicates, one after the other. So many would take most of an hour, so
some are run and their time is scaled: the time of the estimate alone, plus 399 times the time of one replicate, which
is what the replicates run added divided by their number. Both in one process in turn, by the clock and in processor
seconds. DoWhy gets its estimand ready-made; its propensity model is penalised and clipped, so its effects differ.

Run: python -m tests.bench.against_dowhy writes tests/bench/against_dowhy.json
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import logging
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import causal

SEED = 20_261_126
UNITS, COVARIATES = 5_000, 6
RUNS = 3
DEFAULT_REPLICATES = 399
NAMES = tuple(f"x{place}" for place in range(COVARIATES))

REPLICATES_RUN = {
    "weighting": ("backdoor.propensity_score_weighting", 20),
    "stratification": ("backdoor.propensity_score_stratification", 6),
    "matching": ("backdoor.propensity_score_matching", 20),
    "doubly_robust": ("backdoor.doubly_robust", 12),
}
"""Our method, DoWhy's, and how many of its replicates are run."""


def simulated() -> pd.DataFrame:
    rng = np.random.default_rng(SEED)
    covariates = rng.normal(size=(UNITS, COVARIATES))
    chance = 1 / (1 + np.exp(-(covariates @ (rng.normal(size=COVARIATES) * 0.3))))
    treated = (rng.random(UNITS) < chance).astype(np.int64)
    outcome = covariates @ rng.normal(size=COVARIATES) + treated + rng.normal(size=UNITS)
    return pd.DataFrame(covariates, columns=list(NAMES)).assign(t=treated, y=outcome)


def ours(frame: pd.DataFrame, method: str) -> causal.Analysis:
    """From the frame to the answer, interval, balance and overlap included."""
    table = causal.UnitTable.from_frame(frame)
    analysis = causal.answer(table, causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=NAMES, method=method))
    analysis.estimate.interval(0.95)
    return analysis


def dowhys(frame: pd.DataFrame, name: str, replicates: int) -> Callable[[], float]:
    """DoWhy's estimator with an interval from so many replicates (0: no interval), ready to be called."""
    import dowhy

    model = dowhy.CausalModel(frame.copy(), "t", "y", common_causes=list(NAMES))
    estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
    parameters = {"init_params": {"num_simulations": replicates}} if replicates else {}

    def run() -> float:
        estimate = model.estimate_effect(
            estimand,
            method_name=name,
            target_units="ate",
            confidence_intervals=bool(replicates),
            method_params=parameters,
        )
        if replicates:
            assert np.isfinite(np.asarray(estimate.get_confidence_intervals())).all()
            assert len(estimate.estimator._bootstrap_estimates.estimates) == replicates
        return float(estimate.value)

    return run


def timed(run: Callable[[], object]) -> tuple[float, float, object]:
    """Wall and processor seconds, and the result."""
    wall, processor = time.perf_counter(), time.process_time()
    result = run()
    return time.perf_counter() - wall, time.process_time() - processor, result


def scaled(alone: float, with_replicates: float, replicates: int) -> float:
    """Seconds that the estimate with all replicates would take, in proportion."""
    return alone + max(with_replicates - alone, 0.0) / replicates * DEFAULT_REPLICATES


def compared(frame: pd.DataFrame, method: str) -> dict[str, object]:
    name, replicates = REPLICATES_RUN[method]
    rows = []
    ours(frame, method), dowhys(frame, name, 0)()  # what is imported or prepared at first use
    for _ in range(RUNS):
        *mine, analysis = timed(lambda: ours(frame, method))
        *alone, stock = timed(dowhys(frame, name, 0))
        *drawn, _ = timed(dowhys(frame, name, replicates))
        theirs = [scaled(one, many, replicates) for one, many in zip(alone, drawn, strict=True)]
        rows.append((mine, alone, drawn, theirs))
    wall, processor = 0, 1
    return {
        "dowhy_method": name,
        "ours_seconds": round(statistics.median(row[0][wall] for row in rows), 4),
        "dowhy_estimate_alone_seconds": round(statistics.median(row[1][wall] for row in rows), 4),
        "dowhy_replicates_run": replicates,
        "dowhy_seconds_with_those": round(statistics.median(row[2][wall] for row in rows), 3),
        "dowhy_seconds_scaled_to_399": round(statistics.median(row[3][wall] for row in rows), 1),
        "times_faster": round(statistics.median(row[3][wall] / row[0][wall] for row in rows)),
        "times_faster_by_processor_seconds": round(
            statistics.median(row[3][processor] / row[0][processor] for row in rows)
        ),
        "times_faster_than_the_estimate_alone": round(
            statistics.median(row[1][processor] / row[0][processor] for row in rows), 2
        ),
        "effect": analysis.estimate.effect,
        "std_error": analysis.estimate.std_error,
        "dowhy_effect": stock,
    }


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    frame = simulated()
    methods = {}
    for method in REPLICATES_RUN:
        methods[method] = compared(frame, method)
        print(method, methods[method], flush=True)
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": {name: importlib.metadata.version(name) for name in ("dowhy", "numpy", "pandas", "scikit-learn")},
        "seed": SEED,
        "units": UNITS,
        "covariates": COVARIATES,
        "runs": RUNS,
        "how": "DoWhy's default interval is 399 bootstrap replicates. Fewer were run: the seconds of 399 are those of "
        "the estimate alone plus 399 times what one replicate added.",
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "methods": methods,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
