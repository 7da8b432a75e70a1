"""Which format a text is in, and the graph that it says."""

from __future__ import annotations

import re
from collections.abc import Callable

from causal.errors import GraphSyntax
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats import document, dot, edges, gml, lavaan, listing, mermaid

SIZE_LIMIT = 200_000
_COMMENTS = re.compile(r"(?:[\s\ufeff]|//[^\n]*|/\*.*?\*/|%%[^\n]*|#[^\n]*)+", re.DOTALL)
_MERMAID = re.compile(r"(?:flowchart|graph)(?:[ \t]+(?:TB|TD|BT|RL|LR))?[ \t]*(?:[;\n]|$)", re.IGNORECASE)
_GML = re.compile(r"graph\s*\[|(?:creator|version|comment)\s+[\"\d]", re.IGNORECASE)
_DOT = re.compile(
    r"(?:strict\s+)?(?:digraph|graph|dag|mag|pdag|pag)\b\s*(?:\{|[\w.]+\s*\{|\"[^\"]*\"\s*\{)", re.IGNORECASE
)


def read_graph(text: str) -> CausalGraph:
    """The graph of a text in any of the formats, told apart by how it starts; what is none of them is an edge list.

    Raises GraphSyntax with line and column, also where the text is longer than 200,000 characters, and GraphError.
    """
    if not isinstance(text, str):
        raise GraphSyntax(f"a graph is read from text, not from {type(text).__name__}.")
    if len(text) > SIZE_LIMIT:
        raise GraphSyntax(f"the text has {len(text):,} characters; at most {SIZE_LIMIT:,} can be read.")
    return _READERS[_kind_of(text)](text)


def format_of(text: str) -> str:
    """The name of the format that a text is read in, as `FORMATS` has it; "dot" is DAGitty's too."""
    kind = _kind_of(text)
    return {"listing": "dagitty", "pairs": "edges"}.get(kind, kind)


def _kind_of(text: str) -> str:
    comments = _COMMENTS.match(text)
    start = comments.end() if comments else 0
    if text.startswith(("{", "["), start):
        return "json"
    if _DOT.match(text, start):
        return "dot"
    if _GML.match(text, start):
        return "gml"
    if _MERMAID.match(text, start):
        return "mermaid"
    if lavaan.is_lavaan(text):
        return "lavaan"
    if listing.is_dagitty_listing(text):
        return "listing"
    return "pairs" if listing.is_pairs(text) else "edges"


def _read_document(text: str) -> CausalGraph:
    return document.read(text.lstrip("\ufeff"))


_READERS: dict[str, Callable[[str], CausalGraph]] = {
    "json": _read_document,
    "dot": dot.read,
    "gml": gml.read,
    "mermaid": mermaid.read,
    "lavaan": lavaan.read,
    "listing": listing.read_dagitty_listing,
    "pairs": listing.read_pairs,
    "edges": edges.read,
}
