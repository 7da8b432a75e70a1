"""A fitted structural equation model: its arrows with intervals, and what it leaves unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.paths import DrawnEdge
from causal.plots import theme
from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording.escape import html, shorten
from causal.wording.numbers import interval, number, percent
from causal.wording.structure import coefficient_sentence, residuals_title, structure_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.structural.sem_fit import Coefficient, SemFit

MOST_ROWS = 40
Z95 = 1.959963984540054


@dataclass(frozen=True)
class EdgeNumber:
    """What stands on one edge of a fitted model: digits, in brackets where zero is in the interval, and a sentence."""

    text: str
    sentence: str


def edge_numbers(fit: SemFit, group: int = 0, standardised: bool = True) -> dict[DrawnEdge, EdgeNumber]:
    """The coefficient of each edge in one group: of loadings and regressions, and of covariances that were written."""
    found: dict[DrawnEdge, EdgeNumber] = {}
    for each in fit.coefficients:
        if each.group != group or each.operator not in ("=~", "~", "~~") or each.left == each.right:
            continue
        told = EdgeNumber(_edge_text(each, standardised), coefficient_sentence(each))
        if each.operator == "=~":
            found[each.left, each.right, "directed"] = told
        elif each.operator == "~":
            found[each.right, each.left, "directed"] = told
        elif each.origin == "written":
            found[each.left, each.right, "bidirected"] = told
    return found


def _edge_text(each: Coefficient, standardised: bool) -> str:
    value, error = (each.standardised, each.standardised_error) if standardised else (each.estimate, each.std_error)
    text = number(value, digits=2)
    return f"({text})" if error > 0 and abs(value) < Z95 * error else text


def fitted_graph(
    fit: SemFit, group: int = 0, standardised: bool = True
) -> tuple[CausalGraph, dict[DrawnEdge, str]] | None:
    """The model as a graph, and the coefficient of each edge; None where its arrows go round in a loop."""
    if any(fit.spectral_radius):
        return None
    numbers = edge_numbers(fit, group, standardised)
    arrows = [(cause, effect) for cause, effect, kind in numbers if kind == "directed"]
    arcs = [(left, right) for left, right, kind in numbers if kind == "bidirected"]
    graph = CausalGraph.from_edges(arrows, arcs, latent=fit.latent)
    return graph, {edge: each.text for edge, each in numbers.items()}


def arrows(fit: SemFit, dark: bool = False, narrow: bool = False) -> Figure:
    """Every arrow's standardised coefficient with its interval; between variables first, then to what shows them."""
    listed = _arrows(fit)[:MOST_ROWS]
    several = len(fit.groups) > 1
    return interval_rows(
        [_row(fit, each, several) for each in listed],
        title=structure_title(fit),
        alt="Standardised coefficients. " + " ".join(coefficient_sentence(each) for each in listed[:10]),
        x_title=f"Standard deviations of the effect per standard deviation of the cause, {percent(0.95)} interval",
        binary=False,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def _arrows(fit: SemFit) -> list[Coefficient]:
    found = [each for each in fit.coefficients if each.operator == "~"]
    return found + [each for each in fit.coefficients if each.operator == "=~"]


def _row(fit: SemFit, each: Coefficient, several: bool) -> IntervalRow:
    cause, effect = (each.left, each.right) if each.operator == "=~" else (each.right, each.left)
    half = Z95 * each.standardised_error
    ends = each.standardised - half, each.standardised + half
    where = f" ({fit.groups[each.group]})" if several else ""
    return IntervalRow(
        label=f"{cause} → {effect}{where}",
        text=f"{number(each.standardised, signed=True)} {interval(*ends)}",
        hover=coefficient_sentence(each),
        value=each.standardised,
        interval=ends,
        strong=ends[0] > 0 or ends[1] < 0,
    )


def residuals(fit: SemFit, group: int = 0, dark: bool = False, narrow: bool = False) -> Figure:
    """What the model leaves of each pair's correlation."""
    colours, shown = theme.palette(dark), theme.figure(dark)
    names = [shorten(name, 12 if narrow else 20) for name in fit.observed]
    rows = fit.residuals[group]
    count = len(names)
    values = [[rows[i][j] if j < i else None for j in range(count - 1)] for i in range(1, count)]
    told = [
        [theme.hover(f"{fit.observed[i]} and {fit.observed[j]}: {_rounded(rows[i][j])}") for j in range(count - 1)]
        for i in range(1, count)
    ]
    shown.add_heatmap(
        x=[html(name) for name in names[:-1]],
        y=[html(name) for name in names[1:]],
        z=values,
        zmin=-0.3,
        zmax=0.3,
        colorscale=[[0, "#D55E00"], [0.5, colours.hover], [1, "#0072B2"]],
        hovertext=told,
        hoverinfo="text",
        colorbar={"thickness": 12, "len": 0.8, "tickvals": [-0.3, 0, 0.3]},
        xgap=2,
        ygap=2,
    )
    if count <= 12 and not narrow:
        for i in range(1, count):
            for j in range(i):
                shown.add_annotation(x=j, y=i - 1, text=_rounded(rows[i][j]), showarrow=False, font={"size": 11})
    shown.update_xaxes(showgrid=False, tickangle=-45)
    shown.update_yaxes(showgrid=False, autorange="reversed")
    return theme.frame(
        shown,
        title=residuals_title(fit, group),
        alt=f"Residual correlations of {count} columns. {residuals_title(fit, group)}.",
        height=min(120 + 30 * count, 620),
        x_title="Correlation in the data less that of the model",
        title_lines=3 if narrow else 2,
        left=110 if not narrow else 80,
        narrow=narrow,
    )


def _rounded(value: float) -> str:
    """A residual correlation: further digits would say nothing."""
    return number(round(value, 3) + 0.0, signed=True, digits=2)


def coefficient_rows(fit: SemFit) -> list[dict[str, Any]]:
    """Every parameter, as a table."""
    return [
        {
            "parameter": each.name,
            "group": fit.groups[each.group],
            "estimate": each.estimate,
            "std_error": each.std_error if each.std_error > 0 else None,
            "low": each.interval()[0] if each.std_error > 0 else None,
            "high": each.interval()[1] if each.std_error > 0 else None,
            "p": each.p_value if each.std_error > 0 else None,
            "standardised": each.standardised,
            "kind": each.origin if each.free or each.operator == ":=" else f"fixed, {each.origin}",
        }
        for each in fit.coefficients
        if each.operator != "~*~" or each.free
    ]


def effect_rows(fit: SemFit) -> list[dict[str, Any]]:
    """Direct, indirect and total effects, as a table."""
    return [
        {
            "cause": each.cause,
            "effect": each.effect,
            "group": fit.groups[each.group],
            **_with_interval("direct", each.direct, each.direct_error),
            **_with_interval("indirect", each.indirect, each.indirect_error),
            **_with_interval("total", each.total, each.total_error),
        }
        for each in fit.effects
    ]


def _with_interval(name: str, value: float, error: float) -> dict[str, float | None]:
    half = Z95 * error
    ends = (value - half, value + half) if error > 0 else (None, None)
    return {name: value, f"{name}_error": error, f"{name}_low": ends[0], f"{name}_high": ends[1]}


def residual_rows(fit: SemFit, group: int = 0) -> list[dict[str, Any]]:
    """The residual correlations, as a table."""
    return [
        {"column": name, **dict(zip(fit.observed, row, strict=True))}
        for name, row in zip(fit.observed, fit.residuals[group], strict=True)
    ]
