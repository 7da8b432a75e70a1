"""What two versions of a graph differ in, what each says, and why their answers differ: plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from causal.wording.numbers import change_text, counted
from causal.wording.phrases import effect_interval, scale_of, short_name
from causal.wording.sentences import effect_text

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.graphs.difference import GraphDifference
    from causal.graphs.paths import DrawnEdge
    from causal.graphs.reading import GraphReading

STRATEGIES: Mapping[str, str] = MappingProxyType(
    {
        "no_effect": "says that there is no effect",
        "backdoor": "adjusts",
        "adjustment": "adjusts",
        "frontdoor": "goes through a mediator (front door)",
        "id": "uses the general identification formula",
        "instrument": "uses an instrument",
    }
)


def difference_headline(difference: GraphDifference, first: str, second: str) -> str:
    """How much differs, in one sentence."""
    if difference.same:
        return f"{first} and {second} are the same graph."
    edges = len(difference.added) + len(difference.removed) + len(difference.turned)
    variables = len(difference.new_variables) + len(difference.gone_variables)
    others = len(difference.roles) + len(difference.forced) + len(difference.freed)
    parts = [counted(edges, "edge")] if edges else []
    if variables:
        parts.append(counted(variables, "variable"))
    if others:
        parts.append(counted(others, "mark on a variable", "marks on variables"))
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"{first} and {second} differ in {listed}."


def difference_sentences(difference: GraphDifference, first: str, second: str) -> tuple[str, ...]:
    """Each difference as a line; empty where there is none."""
    turned = [f"{short_name(cause)} → {short_name(effect)}" for cause, effect in difference.turned]
    lines = (
        (f"Only in {second}", [_edge(each) for each in difference.added]),
        (f"Only in {first}", [_edge(each) for each in difference.removed]),
        (f"Turned, in {second}", turned),
        (f"Variables only in {second}", [short_name(each) for each in difference.new_variables]),
        (f"Variables only in {first}", [short_name(each) for each in difference.gone_variables]),
        ("Roles", [_role(*each) for each in difference.roles]),
        (f"Adjusted for in any case only in {second}", [short_name(each) for each in difference.forced]),
        (f"Adjusted for in any case only in {first}", [short_name(each) for each in difference.freed]),
    )
    return tuple(f"{what}: {', '.join(parts)}." for what, parts in lines if parts)


def version_sentence(reading: GraphReading) -> str:
    """What one graph says of the question: how the effect is identified, or why it is not."""
    if reading.refusal is not None or reading.estimand is None:
        return f"Not identified. {reading.refusal or ''}".strip()
    return reading.estimand.sentence


def answers_sentence(
    names: tuple[str, str], answers: tuple[Analysis | None, Analysis | None], refusals: tuple[str | None, str | None]
) -> str:
    """What the two graphs answer, and why they differ; empty where nothing is answered yet."""
    first, second = answers
    if first is not None and refusals[1] is not None:
        return f"Only {names[0]} gives an answer: {effect_text(first)}. {names[1]} gives none: {refusals[1]}"
    if second is not None and refusals[0] is not None:
        return f"Only {names[1]} gives an answer: {effect_text(second)}. {names[0]} gives none: {refusals[0]}"
    if first is None or second is None:
        return ""
    if _same(first, second):
        columns = _listed(first.adjust_for)
        return (
            f"Both graphs give {effect_text(first)}: they adjust for the same columns ({columns}), so what they differ "
            "in makes no difference to this answer."
        )
    gap = abs(second.estimate.effect - first.estimate.effect)
    apart = change_text(gap, scale_of(first), signed=False)
    return (
        f"{names[0]} gives {effect_text(first)} and {names[1]} {effect_text(second)}, "
        f"{apart} apart: {_why(names, first, second)} {_overlap(first, second)}".strip()
    )


def answer_line(name: str, answer: Analysis) -> str:
    """One version's answer with its interval in words."""
    effect = change_text(answer.estimate.effect, scale_of(answer))
    return f"{name}: {effect}, {effect_interval(answer.estimate, scale_of(answer))}"


def _same(first: Analysis, second: Analysis) -> bool:
    return first.adjust_for == second.adjust_for and first.estimate.effect == second.estimate.effect


def _why(names: tuple[str, str], first: Analysis, second: Analysis) -> str:
    left = [each for each in first.adjust_for if each not in second.adjust_for]
    right = [each for each in second.adjust_for if each not in first.adjust_for]
    parts = [
        f"{name} alone adjusts for {_listed(each)}" for name, each in zip(names, (left, right), strict=True) if each
    ]
    if parts:
        return f"{', and '.join(parts)}."
    ways = [None if each.estimand is None else each.estimand.strategy for each in (first, second)]
    if ways[0] != ways[1]:
        said = [f"{name} {STRATEGIES.get(str(way), 'adjusts')}" for name, way in zip(names, ways, strict=True)]
        return f"{', and '.join(said)}."
    return "they use the same columns in another way."


def _overlap(first: Analysis, second: Analysis) -> str:
    if not (first.has_interval and second.has_interval):
        return ""
    (low, high), (other_low, other_high) = first.estimate.interval(), second.estimate.interval()
    if max(low, other_low) <= min(high, other_high):
        return "Their intervals overlap, which does not say that both are right: they come from the same rows."
    return "Their intervals do not even overlap: the answer hangs on which of the graphs is right."


def _edge(edge: DrawnEdge) -> str:
    left, right, kind = edge
    return f"{short_name(left)} {'→' if kind == 'directed' else '↔'} {short_name(right)}"


def _role(name: str, before: str | None, after: str | None) -> str:
    return f"{short_name(name)}, {before or 'no role'} before and {after or 'no role'} after"


def _listed(names: Sequence[str]) -> str:
    shown = [short_name(each) for each in names]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown) or "nothing"
