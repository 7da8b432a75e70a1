"""How often units serve as a match for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.numbers import count, counted
from causal.wording.phrases import Arm, level_phrase

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.analysis import Analysis
    from causal.estimators.match_summary import MatchSummary, Reuse

HEIGHT = 200
ARMS: tuple[Arm, Arm] = ("control", "treated")


def reuse(analysis: Analysis, dark: bool = False, narrow: bool = False) -> Figure:
    """A bar for each number of times served, with the units of each arm that serve so often. `narrow`: for a phone.

    Raises OptionProblem where the method matches no units.
    """
    summary = _summary(analysis)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    labels = [_times(each) for each in summary.reuse]
    for arm, colour in zip(ARMS, (colours.control, colours.treated), strict=True):
        sizes = [getattr(each, arm) for each in summary.reuse]
        if any(sizes):
            shown.add_bar(
                x=labels,
                y=sizes,
                name=level_phrase(analysis, arm),
                marker={"color": colour, "pattern": {"shape": "/" if arm == "control" else "", "size": 5}},
                hovertext=[
                    theme.hover(f"{counted(size, 'unit')} {level_phrase(analysis, arm)} serve {_served(each)}.")
                    for size, each in zip(sizes, summary.reuse, strict=True)
                ],
                hoverinfo="text",
            )
    shown.update_layout(barmode="group", bargap=0.3)
    shown.update_xaxes(type="category")
    title = _title(summary)
    return theme.frame(
        shown,
        title=title,
        alt=f"Units by how often they serve as a match. {title}.",
        height=HEIGHT,
        x_title="Times that a unit serves as a match",
        y_title="Units",
        left=66,
        legend_lines=1,
        narrow=narrow,
    )


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """The table behind the picture, one row per number of times.

    Raises OptionProblem where the method matches no units.
    """
    return [
        {"times": _times(each), "control": each.control, "treated": each.treated} for each in _summary(analysis).reuse
    ]


def _summary(analysis: Analysis) -> MatchSummary:
    if analysis.matches is None:
        raise OptionProblem(f"{analysis.method.title} matches no units. Answer with matching as well, and look there.")
    return analysis.matches


def _times(each: Reuse) -> str:
    if each.least == each.most:
        return "never" if each.most == 0 else count(each.least)
    return f"{each.least} or more" if each.most >= 10**9 else f"{each.least} to {each.most}"


def _served(each: Reuse) -> str:
    if each.most == 0:
        return "no one as a match"
    return "once" if each.most == 1 else f"{_times(each)} times"


def _title(summary: MatchSummary) -> str:
    matched = count(summary.matched) if summary.matched == summary.asked else f"{count(summary.matched)} of the"
    asked = counted(summary.asked, "unit") if summary.matched < summary.asked else "units"
    busiest = "none of them twice" if summary.busiest <= 1 else f"the busiest {_plain(summary.busiest)} times"
    return f"{matched} {asked} have a match; {count(summary.donors)} serve as one, {busiest}"


def _plain(times: float) -> str:
    return f"{times:,.1f}".removesuffix(".0")
