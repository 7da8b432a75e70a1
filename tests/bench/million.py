"""Six methods with interval and balance, each against its floor, at 1,000,000 units x 20 covariates, in one process.

A method's floor is the code that is usual for its nuisances alone: scikit-learn's LogisticRegression(C=np.inf) at its
defaults for the propensity, normal equations for linear models (one, or one per arm; weighted where the method is).
Two readings of it are timed. The stricter one (`floor_seconds`, `ratio`) starts from arrays that are ready and, for
regression, ends with the coefficients. The other (`floor_from_the_frame_seconds`, `ratio_from_the_frame`) is the floor
of tests/bench/doubly_robust.py without what the method does not fit: it starts from the frame, as an answer does, and
ends with the fitted values of every model. Ratios are medians of paired runs, of processor time, as others may use the
machine too, and by the clock for comparison.

What every answer needs beside its fit (drawing complete cases into standardised model columns, the plain difference,
the arms' moments, balance) is timed alone too: normal equations walk over the table about four times and do little
else, so where that exceeds twice a floor, no fit could be within it. Then all six in one click, where they share the
design and what they fit alike, against the sum of each alone.

Run: python -m tests.bench.million [units]
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

from tests.bench.doubly_robust import COVARIATES, SEED, simulated

RUNS = 5
NAMES = tuple(f"x{place}" for place in range(COVARIATES))


class Floors:
    """The usual code for the fitted parts."""

    def __init__(self, frame) -> None:
        self.covariates = frame[list(NAMES)].to_numpy()
        self.treated, self.outcome = frame["t"].to_numpy(), frame["y"].to_numpy()

    def propensity(self):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=np.inf).fit(self.covariates, self.treated)
        return model.predict_proba(self.covariates)[:, 1]

    def per_arm(self, weights=None):
        model = np.column_stack([np.ones(len(self.outcome)), self.covariates])
        fitted = []
        for arm in (0, 1):
            rows = self.treated == arm
            chosen, seen = model[rows], self.outcome[rows]
            weighted = chosen if weights is None else chosen * weights[rows, None]
            fitted.append(model @ np.linalg.solve(weighted.T @ chosen, weighted.T @ seen))
        return fitted

    def regression(self):
        model = np.column_stack([np.ones(len(self.outcome)), self.treated, self.covariates])
        return np.linalg.solve(model.T @ model, model.T @ self.outcome)

    def weighting(self):
        chance = self.propensity()
        return np.where(self.treated == 1, 1 / chance, 1 / (1 - chance))

    def doubly_robust(self):
        return self.propensity(), self.per_arm()

    def weighted_regression(self):
        return self.per_arm(self.weighting())


def floors(frame) -> dict[str, Callable[[], object]]:
    """From arrays that are ready."""
    return _floors(Floors(frame))


def floors_from_the_frame(frame) -> dict[str, Callable[[], object]]:
    """As tests/bench/doubly_robust.py times its own."""

    def regression():
        of = Floors(frame)
        model = np.column_stack([np.ones(len(of.outcome)), of.treated, of.covariates])
        return model @ np.linalg.solve(model.T @ model, model.T @ of.outcome)

    names = _floors(Floors(frame))
    return {name: lambda name=name: _floors(Floors(frame))[name]() for name in names} | {"regression": regression}


def _floors(of: Floors) -> dict[str, Callable[[], object]]:
    return {
        "regression": of.regression,
        "standardisation": of.per_arm,
        "weighting": of.weighting,
        "doubly_robust": of.doubly_robust,
        "weighted_regression": of.weighted_regression,
        "tmle": of.doubly_robust,
    }


def seconds(run: Callable[[], object]) -> float:
    return timed(run)[0]


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Processor and wall seconds."""
    processor, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - processor, time.perf_counter() - wall


def main(units: int) -> None:
    import causal
    from causal.checks.balance import balance
    from causal.estimators.design import draw_sample, shared_samples
    from causal.estimators.difference_in_means import METHOD as NAIVE
    from causal.estimators.estimation import estimate_from_sample
    from causal.estimators.one_thread import one_thread

    frame = simulated(units)
    table = causal.UnitTable.from_frame(frame)

    def ours(method: str):
        return causal.answer(table, causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=NAMES, method=method))

    def one_click() -> None:
        with shared_samples():
            for method in usual:
                ours(method)

    @one_thread
    def beside_the_fit() -> None:
        sample = draw_sample(table, causal.Question("t", "y"), NAMES)
        _, plain = estimate_from_sample(sample, NAIVE)
        balance(sample, plain.weights, sample)

    usual, from_the_frame = floors(frame), floors_from_the_frame(frame)
    rows = {}
    for method, floor in usual.items():
        estimate = ours(method).estimate
        runs = [
            (timed(lambda method=method: ours(method)), timed(floor), timed(from_the_frame[method]))
            for _ in range(RUNS)
        ]
        beside = statistics.median(seconds(beside_the_fit) for _ in range(RUNS))
        rows[method] = {
            "ours_seconds": round(statistics.median(mine[0] for mine, _, _ in runs), 3),
            "floor_seconds": round(statistics.median(ready[0] for _, ready, _ in runs), 3),
            "ratio": round(statistics.median(mine[0] / ready[0] for mine, ready, _ in runs), 3),
            "ratio_by_the_clock": round(statistics.median(mine[1] / ready[1] for mine, ready, _ in runs), 3),
            "floor_from_the_frame_seconds": round(statistics.median(whole[0] for _, _, whole in runs), 3),
            "ratio_from_the_frame": round(statistics.median(mine[0] / whole[0] for mine, _, whole in runs), 3),
            "ratio_from_the_frame_by_the_clock": round(
                statistics.median(mine[1] / whole[1] for mine, _, whole in runs), 3
            ),
            "drawing_and_balance_alone": round(beside / statistics.median(ready[0] for _, ready, _ in runs), 3),
            "effect": estimate.effect,
            "std_error": estimate.std_error,
        }
        print(method, rows[method], flush=True)
    together = statistics.median(seconds(one_click) for _ in range(RUNS))
    alone = sum(row["ours_seconds"] for row in rows.values())
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "seed": SEED,
        "units": units,
        "covariates": COVARIATES,
        "runs": RUNS,
        "processes_waiting_for_the_two_cores": round(os.getloadavg()[0], 1),
        "methods": rows,
        "one_click": {
            "seconds": round(together, 3),
            "sum_of_each_alone": round(alone, 3),
            "share": round(together / alone, 3),
        },
    }
    (Path(__file__).parent / "million.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report["one_click"]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
