"""The chance of treatment by arm, mirrored: treated above the line, control below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.escape import html
from causal.wording.numbers import counted, percent
from causal.wording.phrases import ARMS, Arm, level_of, level_phrase, level_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.checks.overlap import PropensityHistogram

LOW, HIGH = 0.1, 0.9


def overlap(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """Shares of each arm's units by propensity, the zones beyond 0.1 and 0.9 shaded; `narrow`: for a phone.

    Raises OptionProblem where the method fits no propensity.
    """
    histogram = _histogram(analysis)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    for x0, x1 in ((0, LOW), (HIGH, 1)):
        shown.add_vrect(x0=x0, x1=x1, fillcolor=theme.translucent(colours.caution, 0.1), line_width=0, layer="below")
    shares = {arm: _shares(getattr(histogram, arm)) for arm in ARMS}
    widths = [high - low for low, high in zip(histogram.edges, histogram.edges[1:], strict=False)]
    centres = [(low + high) / 2 for low, high in zip(histogram.edges, histogram.edges[1:], strict=False)]
    for arm, sign, colour, shape in zip(ARMS, (1, -1), (colours.treated, colours.control), ("", "/"), strict=True):
        shown.add_bar(
            x=centres,
            y=[sign * share * 100 for share in shares[arm]],
            width=[each * 0.92 for each in widths],
            name=html(level_phrase(analysis, arm), 30),
            marker={"color": colour, "line": {"width": 0}, "pattern": {"shape": shape, "size": 5, "solidity": 0.25}},
            hovertext=[theme.hover(each) for each in _hovers(analysis, histogram, arm)],
            hoverinfo="text",
            textposition="none",
        )
    highest = max(*shares["treated"], *shares["control"], 0.001) * 100
    shown.add_hline(y=0, line={"color": colours.line, "width": 1})
    shown.update_xaxes(
        range=[0, 1],
        tickvals=[LOW, 0.3, 0.5, 0.7, HIGH],
        ticktext=[percent(each) for each in (LOW, 0.3, 0.5, 0.7, HIGH)],
        showgrid=False,
    )
    ticks = _ticks(highest)
    shown.update_yaxes(
        range=[-1.08 * highest, 1.08 * highest], tickvals=ticks, ticktext=[f"{abs(each):g} %" for each in ticks]
    )
    shown.update_layout(barmode="overlay", bargap=0)
    return theme.frame(
        shown,
        title=_title(analysis),
        alt=_alt(analysis),
        height=280,
        x_title=f"Chance of {_treated(analysis)}, given the covariates",
        y_title="Share of the arm's units",
        title_lines=3,
        left=62,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the plot: one row per bin with the units of each arm.

    Raises OptionProblem where the method fits no propensity.
    """
    histogram = _histogram(analysis)
    return [
        {"from": low, "to": high, "treated": treated, "control": control}
        for low, high, treated, control in zip(
            histogram.edges, histogram.edges[1:], histogram.treated, histogram.control, strict=False
        )
    ]


def _histogram(analysis: Analysis) -> PropensityHistogram:
    histogram = analysis.overlap.propensity_histogram
    if histogram is None:
        raise OptionProblem(
            f"{analysis.method.title} fits no propensity, so there is no overlap to draw. "
            "Answer with doubly robust or weighting as well, and look there."
        )
    return histogram


def _shares(counts: tuple[int, ...]) -> list[float]:
    total = sum(counts) or 1
    return [each / total for each in counts]


def _hovers(analysis: Analysis, histogram: PropensityHistogram, arm: Arm) -> list[str]:
    counts: tuple[int, ...] = getattr(histogram, arm)
    total = sum(counts) or 1
    who = level_phrase(analysis, arm)
    return [
        f"{counted(each, 'unit')} {who} ({percent(each / total)} of them) had a chance of {percent(low)} to "
        f"{percent(high)} of {_treated(analysis)}."
        for each, low, high in zip(counts, histogram.edges, histogram.edges[1:], strict=False)
    ]


def _treated(analysis: Analysis) -> str:
    level = level_of(analysis, "treated")
    phrase = level_phrase(analysis, "treated").removeprefix("with ")
    return phrase if isinstance(level, str) else f"{analysis.spec.question.treatment} at {level_text(level)}"


def _title(analysis: Analysis) -> str:
    beyond = analysis.overlap.share_beyond
    if beyond is None or beyond <= 0:
        return "By the propensity model every unit had a chance of both arms between 10 % and 90 %"
    return f"{percent(beyond)} of the units had less than a 10 % chance of one of the arms"


def _alt(analysis: Analysis) -> str:
    extremes = analysis.overlap.propensity_range
    reach = "" if extremes is None else f" The chances range from {percent(extremes[0])} to {percent(extremes[1])}."
    return f"Mirrored histogram of the chance of {_treated(analysis)} by arm. {_title(analysis)}.{reach}"


def _ticks(highest: float) -> list[float]:
    step = next((each for each in (0.5, 1, 2, 5, 10, 20, 25, 50) if highest / each <= 3), 50)
    steps = int(highest / step)
    return [place * step for place in range(-steps, steps + 1)]
