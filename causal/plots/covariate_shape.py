"""One covariate's distribution in both arms, before and after adjustment side by side: mirrored, or shares below."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from causal.plots import theme
from causal.wording.balance import name_of, shape_finding
from causal.wording.escape import html, shorten
from causal.wording.numbers import number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.checks.column_balance import ArmShape, CovariateShape
    from causal.effects.balance_comparison import BalanceComparison

Kind = Literal["bars", "shares below"]
HEIGHT = 250
NARROW_HEIGHT = 400
GAP = 0.06
NARROW_GAP = 0.16
MOST_LEVELS = 30


def covariate_shape(
    found: BalanceComparison,
    covariate: str,
    method: str = "",
    kind: Kind = "bars",
    dark: bool = False,
    narrow: bool = False,
) -> Figure:
    """Before adjustment and, with a `method`, after it: of a quantity treated above the line and control below.

    `kind` "shares below" draws distribution functions of a quantity. `narrow`: for a phone, one above the other.
    """
    shape = shape_named(found, covariate)
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    panels = [("Before adjustment", "")] + ([(f"After {name_of(method).lower()}", method)] if method else [])
    below = kind == "shares below" and bool(shape.edges)
    highest = 0.0
    for panel, (_, key) in enumerate(panels):
        for arm in (each for each in shape.arms if each.method == key):
            _draw(shown, shape, arm, panel, below, colours)
            highest = max(highest, *([1.0] if below else arm.shares))
    _axes(shown, shape, [title for title, _ in panels], 100 * highest * 1.06, below, narrow, colours)
    title = shape_finding(found, shape, method)
    return theme.frame(
        shown,
        title=title,
        alt=f"Distribution of {covariate} in both arms. {title}.",
        height=NARROW_HEIGHT if narrow and len(panels) > 1 else HEIGHT,
        left=58,
        title_lines=3,
        legend_lines=1,
        narrow=narrow,
    )


def rows(found: BalanceComparison, covariate: str, method: str = "") -> list[dict[str, Any]]:
    """The table behind the picture: one row per bar, the share of each arm before and after."""
    shape = shape_named(found, covariate)
    labels = list(shape.levels) or _bins(shape)
    told: list[dict[str, Any]] = [{"value": label} for label in labels]
    for when, key in (("before", ""), *([("after", method)] if method else [])):
        for arm in (each for each in shape.arms if each.method == key):
            for row, share in zip(told, arm.shares, strict=True):
                row[f"{arm.arm}, {when}"] = share
    return told


def shape_named(found: BalanceComparison, covariate: str) -> CovariateShape:
    """The shape of one covariate."""
    return next(each for each in found.shapes if each.covariate == covariate)


def _draw(shown: Figure, shape: CovariateShape, arm: ArmShape, panel: int, below: bool, colours: theme.Palette) -> None:
    treated = arm.arm == "treated"
    colour = colours.treated if treated else colours.control
    axes = {"xaxis": f"x{panel + 1}" if panel else "x", "yaxis": f"y{panel + 1}" if panel else "y"}
    shared: dict[str, Any] = {"name": arm.arm, "legendgroup": arm.arm, "showlegend": panel == 0, **axes}
    if below:
        total, heights = 0.0, [0.0]
        for share in arm.shares:
            total += share
            heights.append(100 * total)
        shown.add_scatter(
            x=list(shape.edges),
            y=heights,
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": "solid" if treated else "dash"},
            hovertext=[
                theme.hover(f"{percent(height / 100)} of the {arm.arm} have {shape.covariate} up to {number(edge)}.")
                for height, edge in zip(heights, shape.edges, strict=True)
            ],
            hoverinfo="text",
            **shared,
        )
        return
    centres = [(low + high) / 2 for low, high in pairwise(shape.edges)]
    labels = list(shape.levels) or _bins(shape)
    cut = slice(0, MOST_LEVELS if shape.levels else None)
    shown.add_bar(
        x=[html(each, 18) for each in shape.levels][cut] if shape.levels else centres,
        y=[100 * each if treated or shape.levels else -100 * each for each in arm.shares][cut],
        marker={
            "color": colour,
            "line": {"width": 0},
            "pattern": {"shape": "" if treated else "/", "size": 5, "solidity": 0.25},
        },
        hovertext=[
            theme.hover(f"{percent(share)} of the {arm.arm} have {shape.covariate} {label}.")
            for share, label in zip(arm.shares, labels, strict=True)
        ][cut],
        hoverinfo="text",
        textposition="none",
        **shared,
    )


def _axes(
    shown: Figure,
    shape: CovariateShape,
    titles: list[str],
    highest: float,
    below: bool,
    narrow: bool,
    colours: theme.Palette,
) -> None:
    two = len(titles) > 1
    across, up = [(0.0, 1.0)] * 2, [(0.0, 1.0)] * 2
    if two and narrow:
        up = [(0.5 + NARROW_GAP / 2, 1.0), (0.0, 0.5 - NARROW_GAP / 2)]
    elif two:
        across = [(0.0, 0.5 - GAP / 2), (0.5 + GAP / 2, 1.0)]
    mirrored = bool(shape.edges) and not below
    ticks = _ticks(highest, mirrored)
    axis = shown.layout.template.layout
    for panel in range(len(titles)):
        suffix = f"{panel + 1}" if panel else ""
        shown.update_layout(
            **{
                f"xaxis{suffix}": {
                    **axis.xaxis.to_plotly_json(),
                    "domain": across[panel],
                    "anchor": f"y{suffix}",
                    "title": {"text": html(f"{shorten(shape.covariate, 22)}, {titles[panel].lower()}", 60)},
                    "showgrid": False,
                    "nticks": 6,
                },
                f"yaxis{suffix}": {
                    **axis.yaxis.to_plotly_json(),
                    "domain": up[panel],
                    "anchor": f"x{suffix}",
                    "range": [-highest if mirrored else 0, highest],
                    "tickvals": ticks,
                    "ticktext": [f"{abs(each):g} %" for each in ticks],
                    "showticklabels": panel == 0 or narrow,
                    "title": {"text": "Share of the arm" if panel == 0 else ""},
                },
            }
        )
    shown.update_layout(barmode="group" if shape.levels else "overlay", bargap=0.25 if shape.levels else 0.06)
    if mirrored:
        for panel in range(len(titles)):
            suffix = f"{panel + 1}" if panel else ""
            line = {"color": colours.line, "width": 1}
            ends = {"x0": 0, "x1": 1, "y0": 0, "y1": 0, "xref": f"x{suffix} domain", "yref": f"y{suffix}"}
            shown.add_shape(type="line", line=line, **ends)


def _ticks(highest: float, mirrored: bool) -> list[float]:
    step = next((each for each in (0.5, 1, 2, 5, 10, 20, 25, 50) if highest / each <= (3 if mirrored else 5)), 50)
    steps = int(highest / step)
    return [place * step for place in range(-steps if mirrored else 0, steps + 1)]


def _bins(shape: CovariateShape) -> list[str]:
    pairs = list(pairwise(shape.edges))
    if all(high - low == 1 for low, high in pairs):
        return [number(low + 0.5) for low, _ in pairs]
    inner = [f"{number(low)} to {number(high)}" for low, high in pairs[1:-1]]
    return [f"below {number(pairs[0][1])}", *inner, f"above {number(pairs[-1][0])}"]
