"""Natural direct and indirect effects: what the treatment does around the mediators, and what it does through them.

Pearl (2001), "Direct and indirect effects"; identified if and only if no recanting district lies between them: Shpitser
(2013), "Counterfactual graphical models for longitudinal mediation analysis with unobserved confounding".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causal.errors import GraphError, NotIdentified
from causal.graphs.causal_graph import CausalGraph, reachable_along
from causal.graphs.conditional_effects import check_answerable
from causal.graphs.expression import Expression, Relabelled, evaluate, latex, latex_name, product_of, sum_of
from causal.graphs.hedges import hedge_in_words, listed
from causal.graphs.id_algorithm import Hedge, stages_of
from causal.graphs.projection import Projection, districts, latent_projection

if TYPE_CHECKING:
    from causal.graphs.expression import Array
    from causal.study import Question


@dataclass(frozen=True)
class MediationEstimand:
    """What identifies the effect through the mediators and the effect around them.

    `expression` is the distribution of the outcome with the treatment set to one value for the outcome and to another
    for the mediators; the second is its variable `other`. With m(t, t') its mean: natural direct effect m(1, 0) -
    m(0, 0), natural indirect effect m(0, 1) - m(0, 0), total effect m(1, 1) - m(0, 0). `around` and `through` are the
    variables with which the two parts begin.
    """

    treatment: str
    outcome: str
    mediators: tuple[str, ...]
    around: tuple[str, ...]
    through: tuple[str, ...]
    formula: str
    assumptions: tuple[str, ...]
    sentence: str
    other: str
    expression: Expression = field(compare=False, repr=False)


@dataclass(frozen=True)
class NaturalEffects:
    """In units of the outcome: `total` = `direct` + `total_indirect`.

    `indirect` lets only the mediators answer to the treatment; `total_indirect` does so where the rest is treated.
    """

    direct: float
    indirect: float
    total_indirect: float
    total: float


def identify_mediation(graph: CausalGraph, question: Question, mediators: Iterable[str]) -> MediationEstimand:
    """How the natural direct and indirect effects can be had from observed data.

    Raises NotIdentified with the hedge, the recanting variable or the recanting district as its reason, GraphError for
    a mediator that lies on no causal path, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    between = tuple(sorted(set(graph.known_names(tuple(mediators)))))
    check_answerable(graph, (treatment, outcome, *between))
    _check_mediators(graph, treatment, outcome, between)
    projection = latent_projection(graph, graph.ancestors_and_self(outcome))
    relevant = projection.ancestors_within(frozenset({outcome}), frozenset(projection.order) - {treatment})
    split = _Split.of(projection, relevant, treatment, outcome, frozenset(between))
    other = _unused(f"{treatment}*", graph)
    factors = []
    for part in districts(projection.siblings_of, relevant):
        split.check(part, treatment, outcome)
        stages = stages_of(projection, part)
        if isinstance(stages, Hedge):
            raise NotIdentified(
                f'Already the total effect of "{treatment}" on "{outcome}" has no formula. '
                f"{hedge_in_words(graph, stages)}"
            )
        response = stages[-1].expression
        factors.append(Relabelled(response, treatment, other) if part & split.through else response)
    expression = sum_of(tuple(relevant - {outcome}), product_of(factors))
    return MediationEstimand(
        treatment=treatment,
        outcome=outcome,
        mediators=between,
        around=tuple(sorted(split.around)),
        through=tuple(sorted(split.through)),
        formula=_formula(treatment, outcome, between, expression),
        assumptions=_assumptions(treatment, outcome, between),
        sentence=_sentence(split, treatment, outcome, between),
        other=other,
        expression=expression,
    )


def natural_effects(
    estimand: MediationEstimand, names: Sequence[str], joint: Array, levels: Array, control: int = 0, treated: int = 1
) -> NaturalEffects:
    """The effects in a joint distribution with one axis per name; `levels` are the outcome's values.

    `control` and `treated` are indices of the treatment's axis.
    """
    found, values = evaluate(estimand.expression, names, joint)

    def mean(level: int, other: int) -> float:
        at: dict[str, int | slice] = {estimand.treatment: level, estimand.other: other, estimand.outcome: slice(None)}
        chances = values[tuple(at.get(name, 0) for name in found)]
        return float(chances @ levels)

    base, all_treated = mean(control, control), mean(treated, treated)
    crossed = mean(treated, control)
    return NaturalEffects(crossed - base, mean(control, treated) - base, all_treated - crossed, all_treated - base)


@dataclass(frozen=True)
class _Split:
    """Which effects of the treatment begin a path through the mediators, and which one around them."""

    through: frozenset[str]
    around: frozenset[str]

    @classmethod
    def of(
        cls,
        projection: Projection,
        relevant: frozenset[str],
        treatment: str,
        outcome: str,
        mediators: frozenset[str],
    ) -> _Split:
        first = frozenset(name for name in relevant if treatment in projection.parents_of[name])
        causes_of_mediators = projection.ancestors_within(mediators & relevant, relevant)
        free = {name: projection.parents_of[name] & (relevant - mediators) for name in relevant}
        return cls(first & causes_of_mediators, first & (reachable_along(free, {outcome}) - mediators))

    def check(self, district: frozenset[str], treatment: str, outcome: str) -> None:
        """Raise NotIdentified where both parts begin in one district, which cannot answer to both at once."""
        both = sorted(district & self.through & self.around)
        if both:
            raise NotIdentified(
                f'"{both[0]}" is caused by "{treatment}" and leads to "{outcome}" both through the mediators and '
                "around them. It cannot take the values of two treatments at once, so the two parts cannot be told "
                f'apart. Count "{both[0]}" among the mediators, or ask for the total effect.'
            )
        through, around = sorted(district & self.through), sorted(district & self.around)
        if through and around:
            raise NotIdentified(
                f'Hidden common causes tie "{through[0]}", with which the part through the mediators begins, to '
                f'"{around[0]}", with which the part around them begins. What is seen of them belongs to one treatment '
                "at a time, so the two parts cannot be told apart: record the common cause and add it to the graph."
            )


def _check_mediators(graph: CausalGraph, treatment: str, outcome: str, mediators: tuple[str, ...]) -> None:
    if not mediators:
        raise GraphError("A mediation needs at least one mediator: choose a variable between treatment and outcome.")
    between = graph.descendants(treatment) & graph.ancestors(outcome)
    for name in mediators:
        if name not in between:
            raise GraphError(
                f'"{name}" lies on no causal path from "{treatment}" to "{outcome}", so nothing goes through it: '
                "choose another mediator."
            )


def _formula(treatment: str, outcome: str, mediators: tuple[str, ...], expression: Expression) -> str:
    t, through = latex_name(treatment), ", ".join(latex_name(name) for name in mediators)
    nested = rf"{latex_name(outcome)}_{{{t},\, ({through})_{{{t}^{{*}}}}}}"
    return rf"P\left({nested}\right) = {latex(expression, {treatment})}"


def _assumptions(treatment: str, outcome: str, mediators: tuple[str, ...]) -> tuple[str, ...]:
    between = listed(mediators)
    return (
        f'The graph is right about every hidden common cause of "{treatment}", {between} and "{outcome}".',
        f'Nothing that "{treatment}" changes is a common cause of {between} and "{outcome}", but what the graph shows.',
        f'What {between} would be under one level of "{treatment}" says nothing of what "{outcome}" would be under the '
        "other, once the causes in the graph are known: no experiment can check this.",
        f'Every combination of {between} and the variables in the formula occurs at each level of "{treatment}".',
    )


def _sentence(split: _Split, treatment: str, outcome: str, mediators: tuple[str, ...]) -> str:
    between = listed(mediators)
    if not split.around:
        return f'The whole effect of "{treatment}" on "{outcome}" goes through {between}: the direct effect is zero.'
    return (
        f'What "{treatment}" does to "{outcome}" through {between} and what it does around them begin in different '
        "variables, and no hidden common cause ties them: both parts follow from what is observed."
    )


def _unused(name: str, graph: CausalGraph) -> str:
    while name in graph.nodes:
        name += "*"
    return name
