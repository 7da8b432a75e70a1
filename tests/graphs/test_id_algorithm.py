"""Graphs of Shpitser and Pearl (2008), "Complete identification methods for the causal hierarchy", figures 1 and 2,
and variations of them that are known in the literature.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.graphs.adjustment import adjustment_sets
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import evaluate, interventional_means, latex
from causal.graphs.id_algorithm import Hedge, identify_distribution
from tests.graphs.random_graphs import plain, small_graphs

NOT_IDENTIFIABLE = {
    "figure 1a": "X -> Y; X <-> Y",
    "figure 1c": "X -> Z; Z -> Y; X -> Y; X <-> Z",
    "figure 1e": "Z -> X; X -> Y; X <-> Z; Z <-> Y",
    "figure 1g": "X -> Z1; Z1 -> Y; Z2 -> Y; X <-> Z2; Z1 <-> Z2",
    "bow on a mediator": "X -> Z; X <-> Z; Z -> Y",
    "collider on the only back door": "X -> Y; Z -> Y; X <-> Z; Z <-> Y",
    "front door with a confounded mediator": "X -> Z; Z -> Y; X <-> Y; Z <-> Y",
}
IDENTIFIABLE = {
    "figure 2a": "X -> Y",
    "figure 2c": "X -> Y; Z -> X; Z -> Y; Y <-> Z",
    "figure 2e": "X -> Z; Z -> Y; X <-> Y",
    "figure 2g": "Z2 -> Z1; Z2 -> X; Z2 -> Z3; X -> Z1; Z1 -> Y; Z3 -> Y; Z2 <-> X; Z2 <-> Y; X <-> Z3; X <-> Y",
    "confounded mediator of an unconfounded treatment": "X -> Z; Z -> Y; X -> Y; Z <-> Y",
    "confounded confounder": "Z -> X; X -> Y; Z -> Y; X <-> Z",
    "napkin": "W -> Z; Z -> X; X -> Y; W <-> X; W <-> Y",
    "front door with a confounder": "X -> Z; Z -> Y; X <-> Y; C -> X; C -> Z; C -> Y",
}


def binary_tables(graph, seed):
    """Random P(node = 1 | its causes) for each node of the graph with its hidden causes drawn."""
    rng = np.random.default_rng(seed)
    directed = plain(graph)
    return directed, {node: rng.uniform(0.1, 0.9, size=(2,) * directed.in_degree(node)) for node in directed}


def joint_of(graph, seed, do=None):
    """The joint distribution of the observed variables, one axis each, under an intervention if there is one."""
    directed, tables = binary_tables(graph, seed)
    nodes = sorted(directed, key=str)
    joint = np.ones((2,) * len(nodes))
    for node, table in tables.items():
        causes = sorted(directed.predecessors(node), key=str)
        chance = np.full(table.shape, float(do[node])) if do and node in do else table
        both = np.stack([1 - chance, chance], axis=-1)
        axes = [nodes.index(each) for each in (*causes, node)]
        ordered = both.transpose(np.argsort(axes))
        joint = joint * ordered.reshape([2 if axis in axes else 1 for axis in range(len(nodes))])
    hidden = tuple(axis for axis, node in enumerate(nodes) if node not in graph.observed)
    return [node for node in nodes if node in graph.observed], joint.sum(axis=hidden)


def truth(graph, treatment, outcome, seed):
    means = []
    for level in (0, 1):
        names, joint = joint_of(graph, seed, {treatment: level})
        others = tuple(axis for axis, name in enumerate(names) if name != outcome)
        means.append(joint.sum(axis=others)[1])
    return np.array(means)


def found_means(graph, expression, treatment, outcome, seed):
    names, joint = joint_of(graph, seed)
    return interventional_means(expression, treatment, outcome, names, joint, np.array([0.0, 1.0]))


@pytest.mark.parametrize("name", NOT_IDENTIFIABLE)
def test_graphs_that_cannot_be_identified_have_a_hedge(name):
    found = identify_distribution(CausalGraph.parse(NOT_IDENTIFIABLE[name]), "X", "Y")
    assert isinstance(found, Hedge)
    assert found.inner < found.outer
    assert "X" in found.outer - found.inner


@pytest.mark.parametrize("name", IDENTIFIABLE)
def test_graphs_that_can_be_identified_give_the_exact_effect(name):
    graph = CausalGraph.parse(IDENTIFIABLE[name])
    expression = identify_distribution(graph, "X", "Y")
    assert not isinstance(expression, Hedge)
    assert np.allclose(found_means(graph, expression, "X", "Y", 7), truth(graph, "X", "Y", 7), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(small_graphs(most=5), st.data())
def test_every_formula_found_gives_the_effect_of_a_random_model(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    if {treatment, outcome} & graph.latent:
        return
    expression = identify_distribution(graph, treatment, outcome)
    if isinstance(expression, Hedge):
        assert adjustment_sets(graph, treatment, outcome) == []
        return
    found = found_means(graph, expression, treatment, outcome, 3)
    assert np.allclose(found, truth(graph, treatment, outcome, 3), atol=1e-9)


def test_a_bound_treatment_carries_a_prime():
    front_door = identify_distribution(CausalGraph.parse(IDENTIFIABLE["figure 2e"]), "X", "Y")
    assert r"\sum_{\text{X}'}" in latex(front_door)
    assert front_door.free == {"X", "Y"}


def test_names_are_harmless_in_latex():
    expression = identify_distribution(CausalGraph.from_edges([("a_b", "y%$")]), "a_b", "y%$")
    assert latex(expression) == r"P(\text{y\%\$} \mid \text{a\_b})"


def test_several_treatments_and_outcomes_are_identified_together():
    graph = CausalGraph.from_edges([("a", "b"), ("b", "c"), ("x", "a"), ("x", "c")])
    expression = identify_distribution(graph, ["a", "b"], "c")
    names, joint = joint_of(graph, 5)
    found, values = evaluate(expression, names, joint)
    assert found[-1] == "c"
    assert np.allclose(values.sum(axis=found.index("c")), 1)


def test_a_long_chain_of_hidden_causes_needs_no_deep_recursion():
    names = [f"v{number:03}" for number in range(120)]
    edges = list(pairwise(names))
    graph = CausalGraph.from_edges(edges, [(names[n], names[n + 2]) for n in range(118)])
    found = identify_distribution(graph, "v000", "v119")
    assert isinstance(found, Hedge) or len(latex(found)) > 0
