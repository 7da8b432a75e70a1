"""Five hundred specifications at 100,000 units: seconds for each, and for the joint test of the regressions among them.

`python -m tests.bench.specification_curve` prints it and writes specification_curve.json beside this file.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

import causal
from causal.effects.specifications import Choices, OutcomeDefinition, Population, specifications

UNITS = 100_000


def table() -> causal.UnitTable:
    rng = np.random.default_rng(20_261_126)
    x = rng.normal(size=(UNITS, 6))
    region, device = rng.choice(list("abcde"), UNITS), rng.choice(["phone", "tv", "web"], UNITS)
    t = (rng.random(UNITS) < 1 / (1 + np.exp(-(0.5 * x[:, 0] + 0.3 * (region == "b"))))).astype(int)
    y = t + x @ np.arange(6) / 5 + (device == "tv") + rng.normal(size=UNITS)
    named = {f"x{place}": x[:, place] for place in range(6)}
    return causal.UnitTable.from_frame(
        pd.DataFrame({**named, "region": region, "device": device, "t": t, "y": y, "minutes": np.exp(y / 4)})
    )


def choices() -> Choices:
    """Five populations, four outcomes, two sets, seven methods, three bounds of trimming: 504 that can be asked."""
    return Choices(
        (Population(), Population("treated"), *(Population(where=(causal.Condition("device", "is", each),))
                                                for each in ("phone", "tv", "web"))),
        tuple(OutcomeDefinition(column, rule) for column in ("y", "minutes") for rule in (None, causal.OutcomeRule())),
        (("x0", "x1", "x2", "x3", "x4", "x5", "region"), ("x0", "x1", "region")),
        ("doubly_robust", "regression", "standardisation", "weighting", "weighted_regression",
         "entropy_balancing", "overlap_weighting"),
        (0.0, 0.05, 0.1),
    )  # fmt: skip


def main() -> None:
    units = table()
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("x0", "x1", "x2", "x3", "x4", "x5", "region"))
    count = len(specifications(spec, choices()))
    began, marks = time.perf_counter(), {}

    def watch(share: float, stage: str) -> None:
        marks.setdefault(stage.split(" ")[0], time.perf_counter())

    found = causal.specification_curve(units, spec, choices(), progress=watch)
    ended = time.perf_counter()
    answering = marks["building"] - began
    document = {
        "units": UNITS,
        "specifications": count,
        "cores": os.cpu_count(),
        "seconds each, one process": round(answering / count, 3),
        "joint test, seconds": round(ended - marks["building"], 1),
        "regressions in it": 0 if found.joint is None else found.joint.regressions,
        "sound": len(found.sound),
    }
    print(document)
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
