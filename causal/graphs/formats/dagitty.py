"""DAGitty's language: DOT's statements, with <-> for a hidden common cause and words for the roles.

Roles that DAGitty has no word for are written as role="mediator", which DAGitty passes over.
"""

from __future__ import annotations

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.dot import arrow_lines, node_lines, quoted, read

__all__ = ["read", "write"]


def write(graph: CausalGraph) -> str:
    """The graph in DAGitty's language, keeping everything."""
    bidirected = (f"{quoted(left)} <-> {quoted(right)}" for left, right in graph.bidirected)
    return f"dag {{\n{node_lines(graph)}" + "".join(f"{line}\n" for line in (*arrow_lines(graph), *bidirected)) + "}\n"
