"""Every column by one measure of balance: hollow before adjustment, a symbol per method after."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from causal.checks.column_balance import LIMITS
from causal.plots import theme
from causal.wording.balance import AXES, MEASURES, column_sentence, comparison_finding, measured_rows, name_of
from causal.wording.escape import html
from causal.wording.numbers import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.checks.column_balance import ColumnBalance, Measure
    from causal.effects.balance_comparison import BalanceComparison

ROWS_SHOWN = 40
ROW_HEIGHT = 26
LABEL_LENGTH, LABEL_WIDTH = 34, 214
NARROW_LABEL_LENGTH, NARROW_LABEL_WIDTH = 21, 136
SPREAD = 0.44
"""The points of several methods stand so far apart within a row, so that none hides another."""

WIDEST = 8.0
"""A variance ratio beyond this, or below one over it, stands at the end of the axis."""


def balance_measures(
    found: BalanceComparison, measure: Measure = "difference", dark: bool = False, narrow: bool = False
) -> Figure:
    """The columns by `measure`, the furthest before adjustment on top, at most 40; `narrow`: for a phone."""
    listed = measured_rows(found, measure)
    shown_rows, hidden = listed[:ROWS_SHOWN], max(len(listed) - ROWS_SHOWN, 0)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    _limits(shown, measure, colours)
    _points(shown, shown_rows, measure, "", None, colours.before, "circle-open", 0.0)
    count = len(found.methods)
    for place, method in enumerate(found.methods):
        colour, symbol = theme.series(place, dark)
        dodge = SPREAD * (place / (count - 1) - 0.5) if count > 1 else 0.0
        _points(shown, shown_rows, measure, method, place, colour, symbol, dodge)
    _axis(shown, shown_rows, measure)
    shown.update_yaxes(
        range=[len(shown_rows) - 0.4, -0.6],
        tickvals=list(range(len(shown_rows))),
        ticktext=[html(row.name, NARROW_LABEL_LENGTH if narrow else LABEL_LENGTH) for row in shown_rows],
        tickfont={"color": colours.text},
    )
    title = comparison_finding(found, measure)
    return theme.frame(
        shown,
        title=title,
        alt=f"{MEASURES[measure]} of {counted(len(shown_rows), 'column')} before and after adjustment. {title}.",
        height=ROW_HEIGHT * max(len(shown_rows), 1) + 8,
        x_title=AXES[measure] + (f"; {hidden} more in the table" if hidden else ""),
        left=NARROW_LABEL_WIDTH if narrow else LABEL_WIDTH,
        legend_lines=1 + len(found.methods) // (1 if narrow else 4),
        narrow=narrow,
    )


def rows(found: BalanceComparison) -> list[dict[str, Any]]:
    """The table behind the picture: one row per column, every measure before and after each method; None: no value."""
    listed = []
    for row in found.rows:
        told: dict[str, Any] = {"column": row.name, "kind": row.kind}
        for when, each in (("before", row.before), *zip(map(name_of, found.methods), row.after, strict=True)):
            for measure in MEASURES:
                told[f"{MEASURES[measure].lower()}, {when}"] = _known(getattr(each, measure))
            told[f"raw difference, {when}"] = _known(each.raw)
        listed.append(told)
    return listed


def _points(
    shown: Figure,
    listed: list[ColumnBalance],
    measure: Measure,
    method: str,
    place: int | None,
    colour: str,
    symbol: str,
    dodge: float,
) -> None:
    drawn = [(y, row, row.before if place is None else row.after[place]) for y, row in enumerate(listed)]
    drawn = [(y, row, each) for y, row, each in drawn if isfinite(getattr(each, measure))]
    shown.add_scatter(
        x=[_held(getattr(each, measure), measure) for _, _, each in drawn],
        y=[y + dodge for y, _, _ in drawn],
        mode="markers",
        name=html(f"after {name_of(method).lower()}" if method else "before", 34),
        marker={
            "symbol": symbol,
            "size": 10 if place is None else 9,
            "color": colour,
            "line": {"width": 2 if place is None else 0},
        },
        hovertext=[theme.hover(column_sentence(row, measure, each, method)) for _, row, each in drawn],
        hoverinfo="text",
    )


def _limits(shown: Figure, measure: Measure, colours: theme.Palette) -> None:
    limit = LIMITS[measure]
    ends = {"difference": (-limit, limit), "variance_ratio": (1 / limit, limit)}.get(measure, (0.0, limit))
    shown.add_vrect(
        x0=ends[0], x1=ends[1], fillcolor=theme.translucent(colours.treated, 0.07), line_width=0, layer="below"
    )
    for x in ends:
        shown.add_vline(x=x, line={"color": colours.line, "width": 1.2, "dash": "dash"})
    shown.add_vline(x=1 if measure == "variance_ratio" else 0, line={"color": colours.line, "width": 1.2})


def _axis(shown: Figure, listed: list[ColumnBalance], measure: Measure) -> None:
    values = [getattr(each, measure) for row in listed for each in (row.before, *row.after)]
    if measure == "variance_ratio":
        from math import log10

        ticks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]
        end = log10(WIDEST * 1.15)
        shown.update_xaxes(type="log", range=[-end, end], tickvals=ticks, ticktext=["⅛", "¼", "½", "1", "2", "4", "8"])
        return
    include = (-1.5 * LIMITS[measure], 1.5 * LIMITS[measure]) if measure == "difference" else (0.0, 0.2)
    low, high = theme.span(values, include=include)
    shown.update_xaxes(range=[low if measure == "difference" else -0.02 * high, high], nticks=7)


def _held(value: float, measure: Measure) -> float:
    return min(max(value, 1 / WIDEST), WIDEST) if measure == "variance_ratio" else value


def _known(value: float) -> float | None:
    return None if isnan(value) else value
