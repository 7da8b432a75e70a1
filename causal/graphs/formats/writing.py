"""The graph as text, by the name of the format."""

from __future__ import annotations

from collections.abc import Callable

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats import dagitty, document, dot, edges, gml, mermaid

FORMATS: dict[str, Callable[[CausalGraph], str]] = {
    "dagitty": dagitty.write,
    "dot": dot.write,
    "gml": gml.write,
    "mermaid": mermaid.write,
    "json": document.write,
    "edges": edges.write,
}


def write_graph(graph: CausalGraph, format: str) -> str:
    """The graph in one of the formats; raises GraphError for another."""
    if format not in FORMATS:
        raise GraphError(f'The format "{format}" is none of: {", ".join(FORMATS)}.')
    return FORMATS[format](graph)
