"""Random small graphs, and the plain directed graph that says the same, for brute-force comparison."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import strategies as st

from causal.graphs.causal_graph import CausalGraph


@st.composite
def small_graphs(draw, most=6, latent=True, bidirected=True):
    names = [f"v{number}" for number in range(draw(st.integers(2, most)))]
    pairs = list(combinations(names, 2))
    arrows = [pair for pair in pairs if draw(st.sampled_from((False, True, True)))]
    arcs = [pair for pair in pairs if bidirected and draw(st.integers(0, 5)) == 5]
    hidden = [name for name in names if latent and draw(st.integers(0, 5)) == 5]
    return CausalGraph.from_edges(arrows, arcs, latent=hidden, nodes=names)


def plain(graph: CausalGraph) -> nx.DiGraph:
    """The directed graph with one hidden node per bidirected edge."""
    found = nx.DiGraph()
    found.add_nodes_from(graph.nodes)
    found.add_edges_from(graph.directed)
    for number, (left, right) in enumerate(graph.bidirected):
        found.add_edges_from([(("hidden", number), left), (("hidden", number), right)])
    return found


def subsets(names):
    ordered = sorted(names)
    return [frozenset(chosen) for size in range(len(ordered) + 1) for chosen in combinations(ordered, size)]
