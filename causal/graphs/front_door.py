"""Front-door sets: mediators that carry the whole effect and are not themselves confounded.

Pearl (1995); found in polynomial time as by Jeong, Tian and Bareinboim (2022), "Finding and listing front-door
adjustment sets": the largest candidate set is valid if any set is.
"""

from __future__ import annotations

from causal.graphs.causal_graph import CausalGraph, reachable_along
from causal.graphs.separation import connected_to
from causal.graphs.surgery import without_arrows_from


def front_door_set(graph: CausalGraph, treatment: str, outcome: str) -> frozenset[str] | None:
    """A set of mediators from which no member can be left out, or None where no set exists; raises UnknownNode."""
    between = graph.descendants(treatment) & graph.ancestors(outcome)
    observed = graph.observed - graph.selected - {treatment, outcome}
    for candidates in (observed & between, observed):
        largest = _largest(graph, treatment, outcome, candidates)
        if _carries_everything(graph, treatment, outcome, largest):
            return _smaller(graph, treatment, outcome, largest)
    return None


def is_front_door_set(graph: CausalGraph, treatment: str, outcome: str, mediators: frozenset[str]) -> bool:
    """Whether the mediators meet Pearl's three conditions; raises UnknownNode."""
    if mediators & (graph.latent | {treatment, outcome}):
        return False
    return _carries_everything(graph, treatment, outcome, mediators) and mediators == _largest(
        graph, treatment, outcome, mediators
    )


def _largest(graph: CausalGraph, treatment: str, outcome: str, candidates: frozenset[str]) -> frozenset[str]:
    """The largest part of the candidates that the treatment's and its own back doors leave unconfounded."""
    kept = candidates - connected_to(without_arrows_from(graph, {treatment}), treatment)
    while True:
        confounded = kept & connected_to(without_arrows_from(graph, kept), outcome, {treatment})
        if not confounded:
            return kept
        kept -= confounded


def _smaller(graph: CausalGraph, treatment: str, outcome: str, mediators: frozenset[str]) -> frozenset[str]:
    for name in sorted(mediators):
        if is_front_door_set(graph, treatment, outcome, frozenset({name})):
            return frozenset({name})
    kept = mediators
    for name in sorted(mediators):
        if is_front_door_set(graph, treatment, outcome, kept - {name}):
            kept -= {name}
    return kept


def _carries_everything(graph: CausalGraph, treatment: str, outcome: str, mediators: frozenset[str]) -> bool:
    around = {name: graph.children_of[name] - mediators for name in graph.nodes}
    return outcome not in reachable_along(around, (treatment,))
