"""The effect in every group, each with its interval alone and together with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, change_row, interval_rows
from causal.wording.escape import shorten
from causal.wording.groups import group_label, group_sentence, groups_finding, groups_title
from causal.wording.numbers import Scale, axis_unit, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.groups import GroupEffect, GroupEffects


def groups(found: GroupEffects, outcome: str, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per group that has an effect, in the column's order; filled where it is clear with all others."""
    binary = Scale(found.outcome_is_binary, found.unit)
    return interval_rows(
        [_row(found, each) for each in found.known],
        title=groups_title(found),
        alt=f"Effects on {outcome} in groups of {found.by}. {groups_finding(found)}",
        x_title=f"Change in {shorten(outcome, 28)}{axis_unit(binary)} "
        f"(thick: {percent(found.confidence)} alone, thin: all groups at once)",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def rows(found: GroupEffects) -> list[dict[str, Any]]:
    """The table behind the figure; None where a group is too small."""
    return [
        {
            "group": each.label,
            "effect": each.effect,
            "std_error": each.std_error,
            "low": each.low,
            "high": each.high,
            "joint_low": each.joint_low,
            "joint_high": each.joint_high,
            "p": each.p_value,
            "p_holm": each.holm_p,
            "control_units": each.control_units,
            "treated_units": each.treated_units,
        }
        for each in found.groups
    ]


def _row(found: GroupEffects, each: GroupEffect) -> IntervalRow:
    alone, joint = (each.low or 0.0, each.high or 0.0), (each.joint_low or 0.0, each.joint_high or 0.0)
    scale = Scale(found.outcome_is_binary, found.unit)
    return change_row(group_label(each), group_sentence(found, each), each.effect or 0.0, alone, joint, scale)
