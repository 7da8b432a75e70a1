"""For every variable: adjust, may adjust, or must not adjust, with the reason in one sentence.

The reasons follow Cinelli, Forney and Pearl (2022), "A crash course in good and bad controls".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal

from causal.graphs.adjustment import (
    causal_path_variables,
    each_adjustment_set,
    effect_source,
    forbidden_variables,
    graph_without_effect,
    is_adjustment_set,
    largest_candidate,
    why_not,
)
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import chosen_adjustment_set
from causal.graphs.instruments import instruments
from causal.graphs.paths import Path, each_path, open_path, read_path
from causal.graphs.separation import is_separated

Verdict = Literal["adjust", "may adjust", "must not adjust"]

SETS_LOOKED_AT = 200
PATHS_LOOKED_AT = 200


@dataclass(frozen=True)
class Advice:
    """What to do with one variable, and one sentence why."""

    name: str
    verdict: Verdict
    reason: str


def advice(graph: CausalGraph, treatment: str, outcome: str, adjust_for: tuple[str, ...] | None = None) -> list[Advice]:
    """Advice on every variable but treatment and outcome, sorted by name, for the total effect.

    `adjust_for`: a valid set that a person chose instead of the usual one.
    Raises UnknownNode, or GraphError where treatment and outcome are the same.
    """
    usual = chosen_adjustment_set(graph, treatment, outcome)
    chosen = usual if adjust_for is None or usual is None else frozenset(adjust_for)
    alternatives = frozenset[str]().union(
        *islice(each_adjustment_set(graph, treatment, outcome), SETS_LOOKED_AT), frozenset()
    )
    helpless = _Helpless.of(graph, treatment, outcome) if chosen is None else None
    found = []
    for name in sorted(set(graph.nodes) - {treatment, outcome}):
        said = (
            _not_available(graph, name)
            or _on_causal_path(graph, treatment, outcome, name)
            or _in_chosen_set(graph, treatment, outcome, name, chosen)
            or _without_any_set(graph, treatment, outcome, name, helpless)
            or _opens_path(graph, treatment, outcome, name, chosen)
            or _harmless(graph, treatment, outcome, name, chosen, alternatives)
        )
        found.append(Advice(name, *said))
    return found


_Said = tuple[Verdict, str]


def _not_available(graph: CausalGraph, name: str) -> _Said | None:
    if name in graph.latent:
        return "must not adjust", f'"{name}" is unobserved: there is nothing to adjust with.'
    if name in graph.selected:
        return "must not adjust", f'"{name}" decides which rows are in the log, so it is held fixed already.'
    return None


def _on_causal_path(graph: CausalGraph, treatment: str, outcome: str, name: str) -> _Said | None:
    on_paths = causal_path_variables(graph, treatment, outcome)
    if name in on_paths:
        reason = f'"{name}" is a mediator: "{treatment}" works through it, and holding it fixed removes that part.'
        return "must not adjust", reason
    if name in forbidden_variables(graph, treatment, outcome):
        source = effect_source(graph, treatment, outcome, name)
        return "must not adjust", f'"{name}" is an effect of {source}: holding it fixed distorts the effect.'
    return None


def _in_chosen_set(
    graph: CausalGraph, treatment: str, outcome: str, name: str, chosen: frozenset[str] | None
) -> _Said | None:
    if chosen is None or name not in chosen:
        return None
    if name in graph.forced:
        return "adjust", f'"{name}" is adjusted for because the graph says so in any case.'
    path = _path_without(graph, treatment, outcome, chosen - {name})
    if path is not None:
        return "adjust", f'Without "{name}" the path {path} is open and biases the effect.'
    return (
        "adjust",
        f'"{name}" is not needed against bias, but it explains "{outcome}" and makes the answer more precise.',
    )


def _opens_path(
    graph: CausalGraph, treatment: str, outcome: str, name: str, chosen: frozenset[str] | None
) -> _Said | None:
    if chosen is None or is_adjustment_set(graph, treatment, outcome, chosen | {name}):
        return None
    reason = why_not(graph, treatment, outcome, chosen | {name})
    return "must not adjust", f'"{name}" is a collider or the effect of one. {reason}'


@dataclass(frozen=True)
class _Helpless:
    """Where no set of observed variables removes the bias: what the reasons for every variable share."""

    instruments: frozenset[str]
    without_effect: CausalGraph
    paths: tuple[Path, ...]

    @classmethod
    def of(cls, graph: CausalGraph, treatment: str, outcome: str) -> _Helpless:
        remaining = graph_without_effect(graph, treatment, outcome)
        return cls(
            frozenset(each.name for each in instruments(graph, treatment, outcome)),
            remaining,
            tuple(islice(each_path(remaining, treatment, outcome), PATHS_LOOKED_AT)),
        )


def _without_any_set(
    graph: CausalGraph, treatment: str, outcome: str, name: str, helpless: _Helpless | None
) -> _Said | None:
    """Where no set of observed variables removes the bias: what the variable does to it."""
    if helpless is None:
        return None
    if name in helpless.instruments:
        reason = f'"{name}" is an instrument: use it as one. Adjusting for it would amplify the bias that is left.'
        return "must not adjust", reason
    base = largest_candidate(graph, treatment, outcome) - {name}
    in_any_case = graph.selected | (graph.forced - {name})
    opened = _opened_by(helpless, name, base | graph.selected) or _opened_by(helpless, name, in_any_case)
    if opened is not None:
        return "must not adjust", f'Adjusting for "{name}" opens the path {opened}, which was closed.'
    path = _never_blocked(helpless, base | {name} | graph.selected)
    if path is not None:
        return "may adjust", f'"{name}" does not mend the bias: whatever is adjusted for, the path {path} stays open.'
    return "may adjust", f'"{name}" does not mend the bias: no set does, with it or without it.'


def _opened_by(helpless: _Helpless, name: str, held: frozenset[str]) -> str | None:
    remaining = helpless.without_effect
    for path in helpless.paths:
        if read_path(remaining, path, held | {name}).open and not read_path(remaining, path, held).open:
            return path.text
    return None


def _never_blocked(helpless: _Helpless, most: frozenset[str]) -> str | None:
    """A path that is open although `most` is adjusted for, and not because of it: no two arrows meet on it."""
    for path in helpless.paths:
        if not path.colliders and read_path(helpless.without_effect, path, most).open:
            return path.text
    return None


def _harmless(
    graph: CausalGraph,
    treatment: str,
    outcome: str,
    name: str,
    chosen: frozenset[str] | None,
    alternatives: frozenset[str],
) -> _Said:
    held = (chosen or frozenset()) | graph.selected
    if name in alternatives:
        return "may adjust", f'"{name}" can stand in for a variable of the chosen set: it is part of another valid set.'
    if not is_separated(graph, name, outcome, held | {treatment}):
        return "may adjust", f'"{name}" is not needed; it explains "{outcome}" and may make the answer more precise.'
    if name in graph.descendants(treatment):
        reason = f'"{name}" comes after "{treatment}" and tells no more of "{outcome}": it removes no bias, and costs '
        return "may adjust", reason + "precision."
    if not is_separated(graph, name, treatment, held):
        reason = (
            f'"{name}" reaches "{outcome}" only through "{treatment}", as an instrument does: adjusting for it costs '
            "precision and amplifies whatever bias is left."
        )
        return "must not adjust", reason
    return "may adjust", f'"{name}" is not needed, and it does no harm.'


def _path_without(graph: CausalGraph, treatment: str, outcome: str, held: frozenset[str]) -> str | None:
    remaining = graph_without_effect(graph, treatment, outcome)
    path = open_path(remaining, treatment, outcome, held | graph.selected)
    return None if path is None else path.text
