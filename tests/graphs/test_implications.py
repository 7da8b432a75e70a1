from itertools import combinations

from hypothesis import given, settings

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.implications import Independence, each_implication, implications
from causal.graphs.separation import is_separated
from tests.graphs.random_graphs import small_graphs, subsets


def test_a_chain_and_a_collider():
    chain = CausalGraph.from_edges([("a", "b"), ("b", "c")])
    collider = CausalGraph.from_edges([("a", "c"), ("b", "c")])
    assert implications(chain) == [Independence("a", "c", frozenset({"b"}))]
    assert implications(collider) == [Independence("a", "b", frozenset())]


def test_the_basis_conditions_on_the_parents_of_both():
    graph = CausalGraph.from_edges([("p", "a"), ("q", "b"), ("p", "q")])
    assert Independence("a", "b", frozenset({"p", "q"})) in implications(graph)
    assert Independence("a", "b", frozenset({"p"})) in implications(graph, full=True)


def test_a_pair_that_only_a_hidden_cause_joins_promises_nothing():
    graph = CausalGraph.from_edges([("u", "a"), ("u", "b")], latent=["u"])
    assert implications(graph) == []
    assert implications(graph, full=True) == []


def test_selection_opens_what_its_causes_close():
    graph = CausalGraph.from_edges([("a", "s"), ("b", "s")])
    assert implications(graph) == [Independence("a", "b", frozenset())]
    assert implications(graph.with_role("s", "selected")) == []


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5))
def test_the_independencies_are_those_of_brute_force(graph):
    expected = set()
    for left, right in combinations(sorted(graph.observed), 2):
        separating = [
            each for each in subsets(graph.observed - {left, right}) if is_separated(graph, left, right, each)
        ]
        minimal = [each for each in separating if not any(other < each for other in separating)]
        expected |= {Independence(left, right, each) for each in minimal}
    full = implications(graph, full=True)
    assert len(full) == len(set(full))
    assert set(full) == expected == set(each_implication(graph))
    basis = implications(graph)
    assert [(each.left, each.right) for each in basis] == sorted({(each.left, each.right) for each in expected})
    assert all(is_separated(graph, each.left, each.right, each.given) for each in basis)
