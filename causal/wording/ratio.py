"""A ratio of totals as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.numbers import change_text, interval, number, percent
from causal.wording.phrases import level_text, short_name

if TYPE_CHECKING:
    from causal.effects.ratio import RatioEffect


def ratio_sentence(found: RatioEffect) -> str:
    """Each arm's ratio, their difference and the relative change, each with its interval."""
    question, estimate = found.spec.question, found.estimate
    means, lift, treatment = estimate.arm_means, estimate.lift_interval(), short_name(question.treatment)
    return (
        f"{short_name(question.outcome)} per {short_name(found.denominator)}, totals over totals, is "
        f"{number(means.treated)} with {treatment} at {level_text(means.treated_level)} and {number(means.control)} at "
        f"{level_text(means.control_level)}: a difference of {change_text(estimate.effect, False)} "
        f"{interval(*estimate.interval())}, or "
        f"{percent(estimate.lift, signed=True)} ({percent(lift[0], signed=True)} to {percent(lift[1], signed=True)})."
    )


def denominator_sentence(found: RatioEffect) -> str:
    """Whether the treatment changes the denominator too, and what that means for reading the ratio."""
    name, effect = short_name(found.denominator), found.denominators
    told = f"{change_text(effect.effect, False)} {interval(*effect.interval())}"
    if found.moves_denominator:
        return (
            f"The treatment changes {name} itself: {told} per unit. So the ratio and the outcome's own total can move "
            "apart; read both."
        )
    return f"The treatment does not clearly change {name} itself: {told} per unit."
