"""Rows of numbers with their intervals, one below the other: label and digits above, the interval below.

A thick line holds the number alone, a thin one all numbers of the picture at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import Binary, change_text, interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_HEIGHT = 50
NARROW_ROOM = 45
"""Characters of label and text together, above a row on a phone."""


@dataclass(frozen=True)
class IntervalRow:
    """One row: `text` are its digits, `hover` its sentence; `joint` holds with all others (None: there is none)."""

    label: str
    text: str
    hover: str
    value: float
    interval: tuple[float, float]
    joint: tuple[float, float] | None = None
    strong: bool = False


def change_row(
    label: str,
    hover: str,
    effect: float,
    alone: tuple[float, float],
    joint: tuple[float, float],
    binary: Binary,
    shown_joint: bool = False,
) -> IntervalRow:
    """The row of a change with its interval alone and together with the others, strong where that leaves zero out.

    The text has the interval alone, or with `shown_joint` the one that holds together with the others.
    """
    ends = interval(*(joint if shown_joint else alone), binary)
    text = f"{change_text(effect, binary, short=True)} {ends}"
    return IntervalRow(label, text, hover, effect, alone, joint, strong=joint[0] > 0 or joint[1] < 0)


def interval_rows(
    rows: Sequence[IntervalRow],
    title: str,
    alt: str,
    x_title: str,
    binary: Binary,
    zero: bool,
    dark: bool = False,
    narrow: bool = False,
) -> Figure:
    """The rows from top to bottom; with `zero` the axis holds no change and marks it; `binary`: shown in hundredths."""
    colours, shown, scale = theme.palette(dark), theme.figure(dark), 100 if binary else 1
    ends = [each * scale for row in rows for each in (row.value, *row.interval, *(row.joint or ()))]
    reach = theme.span(ends, include=(0.0,) if zero else ())
    for place, row in enumerate(rows):
        _draw(shown, row, -place, reach, scale, colours, zero, narrow)
    shown.update_xaxes(range=reach, showgrid=False, nticks=7)
    shown.update_yaxes(range=[-len(rows) + 0.6, 0.8], visible=False)
    return theme.frame(
        shown, title=title, alt=alt, height=ROW_HEIGHT * len(rows), x_title=x_title, title_lines=3, narrow=narrow
    )


def _draw(
    shown: Figure,
    row: IntervalRow,
    y: float,
    reach: tuple[float, float],
    scale: float,
    colours: theme.Palette,
    zero: bool,
    narrow: bool,
) -> None:
    colour = colours.chosen if row.strong else colours.muted
    for ends, width in ((row.joint, 1.5), (row.interval, 4)):
        if ends is not None and all(isfinite(each) for each in ends):
            shown.add_scatter(
                x=[each * scale for each in ends],
                y=[y, y],
                mode="lines",
                line={"color": colour, "width": width},
                hoverinfo="skip",
            )
    shown.add_scatter(
        x=[row.value * scale],
        y=[y],
        mode="markers",
        marker={"color": colour, "size": 11, "symbol": "circle" if row.strong else "circle-open", "line": {"width": 2}},
        name=html(row.label),
        hovertext=[theme.hover(row.hover)],
        hoverinfo="text",
    )
    label = shorten(row.label, max(NARROW_ROOM - len(row.text), 14) if narrow else 60)
    theme.labelled_row(shown, y, reach, (label, row.text), colours, row.strong, zero=0.0 if zero else None)
