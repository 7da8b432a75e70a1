"""Effects in groups, and risks, as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.wording.arms import p_text
from causal.wording.numbers import MISSING, change_text, count, counted, interval, number, percent
from causal.wording.phrases import level_of, level_phrase, level_text, outcome_name, short_name

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.effects.groups import GroupEffect, GroupEffects
    from causal.effects.risk import RiskMeasure, RiskMeasures

CLEAR = 0.05


def groups_finding(found: GroupEffects) -> str:
    """Whether the effect differs between the groups, and where it is largest and smallest."""
    by, binary = short_name(found.by), found.outcome_is_binary
    if len(found.known) < 2:
        return f"There is one group of {by} to tell an effect for."
    largest = max(found.known, key=lambda each: each.effect or 0.0)
    smallest = min(found.known, key=lambda each: each.effect or 0.0)
    ends = (
        f"{change_text(smallest.effect or 0.0, binary)} for {_name(found, smallest)} to "
        f"{change_text(largest.effect or 0.0, binary)} for {_name(found, largest)}"
    )
    if math.isnan(found.p_value) or found.p_value >= CLEAR:
        return f"The effect does not clearly differ by {by} (p {p_text(found.p_value)}): it runs from {ends}."
    return f"The effect differs by {by} (p {p_text(found.p_value)}): from {ends}."


def groups_title(found: GroupEffects) -> str:
    """The same, short, for the title of a figure."""
    by = short_name(found.by)
    if math.isnan(found.p_value) or found.p_value >= CLEAR:
        return f"No clear difference in effect between groups of {by}"
    return f"The effect differs between groups of {by}"


def group_sentence(found: GroupEffects, group: GroupEffect) -> str:
    """One group's effect with both intervals, for a hover."""
    binary = found.outcome_is_binary
    units = counted(group.control_units + group.treated_units, "unit")
    if group.effect is None:
        return f"{_name(found, group)}: {units}, too few of one arm for an effect."
    alone = interval(group.low or 0.0, group.high or 0.0, binary)
    joint = interval(group.joint_low or 0.0, group.joint_high or 0.0, binary)
    return (
        f"{_name(found, group)}: {change_text(group.effect, binary)}, alone {alone}, together with the others {joint}; "
        f"{units}."
    )


def groups_caption(found: GroupEffects) -> str:
    """What was compared, and what was left out."""
    lacking = counted(found.left_out, "unit") + f" without a value of {short_name(found.by)} left out. "
    small = len(found.groups) - len(found.known)
    few = f"{counted(small, 'group')} too small for an effect. " if small else ""
    return (
        f"{counted(len(found.known), 'group')}; over all of them the effect is "
        f"{change_text(found.overall, found.outcome_is_binary)}. {few}{lacking if found.left_out else ''}"
        "Groups that differ in their effect need not differ because of this column: the groups themselves were not "
        "randomised."
    )


def group_label(group: GroupEffect) -> str:
    """A level, or a quantity's ends: "−0.999 to −0.478"."""
    if group.lowest is None or group.highest is None:
        return group.label
    return f"{number(group.lowest)} to {number(group.highest)}"


def _name(found: GroupEffects, group: GroupEffect) -> str:
    joined = " " if group.lowest is None else " from "
    return f"{short_name(found.by)}{joined}{group_label(group)}"


def risk_sentence(analysis: Analysis, found: RiskMeasures) -> str:
    """How many to treat for one more outcome, or that it cannot be told."""
    outcome = outcome_name(analysis)
    low, high = found.difference.low, found.difference.high
    if math.isnan(low):
        return f"Without an interval there is no number needed to treat for {outcome}."
    needed = count(math.ceil(abs(found.number_needed))) if math.isfinite(found.number_needed) else "∞"
    if found.is_clear:
        more = "more" if found.number_needed > 0 else "less"
        ends = sorted(abs(each) for each in found.number_needed_intervals[0])
        return (
            f"One {more} yes in {outcome} for every {needed} units {level_phrase(analysis, 'treated')} instead of "
            f"{level_text(level_of(analysis, 'control'))} ({percent(found.confidence)} interval {number(ends[0])} to "
            f"{number(ends[1])})."
        )
    fewest_less = MISSING if low == 0 else number(abs(1 / low))
    fewest_more = MISSING if high == 0 else number(1 / high)
    return (
        f"How many to treat for one more yes in {outcome} cannot be told: the difference may be nothing. The interval "
        f"runs from one more per {fewest_more} treated, through no difference, to one less per {fewest_less}."
    )


def risk_rows(found: RiskMeasures) -> list[dict[str, str]]:
    """The table of measures: name, value and interval, as people read them."""
    difference = found.difference
    ends = interval(difference.low, difference.high, True)
    needed = " or ".join(f"{_end(low)} to {_end(high)}" for low, high in found.number_needed_intervals)
    return [
        {"measure": "Risk difference (percentage points)", "value": number(100 * difference.value), "interval": ends},
        _ratio_row("Risk ratio", found.ratio),
        _ratio_row("Odds ratio", found.odds_ratio),
        {"measure": "Number needed to treat for one more", "value": _end(found.number_needed), "interval": needed},
    ]


def _ratio_row(name: str, found: RiskMeasure) -> dict[str, str]:
    if math.isnan(found.value):
        return {"measure": name, "value": MISSING, "interval": "none: one of the risks is 0 or 1, or beyond"}
    return {"measure": name, "value": number(found.value), "interval": interval(found.low, found.high)}


def _end(value: float) -> str:
    return ("−∞" if value < 0 else "∞") if math.isinf(value) else number(value)
