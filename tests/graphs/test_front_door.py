from hypothesis import given, settings
from hypothesis import strategies as st

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.front_door import front_door_set, is_front_door_set
from causal.graphs.id_algorithm import Hedge, identify_distribution
from tests.graphs.random_graphs import small_graphs, subsets


def test_two_mediators_in_parallel_are_both_needed():
    graph = CausalGraph.from_edges([("t", "a"), ("t", "b"), ("a", "y"), ("b", "y")], [("t", "y")])
    assert front_door_set(graph, "t", "y") == {"a", "b"}


def test_of_two_mediators_in_a_row_one_is_enough():
    graph = CausalGraph.from_edges([("t", "a"), ("a", "b"), ("b", "y")], [("t", "y")])
    assert front_door_set(graph, "t", "y") == {"a"}


def test_a_confounded_mediator_or_a_direct_arrow_leaves_none():
    graph = CausalGraph.from_edges([("t", "m"), ("m", "y")], [("t", "y")])
    assert front_door_set(graph, "t", "y") == {"m"}
    assert front_door_set(graph.with_edge("m", "y", "bidirected"), "t", "y") is None
    assert front_door_set(graph.with_edge("t", "m", "bidirected"), "t", "y") is None
    assert front_door_set(graph.with_edge("t", "y"), "t", "y") is None
    assert front_door_set(graph.with_role("m", "unobserved"), "t", "y") is None


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5), st.data())
def test_a_set_is_found_wherever_one_exists_and_then_the_effect_is_identified(graph, data):
    treatment, outcome, *others = data.draw(st.permutations(graph.nodes))
    if {treatment, outcome} & graph.latent:
        return
    found = front_door_set(graph, treatment, outcome)
    valid = [each for each in subsets(others) if is_front_door_set(graph, treatment, outcome, each)]
    assert found in valid if valid else found is None
    if valid:
        assert not isinstance(identify_distribution(graph, treatment, outcome), Hedge)
