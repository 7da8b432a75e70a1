"""Fifty simulations of a refuter at 100,000 units beside one estimate, in wall time.

`python -m tests.bench.refuters_time` prints it and writes refuters_time.json beside this file.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import causal
from causal.effects.refutation import refute
from tests.checks.refuters.planted import draw

UNITS, SIMULATIONS = 100_000, 50
REFUTERS = ("placebo", "simulated_outcome", "random_cause", "subset", "resampled")


def main() -> None:
    table = causal.UnitTable.from_frame(draw("none", 0, UNITS))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="doubly_robust", adjust_for=("x", "g"))
    causal.answer(table, spec)
    began = time.perf_counter()
    causal.answer(table, spec)
    one = time.perf_counter() - began
    document = {
        "units": UNITS,
        "simulations": SIMULATIONS,
        "cores": os.cpu_count(),
        "one answer, seconds": round(one, 3),
    }
    for name in REFUTERS:
        began = time.perf_counter()
        light = refute(table, spec, [name], SIMULATIONS)[0].light
        seconds = time.perf_counter() - began
        document[name] = {"seconds": round(seconds, 2), "times one answer": round(seconds / one, 1), "light": light}
    print(document)
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
