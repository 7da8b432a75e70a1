"""Cross-fitted doubly robust with linear nuisances against EconML's LinearDRLearner and DoubleML's IRM.

Each with least squares for the outcome, unpenalised logistic regression for the treatment, five folds and an interval;
ours with balance and overlap too. EconML fits one outcome model with the treatment as a column, DoubleML and we one per
arm. Each draws its own folds, so that effects differ by what the split does. All in one process in turn, by the clock
and in processor seconds.

Run: python -m tests.bench.learners [units] writes its size into tests/bench/learners.json
(pip install -r tests/bench/requirements.txt first)
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression

import causal
from tests.bench.doubly_robust import COVARIATES, SEED, simulated

FOLDS = 5
RUNS = 3
NAMES = tuple(f"x{place}" for place in range(COVARIATES))

Answer = tuple[float, float]
"""Effect and standard error."""


def ours(frame: pd.DataFrame) -> Answer:
    options = {"model": "interactive", "learner": "linear", "folds": FOLDS}
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=NAMES, method="double_ml", options=options)
    estimate = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate
    return estimate.effect, estimate.std_error


def econmls(frame: pd.DataFrame) -> Answer:
    from econml.dr import LinearDRLearner

    learner = LinearDRLearner(
        model_propensity=LogisticRegression(C=np.inf),
        model_regression=LinearRegression(),
        cv=FOLDS,
        random_state=SEED,
    )
    learner.fit(frame["y"].to_numpy(), frame["t"].to_numpy(), W=frame[list(NAMES)].to_numpy())
    found = learner.intercept__inference(T=1)
    return float(found.point_estimate), float(found.stderr)


def doublemls(frame: pd.DataFrame) -> Answer:
    from doubleml import DoubleMLData, DoubleMLIRM

    data = DoubleMLData(frame, y_col="y", d_cols="t", x_cols=list(NAMES))
    np.random.seed(SEED)  # its folds know no other seed
    model = DoubleMLIRM(data, LinearRegression(), LogisticRegression(C=np.inf), n_folds=FOLDS).fit()
    return float(model.coef[0]), float(model.se[0])


def timed(run: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Wall and processor seconds, and the answer."""
    wall, processor = time.perf_counter(), time.process_time()
    found = run()
    return time.perf_counter() - wall, time.process_time() - processor, found


def main(units: int) -> None:
    warnings.simplefilter("ignore")
    peers = {"econml_LinearDRLearner": econmls, "doubleml_IRM": doublemls}
    everyone = {"ours": ours, **peers}
    frame = simulated(units)
    for each in everyone.values():
        each(frame[:2_000])  # what is imported at first use
    rows = [{name: timed(lambda each=each: each(frame)) for name, each in everyone.items()} for _ in range(RUNS)]
    found: dict[str, object] = {
        "date": datetime.date.today().isoformat(),
        "units": units,
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
    }
    for name in everyone:
        found[name] = {
            "seconds": round(statistics.median(row[name][0] for row in rows), 3),
            "processor_seconds": round(statistics.median(row[name][1] for row in rows), 3),
            "effect": rows[0][name][2][0],
            "std_error": rows[0][name][2][1],
        }
    for name in peers:
        found[f"times_faster_than_{name}"] = {
            "by_the_clock": round(statistics.median(row[name][0] / row["ours"][0] for row in rows), 2),
            "by_processor_seconds": round(statistics.median(row[name][1] / row["ours"][1] for row in rows), 2),
        }
    _write(units, found)


def _write(units: int, found: dict[str, object]) -> None:
    """Sizes run before stay in the file."""
    path = Path(__file__).with_suffix(".json")
    sizes = json.loads(path.read_text())["sizes"] if path.exists() else {}
    report = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": {
            name: importlib.metadata.version(name) for name in ("econml", "doubleml", "scikit-learn", "numpy")
        },
        "seed": SEED,
        "covariates": COVARIATES,
        "folds": FOLDS,
        "runs": RUNS,
        "sizes": {**sizes, str(units): found},
    }
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
