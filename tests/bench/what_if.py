"""A structural model of a million units and eight nodes, and one what-if of it: `python -m tests.bench.what_if`.

Fitting in a process of its own, with its peak memory; then each kind of change, first and repeated, one scenario
against another, the same in clusters, the conversion to arrays and back, and single units. Writes what_if.json.
"""

from __future__ import annotations

import datetime
import json
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

import causal
from causal.interventions.scenario import paired

SEED = 9
REPEATS = 9
ROWS = 1_000_000

GRAPH = causal.CausalGraph.from_edges(
    [
        ("taste", "arm"),
        ("taste", "price"),
        ("taste", "sessions"),
        ("device", "arm"),
        ("device", "sessions"),
        ("arm", "sessions"),
        ("arm", "minutes"),
        ("sessions", "minutes"),
        ("price", "minutes"),
        ("taste", "minutes"),
        ("minutes", "stars"),
        ("minutes", "bought"),
        ("price", "bought"),
        ("arm", "bought"),
    ]
)


def log(n: int) -> pd.DataFrame:
    """Quantities with curves and jumps, levels in order, categories and a yes-or-no."""
    rng = np.random.default_rng(SEED)
    taste = rng.normal(size=n)
    device = rng.choice(["phone", "tablet", "desktop"], n, p=[0.6, 0.1, 0.3])
    arm = (rng.random(n) < 1 / (1 + np.exp(-taste - (device == "phone")))).astype(int)
    price = 0.7 * taste + rng.gamma(2.0, 1.0, n)
    sessions = 3 + np.maximum(taste, 0) + arm * (device == "phone") + rng.normal(size=n)
    minutes = 5 * sessions + 3 * arm * (price > 2) - np.sin(price) + 2 * taste + 4 * rng.normal(size=n)
    stars = np.clip(np.round(3 + (minutes - 18) / 8 + rng.normal(size=n)), 1, 5).astype(int)
    bought = np.where(rng.random(n) < 1 / (1 + np.exp(2 - minutes / 10 + 0.3 * price - 0.5 * arm)), "yes", "no")
    names = ("taste", "device", "arm", "price", "sessions", "minutes", "stars", "bought")
    values = (taste, device, arm, price, sessions, minutes, stars, bought)
    return pd.DataFrame(dict(zip(names, values, strict=True)))


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds of the first call and the median of the others, on the wall and of the processor."""
    walls, processors = [], []
    for _ in range(REPEATS):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return {
        "first": round(walls[0], 4),
        "median": round(median(walls[1:]), 4),
        "slowest": round(max(walls[1:]), 4),
        "median_processor": round(median(processors[1:]), 4),
    }


def main() -> None:
    frame = log(ROWS)
    table = causal.UnitTable.from_frame(frame)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, processor = time.perf_counter(), time.process_time()
    model = causal.fit_structural_model(table, GRAPH)
    fit = {
        "wall": round(time.perf_counter() - wall, 1),
        "processor": round(time.process_time() - processor, 1),
        "memory_before_mb": round(before),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    changes = {
        "set the arm": {"arm": causal.Set(1)},
        "shift the price": {"price": causal.Shift(-0.5)},
        "scale sessions": {"sessions": causal.Scale(1.1)},
        "randomise the arm": {"arm": causal.Randomise()},
        "set taste, above everything": {"taste": causal.Set(0.0)},
        "arm and price at once": {"arm": causal.Set(1), "price": causal.Shift(-0.5)},
    }
    simulated = {
        name: timed(lambda change=change: causal.simulate(model, change))  # type: ignore[misc]
        for name, change in changes.items()
    }
    inside = causal.Condition("device", "is", "phone")
    simulated["set the arm on phones"] = timed(lambda: causal.simulate(model, {"arm": causal.Set(1)}, inside))
    scenarios = {name: causal.simulate(model, change) for name, change in changes.items()}
    one, other = scenarios["set the arm"], scenarios["set taste, above everything"]
    simulated["one scenario against another"] = timed(
        lambda: causal.simulate(model, changes["set the arm"], against=changes["set taste, above everything"])
    )
    simulated["the same, both at hand"] = timed(lambda: paired(model, one, other))
    arrays, facts = model.to_arrays()
    spec = causal.AnalysisSpec(causal.Question("arm", "minutes"), graph=GRAPH)
    wall = time.perf_counter()
    by_formula = causal.what_if(table, spec, {"arm": causal.Set(1)}, model=model)
    formula = round(time.perf_counter() - wall, 2)
    assert by_formula.agreement is not None
    users = frame.assign(user=np.random.default_rng(SEED).integers(0, ROWS // 20, ROWS))
    wall, processor = time.perf_counter(), time.process_time()
    clustered = causal.fit_structural_model(causal.UnitTable.from_frame(users), GRAPH, cluster="user")
    by_cluster = {
        "fit_wall": round(time.perf_counter() - wall, 1),
        "fit_processor": round(time.process_time() - processor, 1),
        **{
            name: timed(lambda change=change: causal.simulate(clustered, change))  # type: ignore[misc]
            for name, change in changes.items()
        },
    }
    found = {
        "rows": ROWS,
        "nodes": {node.name: [node.mechanism, round(node.explained or 0.0, 3)] for node in model.nodes},
        "draws": model.draws,
        "fit_seconds": fit,
        "simulate_seconds": simulated,
        "in_50000_clusters_seconds": by_cluster,
        "what_if_by_formula_with_agreement_seconds": formula,
        "agreement": {
            "by_formula": round(by_formula.difference, 4),
            "by_model": round(by_formula.agreement.difference, 4),
            "std_error_of_the_gap": round(by_formula.agreement.gap_std_error, 4),
        },
        "arrays_mb": round(sum(each.nbytes for each in arrays.values()) / 2**20, 1),
        "from_arrays_seconds": timed(lambda: causal.StructuralModel.from_arrays(arrays, facts)),
        "ten_single_units_seconds": timed(lambda: causal.counterfactual(model, frame.head(10), {"arm": causal.Set(1)})),
        "machine": f"{platform.machine()}, {platform.python_version()}",
        "date": datetime.date.today().isoformat(),
    }
    text = json.dumps(found, indent=2) + "\n"
    Path(__file__).with_suffix(".json").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
