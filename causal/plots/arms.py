"""The mean outcome that each arm would have, with its interval."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import Binary, all_digits, axis_unit, interval, mean_text, percent
from causal.wording.phrases import ARMS, Arm, answered_population, level_phrase, level_text, scale_of
from causal.wording.sentences import arm_sentence, averages

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis

ROW_HEIGHT = 54


def arms(analysis: Analysis, dark: bool = False, narrow: bool = True) -> Figure:
    """Two rows, treated on top: the mean, its interval, and the digits at the right.

    `narrow`: for a column of a page, or a phone.
    """
    binary = scale_of(analysis)
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    means = analysis.estimate.arm_means
    ends = [scale * each for arm in ARMS for each in (means[arm], *analysis.estimate.arm_interval(arm))]
    reach = theme.span(ends, room=0.12)
    for place, arm in enumerate(ARMS):
        _draw(shown, analysis, arm, -place, reach, scale, colours)
    shown.update_xaxes(range=reach, ticksuffix=" %" if binary else "", nticks=6, showgrid=False)
    shown.update_yaxes(range=[-1.45, 0.8], visible=False)
    outcome = shorten(analysis.spec.question.outcome, 28)
    return theme.frame(
        shown,
        title=_title(analysis, binary),
        alt=f"Mean outcome of each arm. {arm_sentence(analysis)}",
        height=ROW_HEIGHT * 2,
        x_title=f"Mean {outcome}{axis_unit(binary, mean=True)} ({percent(analysis.estimate.confidence)} intervals)",
        title_lines=3,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the picture: level, mean, interval and units of each arm; None without an interval."""
    estimate = analysis.estimate
    return [
        {
            "arm": arm,
            "level": level_text(
                estimate.arm_means.treated_level if arm == "treated" else estimate.arm_means.control_level
            ),
            "mean": estimate.arm_means[arm],
            "low": _known(estimate.arm_interval(arm)[0]),
            "high": _known(estimate.arm_interval(arm)[1]),
            "units": int(estimate.arm_sizes[arm]),
        }
        for arm in ARMS
    ]


def _draw(
    shown: Figure,
    analysis: Analysis,
    arm: Arm,
    y: float,
    reach: tuple[float, float],
    scale: float,
    colours: theme.Palette,
) -> None:
    estimate, binary = analysis.estimate, scale_of(analysis)
    colour = colours.treated if arm == "treated" else colours.control
    mean, (low, high) = estimate.arm_means[arm], estimate.arm_interval(arm)
    who, digits = level_phrase(analysis, arm), mean_text(mean, binary)
    sentence = (
        f"{who.capitalize() if who.islower() else who}, {analysis.spec.question.outcome} {averages(analysis)} {digits}"
    )
    if not isnan(low):
        digits = f"{digits} {interval(low, high, binary)}"
        sentence += f", {percent(estimate.confidence)} interval {interval(low, high, binary)}"
        shown.add_scatter(
            x=[scale * low, scale * high], y=[y, y], mode="lines", line={"color": colour, "width": 4}, hoverinfo="skip"
        )
    shown.add_scatter(
        x=[scale * mean],
        y=[y],
        mode="markers",
        name=html(who),
        marker={"color": colour, "size": 13, "symbol": theme.ARM_SYMBOLS[arm]},
        hovertext=[theme.hover(f"{sentence}. All digits: {all_digits(mean)}.")],
        hoverinfo="text",
    )
    theme.labelled_row(shown, y, reach, (shorten(who, 30), digits), colours, strong=True)


def _title(analysis: Analysis, binary: Binary) -> str:
    means = analysis.estimate.arm_means
    outcome = shorten(analysis.spec.question.outcome, 28)
    parts = [f"{mean_text(means[arm], binary)} {level_phrase(analysis, arm)}" for arm in ARMS]
    return f"{outcome} {averages(analysis)} {parts[0]}, {parts[1]}, for {answered_population(analysis)}"


def _known(value: float) -> float | None:
    return None if isnan(value) else value
