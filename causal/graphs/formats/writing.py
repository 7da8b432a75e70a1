"""The graph as text, by the name of the format; and what each format can say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats import dagitty, document, dot, edges, gml, lavaan, mermaid

Part = Literal["edges", "unobserved", "roles", "forced", "positions"]
"""What a graph has: nodes with both kinds of edge, which variables are unobserved, every role, force, positions."""

EVERYTHING: frozenset[Part] = frozenset({"edges", "unobserved", "roles", "forced", "positions"})


@dataclass(frozen=True)
class GraphFormat:
    """A way to write a graph: `keeps` is what `CausalGraph.parse` gives back of it."""

    title: str
    write: Callable[[CausalGraph], str]
    keeps: frozenset[Part] = EVERYTHING


FORMATS: dict[str, GraphFormat] = {
    "dagitty": GraphFormat("DAGitty", dagitty.write),
    "dot": GraphFormat("Graphviz DOT", dot.write),
    "gml": GraphFormat("GML", gml.write),
    "mermaid": GraphFormat("Mermaid", mermaid.write, EVERYTHING - {"positions"}),
    "json": GraphFormat("JSON", document.write),
    "edges": GraphFormat("Edge list", edges.write, frozenset({"edges"})),
    "lavaan": GraphFormat("lavaan", lavaan.write, frozenset({"edges", "unobserved"})),
}


def write_graph(graph: CausalGraph, format: str) -> str:
    """The graph in one of the formats; raises GraphError for another."""
    if format not in FORMATS:
        raise GraphError(f'The format "{format}" is none of: {", ".join(FORMATS)}.')
    return FORMATS[format].write(graph)


def kept_by(graph: CausalGraph, format: str) -> CausalGraph:
    """What is left of the graph once it has been written in a format and read again."""
    keeps = FORMATS[format].keeps
    roles = graph.roles if "roles" in keeps else ()
    return CausalGraph(
        nodes=graph.nodes,
        directed=graph.directed,
        bidirected=graph.bidirected,
        latent=graph.latent if "unobserved" in keeps else frozenset(),
        roles=roles,
        forced=graph.forced if "forced" in keeps else frozenset(),
        positions=graph.positions if "positions" in keeps else (),
    )


def with_what_the_text_cannot_say(written: CausalGraph, format: str, before: CausalGraph) -> CausalGraph:
    """A graph read from an edited text, with what the format loses taken from the graph before the edit.

    Only variables that are still there keep it; a place is kept wherever the text gives none.
    """
    keeps = FORMATS[format].keeps
    known = set(written.nodes)
    placed = {name for name, _, _ in written.positions}
    earlier = tuple(each for each in before.roles if each[0] in known and each[1] != "unobserved")
    hidden = before.latent & known if "unobserved" not in keeps else frozenset()
    said = dict(written.roles)
    return replace(
        written,
        latent=written.latent | hidden,
        roles=written.roles
        if "roles" in keeps
        else (*(each for each in earlier if each[0] not in said), *written.roles),
        forced=written.forced if "forced" in keeps else before.forced & known - written.latent,
        positions=(*written.positions, *(e for e in before.positions if e[0] in known and e[0] not in placed)),
    )


def formats_table() -> str:
    """What each format keeps, as a Markdown table."""
    parts: tuple[Part, ...] = ("edges", "unobserved", "roles", "forced", "positions")
    lines = [f"| format | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    for name, each in FORMATS.items():
        kept = " | ".join("kept" if part in each.keeps else "lost" for part in parts)
        lines.append(f"| {each.title} (`{name}`) | {kept} |")
    return "\n".join(lines) + "\n"
