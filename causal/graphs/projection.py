"""The graph as far as it can be seen: latent variables folded into arrows and hidden common causes.

Verma and Pearl (1990), "Equivalence and synthesis of causal models": the latent projection.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from causal.graphs.causal_graph import CausalGraph, reachable_along


@dataclass(frozen=True)
class Projection:
    """The observed variables in topological order, the direct causes of each, and its hidden-common-cause partners."""

    order: tuple[str, ...]
    parents_of: Mapping[str, frozenset[str]]
    siblings_of: Mapping[str, frozenset[str]]

    def ancestors_within(self, names: frozenset[str], within: frozenset[str]) -> frozenset[str]:
        """The names and their causes, following arrows between variables of `within` only."""
        inside = {name: self.parents_of[name] & within for name in within}
        return reachable_along(inside, names)


def latent_projection(graph: CausalGraph, within: frozenset[str] | None = None) -> Projection:
    """The projection onto the observed variables, of the whole graph or of its part `within`, latent ones included."""
    kept = frozenset(graph.nodes) if within is None else within
    parents = {name: set(graph.parents_of[name] & kept) for name in kept}
    children = {name: set(graph.children_of[name] & kept) for name in kept}
    siblings = {name: set(graph.siblings_of[name] & kept) for name in kept}
    for hidden in sorted(graph.latent & kept):
        _fold(hidden, parents, children, siblings)
    order = tuple(name for name in graph.topological_order if name in kept - graph.latent)
    return Projection(
        order,
        {name: frozenset(parents[name]) for name in order},
        {name: frozenset(siblings[name]) for name in order},
    )


def drawn_among(graph: CausalGraph, names: AbstractSet[str]) -> CausalGraph:
    """The graph of these variables alone: an arrow where a directed path leads through others, a hidden common cause
    where others are one. Places and roles stay.
    """
    for name in graph.nodes:
        if name not in names and name not in graph.latent:
            graph = graph.with_role(name, "unobserved")
    seen = latent_projection(graph)
    arrows = [(cause, name) for name in seen.order for cause in sorted(seen.parents_of[name])]
    arcs = [(other, name) for name in seen.order for other in sorted(seen.siblings_of[name]) if other < name]
    alone = graph.restricted_to(seen.order)
    return replace(alone, directed=tuple(arrows), bidirected=tuple(arcs))


def districts(siblings_of: Mapping[str, AbstractSet[str]], within: frozenset[str]) -> list[frozenset[str]]:
    """The parts of `within` that bidirected edges hold together, each variable in exactly one; sorted."""
    remaining = sorted(within, reverse=True)
    assigned: set[str] = set()
    found = []
    while remaining:
        start = remaining.pop()
        if start in assigned:
            continue
        members = {start}
        waiting = [start]
        while waiting:
            new = (siblings_of[waiting.pop()] & within) - members
            members |= new
            waiting.extend(new)
        assigned |= members
        found.append(frozenset(members))
    return found


_Links = dict[str, set[str]]


def _fold(hidden: str, parents: _Links, children: _Links, siblings: _Links) -> None:
    """Take one latent variable out: its causes now cause its effects, and its effects share a hidden cause."""
    causes, effects, partners = parents.pop(hidden), children.pop(hidden), siblings.pop(hidden)
    for cause in causes:
        children[cause] = (children[cause] - {hidden}) | effects
    for effect in effects:
        parents[effect] = (parents[effect] - {hidden}) | causes
        siblings[effect] |= (effects | partners) - {effect, hidden}
    for partner in partners:
        siblings[partner] = (siblings[partner] | effects) - {partner, hidden}
