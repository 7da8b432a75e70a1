"""How far the data departs from each independence that a graph promises: size with interval, the worst on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import html
from causal.wording.graph_fit import graph_fit_headline, mend_sentence, promise_sentence
from causal.wording.numbers import deviations

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.checks.graph_fit import GraphFit, PromiseTest

ROWS_SHOWN = 40
ROW_HEIGHT = 36
LABEL_LENGTH, LABEL_WIDTH = 40, 260
NARROW_LABEL_LENGTH, NARROW_LABEL_WIDTH = 22, 148

_SYMBOLS = {"violated": "x", "slight": "diamond", "not contradicted": "circle-open", "kept": "circle"}


def graph_fit_plot(fit: GraphFit, dark: bool = False, narrow: bool = False) -> Figure:
    """The size of each departure with its interval, in the order of the fit, at most 40; slight sizes are shaded.

    `narrow`: for a phone.

    Raises OptionProblem where no promise was tested.
    """
    if not fit.tests:
        raise OptionProblem("No independence was tested, so there is nothing to draw.")
    listed, hidden = fit.tests[:ROWS_SHOWN], max(len(fit.tests) - ROWS_SHOWN, 0)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    limit = fit.negligible
    shown.add_vrect(
        x0=-limit, x1=limit, fillcolor=theme.translucent(colours.treated, 0.07), line_width=0, layer="below"
    )
    for x in (-limit, limit):
        shown.add_vline(x=x, line={"color": colours.line, "width": 1.2, "dash": "dash"})
    shown.add_vline(x=0, line={"color": colours.line, "width": 1.2})
    for standing in _SYMBOLS:
        _points(shown, [(place, test) for place, test in enumerate(listed) if test.standing == standing], colours)
    ends = [end for test in listed for end in (test.low, test.high)]
    shown.update_xaxes(range=theme.span(ends, include=(-1.5 * limit, 1.5 * limit)), nticks=7)
    shown.update_yaxes(
        range=[len(listed) - 0.4, -0.6],
        tickvals=list(range(len(listed))),
        ticktext=[_label(test, NARROW_LABEL_LENGTH if narrow else LABEL_LENGTH) for test in listed],
        tickfont={"color": colours.text},
    )
    return theme.frame(
        shown,
        title=_title(fit, narrow),
        alt=f"Departures from {len(listed)} promised independencies. {graph_fit_headline(fit)}",
        height=ROW_HEIGHT * len(listed) + 8,
        x_title=f"Correlation, shaded below {deviations(limit)}" + (f"; {hidden} more" if hidden else ""),
        left=NARROW_LABEL_WIDTH if narrow else LABEL_WIDTH,
        legend_lines=len({test.standing for test in listed}) if narrow else 1,
        narrow=narrow,
    )


def rows(fit: GraphFit) -> list[dict[str, Any]]:
    """The table behind the plot, all rows, in its order."""
    return [
        {
            "left": test.left,
            "right": test.right,
            "given": ", ".join(test.given),
            "standing": test.standing,
            "size": test.size,
            "low": test.low,
            "high": test.high,
            "p_value": test.p_value,
            "p_value_holm": test.holm,
            "p_value_benjamini_hochberg": test.benjamini_hochberg,
            "rows": test.n,
            "would_mend_it": mend_sentence(test),
        }
        for test in fit.tests
    ]


def _points(shown: Figure, placed: list[tuple[int, PromiseTest]], colours: theme.Palette) -> None:
    if not placed:
        return
    standing = placed[0][1].standing
    colour = {"violated": colours.caution, "slight": colours.before}.get(standing, colours.treated)
    shown.add_scatter(
        x=[test.size for _, test in placed],
        y=[place for place, _ in placed],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [test.high - test.size for _, test in placed],
            "arrayminus": [test.size - test.low for _, test in placed],
            "thickness": 2,
            "width": 0,
        },
        mode="markers",
        name=standing,
        marker={"symbol": _SYMBOLS[standing], "size": 10, "color": colour},
        hovertext=[theme.hover(f"{promise_sentence(test)} {mend_sentence(test)}".strip()) for _, test in placed],
        hoverinfo="text",
    )


def _label(test: PromiseTest, length: int) -> str:
    pair = html(f"{test.left} – {test.right}", length)
    return f"{pair}<br>{html('given ' + ', '.join(test.given), length)}" if test.given else pair


def _title(fit: GraphFit, narrow: bool) -> str:
    whole = graph_fit_headline(fit).rstrip(".")
    if theme.fits(whole, 2, narrow):
        return whole
    return f"The data contradicts {len(fit.violated)} of {len(fit.tests)} independencies" if fit.violated else whole
