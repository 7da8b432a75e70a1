"""What balance in full, regions without overlap and the fit of models cost at a million rows, and their peak memory.

Run: python -m tests.bench.trust
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import causal

UNITS, QUANTITIES = 1_000_000, 10


def draw() -> causal.UnitTable:
    """Ten quantities and a category; where two quantities are large nobody is treated."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(UNITS, QUANTITIES))
    chance = 1 / (1 + np.exp(-0.5 * x[:, 0]))
    chance[(x[:, 1] > 1.5) & (x[:, 2] > 1)] = 0
    treated = rng.random(UNITS) < chance
    frame = pd.DataFrame(x, columns=[f"x{place}" for place in range(QUANTITIES)])
    frame = frame.assign(c=rng.choice(list("abcdefgh"), UNITS), t=treated.astype(int))
    return causal.UnitTable.from_frame(frame.assign(y=x[:, 0] + treated + rng.normal(size=UNITS)))


def main() -> None:
    table = draw()
    names = tuple(each for each in table.names if each not in ("t", "y"))
    specs = [
        causal.AnalysisSpec(causal.Question("t", "y"), method=name, adjust_for=names)
        for name in ("doubly_robust", "regression")
    ]
    asked: dict[str, Callable[[], Any]] = {
        "one answer": lambda: causal.answer(table, specs[0]),
        "balance in full, two methods": lambda: causal.compare_balance(table, specs),
        "regions without overlap": lambda: causal.positivity(table, specs[0]),
        "fit of models": lambda: causal.model_fit(table, specs[0]),
    }
    document: dict[str, Any] = {"units": UNITS, "covariates": len(names), "cores": os.cpu_count()}
    for name, ask in asked.items():
        began, worked = time.perf_counter(), time.process_time()
        ask()
        document[name] = {
            "seconds": round(time.perf_counter() - began, 1),
            "seconds of one core": round(time.process_time() - worked, 1),
        }
    document["others at work on the machine"] = round(os.getloadavg()[0], 1)
    document["peak memory, GB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
    print(document)
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
