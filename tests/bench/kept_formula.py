"""The formula's road at a million units: what is kept of a quantity and of counts, and every slider position from it.

Run: python -m tests.bench.kept_formula. Beside it several changes at once, which are fitted when they are asked. Writes
kept_formula.json beside it.
"""

from __future__ import annotations

import datetime
import json
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import causal
from causal.interventions.kept_formula import KeptFormula, keep_formula
from tests.bench.what_if import GRAPH, ROWS, SEED, log, timed


def once(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    took = time.perf_counter() - wall, time.process_time() - processor
    return found, {"wall": round(took[0], 2), "processor": round(took[1], 2)}


def main() -> None:
    frame = log(ROWS)
    rng = np.random.default_rng(SEED)
    frame["visits"] = rng.poisson(np.exp(0.8 + 0.3 * frame["taste"]))
    frame["minutes"] += frame["visits"]
    table = causal.UnitTable.from_frame(frame)
    graph = causal.CausalGraph.from_edges([*GRAPH.directed, ("taste", "visits"), ("visits", "minutes")])
    spec = causal.AnalysisSpec(causal.Question("arm", "minutes"), graph=graph)
    found: dict[str, Any] = {"rows": ROWS}
    for cause, changes in {
        "price": (causal.Shift(-0.5), causal.Shift(0.5), causal.Scale(1.1)),
        "visits": (causal.Shift(1.0), causal.Shift(-2.0)),
    }.items():
        kept, seconds = once(lambda cause=cause: keep_formula(table, spec, cause, "minutes"))
        arrays, facts = kept.to_arrays()
        found[cause] = {
            "keep_seconds": seconds,
            "arrays_mb": round(sum(each.nbytes for each in arrays.values()) / 2**20, 1),
            "from_arrays_seconds": timed(lambda a=arrays, f=facts: KeptFormula.from_arrays(a, f)),
            "answer_seconds": {str(each): timed(lambda k=kept, c={cause: each}: k.under(c)) for each in changes},
        }
    for changes in (
        {"arm": causal.Set(1), "device": causal.Set("phone")},
        {"arm": causal.Set(1), "price": causal.Shift(-0.5)},
    ):
        answer, seconds = once(lambda c=changes: causal.what_if(table, spec, c, road="identified"))
        told = {"seconds": seconds, "difference": round(answer.difference, 4), "std_error": round(answer.std_error, 4)}
        found[" and ".join(changes)] = {**told, "method": answer.method}
    found |= {
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": f"{platform.machine()}, {platform.python_version()}",
        "date": datetime.date.today().isoformat(),
    }
    text = json.dumps(found, indent=2) + "\n"
    Path(__file__).with_suffix(".json").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
