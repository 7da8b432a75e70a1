"""Two treatments at once: the cross of their levels, their interaction, and what the graph says of both together."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import TreatmentProblem

GRAPH = causal.CausalGraph.from_edges([("x", "t"), ("x", "s"), ("x", "y"), ("t", "y"), ("s", "y"), ("z", "s")])


def draw(study: int, n: int = 600) -> pd.DataFrame:
    """t adds 1, s adds 0.5, both together 0.7 more."""
    rng = np.random.default_rng([20_261_126, study])
    x = rng.uniform(-1, 1, n)
    t = np.where(rng.random(n) < 1 / (1 + np.exp(-x)), "new", "old")
    s = (rng.random(n) < 1 / (1 + np.exp(-0.8 * x))).astype(int)
    y = (t == "new") + 0.5 * s + 0.7 * (t == "new") * s + 2 * x + rng.normal(0, 1, n)
    return pd.DataFrame({"x": x, "t": t, "s": s, "y": y, "z": rng.normal(size=n)})


def joint(frame, **changes):
    question = causal.Question("t", "y", control="old", treated="new")
    spec = causal.AnalysisSpec(question, graph=changes.pop("graph", GRAPH), **changes)
    return causal.compare_joint_arms(causal.UnitTable.from_frame(frame), spec, "s")


def test_the_interval_holds_the_interaction():
    hits, studies = 0, 100
    for study in range(studies):
        (found,) = joint(draw(study, 400)).interactions
        hits += found.contrast.low <= 0.7 <= found.contrast.high
    assert binomtest(hits, studies, 0.95).pvalue > 0.001


def test_regression_gives_the_interaction_of_least_squares():
    import statsmodels.formula.api as smf

    frame = draw(1)
    fit = smf.ols("y ~ C(t, Treatment('old')) * s + x", frame).fit(cov_type="HC2")
    (found,) = joint(frame, method="regression").interactions
    name = "C(t, Treatment('old'))[T.new]:s"
    assert [found.contrast.value, found.contrast.std_error] == pytest.approx(
        [fit.params[name], fit.bse[name]], rel=1e-9
    )


def test_each_combination_is_an_arm_adjusted_for_what_both_share():
    found = joint(draw(2, 20_000))
    assert [each.level for each in found.comparison.arms] == ["new × 0", "new × 1", "old × 0", "old × 1"]
    assert found.comparison.adjust_for == ("x",) and found.comparison.control == "old × 0"
    assert found.comparison.effect("new × 1", "old × 0").effect == pytest.approx(2.2, abs=0.1)
    assert found.comparison.best == ("new × 1",)
    assert causal.JointComparison.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    assert (found.interactions[0].first, found.interactions[0].second) == ("new", "1")


def test_what_cannot_be_told_of_both_at_once_is_refused():
    drawn = causal.CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("s", "y")], bidirected=[("s", "y")])
    with pytest.raises(causal.NotIdentified, match='serves "t" and "s" at once'):
        joint(draw(3), graph=drawn)
    with pytest.raises(TreatmentProblem, match="in the question already"):
        spec = causal.AnalysisSpec(causal.Question("s", "y"), graph=GRAPH)
        causal.compare_joint_arms(causal.UnitTable.from_frame(draw(3)), spec, "s")
