"""The rules of a policy as a tree: questions above, arms below, how many units take each path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.policies.rules import Leaf, PolicyTree, Split
from causal.wording.numbers import counted, percent
from causal.wording.policy_rules import arm_text, leaf_sentence, leaves_of, question_text, rule_text, tree_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LINE = 18
NARROW_LINE = 10


def policy_tree(tree: PolicyTree, dark: bool = False, narrow: bool = False) -> Figure:
    """Every question's left branch is its yes; a leaf's colour goes with its arm, which is written in it."""
    shown, leaves = theme.figure(dark), leaves_of(tree)
    _draw(shown, tree, tree.root, 0.0, float(len(leaves)), 0, dark, narrow)
    shown.add_scatter(
        x=[place + 0.5 for place in range(len(leaves))],
        y=[-float(len(known)) for known, _ in leaves],
        mode="markers",
        marker={"size": 46, "opacity": 0},
        hovertext=[theme.hover(leaf_sentence(tree, known, leaf)) for known, leaf in leaves],
        hoverinfo="text",
    )
    deepest = max(len(known) for known, _ in leaves)
    shown.update_xaxes(range=[0, len(leaves)], visible=False)
    shown.update_yaxes(range=[-deepest - 0.45, 0.4], visible=False)
    return theme.frame(
        shown,
        title=tree_title(tree),
        alt="Rules as a tree. " + " ".join(leaf_sentence(tree, known, leaf) for known, leaf in leaves),
        height=110 + 100 * deepest,
        title_lines=3,
        narrow=narrow,
    )


def rows(tree: PolicyTree) -> list[dict[str, Any]]:
    """The table behind the picture: a row per rule."""
    leaves = leaves_of(tree)
    total = sum(leaf.units for _, leaf in leaves)
    return [
        {"rule": rule_text(known), "arm": arm_text(tree, leaf), "units": leaf.units, "share": leaf.units / total}
        for known, leaf in leaves
    ]


def _draw(
    shown: Figure,
    tree: PolicyTree,
    node: Split | Leaf,
    start: float,
    end: float,
    depth: int,
    dark: bool,
    narrow: bool,
) -> float:
    """The node over its leaves, which stand from `start` to `end`; gives its own place from left to right."""
    colours, length = theme.palette(dark), NARROW_LINE if narrow else LINE
    if isinstance(node, Leaf):
        colour, _ = theme.series(node.arm, dark)
        total = sum(leaf.units for _, leaf in leaves_of(tree))
        units = percent(node.units / total, digits=2) if narrow else counted(node.units, "unit")
        text = f"<b>{theme.wrapped(arm_text(tree, node), length, 2)}</b><br>{theme.wrapped(units, length, 1)}"
        _box(shown, (start + end) / 2, -depth, text, colour, colours)
        return (start + end) / 2
    middle = start + _count(node.low)
    places = (
        _draw(shown, tree, node.low, start, middle, depth + 1, dark, narrow),
        _draw(shown, tree, node.high, middle, end, depth + 1, dark, narrow),
    )
    here = sum(places) / 2
    for place, answer in zip(places, ("yes", "no"), strict=True):
        shown.add_shape(
            type="line", x0=here, x1=place, y0=-depth, y1=-depth - 1, line={"color": colours.line, "width": 2},
            layer="below",
        )  # fmt: skip
        shown.add_annotation(
            x=(here + place) / 2, y=-depth - 0.5, text=answer, showarrow=False, bgcolor=colours.hover,
            font={"size": 12, "color": colours.muted},
        )  # fmt: skip
    _box(shown, here, -depth, theme.wrapped(f"{question_text(node)}?", 2 * length, 2), colours.line, colours)
    return here


def _count(node: Split | Leaf) -> int:
    return _count(node.low) + _count(node.high) if isinstance(node, Split) else 1


def _box(shown: Figure, x: float, y: float, text: str, border: str, colours: theme.Palette) -> None:
    shown.add_annotation(
        x=x,
        y=y,
        text=text,
        showarrow=False,
        bgcolor=colours.hover,
        bordercolor=border,
        borderwidth=2,
        borderpad=6,
        font={"size": 13, "color": colours.text},
    )
