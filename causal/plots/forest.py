"""The effect by every method with its interval, the unadjusted difference on top, the chosen one in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.numbers import Binary, all_digits, axis_unit, change_text, counted, interval, percent
from causal.wording.phrases import DAGGER, answers_for_others, method_label, scale_of
from causal.wording.sentences import direction, effect_noun, effect_text, finding

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.estimators.estimate import Estimate

ROW_HEIGHT = 50
NARROW_ROOM = 50
"""Characters of label and text together, above a row on a phone."""

TITLE_LINES = 3
NAIVE_LABEL = "Unadjusted difference"


@dataclass(frozen=True)
class _Row:
    label: str
    estimate: Estimate
    chosen: bool
    naive: bool


def forest(analyses: Sequence[Analysis], chosen: str | None = None, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per analysis of the same question; `chosen` is a method's name (None: the first analysis).

    `narrow`: for a phone.

    Raises OptionProblem where there is nothing to show or the chosen method is not among the analyses.
    """
    main = _chosen(analyses, chosen)
    binary = scale_of(main)
    listed = _rows(analyses, main)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    scale = 100 if binary else 1
    ends = [each * scale for row in listed for each in (*row.estimate.interval(), row.estimate.effect)]
    reach = theme.span(ends, include=(0.0,))
    for place, row in enumerate(listed):
        _draw(shown, row, -place, reach, scale, colours, main, narrow)
    shown.update_xaxes(range=reach, showgrid=False, nticks=7)
    shown.update_yaxes(range=[-len(listed) + 0.6, 0.8], visible=False)
    outcome = shorten(main.spec.question.outcome, 28)
    unit = axis_unit(binary)
    noun = "Change" if effect_noun(main) == "effect" else "Difference"
    return theme.frame(
        shown,
        title=_title(main, binary, narrow),
        alt=_alt(listed, main),
        height=ROW_HEIGHT * len(listed),
        x_title=f"{noun} in {outcome}{unit} ({percent(main.estimate.confidence)} intervals)",
        title_lines=TITLE_LINES,
        narrow=narrow,
    )


def rows(analyses: Sequence[Analysis], chosen: str | None = None) -> list[dict[str, Any]]:
    """The table behind the forest: method, effect, standard error, interval, units; None where a method has none."""
    main = _chosen(analyses, chosen)
    return [
        {
            "method": row.label,
            "effect": row.estimate.effect,
            "std_error": _known(row.estimate.std_error),
            "low": _known(row.estimate.interval()[0]),
            "high": _known(row.estimate.interval()[1]),
            "units": row.estimate.n,
            "chosen": row.chosen,
        }
        for row in _rows(analyses, main)
    ]


def _chosen(analyses: Sequence[Analysis], chosen: str | None) -> Analysis:
    if not analyses:
        raise OptionProblem("There is no answer to draw yet: choose a method and answer the question first.")
    if chosen is None:
        return analyses[0]
    for each in analyses:
        if each.spec.method == chosen:
            return each
    known = ", ".join(each.spec.method for each in analyses)
    raise OptionProblem(f'The method "{chosen}" has not been answered. There is an answer by: {known}.')


def _rows(analyses: Sequence[Analysis], main: Analysis) -> list[_Row]:
    naive = next((each for each in analyses if each.spec.method == "difference_in_means"), None)
    first = _Row(NAIVE_LABEL, main.naive if naive is None else naive.estimate, naive is main, True)
    others = [_Row(_label(each), each.estimate, each is main, False) for each in analyses if each is not naive]
    return [first, *others]


def _label(analysis: Analysis) -> str:
    """The method's name, with a dagger where it answers for others than asked: `other_populations` says for whom."""
    return method_label(analysis.method) + (f" {DAGGER}" if answers_for_others(analysis) else "")


def _draw(
    shown: Figure,
    row: _Row,
    y: float,
    reach: tuple[float, float],
    scale: float,
    colours: theme.Palette,
    main: Analysis,
    narrow: bool,
) -> None:
    """The label and the digits above, the interval below: one column, so that it fits a phone."""
    binary = scale_of(main)
    colour = colours.chosen if row.chosen else colours.muted
    low, high = row.estimate.interval()
    effect = row.estimate.effect * scale
    if not isnan(low):
        shown.add_scatter(
            x=[low * scale, high * scale],
            y=[y, y],
            mode="lines",
            line={"color": colour, "width": 4 if row.chosen else 2.5},
            hoverinfo="skip",
        )
    shown.add_scatter(
        x=[effect],
        y=[y],
        mode="markers",
        marker={
            "color": colour,
            "size": 13 if row.chosen else 10,
            "symbol": "diamond-open" if row.naive and not row.chosen else "diamond" if row.naive else "circle",
            "line": {"width": 2, "color": colour},
        },
        name=html(row.label),
        hovertext=[theme.hover(_hover(row, binary, main))],
        hoverinfo="text",
    )
    text = effect_text(main, row.estimate, short=True)
    label = shorten(row.label, max(NARROW_ROOM - len(text), 14) if narrow else 60)
    theme.labelled_row(shown, y, reach, (label, text), colours, row.chosen, zero=0.0)


def _hover(row: _Row, binary: Binary, main: Analysis) -> str:
    low, high = row.estimate.interval()
    outcome = shorten(main.spec.question.outcome, 40)
    moves = "changes" if effect_noun(main) == "effect" and not row.naive else "differs"
    sentence = f"{row.label}: {outcome} {moves} by {change_text(row.estimate.effect, binary)}"
    if isnan(low):
        return sentence + "; this method gives no interval."
    level = percent(row.estimate.confidence)
    return f"{sentence}, {level} interval {interval(low, high, binary)}. All digits: {all_digits(row.estimate.effect)}."


def _title(main: Analysis, binary: Binary, narrow: bool) -> str:
    if not main.method.adjusts or direction(main.estimate) == "unknown":
        return finding(main)
    both = f"{finding(main)}; unadjusted it looks like {change_text(main.naive.effect, binary, short=True)}"
    return both if theme.fits(both, TITLE_LINES, narrow) else finding(main)


def _alt(listed: Sequence[_Row], main: Analysis) -> str:
    parts = [f"{row.label} {effect_text(main, row.estimate, short=True)}" for row in listed]
    ways = counted(len(listed), "row")
    return f"Forest plot of the {effect_noun(main)} in {main.spec.question.outcome}, {ways}: {'; '.join(parts)}."


def _known(value: float) -> float | None:
    return None if isnan(value) else value
