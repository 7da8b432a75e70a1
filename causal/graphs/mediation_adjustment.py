"""Covariates that make a mediation formula true: with them the parts of an effect follow from two regressions.

No covariate that the treatment changes may be among them: Imai, Keele and Tingley (2010), Psychological Methods 15:
309-334; Shpitser and VanderWeele (2011), International Journal of Biostatistics 7, article 16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.errors import CovariateProblem, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import latex_name
from causal.graphs.hedges import listed
from causal.graphs.identification import Estimand, adjustment_formula
from causal.graphs.mediation import identify_mediation
from causal.graphs.separation import is_separated
from causal.graphs.surgery import without_arrows_from

if TYPE_CHECKING:
    from causal.study import Question


def mediators_between(graph: CausalGraph, question: Question) -> tuple[str, ...]:
    """The observed variables between treatment and outcome: those marked as mediators, or all where none is marked.

    Raises NotIdentified where there is none, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    between = graph.descendants(treatment) & graph.ancestors(outcome) & graph.observed
    between -= {treatment, outcome} | graph.selected
    if not between:
        raise NotIdentified(
            f'No observed variable of the graph lies between "{treatment}" and "{outcome}", so there is no part to set '
            "apart. Draw the mediator between them."
        )
    marked = between & frozenset(graph.with_role_of("mediator"))
    return tuple(sorted(marked or between))


def estimand_by_mediation(
    graph: CausalGraph, question: Question, mediators: tuple[str, ...], adjust_for: tuple[str, ...] | None = None
) -> Estimand:
    """The estimand of the direct and indirect effect by two regressions on the same covariates.

    `adjust_for` names these covariates (None: as the graph asks). Raises NotIdentified with the reason where the parts
    are not identified, CovariateProblem where these covariates do not make them so, GraphError, UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    found = identify_mediation(graph, question, mediators)
    if adjust_for is not None:
        inside = frozenset(graph.known_names(tuple(name for name in adjust_for if name in graph.nodes)))
        if not separates_parts(graph, treatment, outcome, found.mediators, inside):
            raise CovariateProblem(
                f"Adjusting for {listed(adjust_for) if adjust_for else 'nothing'} leaves a biasing path open between "
                f'"{treatment}", {listed(found.mediators)} and "{outcome}", or takes in what "{treatment}" changes.'
            )
        chosen = tuple(adjust_for)
    else:
        chosen = _chosen(graph, treatment, outcome, found.mediators)
    return _estimand(treatment, outcome, found.mediators, chosen, found.assumptions, found.sentence)


def mediators_at_their_word(
    treatment: str, outcome: str, mediators: tuple[str, ...], adjust_for: tuple[str, ...]
) -> Estimand:
    """The estimand by these mediators and covariates, taken at their word."""
    sentence = f"What goes through {listed(mediators)} is told apart as you say, without a graph that backs it."
    return _estimand(treatment, outcome, tuple(sorted(mediators)), tuple(sorted(adjust_for)), (), sentence)


def separates_parts(
    graph: CausalGraph, treatment: str, outcome: str, mediators: tuple[str, ...], names: frozenset[str]
) -> bool:
    """Whether these covariates, none changed by the treatment, block every biasing path of both regressions."""
    ends = frozenset({treatment, outcome, *mediators})
    if names & (graph.descendants(treatment) | graph.latent | ends):
        return False
    held = names | graph.selected
    first = is_separated(without_arrows_from(graph, {treatment}), treatment, (*mediators, outcome), held)
    return first and is_separated(without_arrows_from(graph, mediators), mediators, outcome, held | {treatment})


def _chosen(graph: CausalGraph, treatment: str, outcome: str, mediators: tuple[str, ...]) -> tuple[str, ...]:
    """The direct causes of what lies on the way, which leave the least noise; else as few as block the paths."""
    changed = graph.descendants_and_self(treatment) | set(mediators)
    way = (graph.descendants(treatment) & graph.ancestors_and_self(outcome)) | {outcome}
    allowed = graph.observed - changed - {outcome} - graph.selected
    causes = frozenset(name for each in way for name in graph.parents(each)) & allowed | (graph.forced & allowed)
    if separates_parts(graph, treatment, outcome, mediators, causes):
        return tuple(sorted(causes))
    kept = allowed & graph.ancestors({treatment, outcome, *mediators})
    if not separates_parts(graph, treatment, outcome, mediators, kept):
        raise NotIdentified(
            "The graph allows both parts to be told apart, but not by adjusting for variables that the treatment "
            "leaves as they are, which is what two regressions need. Ask for the total effect, or record another "
            "common cause."
        )
    for name in sorted(kept - graph.forced):
        if separates_parts(graph, treatment, outcome, mediators, kept - {name}):
            kept -= {name}
    return tuple(sorted(kept))


def _estimand(
    treatment: str,
    outcome: str,
    mediators: tuple[str, ...],
    adjust_for: tuple[str, ...],
    assumptions: tuple[str, ...],
    sentence: str,
) -> Estimand:
    condition = rf", {', '.join(latex_name(name) for name in adjust_for)}" if adjust_for else ""
    y, t, m = latex_name(outcome), latex_name(treatment), ", ".join(latex_name(name) for name in mediators)
    inner = rf"E({y} \mid {t}, {m}{condition})\, P({m} \mid {t}^{{*}}{condition})"
    return Estimand(
        strategy="backdoor",
        treatment=treatment,
        outcome=outcome,
        adjust_for=adjust_for,
        instruments=(),
        mediators=mediators,
        formula=rf"E\left({y}_{{{t}, ({m})_{{{t}^{{*}}}}}}\right) = E\left[\sum_{{{m}}} {inner}\right]",
        assumptions=assumptions,
        sentence=sentence,
        expression=adjustment_formula(treatment, outcome, adjust_for),
    )
