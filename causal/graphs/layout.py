"""Places for the variables of a graph that nobody has placed: in layers, so that arrows run one way.

Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical system structures".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from causal.graphs.causal_graph import CausalGraph

CARD_HEIGHT = 44.0
ROW_GAP = 34.0
LAYER_GAP = 84.0
BEND_HEIGHT, NARROW_BEND_HEIGHT = 58.0, 14.0
"""The room that an arrow takes in a layer which it only passes: enough to run straight, or little among many."""

MANY_EDGES = 40

ONE_CARD = 120.0
SWEEPS = 8

_Stop = tuple[str, int]
"""A variable in its layer (its own), or an arrow on its way through a layer: ("a\\0b", layer)."""


@dataclass(frozen=True)
class _Chart:
    """Layers of stops, and each stop's neighbours in the layers beside its own."""

    layers: list[list[_Stop]]
    neighbours: dict[_Stop, list[_Stop]]


def laid_out(graph: CausalGraph, widths: Mapping[str, float], downwards: bool = False) -> CausalGraph:
    """The graph with a place for every variable, causes before their effects: left to right, or downwards.

    `widths`: the card's width of each variable, in the units of the positions. Old positions are given up.
    """
    chart = _ordered(_chart(graph))
    places: list[tuple[str, float, float]] = []
    along = 0.0
    for layer in chart.layers:
        cards = [name for name, _ in layer if name in graph.parents_of]
        depth = CARD_HEIGHT if downwards else max((widths[name] for name in cards), default=0.0)
        rooms = [_room(stop, graph, widths, downwards) for stop in layer]
        across = -sum(rooms) / 2
        for (name, _), room in zip(layer, rooms, strict=True):
            if name in graph.parents_of:
                middle, along_middle = across + room / 2, along + depth / 2
                places.append((name, middle, along_middle) if downwards else (name, along_middle, middle))
            across += room
        along += depth + (LAYER_GAP * 0.75 if downwards else LAYER_GAP)
    return replace(graph, positions=tuple(places))


def in_pixels(graph: CausalGraph) -> CausalGraph:
    """The graph with positions that another program measured in other units stretched until cards fit between them.

    Positions that spread over more than a card are taken as they are; where they are all one point, they are given up.
    """
    if len(graph.positions) < 2:
        return graph
    across = [x for _, x, _ in graph.positions]
    down = [y for _, _, y in graph.positions]
    extent = max(max(across) - min(across), max(down) - min(down))
    if extent > ONE_CARD:
        return graph
    if extent == 0:
        return graph.without_positions()
    scale = ONE_CARD * len(graph.positions) ** 0.5 * 1.6 / extent
    return replace(graph, positions=tuple((name, x * scale, y * scale) for name, x, y in graph.positions))


def _room(stop: _Stop, graph: CausalGraph, widths: Mapping[str, float], downwards: bool) -> float:
    if stop[0] not in graph.parents_of:
        return BEND_HEIGHT if len(graph.directed) <= MANY_EDGES else NARROW_BEND_HEIGHT
    return (widths[stop[0]] if downwards else CARD_HEIGHT) + ROW_GAP


def _layer_of(graph: CausalGraph) -> dict[str, int]:
    """The longest way from a first cause; a first cause itself stands right before its earliest effect."""
    found: dict[str, int] = {}
    for name in graph.topological_order:
        found[name] = max((found[cause] + 1 for cause in graph.parents_of[name]), default=0)
    for name in graph.nodes:
        if not graph.parents_of[name] and graph.children_of[name]:
            found[name] = min(found[effect] for effect in graph.children_of[name]) - 1
    return found


def _chart(graph: CausalGraph) -> _Chart:
    layer_of = _layer_of(graph)
    layers: list[list[_Stop]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    neighbours: dict[_Stop, list[_Stop]] = {}
    for name in graph.topological_order:
        layers[layer_of[name]].append((name, layer_of[name]))
    for cause, effect in graph.directed:
        way = [(f"{cause}\0{effect}", layer) for layer in range(layer_of[cause] + 1, layer_of[effect])]
        for stop in way:
            layers[stop[1]].append(stop)
        stops = [(cause, layer_of[cause]), *way, (effect, layer_of[effect])]
        for first, second in pairwise(stops):
            neighbours.setdefault(first, []).append(second)
            neighbours.setdefault(second, []).append(first)
    return _Chart(layers, neighbours)


def _ordered(chart: _Chart) -> _Chart:
    """Every layer sorted by the middle of its neighbours, to and fro: few crossings."""
    layers = [list(layer) for layer in chart.layers]
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        step = -1 if forwards else 1
        for index in range(len(layers)) if forwards else reversed(range(len(layers))):
            if 0 <= index + step < len(layers):
                layers[index] = _by_neighbours(layers[index], layers[index + step], chart)
    return _Chart(layers, chart.neighbours)


def _by_neighbours(layer: list[_Stop], beside: list[_Stop], chart: _Chart) -> list[_Stop]:
    place = {stop: index - (len(beside) - 1) / 2 for index, stop in enumerate(beside)}
    own = {stop: index - (len(layer) - 1) / 2 for index, stop in enumerate(layer)}

    def middle(stop: _Stop) -> float:
        joined = [place[each] for each in chart.neighbours.get(stop, ()) if each in place]
        return sum(joined) / len(joined) if joined else own[stop]

    return sorted(layer, key=lambda stop: (middle(stop), own[stop]))
