"""One variable's distribution before a change and after it: bars of levels, or of bins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import number, percent
from causal.wording.phrases import level_text, short_name
from causal.wording.what_if import Told, distribution_title, moved, scenario_finding

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.interventions.scenario import NodeScenario

HEIGHT = 250
MOST_LEVELS = 30
APART = 0.02
"""Bars that are further from the recorded share than this are told."""


def scenario_distribution(
    told: Told, name: str, recorded: Sequence[float] = (), dark: bool = False, narrow: bool = False
) -> Figure:
    """Before hollow, after solid; lines mark the means and a band the interval of the change, or it stands on each bar.

    Of a quantity both are as the model draws them, so that they differ by the change alone; before anything is changed
    it is the data. `recorded` are a quantity's shares in the data, drawn as a line where the model's differ.
    """
    node = told.node(name)
    colours, shown = theme.palette(dark), theme.figure(dark)
    if node.histogram is None:
        _draw_levels(shown, told, node, colours)
    else:
        _draw_bins(shown, told, node, colours)
        _draw_recorded(shown, node, recorded, colours)
    highest = max([max(each["before"], each["after"]) for each in rows(told, name)] + list(recorded))
    shown.update_yaxes(ticksuffix=" %", range=[0, 100 * highest * 1.12], nticks=5)
    levels = node.histogram is None
    shown.update_layout(barmode="group" if levels else "overlay", bargap=0.3 if levels else 0.04)
    unit = told.units.get(name, "")
    title = distribution_title(told, name)
    alt = scenario_finding(told, name) if told.scenario.changes else title
    return theme.frame(
        shown,
        title=title,
        alt=f"Distribution of {name} before and after the change. {alt}",
        height=HEIGHT,
        x_title=shorten(name, 40) + (f", {unit}" if unit else ""),
        y_title="Share of the units",
        left=62,
        title_lines=3,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def rows(told: Told, name: str) -> list[dict[str, Any]]:
    """The table behind the figure: one row per bar; of levels with the interval of the change."""
    node = told.node(name)
    if node.histogram is not None:
        shares = zip(node.histogram.before, node.histogram.after, strict=True)
        return [
            {"value": label, "before": before, "after": after, "change": after - before}
            for label, (before, after) in zip(_labels(node), shares, strict=True)
        ]
    found = []
    for each in node.levels:
        low, high = each.interval(told.confidence)
        change = {"change": each.difference, "low": low, "high": high}
        found.append({"value": level_text(each.level), "before": each.before, "after": each.after, **change})
    return found


def _labels(node: NodeScenario) -> list[str]:
    if node.histogram is None:
        return [level_text(each.level) for each in node.levels]
    return [f"{number(low)} to {number(high)}" for low, high in pairwise(node.histogram.edges)]


def _draw_levels(shown: Figure, told: Told, node: NodeScenario, colours: theme.Palette) -> None:
    levels = node.levels[:MOST_LEVELS]
    names = [html(level_text(each.level), 18) for each in levels]
    before, after = tuple(each.before for each in levels), tuple(each.after for each in levels)
    shown.add_bar(x=names, y=[100 * each for each in before], **_hollow(node, before, colours))
    if not moved(node):
        return
    ends = [each.interval(told.confidence) for each in levels]
    shown.add_bar(
        x=names,
        y=[100 * each for each in after],
        error_y={
            "type": "data",
            "array": [100 * max(high - each.difference, 0.0) for each, (_, high) in zip(levels, ends, strict=True)],
            "arrayminus": [100 * max(each.difference - low, 0.0) for each, (low, _) in zip(levels, ends, strict=True)],
            "color": colours.text,
            "thickness": 1.5,
            "width": 4,
        },
        **_solid(node, after, colours),
    )
    shown.update_xaxes(type="category")


def _draw_bins(shown: Figure, told: Told, node: NodeScenario, colours: theme.Palette) -> None:
    assert node.histogram is not None
    pairs = list(pairwise(node.histogram.edges))
    bars = {"x": [(low + high) / 2 for low, high in pairs], "width": [high - low for low, high in pairs]}
    before, after = node.histogram.before, node.histogram.after
    if moved(node):
        shown.add_bar(y=[100 * each for each in after], **bars, **_solid(node, after, colours))
    shown.add_bar(y=[100 * each for each in before], **bars, **_hollow(node, before, colours))
    ends = node.interval(told.confidence) if node.role == "affected" else None
    if ends is not None and node.before is not None:
        low, high = (node.before + each for each in ends)
        look = {"fillcolor": theme.translucent(colours.text, 0.18), "line": {"width": 0}}
        shown.add_shape(type="rect", x0=low, x1=high, y0=0, y1=1, yref="paper", **look)
    for value, dash in ((node.before, "dot"), (node.after if moved(node) else None, "solid")):
        if value is not None:
            line = {"color": colours.text, "width": 1.8, "dash": dash}
            shown.add_shape(type="line", x0=value, x1=value, y0=0, y1=1, yref="paper", line=line)


def _draw_recorded(shown: Figure, node: NodeScenario, recorded: Sequence[float], colours: theme.Palette) -> None:
    assert node.histogram is not None
    apart = [abs(each - before) for each, before in zip(recorded, node.histogram.before, strict=False)]
    if not moved(node) or max(apart, default=0.0) <= APART:
        return
    shown.add_scatter(
        x=[(low + high) / 2 for low, high in pairwise(node.histogram.edges)],
        y=[100 * each for each in recorded],
        mode="lines",
        line={"shape": "hvh", "color": colours.text, "width": 1.4, "dash": "dot"},
        name="as recorded: the model draws it otherwise",
        hoverinfo="skip",
        showlegend=True,
    )


def _hollow(node: NodeScenario, shares: tuple[float, ...], colours: theme.Palette) -> dict[str, Any]:
    look = {"color": "rgba(0,0,0,0)", "line": {"color": colours.before, "width": 1.8}}
    drawn = node.histogram is not None and moved(node)
    name, when = ("before, by the model (mean dotted)", "before the change") if drawn else ("today", "today")
    return {"name": name, "marker": look, **_hover(node, shares, when)}


def _solid(node: NodeScenario, shares: tuple[float, ...], colours: theme.Palette) -> dict[str, Any]:
    look = {"color": theme.translucent(colours.chosen, 0.75), "line": {"width": 0}}
    by_bins = "after, by the model (mean solid, interval of its change as a band)"
    name = by_bins if node.histogram else "after the change, with the interval of the change"
    return {"name": name, "marker": look, **_hover(node, shares, "after the change")}


def _hover(node: NodeScenario, shares: tuple[float, ...], when: str) -> dict[str, Any]:
    sentences = [
        theme.hover(f"{percent(share)} of the units have {short_name(node.name)} {label} {when}.")
        for share, label in zip(shares, _labels(node), strict=False)
    ]
    return {"hovertext": sentences, "hoverinfo": "text", "textposition": "none", "showlegend": True}
