"""Effects among the units that have certain values: P(outcome | do(treatment), given), whenever given is measured.

Shpitser and Pearl (2006), "Identification of conditional interventional distributions", algorithm IDC: what rule 2 of
the do-calculus lets be set instead of seen is set, and the rest is divided out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import Expression, Probability, Product, Ratio, latex, latex_name, product_of, sum_of
from causal.graphs.hedges import hedge_in_words, listed
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.graphs.separation import Names, is_separated
from causal.graphs.surgery import without_arrows_from, without_arrows_into

if TYPE_CHECKING:
    from causal.study import Question


@dataclass(frozen=True)
class ConditionalEstimand:
    """What identifies an effect among units alike in `given`.

    `exchanged` are those of `given` of which seeing a value says the same as setting it. `expression` is P(outcome |
    do(treatment), given) in observed probabilities, free in all of them.
    """

    treatment: str
    outcome: str
    given: tuple[str, ...]
    exchanged: tuple[str, ...]
    formula: str
    sentence: str
    expression: Expression = field(compare=False, repr=False)


def identify_conditional(graph: CausalGraph, question: Question, given: Iterable[str]) -> ConditionalEstimand:
    """How the effect among units with given values can be had from observed data, by IDC.

    Raises NotIdentified with the hedge as its reason, or where a variable is unobserved or selects the rows; and
    UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    names = tuple(sorted(set(graph.known_names(tuple(given)))))
    check_answerable(graph, (treatment, outcome, *names))
    if {treatment, outcome} & set(names):
        raise NotIdentified("The treatment and the outcome cannot be among the values that are given: leave them out.")
    exchanged = exchangeable(graph, treatment, outcome, names)
    found = conditional_distribution(graph, treatment, outcome, names)
    if isinstance(found, Hedge):
        alike = f" among units alike in {listed(names)}" if names else ""
        raise NotIdentified(
            f'No formula gives the effect of "{treatment}" on "{outcome}"{alike}. {hedge_in_words(graph, found)}'
        )
    seen = "".join(f", {latex_name(name)}" for name in names)
    left = rf"P({latex_name(outcome)} \mid \operatorname{{do}}({latex_name(treatment)}){seen})"
    return ConditionalEstimand(
        treatment, outcome, names, exchanged, f"{left} = {latex(found)}", _sentence(names, exchanged), found
    )


def conditional_distribution(graph: CausalGraph, treatment: Names, outcome: Names, given: Names) -> Expression | Hedge:
    """P(outcome | do(treatment), given) in observed probabilities, or the hedge; raises UnknownNode."""
    treatments, outcomes = graph.known_names(treatment), graph.known_names(outcome)
    names = graph.known_names(given)
    exchanged = exchangeable(graph, treatments, outcomes, names)
    kept = tuple(name for name in names if name not in exchanged)
    joint = identify_distribution(graph, (*treatments, *exchanged), (*outcomes, *kept))
    if isinstance(joint, Hedge) or not kept:
        return joint
    factors = joint.factors if isinstance(joint, Product) else (joint,)
    moving = product_of([factor for factor in factors if factor.free & set(outcomes)])  # the others cancel
    if isinstance(moving, Probability) and set(moving.of) == set(outcomes):
        return moving
    return Ratio(moving, sum_of(outcomes, moving))


def exchangeable(graph: CausalGraph, treatment: Names, outcome: Names, given: Names) -> tuple[str, ...]:
    """The variables of `given` that may be set instead of seen (rule 2, one after the other); sorted.

    The largest such set is unique (Shpitser and Pearl 2006). Raises UnknownNode.
    """
    kept, treated = set(graph.known_names(given)), set(graph.known_names(treatment))
    exchanged: set[str] = set()
    while True:
        intervened = without_arrows_into(graph, treated | exchanged)
        free = next(
            (
                name
                for name in sorted(kept)
                if is_separated(
                    without_arrows_from(intervened, {name}),
                    outcome,
                    name,
                    treated | exchanged | (kept - {name}),
                )
            ),
            None,
        )
        if free is None:
            return tuple(sorted(exchanged))
        kept.remove(free)
        exchanged.add(free)


def check_answerable(graph: CausalGraph, names: Iterable[str]) -> None:
    """Raise NotIdentified where one of the variables is unobserved, or the log holds selected rows only."""
    for name in names:
        if name in graph.latent:
            raise NotIdentified(f'"{name}" is unobserved: ask about variables that the log holds.')
    if graph.selected:
        raise NotIdentified(
            f"Which rows are in the log depends on {listed(graph.selected)}, and this kind of effect needs a log of "
            "all rows."
        )


def _sentence(given: tuple[str, ...], exchanged: tuple[str, ...]) -> str:
    if not given:
        return "Nothing is given: this is the effect on everyone."
    kept = tuple(name for name in given if name not in exchanged)
    parts = []
    if exchanged:
        parts.append(f"Seeing {listed(exchanged)} says the same as setting it")
    if kept:
        joint = "the joint response of the outcome and " + listed(kept) + " is divided by that of " + listed(kept)
        parts.append(joint if parts else joint[0].upper() + joint[1:])
    return "; ".join(parts) + "."
