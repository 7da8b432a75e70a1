"""Small studies answered through instruments and mediators, for figures and sentences."""

from functools import cache

import numpy as np
import pandas as pd

from causal.analysis import answer
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question


@cache
def through_instrument(push=1.5, outcome="minutes", binary=False, method="instrument", instrument="arm"):
    """The arm moves who watches by `push`; a hidden cause moves both ends."""
    rng = np.random.default_rng(3)
    arm, hidden = rng.integers(0, 2, 600), rng.normal(size=600)
    t = (push * (arm - 0.5) + hidden + rng.normal(size=600) > 0).astype(int)
    y = 2 * t + hidden + rng.normal(size=600)
    frame = pd.DataFrame({instrument: arm, "watched": t, outcome: (y > 1).astype(int) if binary else y})
    graph = CausalGraph.from_edges([(instrument, "watched"), ("watched", outcome)], [("watched", outcome)])
    spec = AnalysisSpec(Question("watched", outcome), graph, method)
    return answer(UnitTable.from_frame(frame), spec)


@cache
def through_mediator(outcome="minutes", binary=False, mediator="prominence", carried=1.5, interaction=True):
    """Promotion changes prominence by 2 and the outcome by 3 around it; prominence carries `carried` per unit."""
    rng = np.random.default_rng(4)
    t = rng.integers(0, 2, 600)
    m = 2 * t + rng.normal(size=600)
    y = 3 * t + carried * m + rng.normal(size=600)
    frame = pd.DataFrame({"promoted": t, mediator: m, outcome: (y > 3).astype(int) if binary else y})
    graph = CausalGraph.from_edges([("promoted", mediator), (mediator, outcome), ("promoted", outcome)])
    options = {"interaction": interaction}
    spec = AnalysisSpec(Question("promoted", outcome), graph, "mediation", options=options)
    return answer(UnitTable.from_frame(frame), spec)
