"""What trimming would do, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.numbers import Binary, Scale, change_text, count, interval, number, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.interventions.trimming import RuleAnswer, TrimmingCurve, TrimmingRules

CLEARLY = 0.05
"""A change of the interval's width by less than this share is none to speak of."""


def trimming_finding(curve: TrimmingCurve, place: int) -> str:
    """The title of the picture: what the bound chosen does, or without one what the best would do."""
    if place > 0:
        return f"{_without(curve, place)}, {_units(curve, place)} stay and {_width(curve, place)}"
    best = max(range(len(curve.answers)), key=curve.narrowing)
    if curve.narrowing(best) < CLEARLY:
        return "No bound makes the interval clearly narrower: nothing speaks for trimming"
    return f"{_without(curve, best)}, {_units(curve, best)} would stay and {_width(curve, best, 'would be')}"


def trimming_sentence(curve: TrimmingCurve, place: int) -> str:
    """One bound's answer in full: units, effect, interval, and how far it moves."""
    at, binary = curve.answers[place], Scale(curve.binary, curve.unit)
    low, high = curve.interval(place)
    effect = f"{change_text(at.effect, binary)} {interval(low, high, binary)}"
    outcome = short_name(curve.outcome)
    if place == 0:
        return f"With all {count(at.units)} units the change in {outcome} is {effect}."
    return f"{_without(curve, place)}, {count(at.units)} units ({percent(at.share)}) stay: {effect}. " + _shift(
        curve, place, binary
    )


def _shift(curve: TrimmingCurve, place: int, binary: Binary) -> str:
    at = curve.answers[place]
    low, high = curve.shift_interval(place)
    if at.shift_std_error != at.shift_std_error:
        return f"The effect moves by {change_text(at.shift, binary)}."
    if at.shift_std_error == 0:
        return "The effect does not move."
    moves = f"The effect moves by {change_text(at.shift, binary)} {interval(low, high, binary)}"
    if low <= 0 <= high:
        return f"{moves}, no more than chance can do."
    return f"{moves}: the units left out differ from those that stay, or the models fit them badly."


def _without(curve: TrimmingCurve, place: int) -> str:
    return f"Without propensities beyond {curve.answers[place].bound:g}"


def _units(curve: TrimmingCurve, place: int) -> str:
    return f"{percent(curve.answers[place].share)} of the units"


def _width(curve: TrimmingCurve, place: int, verb: str = "is") -> str:
    change = curve.narrowing(place)
    if abs(change) < CLEARLY:
        return f"the interval {verb} about as wide"
    return f"the interval {verb} {percent(abs(change))} {'narrower' if change > 0 else 'wider'}"


def rule_name(each: RuleAnswer) -> str:
    """What stays by a rule: "propensities from 0.1 to 0.9"."""
    if each.rule == "all":
        return "All units"
    if each.rule == "fixed":
        return f"Beyond {each.parameter:g} left out"
    if each.rule == "crump":
        return f"Crump's optimum, {number(each.parameter)}" if each.parameter else "Crump's optimum: all stay"
    if each.rule == "range":
        return "Range that both arms share"
    return f"Stürmer, {percent(each.parameter)} of each arm"


def rule_sentence(found: TrimmingRules, place: int) -> str:
    """One rule in full: who stays, what the answer is, how far it moves, and how the population changes."""
    each = found.rules[place]
    if each.answer is None:
        return f"{rule_name(each)}: no answer. {each.refused}"
    low, high = found.interval(place)
    effect = f"{change_text(each.answer.effect, Scale(found.binary, found.unit))} {interval(low, high, found.binary)}"
    outcome = short_name(found.outcome)
    if place == 0:
        return f"With all {count(each.answer.units)} units the change in {outcome} is {effect}."
    told = f"{rule_name(each)}: {count(each.answer.units)} units ({percent(each.answer.share)}) stay, {effect}."
    return f"{told}{_moves(found, place)}{_population(each)}"


def rules_finding(found: TrimmingRules) -> str:
    """Whether the usual rules agree, and which makes the interval narrowest."""
    known = [place for place, each in enumerate(found.rules) if each.answer is not None]
    if len(known) < 2:
        return "No rule of trimming has an answer"
    moved = [place for place in known[1:] if _clearly_moves(found, place)]
    width = {place: found.interval(place)[1] - found.interval(place)[0] for place in known}
    best = min(known, key=lambda place: width[place])
    change = 1 - width[best] / width[0] if width[0] > 0 else 0.0
    agreed = (
        "No rule of trimming moves the answer more than chance can do"
        if not moved
        else f"{len(moved)} of {len(known) - 1} rules of trimming move the answer clearly"
    )
    if best == 0 or change < CLEARLY:
        return f"{agreed}; none makes the interval clearly narrower"
    return f"{agreed}; narrowest is {_lowered(rule_name(found.rules[best]))} ({percent(change)} narrower)"


def _lowered(name: str) -> str:
    return name if name.startswith(("Crump", "Stürmer")) else name[:1].lower() + name[1:]


def _clearly_moves(found: TrimmingRules, place: int) -> bool:
    answer = found.rules[place].answer
    if answer is None or answer.shift_std_error != answer.shift_std_error or answer.shift_std_error == 0:
        return False
    low, high = found.shift_interval(place)
    return not low <= 0 <= high


def _moves(found: TrimmingRules, place: int) -> str:
    answer = found.rules[place].answer
    assert answer is not None
    if answer.share == 1:
        return " Nobody is left out."
    size = change_text(answer.shift, Scale(found.binary, found.unit))
    if answer.shift_std_error != answer.shift_std_error or answer.shift_std_error == 0:
        return f" The effect moves by {size}."
    low, high = found.shift_interval(place)
    why = "clearly" if _clearly_moves(found, place) else "no more than chance can do"
    return f" The effect moves by {size} {interval(low, high, found.binary)}, {why}."


def _population(each: RuleAnswer) -> str:
    if not each.moved:
        return ""
    listed = ", ".join(
        f"{short_name(shift.name)} from {number(shift.before)} to {number(shift.after)}" for shift in each.moved
    )
    return f" Those who stay differ from all in their means: {listed}."
