"""Minimal vertex separators of an undirected graph: all of them one by one, the nearest, and the smallest.

All: Shen and Liang (1997), "Efficient enumeration of all minimal separators in a graph", with polynomial delay; the use
for adjustment sets follows van der Zander, Liśkiewicz and Textor (2019), "Separators and adjustment sets in causal
graphs". Sets of variables are bits of an integer, so that a step costs one machine operation per 64 variables.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.projection import districts


@dataclass(frozen=True)
class Network:
    """An undirected graph between two ends; `neighbours[i]` has bit j set where i and j are joined.

    `names[i]` is the variable of bit i; the last two bits are the ends, which have no name.
    """

    names: tuple[str, ...]
    neighbours: tuple[int, ...]

    @property
    def left(self) -> int:
        """The bit number of the left end."""
        return len(self.names)

    @property
    def right(self) -> int:
        """The bit number of the right end."""
        return len(self.names) + 1

    def named(self, members: int) -> frozenset[str]:
        """The variables whose bits are set."""
        return frozenset(self.names[bit] for bit in _bits(members))


def separation_network(
    graph: CausalGraph,
    left: Iterable[str],
    right: Iterable[str],
    allowed: frozenset[str],
    always: frozenset[str] = frozenset(),
) -> Network | None:
    """The network whose separators S are the sets of `allowed` variables such that S and `always` m-separate the ends.

    It is the moral graph over the ancestors of the ends and of `always`; variables not allowed are passed through.
    None where no set separates: the ends touch.
    """
    ends = (frozenset(left), frozenset(right))
    ancestral = graph.ancestors_and_self(ends[0] | ends[1] | always)
    names = tuple(sorted((allowed & ancestral) - ends[0] - ends[1] - always))
    hidden = tuple(sorted(ancestral - ends[0] - ends[1] - always - set(names)))
    bit_of = {name: bit for bit, name in enumerate((*names, "", "", *hidden))}
    bit_of |= dict.fromkeys(ends[0], len(names)) | dict.fromkeys(ends[1], len(names) + 1)
    neighbours = [0] * (len(names) + 2 + len(hidden))
    for family in _families(graph, ancestral):
        _join(neighbours, _mask(bit_of[name] for name in family if name not in always))
    _pass_through(neighbours, len(names) + 2)
    network = Network(names, tuple(neighbours[: len(names) + 2]))
    return None if network.neighbours[network.left] >> network.right & 1 else network


def minimal_separators(network: Network) -> Iterator[frozenset[str]]:
    """Every minimal separator of the ends once, small ones tending to come first."""
    first = _near(network, network.right, network.left)
    waiting = [(first.bit_count(), first)]
    seen = {first}
    while waiting:
        _, separator = heapq.heappop(waiting)
        yield network.named(separator)
        for another in _following(network, separator):
            if another not in seen:
                seen.add(another)
                heapq.heappush(waiting, (another.bit_count(), another))


def separator_near_right(network: Network) -> frozenset[str]:
    """The minimal separator that leaves the most on the side of the left end."""
    return network.named(_near(network, network.left, network.right))


def smallest_separator(network: Network) -> frozenset[str]:
    """The separator with the fewest variables; of several, the first in alphabetical order.

    Menger's theorem: as many variables as there are disjoint paths. A variable is in some smallest separator where the
    flow cannot be led around it.
    """
    flow = _largest_flow(network)
    removed = 0
    for bit in range(len(network.names)):
        if bit in flow.before and not _leads(network, flow, removed, (bit, False), (bit, True)):
            removed |= 1 << bit
            flow = flow.without_path_through(bit, network)
    return network.named(removed)


def _bits(members: int) -> Iterator[int]:
    while members:
        low = members & -members
        yield low.bit_length() - 1
        members ^= low


def _mask(bits: Iterable[int]) -> int:
    members = 0
    for bit in bits:
        members |= 1 << bit
    return members


def _families(graph: CausalGraph, ancestral: frozenset[str]) -> Iterator[frozenset[str]]:
    """Each district of the ancestral part together with the parents of its members."""
    for district in districts(graph.siblings_of, ancestral):
        yield district.union(*(graph.parents_of[name] for name in district))


def _join(neighbours: list[int], members: int) -> None:
    for bit in _bits(members):
        neighbours[bit] |= members & ~(1 << bit)


def _pass_through(neighbours: list[int], kept: int) -> None:
    """Join whatever is connected through variables from number `kept` on, which nothing can block."""
    hidden = (1 << len(neighbours)) - (1 << kept)
    while hidden:
        part = _component(neighbours, hidden & -hidden, ~hidden)
        hidden &= ~part
        _join(neighbours, _boundary(neighbours, part))
    visible = (1 << kept) - 1
    for bit in range(kept):
        neighbours[bit] &= visible


def _component(neighbours: Iterable[int], start: int, blocked: int) -> int:
    """What can be reached from `start` without entering `blocked`."""
    table = tuple(neighbours)
    reached = waiting = start
    while waiting:
        low = waiting & -waiting
        new = table[low.bit_length() - 1] & ~(reached | blocked)
        reached |= new
        waiting = (waiting ^ low) | new
    return reached


def _boundary(neighbours: Iterable[int], part: int) -> int:
    table = tuple(neighbours)
    around = 0
    for bit in _bits(part):
        around |= table[bit]
    return around & ~part


def _near(network: Network, far: int, near: int) -> int:
    """The minimal separator nearest to one end."""
    table = network.neighbours
    beyond = _component(table, 1 << far, table[near] & ~(1 << far))
    return _boundary(table, beyond)


def _following(network: Network, separator: int) -> Iterator[int]:
    """The minimal separators next to this one, each a step further from the left end."""
    table = network.neighbours
    right = 1 << network.right
    side = _component(table, 1 << network.left, separator)
    around = _boundary(table, side)
    for bit in _bits(separator & ~table[network.right]):
        closed = side | 1 << bit | around | table[bit]
        yield _boundary(table, _component(table, right, closed))


@dataclass(frozen=True)
class _Flow:
    """Disjoint paths between the ends: for each variable on one, its neighbour before and after."""

    before: dict[int, int]
    edges: frozenset[tuple[int, int]]

    @classmethod
    def along(cls, edges: frozenset[tuple[int, int]], network: Network) -> _Flow:
        return cls({end: start for start, end in edges if end != network.right}, edges)

    def without_path_through(self, bit: int, network: Network) -> _Flow:
        after = {start: end for start, end in self.edges if start != network.left}
        path = [bit]
        while path[-1] != network.right:
            path.append(after[path[-1]])
        while path[0] != network.left:
            path.insert(0, self.before[path[0]])
        return _Flow.along(self.edges - set(pairwise(path)), network)


_Side = tuple[int, bool]
"""A variable, on the side where paths enter it (False) or leave it (True)."""


def _largest_flow(network: Network) -> _Flow:
    flow = _Flow({}, frozenset())
    while steps := _leads(network, flow, 0, (network.left, True), (network.right, False)):
        edges = set(flow.edges)
        for (start, leaving), (end, entered) in pairwise(steps):
            if leaving and not entered and start != end:
                edges.add((start, end))
            elif not leaving and entered and start != end:
                edges.discard((end, start))
        flow = _Flow.along(frozenset(edges), network)
    return flow


def _leads(network: Network, flow: _Flow, removed: int, start: _Side, goal: _Side) -> list[_Side]:
    """A path that could carry more flow from `start` to `goal`, or nothing."""
    came_from: dict[_Side, _Side | None] = {start: None}
    waiting = [start]
    for side in waiting:
        if side == goal:
            break
        for following in _residual(network, flow, removed, side):
            if following not in came_from:
                came_from[following] = side
                waiting.append(following)
    if goal not in came_from:
        return []
    path = [goal]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return path[::-1]


def _residual(network: Network, flow: _Flow, removed: int, side: _Side) -> Iterator[_Side]:
    bit, leaving = side
    if leaving:
        for neighbour in _bits(network.neighbours[bit] & ~removed & ~(1 << network.left)):
            if (bit, neighbour) not in flow.edges:
                yield neighbour, False
        if bit in flow.before:
            yield bit, False
    elif bit in flow.before:
        yield flow.before[bit], True
    elif bit != network.right:
        yield bit, True
