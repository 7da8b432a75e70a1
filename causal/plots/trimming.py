"""The effect at each bound of trimming, with its interval, over the share of units that stay."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import change_text, percent
from causal.wording.trimming import trimming_finding, trimming_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.interventions.trimming import TrimmingCurve

SPLIT = (0.24, 0.36)
"""Where the bars end and the effects begin, as shares of the height."""


def trimming(curve: TrimmingCurve, bound: float = 0.0, dark: bool = False, narrow: bool = False) -> Figure:
    """Effects above, bars of the units kept below; the answer at the bound nearest to `bound` is marked.

    `narrow`: for a phone.
    """
    binary = curve.binary
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    chosen = curve.nearest(bound)
    places = list(range(len(curve.answers)))
    hovers = [theme.hover(trimming_sentence(curve, place)) for place in places]
    for group, colour, symbol in (
        ([place for place in places if place != chosen], colours.treated, "circle"),
        ([chosen], colours.caution, "diamond"),
    ):
        _effects(shown, curve, group, scale, colour, symbol, hovers)
    shown.add_bar(
        x=places,
        y=[100 * each.share for each in curve.answers],
        yaxis="y2",
        marker={"color": [colours.caution if place == chosen else colours.control for place in places]},
        hovertext=hovers,
        hoverinfo="text",
        showlegend=False,
    )
    every = 4 if narrow else 2
    ticks = [place for place in places if place % every == 0]
    ends = [scale * end for place in places for end in curve.interval(place) if not isnan(end)]
    unit = ", percentage points" if binary else ""
    found = theme.frame(
        shown,
        title=trimming_finding(curve, chosen),
        alt="Effect and share of units by the bound of trimming. " + trimming_sentence(curve, chosen),
        height=330,
        x_title="Left out: propensities below this, and above one minus it",
        title_lines=3,
        left=66,
        narrow=narrow,
    )
    found.update_layout(
        xaxis={
            "tickvals": ticks,
            "ticktext": [f"{curve.answers[place].bound:g}" for place in ticks],
            "range": [-0.6, len(places) - 0.4],
            "anchor": "y2",
        },
        yaxis={
            "domain": [SPLIT[1], 1],
            "range": theme.span([*ends, *(scale * each.effect for each in curve.answers)]),
            "nticks": 6,
            "title": {"text": shorten(f"Change in {curve.outcome}{unit}", 36)},
        },
        yaxis2={
            **found.layout.template.layout.yaxis.to_plotly_json(),
            "domain": [0, SPLIT[0]],
            "range": [0, 108],
            "tickvals": [0, 50, 100],
            "ticktext": ["0 %", "50 %", "100 %"],
            "title": {"text": "Units", "font": {"size": 13, "color": colours.muted}, "standoff": 8},
            "anchor": "x",
        },
        bargap=0.35,
    )
    return found


def rows(curve: TrimmingCurve) -> list[dict[str, Any]]:
    """The table behind the picture, one row per bound; None where there is no standard error."""
    return [
        {
            "bound": each.bound,
            "units": each.units,
            "share": percent(each.share),
            "effect": each.effect,
            "low": _known(curve.interval(place)[0]),
            "high": _known(curve.interval(place)[1]),
            "shift": each.shift,
            "shift_std_error": _known(each.shift_std_error),
            "in words": change_text(each.effect, curve.binary),
        }
        for place, each in enumerate(curve.answers)
    ]


def _effects(
    shown: Figure, curve: TrimmingCurve, group: list[int], scale: float, colour: str, symbol: str, hovers: list[str]
) -> None:
    reach = [curve.interval(place)[1] - curve.answers[place].effect for place in group]
    shown.add_scatter(
        x=group,
        y=[scale * curve.answers[place].effect for place in group],
        mode="markers",
        marker={"size": 10, "color": colour, "symbol": symbol},
        error_y={
            "type": "data",
            "array": [0 if isnan(each) else scale * each for each in reach],
            "color": colour,
            "thickness": 2,
            "width": 4,
        },
        hovertext=[hovers[place] for place in group],
        hoverinfo="text",
        showlegend=False,
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else value
