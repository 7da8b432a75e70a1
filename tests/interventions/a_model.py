"""A small structural model with every kind of variable, fitted once per process."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from causal.graphs.causal_graph import CausalGraph
from causal.interventions.structural_model import StructuralModel, fit_structural_model
from causal.logs.unit_table import UnitTable


@cache
def a_model() -> StructuralModel:
    """`x` -> `t` -> `m` -> `y`, `d` -> `y`; `t` and `won` are of two levels, `d` of three, `stars` has an order."""
    rng = np.random.default_rng(11)
    count = 600
    x, d = rng.normal(10, 2, count), rng.choice(["desktop", "phone", "tablet"], count)
    t = (rng.random(count) < 1 / (1 + np.exp(-(x - 10)))).astype(int)
    m = 2.0 * t + rng.normal(size=count)
    y = m + (d == "phone") + rng.normal(size=count)
    won = np.where(rng.random(count) < 1 / (1 + np.exp(-y)), "yes", "no")
    stars = np.clip(np.round(3 + y / 2), 1, 5).astype(int)
    site = np.where(rng.random(count) < 0.3 + 0.4 * t, "app", np.where(rng.random(count) < 0.5, "web", "tv"))
    frame = pd.DataFrame({"x": x, "d": d, "t": t, "m": m, "y": y, "won": won, "stars": stars, "site": site})
    graph = CausalGraph.parse("x -> t; t -> m; m -> y; d -> y; y -> won; y -> stars; t -> site")
    return fit_structural_model(UnitTable.from_frame(frame), graph)
