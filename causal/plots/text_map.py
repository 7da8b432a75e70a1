"""The texts on a map, each in the colour of its topic, and how much of all texts each topic is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.text import map_title, shares_title, topic_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.text.features import TextFeatures
    from causal.text.topics import Topic

LABELLED = 12
"""So many topics have their name on the map; beyond that names would lie over each other."""

_MARGIN = 0.12
"""How far beyond the points a name may stand, as a share of their height."""

_FAR = 0.05
"""How many of the points, as a share, a name may cover rather than stand as far off as the map is wide."""


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
    names = _beside_the_points(found, narrow)
    for topic, x, y in names:
        shown.add_annotation(
            x=topic.place[0],
            y=topic.place[1],
            ax=x,
            ay=y,
            axref="x",
            ayref="y",
            text=f"<b>{html(shorten(topic.name, 16 if narrow else 26))}</b>",
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=colours.text,
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


def _beside_the_points(found: TextFeatures, narrow: bool) -> list[tuple[Topic, float, float]]:
    """The names of the largest topics near their middles, where they cover few points and no other name."""
    import numpy as np

    points = np.array([[mark[2], mark[3]] for mark in found.marks] or [[0.0, 0.0]])
    lowest, highest = points.min(axis=0), points.max(axis=0)
    size = np.maximum(highest - lowest, 1e-9)
    box = size * ((0.5, 0.075) if narrow else (0.28, 0.065))
    across, up = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-0.6, 0.6, 25))
    steps = np.column_stack([across.ravel(), up.ravel()]) * size * (0.5 if narrow else 0.4)
    inner = np.array([0.4 * box[0], -_MARGIN * size[1]])
    placed: list[tuple[Topic, float, float]] = []
    for topic in found.topics[:LABELLED]:
        tried = np.clip(np.array(topic.place) + steps, lowest + inner, highest - inner)
        covered = (np.abs(tried[:, None, :] - points[None, :, :]) < box / 2).all(axis=2).sum(axis=1)
        taken = np.zeros(len(tried), dtype=bool)
        for _, left, high in placed:
            taken |= (np.abs(tried - (left, high)) < box).all(axis=1)
        far = np.hypot(*(((tried - np.array(topic.place)) / size).T))
        best = int(np.argmin(covered / len(points) + _FAR * far + 10.0 * taken))
        placed.append((topic, float(tried[best, 0]), float(tried[best, 1])))
    return placed
