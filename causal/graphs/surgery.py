"""The graph with arrows cut, as the rules of the do-calculus ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from causal.graphs.causal_graph import CausalGraph


def without_arrows_into(graph: CausalGraph, names: Iterable[str]) -> CausalGraph:
    """The graph in which these variables are set by intervention: nothing causes them, seen or hidden."""
    cut = frozenset(graph.known_names(tuple(names)))
    return replace(
        graph,
        directed=tuple(edge for edge in graph.directed if edge[1] not in cut),
        bidirected=tuple(edge for edge in graph.bidirected if cut.isdisjoint(edge)),
    )


def without_arrows_from(graph: CausalGraph, names: Iterable[str]) -> CausalGraph:
    """The graph in which these variables have no effects: what still joins them to others is not causal."""
    cut = frozenset(graph.known_names(tuple(names)))
    return replace(graph, directed=tuple(edge for edge in graph.directed if edge[0] not in cut))
