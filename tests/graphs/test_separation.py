import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import UnknownNode
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.separation import connected_to, is_separated
from tests.graphs.random_graphs import plain, small_graphs


@settings(max_examples=150, deadline=None)
@given(small_graphs(), st.data())
def test_separation_is_networkx_d_separation_with_hidden_nodes_drawn(graph, data):
    names = data.draw(st.permutations(graph.nodes))
    held = frozenset(names[2 : data.draw(st.integers(2, len(names)))])
    expected = nx.is_d_separator(plain(graph), {names[0]}, {names[1]}, set(held))
    assert is_separated(graph, names[0], names[1], held) == expected


def test_a_collider_opens_when_its_descendant_is_given():
    graph = CausalGraph.from_edges([("a", "c"), ("b", "c"), ("c", "d")])
    assert is_separated(graph, "a", "b")
    assert not is_separated(graph, "a", "b", {"d"})
    assert connected_to(graph, "a") == {"a", "c", "d"}


def test_given_variables_are_connected_to_nothing():
    graph = CausalGraph.from_edges([("a", "b")])
    assert is_separated(graph, "a", "b", {"b"})
    with pytest.raises(UnknownNode, match='no variable "q"'):
        is_separated(graph, "a", "q")
