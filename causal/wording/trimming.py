"""What trimming would do, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.numbers import change_text, count, interval, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.interventions.trimming import TrimmingCurve

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
    at, binary = curve.answers[place], curve.binary
    low, high = curve.interval(place)
    effect = f"{change_text(at.effect, binary)} {interval(low, high, binary)}"
    outcome = short_name(curve.outcome)
    if place == 0:
        return f"With all {count(at.units)} units the change in {outcome} is {effect}."
    return f"{_without(curve, place)}, {count(at.units)} units ({percent(at.share)}) stay: {effect}. " + _shift(
        curve, place, binary
    )


def _shift(curve: TrimmingCurve, place: int, binary: bool) -> str:
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
