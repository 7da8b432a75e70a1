"""Effects by every specification, from the smallest to the largest, and below which choices each of them took."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import html, shorten
from causal.wording.specification_curve import (
    DIMENSION_TITLES,
    answer_sentence,
    curve_finding,
    curve_title,
    option_label,
    unit_text,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.specification_curve import SpecificationAnswer, SpecificationCurve
    from causal.effects.specifications import Dimension

EFFECTS = 250
"""Pixels for the effects; each option below has `ROW`."""

ROW = 19
GAP = 26


def specification_curve(curve: SpecificationCurve, dark: bool = False, narrow: bool = False) -> Figure:
    """Dots with intervals above, lit cells below; what fails a check is grey, the analysis's own is a diamond.

    `narrow`: for a phone. Raises OptionProblem where no specification has an answer.
    """
    shown_answers = _sorted(curve)
    if not shown_answers:
        raise OptionProblem("No specification has an answer yet, so there is no curve to draw.")
    colours, shown = theme.palette(dark), theme.figure(dark)
    listed = _options(curve)
    cells = ROW * len(listed) + GAP
    split = cells / (EFFECTS + cells)
    _effects(shown, curve, shown_answers, colours)
    _cells(shown, curve, shown_answers, listed, colours)
    scale = _scale(curve)
    ends = [scale * each for answered in shown_answers for each in curve.scaled(answered) if not isnan(each)]
    found = theme.frame(
        shown,
        title=curve_title(curve),
        alt=f"Specification curve. {curve_finding(curve)}",
        height=EFFECTS + cells,
        x_title="Specifications, from the smallest effect to the largest",
        title_lines=3,
        left=122 if narrow else 210,
        narrow=narrow,
    )
    limit = 15 if narrow else 28
    ticks = [html(shorten(text, limit)) for _, _, text in listed]
    found.update_layout(
        xaxis={"range": [-1, len(shown_answers)], "showgrid": False, "showticklabels": False, "anchor": "y2"},
        yaxis={
            "domain": [split, 1],
            "range": theme.span(ends, include=(0.0,)),
            "title": {"text": html(f"Effect on {unit_text(curve)}", 36)},
            "nticks": 5,
        },
        yaxis2={
            "domain": [0, split - GAP / (2 * (EFFECTS + cells))],
            "range": [-len(listed) + 0.4, 0.6],
            "tickvals": [-place for place in range(len(listed))],
            "ticktext": ticks,
            "showgrid": False,
            "fixedrange": True,
        },
    )
    found.add_hline(y=0, line={"color": colours.line, "width": 1.5}, layer="below")
    _separators(found, listed, colours)
    return found


def rows(curve: SpecificationCurve) -> list[dict[str, Any]]:
    """The table behind the picture: every specification, those without an answer last."""
    without = [each for each in curve.answers if not _has_answer(each)]
    return [_row(curve, each) for each in (*_sorted(curve), *without)]


def _row(curve: SpecificationCurve, answered: SpecificationAnswer) -> dict[str, Any]:
    picks = curve.specifications[answered.place].picks
    effect, low, high = (None if isnan(each) else each for each in curve.scaled(answered))
    return {
        **{
            title.lower(): option_label(curve, name, pick)
            for (name, title), pick in zip(DIMENSION_TITLES.items(), picks, strict=True)
        },
        "effect": effect,
        "low": low,
        "high": high,
        "units": answered.units or None,
        "fails": ", ".join(answered.failed) or answered.error,
        "this analysis": answered.place == 0,
    }


def _sorted(curve: SpecificationCurve) -> list[SpecificationAnswer]:
    return sorted((each for each in curve.answers if _has_answer(each)), key=lambda each: curve.scaled(each)[0])


def _has_answer(answered: SpecificationAnswer) -> bool:
    return not answered.error and not isnan(answered.effect)


def _scale(curve: SpecificationCurve) -> float:
    return 100 if curve.outcome_is_binary and not curve.in_deviations else 1


def _options(curve: SpecificationCurve) -> list[tuple[Dimension, int, str]]:
    """Every option of the dimensions in which there is a choice, in their order."""
    return [
        (name, pick, option_label(curve, name, pick))
        for name in DIMENSION_TITLES
        for pick in range(len(curve.choices.of(name)))
        if len(curve.choices.of(name)) > 1
    ]


def _effects(
    shown: Figure, curve: SpecificationCurve, listed: list[SpecificationAnswer], colours: theme.Palette
) -> None:
    """Intervals as one broken line per group, so that hundreds of them draw at once; then the dots."""
    scale = _scale(curve)
    size = 7 if len(listed) <= 120 else 4
    for group, colour, symbol, bigger in (
        ("grey", colours.line, "circle", 0),
        ("sound", colours.treated, "circle", 0),
        ("own", colours.caution, "diamond", 6),
    ):
        chosen = [(place, each) for place, each in enumerate(listed) if _group(each) == group]
        if not chosen:
            continue
        lines_x = [value for place, _ in chosen for value in (place, place, None)]
        lines_y = [
            value
            for _, each in chosen
            for value in (scale * curve.scaled(each)[1], scale * curve.scaled(each)[2], None)
        ]
        shown.add_scatter(
            x=lines_x,
            y=lines_y,
            mode="lines",
            line={"color": theme.translucent(colour, 0.45), "width": 1.5 + bigger / 4},
            hoverinfo="skip",
            showlegend=False,
        )
        shown.add_scatter(
            x=[place for place, _ in chosen],
            y=[scale * curve.scaled(each)[0] for _, each in chosen],
            mode="markers",
            marker={"color": colour, "size": size + bigger, "symbol": symbol},
            hovertext=[theme.hover(answer_sentence(curve, each)) for _, each in chosen],
            hoverinfo="text",
            showlegend=False,
        )


def _group(answered: SpecificationAnswer) -> str:
    if answered.place == 0:
        return "own"
    return "sound" if answered.is_sound else "grey"


def _cells(
    shown: Figure,
    curve: SpecificationCurve,
    listed: list[SpecificationAnswer],
    options: list[tuple[Dimension, int, str]],
    colours: theme.Palette,
) -> None:
    """A tick where a specification took the option of the row."""
    order, width = list(DIMENSION_TITLES), 2 if len(listed) <= 200 else 1
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for place, each in enumerate(listed):
        colour = colours.caution if each.place == 0 else colours.treated if each.is_sound else colours.line
        xs, ys = groups.setdefault(colour, ([], []))
        picks = curve.specifications[each.place].picks
        for row, (name, pick, _) in enumerate(options):
            if picks[order.index(name)] == pick:
                xs.append(place)
                ys.append(-row)
    for colour, (xs, ys) in groups.items():
        shown.add_scatter(
            x=xs,
            y=ys,
            yaxis="y2",
            mode="markers",
            marker={
                "symbol": "line-ns",
                "size": 11,
                "line": {"width": width, "color": colour},
            },
            hoverinfo="skip",
            showlegend=False,
        )


def _separators(shown: Figure, options: list[tuple[Dimension, int, str]], colours: theme.Palette) -> None:
    """A line above the first option of each dimension."""
    for row, (name, _, _) in enumerate(options):
        if row == 0 or options[row - 1][0] != name:
            y = -row + 0.5
            shown.add_shape(
                type="line", x0=0, x1=1, xref="paper", y0=y, y1=y, yref="y2", line={"color": colours.grid, "width": 1}
            )
