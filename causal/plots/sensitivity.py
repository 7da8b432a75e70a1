"""The effect that a hidden cause would leave, by its partial R² with treatment and outcome, and covariates to compare.

The contour plot of Cinelli and Hazlett (2020), figure 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import change_text, percent
from causal.wording.phrases import scale_of
from causal.wording.sensitivity import bound_sentence, contour_title, tipping_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.checks.hidden_causes.omitted_variable import Bound
    from causal.effects.sensitivity import Sensitivity

SYMBOLS = ("diamond", "circle", "square", "triangle-up", "pentagon", "star")
LINES = 9


def sensitivity_contour(
    found: Sensitivity, shown: Sequence[Bound] = (), dark: bool = False, narrow: bool = False
) -> Figure:
    """Lines of equal effect, the one of zero thick, the benchmarks as marks, and where both R² are the same."""
    colours, picture = theme.palette(dark), theme.figure(dark)
    binary = scale_of(found)
    scale = 100 if binary else 1
    most = _reach(found, shown)
    treatment, outcome, effects = found.contour(most)
    x, y = [100 * float(each) for each in treatment], [100 * float(each) for each in outcome]
    z = [[scale * float(each) for each in row] for row in effects]
    hover = [
        [_point(found, (u, v), effect / scale) for u, effect in zip(x, row, strict=True)]
        for v, row in zip(y, z, strict=True)
    ]
    low, high = min(map(min, z)), max(map(max, z))
    step = _round_step((high - low) / LINES)
    picture.add_contour(
        x=x, y=y, z=z, hovertext=hover, hoverinfo="text", showscale=False, showlegend=False,
        line={"color": colours.muted, "width": 1},
        contours={"coloring": "none", "showlabels": True, "start": step * math.ceil(low / step), "end": high,
                  "size": step, "labelfont": {"size": 11, "color": colours.muted}, "labelformat": ".3~g"},
    )  # fmt: skip
    if low <= 0 <= high:
        picture.add_contour(
            x=x, y=y, z=z, hoverinfo="skip", showscale=False, showlegend=False,
            line={"color": colours.caution, "width": 3},
            contours={"coloring": "none", "start": 0, "end": 0, "size": 1, "showlabels": False},
        )  # fmt: skip
        picture.add_scatter(
            x=[None], y=[None], mode="lines", line={"color": colours.caution, "width": 3}, name="no effect left"
        )
    for place, name in enumerate(dict.fromkeys(each.covariate for each in shown)):
        own = [each for each in shown if each.covariate == name]
        picture.add_scatter(
            x=[100 * each.partial_r2_treatment for each in own],
            y=[100 * each.partial_r2_outcome for each in own],
            mode="markers+text",
            marker={"size": 11, "symbol": SYMBOLS[place % len(SYMBOLS)], "color": colours.treated},
            text=[f"{each.times:g}×" for each in own],
            textposition="middle right",
            cliponaxis=False,
            textfont={"size": 12, "color": colours.text},
            hovertext=[theme.hover(bound_sentence(found, each)) for each in own],
            hoverinfo="text",
            name=f"as strong as {shorten(name, 24)}",
        )
    picture.update_xaxes(range=[0, 100 * most[0]], ticksuffix=" %", nticks=6)
    picture.update_yaxes(range=[0, 104 * most[1]], ticksuffix=" %", nticks=6)
    names = 1 + len({each.covariate for each in shown})
    return theme.frame(
        picture,
        title=contour_title(found, tuple(shown)),
        alt="The effect that a hidden cause would leave, by how much it explains. " + tipping_sentence(found),
        height=360,
        x_title=f"Explained of {shorten(found.spec.question.treatment, 30)}",
        y_title=f"Explained of {shorten(found.spec.question.outcome, 22)}",
        title_lines=3,
        left=66,
        legend_lines=names if narrow else 1 + (names - 1) // 3,
        narrow=narrow,
    )


def rows(found: Sensitivity, shown: Sequence[Bound]) -> list[dict[str, Any]]:
    """The benchmarks, a row each; without any, the two robustness values."""
    if not shown:
        return [
            {"hidden cause": "brings the effect to zero", "partial R²": found.robustness_value},
            {"hidden cause": "makes the effect unclear", "partial R²": found.robustness_value_alpha},
        ]
    return [
        {
            "hidden cause": each.label,
            "partial R² with treatment": each.partial_r2_treatment,
            "partial R² with outcome": each.partial_r2_outcome,
            "effect left": each.adjusted_effect,
            "std_error": each.adjusted_std_error,
            "low": each.adjusted_low,
            "high": each.adjusted_high,
            "in words": change_text(each.adjusted_effect, scale_of(found)),
        }
        for each in shown
    ]


def _reach(found: Sensitivity, shown: Sequence[Bound]) -> tuple[float, float]:
    """How far the axes go: beyond the robustness value and every benchmark, short of everything."""
    value = max(found.robustness_value, 0.02)
    treatment = max([value, *(each.partial_r2_treatment for each in shown)])
    outcome = max([value, *(each.partial_r2_outcome for each in shown)])
    return min(1.25 * treatment, 0.98), min(1.25 * outcome, 1.0)


def _round_step(step: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(each * power for each in (1, 2, 5, 10) if each * power >= step * (1 - 1e-9))


def _point(found: Sensitivity, shares: tuple[float, float], effect: float) -> str:
    with_treatment, with_outcome = (percent(each / 100) for each in shares)
    left = change_text(effect, scale_of(found))
    return theme.hover(f"Explaining {with_treatment} of the treatment and {with_outcome} of the outcome leaves {left}.")
