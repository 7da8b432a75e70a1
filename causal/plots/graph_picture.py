"""A causal graph as a still picture: SVG text with the look of the canvas, for galleries, comparisons and reports."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.layout import laid_out
from causal.graphs.paths import DrawnEdge
from causal.plots.graph_routes import Box, Curve, Point, Route, card_text, card_width, route
from causal.plots.theme import FONT, ROLE_COLOURS
from causal.wording.escape import shorten

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "treatment": "T",
        "outcome": "Y",
        "confounder": "C",
        "instrument": "I",
        "mediator": "M",
        "unobserved": "U",
        "selected": "S",
    }
)
HEAD = "M0,0 L-11,-5.5 L-8.5,0 L-11,5.5 Z"
MARGIN = 14.0
TIGHTEST_GAP = 58.0
_SHARES = (0.5, 0.38, 0.62, 0.28, 0.72)
_LABEL_HEIGHT = 20.0
"""Between the cards of a compact picture: an arrow with its head has to be seen."""

NARROW = 460
"""In a picture that is no wider than this, arrows of a graph without places run downwards."""

WORDS_OF_EDGES = 40
"""So many edges are told to people who hear the picture."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class _Ink:
    """The colours of one theme."""

    text: str
    paper: str
    edge: str
    border: str
    causal: str
    biasing: str


_LIGHT = _Ink("#1c2733", "#ffffff", "#5c646d", "#b3b8bd", "#008f68", "#b81427")
_DARK = _Ink("#e8edf2", "#14181d", "#a5aab0", "#565b61", "#2bb98f", "#ff6b78")


def graph_picture(
    graph: CausalGraph,
    title: str = "",
    dark: bool = False,
    width: int | None = None,
    compact: bool = False,
    added: Collection[DrawnEdge] = (),
    removed: Collection[DrawnEdge] = (),
    causal: Collection[DrawnEdge] = (),
    biasing: Collection[DrawnEdge] = (),
    ringed: Collection[str] = (),
    labels: Mapping[DrawnEdge, str] = MappingProxyType({}),
) -> str:
    """The graph as SVG text on a transparent ground; no font, style or script from elsewhere, every name escaped.

    `title`: what the picture is called for those who hear it. `width`: the most it takes, in pixels (it shrinks, and
    never grows). `compact` brings the cards as near as they can be. `added` and `removed` edges carry a plus and a
    cross and are drawn also where the graph lacks them; `causal` and `biasing` ones are green, and red with a square
    tail. `ringed` variables, such as an adjustment set, have a second border. `labels` stand on their edges. A graph
    of which not every variable has a place is laid out in layers.
    """
    ink = _DARK if dark else _LIGHT
    drawn = _placed(graph, width)
    boxes = {name: Box(x, y, card_width(name)) for name, x, y in drawn.positions}
    boxes = _tightened(boxes) if compact else boxes
    marks = {
        **dict.fromkeys(map(_key, causal), "causal"),
        **dict.fromkeys(map(_key, biasing), "biasing"),
        **dict.fromkeys(map(_key, removed), "removed"),
        **dict.fromkeys(map(_key, added), "added"),
    }
    routes = {edge: _route(edge, boxes) for edge in _edges(graph, (*added, *removed))}
    parts = [_arrow(edge, way, marks.get(edge), ink) for edge, way in routes.items()]
    parts += [_card(name, boxes[name], graph, name in ringed, ink) for name in graph.nodes]
    written = {_key(edge): text for edge, text in labels.items()}
    places = _label_places({edge: way for edge, way in routes.items() if edge in written}, written)
    parts += [_label(place, written[edge], ink) for edge, place in places.items()]
    return _sheet(parts, _frame(boxes, routes), title or "Causal graph", graph_in_words(graph), width)


def graph_in_words(graph: CausalGraph) -> str:
    """The graph as a sentence for those who hear a picture: its variables with their roles, then its edges."""
    roles = dict(graph.roles)
    variables = ", ".join(f"{name} ({roles[name]})" if name in roles else name for name in graph.nodes[:WORDS_OF_EDGES])
    arrows = [f"{cause} → {effect}" for cause, effect in graph.directed]
    arrows += [f"{left} ↔ {right} by a hidden common cause" for left, right in graph.bidirected]
    told = ", ".join(arrows[:WORDS_OF_EDGES])
    more = f", and {len(arrows) - WORDS_OF_EDGES} more" if len(arrows) > WORDS_OF_EDGES else ""
    return f"Variables: {variables or 'none'}. Arrows: {told or 'none'}{more}."


def _key(edge: DrawnEdge) -> DrawnEdge:
    left, right, kind = edge
    return (right, left, kind) if kind == "bidirected" and left > right else (left, right, kind)


def _edges(graph: CausalGraph, others: Collection[DrawnEdge]) -> list[DrawnEdge]:
    """The graph's edges and those others whose ends it has, each once."""
    own: list[DrawnEdge] = [(cause, effect, "directed") for cause, effect in graph.directed]
    own += [(left, right, "bidirected") for left, right in graph.bidirected]
    more = [_key(edge) for edge in others if edge[0] in graph.parents_of and edge[1] in graph.parents_of]
    return list(dict.fromkeys((*own, *more)))


def _placed(graph: CausalGraph, width: int | None) -> CausalGraph:
    if len(graph.positions) == len(graph.nodes):
        return graph
    widths = {name: card_width(name) for name in graph.nodes}
    return laid_out(graph, widths, downwards=width is not None and width <= NARROW)


def _tightened(boxes: dict[str, Box]) -> dict[str, Box]:
    """The cards nearer to each other, in proportion, until two of a row or of a column would come too near."""
    cards = list(boxes.values())
    across, down = 0.0, 0.0
    for index, one in enumerate(cards):
        for other in cards[index + 1 :]:
            apart_x, apart_y = abs(one.x - other.x), abs(one.y - other.y)
            if apart_y < one.height and apart_x > 0:
                across = max(across, ((one.width + other.width) / 2 + TIGHTEST_GAP) / apart_x)
            elif apart_y > 0:
                down = max(down, (one.height + TIGHTEST_GAP * 0.6) / apart_y)
    wide, high = min(across or 0.5, 1.0), min(down or 0.5, 1.0)
    return {name: replace(box, x=box.x * wide, y=box.y * high) for name, box in boxes.items()}


def _route(edge: DrawnEdge, boxes: Mapping[str, Box]) -> Route:
    left, right, kind = edge
    return route(boxes[left], boxes[right], boxes.values(), bowed=kind == "bidirected")


def _arrow(edge: DrawnEdge, way: Route, mark: str | None, ink: _Ink) -> str:
    left, right, kind = edge
    colour = {"causal": ink.causal, "added": ink.causal, "biasing": ink.biasing, "removed": ink.biasing}.get(
        mark or "", ink.edge
    )
    dash = {"removed": ' stroke-dasharray="2 5"'}.get(mark or "", ' stroke-dasharray="7 5"')
    dash = dash if kind == "bidirected" or mark == "removed" else ""
    heads = (way.end, way.start) if kind == "bidirected" else (way.end,)
    sign = " ↔ " if kind == "bidirected" else " → "
    told = {"added": "added: ", "removed": "removed: ", "biasing": "biasing: ", "causal": "causal: "}.get(
        mark or "", ""
    )
    return "".join(
        (
            f"<g><title>{_escaped(told + shorten(left, 80) + sign + shorten(right, 80))}</title>",
            f'<path d="{_path(way.line)}" fill="none" stroke="{colour}" stroke-width="{3.2 if mark else 1.9}"{dash}/>',
            *(_head(x, y, angle, colour) for x, y, angle in heads),
            _tail(way, colour) if mark == "biasing" and kind == "directed" else "",
            _badge(way, {"added": "+", "removed": "×"}[mark], colour, ink) if mark in ("added", "removed") else "",
            "</g>",
        )
    )


def _head(x: float, y: float, angle: float, colour: str) -> str:
    return f'<path d="{HEAD}" fill="{colour}" transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f})"/>'


def _tail(way: Route, colour: str) -> str:
    x, y, _ = way.start
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'


def _badge(way: Route, sign: str, colour: str, ink: _Ink) -> str:
    x, y = way.middle
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{ink.paper}" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{x:.1f}" y="{y + 5:.1f}" font-size="16" font-weight="700" text-anchor="middle" fill="{colour}">'
        f"{sign}</text>"
    )


def _label_places(routes: Mapping[DrawnEdge, Route], written: Mapping[DrawnEdge, str]) -> dict[DrawnEdge, Point]:
    """Where each label stands: half way, or nearer to an end where another one stands there already."""
    found: dict[DrawnEdge, Point] = {}
    for edge, way in routes.items():
        free = [
            at for at in map(way.at, _SHARES) if not any(_covers(at, edge, *each, written) for each in found.items())
        ]
        found[edge] = free[0] if free else way.middle
    return found


def _covers(at: Point, edge: DrawnEdge, other: DrawnEdge, place: Point, written: Mapping[DrawnEdge, str]) -> bool:
    room = (_label_width(written[edge]) + _label_width(written[other])) / 2
    return abs(at[0] - place[0]) < room and abs(at[1] - place[1]) < _LABEL_HEIGHT


def _label_width(text: str) -> float:
    return 7.4 * len(text) + 8


def _label(place: Point, text: str, ink: _Ink) -> str:
    """A number on an edge, with paper behind it: the edge runs under it."""
    x, y = place
    width = _label_width(text)
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" height="20" rx="4" fill="{ink.paper}" '
        f'fill-opacity="0.9"/><text x="{x:.1f}" y="{y + 4.5:.1f}" font-size="13" text-anchor="middle" '
        f'fill="{ink.text}">{_escaped(text)}</text>'
    )


def _card(name: str, box: Box, graph: CausalGraph, ringed: bool, ink: _Ink) -> str:
    role = graph.role(name)
    colour = ROLE_COLOURS.get(role or "", ink.border)
    left, top = box.x - box.width / 2, box.y - box.height / 2
    dash = ' stroke-dasharray="5 4"' if role == "unobserved" else ""
    slant = ' font-style="italic"' if role == "unobserved" else ""
    ring = (
        f'<rect x="{left - 4.5:.1f}" y="{top - 4.5:.1f}" width="{box.width + 9:.1f}" height="{box.height + 9:.1f}" '
        f'rx="16" fill="none" stroke="{ink.text}" stroke-width="2.5"/>'
    )
    told = shorten(name) + (f" ({role})" if role else "") + (", adjusted for" if ringed else "")
    return "".join(
        (
            f"<g><title>{_escaped(told)}</title>",
            ring if ringed else "",
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="12" '
            f'fill="{ink.paper}"/>',
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="12" '
            f'fill="{colour}" fill-opacity="{0.1 if role else 0.04}" stroke="{colour}" stroke-width="1.5"{dash}/>',
            _letter(left + 20, box.y, role, colour) if role else "",
            f'<text x="{box.x + (14 if role else 0):.1f}" y="{box.y + 5:.1f}" font-size="14" font-weight="600" '
            f'text-anchor="middle" fill="{ink.text}"{slant}>{_escaped(card_text(name))}</text></g>',
        )
    )


def _letter(x: float, y: float, role: str, colour: str) -> str:
    ink = "#ffffff" if role == "treatment" else "#111111"
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="{colour}"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" font-size="13" font-weight="700" text-anchor="middle" fill="{ink}">'
        f"{LETTERS[role]}</text>"
    )


def _frame(boxes: Mapping[str, Box], routes: Mapping[DrawnEdge, Route]) -> tuple[float, float, float, float]:
    """Left, top, width and height of all that is drawn, with a margin."""
    xs = [edge for box in boxes.values() for edge in (box.x - box.width / 2, box.x + box.width / 2)]
    ys = [edge for box in boxes.values() for edge in (box.y - box.height / 2, box.y + box.height / 2)]
    for way in routes.values():
        xs.append(way.middle[0])
        ys.append(way.middle[1])
    if not xs:
        return 0.0, 0.0, 2 * MARGIN, 2 * MARGIN
    left, top = math.floor(min(xs) - MARGIN), math.floor(min(ys) - MARGIN)
    return left, top, math.ceil(max(xs) + MARGIN) - left, math.ceil(max(ys) + MARGIN) - top


def _sheet(
    parts: list[str], frame: tuple[float, float, float, float], title: str, words: str, width: int | None
) -> str:
    left, top, full_width, full_height = frame
    scale = 1.0 if width is None else min(1.0, width / full_width)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{left:.0f} {top:.0f} {full_width:.0f} '
            f'{full_height:.0f}" width="{full_width * scale:.0f}" height="{full_height * scale:.0f}" '
            f'font-family="{FONT.replace(chr(34), chr(39))}">',
            f"<title>{_escaped(shorten(title))}</title>",
            f"<desc>{_escaped(shorten(words))}</desc>",
            *parts,
            "</svg>",
        )
    )


def _path(curve: Curve) -> str:
    (ax, ay), (cx, cy), (bx, by) = curve
    return f"M{ax:.1f},{ay:.1f} Q{cx:.1f},{cy:.1f} {bx:.1f},{by:.1f}"


def _escaped(text: str) -> str:
    """Text for XML: no markup, and no character that XML cannot hold."""
    clean = _NOT_IN_XML.sub("\ufffd", text)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        clean = clean.replace(sign, written)
    return clean
