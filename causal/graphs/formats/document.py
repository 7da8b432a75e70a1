"""The canvas's document and the JSON format: the graph as plain values, keeping everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from causal.errors import GraphError, GraphSyntax
from causal.graphs.causal_graph import CausalGraph, Edge

_SHAPE = '{"nodes": [{"name", "role", "x", "y"}], "directed": [[cause, effect]], "bidirected": [[left, right]]}'


def document_of(graph: CausalGraph) -> dict[str, Any]:
    """The graph as plain JSON values; `graph_of` gives it back, equal."""
    roles = dict(graph.roles)
    places = {name: (x, y) for name, x, y in graph.positions}
    nodes = []
    for name in graph.nodes:
        x, y = places.get(name, (None, None))
        node: dict[str, Any] = {"name": name, "role": roles.get(name), "x": x, "y": y}
        if name in graph.forced:
            node["forced"] = True
        nodes.append(node)
    return {
        "nodes": nodes,
        "directed": [list(edge) for edge in graph.directed],
        "bidirected": [list(edge) for edge in graph.bidirected],
    }


def graph_of(document: Mapping[str, Any]) -> CausalGraph:
    """The graph of a document; keys it does not know are ignored.

    Raises GraphError where the document has another shape, CyclicGraph and UnknownNode as CausalGraph does.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("nodes"), list):
        raise GraphError(f"The document is no graph. Its shape is {_SHAPE}.")
    nodes = [_node(entry) for entry in document["nodes"]]
    names = [node["name"] for node in nodes]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise GraphError(f'The variable "{twice}" is listed twice: rename one of the two.')
    return CausalGraph(
        nodes=tuple(names),
        directed=_edges(document, "directed"),
        bidirected=_edges(document, "bidirected"),
        forced=frozenset(node["name"] for node in nodes if node.get("forced")),
        roles=tuple((node["name"], node["role"]) for node in nodes if node.get("role") is not None),
        positions=tuple((node["name"], node["x"], node["y"]) for node in nodes if _is_placed(node)),
    )


def write(graph: CausalGraph) -> str:
    """The document as JSON, one line per node and edge list."""
    document = document_of(graph)
    nodes = ",\n  ".join(_compact(node) for node in document["nodes"])
    listed = f"[\n  {nodes}\n ]" if nodes else "[]"
    edges = (f' "{kind}": {_compact(document[kind])}' for kind in ("directed", "bidirected"))
    return f'{{\n "nodes": {listed},\n' + ",\n".join(edges) + "\n}\n"


def read(text: str) -> CausalGraph:
    """The graph of a JSON text; raises GraphSyntax where it is no JSON, GraphError where it is no graph."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise GraphSyntax(f"this is no JSON: {error.msg}.", error.lineno, error.colno) from None
    except RecursionError:
        raise GraphSyntax("the brackets are nested too deeply for a graph.") from None
    except ValueError:
        raise GraphSyntax("a number has too many digits for a position.") from None
    return graph_of(document)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _node(entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise GraphError(f"Each node needs a name that is text. A graph's shape is {_SHAPE}.")
    role = entry.get("role")
    if role is not None and not isinstance(role, str):
        raise GraphError(f'The role of "{entry["name"]}" must be text or null.')
    for axis in ("x", "y"):
        value = entry.get(axis)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9):
            raise GraphError(f'The {axis} position of "{entry["name"]}" must be a number up to 1e9, or null.')
    return entry


def _is_placed(node: Mapping[str, Any]) -> bool:
    return node.get("x") is not None and node.get("y") is not None


def _edges(document: Mapping[str, Any], kind: str) -> tuple[Edge, ...]:
    entries = document.get(kind, [])
    if not isinstance(entries, list):
        raise GraphError(f'"{kind}" must be a list of pairs of names.')
    for entry in entries:
        if not isinstance(entry, list | tuple) or len(entry) != 2 or not all(isinstance(end, str) for end in entry):
            raise GraphError(f'"{kind}" must be a list of pairs of names; {str(entry)[:80]} is none.')
    return tuple((left, right) for left, right in entries)
