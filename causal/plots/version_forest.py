"""The effect under two versions of a graph, each with its interval, beside no change."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.graph_versions import answer_line
from causal.wording.numbers import axis_unit, change_text, percent
from causal.wording.phrases import scale_of
from causal.wording.sentences import effect_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis

ROW_HEIGHT = 56
_SYMBOLS = ("circle-open", "circle")


def version_forest(named: Sequence[tuple[str, Analysis]], dark: bool = False, narrow: bool = False) -> Figure:
    """One row per version, its name and digits above the interval; the first hollow, the others solid.

    `narrow`: for a phone.

    Raises OptionProblem where no version is answered.
    """
    if not named:
        raise OptionProblem("No version is answered yet, so there is nothing to draw.")
    main = named[-1][1]
    binary = scale_of(main)
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    ends = [end * scale for _, each in named for end in (*each.estimate.interval(), each.estimate.effect)]
    reach = theme.span(ends, include=(0.0,))
    for place, (name, each) in enumerate(named):
        colour = colours.chosen if place else colours.before
        effect, (low, high) = each.estimate.effect * scale, (end * scale for end in each.estimate.interval())
        if not isnan(low):
            line = {"color": colour, "width": 3.5}
            shown.add_scatter(x=[low, high], y=[-place, -place], mode="lines", line=line, hoverinfo="skip")
        shown.add_scatter(
            x=[effect],
            y=[-place],
            mode="markers",
            marker={
                "color": colour,
                "size": 13,
                "symbol": _SYMBOLS[min(place, 1)],
                "line": {"width": 2, "color": colour},
            },
            hovertext=[theme.hover(f"{answer_line(name, each)}.")],
            hoverinfo="text",
        )
        label = shorten(name, 24 if narrow else 60)
        theme.labelled_row(shown, -place, reach, (label, effect_text(each, short=True)), colours, zero=0.0)
    shown.update_xaxes(range=reach, showgrid=False, nticks=7)
    shown.update_yaxes(range=[-len(named) + 0.6, 0.8], visible=False)
    outcome = shorten(main.spec.question.outcome, 28)
    unit = axis_unit(binary)
    return theme.frame(
        shown,
        title=_title(named),
        alt=f"Forest plot of {len(named)} versions of the graph. {'; '.join(answer_line(*each) for each in named)}.",
        height=ROW_HEIGHT * len(named),
        x_title=f"Change in {outcome}{unit} ({percent(main.estimate.confidence)} intervals)",
        narrow=narrow,
    )


def rows(named: Sequence[tuple[str, Analysis]]) -> list[dict[str, Any]]:
    """The table behind the picture: one row per version."""
    return [
        {
            "version": name,
            "method": each.method.title,
            "adjusted for": ", ".join(each.adjust_for),
            "effect": each.estimate.effect,
            "std_error": None if isnan(each.estimate.std_error) else each.estimate.std_error,
            "low": None if isnan(each.estimate.interval()[0]) else each.estimate.interval()[0],
            "high": None if isnan(each.estimate.interval()[1]) else each.estimate.interval()[1],
            "units": each.estimate.n,
        }
        for name, each in named
    ]


def _title(named: Sequence[tuple[str, Analysis]]) -> str:
    if len(named) == 1:
        return f"Only {named[0][0]} gives an answer"
    (_, first), (_, second) = named[0], named[-1]
    if first.estimate.effect == second.estimate.effect:
        return "Both versions give the same answer"
    apart = change_text(abs(second.estimate.effect - first.estimate.effect), scale_of(first), signed=False)
    return f"The two versions are {apart} apart"
