"""The sets that one may adjust for, as a list to choose from: which is used, which is smallest, which most precise."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from causal.graphs.adjustment import Effect, each_adjustment_set, is_adjustment_set, optimal_adjustment_set
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import chosen_adjustment_set
from causal.graphs.separation import Names


@dataclass(frozen=True)
class AdjustmentChoice:
    """One valid set, sorted; `by_default`: used where nobody chooses; `optimal`: of smallest variance."""

    names: tuple[str, ...]
    by_default: bool = False
    optimal: bool = False


@dataclass(frozen=True)
class AdjustmentChoices:
    """The sets found, the default first, then by size; `complete` is False where there are more."""

    choices: tuple[AdjustmentChoice, ...]
    complete: bool


def adjustment_choices(
    graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect = "total", limit: int = 10
) -> AdjustmentChoices:
    """The first `limit` minimal sets, and the one of smallest variance, which need not be minimal.

    Raises UnknownNode, GraphError.
    """
    found = list(islice(each_adjustment_set(graph, treatment, outcome, effect), limit + 1))
    complete, minimal = len(found) <= limit, set(found[:limit])
    best = optimal_adjustment_set(graph, treatment, outcome) if effect == "total" and found else None
    default = None
    if isinstance(treatment, str) and isinstance(outcome, str) and effect == "total" and found:
        default = chosen_adjustment_set(graph, treatment, outcome)
    every = minimal | ({best} if best is not None else set()) | ({default} if default is not None else set())
    ordered = sorted(every, key=lambda names: (names != default, len(names), sorted(names)))
    return AdjustmentChoices(
        tuple(AdjustmentChoice(tuple(sorted(names)), names == default, names == best) for names in ordered),
        complete,
    )


def may_adjust_for(graph: CausalGraph, treatment: str, outcome: str, names: tuple[str, ...]) -> bool:
    """Whether these are variables of the graph that give the effect, and hold those to be adjusted for in any case."""
    if not set(names) <= set(graph.nodes) or not graph.forced - {treatment, outcome} <= set(names):
        return False
    return is_adjustment_set(graph, treatment, outcome, names)
