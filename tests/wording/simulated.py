"""Small studies with a known effect, answered by the package itself."""

from functools import cache

import numpy as np
import pandas as pd

from causal.analysis import answer
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question

COVARIATES = ("age", "gender", "activity")


@cache
def table(effect=5.0, binary=False, levels=("old", "new"), outcome="engagement", size=1200):
    random = np.random.default_rng(7)
    age = random.normal(40, 12, size)
    gender = random.choice(["f", "m"], size)
    activity = random.exponential(5, size)
    treated = random.random(size) < 1 / (1 + np.exp(-(0.05 * (age - 40) + 0.5 * (gender == "f"))))
    if binary:
        values = (random.random(size) < 1 / (1 + np.exp(-(effect * treated + 0.03 * (age - 40))))).astype(int)
    else:
        values = 20 + effect * treated + 0.3 * (age - 40) + random.normal(0, 4, size)
    columns = {"algorithm": np.where(treated, levels[1], levels[0]), outcome: values}
    return UnitTable.from_frame(pd.DataFrame({**columns, "age": age, "gender": gender, "activity": activity}))


@cache
def analysis(
    method="doubly_robust", effect=5.0, binary=False, levels=("old", "new"), outcome="engagement", target="everyone"
):
    data = table(effect, binary, levels, outcome)
    question = Question("algorithm", outcome, control=levels[0], treated=levels[1])
    edges = [(name, end) for name in COVARIATES for end in ("algorithm", outcome)]
    graph = CausalGraph.from_edges([("algorithm", outcome), *edges])
    return answer(data, AnalysisSpec(question, graph, method=method))
