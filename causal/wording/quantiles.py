"""Effects on the quantiles of an outcome, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.study import POPULATIONS
from causal.wording.numbers import NO_UNIT, Scale, change_text, interval, number
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.effects.quantiles import QuantileEffect, QuantileEffects


def quantile_label(quantile: float) -> str:
    """What a quantile is called: "median", "lowest 10 %", "highest 10 %"."""
    if quantile == 0.5:
        return "median"
    return f"lowest {100 * quantile:g} % end at" if quantile < 0.5 else f"highest {100 * (1 - quantile):g} % start at"


def quantiles_title(found: QuantileEffects) -> str:
    """Where the distribution moves, clearly with all quantiles at once, for the title of a figure."""
    outcome = short_name(found.spec.question.outcome)
    clear = [each for each in found.effects if each.joint_low > 0 or each.joint_high < 0]
    if not clear:
        return f"No quantile of {outcome} clearly moves"
    if len(clear) == len(found.effects) and len({each.effect > 0 for each in clear}) == 1:
        return f"All of these quantiles of {outcome} {'rise' if clear[0].effect > 0 else 'fall'}"
    return f"{len(clear)} of {len(found.effects)} quantiles of {outcome} clearly move"


def quantiles_finding(found: QuantileEffects) -> str:
    """The smallest and the largest move, among whom, and what it does not say."""
    smallest = min(found.effects, key=lambda each: each.effect)
    largest = max(found.effects, key=lambda each: each.effect)
    scale = Scale(False, found.spec.question.unit)
    return (
        f"Among {POPULATIONS[found.target]}, the move runs from {quantile_sentence(smallest, scale)} to "
        f"{quantile_sentence(largest, scale)}. This compares the two distributions; it does not say that the same "
        "units stand at the same place in both."
    )


def quantile_sentence(each: QuantileEffect, scale: Scale = NO_UNIT) -> str:
    """One quantile's move with its interval."""
    told = f"{change_text(each.effect, scale)} at the quantile of {100 * each.quantile:g} %"
    moved = f"{number(each.control)} to {number(each.treated)}"
    if not each.has_interval:
        return f"{told} ({moved}; no interval)"
    return f"{told} ({moved}; interval {interval(each.low, each.high)})"
