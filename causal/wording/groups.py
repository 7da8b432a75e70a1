"""Effects in groups, and risks, as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.wording.arms import p_text
from causal.wording.numbers import MISSING, Scale, change_text, count, counted, interval, number, percent
from causal.wording.phrases import level_of, level_phrase, level_text, outcome_name, short_name

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.effects.groups import GroupEffect, GroupEffects
    from causal.effects.risk import RiskMeasure, RiskMeasures

CLEAR = 0.05


def groups_finding(found: GroupEffects) -> str:
    """Whether the effect differs between the groups, and where it is largest and smallest."""
    by, binary = short_name(found.by), Scale(found.outcome_is_binary, found.unit)
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
    binary = Scale(found.outcome_is_binary, found.unit)
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
    overall = change_text(found.overall, Scale(found.outcome_is_binary, found.unit))
    return (
        f"{counted(len(found.known), 'group')}; over all of them the effect is "
        f"{overall}. {few}{lacking if found.left_out else ''}"
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
    if found.is_clear:
        ends = sorted(abs(each) for each in found.number_needed_intervals[0])
        needed = _whole(found.number_needed)
        every = "unit" if needed == 1 else f"{count(needed)} units"
        return (
            f"One {_direction(found)} yes in {outcome} for every {every} {level_phrase(analysis, 'treated')} instead "
            f"of {level_text(level_of(analysis, 'control'))} ({percent(found.confidence)} interval {number(ends[0])} "
            f"to {number(ends[1])})."
        )
    more = [f"one more per {number(1 / high)} treated"] if high else []
    less = [f"one less per {number(-1 / low)} treated"] if low else []
    ends_told = ", through ".join([*more, "no difference"]) + "".join(f", to {each}" for each in less)
    return (
        f"How many to treat for one more yes in {outcome} cannot be told: the difference may be nothing. The interval "
        f"runs from {ends_told}."
    )


def risk_warning(analysis: Analysis, found: RiskMeasures) -> str:
    """What an arm without variation leaves unsaid; empty where both vary."""
    told = []
    for arm, bound in found.unvaried:
        none = (found.control_risk if arm == "control" else found.treated_risk) < 0.5
        told.append(
            f"{'None' if none else 'All'} of the {counted(int(analysis.estimate.arm_sizes[arm]), 'unit')} "
            f"{level_phrase(analysis, arm)} have a yes in {outcome_name(analysis)}. The intervals take that for "
            f"certain; so many units alone would not rule out {percent(bound)} {'with' if none else 'without'} one."
        )
    return " ".join(told)


def _direction(found: RiskMeasures) -> str:
    return "more" if found.number_needed > 0 else "less"


def _whole(needed: float) -> int:
    """Rounded up, as numbers needed are; what stands a last digit above a whole number is that number."""
    return math.ceil(round(abs(needed), 6))


def risk_rows(found: RiskMeasures) -> list[dict[str, str]]:
    """The table of measures: name, value and interval, as people read them."""
    difference = found.difference
    ends = interval(difference.low, difference.high, True)
    return [
        {"measure": "Risk difference (percentage points)", "value": number(100 * difference.value), "interval": ends},
        _ratio_row("Risk ratio", found.ratio),
        _ratio_row("Odds ratio", found.odds_ratio),
        _needed_row(found),
    ]


def _needed_row(found: RiskMeasures) -> dict[str, str]:
    """The number needed without a sign: its direction is in words."""
    parts = []
    for low, high in reversed(found.number_needed_intervals):
        word = "more" if high > 0 else "less"
        near, far = sorted((abs(low), abs(high)))
        parts.append(f"{_end(near)} to {_end(far)}" + ("" if found.is_clear else f" for one {word}"))
    infinite = math.isinf(found.number_needed)
    return {
        "measure": f"Number needed to treat for one {'more' if infinite else _direction(found)}",
        "value": _end(abs(found.number_needed)),
        "interval": ", or ".join(parts),
    }


def _ratio_row(name: str, found: RiskMeasure) -> dict[str, str]:
    if math.isnan(found.value):
        return {"measure": name, "value": MISSING, "interval": "none: one of the risks is 0 or 1, or beyond"}
    return {"measure": name, "value": number(found.value), "interval": interval(found.low, found.high)}


def _end(value: float) -> str:
    return ("−∞" if value < 0 else "∞") if math.isinf(value) else number(value)
