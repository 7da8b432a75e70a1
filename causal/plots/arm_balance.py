"""Balance of many arms, or with a quantity: the furthest pair, or the correlation, before weighting and after."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from causal.effects.arm_balance import LIMIT
from causal.plots import theme
from causal.plots.balance_measures import (
    LABEL_LENGTH,
    LABEL_WIDTH,
    NARROW_LABEL_LENGTH,
    NARROW_LABEL_WIDTH,
    ROW_HEIGHT,
    ROWS_SHOWN,
)
from causal.wording.balance import arms_finding
from causal.wording.escape import html
from causal.wording.numbers import deviations, number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.arm_balance import ArmBalance, ArmBalanceRow


def arm_balance(found: ArmBalance, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per covariate and level, the furthest before weighting on top, at most 40; `narrow`: for a phone."""
    listed = sorted(found.rows, key=lambda row: -abs(row.before))
    shown_rows, hidden = listed[:ROWS_SHOWN], max(len(listed) - ROWS_SHOWN, 0)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    shown.add_vrect(
        x0=-LIMIT, x1=LIMIT, fillcolor=theme.translucent(colours.treated, 0.07), line_width=0, layer="below"
    )
    for x in (-LIMIT, 0, LIMIT):
        shown.add_vline(x=x, line={"color": colours.line, "width": 1.2, "dash": "dash" if x else "solid"})
    for when, colour, symbol in (("before", colours.before, "circle-open"), ("after", colours.treated, "circle")):
        points = [(y, row) for y, row in enumerate(shown_rows) if isfinite(getattr(row, when))]
        shown.add_scatter(
            x=[getattr(row, when) for _, row in points],
            y=[y for y, _ in points],
            mode="markers",
            name=f"{when} weighting",
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2 if when == "before" else 0}},
            hovertext=[theme.hover(_hover(found, row, when)) for _, row in points],
            hoverinfo="text",
        )
    known = [each for row in shown_rows for each in (row.before, row.after)]
    shown.update_xaxes(range=theme.span(known, include=(-1.5 * LIMIT, 1.5 * LIMIT)), nticks=5 if narrow else 7)
    shown.update_yaxes(
        range=[len(shown_rows) - 0.4, -0.6],
        tickvals=list(range(len(shown_rows))),
        ticktext=[html(row.name, NARROW_LABEL_LENGTH if narrow else LABEL_LENGTH) for row in shown_rows],
        tickfont={"color": colours.text},
    )
    title = arms_finding(found)
    axis = "Correlation with the treatment" if found.kind == "quantity" else "Furthest two arms, standard deviations"
    return theme.frame(
        shown,
        title=title,
        alt=f"Balance before and after weighting. {title}.",
        height=ROW_HEIGHT * max(len(shown_rows), 1) + 8,
        x_title=axis + (f"; {hidden} more in the table" if hidden else ""),
        left=NARROW_LABEL_WIDTH if narrow else LABEL_WIDTH,
        title_lines=3,
        legend_lines=1,
        narrow=narrow,
    )


def rows(found: ArmBalance) -> list[dict[str, Any]]:
    """The table behind the picture; None where there is no number."""
    return [
        {
            "covariate": row.name,
            "before": None if isnan(row.before) else row.before,
            "after": None if isnan(row.after) else row.after,
            **(
                {"pair before": _pair(row.pair_before), "pair after": _pair(row.pair_after)}
                if found.kind == "arms"
                else {}
            ),
        }
        for row in sorted(found.rows, key=lambda row: -abs(row.before))
    ]


def _hover(found: ArmBalance, row: ArmBalanceRow, when: str) -> str:
    value = getattr(row, when)
    if found.kind == "quantity":
        return f"{when.capitalize()} weighting, {row.name} and {found.treatment} have the correlation {number(value)}."
    low, high = row.pair_before if when == "before" else row.pair_after
    more = "higher" if value > 0 else "lower"
    size = f"{deviations(value)} standard deviations {more}"
    return f"{when.capitalize()} weighting, {row.name} is {size} with {high} than with {low}."


def _pair(pair: tuple[Any, ...]) -> str:
    return " minus ".join(str(each) for each in reversed(pair))
