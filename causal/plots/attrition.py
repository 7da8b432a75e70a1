"""The way from a log's rows to the units compared, as a funnel: what stays is solid, what a step leaves out hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.numbers import count
from causal.wording.units import attrition_finding, step_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.logs.attrition import Attrition, AttritionStep

_ROW = 46
_START = "rows of the log"


def attrition(found: Attrition, dark: bool = False, narrow: bool = False) -> Figure:
    """One bar per step, events as a share of the log's rows, units as a share of those found in the events."""
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    steps = list(found.steps)
    places = list(range(len(steps), -1, -1))
    stays, lost = _shares(found)
    hovers = [f"{count(found.start)} {_START}.", *(step_sentence(each) for each in steps)]
    for widths, colour, pattern in ((stays, colours.treated, ""), (lost, colours.control, "/")):
        shown.add_bar(
            x=widths,
            y=places,
            orientation="h",
            width=0.34,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 5}, "line": {"width": 0}},
            hovertext=[theme.hover(each) for each in hovers],
            hoverinfo="text",
        )
    texts = [(_START, count(found.start)), *(_label(each) for each in steps)]
    for place, pair in zip(places, texts, strict=True):
        theme.end_labels(shown, (0, 100), place + 0.38, pair, colours)
    shown.update_layout(barmode="stack")
    shown.update_xaxes(range=[0, 100], tickvals=[0, 50, 100], ticktext=["0 %", "50 %", "100 %"])
    shown.update_yaxes(range=[-0.4, len(steps) + 0.75], visible=False)
    return theme.frame(
        shown,
        title=attrition_finding(found),
        alt="Funnel from rows to units. " + " ".join(hovers),
        height=_ROW * (len(steps) + 1),
        x_title="Share of the log's rows, then of the units found; hatched: left out at this step",
        title_lines=3,
        narrow=narrow,
    )


def rows(found: Attrition) -> list[dict[str, Any]]:
    """The table behind the picture: one row per step."""
    first = {"of": "events", "step": _START, "removed": 0, "left": found.start}
    return [first, *({"of": e.of, "step": e.step, "removed": e.removed, "left": e.left} for e in found.steps)]


def _shares(found: Attrition) -> tuple[list[float], list[float]]:
    units = max((each.left for each in found.steps if each.of == "units"), default=1) or 1
    whole = {"events": found.start or 1, "units": units}
    stays = [100.0, *(100 * each.left / whole[each.of] for each in found.steps)]
    return stays, [0.0, *(100 * each.removed / whole[each.of] for each in found.steps)]


def _label(step: AttritionStep) -> tuple[str, str]:
    if step.step.startswith("found"):
        return f"{step.of} {step.step}", count(step.left)
    return f"− {step.of} {step.step}", f"−{count(step.removed)} → {count(step.left)}"
