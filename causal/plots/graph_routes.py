"""Where the cards of a drawn graph end and where its arrows run: the geometry of the canvas, without a browser."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from causal.wording.escape import ELLIPSIS, shorten

CARD_HEIGHT = 44.0
NARROWEST, WIDEST, CARD_EXTRAS = 84.0, 240.0, 56.0
LETTER_WIDTH = 9.0
GAP = 4.0
HEAD_LENGTH = 8.0
HIGHEST_BOW = 120.0
SAMPLES = 20
BENDS = (0.0, 0.16, -0.16, 0.3, -0.3, 0.45, -0.45)
ARCS = (0.22, -0.22, 0.36, -0.36, 0.5, -0.5)

Point = tuple[float, float]
Curve = tuple[Point, Point, Point]
"""A quadratic Bézier curve: start, control point, end."""


@dataclass(frozen=True)
class Box:
    """A card around its middle, in pixels."""

    x: float
    y: float
    width: float
    height: float = CARD_HEIGHT

    def covers(self, point: Point, margin: float = GAP) -> bool:
        """Whether the point lies on the card, or within `margin` pixels of it."""
        return abs(point[0] - self.x) <= self.width / 2 + margin and abs(point[1] - self.y) <= self.height / 2 + margin


@dataclass(frozen=True)
class Route:
    """How an edge runs: `line` without the stretches under its heads; heads as (x, y, angle in degrees)."""

    curve: Curve
    line: Curve
    start: tuple[float, float, float]
    end: tuple[float, float, float]

    @property
    def middle(self) -> Point:
        """The point half way."""
        return self.at(0.5)

    def at(self, share: float) -> Point:
        """The point at this share of the way."""
        return _at(self.curve, share)


def text_width(text: str) -> float:
    """The width of a name on a card in pixels, roughly: no font is at hand."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return LETTER_WIDTH * (len(text) + wide)


def card_width(name: str) -> float:
    """The width of a card with this name."""
    return round(min(WIDEST, max(NARROWEST, text_width(shorten(name, 80)) + CARD_EXTRAS)))


def card_text(name: str) -> str:
    """As much of a name as a card shows, with an ellipsis where it is cut."""
    line = shorten(name, 80)
    while len(line) > 1 and text_width(line) > WIDEST - CARD_EXTRAS:
        line = line.removesuffix(ELLIPSIS)[:-1] + ELLIPSIS
    return line


def route(source: Box, target: Box, others: Iterable[Box], bowed: bool = False) -> Route:
    """An edge between two cards: straight unless a card stands in its way; `bowed` for a hidden common cause."""
    around = [box for box in others if box is not source and box is not target]
    curves = [_bowed(source, target, bend) for bend in (ARCS if bowed else BENDS)]
    curve = next((each for each in curves if _is_clear(each, around)), curves[0])
    visible = _clipped(curve, _exit(curve, source), 1 - _exit((curve[2], curve[1], curve[0]), target))
    return _with_heads(visible, bowed)


def _bowed(source: Box, target: Box, bend: float) -> Curve:
    across, down = target.x - source.x, target.y - source.y
    distance = math.hypot(across, down) or 1.0
    height = math.copysign(min(abs(bend) * distance, HIGHEST_BOW + abs(bend) * 60), bend)
    side = 1 if across >= 0 else -1
    middle = (
        (source.x + target.x) / 2 + 2 * height * down / distance * side,
        (source.y + target.y) / 2 - 2 * height * across / distance * side,
    )
    return (source.x, source.y), middle, (target.x, target.y)


def _is_clear(curve: Curve, boxes: Sequence[Box]) -> bool:
    left, right = min(x for x, _ in curve) - GAP, max(x for x, _ in curve) + GAP
    top, bottom = min(y for _, y in curve) - GAP, max(y for _, y in curve) + GAP
    near = [
        box
        for box in boxes
        if left < box.x + box.width / 2
        and box.x - box.width / 2 < right
        and top < box.y + box.height / 2
        and box.y - box.height / 2 < bottom
    ]
    if not near:
        return True
    points = [_at(curve, index / SAMPLES) for index in range(1, SAMPLES)]
    return not any(box.covers(point) for box in near for point in points)


def _exit(curve: Curve, box: Box) -> float:
    """How far along the curve the card's border is."""
    inside, outside = 0.0, 1.0
    for _ in range(14):
        middle = (inside + outside) / 2
        if box.covers(_at(curve, middle)):
            inside = middle
        else:
            outside = middle
    return 0.0 if outside >= 1 else outside


def _clipped(curve: Curve, start: float, end: float) -> Curve:
    if start >= end:
        return curve
    (ax, ay), (cx, cy), (bx, by) = curve
    first, last = _at(curve, start), _at(curve, end)
    half = (end - start) / 2
    slope_x = 2 * ((1 - start) * (cx - ax) + start * (bx - cx))
    slope_y = 2 * ((1 - start) * (cy - ay) + start * (by - cy))
    return first, (first[0] + slope_x * half, first[1] + slope_y * half), last


def _with_heads(curve: Curve, both_ends: bool) -> Route:
    start, control, end = curve
    head = min(0.4, HEAD_LENGTH / (math.dist(start, control) + math.dist(control, end) + 1))
    return Route(
        curve=curve,
        line=_clipped(curve, head if both_ends else 0.0, 1 - head),
        start=(*start, _degrees(control, start)),
        end=(*end, _degrees(control, end)),
    )


def _degrees(tail: Point, tip: Point) -> float:
    return math.degrees(math.atan2(tip[1] - tail[1], tip[0] - tail[0]))


def _at(curve: Curve, share: float) -> Point:
    (ax, ay), (cx, cy), (bx, by) = curve
    rest = 1 - share
    return (
        rest * rest * ax + 2 * rest * share * cx + share * share * bx,
        rest * rest * ay + 2 * rest * share * cy + share * share * by,
    )
