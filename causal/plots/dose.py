"""The mean outcome over the dose, with the interval at each dose and the band of the whole curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.dose import dose_finding, dose_title, point_sentence
from causal.wording.escape import shorten
from causal.wording.numbers import axis_unit, percent
from causal.wording.phrases import scale_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.dose import DoseResponse


def dose_curve(found: DoseResponse, dark: bool = False, narrow: bool = False) -> Figure:
    """The curve over its doses; ticks at the bottom mark the quartiles of the dose."""
    scale = 100 if scale_of(found) else 1
    colours, shown = theme.palette(dark), theme.figure(dark)
    bands = ((found.joint_low, found.joint_high, 0.12, "whole curve"), (found.low, found.high, 0.25, "at one dose"))
    for low, high, opacity, name in bands:
        ends = [(scale * least, scale * most) for least, most in zip(low, high, strict=True)]
        fill = theme.translucent(colours.treated, opacity)
        theme.band(shown, found.doses, ends, fill, f"{percent(found.confidence)}, {name}")
    shown.add_scatter(
        x=list(found.doses),
        y=[scale * each for each in found.means],
        mode="lines",
        line={"color": colours.treated, "width": 3},
        showlegend=False,
        hovertext=[theme.hover(point_sentence(found, place)) for place in range(len(found.doses))],
        hoverinfo="text",
    )
    reach = theme.span([scale * each for each in (*found.joint_low, *found.joint_high)])
    shown.add_scatter(
        x=list(found.quartiles),
        y=[reach[0]] * 3,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 14, "color": colours.text, "line": {"width": 2}},
        name="quartiles of the dose",
        hovertext=[theme.hover(f"A quarter, half and three quarters of the units are below {found.quartiles}.")] * 3,
        hoverinfo="text",
    )
    shown.update_yaxes(range=reach, nticks=6, ticksuffix=" %" if scale_of(found) else "")
    return theme.frame(
        shown,
        title=dose_title(found),
        alt=f"Curve of the mean {found.spec.question.outcome} over {found.spec.question.treatment}. "
        + dose_finding(found),
        height=300,
        x_title=shorten(found.spec.question.treatment, 40),
        y_title=f"Mean {shorten(found.spec.question.outcome, 26)}{axis_unit(scale_of(found), mean=True)}",
        title_lines=3,
        left=66,
        legend_lines=3 if narrow else 1,
        narrow=narrow,
    )


def rows(found: DoseResponse) -> list[dict[str, Any]]:
    """The table behind the curve."""
    return [
        {
            "dose": dose,
            "mean": found.means[place],
            "std_error": found.std_errors[place],
            "low": found.low[place],
            "high": found.high[place],
            "joint_low": found.joint_low[place],
            "joint_high": found.joint_high[place],
        }
        for place, dose in enumerate(found.doses)
    ]
