"""Every arm's mean with its interval, each arm against the control, and every pair in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, change_row, interval_rows
from causal.wording.arms import arm_name, arms_finding, clear_sentence, mean_sentence, pair_sentence
from causal.wording.escape import shorten
from causal.wording.numbers import axis_unit, change_text, interval, mean_text, percent
from causal.wording.phrases import scale_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.arms import ArmComparison


def arm_means(comparison: ArmComparison, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per arm, the highest mean first; those that may be best are filled."""
    binary = scale_of(comparison)
    listed = [
        IntervalRow(
            label=arm_name(comparison, arm.level),
            text=f"{mean_text(arm.mean, binary)} {interval(arm.low, arm.high, binary)}",
            hover=mean_sentence(comparison, arm),
            value=arm.mean,
            interval=(arm.low, arm.high),
            strong=arm.level in comparison.best,
        )
        for arm in sorted(comparison.arms, key=lambda arm: -arm.mean)
    ]
    outcome = shorten(comparison.spec.question.outcome, 28)
    unit = ", per cent" if binary else axis_unit(binary)
    best = [arm_name(comparison, each) for each in comparison.best]
    title = (
        f"{best[0]} is clearly best" if len(best) == 1 else f"{len(best)} of {len(listed)} arms may be best (filled)"
    )
    return interval_rows(
        listed,
        title=title,
        alt=f"Mean {outcome} of {len(listed)} arms. {arms_finding(comparison)}",
        x_title=f"Mean {outcome}{unit} ({percent(comparison.confidence)} intervals)",
        binary=binary,
        zero=False,
        dark=dark,
        narrow=narrow,
    )


def against_control(comparison: ArmComparison, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per arm other than the control: its effect alone (thick) and together with the others (thin)."""
    binary = scale_of(comparison)
    listed = [
        change_row(
            arm_name(comparison, each.treated),
            pair_sentence(comparison, each),
            each.effect,
            (each.low, each.high),
            (each.joint_low, each.joint_high),
            binary,
            shown_joint=True,
        )
        for each in sorted(comparison.against_control, key=lambda each: -each.effect)
    ]
    control, outcome = arm_name(comparison, comparison.control), shorten(comparison.spec.question.outcome, 28)
    clear = sum(row.strong for row in listed)
    return interval_rows(
        listed,
        title=f"{clear} of {len(listed)} arms differ clearly from {control}",
        alt=f"Change in {outcome} of each arm instead of {control}. {clear_sentence(comparison)}",
        x_title=f"Change in {outcome}{axis_unit(binary)} instead of {shorten(control, 24)} "
        f"(thick: {percent(comparison.confidence)} alone, thin: all at once)",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def mean_rows(comparison: ArmComparison) -> list[dict[str, Any]]:
    """The table behind the means."""
    return [
        {
            "arm": str(arm.level),
            "mean": arm.mean,
            "std_error": arm.std_error,
            "low": arm.low,
            "high": arm.high,
            "units": arm.units,
            "effective_units": arm.effective_size,
            "smallest_chance": arm.smallest_chance,
            "rank": arm.rank,
            "best_rank": arm.best_rank,
            "worst_rank": arm.worst_rank,
        }
        for arm in comparison.arms
    ]


def pair_rows(comparison: ArmComparison, control_only: bool = False) -> list[dict[str, Any]]:
    """Every pair with all digits, or only those against the control."""
    chosen = comparison.against_control if control_only else comparison.pairs
    return [
        {
            "treated": str(each.treated),
            "control": str(each.control),
            "effect": each.effect,
            "std_error": each.std_error,
            "low": each.low,
            "high": each.high,
            "joint_low": each.joint_low,
            "joint_high": each.joint_high,
            "p": each.p_value,
            "p_holm": each.holm_p,
            "p_joint": each.joint_p,
        }
        for each in chosen
    ]


def matrix(comparison: ArmComparison) -> list[dict[str, str]]:
    """A row per arm and a column per arm it is compared with: the effect and its joint interval, ▲ or ▼ where clear."""
    binary, rows = scale_of(comparison), []
    for arm in comparison.arms:
        row = {"instead of →": arm_name(comparison, arm.level)}
        for other in comparison.arms:
            name = arm_name(comparison, other.level)
            if other is arm:
                row[name] = ""
                continue
            effect = comparison.effect(arm.level, other.level)
            clear = not effect.joint_low <= 0 <= effect.joint_high
            sign = ("▲ " if effect.effect > 0 else "▼ ") if clear else ""
            row[name] = (
                f"{sign}{change_text(effect.effect, binary, short=True)} "
                f"{interval(effect.joint_low, effect.joint_high, binary)}"
            )
        rows.append(row)
    return rows
