"""What one more edge would do to the answer: a broken promise matters as far as its mends do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causal.errors import NotIdentified
from causal.graphs.adjustment import is_adjustment_set
from causal.graphs.causal_graph import CausalGraph, EdgeKind
from causal.graphs.identification import Estimand, identify

if TYPE_CHECKING:
    from causal.study import Question

Change = Literal["none", "other columns", "other strategy", "lost", "gained"]


@dataclass(frozen=True)
class MendedGraph:
    """The graph with one more edge, and what that changes: `estimand` is None where the effect is not identified.

    `change` is "none" where the estimand of the graph as it was still gives the effect; "other columns" where others
    must be adjusted for; "lost" and "gained" speak of identification.
    """

    left: str
    right: str
    kind: EdgeKind
    change: Change
    estimand: Estimand | None


def mended(graph: CausalGraph, question: Question, left: str, right: str, kind: EdgeKind) -> MendedGraph:
    """The graph with the edge, beside itself; raises UnknownNode, and CyclicGraph where the arrow closes a circle."""
    before, grown = _identified(graph, question), graph.with_edge(left, right, kind)
    after = _identified(grown, question)
    return MendedGraph(left, right, kind, _change(grown, question, before, after), after)


def _change(grown: CausalGraph, question: Question, before: Estimand | None, after: Estimand | None) -> Change:
    if before is None or after is None:
        return "none" if after is before else "lost" if after is None else "gained"
    if not _adjusts(before):
        return (
            "none" if (after.strategy, after.adjust_for) == (before.strategy, before.adjust_for) else "other strategy"
        )
    if is_adjustment_set(grown, question.treatment, question.outcome, before.adjust_for):
        return "none"
    return "other columns" if _adjusts(after) else "other strategy"


def _adjusts(estimand: Estimand) -> bool:
    return estimand.strategy in ("backdoor", "adjustment")


def _identified(graph: CausalGraph, question: Question) -> Estimand | None:
    try:
        return identify(graph, question)
    except NotIdentified:
        return None
