"""Whether predicted chances come true, and what a model leaves over along what it predicts."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.model_fit import calibration_finding, event, predicted, residual_finding
from causal.wording.numbers import counted, number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.effects.model_fit import NuisanceFit

HEIGHT = 300


def reliability(analysis: Analysis, fit: NuisanceFit, dark: bool = False, narrow: bool = False) -> Figure:
    """The share that happened over the predicted chance, in groups of units not seen; on the line chances come true.

    `narrow`: for a phone. Raises OptionProblem where no chance is predicted.
    """
    if fit.calibration is None:
        raise OptionProblem("This model predicts no chance, so there is no reliability to draw.")
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    groups = fit.calibration.groups
    shown.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="chances come true",
        line={"color": colours.line, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
    shown.add_scatter(
        x=[100 * each.predicted for each in groups],
        y=[100 * each.observed for each in groups],
        mode="lines+markers",
        name="units not seen, with 95 % intervals",
        line={"color": theme.translucent(colours.treated, 0.5), "width": 1.5},
        marker={"size": 9, "color": colours.treated},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * (each.high - each.observed) for each in groups],
            "arrayminus": [100 * (each.observed - each.low) for each in groups],
            "color": colours.treated,
            "thickness": 2,
            "width": 4,
        },
        hovertext=[
            theme.hover(
                f"{counted(each.units, 'unit')} with a predicted chance of {percent(each.predicted)}: "
                f"{percent(each.observed)} happened ({percent(each.low)} to {percent(each.high)})."
            )
            for each in groups
        ],
        hoverinfo="text",
    )
    ends = theme.span([100 * end for each in groups for end in (each.predicted, each.low, each.high)])
    ends = (max(ends[0], -2.0), min(ends[1], 102.0))
    shown.update_xaxes(range=ends, ticksuffix=" %", nticks=6)
    shown.update_yaxes(range=ends, ticksuffix=" %", nticks=6)
    title = calibration_finding(analysis, fit)
    return theme.frame(
        shown,
        title=title,
        alt=f"Share that happened over the predicted chance, by group. {title}.",
        height=HEIGHT,
        x_title=f"Predicted chance of {shorten(event(analysis, fit), 50)}, by models that have not seen the unit",
        y_title="Share of the group",
        left=66,
        title_lines=3,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def reliability_rows(fit: NuisanceFit) -> list[dict[str, Any]]:
    """The table behind it, one row per group."""
    groups = () if fit.calibration is None else fit.calibration.groups
    return [
        {
            "units": each.units,
            "predicted": each.predicted,
            "observed": each.observed,
            "low": each.low,
            "high": each.high,
        }
        for each in groups
    ]


def residuals(analysis: Analysis, fit: NuisanceFit, dark: bool = False, narrow: bool = False) -> Figure:
    """Mean residuals of units not seen over what was fitted, with the band that a right model keeps 19 times in 20.

    `narrow`: for a phone.
    """
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    groups = [each for each in fit.residuals if not isnan(each.std_error)]
    scale = 100 if fit.binary else 1
    at = [scale * each.fitted for each in groups]
    reach = [2 * scale * each.std_error for each in groups]
    ends = [(-each, each) for each in reach]
    theme.band(shown, at, ends, theme.translucent(colours.treated, 0.1), "two standard errors")
    shown.add_hline(y=0, line={"color": colours.line, "width": 1.2})
    beyond = [each.beyond for each in groups]
    shown.add_scatter(
        x=at,
        y=[scale * each.residual for each in groups],
        mode="markers",
        name="mean of a group",
        marker={
            "size": 9,
            "symbol": ["x" if each else "circle" for each in beyond],
            "color": [colours.caution if each else colours.treated for each in beyond],
        },
        hovertext=[
            theme.hover(
                f"{counted(each.units, 'unit')} fitted at {_value(fit, each.fitted)} on average: seen was "
                f"{_value(fit, each.residual, signed=True)} beside it (standard error {_value(fit, each.std_error)})."
            )
            for each in groups
        ],
        hoverinfo="text",
    )
    unit = ", pp" if fit.binary else ""
    suffix = " %" if fit.binary else ""
    shown.update_xaxes(nticks=7, ticksuffix=suffix)
    shown.update_yaxes(
        range=theme.span([*reach, *(-each for each in reach), *(scale * each.residual for each in groups)]), nticks=6
    )
    title = residual_finding(analysis, fit)
    return theme.frame(
        shown,
        title=title,
        alt=f"Mean residuals over fitted values. {title}.",
        height=HEIGHT,
        x_title=f"Predicted by models that have not seen the unit: {shorten(predicted(analysis, fit), 40)}",
        y_title=f"Seen minus predicted{unit}",
        left=72,
        title_lines=3,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def residual_rows(fit: NuisanceFit) -> list[dict[str, Any]]:
    """The table behind it, one row per group."""
    return [
        {
            "units": each.units,
            "predicted": each.fitted,
            "residual": each.residual,
            "std_error": None if isnan(each.std_error) else each.std_error,
            "beyond two standard errors": each.beyond,
        }
        for each in fit.residuals
    ]


def _value(fit: NuisanceFit, value: float, signed: bool = False) -> str:
    return percent(value, signed=signed) if fit.binary else number(value, signed=signed)
