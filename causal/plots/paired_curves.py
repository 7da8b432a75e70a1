"""Two policies' gains at every budget above, and below them their difference with its bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import Binary, axis_unit
from causal.wording.policy_comparison import Other, curves_title, other_name, point_sentence, where_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.policies.paired_curves import PairedCurves

SPLIT = (0.40, 0.54)
"""Where the differences end and the curves begin, as shares of the height."""

TITLE_LINES = 4


def paired_curves(
    curves: PairedCurves,
    other: Other,
    outcome: str,
    money: float,
    binary: Binary,
    dark: bool = False,
    narrow: bool = False,
) -> Figure:
    """Gains from the first's cheapest allocation on; the budget `money` is marked in both panels."""
    colours, shown, scale = theme.palette(dark), theme.figure(dark), 100 if binary else 1
    budgets, places = list(curves.budgets), range(len(curves.budgets))
    hovers = [theme.hover(point_sentence(curves, place, other, binary)) for place in places]
    beside, _ = theme.series(2, dark)
    for values, name, colour, dash in (
        (curves.gains, "this policy", colours.treated, "solid"),
        (curves.other_gains, other_name(other), beside, "dash"),
    ):
        shown.add_scatter(
            x=budgets,
            y=[scale * each for each in values],
            mode="lines",
            line={"color": colour, "width": 3, "dash": dash},
            name=html(name, 40),
            hovertext=hovers,
            hoverinfo="text",
        )
    joint = [curves.joint_interval(place) for place in places]
    alone = [curves.difference(place).interval() for place in places]
    for ends, strength in ((joint, 0.14), (alone, 0.24)):
        told = [(scale * low, scale * high) for low, high in ends]
        theme.band(shown, budgets, told, theme.translucent(colours.treated, strength), axis="y2")
    shown.add_scatter(
        x=budgets,
        y=[scale * each for each in curves.differences],
        yaxis="y2",
        mode="lines",
        line={"color": colours.treated, "width": 3},
        hovertext=hovers,
        hoverinfo="text",
        showlegend=False,
    )
    place = curves.place_of(money)
    for values, axis in ((curves.gains, "y"), (curves.differences, "y2")):
        shown.add_scatter(
            x=[curves.budgets[place]],
            y=[scale * values[place]],
            yaxis=axis,
            mode="markers",
            name="this budget",
            marker={"size": 12, "color": colours.caution, "line": {"width": 2, "color": colours.hover}},
            hovertext=[hovers[place]],
            hoverinfo="text",
            showlegend=axis == "y",
        )
    title = curves_title(curves, money, other, binary)
    found = theme.frame(
        shown,
        title=title if theme.fits(title, TITLE_LINES, narrow) else where_title(curves, other),
        alt=f"Gain in {outcome} by budget, of two policies. {point_sentence(curves, place, other, binary)}",
        height=400,
        x_title=f"Budget in all{'' if narrow else ', in the units of the costs'}",
        title_lines=TITLE_LINES,
        left=66,
        legend_lines=3 if narrow else 1,
        narrow=narrow,
    )
    unit = axis_unit(binary)
    apart = [scale * end for pair in joint for end in pair]
    found.update_layout(
        xaxis={"anchor": "y2"},
        yaxis={
            "domain": [SPLIT[1], 1],
            "range": theme.span([scale * each for each in (*curves.gains, *curves.other_gains)], include=(0.0,)),
            "nticks": 5,
            "title": {"text": shorten(f"Gain, {outcome}{unit}", 28)},
        },
        yaxis2={
            **found.layout.template.layout.yaxis.to_plotly_json(),
            "domain": [0, SPLIT[0]],
            "range": theme.span(apart, include=(0.0,)),
            "nticks": 5,
            "zeroline": True,
            "zerolinecolor": colours.line,
            "title": {"text": "Difference", "font": {"size": 13, "color": colours.muted}, "standoff": 8},
            "anchor": "x",
        },
    )
    return found


def rows(curves: PairedCurves) -> list[dict[str, Any]]:
    """The table behind the figure."""
    return [
        {
            "budget": curves.budgets[place],
            "spent": curves.spent[place],
            "other_spent": curves.other_spent[place],
            "gain": curves.gains[place],
            "other_gain": curves.other_gains[place],
            "difference": curves.differences[place],
            "std_error": curves.std_errors[place],
            "low": curves.difference(place).interval()[0],
            "high": curves.difference(place).interval()[1],
            "low_at_all_budgets": curves.joint_interval(place)[0],
            "high_at_all_budgets": curves.joint_interval(place)[1],
            "average_up_to_here": curves.averages[place],
            "average_std_error": curves.average_errors[place],
            "average_low": curves.average(place).interval()[0],
            "average_high": curves.average(place).interval()[1],
        }
        for place in range(len(curves.budgets))
    ]
