"""The impact of every cause as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.arms import p_text
from causal.wording.numbers import Scale, change_text, counted, interval, percent, plural
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.effects.impact import FeatureImpact, Impact


def is_clear(impact: Impact) -> bool:
    """Whether its interval leaves zero out, all others told at once."""
    return not impact.joint_low <= 0 <= impact.joint_high


def impact_finding(found: FeatureImpact) -> str:
    """Which cause moves the outcome most, and how many do so clearly."""
    outcome = short_name(found.outcome)
    if not found.impacts:
        return f"The graph lets no effect on {outcome} be told for any of its variables."
    clear = [each for each in found.impacts if is_clear(each)]
    if not clear:
        return f"None of {counted(len(found.impacts), 'change')} moves {outcome} clearly once all are asked at once."
    top = clear[0]
    size = change_text(top.effect, Scale(found.outcome_is_binary, found.unit))
    cause = short_name(top.cause)
    surely = "" if top is found.impacts[0] else ", of those that are clear,"
    most = f"{cause[:1].upper()}{cause[1:]}{surely} moves {outcome} most: {size} for {top.contrast}"
    asked = len(found.impacts)
    return (
        f"{most}. {len(clear)} of {counted(asked, 'change')} {plural(asked, 'is', 'are')} clear when all are asked at "
        "once."
    )


def impact_sentence(found: FeatureImpact, impact: Impact) -> str:
    """One change with both intervals, for a hover."""
    binary = Scale(found.outcome_is_binary, found.unit)
    adjusted = ", ".join(short_name(each) for each in impact.adjust_for) or "nothing"
    return (
        f"{short_name(impact.cause)}, {impact.contrast}: {change_text(impact.effect, binary)}, alone "
        f"{interval(impact.low, impact.high, binary)}, together with the others "
        f"{interval(impact.joint_low, impact.joint_high, binary)}; p {p_text(impact.holm_p)} corrected by Holm; "
        f"adjusted for {adjusted}."
    )


def impact_caption(found: FeatureImpact) -> str:
    """What the numbers are."""
    return (
        "Each cause is asked about by itself, adjusted for what the graph says of it: quantities one standard "
        "deviation up by regression, levels by doubly robust. "
        f"Thick: {percent(found.confidence)} interval alone; thin: all at once."
    )
