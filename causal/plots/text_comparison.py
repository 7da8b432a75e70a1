"""The answer as more and more of a text is adjusted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import axis_unit
from causal.wording.phrases import scale_of
from causal.wording.text import comparison_finding, comparison_title, step_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.text_comparison import TextComparison


def text_steps(found: TextComparison, dark: bool = False, narrow: bool = False) -> Figure:
    """The effect with its interval by the number of components: without the text hollow, with all of it solid."""
    scale = 100 if scale_of(found) else 1
    colours, shown = theme.palette(dark), theme.figure(dark)
    labels = ["without"] + [f"{each.components:,}" for each in found.steps[1:]]
    for place, (step, label) in enumerate(zip(found.steps, labels, strict=True)):
        colour = colours.before if place == 0 else colours.treated
        shown.add_scatter(
            x=[label],
            y=[scale * step.effect],
            mode="markers",
            marker={
                "color": colour,
                "size": 12,
                "symbol": "circle-open" if place == 0 else "circle",
                "line": {"width": 2, "color": colour},
            },
            error_y={
                "type": "data",
                "array": [scale * (step.high - step.effect)],
                "arrayminus": [scale * (step.effect - step.low)],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            hovertext=[theme.hover(step_sentence(found, step))],
            hoverinfo="text",
        )
    ends = [scale * each for step in found.steps for each in (step.low, step.high)]
    reach = theme.span([*ends, 0.0]) if min(ends) <= 0 <= max(ends) else theme.span(ends)
    shown.update_yaxes(range=reach, nticks=6)
    shown.update_xaxes(type="category", showgrid=False)
    return theme.frame(
        shown,
        title=comparison_title(found),
        alt="Effect by how much of the text is adjusted for. " + comparison_finding(found),
        height=320,
        x_title=f"Components of {shorten(found.text, 30)} adjusted for",
        y_title=f"Effect on {shorten(found.spec.question.outcome, 20)}{axis_unit(scale_of(found))}",
        title_lines=3,
        left=66,
        narrow=narrow,
    )


def rows(found: TextComparison) -> list[dict[str, Any]]:
    """The table behind it."""
    return [
        {
            "components": each.components,
            "effect": each.effect,
            "std_error": each.std_error,
            "low": each.low,
            "high": each.high,
        }
        for each in found.steps
    ]
