from itertools import combinations, product

import numpy as np
import pytest

from causal.discovery.distance import structural_hamming_distance
from causal.discovery.orientation import Found, equivalence_class
from causal.discovery.proposal import ProposedEdge
from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph


def nothing_forbidden(cause, effect):
    return False


def test_a_chain_has_no_direction_and_a_collider_has():
    assert equivalence_class({0: set(), 1: {0}, 2: {1}}, nothing_forbidden) == [
        Found(0, 1, "undirected"), Found(1, 2, "undirected"),
    ]  # fmt: skip
    assert equivalence_class({0: set(), 1: {0, 2}, 2: set()}, nothing_forbidden) == [
        Found(0, 1, "directed"), Found(2, 1, "directed"),
    ]  # fmt: skip


def test_knowledge_of_one_arrow_directs_the_chain_behind_it():
    found = equivalence_class({0: set(), 1: {0}, 2: {1}}, lambda cause, effect: (cause, effect) == (1, 0))
    assert found == [Found(0, 1, "directed"), Found(1, 2, "directed")]


@pytest.mark.parametrize("seed", range(25))
def test_arrows_are_those_that_every_equivalent_graph_within_knowledge_shares(seed):
    rng = np.random.default_rng(seed)
    size = 5
    order = rng.permutation(size)
    parents = {
        int(child): {int(order[before]) for before in range(place) if rng.random() < 0.5}
        for place, child in enumerate(order)
    }
    arrows = sorted((parent, child) for child, held in parents.items() for parent in held)
    forbidden = {(child, parent) for parent, child in arrows if rng.random() < 0.2}
    members = [each for each in equivalents(arrows, size) if not forbidden & set(each)]
    shared = set(arrows).intersection(*members)
    found = equivalence_class(parents, lambda cause, effect: (cause, effect) in forbidden)
    assert {(each.left, each.right) for each in found if each.sort == "directed"} == shared
    assert len(found) == len(arrows)


def equivalents(arrows, size):
    """Every acyclic graph with the same edges and the same colliders, by brute force."""
    wanted = colliders(arrows)
    for flips in product((False, True), repeat=len(arrows)):
        turned = [(right, left) if flip else (left, right) for (left, right), flip in zip(arrows, flips, strict=True)]
        if acyclic(turned, size) and colliders(turned) == wanted:
            yield turned


def colliders(arrows):
    joined = {frozenset(pair) for pair in arrows}
    return {
        (frozenset((left, right)), middle)
        for (left, middle), (right, other) in combinations(arrows, 2)
        if middle == other and frozenset((left, right)) not in joined
    }


def acyclic(arrows, size):
    left = set(range(size))
    while left:
        free = {each for each in left if not any(child == each and parent in left for parent, child in arrows)}
        if not free:
            return False
        left -= free
    return True


def edge(left, right, kind="directed"):
    return ProposedEdge(left, right, kind, None, None, None, None, None)


def test_missing_extra_and_turned_edges_count_one_each():
    graph = CausalGraph.from_edges([("a", "c"), ("b", "c"), ("c", "d")])
    right = [edge("a", "c"), edge("b", "c"), edge("c", "d")]
    assert structural_hamming_distance(right, graph) == 0
    assert structural_hamming_distance(right[:2], graph) == 1
    assert structural_hamming_distance([*right, edge("a", "d")], graph) == 1
    assert structural_hamming_distance([*right[:2], edge("d", "c")], graph) == 1
    assert structural_hamming_distance([*right[:2], edge("d", "c", "undirected")], graph) == 1


def test_an_arrow_that_no_data_can_direct_is_undirected():
    graph = CausalGraph.from_edges([("b", "a")])
    assert structural_hamming_distance([edge("b", "a", "undirected")], graph) == 0
    assert structural_hamming_distance([edge("b", "a")], graph) == 1


def test_the_distance_to_a_graph_with_hidden_causes_is_refused():
    with pytest.raises(GraphError, match="The distance is defined between graphs of observed variables"):
        structural_hamming_distance([], CausalGraph.from_edges([("a", "b")], bidirected=[("a", "b")]))
