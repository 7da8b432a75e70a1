"""Which methods can serve a question on a graph and a table, why the others cannot, and with which to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from causal.errors import DoableError
from causal.estimators.method import Family, Method
from causal.estimators.registry import METHODS
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, estimand_adjusting_for, identify
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.study import POPULATIONS, Condition, Question

FAMILIES: Mapping[Family, tuple[str, str]] = MappingProxyType(
    {
        "as_is": ("Compare as is", "Causal only if the treatment was given at random."),
        "outcome_model": ("Model the outcome", "Predict what each unit would do under either arm."),
        "treatment_model": ("Model the treatment", "Weight or group units by their chance of the treatment."),
        "matching": ("Match", "Set each unit beside others like it."),
        "both_models": ("Both at once", "Two models, of which either may be wrong, or which may be learnt."),
        "instruments": ("Instruments", "Use only the differences in treatment that something outside made."),
        "mediators": ("Through mediators", "Follow the effect along its way."),
        "formula": ("By formula", "Put shares of units into the formula that the graph gives."),
        "stock": ("Of DoWhy and EconML", "As they are shipped."),
    }
)
"""Each family's title, and what its methods have in common."""

ADJUSTING = ("backdoor", "adjustment", "no_effect")

BY_ADJUSTMENT: Mapping[str, str] = MappingProxyType(
    {
        "regression": "models the outcome alone",
        "weighting": "models the treatment alone",
        "doubly_robust": "is right if either model is",
    }
)
"""Three answers that rest on different models: their agreement is worth seeing."""

BY_OTHER_ROADS: Mapping[str, str] = MappingProxyType(
    {
        "identified_formula": "needs no model, only enough units per cell",
        "front_door": "models the mediators' part with regressions",
        "instrument": "models the outcome linearly",
        "complier_effect": "is right if either of its two models is",
    }
)
"""The same where the effect cannot be had by adjustment."""


@dataclass(frozen=True)
class Suitability:
    """Whether a method can serve: `obstacle` says why not, and `reason` why to begin with it; either may be empty."""

    method: str
    obstacle: str = ""
    reason: str = ""


def suitability(
    graph: CausalGraph,
    question: Question,
    table: UnitTable | None = None,
    adjust_for: tuple[str, ...] | None = None,
    where: Sequence[Condition] = (),
    cluster: str | None = None,
) -> tuple[Suitability, ...]:
    """One entry per method of the registry, in its order; `table`: None looks at the graph alone.

    What only a fit can tell (no overlap, too few units) is no obstacle here.
    """
    if table is not None and where:
        table = replace(table, frame=table.frame[satisfied(table, where)])
    main = _estimand(graph, question, adjust_for)
    found = []
    for method in METHODS:
        own = main if method.identify is None else _estimand(graph, question, adjust_for, method)
        obstacle = _without_clusters(method, cluster) or _obstacle(method, own, question, table)
        found.append(Suitability(method.name, obstacle, "" if obstacle else _reason(method, main)))
    return tuple(found)


def to_begin_with(found: Sequence[Suitability]) -> tuple[str, ...]:
    """The methods recommended; where none can serve, those by adjustment, whose refusals say why."""
    return recommended(found) or tuple(BY_ADJUSTMENT)


def recommended(found: Sequence[Suitability]) -> tuple[str, ...]:
    """The methods to begin with."""
    return tuple(each.method for each in found if each.reason)


def _estimand(
    graph: CausalGraph, question: Question, adjust_for: tuple[str, ...] | None, method: Method | None = None
) -> Estimand | str:
    """The estimand, by the method's own road if one is given; or in words why there is none."""
    try:
        if method is not None and method.identify is not None:
            return method.identify(graph, question, method.options(), adjust_for)
        return identify(graph, question) if adjust_for is None else estimand_adjusting_for(graph, question, adjust_for)
    except DoableError as error:
        return str(error)


def _obstacle(method: Method, estimand: Estimand | str, question: Question, table: UnitTable | None) -> str:
    if question.target not in method.targets:
        able = " or ".join(POPULATIONS[each] for each in method.targets)
        return f"It answers for {able}, not for {POPULATIONS[question.target]}."
    if not method.adjusts:
        return ""
    if isinstance(estimand, str):
        return estimand
    if estimand.strategy not in (*method.strategies, "no_effect"):
        return (
            "No columns of this graph can be adjusted for." if _adjusts_alone(method) else "The graph has no such way."
        )
    return "" if table is None or method.obstacle is None else method.obstacle(table, question, estimand)


def _without_clusters(method: Method, cluster: str | None) -> str:
    if cluster is None or method.clusters:
        return ""
    return f'It has no standard error for units that belong together, as they do by "{cluster}".'


def _adjusts_alone(method: Method) -> bool:
    return set(method.strategies) <= set(ADJUSTING)


def _reason(method: Method, main: Estimand | str) -> str:
    """Why to begin with a method that can serve; a road beside adjustment is only taken where adjustment fails."""
    if isinstance(main, str):
        return ""
    if main.strategy in ADJUSTING:
        return BY_ADJUSTMENT.get(method.name, "")
    return BY_OTHER_ROADS.get(method.name, "") if main.strategy in method.strategies else ""
