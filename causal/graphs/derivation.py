"""How an effect follows from what is observed, step by step, in words and LaTeX: the do-calculus written out.

Pearl (1995), "Causal diagrams for empirical research", for the three rules and the front door; Tian and Pearl (2002),
"A general identification condition for causal effects", for the factors of districts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import latex, latex_name
from causal.graphs.hedges import listed
from causal.graphs.id_algorithm import Hedge, Stage, stages_of
from causal.graphs.identification import Estimand
from causal.graphs.projection import Projection, districts, latent_projection
from causal.graphs.separation import is_separated
from causal.graphs.surgery import without_arrows_from, without_arrows_into

Rule = Literal["rule 2", "rule 3", "total probability", "districts", "sum", "together"]


@dataclass(frozen=True)
class Separation:
    """`left` and `right` are separated given `given`, once arrows `into` and `out_of` some variables are cut."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    given: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    out_of: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The separation as a clause."""
        cuts = [f"into {listed(self.into)}"] if self.into else []
        cuts += [f"out of {listed(self.out_of)}"] if self.out_of else []
        alike = f" among units alike in {listed(self.given)}" if self.given else ""
        once = f" once the arrows {' and '.join(cuts)} are cut" if cuts else ""
        return f"nothing joins {listed(self.left)} and {listed(self.right)}{alike}{once}"


@dataclass(frozen=True)
class Step:
    """One equation of a derivation: by which rule, as LaTeX, why in words; `because` is what the rule asks for."""

    rule: Rule
    formula: str
    words: str
    because: Separation | None = None


def holds(graph: CausalGraph, claim: Separation) -> bool:
    """Whether the graph has the separation that a step rests on; raises UnknownNode."""
    cut = without_arrows_from(without_arrows_into(graph, claim.into), claim.out_of)
    return is_separated(cut, claim.left, claim.right, (*claim.given, *graph.selected))


def derivation(graph: CausalGraph, estimand: Estimand) -> tuple[Step, ...]:
    """The steps from P(outcome | do(treatment)) to the estimand's formula; () where an instrument is needed.

    Back doors and front doors by the rules of the do-calculus, other formulas by the factors of districts, of which
    each is an application of the rules. Raises UnknownNode.
    """
    if estimand.expression is None:
        return ()
    steps: tuple[Step, ...] = ()
    if estimand.strategy == "no_effect":
        steps = _without_effect(estimand)
    elif estimand.strategy == "frontdoor":
        steps = _through_the_front_door(estimand)
    elif estimand.strategy in ("backdoor", "adjustment"):
        steps = _through_the_back_door(estimand)
    if steps and all(step.because is None or holds(graph, step.because) for step in steps):
        return steps
    return _by_districts(graph, estimand)


def _without_effect(estimand: Estimand) -> tuple[Step, ...]:
    t, y = (estimand.treatment,), (estimand.outcome,)
    return (_step("rule 3", _do(y, t), _seen(y), Separation(y, t, into=t), "Setting what has no effect is no change"),)


def _through_the_back_door(estimand: Estimand) -> tuple[Step, ...]:
    t, y, x = (estimand.treatment,), (estimand.outcome,), estimand.adjust_for
    exchange = Separation(y, t, x, out_of=t)
    if not x:
        return (_step("rule 2", _do(y, t), _seen(y, t), exchange, "Setting says what seeing says"),)
    return (
        Step(
            "total probability",
            f"{_do(y, t)} = {_over(x)} {_do(y, t, x)} {_do(x, t)}",
            f"The effect is averaged over the values of {listed(x)}.",
        ),
        _step("rule 3", _do(x, t), _seen(x), Separation(x, t, into=t), "Setting what has no effect is no change"),
        _step("rule 2", _do(y, t, x), _seen(y, (*t, *x)), exchange, "Setting says what seeing says"),
        _together(estimand),
    )


def _through_the_front_door(estimand: Estimand) -> tuple[Step, ...]:
    t, y, m = (estimand.treatment,), (estimand.outcome,), estimand.mediators
    other = f"{latex_name(t[0])}'"
    seen_other = f"P({_names(y)} \\mid {_names(m)}, {other})"
    return (
        Step(
            "total probability",
            f"{_do(y, t)} = {_over(m)} {_do(y, t, m)} {_do(m, t)}",
            f"The effect is averaged over what {listed(m)} {'becomes' if len(m) == 1 else 'become'}.",
        ),
        _step("rule 2", _do(m, t), _seen(m, t), Separation(m, t, out_of=t), "Setting says what seeing says"),
        _step(
            "rule 2",
            _do(y, t, m),
            _do(y, (*t, *m)),
            Separation(y, m, t, into=t, out_of=m),
            "Setting says what seeing says",
        ),
        _step(
            "rule 3",
            _do(y, (*t, *m)),
            _do(y, m),
            Separation(y, t, m, into=(*m, *t)),
            "Setting what has no further effect is no change",
        ),
        Step(
            "total probability",
            rf"{_do(y, m)} = \sum_{{{other}}} P({_names(y)} \mid {_set(m)}, {other}) P({other} \mid {_set(m)})",
            f"The effect of {listed(m)} is averaged over the values of {listed(t)}.",
        ),
        _step(
            "rule 2",
            rf"P({_names(y)} \mid {_set(m)}, {other})",
            seen_other,
            Separation(y, m, t, out_of=m),
            "Setting says what seeing says",
        ),
        _step(
            "rule 3",
            rf"P({other} \mid {_set(m)})",
            f"P({other})",
            Separation(t, m, into=m),
            "Setting what has no effect is no change",
        ),
        _together(estimand),
    )


def _by_districts(graph: CausalGraph, estimand: Estimand) -> tuple[Step, ...]:
    t, y = frozenset({estimand.treatment}), frozenset({estimand.outcome})
    projection = latent_projection(graph, graph.ancestors_and_self(y))
    relevant = projection.ancestors_within(y, frozenset(projection.order) - t)
    parts = districts(projection.siblings_of, relevant)
    steps = [_first(projection, relevant, estimand)] if relevant - y else []
    if len(parts) > 1 or relevant - y:
        factors = " ".join(_response(projection, part) for part in parts)
        steps.append(
            Step(
                "districts",
                f"{_do(_in_order(projection, relevant), tuple(t))} = {factors}",
                f"No hidden common cause reaches from one group to another: {_groups(parts)}. Each answers to its own "
                "causes alone.",
            )
        )
    for part in parts:
        stages = stages_of(projection, part)
        assert not isinstance(stages, Hedge)  # the estimand has a formula
        steps += [
            _of_stage(projection, stage, stages[:place][-1:], last=place + 1 == len(stages))
            for place, stage in enumerate(stages)
        ]
    return (*steps, _together(estimand))


def _first(projection: Projection, relevant: frozenset[str], estimand: Estimand) -> Step:
    t, y = (estimand.treatment,), (estimand.outcome,)
    summed = _in_order(projection, relevant - set(y))
    return Step(
        "total probability",
        f"{_do(y, t)} = {_over(summed)} {_do(_in_order(projection, relevant), t)}",
        f"Only {listed(summed)} can carry an effect or bias to {listed(y)}: their values are summed over.",
    )


def _of_stage(projection: Projection, stage: Stage, before: Sequence[Stage], last: bool) -> Step:
    formula = f"{_response(projection, stage.members)} = {latex(stage.expression, stage.members)}"
    members = listed(stage.members)
    if stage.kind == "chain":
        answers = "answers to its causes" if len(stage.members) == 1 else "answer to their causes"
        words = f"How {members} {answers} is seen in the log, each given those before it that matter."
        return Step("rule 2", formula, words)
    dropped = before[0].members - stage.members
    one = len(dropped) == 1
    if stage.kind == "margin":
        words = f"{listed(dropped)} {'causes' if one else 'cause'} nothing else in this group: summed over."
        return Step("sum", formula, words)
    goal = " This is a factor of the formula." if last else ""
    return Step("districts", formula, f"No hidden common cause ties {members} to {listed(dropped)} any more.{goal}")


def _together(estimand: Estimand) -> Step:
    return Step("together", estimand.formula, "Put together, nothing is set any more: all of it can be counted.")


def _step(rule: Rule, left: str, right: str, because: Separation, words: str) -> Step:
    return Step(rule, f"{left} = {right}", f"{words}: {because.words}.", because)


def _response(projection: Projection, members: frozenset[str]) -> str:
    causes = frozenset[str]().union(*(projection.parents_of[name] for name in members)) - members
    return _do(_in_order(projection, members), _in_order(projection, causes))


def _groups(parts: list[frozenset[str]]) -> str:
    return "; ".join(listed(part) for part in parts)


def _in_order(projection: Projection, names: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in projection.order if name in names)


def _names(names: Sequence[str]) -> str:
    return ", ".join(latex_name(name) for name in names)


def _set(names: Sequence[str]) -> str:
    return rf"\operatorname{{do}}({_names(names)})"


def _over(names: Sequence[str]) -> str:
    return rf"\sum_{{{_names(names)}}}"


def _do(of: Sequence[str], do: Sequence[str], given: Sequence[str] = ()) -> str:
    behind = ", ".join([*([_set(do)] if do else []), *([_names(given)] if given else [])])
    return rf"P({_names(of)} \mid {behind})" if behind else f"P({_names(of)})"


def _seen(of: Sequence[str], given: Sequence[str] = ()) -> str:
    return _do(of, (), given)
