"""How far a proposed graph is from a drawn one."""

from __future__ import annotations

from collections.abc import Iterable

from causal.discovery.orientation import Found, equivalence_class
from causal.discovery.proposal import ProposedEdge
from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph

_Mark = tuple[str, str, str]


def structural_hamming_distance(edges: Iterable[ProposedEdge], graph: CausalGraph) -> int:
    """The number of pairs whose edge differs: missing, extra, or of another direction.

    Compared with the graph's equivalence class, in which an arrow that no data can direct is undirected (Tsamardinos,
    Brown and Aliferis 2006, Machine Learning 65: 31-78). Raises GraphError where the graph has bidirected edges.
    """
    if graph.bidirected or graph.latent:
        raise GraphError(
            "The distance is defined between graphs of observed variables. Take hidden variables and two-headed arrows "
            "out of the graph that you compare with."
        )
    names = graph.nodes
    place = {name: number for number, name in enumerate(names)}
    parents = {place[name]: {place[each] for each in graph.parents_of[name]} for name in names}
    wanted = _by_pair(_mark(names, each) for each in equivalence_class(parents, lambda cause, effect: False))
    found = _by_pair((each.kind, each.left, each.right) for each in edges)
    return sum(wanted.get(pair) != found.get(pair) for pair in wanted.keys() | found.keys())


def _mark(names: tuple[str, ...], found: Found) -> _Mark:
    return found.sort, names[found.left], names[found.right]


def _by_pair(marks: Iterable[_Mark]) -> dict[frozenset[str], _Mark]:
    """The edge of each pair; the names of an edge without direction in alphabetical order."""
    pairs = {}
    for kind, left, right in marks:
        ends = (left, right) if kind in ("directed", "partly directed") else (min(left, right), max(left, right))
        pairs[frozenset(ends)] = (kind, *ends)
    return pairs
