"""The seed of a spec reaches the methods that draw anything."""

from __future__ import annotations

import dataclasses

import networkx as nx
import numpy as np
import pytest

import causal
from causal.estimators.weighting import METHOD, WeightingOptions
from tests.estimators.designs import VARIED


@pytest.fixture
def seeds(monkeypatch):
    """The seeds that the samples had which weighting was asked to fit."""
    seen = []

    def spy(sample, options: WeightingOptions):
        seen.append((sample.seed, sample.keep(np.ones(len(sample), dtype=bool)).seed))
        return METHOD.fit(sample, options)

    spied = dataclasses.replace(METHOD, fit=spy)
    for module in ("causal.analysis", "causal.estimators.dowhy_adapter"):
        monkeypatch.setattr(f"{module}.method_named", lambda name: spied)
    return seen


def test_the_seed_of_the_spec_is_that_of_the_sample(seeds):
    table = causal.UnitTable.from_frame(VARIED.draw(np.random.default_rng(1), 300))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="weighting", adjust_for=("a", "b"), seed=7)
    causal.answer(table, spec)
    assert seeds == [(7, 7)]


def test_the_seed_goes_through_dowhy(seeds):
    from dowhy import CausalModel

    frame = VARIED.draw(np.random.default_rng(1), 300)
    graph = nx.DiGraph([("a", "t"), ("a", "y"), ("b", "t"), ("b", "y"), ("t", "y")])
    model = CausalModel(frame, treatment="t", outcome="y", graph=graph)
    estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
    model.estimate_effect(estimand, method_name=METHOD.dowhy_name, method_params={"seed": 11})
    assert seeds == [(11, 11)]
