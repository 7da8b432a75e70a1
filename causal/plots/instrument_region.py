"""The usual interval of an instrument's answer beside the region that holds whatever the instrument's strength."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.instruments import evidence_of, region_finding, region_of, region_sentence, region_words
from causal.wording.numbers import axis_unit, change_text, percent
from causal.wording.phrases import scale_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.estimators.ratio_region import Region

ROW_HEIGHT = 52
USUAL, WHATEVER = "Usual interval", "Whatever the strength (Anderson-Rubin)"


def instrument_region(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """Two rows; an end without limit runs off the picture with an arrow. `narrow`: for a phone.

    Raises OptionProblem where the method uses no instrument.
    """
    binary = scale_of(analysis)
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    listed = _rows(analysis)
    ends = [scale * end for _, region in listed for piece in region for end in piece if not isinf(end)]
    reach = theme.span([*ends, scale * analysis.estimate.effect], include=(0.0,), room=0.12)
    for place, (label, region) in enumerate(listed):
        chosen = place == 1
        _draw(shown, region, -place, reach, scale, colours.chosen if chosen else colours.muted, _hover(analysis, place))
        _effect(shown, analysis, -place, scale, colours.chosen if chosen else colours.muted, _hover(analysis, place))
        words = region_words(region, binary)
        left = "Whatever the strength" if narrow and chosen else label
        theme.labelled_row(shown, -place, reach, (left, words), colours, chosen, zero=0.0)
    shown.update_xaxes(range=reach, showgrid=False, nticks=6)
    shown.update_yaxes(range=[-len(listed) + 0.6, 0.8], visible=False)
    unit = axis_unit(binary)
    return theme.frame(
        shown,
        title=region_finding(analysis),
        alt=f"Two intervals of the effect. {region_sentence(analysis)}",
        height=ROW_HEIGHT * len(listed),
        x_title=f"Change in {shorten(analysis.spec.question.outcome, 28)}{unit} "
        f"({percent(analysis.estimate.confidence)} intervals)",
        title_lines=3,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the picture: one row per piece, an end without limit as None, then the first stage's figures.

    Raises OptionProblem where the method uses no instrument.
    """
    evidence = evidence_of(analysis)
    found = [_row(label, low, high) for label, region in _rows(analysis) for low, high in region]
    facts = {
        "first-stage F": evidence.f,
        "effective F": evidence.effective_f,
        "critical value of the effective F": evidence.critical_f,
        "partial R² of the instruments": evidence.partial_r2,
        "share of units moved": evidence.movers,
        "test that the instruments agree": evidence.disagreement,
        "its p-value": evidence.disagreement_p,
    }
    return [*found, *(_row(name, None, None, value) for name, value in facts.items() if _is_known(value))]


def _row(what: str, low: float | None, high: float | None, value: float | None = None) -> dict[str, Any]:
    return {"what": what, "value": _finite(value), "low": _finite(low), "high": _finite(high)}


def _finite(value: float | None) -> float | None:
    return None if value is None or isinf(value) else value


def _is_known(value: float | None) -> bool:
    return value is not None and value == value


def _rows(analysis: Analysis) -> tuple[tuple[str, Region], ...]:
    usual = analysis.estimate.interval()
    return (USUAL, (usual,) if usual[0] == usual[0] else ()), (WHATEVER, region_of(analysis))


def _hover(analysis: Analysis, place: int) -> str:
    if place == 1:
        return region_sentence(analysis)
    low, high = analysis.estimate.interval()
    words = region_words(((low, high),), scale_of(analysis))
    return f"The usual interval runs from {words}; it is right where the instrument is strong."


def _effect(shown: Figure, analysis: Analysis, y: float, scale: float, colour: str, told: str) -> None:
    effect = analysis.estimate.effect
    shown.add_scatter(
        x=[scale * effect],
        y=[y],
        mode="markers",
        marker={"color": colour, "size": 11},
        hovertext=[theme.hover(f"Estimate {change_text(effect, scale_of(analysis))}. {told}")],
        hoverinfo="text",
    )


def _draw(
    shown: Figure, region: Region, y: float, reach: tuple[float, float], scale: float, colour: str, told: str
) -> None:
    for low, high in region:
        shown.add_scatter(
            x=[reach[0] if isinf(low) else scale * low, reach[1] if isinf(high) else scale * high],
            y=[y, y],
            mode="lines",
            line={"color": colour, "width": 4},
            hoverinfo="skip",
        )
        for end, side, symbol in ((low, 0, "triangle-left"), (high, 1, "triangle-right")):
            if isinf(end):
                shown.add_scatter(
                    x=[reach[side]],
                    y=[y],
                    mode="markers",
                    marker={"color": colour, "size": 13, "symbol": symbol},
                    cliponaxis=False,
                    hovertext=[theme.hover(told)],
                    hoverinfo="text",
                )
