"""The mean outcome by the share treated, with its band, today and the chosen share marked."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import axis_unit, interval, mean_text, percent
from causal.wording.phrases import level_phrase, scale_of
from causal.wording.sentences import what_if_finding, what_if_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.interventions.treat_share import ShareCurve


def share_curve(analysis: Analysis, curve: ShareCurve, place: int, dark: bool = False, narrow: bool = False) -> Figure:
    """The curve over the shares of `curve`; `place` is the position of the share chosen; `narrow`: for a phone."""
    binary = scale_of(analysis)
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    shares = [100 * each for each in curve.shares]
    _band(shown, curve, shares, scale, colours)
    shown.add_scatter(
        x=shares,
        y=[scale * each for each in curve.means],
        mode="lines",
        line={"color": colours.treated, "width": 3},
        showlegend=False,
        hovertext=[theme.hover(what_if_sentence(analysis, curve, each)) for each in range(len(shares))],
        hoverinfo="text",
    )
    _marks(shown, analysis, curve, place, scale, colours)
    lows = [scale * curve.interval(each)[0] for each in range(len(shares))]
    highs = [scale * curve.interval(each)[1] for each in range(len(shares))]
    values = [*lows, *highs, *(scale * each for each in curve.means), scale * curve.today]
    shown.update_xaxes(
        range=[-3, 103], tickvals=[0, 25, 50, 75, 100], ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"]
    )
    shown.update_yaxes(range=theme.span(values), nticks=6, ticksuffix=" %" if binary else "")
    by = "drawn at random" if curve.by is None else f"highest in {shorten(curve.by, 24)}"
    return theme.frame(
        shown,
        title=what_if_finding(analysis, curve, place),
        alt=f"Curve of the mean {analysis.spec.question.outcome} by the share treated. "
        + what_if_sentence(analysis, curve, place),
        height=290,
        x_title=f"Share {level_phrase(analysis, 'treated')}, {by}",
        y_title=f"Mean {shorten(analysis.spec.question.outcome, 26)}{axis_unit(binary, mean=True)}",
        title_lines=4,
        left=66,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def rows(curve: ShareCurve) -> list[dict[str, Any]]:
    """The table behind the curve: mean, interval and change against today at each share; None without an interval."""
    return [
        {
            "share": share,
            "mean": curve.means[place],
            "low": _known(curve.interval(place)[0]),
            "high": _known(curve.interval(place)[1]),
            "change": curve.changes[place],
            "total_change": curve.total_change(place),
        }
        for place, share in enumerate(curve.shares)
    ]


def _band(shown: Figure, curve: ShareCurve, shares: list[float], scale: float, colours: theme.Palette) -> None:
    ends = [(scale * low, scale * high) for low, high in map(curve.interval, range(len(shares)))]
    if not any(isnan(low) for low, _ in ends):
        theme.band(shown, shares, ends, theme.translucent(colours.treated, 0.18))


def _marks(
    shown: Figure, analysis: Analysis, curve: ShareCurve, place: int, scale: float, colours: theme.Palette
) -> None:
    binary = scale_of(analysis)
    low, high = curve.interval(place)
    spread = "" if isnan(low) else f" {interval(low, high, binary)}"
    shown.add_scatter(
        x=[100 * curve.today_share],
        y=[scale * curve.today],
        mode="markers",
        name=f"today {mean_text(curve.today, binary)} at {percent(curve.today_share)}",
        marker={"symbol": "diamond-open", "size": 12, "color": colours.text, "line": {"width": 2}},
        hovertext=[
            theme.hover(
                f"Today {percent(curve.today_share)} are {level_phrase(analysis, 'treated')}, and the mean "
                f"{analysis.spec.question.outcome} is {mean_text(curve.today, binary)}."
            )
        ],
        hoverinfo="text",
    )
    shown.add_scatter(
        x=[100 * curve.shares[place]],
        y=[scale * curve.means[place]],
        mode="markers",
        name=html(f"chosen {mean_text(curve.means[place], binary)}{spread}"),
        marker={"symbol": "circle", "size": 14, "color": colours.caution, "line": {"width": 2, "color": colours.hover}},
        error_y={
            "type": "data",
            "symmetric": True,
            "array": [0 if isnan(low) else scale * (high - low) / 2],
            "color": colours.caution,
            "thickness": 2,
            "width": 5,
        },
        hovertext=[theme.hover(what_if_sentence(analysis, curve, place))],
        hoverinfo="text",
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else value
