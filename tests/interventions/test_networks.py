"""Every do() value of discrete networks, within the larger of 0.02 and three standard errors at 10,000 rows."""

from __future__ import annotations

import numpy as np
import pytest

import causal
from tests.interventions.networks import ASIA, CANCER, Network, drawn_network, exact_shares, sample

NETWORKS = {"asia": ASIA, "cancer": CANCER, "drawn": drawn_network(3)}


def test_enumeration_gives_the_published_margins():
    """Lauritzen and Spiegelhalter (1988): dyspnoea 0.436, either 0.0648; under do(smoke) 0.5528 and 0.3191."""
    assert exact_shares(ASIA, {})["dysp"][0] == pytest.approx(0.4359706)
    assert exact_shares(ASIA, {})["either"][0] == pytest.approx(0.064828)
    assert exact_shares(ASIA, {"smoke": "yes"})["dysp"][0] == pytest.approx(0.552808)
    assert exact_shares(ASIA, {"smoke": "no"})["dysp"][0] == pytest.approx(0.3191332)


@pytest.mark.parametrize(("name", "whole_numbers"), [("asia", False), ("cancer", True), ("drawn", False)])
def test_the_model_gives_every_do_value(name, whole_numbers):
    """Of the drawn network's 600 values a few lie beyond three errors by chance alone: at most one in a hundred."""
    network = NETWORKS[name]
    frame = sample(network, 10_000, seed=1)
    if whole_numbers:
        frame = frame.apply(lambda column: column.map(network.levels[column.name].index))
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), network.graph)
    beyond = []
    for cause, levels in network.levels.items():
        for level in levels:
            truth = exact_shares(network, {cause: level})
            scenario = causal.simulate(model, {cause: causal.Set(_as(network, cause, level, whole_numbers))})
            for node, shares in truth.items():
                for place, share in enumerate(shares):
                    each = scenario.node(node).share(_as(network, node, network.levels[node][place], whole_numbers))
                    beyond.append(abs(each.after - share) > max(0.02, 3 * each.after_std_error))
    assert len(beyond) > 50
    assert np.mean(beyond) <= (0.01 if name == "drawn" else 0)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_if_gives_do_values_by_either_road(name):
    network = NETWORKS[name]
    table = causal.UnitTable.from_frame(sample(network, 10_000, seed=2))
    rng = np.random.default_rng(3)
    pairs = [(cause, outcome) for cause in network.parents for outcome in network.parents if cause != outcome]
    for place in rng.permutation(len(pairs))[:6]:
        cause, outcome = pairs[place]
        level = table.frame[cause].iloc[0]
        spec = causal.AnalysisSpec(causal.Question(cause, outcome), graph=network.graph)
        found = causal.what_if(table, spec, {cause: causal.Set(level)})
        truth = exact_shares(network, {cause: level})[outcome]
        for each in found.levels:
            share = truth[network.levels[outcome].index(each.level)]
            assert abs(each.after - share) <= max(0.02, 3 * each.after_std_error), (cause, level, outcome, each, share)


def _as(network: Network, node: str, level: str, whole_numbers: bool) -> str | int:
    return network.levels[node].index(level) if whole_numbers else level
