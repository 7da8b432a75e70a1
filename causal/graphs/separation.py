"""Which variables the graph makes independent: d-separation, and m-separation where there are bidirected edges.

Reachability over (variable, how it was entered), linear in the edges: Shachter (1998), "Bayes-Ball"; for mixed graphs
Richardson (2003), "Markov properties for acyclic directed mixed graphs", section 2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator

from causal.graphs.causal_graph import CausalGraph

Names = str | Collection[str]
Visit = tuple[str, bool]
"""A variable on a walk, and whether the walk entered it through an arrow head."""


def is_separated(graph: CausalGraph, left: Names, right: Names, given: Iterable[str] = ()) -> bool:
    """Whether every path between `left` and `right` is blocked by `given`.

    Variables that are in `given` are never connected to anything. Raises UnknownNode.
    """
    targets = frozenset(graph.known_names(right))
    return not targets & connected_to(graph, left, given)


def connected_to(graph: CausalGraph, start: Names, given: Iterable[str] = ()) -> frozenset[str]:
    """All variables that some path left open by `given` joins to `start`, which is included unless given."""
    held = frozenset(graph.known_names(given))
    return frozenset(name for name, _ in open_visits(graph, start, held)) - held


def open_visits(graph: CausalGraph, start: Names, held: frozenset[str]) -> dict[Visit, Visit | None]:
    """Each visit that an open walk from `start` can make given `held`, with the visit before it, nearest first.

    Visits to held variables are there because walks pass through them where they are colliders.
    """
    opened = graph.ancestors_and_self(held)
    first: list[Visit] = [(name, False) for name in graph.known_names(start) if name not in held]
    came_from: dict[Visit, Visit | None] = dict.fromkeys(first)
    waiting = deque(first)
    while waiting:
        visit = waiting.popleft()
        for following in _next_visits(graph, visit, held, opened):
            if following not in came_from:
                came_from[following] = visit
                waiting.append(following)
    return came_from


def _next_visits(graph: CausalGraph, visit: Visit, held: frozenset[str], opened: frozenset[str]) -> Iterator[Visit]:
    """The visits that an open walk can make right after `visit`; `opened` are the ancestors of `held`, inclusive."""
    name, by_head = visit
    if name not in held:
        for child in sorted(graph.children_of[name]):
            yield child, True
    if (name in opened) if by_head else (name not in held):
        for parent in sorted(graph.parents_of[name]):
            yield parent, False
        for sibling in sorted(graph.siblings_of[name]):
            yield sibling, True
