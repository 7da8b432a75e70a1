"""The one look of all figures: colours by role, a light and a dark template, room for the title on a phone.

Colours: Okabe and Ito (2008), Color Universal Design, safe for colour-blind eyes; a symbol goes with each.
Show a figure with `st.plotly_chart(figure, theme=None, config=theme.config("name"))`, or Streamlit's theme wins.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from causal.wording.escape import html, shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROLE_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "treatment": "#0072B2",
        "outcome": "#D55E00",
        "confounder": "#009E73",
        "instrument": "#E69F00",
        "mediator": "#CC79A7",
        "unobserved": "#999999",
        "selected": "#56B4E9",
    }
)
SERIES: tuple[tuple[str, str, str], ...] = (
    ("#0072B2", "#56B4E9", "circle"),
    ("#009E73", "#2FC79B", "diamond"),
    ("#A65E00", "#E69F00", "square"),
    ("#A8487A", "#E292BD", "triangle-up"),
    ("#5B6472", "#B8C0CC", "star"),
    ("#B23C00", "#FF8A3D", "hexagon"),
)
"""Several of a kind side by side: the colour in the light theme, in the dark one, and the symbol."""

ARM_SYMBOLS: Mapping[str, str] = MappingProxyType({"treated": "circle", "control": "square"})
TITLE_LINE_LENGTH = 70
"""Of a figure across a page: whole in 500 pixels of the app's font, in 600 of a broader one."""

NARROW_TITLE_LINE_LENGTH = 38
TITLE_SIZE = 14
AXIS_LINE_LENGTH = 90
NARROW_AXIS_LINE_LENGTH = 50
TITLE_LINE_HEIGHT = 20
HOVER_LINE_LENGTH = 42
FONT = "'Source Sans', 'Source Sans Pro', system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Palette:
    """What changes between light and dark; every other colour says a role."""

    text: str
    muted: str
    grid: str
    line: str
    hover: str
    treated: str
    control: str
    before: str
    chosen: str
    caution: str


LIGHT = Palette(
    "#1F2933", "#5B6472", "#E6E9EE", "#9AA3AF", "#FFFFFF", "#0072B2", "#5B6472", "#8A5A00", "#0072B2", "#D55E00"
)
DARK = Palette(
    "#F2F4F7", "#A9B2BF", "#333B47", "#6B7684", "#1B212B", "#56B4E9", "#B8C0CC", "#E69F00", "#56B4E9", "#FF8A3D"
)


def palette(dark: bool = False) -> Palette:
    """The colours of the light or the dark theme."""
    return DARK if dark else LIGHT


def series(place: int, dark: bool = False) -> tuple[str, str]:
    """The colour and the symbol of one of several that stand side by side."""
    light, night, symbol = SERIES[place % len(SERIES)]
    return (night if dark else light), symbol


def figure(dark: bool = False) -> Figure:
    """An empty figure in the theme, transparent, without zoom so that a phone scrolls over it."""
    import plotly.graph_objects as go

    colours = palette(dark)
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.line,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "tickfont": {"size": 12, "color": colours.muted},
        "title": {"font": {"size": 13, "color": colours.muted}, "standoff": 8},
    }
    layout = go.Layout(
        template=go.layout.Template(layout={"xaxis": axis, "yaxis": axis}),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": colours.text},
        hoverlabel={
            "bgcolor": colours.hover,
            "bordercolor": colours.line,
            "font": {"family": FONT, "size": 13, "color": colours.text},
            "align": "left",
        },
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": colours.line, "activecolor": colours.text},
        dragmode=False,
        hovermode="closest",
        autosize=True,
        showlegend=False,
    )
    return go.Figure(layout=layout)


def frame(
    shown: Figure,
    title: str,
    alt: str,
    height: int,
    x_title: str = "",
    y_title: str = "",
    title_lines: int = 2,
    left: int = 16,
    right: int = 16,
    legend_lines: int = 0,
    narrow: bool = False,
) -> Figure:
    """The figure with its finding as title, alt text, axis titles and margins that do not depend on the data.

    `title`, `x_title` and `y_title` are plain text: they are escaped here. `height` is of the plot without margins.
    `narrow`: for a phone or a column of a page, where `title_lines` are needed; across a page two are enough.
    """
    title_lines = title_lines if narrow else min(title_lines, 2)
    title_length = NARROW_TITLE_LINE_LENGTH if narrow else TITLE_LINE_LENGTH
    axis_length = (NARROW_AXIS_LINE_LENGTH if narrow else AXIS_LINE_LENGTH) - left // 8
    top = 18 + title_lines * TITLE_LINE_HEIGHT
    bottom = 58 + 22 * legend_lines
    total = height + top + bottom
    shown.update_layout(
        title={
            "text": "<b>" + wrapped(title, title_length, title_lines) + "</b>",
            "font": {"size": TITLE_SIZE},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1 - 22 / total,
            "yref": "container",
            "yanchor": "auto",
            "pad": {"l": 8},
        },
        margin={"l": left, "r": right, "t": top, "b": bottom, "autoexpand": False},
        height=total,
        showlegend=legend_lines > 0,
        legend={
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        meta={"alt": shorten(alt)},
    )
    if x_title:
        shown.update_xaxes(title_text=wrapped(x_title, axis_length, 2))
    if y_title:
        shown.update_yaxes(title_text=html(y_title, 36))
    return shown


def band(
    shown: Figure,
    x: Sequence[float],
    ends: Sequence[tuple[float, float]],
    fill: str,
    name: str | None = None,
    axis: str = "y",
) -> None:
    """The area between both ends at every place, for the intervals along a curve; with a name it is in the legend."""
    shown.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(high for _, high in ends), *(low for low, _ in reversed(ends))],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=fill,
        name=name,
        yaxis=axis,
        hoverinfo="skip",
        showlegend=name is not None,
    )


def labelled_row(
    shown: Figure,
    y: float,
    ends: tuple[float, float],
    texts: tuple[str, str],
    colours: Palette,
    strong: bool = False,
    zero: float | None = None,
) -> None:
    """A track at height `y` from one end of the axis to the other, with plain text above each end.

    So a row needs no margin on a phone. `zero`: where a tick marks no change.
    """
    shown.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=y, y1=y, line={"color": colours.grid, "width": 1.5}, layer="below"
    )
    if zero is not None:
        tick = {"color": colours.line, "width": 2}
        shown.add_shape(type="line", x0=zero, x1=zero, y0=y - 0.16, y1=y + 0.16, line=tick, layer="below")
    end_labels(shown, ends, y + 0.38, texts, colours, strong)


def end_labels(
    shown: Figure, ends: tuple[float, float], y: float, texts: tuple[str, str], colours: Palette, strong: bool = False
) -> None:
    """Plain text at both ends of the axis, anchored there whatever the font."""
    opening, closing = ("<b>", "</b>") if strong else ("", "")
    shown.add_scatter(
        x=list(ends),
        y=[y, y],
        mode="text",
        text=[opening + html(text) + closing for text in texts],
        textposition=["middle right", "middle left"],
        textfont={"size": 12.5, "color": colours.text if strong else colours.muted},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def wrapped(text: str, line_length: int, lines: int | None = None) -> str:
    """Plain text escaped for Plotly and broken into lines; beyond `lines` it ends with an ellipsis."""
    parts = textwrap.wrap(shorten(text), line_length, max_lines=lines, placeholder=" …", break_on_hyphens=False)
    return "<br>".join(html(part) for part in parts)


def fits(text: str, lines: int, narrow: bool = False) -> bool:
    """Whether a title is shown whole in so many lines, as `frame` breaks it."""
    length, most = (NARROW_TITLE_LINE_LENGTH, lines) if narrow else (TITLE_LINE_LENGTH, min(lines, 2))
    return len(textwrap.wrap(shorten(text), length, break_on_hyphens=False)) <= most


def hover(sentence: str) -> str:
    """A sentence for `hovertext`, escaped and broken for a phone."""
    return wrapped(sentence, HOVER_LINE_LENGTH)


def config(name: str) -> dict[str, Any]:
    """Plotly's settings: the image's download is the only button, and `name` its file."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        "responsive": True,
        "scrollZoom": False,
    }


def span(values: Sequence[float], include: Sequence[float] = (), room: float = 0.08) -> tuple[float, float]:
    """The range of an axis: all finite values and `include`, with a share of room at both ends."""
    from math import isfinite

    known = [each for each in (*values, *include) if isfinite(each)] or [0.0, 1.0]
    low, high = min(known), max(known)
    reach = (high - low) or abs(high) or 1.0
    return low - room * reach, high + room * reach


def translucent(colour: str, opacity: float) -> str:
    """ "#0072B2" as an rgba colour."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
