"""The effect at each bound of trimming, with its interval, over the share of units that stay."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import Scale, axis_unit, change_text, percent
from causal.wording.trimming import rule_name, rule_sentence, rules_finding, trimming_finding, trimming_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.interventions.trimming import TrimmingCurve, TrimmingRules

RULE_HEIGHT = 46

SPLIT = (0.24, 0.36)
"""Where the bars end and the effects begin, as shares of the height."""


def trimming(curve: TrimmingCurve, bound: float = 0.0, dark: bool = False, narrow: bool = False) -> Figure:
    """Effects above, bars of the units kept below; the answer at the bound nearest to `bound` is marked.

    `narrow`: for a phone.
    """
    binary = Scale(curve.binary, curve.unit)
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
    unit = axis_unit(binary)
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
            "in words": change_text(each.effect, Scale(curve.binary, curve.unit)),
        }
        for place, each in enumerate(curve.answers)
    ]


def trimming_rules(found: TrimmingRules, dark: bool = False, narrow: bool = False) -> Figure:
    """The effect with its interval by each usual rule, all units on top; `narrow`: for a phone."""
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    scale = 100 if found.binary else 1
    known = [place for place, each in enumerate(found.rules) if each.answer is not None]
    ends = [scale * end for place in known for end in found.interval(place) if not isnan(end)]
    effects = [scale * each.answer.effect for each in found.rules if each.answer is not None]
    reach = theme.span([*ends, *effects], include=(0.0,))
    for place, each in enumerate(found.rules):
        share = "no answer" if each.answer is None else f"{percent(each.answer.share)} of the units"
        theme.labelled_row(shown, -place, reach, (rule_name(each), share), colours, strong=place == 0, zero=0.0)
    for place in known:
        answer = found.rules[place].answer
        assert answer is not None
        half = scale * (found.interval(place)[1] - answer.effect)
        shown.add_scatter(
            x=[scale * answer.effect],
            y=[-place],
            mode="markers",
            marker={
                "size": 10,
                "color": colours.treated if place else colours.before,
                "symbol": "circle" if place else "circle-open",
                "line": {"width": 0 if place else 2},
            },
            error_x={
                "type": "data",
                "array": [0 if isnan(half) else half],
                "color": colours.treated if place else colours.before,
                "thickness": 2,
                "width": 4,
            },
            hovertext=[theme.hover(rule_sentence(found, place))],
            hoverinfo="text",
            showlegend=False,
        )
    unit = axis_unit(Scale(found.binary, found.unit))
    shown.update_xaxes(range=reach, nticks=7)
    shown.update_yaxes(range=[-len(found.rules) + 0.5, 0.75], visible=False)
    return theme.frame(
        shown,
        title=rules_finding(found),
        alt=f"Effect by each rule of trimming. {rules_finding(found)}.",
        height=RULE_HEIGHT * len(found.rules),
        x_title=f"Change in {shorten(found.outcome, 28)}{unit} ({percent(found.confidence)} intervals)",
        title_lines=3,
        narrow=narrow,
    )


def rule_rows(found: TrimmingRules) -> list[dict[str, Any]]:
    """The table behind it, one row per rule; None where there is no number."""
    rows = []
    for place, each in enumerate(found.rules):
        answer = each.answer
        low, high = (None, None) if answer is None else (_known(end) for end in found.interval(place))
        rows.append(
            {
                "rule": rule_name(each),
                "from": each.low,
                "to": each.high,
                "units": None if answer is None else answer.units,
                "share": None if answer is None else answer.share,
                "effect": None if answer is None else answer.effect,
                "std_error": None if answer is None else _known(answer.std_error),
                "low": low,
                "high": high,
                "shift": None if answer is None else answer.shift,
                "population": ", ".join(f"{shift.name} {shift.shift:+.2f} SD" for shift in each.moved),
                "no answer because": each.refused,
            }
        )
    return rows


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
