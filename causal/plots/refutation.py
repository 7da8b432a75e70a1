"""One refuter's refits beside what was expected of them: every simulation a dot, or a row per thing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, change_text
from causal.wording.refutation import refutation_sentence, refuter_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.checks.refuters.refutation import Refutation

BINS = 15


def refutation(found: Refutation, binary: Binary, dark: bool = False, narrow: bool = False) -> Figure:
    """A histogram of simulated effects, or named dots where parts were left out, and a line at what is expected."""
    colours, shown = theme.palette(dark), theme.figure(dark)
    scale = 100 if binary and not found.refuter.startswith("negative") else 1
    named = not found.trials[0].label.startswith("simulation")
    effects, expected = [scale * each.effect for each in found.trials], scale * found.expected
    if named:
        _rows(shown, found, effects, expected, scale == 100, colours)
    else:
        counts, edges = np.histogram(effects, BINS)
        middles = [float(each) for each in (edges[:-1] + edges[1:]) / 2]
        hovers = [
            theme.hover(f"{count} of {len(effects)} simulations gave about {change_text(at / scale, binary)}.")
            for count, at in zip(counts.tolist(), middles, strict=True)
        ]
        shown.add_bar(
            x=middles, y=counts.tolist(), marker={"color": colours.treated}, hovertext=hovers, hoverinfo="text",
            showlegend=False,
        )  # fmt: skip
        shown.update_yaxes(nticks=4)
    name = "with everything" if found.refuter.startswith("leave_out") else "expected"
    shown.add_vline(x=expected, line={"color": colours.caution, "width": 3, "dash": "dash"})
    shown.add_scatter(
        x=[None], y=[None], mode="lines", line={"color": colours.caution, "width": 3, "dash": "dash"}, name=name
    )
    shown.update_xaxes(range=theme.span([*effects, expected]), nticks=5 if narrow else 8)
    return theme.frame(
        shown,
        title=refutation_sentence(found, binary),
        alt=f"{refuter_title(found)}: effects found, and the one expected. " + refutation_sentence(found, binary),
        height=38 * len(found.trials) + 20 if named else 160,
        x_title="Effect" if found.refuter.startswith("negative") else f"Effect{axis_unit(binary)}",
        y_title="" if named else "Simulations",
        title_lines=5,
        left=16 if named else 50,
        legend_lines=1,
        narrow=narrow,
    )


def rows(found: Refutation) -> list[dict[str, Any]]:
    """Every refit."""
    return [
        {
            "refit": each.label,
            "effect": each.effect,
            "std_error": None if each.std_error != each.std_error else each.std_error,
            "expected": found.expected,
        }
        for each in found.trials
    ]


def _rows(
    shown: Figure, found: Refutation, effects: list[float], expected: float, binary: Binary, colours: theme.Palette
) -> None:
    places = list(range(len(effects)))[::-1]
    strong = [each.label == found.detail and found.light != "passed" for each in found.trials]
    shown.add_scatter(
        x=effects,
        y=places,
        mode="markers",
        marker={
            "size": 10,
            "color": [colours.caution if each else colours.treated for each in strong],
            "symbol": ["diamond" if each else "circle" for each in strong],
        },
        hovertext=[
            theme.hover(f"{_opening(found, each.label)} the effect is {change_text(each.effect, binary)}.")
            for each in found.trials
        ],
        hoverinfo="text",
        showlegend=False,
    )
    ends = theme.span([*effects, expected])
    for place, each, stands_out in zip(places, found.trials, strong, strict=True):
        texts = (shorten(each.label, 30), change_text(each.effect, binary, short=True))
        theme.labelled_row(shown, place, ends, texts, colours, strong=stands_out)
    shown.update_yaxes(showticklabels=False, showgrid=False, range=[-0.5, len(effects) - 0.3])


def _opening(found: Refutation, label: str) -> str:
    return f"On {label}" if found.refuter.startswith("negative") else f"Without {label}"
