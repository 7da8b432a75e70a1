"""The texts on a map, each in the colour of its topic, and how much of all texts each topic is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.text import map_title, shares_title, topic_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.text.features import TextFeatures

LABELLED = 12
"""So many topics have their name on the map; beyond that names would lie over each other."""


def text_map(found: TextFeatures, dark: bool = False, narrow: bool = False) -> Figure:
    """Each text as a point near texts that say something alike; the topics' names stand at their middles."""
    colours, shown = theme.palette(dark), theme.figure(dark)
    for place, topic in enumerate(found.topics):
        colour, symbol = theme.series(place, dark)
        symbol += "-open" if place // len(theme.SERIES) % 2 else ""  # colours come again
        own = [mark for mark in found.marks if mark[1] == place]
        shown.add_scatter(
            x=[mark[2] for mark in own],
            y=[mark[3] for mark in own],
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 6, "opacity": 0.55},
            name=shorten(topic.name, 30),
            hovertext=[theme.hover(f"{mark[0]} ({topic.name})") for mark in own],
            hoverinfo="text",
        )
    for topic, x, y in _apart(found, narrow):
        shown.add_annotation(
            x=x,
            y=y,
            text=f"<b>{html(shorten(topic.name, 16 if narrow else 26))}</b>",
            showarrow=False,
            font={"size": 11 if narrow else 13, "color": colours.text},
            bgcolor=colours.hover,
            opacity=0.9,
            borderpad=2,
        )
    for axis in (shown.update_xaxes, shown.update_yaxes):
        axis(showticklabels=False, showgrid=False)
    return theme.frame(
        shown,
        title=map_title(found),
        alt=f"Map of {len(found.marks)} texts of {found.recipe.name} in {len(found.topics)} topics: "
        + "; ".join(topic_sentence(each) for each in found.topics),
        height=360 if narrow else 420,
        x_title="Texts that lie near each other say something alike",
        y_title="",
        title_lines=3,
        left=20,
        narrow=narrow,
    )


def topic_shares(found: TextFeatures, dark: bool = False, narrow: bool = False) -> Figure:
    """One bar per topic: its share of all texts, each counted as often as it is looked at."""
    shown = theme.figure(dark)
    colour, _ = theme.series(0, dark)
    shown.add_bar(
        x=[100 * each.share for each in found.topics],
        y=[shorten(each.name, 22 if narrow else 40) for each in found.topics],
        orientation="h",
        marker={"color": colour},
        hovertext=[theme.hover(topic_sentence(each)) for each in found.topics],
        hoverinfo="text",
    )
    shown.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    shown.update_xaxes(rangemode="tozero", ticksuffix=" %")
    return theme.frame(
        shown,
        title=shares_title(found),
        alt=f"Bars of the share of each topic of {found.recipe.name}. {shares_title(found)}.",
        height=120 + 28 * len(found.topics),
        x_title="Share of all texts",
        y_title="",
        title_lines=3,
        left=110 if narrow else 200,
        narrow=narrow,
    )


def rows(found: TextFeatures) -> list[dict[str, Any]]:
    """The table behind both pictures."""
    return [
        {
            "number": each.number,
            "topic": each.name,
            "share": each.share,
            "different texts": each.size,
            "words": ", ".join(each.keywords),
            "nearest texts": " · ".join(each.nearest),
        }
        for each in found.topics
    ]


def _apart(found: TextFeatures, narrow: bool) -> Sequence[tuple[Any, float, float]]:
    """The names of the largest topics at their middles, moved up or down until none lies over another."""
    heights = [mark[3] for mark in found.marks] or [0.0]
    widths = [mark[2] for mark in found.marks] or [0.0]
    tall = max(max(heights) - min(heights), 1e-9) * (0.075 if narrow else 0.065)
    wide = max(max(widths) - min(widths), 1e-9) * (0.5 if narrow else 0.28)
    placed: list[tuple[Any, float, float]] = []
    for topic in found.topics[:LABELLED]:
        x, y = topic.place
        for step in range(2 * LABELLED):
            tried = y + tall * ((step + 1) // 2) * (1 if step % 2 else -1)
            if all(abs(x - left) > wide or abs(tried - high) > tall for _, left, high in placed):
                y = tried
                break
        placed.append((topic, x, y))
    return placed
