"""Who benefits: curves over the share treated by rank, rules with effects, a curve over a quantity, the profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from causal.effects.score_means import rows_told
from causal.plots import theme
from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording import benefit as wording
from causal.wording.escape import shorten
from causal.wording.numbers import axis_unit, change_text, interval, number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.effects.effect_differences import EffectDifferences
    from causal.effects.effect_projection import EffectCurve
    from causal.effects.effect_tree import EffectTree
    from causal.effects.priority import EffectProfile, PriorityCurve
    from causal.effects.score_means import Measured
    from causal.effects.unit_effects import UnitEffects


def toc(
    found: UnitEffects, curve: PriorityCurve, differences: EffectDifferences, dark: bool = False, narrow: bool = False
) -> Figure:
    """The effect on those ranked highest beyond that on all, over their share."""
    return _curve(
        found,
        [100 * each for each in curve.shares],
        curve.toc,
        lambda place: wording.toc_sentence(found, curve, place),
        ([0.0, 100.0], [0.0, 0.0], "the effect on all"),
        title=wording.toc_title(differences),
        alt=f"TOC curve. {wording.rate_sentence(found, curve)}",
        x_title="Share ranked highest, per cent of units",
        y_title=f"Effect beyond that on all{axis_unit(wording.scale_of_units(found))}",
        dark=dark,
        narrow=narrow,
    )


def gain(
    found: UnitEffects, curve: PriorityCurve, differences: EffectDifferences, dark: bool = False, narrow: bool = False
) -> Figure:
    """The Qini curve: the gain per unit of all if so many were treated by rank, beside chance."""
    return _curve(
        found,
        [100 * each for each in curve.shares],
        curve.gain,
        lambda place: wording.gain_sentence(found, curve, place),
        ([0.0, 100.0], [0.0, curve.average.value], "as many at random"),
        title=wording.gain_title(curve, differences),
        alt=f"Qini curve. {wording.rate_sentence(found, curve)}",
        x_title="Share treated, per cent of units",
        y_title=f"Gain per unit of all{axis_unit(wording.scale_of_units(found))}",
        dark=dark,
        narrow=narrow,
    )


def effect_curve(
    found: UnitEffects,
    curve: EffectCurve,
    differences: EffectDifferences,
    curves: int = 1,
    dark: bool = False,
    narrow: bool = False,
) -> Figure:
    """The effect over a quantity, one of so many `curves` to look at, with the band of the whole curve."""
    ends, title = [curve.values[0], curve.values[-1]], wording.curve_title(curve, differences, curves)
    return _curve(
        found,
        list(curve.values),
        curve.effects,
        lambda place: wording.curve_sentence(found, curve, place),
        (ends, [curve.average, curve.average], "the effect on all"),
        title=title,
        alt=f"Curve of the effect on {found.outcome} over {curve.by}. {title}.",
        x_title=shorten(curve.by, 40),
        y_title=f"Effect on {shorten(found.outcome, 22)}{axis_unit(wording.scale_of_units(found))}",
        dark=dark,
        narrow=narrow,
    )


def _curve(
    found: UnitEffects,
    x: list[float],
    measured: Sequence[Measured],
    sentence: Callable[[int], str],
    beside: tuple[list[float], list[float], str],
    title: str,
    alt: str,
    x_title: str,
    y_title: str,
    dark: bool,
    narrow: bool,
) -> Figure:
    scale = 100 if found.outcome_is_binary else 1
    colours, shown = theme.palette(dark), theme.figure(dark)
    bands = (
        ([each.joint_interval() for each in measured], 0.12, "whole curve"),
        ([each.interval() for each in measured], 0.25, "at one point"),
    )
    for ends, opacity, name in bands:
        scaled = [(scale * low, scale * high) for low, high in ends]
        fill = theme.translucent(colours.treated, opacity)
        theme.band(shown, x, scaled, fill, f"{percent(found.confidence)}, {name}")
    shown.add_scatter(
        x=x,
        y=[scale * each.value for each in measured],
        mode="lines",
        line={"color": colours.treated, "width": 3},
        showlegend=False,
        hovertext=[theme.hover(sentence(place)) for place in range(len(x))],
        hoverinfo="text",
    )
    shown.add_scatter(
        x=beside[0],
        y=[scale * each for each in beside[1]],
        mode="lines",
        line={"color": colours.muted, "width": 2, "dash": "dot"},
        name=beside[2],
        hoverinfo="skip",
    )
    values = [scale * end for each in measured for end in each.joint_interval()]
    shown.update_yaxes(range=theme.span([*values, *(scale * each for each in beside[1])]), nticks=6)
    return theme.frame(
        shown,
        title=title,
        alt=alt,
        height=290,
        x_title=x_title,
        y_title=y_title,
        title_lines=3,
        left=66,
        legend_lines=3 if narrow else 1,
        narrow=narrow,
    )


def tree(
    found: UnitEffects, grown: EffectTree, differences: EffectDifferences, dark: bool = False, narrow: bool = False
) -> Figure:
    """One row per rule, least effect first."""
    scale = wording.scale_of_units(found)
    rows = [
        IntervalRow(
            label=f"{place}. {wording.leaf_text(leaf)}",
            text=f"{change_text(leaf.effect.value, scale, short=True)} {interval(*leaf.effect.interval(), scale)}",
            hover=wording.leaf_sentence(found, leaf),
            value=leaf.effect.value,
            interval=leaf.effect.interval(),
            joint=leaf.effect.joint_interval(),
            strong=leaf.effect.clear,
        )
        for place, leaf in enumerate(grown.leaves, start=1)
    ]
    return interval_rows(
        rows,
        title=wording.tree_title(grown, differences),
        alt=f"Effects on {found.outcome} by rules. "
        + " ".join(wording.leaf_sentence(found, leaf) for leaf in grown.leaves),
        x_title=f"Change in {shorten(found.outcome, 28)}{axis_unit(scale)} "
        f"(thick: {percent(found.confidence)} alone, thin: all rules at once)",
        binary=scale,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


MOST_ROWS = 12
"""Of a profile, so many columns are drawn; the table has all."""


def profile(found: UnitEffects, told: EffectProfile, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per column: how far the ends of the ranking are apart, in standard deviations of the column."""
    rows = []
    for row in told.rows[:MOST_ROWS]:
        unit = row.standardised / row.difference.value if row.difference.value else 0.0
        low, high = (unit * each for each in row.difference.interval())
        joint = tuple(unit * each for each in row.difference.joint_interval())
        rows.append(
            IntervalRow(
                label=wording.profile_name(row),
                text=f"mean {number(row.bottom)} lowest, {number(row.top)} highest",
                hover=wording.profile_row_sentence(row),
                value=row.standardised,
                interval=(low, high),
                joint=(joint[0], joint[1]),
                strong=row.difference.clear,
            )
        )
    return interval_rows(
        rows,
        title=wording.profile_title(told),
        alt=f"Profile of those ranked highest and lowest by effect on {found.outcome}. {wording.profile_title(told)}.",
        x_title="Highest less lowest, standard deviations",
        binary=False,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def priority_rows(curve: PriorityCurve, name: str) -> list[dict[str, Any]]:
    """The table behind the TOC ("toc") or the Qini curve ("gain")."""
    measured: Sequence[Measured] = getattr(curve, name)
    return [{"share": share, **rows_told(each)} for share, each in zip(curve.shares, measured, strict=True)]


def curve_rows(curve: EffectCurve) -> list[dict[str, Any]]:
    """The table behind the curve over a quantity."""
    return [{curve.by: at, **rows_told(each)} for at, each in zip(curve.values, curve.effects, strict=True)]


def tree_rows(grown: EffectTree) -> list[dict[str, Any]]:
    """The table behind the rules."""
    return [
        {
            "rule": wording.leaf_text(leaf),
            **rows_told(leaf.effect),
            "control_units": leaf.control_units,
            "treated_units": leaf.treated_units,
        }
        for leaf in grown.leaves
    ]


def profile_rows(told: EffectProfile) -> list[dict[str, Any]]:
    """The table behind the profile."""
    return [
        {
            "column": wording.profile_name(row),
            "lowest": row.bottom,
            "highest": row.top,
            "standardised": row.standardised,
            **rows_told(row.difference),
        }
        for row in told.rows
    ]
