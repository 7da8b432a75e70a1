"""The effect within each stratum of the propensity, with how many units it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, change_text, count, counted, percent
from causal.wording.phrases import level_phrase, scale_of
from causal.wording.sentences import effect_noun

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.estimators.stratification import Stratum

ROW_HEIGHT = 46
SMALLEST_MARKER, LARGEST_MARKER = 8, 20


def strata(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per stratum, the lowest propensities on top; the marker's area is the number of units.

    A stratum whose effect points the other way is a square. `narrow`: for a phone.

    Raises OptionProblem where the method forms no strata.
    """
    listed = _strata(analysis)
    binary = scale_of(analysis)
    scale = 100 if binary else 1
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    largest = max(each.control + each.treated for each in listed)
    reach = theme.span([scale * each.effect for each in listed], include=(0.0,))
    for place, stratum in enumerate(listed):
        _draw(shown, analysis, stratum, -place, reach, scale, largest, colours)
    shown.update_xaxes(range=reach, nticks=6, showgrid=False)
    shown.update_yaxes(range=[-len(listed) + 0.6, 0.8], visible=False)
    unit = axis_unit(binary)
    noun = "Change" if effect_noun(analysis) == "effect" else "Difference"
    title = _title(analysis, listed, binary)
    return theme.frame(
        shown,
        title=title,
        alt=f"{effect_noun(analysis).capitalize()} within {len(listed)} strata of the propensity. {title}.",
        height=ROW_HEIGHT * len(listed),
        x_title=f"{noun} in {shorten(analysis.spec.question.outcome, 28)}{unit}",
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the picture, one row per stratum.

    Raises OptionProblem where the method forms no strata.
    """
    return [
        {
            "from": each.low,
            "to": each.high,
            "control": each.control,
            "treated": each.treated,
            "control_mean": each.control_mean,
            "treated_mean": each.treated_mean,
            "effect": each.effect,
        }
        for each in _strata(analysis)
    ]


def _strata(analysis: Analysis) -> tuple[Stratum, ...]:
    if not analysis.strata:
        raise OptionProblem(
            f"{analysis.method.title} forms no strata, so there are none to draw. "
            "Answer with stratification as well, and look there."
        )
    return analysis.strata


def _draw(
    shown: Figure,
    analysis: Analysis,
    stratum: Stratum,
    y: float,
    ends: tuple[float, float],
    scale: float,
    largest: int,
    colours: theme.Palette,
) -> None:
    binary = scale_of(analysis)
    units = stratum.control + stratum.treated
    effect = change_text(stratum.effect, binary, short=True)
    reach = f"{percent(stratum.low)} to {percent(stratum.high)}"
    sentence = (
        f"Among {counted(units, 'unit')} with a chance of treatment of {reach}, the {effect_noun(analysis)} is "
        f"{change_text(stratum.effect, binary)}: {count(stratum.treated)} {level_phrase(analysis, 'treated')}, "
        f"{count(stratum.control)} {level_phrase(analysis, 'control')}."
    )
    agrees = stratum.effect * analysis.estimate.effect >= 0
    shown.add_scatter(
        x=[scale * stratum.effect],
        y=[y],
        mode="markers",
        marker={
            "size": max(LARGEST_MARKER * (units / largest) ** 0.5, SMALLEST_MARKER),
            "color": colours.treated if agrees else colours.caution,
            "symbol": "circle" if agrees else "square",
        },
        hovertext=[theme.hover(sentence)],
        hoverinfo="text",
    )
    theme.labelled_row(shown, y, ends, (f"chance {reach}", f"{effect}, {counted(units, 'unit')}"), colours, zero=0.0)


def _title(analysis: Analysis, listed: tuple[Stratum, ...], binary: Binary) -> str:
    above = sum(each.effect > 0 for each in listed)
    outcome = shorten(analysis.spec.question.outcome, 28)
    total = len(listed)
    if above == total:
        return f"{outcome} is higher {level_phrase(analysis, 'treated')} in all {total} strata"
    if above == 0:
        return f"{outcome} is lower {level_phrase(analysis, 'treated')} in all {total} strata"
    return f"{outcome} is higher {level_phrase(analysis, 'treated')} in {above} of {total} strata, lower in the others"
