"""Every cause's impact with its interval, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import change_row, interval_rows
from causal.wording.escape import shorten
from causal.wording.impact import impact_finding, impact_sentence, is_clear
from causal.wording.numbers import Scale, axis_unit, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.impact import FeatureImpact

MOST_ROWS = 30
"""So many of the largest are drawn; the table has all."""


def impact(found: FeatureImpact, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per change, filled where it is clear with all others."""
    binary = Scale(found.outcome_is_binary, found.unit)
    listed = [
        change_row(
            f"{each.cause}: {each.contrast}",
            impact_sentence(found, each),
            each.effect,
            (each.low, each.high),
            (each.joint_low, each.joint_high),
            binary,
        )
        for each in found.impacts[:MOST_ROWS]
    ]
    clear = sum(is_clear(each) for each in found.impacts)
    outcome = shorten(found.outcome, 28)
    return interval_rows(
        listed,
        title=f"{clear} of {len(found.impacts)} changes move {outcome} clearly",
        alt=f"Effects of every cause of {found.outcome}, the largest first. {impact_finding(found)}",
        x_title=f"Change in {outcome}{axis_unit(binary)} (thick: {percent(found.confidence)} alone, thin: all at once)",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def rows(found: FeatureImpact) -> list[dict[str, Any]]:
    """The table behind the figure."""
    return [
        {
            "cause": each.cause,
            "change": each.contrast,
            "effect": each.effect,
            "std_error": each.std_error,
            "low": each.low,
            "high": each.high,
            "joint_low": each.joint_low,
            "joint_high": each.joint_high,
            "p": each.p_value,
            "p_holm": each.holm_p,
            "p_false_discovery": each.false_discovery_p,
            "lower_to_upper_quartile": each.quartile_effect,
            "adjusted_for": ", ".join(each.adjust_for),
            "method": each.method,
            "units": each.units,
        }
        for each in found.impacts
    ]
