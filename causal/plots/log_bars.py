"""How rows, units or contexts of a log are spread, with what is at fault marked: by colour and by a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.log_report import finding_sentence, picture_title
from causal.wording.numbers import count, number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.logs.report.finding import Bars, Finding

_FEW = 12
_ROW = 40
_HEIGHT = 220


def log_bars(found: Finding, dark: bool = False, narrow: bool = False) -> Figure:
    """One bar per label: across, with its label above it, where they are few; upright along an axis of time else.

    Raises ValueError where the finding has no picture.
    """
    if found.bars is None:
        raise ValueError(f'"{found.check}" has no picture.')
    shown = theme.figure(dark)
    colours = theme.palette(dark)
    across = len(found.bars.labels) <= _FEW
    if across:
        _across(shown, found.bars, colours)
    else:
        _upright(shown, found.bars, colours, 3 if narrow else 6)
    return theme.frame(
        shown,
        title=picture_title(found),
        alt=f"Bars. {finding_sentence(found)}",
        height=_ROW * len(found.bars.labels) if across else _HEIGHT,
        x_title=f"{found.bars.x_title}; marked: at fault",
        y_title="" if across else found.bars.y_title,
        left=16 if across else 56,
        narrow=narrow,
    )


def rows(found: Finding) -> list[dict[str, Any]]:
    """The table behind the picture: one row per bar."""
    if found.bars is None:
        return []
    told = zip(found.bars.labels, found.bars.heights, found.bars.marked, strict=True)
    return [{"label": label, "value": height, "at_fault": marked} for label, height, marked in told]


def _across(shown: Figure, bars: Bars, colours: theme.Palette) -> None:
    places = list(range(len(bars.labels) - 1, -1, -1))
    most = max([*bars.heights, 1e-12])
    shown.add_bar(
        x=list(bars.heights), y=places, orientation="h", width=0.34, **_look(bars, colours), hovertext=_hovers(bars)
    )
    for place, label, height in zip(places, bars.labels, bars.heights, strict=True):
        theme.end_labels(shown, (0, most), place + 0.38, (shorten(label, 34), _said(height)), colours)
    shown.update_xaxes(range=[0, most], nticks=4)
    shown.update_yaxes(range=[-0.4, len(places) - 0.3], visible=False)


def _upright(shown: Figure, bars: Bars, colours: theme.Palette, ticks: int) -> None:
    """A bar that is at fault may have no height: a band behind it marks its place."""
    shown.add_bar(
        x=[html(each) for each in bars.labels], y=list(bars.heights), **_look(bars, colours), hovertext=_hovers(bars)
    )
    band = theme.translucent(colours.caution, 0.18)
    if not all(bars.marked):
        for place, marked in enumerate(bars.marked):
            if marked:
                shown.add_vrect(x0=place - 0.5, x1=place + 0.5, fillcolor=band, line_width=0, layer="below")
    shown.update_layout(bargap=0.15)
    shown.update_xaxes(type="category", nticks=ticks, tickangle=0, showgrid=False)
    shown.update_yaxes(rangemode="tozero", nticks=5)


def _look(bars: Bars, colours: theme.Palette) -> dict[str, Any]:
    marker = {
        "color": [colours.caution if each else colours.control for each in bars.marked],
        "pattern": {"shape": ["/" if each else "" for each in bars.marked], "size": 5},
        "line": {"width": 0},
    }
    return {"marker": marker, "hoverinfo": "text"}


def _hovers(bars: Bars) -> list[str]:
    told = zip(bars.labels, bars.heights, strict=True)
    what = f" {bars.y_title.lower()}" if bars.y_title else " %"
    return [theme.hover(f"{label}: {_said(height)}{what}") for label, height in told]


def _said(height: float) -> str:
    return count(height) if float(height).is_integer() else number(height)
