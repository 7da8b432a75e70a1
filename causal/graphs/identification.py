"""From a graph and a question to what must be estimated, or to the reason why nothing can be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from causal.errors import NotIdentified
from causal.graphs.adjustment import (
    graph_without_effect,
    largest_candidate,
    optimal_adjustment_set,
    smallest_adjustment_set,
    why_not,
)
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import Expression, Probability, latex, latex_name, product_of, sum_of
from causal.graphs.front_door import front_door_set
from causal.graphs.hedges import hedge_in_words
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.graphs.instruments import instruments, is_instrument
from causal.graphs.paths import open_path

if TYPE_CHECKING:
    from causal.study import Question

Strategy = Literal["no_effect", "backdoor", "adjustment", "frontdoor", "id", "instrument"]


@dataclass(frozen=True)
class Estimand:
    """What identifies an effect: which variables to use how, in LaTeX, and in words what it rests on.

    `adjust_for` is sorted: the adjustment set, or what the instruments are valid given. `expression` is
    P(outcome | do(treatment)) in observed probabilities, None where an instrument is needed.
    """

    strategy: Strategy
    treatment: str
    outcome: str
    adjust_for: tuple[str, ...]
    instruments: tuple[str, ...]
    mediators: tuple[str, ...]
    formula: str
    assumptions: tuple[str, ...]
    sentence: str
    expression: Expression | None = field(default=None, compare=False, repr=False)


def identify(graph: CausalGraph, question: Question) -> Estimand:
    """How the effect can be had from observed data: the first of no effect, adjustment, front door, ID, instrument.

    Of several adjustment sets: the one of smallest variance where nothing is unobserved, else the smallest, then the
    first in the alphabet. Raises NotIdentified with the open path or the hedge as its reason, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    _check_recorded(graph, treatment, outcome)
    if outcome not in graph.descendants(treatment):
        return _no_effect(treatment, outcome)
    chosen = chosen_adjustment_set(graph, treatment, outcome)
    if chosen is not None:
        return _by_adjustment(graph, treatment, outcome, chosen)
    _check_forced(graph, treatment, outcome)
    _check_selection(graph, treatment, outcome)
    mediators = front_door_set(graph, treatment, outcome)
    if mediators is not None:
        return _by_front_door(treatment, outcome, tuple(sorted(mediators)))
    found = identify_distribution(graph, treatment, outcome)
    if not isinstance(found, Hedge):
        return _by_formula(treatment, outcome, found)
    return _by_instrument(graph, treatment, outcome, found)


def estimand_adjusting_for(graph: CausalGraph, question: Question, names: tuple[str, ...]) -> Estimand:
    """The estimand that adjusts for exactly these variables.

    Raises NotIdentified with the reason where they do not give the effect, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    reason = why_not(graph, treatment, outcome, names)
    if reason is not None:
        raise NotIdentified(reason)
    return _by_adjustment(graph, treatment, outcome, frozenset(names))


def estimand_through(treatment: str, outcome: str, mediators: tuple[str, ...]) -> Estimand:
    """The front-door estimand by these mediators, taken at their word."""
    return _by_front_door(treatment, outcome, tuple(sorted(mediators)))


def estimand_by_front_door(graph: CausalGraph, question: Question) -> Estimand:
    """The front-door estimand, whether or not the effect can be had by adjustment.

    Raises NotIdentified where no observed variables make a front door, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    _check_recorded(graph, treatment, outcome)
    mediators = front_door_set(graph, treatment, outcome)
    if not mediators:
        raise NotIdentified(
            f'The graph has no front door from "{treatment}" to "{outcome}": no observed variables carry the whole '
            "effect and are free of hidden causes shared with either end."
        )
    return _by_front_door(treatment, outcome, tuple(sorted(mediators)))


def joint_formula(graph: CausalGraph, treatments: tuple[str, ...], outcomes: tuple[str, ...]) -> str:
    """P(outcomes | do(treatments)) in observed probabilities, as LaTeX: several variables at once.

    Raises NotIdentified with the hedge as its reason, where a variable is unobserved or the log holds selected rows
    only; and UnknownNode.
    """
    for name in graph.known_names((*treatments, *outcomes)):
        _check_recorded(graph, name, name)
    if graph.selected:
        raise NotIdentified(
            f"Which rows are in the log depends on {_listed(sorted(graph.selected))}, and a joint effect needs a log "
            "of all rows."
        )
    found = identify_distribution(graph, treatments, outcomes)
    if isinstance(found, Hedge):
        raise NotIdentified(f"No formula gives the joint effect. {hedge_in_words(graph, found)}")
    of, do = (", ".join(latex_name(name) for name in names) for names in (outcomes, treatments))
    return rf"P({of} \mid \operatorname{{do}}({do})) = {latex(found)}"


def adjustment_formula(treatment: str, outcome: str, names: tuple[str, ...]) -> Expression:
    """P(outcome | do(treatment)) by adjusting for these variables."""
    outcome_given = Probability((outcome,), (treatment, *names))
    return sum_of(names, product_of((outcome_given, Probability(names)))) if names else outcome_given


def chosen_adjustment_set(graph: CausalGraph, treatment: str, outcome: str) -> frozenset[str] | None:
    """The adjustment set that `identify` uses, or None where there is none; raises UnknownNode."""
    best = optimal_adjustment_set(graph, treatment, outcome)
    return smallest_adjustment_set(graph, treatment, outcome) if best is None else best


def _check_recorded(graph: CausalGraph, treatment: str, outcome: str) -> None:
    for name in (treatment, outcome):
        if name in graph.latent:
            raise NotIdentified(f'"{name}" is unobserved: ask about a treatment and an outcome that the log holds.')
        if name in graph.selected:
            raise NotIdentified(f'"{name}" decides which rows are in the log, so it does not vary there.')


def _check_forced(graph: CausalGraph, treatment: str, outcome: str) -> None:
    free = replace(graph, forced=frozenset())
    if graph.forced and chosen_adjustment_set(free, treatment, outcome) is not None:
        reason = why_not(graph, treatment, outcome, largest_candidate(graph, treatment, outcome))
        raise NotIdentified(f"The variables that are adjusted for in any case rule out every set. {reason}")


def _check_selection(graph: CausalGraph, treatment: str, outcome: str) -> None:
    """Without an adjustment set, a log cut by what it records gives none of the other strategies what they need."""
    if not graph.selected:
        return
    reason = _obstacle(graph, treatment, outcome)
    whole = replace(graph, selected=frozenset(), roles=tuple(r for r in graph.roles if r[1] != "selected"))
    names = " and ".join(f'"{name}"' for name in sorted(graph.selected))
    if chosen_adjustment_set(whole, treatment, outcome) is not None:
        obstacle = why_not(graph, treatment, outcome, largest_candidate(graph, treatment, outcome))
        reason = f"{obstacle} A log of all rows would do."
    raise NotIdentified(f"Which rows are in the log depends on {names}. {reason}")


def _no_effect(treatment: str, outcome: str) -> Estimand:
    expression = Probability((outcome,))
    return Estimand(
        strategy="no_effect",
        treatment=treatment,
        outcome=outcome,
        adjust_for=(),
        instruments=(),
        mediators=(),
        formula=_equation(treatment, outcome, expression),
        assumptions=(f'The graph is right that no chain of arrows leads from "{treatment}" to "{outcome}".',),
        sentence=f'No chain of arrows leads from "{treatment}" to "{outcome}": by this graph the effect is zero.',
        expression=expression,
    )


def _by_adjustment(graph: CausalGraph, treatment: str, outcome: str, chosen: frozenset[str]) -> Estimand:
    names = tuple(sorted(chosen))
    expression = adjustment_formula(treatment, outcome, names)
    held = chosen | graph.selected
    strategy: Strategy = "adjustment" if held & graph.descendants(treatment) else "backdoor"
    return Estimand(
        strategy=strategy,
        treatment=treatment,
        outcome=outcome,
        adjust_for=names,
        instruments=(),
        mediators=(),
        formula=_equation(treatment, outcome, expression),
        assumptions=_adjustment_assumptions(graph, treatment, outcome, names),
        sentence=_adjustment_sentence(graph, treatment, outcome, names),
        expression=expression,
    )


def _adjustment_assumptions(
    graph: CausalGraph, treatment: str, outcome: str, names: tuple[str, ...]
) -> tuple[str, ...]:
    alike = f" among units alike in {_listed(names)}" if names else ""
    whatever = f", whatever its {_listed(names)}" if names else ""
    assumptions = [
        f'Nothing unrecorded causes both "{treatment}" and "{outcome}"{alike}.',
        f'Every kind of unit had a chance of each level of "{treatment}"{whatever}.',
        "One unit's treatment does not change another unit's outcome.",
    ]
    if graph.selected:
        chosen_by = _listed(sorted(graph.selected))
        selects = "selects" if len(graph.selected) == 1 else "select"
        assumptions.append(f"The answer is for units like those in the log, which {chosen_by} {selects}.")
    return tuple(assumptions)


def _adjustment_sentence(graph: CausalGraph, treatment: str, outcome: str, names: tuple[str, ...]) -> str:
    if not names:
        return (
            f'No open path but the effect itself joins "{treatment}" and "{outcome}": nothing has to be adjusted for.'
        )
    unadjusted = open_path(graph_without_effect(graph, treatment, outcome), treatment, outcome, graph.selected)
    if unadjusted is None:
        if frozenset(names) == optimal_adjustment_set(graph, treatment, outcome):
            return f"Nothing has to be adjusted for; adjusting for {_listed(names)} makes the answer more precise."
        return f"Nothing has to be adjusted for; adjusting for {_listed(names)} is valid too."
    together = "" if len(names) == 1 else " together"
    return f"Adjusting for {_listed(names)}{together} blocks every biasing path, such as {unadjusted.text}."


def _by_front_door(treatment: str, outcome: str, mediators: tuple[str, ...]) -> Estimand:
    behind = sum_of(
        (treatment,),
        product_of((Probability((outcome,), (treatment, *mediators)), Probability((treatment,)))),
    )
    expression = sum_of(mediators, product_of((Probability(mediators, (treatment,)), behind)))
    through = _listed(mediators)
    any_of = through if len(mediators) == 1 else f"any of {through}"
    return Estimand(
        strategy="frontdoor",
        treatment=treatment,
        outcome=outcome,
        adjust_for=(),
        instruments=(),
        mediators=mediators,
        formula=_equation(treatment, outcome, expression),
        assumptions=(
            f'The whole effect of "{treatment}" on "{outcome}" goes through {through}.',
            f'Nothing unrecorded causes both "{treatment}" and {any_of}.',
            f'Among units alike in "{treatment}", nothing unrecorded causes both "{outcome}" and {any_of}.',
            f'Every value of {through} occurs at each level of "{treatment}".',
        ),
        sentence=(
            f"Hidden causes leave a biasing path open, but the whole effect goes through {through}, which they spare: "
            "the front door."
        ),
        expression=expression,
    )


def _by_formula(treatment: str, outcome: str, expression: Expression) -> Estimand:
    return Estimand(
        strategy="id",
        treatment=treatment,
        outcome=outcome,
        adjust_for=(),
        instruments=(),
        mediators=(),
        formula=_equation(treatment, outcome, expression),
        assumptions=(
            "The graph is right about every hidden common cause, and about every arrow that it leaves out.",
            "Every combination of values that the formula conditions on occurs in the log.",
        ),
        sentence=(
            f'No adjustment set and no front door exist for "{treatment}" and "{outcome}", but the identification '
            "algorithm finds a formula in observed variables."
        ),
        expression=expression,
    )


def estimand_by_instruments(graph: CausalGraph, question: Question, given: tuple[str, ...] | None = None) -> Estimand:
    """The estimand through the graph's instruments, whether or not the effect can be had without them.

    `given` names what they are to be valid given (None: the smallest set that the graph offers). Raises NotIdentified
    where there is no instrument, or none given that, and UnknownNode.
    """
    treatment, outcome = graph.known(question.treatment), graph.known(question.outcome)
    _check_recorded(graph, treatment, outcome)
    found = sorted(instruments(graph, treatment, outcome), key=lambda each: (len(each.given), each.name))
    if not found:
        raise NotIdentified(
            f'The graph has no instrument for "{treatment}" and "{outcome}": no observed variable moves "{treatment}" '
            f'and reaches "{outcome}" through it alone.'
        )
    if given is None:
        names = tuple(each.name for each in found if each.given == found[0].given)
        return _through_instruments(treatment, outcome, tuple(sorted(names)), tuple(sorted(found[0].given)))
    valid = [each.name for each in found if is_instrument(graph, treatment, outcome, each.name, frozenset(given))]
    if not valid:
        raise NotIdentified(
            f"No variable of the graph is an instrument among units alike in {_listed(sorted(given))}: one of these "
            "opens a path or is itself an effect of the treatment. Adjust for fewer."
        )
    return _through_instruments(treatment, outcome, tuple(sorted(valid)), tuple(sorted(given)))


def instruments_at_their_word(
    treatment: str, outcome: str, names: tuple[str, ...], given: tuple[str, ...] = ()
) -> Estimand:
    """The estimand through these instruments, taken at their word."""
    return _through_instruments(treatment, outcome, tuple(sorted(names)), tuple(sorted(given)))


def _by_instrument(graph: CausalGraph, treatment: str, outcome: str, hedge: Hedge) -> Estimand:
    found = sorted(instruments(graph, treatment, outcome), key=lambda each: (len(each.given), each.name))
    if not found:
        raise NotIdentified(
            f"{_obstacle(graph, treatment, outcome)} No other formula exists either. {hedge_in_words(graph, hedge)}"
        )
    given = found[0].given
    names = tuple(sorted(each.name for each in found if each.given == given))
    causes = set(names) <= graph.ancestors(treatment)
    moves = _verb(names, "moves", "move") if causes else f"{_verb(names, 'moves', 'move')} with"
    sentence = (
        f"Hidden causes leave a biasing path open that nothing blocks, but {_listed(names)} {moves} "
        f'"{treatment}" and nothing else that matters: {_instruments(names)}.'
    )
    return replace(_through_instruments(treatment, outcome, names, tuple(sorted(given))), sentence=sentence)


def _verb(names: tuple[str, ...], one: str, several: str) -> str:
    return one if len(names) == 1 else several


def _instruments(names: tuple[str, ...]) -> str:
    return _verb(names, "an instrument", "instruments")


def _through_instruments(treatment: str, outcome: str, names: tuple[str, ...], given: tuple[str, ...]) -> Estimand:
    alike = f", among units alike in {_listed(given)}" if given else ""
    move, reach = _verb(names, "moves", "move"), _verb(names, "reaches", "reach")
    return Estimand(
        strategy="instrument",
        treatment=treatment,
        outcome=outcome,
        adjust_for=given,
        instruments=names,
        mediators=(),
        formula=_instrument_formula(treatment, outcome, names[0], given),
        assumptions=(
            f'{_listed(names)} {move} with "{treatment}"{alike}.',
            f'{_listed(names)} {reach} "{outcome}" through "{treatment}" alone{alike}.',
            f"More than the graph: the effect is the same for all units, or nobody is moved against the rest "
            f"(then it is the effect on those whom {_listed(names)} {move}).",
        ),
        sentence=(
            f'{_listed(names)} {move} with "{treatment}" and {reach} "{outcome}" through it alone{alike}: '
            f"{_instruments(names)}."
        ),
    )


def _instrument_formula(treatment: str, outcome: str, instrument: str, given: tuple[str, ...]) -> str:
    condition = rf" \mid {', '.join(latex_name(name) for name in given)}" if given else ""
    z, t, y = latex_name(instrument), latex_name(treatment), latex_name(outcome)
    return rf"\frac{{\operatorname{{Cov}}({y}, {z}{condition})}}{{\operatorname{{Cov}}({t}, {z}{condition})}}"


def _obstacle(graph: CausalGraph, treatment: str, outcome: str) -> str:
    """What stands in the way of adjustment: the path that stays open given the most that can be adjusted for."""
    largest = largest_candidate(graph, treatment, outcome)
    reason = why_not(graph, treatment, outcome, largest)
    if reason is None:
        return ""
    return f'The effect of "{treatment}" on "{outcome}" cannot be told from bias by any adjustment. {reason}'


def _equation(treatment: str, outcome: str, expression: Expression) -> str:
    left = rf"P({latex_name(outcome)} \mid \operatorname{{do}}({latex_name(treatment)}))"
    return f"{left} = {latex(expression)}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]
