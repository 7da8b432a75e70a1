"""Regions without overlap: how rare the absent arm is there, beside all units and what the propensity model says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.errors import OptionProblem
from causal.plots import theme
from causal.wording.numbers import percent
from causal.wording.positivity import arm_text, positivity_finding, positivity_title, region_text, rule_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.positivity import Positivity

ROW_HEIGHT = 62


def overlap_regions(found: Positivity, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per rule: the share counted there with its upper bound, and the mean propensity; `narrow`: for a phone.

    Raises OptionProblem where no rule was found.
    """
    rules = found.regions.rules
    if not rules:
        raise OptionProblem("No region without overlap was found, so there is nothing to draw.")
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    counted = [100 * rule.honest_others / rule.honest_units for rule in rules]
    highest = max(*(100 * rule.upper for rule in rules), *(100 * (rule.fitted or 0.0) for rule in rules), 5.0)
    ends = (-0.02 * highest, 1.08 * highest)
    for place, rule in enumerate(rules):
        texts = (region_text(rule), f"{percent(rule.others / rule.units)} {arm_text(found, rule.absent)}")
        theme.labelled_row(shown, -place, ends, _shortened(texts, narrow), colours)
    hovers = [theme.hover(rule_sentence(found, rule)) for rule in rules]
    places = [-place for place in range(len(rules))]
    shown.add_scatter(
        x=counted,
        y=places,
        mode="markers",
        name="counted, with its upper bound",
        marker={"symbol": "circle", "size": 11, "color": colours.caution},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * rule.upper - each for rule, each in zip(rules, counted, strict=True)],
            "arrayminus": [0.0] * len(rules),
            "color": colours.caution,
            "thickness": 2,
            "width": 5,
        },
        hovertext=hovers,
        hoverinfo="text",
    )
    fitted = [(place, 100 * rule.fitted) for place, rule in zip(places, rules, strict=True) if rule.fitted is not None]
    if fitted:
        shown.add_scatter(
            x=[share for _, share in fitted],
            y=[place for place, _ in fitted],
            mode="markers",
            name="by the propensity model",
            marker={"symbol": "diamond-open", "size": 11, "color": colours.treated, "line": {"width": 2}},
            hovertext=hovers,
            hoverinfo="text",
        )
    shown.update_xaxes(range=list(ends), ticksuffix=" %", nticks=6)
    shown.update_yaxes(range=[-len(rules) + 0.45, 0.7], visible=False)
    return theme.frame(
        shown,
        title=positivity_title(found),
        alt=f"Regions without overlap. {positivity_finding(found)}",
        height=ROW_HEIGHT * len(rules) + 16,
        x_title="Share of the region's units that have the rare arm",
        title_lines=3,
        legend_lines=2 if narrow else 1,
        narrow=narrow,
    )


def _shortened(texts: tuple[str, str], narrow: bool) -> tuple[str, str]:
    from causal.wording.escape import shorten

    left, right = texts
    return (shorten(left, 34), shorten(right, 16)) if narrow else (shorten(left, 80), shorten(right, 40))
