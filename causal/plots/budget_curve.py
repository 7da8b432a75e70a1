"""The gain at every budget with its band, beside the same money handed out at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, percent
from causal.wording.policy import budget_sentence, curve_title, place_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.policies.policy import Policy


def budget_curve(policy: Policy, binary: Binary, dark: bool = False, narrow: bool = False) -> Figure:
    """Budgets from the cheapest allocation to the dearest that gains; the policy's own spending is marked."""
    curve, colours, shown = policy.curve, theme.palette(dark), theme.figure(dark)
    scale = 100 if binary else 1
    budgets = list(curve.budgets)
    ends = [(scale * low, scale * high) for low, high in map(curve.interval, range(len(budgets)))]
    theme.band(shown, budgets, ends, theme.translucent(colours.treated, 0.18))
    shown.add_scatter(
        x=budgets,
        y=[scale * each for each in curve.gains],
        mode="lines",
        line={"color": colours.treated, "width": 3},
        name="by predicted gain per cost",
        hovertext=[theme.hover(budget_sentence(policy, place, binary)) for place in range(len(budgets))],
        hoverinfo="text",
    )
    shown.add_scatter(
        x=budgets,
        y=[scale * each for each in curve.random],
        mode="lines",
        line={"color": colours.muted, "width": 2, "dash": "dot"},
        name="the same arms at random",
        hoverinfo="skip",
    )
    place = place_of(policy)
    shown.add_scatter(
        x=[policy.spent],
        y=[scale * curve.gains[place]],
        mode="markers",
        name="this budget",
        marker={"symbol": "circle", "size": 14, "color": colours.caution, "line": {"width": 2, "color": colours.hover}},
        hovertext=[theme.hover(budget_sentence(policy, place, binary))],
        hoverinfo="text",
    )
    values = [scale * each for pair in ends for each in pair] + [scale * each for each in curve.random]
    shown.update_yaxes(range=theme.span(values, include=(0.0,)), nticks=6)
    outcome = shorten(policy.spec.question.outcome, 22)
    return theme.frame(
        shown,
        title=curve_title(policy),
        alt=f"Curve of the gain in {policy.spec.question.outcome} by budget. {budget_sentence(policy, place, binary)}",
        height=290,
        x_title=f"Budget in all{'' if narrow else ', in the units of the costs'}; {percent(curve.confidence)} band at "
        "each budget alone",
        y_title=f"Gain per unit, {outcome}{axis_unit(binary)}",
        title_lines=3,
        left=66,
        legend_lines=3 if narrow else 1,
        narrow=narrow,
    )


def rows(policy: Policy) -> list[dict[str, Any]]:
    """The table behind the curve."""
    curve = policy.curve
    return [
        {
            "budget": curve.budgets[place],
            "spent": curve.spent[place],
            "gain": curve.gains[place],
            "std_error": curve.std_errors[place],
            "low": curve.interval(place)[0],
            "high": curve.interval(place)[1],
            "gain_at_random": curve.random[place],
            "beyond_random_low": curve.beyond_random(place)[0],
            "beyond_random_high": curve.beyond_random(place)[1],
            "gain_per_cost": curve.prices[place],
        }
        for place in range(len(curve.budgets))
    ]
