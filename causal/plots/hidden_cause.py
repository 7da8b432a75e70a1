"""What goes through a mediator, by how strongly a hidden cause ties the mediator to the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.mediation import effects_of, hidden_cause_finding, hidden_cause_sentence, mediators_of
from causal.wording.numbers import interval, number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis


def hidden_cause(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """The curve with its band; where it crosses zero is marked. `narrow`: for a phone.

    Raises OptionProblem where no hidden cause can be told of: for other than one numeric mediator and outcome.
    """
    title = hidden_cause_finding(analysis)
    table = rows(analysis)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    places = [each["correlation"] for each in table]
    between = [(each["low"], each["high"]) for each in table]
    theme.band(shown, places, between, theme.translucent(theme.ROLE_COLOURS["mediator"], 0.2))
    shown.add_scatter(
        x=places,
        y=[each["effect"] for each in table],
        mode="lines",
        line={"color": theme.ROLE_COLOURS["mediator"], "width": 3},
        hovertext=[theme.hover(_hover(analysis, each)) for each in table],
        hoverinfo="text",
    )
    _marks(shown, analysis, colours)
    shown.add_hline(y=0, line={"color": colours.line, "width": 1.5})
    ends = [each[end] for each in table for end in ("low", "high")]
    shown.update_xaxes(range=[-0.95, 0.95], nticks=7)
    shown.update_yaxes(range=theme.span(ends, include=(0.0,)), nticks=6)
    return theme.frame(
        shown,
        title=title,
        alt=f"Curve of the indirect effect by the strength of a hidden cause. {hidden_cause_sentence(analysis)}",
        height=250,
        x_title="Correlation that the hidden cause makes",
        y_title=f"Through {shorten(mediators_of(analysis), 22)}",
        title_lines=4,
        left=66,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the curve: the indirect effect with its interval at each correlation.

    Raises OptionProblem where the method splits nothing.
    """
    cause = effects_of(analysis).hidden_cause
    if cause is None:
        return []
    reach = _reach(analysis)
    curve = zip(cause.correlations, cause.effects, cause.std_errors, strict=True)
    return [
        {"correlation": place, "effect": effect, "low": effect - reach * error, "high": effect + reach * error}
        for place, effect, error in curve
    ]


def _reach(analysis: Analysis) -> float:
    from causal.estimators.estimate import quantile

    return quantile(0.5 + analysis.estimate.confidence / 2, analysis.estimate.degrees_of_freedom)


def _hover(analysis: Analysis, row: dict[str, Any]) -> str:
    return (
        f"If a hidden cause made both correlate by {number(row['correlation'])}, {number(row['effect'], signed=True)} "
        f"{interval(row['low'], row['high'])} would go through {mediators_of(analysis)} "
        f"({percent(analysis.estimate.confidence)} interval)."
    )


def _marks(shown: Figure, analysis: Analysis, colours: theme.Palette) -> None:
    cause = effects_of(analysis).hidden_cause
    assert cause is not None
    now = cause.effects[cause.correlations.index(0.0)]
    for x, y, symbol, colour, told in (
        (0.0, now, "circle", colours.chosen, f"Without a hidden cause {number(now, signed=True)} goes through it."),
        (cause.correlation_at_zero, 0.0, "x", colours.caution, hidden_cause_sentence(analysis)),
    ):
        shown.add_scatter(
            x=[x],
            y=[y],
            mode="markers",
            marker={"symbol": symbol, "size": 12, "color": colour},
            hovertext=[theme.hover(told)],
            hoverinfo="text",
        )
