"""The paths between two variables: which carry the effect, which carry bias, and what blocks them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count, islice, pairwise
from typing import Literal

from causal.graphs.causal_graph import CausalGraph, Edge, EdgeKind
from causal.graphs.separation import Names, Visit, open_visits

Arrow = Literal["→", "←", "↔"]
_Step = tuple[Arrow, str]
DrawnEdge = tuple[str, str, EdgeKind]
"""An edge as the graph holds it: its two ends in the graph's own order, and its kind."""

PATH_LIMIT = 1_000
COLOUR_LIMIT = 300


@dataclass(frozen=True)
class Path:
    """A path without repeated variables; `arrows[i]` stands between `nodes[i]` and `nodes[i + 1]`."""

    nodes: tuple[str, ...]
    arrows: tuple[Arrow, ...]

    @property
    def causal(self) -> bool:
        """Whether every arrow points from the first variable towards the last."""
        return all(arrow == "→" for arrow in self.arrows)

    @property
    def colliders(self) -> tuple[str, ...]:
        """The inner variables that two arrow heads meet."""
        pairs = zip(self.nodes[1:-1], self.arrows, self.arrows[1:], strict=False)
        return tuple(name for name, before, after in pairs if before != "←" and after != "→")

    @property
    def text(self) -> str:
        """The path as a person writes it: x ← u → y."""
        steps = (f" {arrow} {name}" for arrow, name in zip(self.arrows, self.nodes[1:], strict=True))
        return self.nodes[0] + "".join(steps)

    @property
    def edges(self) -> tuple[DrawnEdge, ...]:
        """The edges it goes along, as the graph holds them."""
        steps = zip(self.nodes, self.arrows, self.nodes[1:], strict=False)
        return tuple(_drawn(start, (arrow, end)) for start, arrow, end in steps)


@dataclass(frozen=True)
class PathReading:
    """A path given what is adjusted for: whether it is open, and the variables that block it."""

    path: Path
    open: bool
    blocked_by: tuple[str, ...]


@dataclass(frozen=True)
class PathList:
    """The paths found, shortest first; `complete` is False where there are more than the limit."""

    readings: tuple[PathReading, ...]
    complete: bool


@dataclass(frozen=True)
class PathColours:
    """The edges to draw as causal, and those to draw as biasing: on a path that is open and not causal."""

    causal: frozenset[DrawnEdge]
    biasing: frozenset[DrawnEdge]


def paths_between(
    graph: CausalGraph, start: str, end: str, given: Iterable[str] = (), limit: int = PATH_LIMIT
) -> PathList:
    """All paths from `start` to `end`, each with whether `given` (and the log's selection) leaves it open.

    Raises UnknownNode.
    """
    held = frozenset(given) | graph.selected
    found = _shortest_paths(graph, start, end, limit + 1)
    readings = sorted((read_path(graph, path, held) for path in found[:limit]), key=_length_and_text)
    return PathList(tuple(readings), complete=len(found) <= limit)


def each_path(graph: CausalGraph, start: str, end: str) -> Iterator[Path]:
    """Every path from `start` to `end` once, the shortest first, with polynomial delay.

    A step is taken only where `end` can still be reached, and the partial path that needs the fewest steps goes on.
    """
    graph.known_names((start, end))
    skeleton = {
        name: graph.children_of[name] | graph.parents_of[name] | graph.siblings_of[name] for name in graph.nodes
    }
    ticket = count(step=-1)  # of equals the newest goes on, so that few partial paths wait
    waiting: list[tuple[int, int, tuple[str, ...], tuple[Arrow, ...]]] = [(0, next(ticket), (start,), ())]
    while waiting:
        _, _, nodes, arrows = heappop(waiting)
        if nodes[-1] == end:
            yield Path(nodes, arrows)
            continue
        left = _steps_left(skeleton, nodes, end)
        for arrow, name in _steps(graph, nodes[-1]):
            if name in left:
                heappush(waiting, (len(nodes) + left[name], next(ticket), (*nodes, name), (*arrows, arrow)))


def read_path(graph: CausalGraph, path: Path, given: Iterable[str]) -> PathReading:
    """Whether the path is open given these variables, and the inner variables that block it."""
    held = frozenset(graph.known_names(tuple(given)))
    opened = graph.ancestors_and_self(held)
    colliders = set(path.colliders)
    blocking = (name for name in path.nodes[1:-1] if (name not in opened if name in colliders else name in held))
    blocked_by = tuple(blocking)
    return PathReading(path, not blocked_by, blocked_by)


def open_path(graph: CausalGraph, start: Names, end: Names, given: Iterable[str] = ()) -> Path | None:
    """A short path that `given` leaves open, or None where there is none."""
    held = frozenset(graph.known_names(tuple(given)))
    goals = frozenset(graph.known_names(end)) - held
    came_from = open_visits(graph, start, held)
    goal = next((visit for visit in came_from if visit[0] in goals), None)
    if goal is None:
        return None
    walk = _walk_to(came_from, goal)
    if len({name for name, _ in walk}) == len(walk):
        return _path_along(graph, walk, held)
    found = islice(each_path(graph, walk[0][0], walk[-1][0]), PATH_LIMIT)
    return next((path for path in found if read_path(graph, path, held).open), _path_along(graph, walk, held))


def path_colours(graph: CausalGraph, start: str, end: str, given: Iterable[str] = ()) -> PathColours:
    """The edges on causal paths, and the edges on open paths that are not causal, given what is adjusted for.

    Where there are more than 300 paths, an edge is biasing if an open walk that is not causal goes along it: the
    same but for edges that only a walk with a repeated variable reaches.
    """
    held = frozenset(given) | graph.selected
    found = _shortest_paths(graph, start, end, COLOUR_LIMIT + 1)
    if len(found) > COLOUR_LIMIT:
        return PathColours(_causal_edges(graph, start, end), _edges_of_biasing_walks(graph, start, end, held))
    biasing = (path for path in found if not path.causal and read_path(graph, path, held).open)
    return PathColours(_causal_edges(graph, start, end), frozenset(edge for path in biasing for edge in path.edges))


@lru_cache(maxsize=8)  # the colours of a reading and its list look at the same ones
def _shortest_paths(graph: CausalGraph, start: str, end: str, count: int) -> tuple[Path, ...]:
    return tuple(islice(each_path(graph, start, end), count))


def _length_and_text(reading: PathReading) -> tuple[int, str]:
    return len(reading.path.nodes), reading.path.text


def _steps(graph: CausalGraph, name: str) -> Iterator[_Step]:
    for child in sorted(graph.children_of[name]):
        yield "→", child
    for parent in sorted(graph.parents_of[name]):
        yield "←", parent
    for sibling in sorted(graph.siblings_of[name]):
        yield "↔", sibling


def _steps_left(skeleton: dict[str, frozenset[str]], nodes: tuple[str, ...], end: str) -> dict[str, int]:
    """How far `end` is from each variable that reaches it without meeting one of `nodes`."""
    met = set(nodes)
    left = {end: 0}
    waiting = deque([end])
    while waiting:
        name = waiting.popleft()
        for neighbour in skeleton[name]:
            if neighbour not in left and neighbour not in met:
                left[neighbour] = left[name] + 1
                waiting.append(neighbour)
    return left


def _drawn(start: str, step: _Step) -> DrawnEdge:
    arrow, end = step
    if arrow == "↔":
        return min(start, end), max(start, end), "bidirected"
    return (start, end, "directed") if arrow == "→" else (end, start, "directed")


def _walk_to(came_from: dict[Visit, Visit | None], goal: Visit) -> list[Visit]:
    walk = [goal]
    while (before := came_from[walk[-1]]) is not None:
        walk.append(before)
    return walk[::-1]


def _path_along(graph: CausalGraph, walk: list[Visit], held: frozenset[str]) -> Path:
    arrows = tuple(_arrow(graph, left, right, held) for left, right in pairwise(walk))
    return Path(tuple(name for name, _ in walk), arrows)


def _arrow(graph: CausalGraph, left: Visit, right: Visit, held: frozenset[str]) -> Arrow:
    if not right[1]:
        return "←"
    leaves_by_tail = right[0] in graph.children_of[left[0]] and left[0] not in held
    return "→" if leaves_by_tail else "↔"


def _causal_edges(graph: CausalGraph, start: str, end: str) -> frozenset[DrawnEdge]:
    between = graph.descendants_and_self(start) & graph.ancestors_and_self(end)
    edges: Iterable[Edge] = (edge for edge in graph.directed if between.issuperset(edge))
    return frozenset((cause, effect, "directed") for cause, effect in edges)


_Place = tuple[str, bool, bool]
"""A variable on a walk, whether it was entered through an arrow head, and whether the walk stopped being causal."""


def _edges_of_biasing_walks(graph: CausalGraph, start: str, end: str, held: frozenset[str]) -> frozenset[DrawnEdge]:
    steps = _biasing_steps(graph, start, end, held)
    backwards: dict[_Place, set[_Place]] = {}
    for place, _, following in steps:
        backwards.setdefault(following, set()).add(place)
    finishing = set[_Place]()
    waiting = [place for place in backwards if place[0] == end and place[2]]
    while waiting:
        place = waiting.pop()
        if place not in finishing:
            finishing.add(place)
            waiting.extend(backwards.get(place, ()))
    return frozenset(_drawn(place[0], step) for place, step, following in steps if following in finishing)


def _biasing_steps(
    graph: CausalGraph, start: str, end: str, held: frozenset[str]
) -> list[tuple[_Place, _Step, _Place]]:
    """Every step that an open walk from `start` can take before it reaches `end`."""
    opened = graph.ancestors_and_self(held)
    first: _Place = (start, False, False)
    steps: list[tuple[_Place, _Step, _Place]] = []
    seen = {first}
    waiting = [first]
    while waiting:
        place = waiting.pop()
        for step in _open_steps(graph, place, held, opened):
            following = (step[1], step[0] != "←", place[2] or step[0] != "→")
            if step[1] == start:
                continue
            steps.append((place, step, following))
            if following not in seen and step[1] != end:
                seen.add(following)
                waiting.append(following)
    return steps


def _open_steps(graph: CausalGraph, place: _Place, held: frozenset[str], opened: frozenset[str]) -> Iterator[_Step]:
    name, by_head, _ = place
    for arrow, neighbour in _steps(graph, name):
        collider = by_head and arrow != "→"
        if (name in opened) if collider else (name not in held):
            yield arrow, neighbour
