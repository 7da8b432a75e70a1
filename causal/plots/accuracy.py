"""How far our figures are from published ones, in units of the last printed digit: a row per method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.accuracy import accuracy_headline, comparison_rows, comparison_sentence
from causal.wording.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.accuracy.comparison import Accuracy, Comparison

ROW_HEIGHT = 50
REACH = 1.0
"""The axis ends here; what lies beyond is drawn at its end, and its hover says how far it is."""

_LANES = (0.0, 0.09, -0.09, 0.18, -0.18)


def accuracy_plot(accuracy: Accuracy, titles: dict[str, str], dark: bool = False, narrow: bool = False) -> Figure:
    """Every figure that was recomputed; between the dashed lines it prints as published. `titles`: of the methods.

    Raises OptionProblem where none was recomputed.
    """
    found = {
        method: tuple(each for each in comparisons if each.units is not None)
        for method, comparisons in accuracy.by_method().items()
    }
    listed = {method: each for method, each in found.items() if each}
    if not listed:
        raise OptionProblem("No published figure was recomputed, so there is nothing to draw.")
    colours, shown = theme.palette(dark), theme.figure(dark)
    shown.add_vrect(x0=-0.5, x1=0.5, fillcolor=theme.translucent(colours.treated, 0.07), line_width=0, layer="below")
    for x in (-0.5, 0.5):
        shown.add_vline(x=x, line={"color": colours.line, "width": 1.2, "dash": "dash"})
    ends = (-1.08 * REACH, 1.08 * REACH)
    for place, (method, comparisons) in enumerate(listed.items()):
        _dots(shown, comparisons, -place, "met", colours)
        _dots(shown, comparisons, -place, "differs", colours)
        met = sum(each.standing == "met" for each in comparisons)
        label = shorten(titles[method], 30 if narrow else 60)
        theme.labelled_row(shown, -place, ends, (label, f"{met} of {len(comparisons)}"), colours, zero=0.0)
    shown.update_xaxes(range=ends, showgrid=False, tickvals=[-1, -0.5, 0, 0.5, 1])
    shown.update_yaxes(range=[-len(listed) + 0.6, 0.8], visible=False)
    return theme.frame(
        shown,
        title=accuracy_headline(accuracy).rstrip("."),
        alt=f"Differences from published figures, by method. {accuracy_headline(accuracy)}",
        height=ROW_HEIGHT * len(listed),
        x_title="Ours minus the reference, in units of the last printed digit (shaded: the same digits)",
        narrow=narrow,
    )


def rows(accuracy: Accuracy, titles: dict[str, str]) -> list[dict[str, Any]]:
    """The table behind the plot, in the order of the references."""
    listed = comparison_rows(accuracy.comparisons)
    return [{"method": titles[each.method], **row} for each, row in zip(accuracy.comparisons, listed, strict=True)]


def _dots(shown: Figure, comparisons: tuple[Comparison, ...], y: float, standing: str, colours: theme.Palette) -> None:
    wanted = [(place, each) for place, each in enumerate(comparisons) if each.standing == standing]
    if not wanted:
        return
    met = standing == "met"
    shown.add_scatter(
        x=[min(max(each.units or 0.0, -REACH), REACH) for _, each in wanted],
        y=[y + _LANES[place % len(_LANES)] for place, _ in wanted],
        mode="markers",
        name=standing,
        marker={
            "symbol": "circle" if met else "x",
            "size": 7 if met else 11,
            "opacity": 0.75 if met else 1.0,
            "color": colours.treated if met else colours.caution,
        },
        hovertext=[theme.hover(comparison_sentence(each)) for _, each in wanted],
        hoverinfo="text",
    )
