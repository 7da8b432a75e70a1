"""A graph drawn among some of its variables says what the whole one says of them."""

from __future__ import annotations

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.projection import drawn_among


def test_paths_through_others_become_arrows_and_causes_among_them_hidden_ones():
    graph = CausalGraph.from_edges(
        [("a", "b"), ("b", "c"), ("h", "c"), ("h", "d"), ("c", "d"), ("d", "s"), ("u", "a"), ("u", "d")],
        selected=("s",),
        latent=("u",),
    ).with_position("c", 3.0, 4.0)
    small = drawn_among(graph, {"a", "c", "d"})
    assert small.directed == (("a", "c"), ("c", "d"))
    assert small.bidirected == (("a", "d"), ("c", "d"))
    assert small.positions == (("c", 3.0, 4.0),)
    assert not small.latent
    assert not small.selected


def test_of_all_its_variables_a_graph_is_itself():
    graph = CausalGraph.from_edges([("a", "b"), ("b", "c")], bidirected=[("a", "c")])
    assert drawn_among(graph, set(graph.nodes)) == graph
