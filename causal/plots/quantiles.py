"""How each quantile of the outcome moves, with its interval alone and together with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, change_row, interval_rows
from causal.wording.escape import shorten
from causal.wording.numbers import Scale, axis_unit, number, percent
from causal.wording.quantiles import quantile_label, quantile_sentence, quantiles_finding, quantiles_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.quantiles import QuantileEffect, QuantileEffects


def quantiles(found: QuantileEffects, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per quantile that has an interval, the lowest first; filled where it is clear with all others."""
    outcome, scale = found.spec.question.outcome, Scale(False, found.spec.question.unit)
    lines = "thin: all at once" if narrow else f"thick: {percent(found.confidence)} alone, thin: all at once"
    return interval_rows(
        [_row(each, scale) for each in found.effects if each.has_interval],
        title=quantiles_title(found),
        alt=f"Effects on the quantiles of {outcome}. {quantiles_finding(found)}",
        x_title=f"Change in {shorten(outcome, 18 if narrow else 28)}{axis_unit(scale)} ({lines})",
        binary=False,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def rows(found: QuantileEffects) -> list[dict[str, Any]]:
    """The table behind the figure; NaN where a quantile has no error or no interval."""
    return [
        {
            "quantile": each.quantile,
            "control": each.control,
            "treated": each.treated,
            "effect": each.effect,
            "std_error": each.std_error,
            "low": each.low,
            "high": each.high,
            "joint_low": each.joint_low,
            "joint_high": each.joint_high,
        }
        for each in found.effects
    ]


def _row(each: QuantileEffect, scale: Scale) -> IntervalRow:
    moved = f"{number(each.control)} → {number(each.treated)}"
    label, hover = f"{quantile_label(each.quantile)} {moved}", f"{quantile_sentence(each, scale)}."
    return change_row(label, hover, each.effect, (each.low, each.high), (each.joint_low, each.joint_high), scale)
