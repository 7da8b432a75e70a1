"""The effect as a waterfall: what goes around the mediators, what goes through them, and the two together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.mediation import effects_of, mediators_of, part_text, parts_finding, parts_sentence
from causal.wording.numbers import axis_unit, percent
from causal.wording.phrases import scale_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.estimators.mediation_effects import Part

ROW_HEIGHT = 56
BAR = 0.34


@dataclass(frozen=True)
class _Bar:
    """`name`: the term of art; `start`: where the bar begins, in units of the outcome."""

    label: str
    name: str
    sentence: str
    part: Part
    start: float
    colour: str


def mediation(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """Three bars, the second beginning where the first ends, each with its interval. `narrow`: for a phone.

    Raises OptionProblem where the method splits nothing.
    """
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    scale = 100 if scale_of(analysis) else 1
    bars = _bars(analysis, colours)
    ends = [scale * (bar.start + end) for bar in bars for end in (0.0, bar.part.effect, *_interval(analysis, bar))]
    reach = theme.span(ends, include=(0.0,), room=0.1)
    for place, bar in enumerate(bars):
        _draw(shown, analysis, bar, -place, scale, colours)
        label = shorten(bar.label, 24) if narrow else shorten(f"{bar.label} {bar.name}", 60)
        texts = label, part_text(analysis, bar.part, short=True)
        theme.labelled_row(shown, -place, reach, texts, colours, strong=place == 2, zero=0.0)
    step = scale * bars[0].part.effect
    shown.add_shape(
        type="line", x0=step, x1=step, y0=-BAR / 2, y1=-1 + BAR / 2, line={"color": colours.line, "width": 1.5}
    )
    shown.update_xaxes(range=reach, showgrid=False, nticks=6)
    shown.update_yaxes(range=[-len(bars) + 0.6, 0.8], visible=False)
    unit = axis_unit(scale_of(analysis))
    return theme.frame(
        shown,
        title=parts_finding(analysis),
        alt=f"Waterfall of the effect in three bars. {parts_sentence(analysis)}",
        height=ROW_HEIGHT * len(bars),
        x_title=f"Change in {shorten(analysis.spec.question.outcome, 28)}{unit} "
        f"({percent(analysis.estimate.confidence)} intervals)",
        title_lines=3,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the picture: every part, with its standard error and interval.

    Raises OptionProblem where the method splits nothing.
    """
    found, level = effects_of(analysis), analysis.estimate.confidence
    named = {
        "direct (mediators as under control)": found.direct,
        "indirect (rest as under treatment)": found.total_indirect,
        "total": found.total,
        "direct (mediators as under treatment)": found.total_direct,
        "indirect (rest as under control)": found.indirect,
        "direct, average of both": found.average_direct,
        "indirect, average of both": found.average_indirect,
    }
    return [
        {
            "part": name,
            "effect": part.effect,
            "std_error": part.std_error,
            "low": part.interval(level)[0],
            "high": part.interval(level)[1],
        }
        for name, part in named.items()
    ]


def _bars(analysis: Analysis, colours: theme.Palette) -> tuple[_Bar, _Bar, _Bar]:
    found, names = effects_of(analysis), mediators_of(analysis)
    through = theme.ROLE_COLOURS["mediator"]
    return (
        _Bar(
            f"Around {names}",
            "(direct)",
            f"With {names} as under control, the treatment alone changes it by",
            found.direct,
            0.0,
            colours.control,
        ),
        _Bar(
            f"Through {names}",
            "(indirect)",
            f"The change of {names} that the treatment brings changes it by",
            found.total_indirect,
            found.direct.effect,
            through,
        ),
        _Bar("Together", "(total)", "In all, the treatment changes it by", found.total, 0.0, colours.chosen),
    )


def _interval(analysis: Analysis, bar: _Bar) -> tuple[float, float]:
    return bar.part.interval(analysis.estimate.confidence)


def _draw(shown: Figure, analysis: Analysis, bar: _Bar, y: float, scale: float, colours: theme.Palette) -> None:
    low, high = _interval(analysis, bar)
    shown.add_bar(
        x=[scale * bar.part.effect],
        y=[y],
        base=[scale * bar.start],
        width=[BAR],
        orientation="h",
        marker={"color": bar.colour},
        error_x={
            "type": "data",
            "symmetric": True,
            "array": [scale * (high - low) / 2],
            "color": colours.text,
            "thickness": 2,
            "width": 5,
        },
        hovertext=[theme.hover(f"{bar.sentence} {part_text(analysis, bar.part)}.")],
        hoverinfo="text",
    )
