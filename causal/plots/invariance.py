"""How far CFI falls at each level of equality across groups, beside the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.invariance import invariance_finding, step_name, step_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.structural.invariance import Invariance

LIMIT = 0.01
SYMBOLS = {"holds": "circle", "in doubt": "diamond-open", "fails": "x"}
ROW_HEIGHT = 56


def invariance_steps(found: Invariance, dark: bool = False, narrow: bool = False) -> Figure:
    """A row per level that holds something equal; the sign says whether it holds, is in doubt or fails."""
    colours, shown = theme.palette(dark), theme.figure(dark)
    steps = found.steps[1:]
    falls = [before.measures.cfi - each.measures.cfi for before, each in zip(found.steps, steps, strict=False)]
    told = [step_sentence(each, before) for before, each in zip(found.steps, steps, strict=False)]
    widest = max([LIMIT * 1.6, *(fall * 1.25 for fall in falls)])
    for place, (step, fall) in enumerate(zip(steps, falls, strict=True)):
        standing = step.standing or "holds"
        shown.add_scatter(
            x=[fall],
            y=[-place],
            mode="markers+text",
            marker={
                "symbol": SYMBOLS[standing],
                "size": 13,
                "color": colours.treated if standing == "holds" else colours.caution,
                "line": {"width": 2},
            },
            text=[f" {standing}"],
            textposition="middle right" if fall < 0.7 * widest else "middle left",
            hovertext=[theme.hover(told[place])],
            hoverinfo="text",
            showlegend=False,
        )
        shown.add_annotation(
            x=0,
            xref="paper",
            y=-place + 0.32,
            text=step_name(step),
            showarrow=False,
            xanchor="left",
            font={"size": 12},
            bgcolor="#14181D" if dark else "#FFFFFF",
        )
    shown.add_vline(x=LIMIT, line={"dash": "dash", "width": 1.5, "color": colours.muted})
    shown.update_yaxes(visible=False, range=[-len(steps) + 0.65, 0.6])
    shown.update_xaxes(range=[min(-0.002, *falls) - 0.001, widest], zeroline=True)
    return theme.frame(
        shown,
        title=invariance_finding(found),
        alt="Fall of CFI at each level of equality. " + " ".join(told),
        height=40 + ROW_HEIGHT * len(steps),
        x_title="Fall of CFI beside the level before (dashed: the limit of 0.01)",
        title_lines=4,
        left=20,
        narrow=narrow,
    )


def step_rows(found: Invariance) -> list[dict[str, Any]]:
    """Every level, as a table."""
    return [
        {
            "level": step_name(each),
            "chi_square": each.measures.chi2,
            "df": each.measures.df,
            "cfi": each.measures.cfi,
            "rmsea": each.measures.rmsea,
            "srmr": each.measures.srmr,
            "difference": None if each.difference is None else each.difference.adjusted,
            "difference_df": None if each.difference is None else each.difference.df,
            "p": None if each.difference is None else each.difference.p_value,
            "standing": each.standing,
        }
        for each in found.steps
    ]
