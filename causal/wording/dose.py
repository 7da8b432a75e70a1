"""A dose-response curve as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.wording.numbers import change_text, counted, interval, mean_text, number, percent
from causal.wording.phrases import filter_phrase, scale_of, short_name

if TYPE_CHECKING:
    from causal.effects.dose import DoseResponse


def dose_finding(found: DoseResponse) -> str:
    """What going from the lower to the upper quartile of the dose does."""
    size, ends, clear = _between_quartiles(found)
    lower, upper = (number(each) for each in found.nearest(found.quartiles[0], found.quartiles[2]))
    treatment, outcome = short_name(found.spec.question.treatment), short_name(found.spec.question.outcome)
    whom = f"everyone{filter_phrase(found.spec.where)}"
    level = f"{percent(found.confidence)} interval {ends}"
    if not clear:
        return (
            f"From {lower} to {upper} {treatment} makes no clear difference to {outcome} ({size}, {level}), for {whom}."
        )
    verb = "raises" if size.startswith("+") else "lowers"
    return f"{treatment} from {lower} to {upper} {verb} {outcome} by {size.lstrip('+−')} ({level}), for {whom}."


def dose_title(found: DoseResponse) -> str:
    """The same, short, for the title of the figure."""
    size, ends, _ = _between_quartiles(found)
    ends_asked = found.nearest(found.quartiles[0], found.quartiles[2])
    where = "its quartiles" if ends_asked == found.quartiles[::2] else " and ".join(number(each) for each in ends_asked)
    return f"Between {where} {short_name(found.spec.question.treatment)} moves the mean by {size} {ends}"


def line_sentence(found: DoseResponse) -> str:
    """The slope of the straight line."""
    binary = scale_of(found)
    low, high = found.per_unit_interval
    if math.isnan(found.per_unit_error):
        return (
            f"As a straight line: {change_text(found.per_unit, binary)} per unit of "
            f"{short_name(found.spec.question.treatment)}, which one unit far from all others decides alone: it has no "
            "interval."
        )
    return (
        f"As a straight line: {change_text(found.per_unit, binary)} per unit of "
        f"{short_name(found.spec.question.treatment)} ({percent(found.confidence)} interval "
        f"{interval(low, high, binary)})."
    )


def dose_caption(found: DoseResponse) -> str:
    """What the curve rests on, and what its band leaves out."""
    return (
        f"{counted(found.units, 'unit')}, which count as {number(found.effective_size)} after weighting; smoothed over "
        f"about ±{number(found.bandwidth)}. The band is that of the smoothed curve: a bend narrower than that is "
        "rounded off, and no interval covers that, nor the choice of how much to smooth."
    )


def point_sentence(found: DoseResponse, place: int) -> str:
    """One dose, for a hover."""
    binary = scale_of(found)
    return (
        f"At {number(found.doses[place])} {short_name(found.spec.question.outcome)} would average "
        f"{mean_text(found.means[place], binary)}, {percent(found.confidence)} interval "
        f"{interval(found.low[place], found.high[place], binary)}."
    )


def _between_quartiles(found: DoseResponse) -> tuple[str, str, bool]:
    gap, (low, high) = found.difference(found.quartiles[0], found.quartiles[2])
    binary = scale_of(found)
    return change_text(gap, binary), interval(low, high, binary), not low <= 0 <= high
