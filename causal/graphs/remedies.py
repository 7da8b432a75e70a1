"""What would make an effect identifiable that is not: each remedy is tried on the graph before it is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import TYPE_CHECKING

from causal.errors import DoableError, GraphError
from causal.graphs.causal_graph import CausalGraph, Edge
from causal.graphs.hedges import listed
from causal.graphs.identification import Estimand, identify

if TYPE_CHECKING:
    from causal.study import Question

MOST_TRIED = 60
"""Hidden causes that are tried one by one; of pairs, as many again."""

_Hidden = str | Edge
"""An unobserved variable, or the two ends of an arc."""


@dataclass(frozen=True)
class Remedy:
    """One thing to do, as a sentence, and how the effect would then be identified."""

    sentence: str
    estimand: Estimand


def remedies(graph: CausalGraph, question: Question) -> tuple[Remedy, ...]:
    """What to record, or to draw if it is true, so that the effect is identified; () where it is, or nothing helps.

    Hidden causes are tried one by one, then in pairs, then all at once.
    """
    if _identified(graph, question) is not None or not {question.treatment, question.outcome} <= set(graph.nodes):
        return ()
    return (
        *_of_marks(graph, question),
        *_of_recording(graph, question),
        *_of_steps(graph, question),
        *_of_an_instrument(graph, question),
    )


def _identified(graph: CausalGraph, question: Question) -> Estimand | None:
    try:
        return identify(graph, question)
    except DoableError:
        return None


def _of_marks(graph: CausalGraph, question: Question) -> Iterator[Remedy]:
    for name in sorted(graph.forced):
        found = _identified(graph.with_forced(name, False), question)
        if found is not None:
            yield Remedy(f'Do not adjust for "{name}" in any case.', found)
    if graph.selected:
        roles = tuple(each for each in graph.roles if each[1] != "selected")
        found = _identified(replace(graph, selected=frozenset(), roles=roles), question)
        if found is not None:
            yield Remedy(f"Use a log of all rows, not only of those that {listed(graph.selected)} lets in.", found)


def _of_recording(graph: CausalGraph, question: Question) -> Iterator[Remedy]:
    hidden: list[_Hidden] = [*sorted(graph.latent - {question.treatment, question.outcome}), *graph.bidirected]
    hidden = hidden[:MOST_TRIED]
    alone = list(_tried(graph, question, ((each,) for each in hidden)))
    yield from alone
    if not alone:
        pairs = list(_tried(graph, question, islice(combinations(hidden, 2), MOST_TRIED)))
        yield from pairs or _tried(graph, question, [tuple(hidden)] if len(hidden) > 2 else [])


def _tried(graph: CausalGraph, question: Question, groups: Iterable[tuple[_Hidden, ...]]) -> Iterator[Remedy]:
    for group in groups:
        found = _identified(_recorded(graph, group), question)
        if found is not None:
            yield Remedy(f"Record {' and '.join(_named(each) for each in group)}, and add it to the log.", found)


def _recorded(graph: CausalGraph, group: tuple[_Hidden, ...]) -> CausalGraph:
    for each in group:
        if isinstance(each, str):
            graph = graph.with_role(each, None)
            continue
        left, right = each
        cause = _unused(f"what {left} and {right} share", graph)
        graph = graph.without_edge(left, right, "bidirected").with_node(cause)
        graph = graph.with_edge(cause, left).with_edge(cause, right)
    return graph


def _named(hidden: _Hidden) -> str:
    return f'"{hidden}"' if isinstance(hidden, str) else f'the hidden common cause of "{hidden[0]}" and "{hidden[1]}"'


def _of_steps(graph: CausalGraph, question: Question) -> Iterator[Remedy]:
    """A recorded step in the place of the arrow from treatment to outcome: the front door."""
    edge = (question.treatment, question.outcome)
    if edge not in graph.directed:
        return
    step = _unused(f"the step from {edge[0]} to {edge[1]}", graph)
    bridged = graph.without_edge(*edge).with_node(step).with_edge(edge[0], step).with_edge(step, edge[1])
    found = _identified(bridged, question)
    if found is not None:
        yield Remedy(
            f'Record a step through which "{edge[0]}" works on "{edge[1]}", if all of that effect goes through it and '
            "no hidden cause touches it; draw it between the two.",
            found,
        )


def _of_an_instrument(graph: CausalGraph, question: Question) -> Iterator[Remedy]:
    name = _unused("something random", graph)
    try:
        moved = graph.with_node(name).with_edge(name, question.treatment)
    except GraphError:  # the graph is as large as it may be
        return
    found = _identified(moved, question)
    if found is not None and found.strategy == "instrument":
        yield Remedy(
            f'Find something recorded that moves "{question.treatment}" and reaches "{question.outcome}" in no other '
            "way, such as a random assignment to an arm; draw its arrow.",
            found,
        )


def _unused(name: str, graph: CausalGraph) -> str:
    name = name[:900]
    while name in graph.nodes:
        name += "*"
    return name
