"""The independencies that a graph promises, which data can contradict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.separation import is_separated
from causal.graphs.separators import Network, minimal_separators, separation_network, smallest_separator


@dataclass(frozen=True)
class Independence:
    """`left` and `right` are independent among units alike in `given`; left comes before right in the alphabet."""

    left: str
    right: str
    given: frozenset[str] = frozenset()


def implications(graph: CausalGraph, full: bool = False) -> list[Independence]:
    """The independencies between observed variables that the graph implies, sorted by pair and size.

    A basis by default: one per pair that some set separates, given the parents of both where those separate (Shipley
    2000, "A new inferential test for path models based on directed acyclic graphs"), else given the smallest set.
    `full`: every minimal set of every pair, of which there may be exponentially many. Where variables are "selected",
    each statement holds among the rows that they let into the log.
    """
    pairs = combinations(sorted(graph.observed), 2)
    return [each for left, right in pairs for each in _of_pair(graph, left, right, full)]


def each_implication(graph: CausalGraph) -> Iterator[Independence]:
    """Every minimal independence one by one, so that the first come at once."""
    for left, right in combinations(sorted(graph.observed), 2):
        network = _network(graph, left, right)
        for given in () if network is None else minimal_separators(network):
            yield Independence(left, right, given)


def _of_pair(graph: CausalGraph, left: str, right: str, full: bool) -> list[Independence]:
    if right in graph.children_of[left] | graph.parents_of[left] | graph.siblings_of[left]:
        return []
    always = graph.selected - {left, right}
    parents = graph.parents_of[left] | graph.parents_of[right]
    if not full and parents <= graph.observed and is_separated(graph, left, right, parents | always):
        return [Independence(left, right, parents - always)]
    network = _network(graph, left, right)
    if network is None:
        return []
    found = list(minimal_separators(network)) if full else [smallest_separator(network)]
    found.sort(key=lambda names: (len(names), sorted(names)))
    return [Independence(left, right, given) for given in found]


def _network(graph: CausalGraph, left: str, right: str) -> Network | None:
    return separation_network(graph, (left,), (right,), graph.observed, graph.selected - {left, right})
