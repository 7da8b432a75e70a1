"""Instruments: variables that move the treatment and reach the outcome through it alone.

Ancestral conditional instruments: van der Zander, Textor and Liśkiewicz (2015), "Efficiently finding conditional
instruments for causal inference". Wherever any conditional instrument exists, an ancestral one does.
"""

from __future__ import annotations

from dataclasses import dataclass

from causal.graphs.adjustment import forbidden_variables, graph_without_effect
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.separation import is_separated
from causal.graphs.separators import separation_network, separator_near_right, smallest_separator


@dataclass(frozen=True, order=True)
class Instrument:
    """An instrument, and the variables that it is valid given."""

    name: str
    given: frozenset[str] = frozenset()


def instruments(graph: CausalGraph, treatment: str, outcome: str) -> list[Instrument]:
    """Every observed variable that is an instrument given some of its own or the outcome's causes, sorted by name.

    Each with a set that makes it valid: the smallest separating one where that serves. Raises UnknownNode.
    """
    remaining = graph_without_effect(graph, treatment, outcome)
    barred = forbidden_variables(graph, treatment, outcome) | graph.descendants_and_self(outcome)
    allowed = graph.observed - barred - graph.selected - {treatment}
    found = []
    for name in sorted(graph.observed - graph.selected - {treatment, outcome}):
        given = _given(remaining, treatment, outcome, name, allowed)
        if given is not None:
            found.append(Instrument(name, given))
    return found


def is_instrument(graph: CausalGraph, treatment: str, outcome: str, name: str, given: frozenset[str]) -> bool:
    """Whether this variable moves the treatment and reaches the outcome through it alone, among units alike in `given`.

    Raises UnknownNode.
    """
    barred = forbidden_variables(graph, treatment, outcome) | graph.descendants_and_self(outcome) | {treatment}
    if graph.known(name) in barred | graph.latent | given or frozenset(graph.known_names(tuple(given))) & barred:
        return False
    remaining, held = graph_without_effect(graph, treatment, outcome), given | graph.selected
    return is_separated(remaining, name, outcome, held) and not is_separated(remaining, name, treatment, held)


def _given(
    remaining: CausalGraph, treatment: str, outcome: str, name: str, allowed: frozenset[str]
) -> frozenset[str] | None:
    """A set that separates the instrument from the outcome once the effect is cut, but not from the treatment."""
    network = separation_network(remaining, (name,), (outcome,), allowed, remaining.selected)
    if network is None:
        return None
    nearest = separator_near_right(network)
    if is_separated(remaining, name, treatment, nearest | remaining.selected):
        return None
    smallest = smallest_separator(network)
    return nearest if is_separated(remaining, name, treatment, smallest | remaining.selected) else smallest
