"""How alike the arms are, covariate by covariate: hollow before adjustment, solid after."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import counted, deviations, number, plural
from causal.wording.sentences import balance_sentence, worst_difference

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.checks.balance import BalanceRow, BalanceTable

ROWS_SHOWN = 40
ROW_HEIGHT = 26
LABEL_LENGTH, LABEL_WIDTH = 34, 214
NARROW_LABEL_LENGTH, NARROW_LABEL_WIDTH = 21, 136


def love_plot(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """Standardised differences before and after, the most unbalanced before on top, at most 40 rows.

    `narrow`: for a phone.

    Raises OptionProblem where nothing was adjusted for, so that there is nothing to compare.
    """
    table = analysis.balance
    listed = _sorted(table)
    if not listed:
        raise OptionProblem("There are no covariates to balance: the answer adjusts for nothing.")
    shown_rows, hidden = listed[:ROWS_SHOWN], max(len(listed) - ROWS_SHOWN, 0)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    _thresholds(shown, table.threshold, colours)
    _before(shown, shown_rows, colours)
    if analysis.method.adjusts:
        _after(shown, shown_rows, table.threshold, colours)
    known = [each for row in shown_rows for each in (row.before, row.after)]
    shown.update_xaxes(range=theme.span(known, include=(-1.5 * table.threshold, 1.5 * table.threshold)), nticks=7)
    shown.update_yaxes(
        range=[len(shown_rows) - 0.4, -0.6],
        tickvals=list(range(len(shown_rows))),
        ticktext=[html(row.name, NARROW_LABEL_LENGTH if narrow else LABEL_LENGTH) for row in shown_rows],
        tickfont={"color": colours.text},
    )
    more = f", {counted(hidden, 'more row', 'more rows')} in the table" if hidden else ""
    return theme.frame(
        shown,
        title=_title(analysis),
        alt=f"Love plot of {counted(len(shown_rows), 'covariate')}{more}. {balance_sentence(analysis)}",
        height=ROW_HEIGHT * len(shown_rows) + 8,
        x_title="Treated minus control, standard deviations" + (f"; {hidden} more below" if hidden else ""),
        left=NARROW_LABEL_WIDTH if narrow else LABEL_WIDTH,
        legend_lines=3 if narrow else 1,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the plot, all rows, in its order; `after` is None where the method weights no units."""
    return [
        {
            "covariate": row.name,
            "before": row.before,
            "after": None if isnan(row.after) else row.after,
            "control_mean": row.control_mean,
            "treated_mean": row.treated_mean,
            "balanced": abs(row.before if isnan(row.after) else row.after) <= analysis.balance.threshold,
        }
        for row in _sorted(analysis.balance)
    ]


def _sorted(table: BalanceTable) -> list[BalanceRow]:
    return sorted(table.rows, key=lambda row: -abs(row.before))


def _thresholds(shown: Figure, threshold: float, colours: theme.Palette) -> None:
    shown.add_vrect(
        x0=-threshold, x1=threshold, fillcolor=theme.translucent(colours.treated, 0.07), line_width=0, layer="below"
    )
    for x in (-threshold, threshold):
        shown.add_vline(x=x, line={"color": colours.line, "width": 1.2, "dash": "dash"})
    shown.add_vline(x=0, line={"color": colours.line, "width": 1.2})


def _before(shown: Figure, listed: list[BalanceRow], colours: theme.Palette) -> None:
    shown.add_scatter(
        x=[_finite(row.before) for row in listed],
        y=list(range(len(listed))),
        mode="markers",
        name="before",
        marker={"symbol": "circle-open", "size": 10, "color": colours.before, "line": {"width": 2}},
        hovertext=[theme.hover(_hover(row, row.before, "Before adjustment")) for row in listed],
        hoverinfo="text",
    )


def _after(shown: Figure, listed: list[BalanceRow], threshold: float, colours: theme.Palette) -> None:
    known = [(place, row) for place, row in enumerate(listed) if isfinite(row.after)]
    if not known:
        return
    beyond = [abs(row.after) > threshold for _, row in known]
    shown.add_scatter(
        x=[row.after for _, row in known],
        y=[place for place, _ in known],
        mode="markers",
        name="after",
        marker={
            "symbol": ["x" if each else "circle" for each in beyond],
            "size": 10,
            "color": [colours.caution if each else colours.treated for each in beyond],
        },
        hovertext=[theme.hover(_hover(row, row.after, "After adjustment")) for _, row in known],
        hoverinfo="text",
        showlegend=False,
    )
    _legend(shown, "after", "circle", colours.treated)
    if any(beyond):
        _legend(shown, f"after, beyond {threshold:g}", "x", colours.caution)


def _legend(shown: Figure, name: str, symbol: str, colour: str) -> None:
    """An entry without points: one trace may hold two symbols."""
    shown.add_scatter(
        x=[None], y=[None], mode="markers", name=name, marker={"symbol": symbol, "size": 10, "color": colour}
    )


def _hover(row: BalanceRow, value: float, when: str) -> str:
    more = "higher" if value > 0 else "lower"
    return (
        f"{when}, {row.name} is {deviations(value)} standard deviations {more} among the treated "
        f"(unadjusted means {number(row.treated_mean)} treated, {number(row.control_mean)} control)."
    )


def _title(analysis: Analysis) -> str:
    table, worst = analysis.balance, analysis.balance.worst
    if worst is None:
        return "No difference between the arms can be measured"
    name = shorten(worst.name, 22)
    before = f"the arms differ most in {name}, by {deviations(worst.before)}"
    if not analysis.method.adjusts:
        return f"Nothing is adjusted for: {before}"
    if isnan(worst.after):
        return f"Before adjustment {before}"
    after = worst_difference(analysis)
    if not table.unbalanced:
        return f"The arms are alike after adjustment: at most {after} apart, in {name}"
    beyond = len(table.unbalanced)
    total = f"{beyond} of {len(table.rows)} {plural(beyond, 'differs', 'differ')}"
    return f"{total} by more than {table.threshold:g} after adjustment, most by {after}: {name}"


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
