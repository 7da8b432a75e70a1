"""The causal graph: variables, arrows, hidden common causes, and what is known of each variable."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

from causal.errors import CyclicGraph, GraphError, UnknownNode

Role = Literal["treatment", "outcome", "confounder", "instrument", "mediator", "unobserved", "selected"]
EdgeKind = Literal["directed", "bidirected"]
Edge = tuple[str, str]

NODE_LIMIT = 500
EDGE_LIMIT = 5_000
NAME_LIMIT = 1_000


@dataclass(frozen=True)
class CausalGraph:
    """An acyclic graph of variables; equal content is equal and hashes alike.

    `directed`: (cause, effect); `bidirected`: pairs with a hidden common cause, each pair in sorted order. `latent`:
    variables that nobody recorded (their role is "unobserved"); `selected`: variables whose value decided which rows
    are in the log (role "selected"); `forced`: variables to adjust for in any case. `roles` and `positions` have at
    most one entry per node. All fields are kept sorted.

    Raises CyclicGraph, UnknownNode, or GraphError where the parts do not make a graph.
    """

    nodes: tuple[str, ...] = ()
    directed: tuple[Edge, ...] = ()
    bidirected: tuple[Edge, ...] = ()
    latent: frozenset[str] = frozenset()
    selected: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    roles: tuple[tuple[str, Role], ...] = ()
    positions: tuple[tuple[str, float, float], ...] = ()

    def __post_init__(self) -> None:
        _make_canonical(self)
        _check_size(self)
        _check_names(self)
        _check_endpoints(self)
        _check_marks(self)
        _check_acyclic(self)

    @classmethod
    def from_edges(
        cls,
        edges: Iterable[Sequence[str]],
        bidirected: Iterable[Sequence[str]] = (),
        latent: Iterable[str] = (),
        selected: Iterable[str] = (),
        forced: Iterable[str] = (),
        nodes: Iterable[str] = (),
    ) -> CausalGraph:
        """The graph of these (cause, effect) pairs; every name that occurs anywhere becomes a node.

        Raises CyclicGraph or GraphError where the edges do not make a graph.
        """
        arrows = tuple(_pair(edge) for edge in edges)
        arcs = tuple(_pair(edge) for edge in bidirected)
        hidden, chosen, kept = frozenset(latent), frozenset(selected), frozenset(forced)
        named = [name for edge in (*arrows, *arcs) for name in edge]
        return cls(
            nodes=(*nodes, *named, *hidden, *chosen, *kept),
            directed=arrows,
            bidirected=arcs,
            latent=hidden,
            selected=chosen,
            forced=kept,
        )

    @classmethod
    def parse(cls, text: str) -> CausalGraph:
        """The graph written in `text`, told apart by its start.

        DAGitty, DOT, GML, Mermaid, JSON, lavaan's model syntax, or an edge list.

        Raises GraphSyntax with line and column where the text is no graph, and GraphError where the graph is none.
        """
        from causal.graphs.formats.reading import read_graph

        return read_graph(text)

    def to_text(self, format: str = "dagitty") -> str:
        """The graph as text in "dagitty", "dot", "gml", "mermaid", "json", "edges" or "lavaan".

        What each keeps is in `FORMATS` (`formats/writing.py`). Raises GraphError for another format.
        """
        from causal.graphs.formats.writing import write_graph

        return write_graph(self, format)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CausalGraph:
        """The graph of a canvas document, as `to_document` writes it; raises GraphError where its shape is another."""
        from causal.graphs.formats.document import graph_of

        return graph_of(document)

    def to_document(self) -> dict[str, Any]:
        """The graph as plain JSON values: {"nodes": [{name, role, x, y, forced?}], "directed", "bidirected"}."""
        from causal.graphs.formats.document import document_of

        return document_of(self)

    @cached_property
    def observed(self) -> frozenset[str]:
        """The variables that the log can hold: all but the latent ones."""
        return frozenset(self.nodes) - self.latent

    @cached_property
    def parents_of(self) -> dict[str, frozenset[str]]:
        """Direct causes of each node."""
        return _neighbours(self.nodes, ((effect, cause) for cause, effect in self.directed))

    @cached_property
    def children_of(self) -> dict[str, frozenset[str]]:
        """Direct effects of each node."""
        return _neighbours(self.nodes, self.directed)

    @cached_property
    def siblings_of(self) -> dict[str, frozenset[str]]:
        """For each node, those it shares a hidden common cause with (the bidirected edges)."""
        both_ways = (*self.bidirected, *((right, left) for left, right in self.bidirected))
        return _neighbours(self.nodes, both_ways)

    @cached_property
    def topological_order(self) -> tuple[str, ...]:
        """Every node after its causes; among equals, in alphabetical order of discovery."""
        return _topological_order(self)

    def parents(self, name: str) -> frozenset[str]:
        """Direct causes of a variable; raises UnknownNode."""
        return self.parents_of[self.known(name)]

    def children(self, name: str) -> frozenset[str]:
        """Direct effects of a variable; raises UnknownNode."""
        return self.children_of[self.known(name)]

    def siblings(self, name: str) -> frozenset[str]:
        """Variables joined to this one by a bidirected edge; raises UnknownNode."""
        return self.siblings_of[self.known(name)]

    def ancestors(self, names: str | Iterable[str]) -> frozenset[str]:
        """All causes, direct or not, of any of the names, without the names themselves; raises UnknownNode."""
        return self.ancestors_and_self(names) - frozenset(self.known_names(names))

    def ancestors_and_self(self, names: str | Iterable[str]) -> frozenset[str]:
        """The names and all their causes; raises UnknownNode."""
        return reachable_along(self.parents_of, self.known_names(names))

    def descendants(self, names: str | Iterable[str]) -> frozenset[str]:
        """All effects, direct or not, of any of the names, without the names themselves; raises UnknownNode."""
        return self.descendants_and_self(names) - frozenset(self.known_names(names))

    def descendants_and_self(self, names: str | Iterable[str]) -> frozenset[str]:
        """The names and all their effects; raises UnknownNode."""
        return reachable_along(self.children_of, self.known_names(names))

    def role(self, name: str) -> Role | None:
        """The role of a variable, if it has one; raises UnknownNode."""
        return dict(self.roles).get(self.known(name))

    def with_role_of(self, role: Role) -> tuple[str, ...]:
        """The variables that have this role, sorted."""
        return tuple(name for name, each in self.roles if each == role)

    def known(self, name: str) -> str:
        """The name itself, if the graph has it; raises UnknownNode."""
        if name not in self.parents_of:
            raise UnknownNode.named(name, self.nodes)
        return name

    def known_names(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """One name or several as a tuple; raises UnknownNode for one that the graph does not have."""
        return tuple(self.known(name) for name in ((names,) if isinstance(names, str) else names))

    def with_node(
        self, name: str, role: Role | None = None, position: tuple[float, float] | None = None
    ) -> CausalGraph:
        """The graph with one more variable; raises GraphError if it is there already."""
        if name in self.parents_of:
            raise GraphError(f'The graph already has a variable "{name}": choose another name.')
        placed = () if position is None else ((name, *position),)
        grown = replace(self, nodes=(*self.nodes, name), positions=(*self.positions, *placed))
        return grown if role is None else grown.with_role(name, role)

    def without_node(self, name: str) -> CausalGraph:
        """The graph without a variable and its edges; raises UnknownNode."""
        return self.restricted_to(set(self.nodes) - {self.known(name)})

    def with_edge(self, left: str, right: str, kind: EdgeKind = "directed") -> CausalGraph:
        """The graph with one more edge; raises UnknownNode, or CyclicGraph where the arrow closes a circle."""
        edge = (self.known(left), self.known(right))
        if kind == "directed":
            return replace(self, directed=(*self.directed, edge))
        return replace(self, bidirected=(*self.bidirected, edge))

    def without_edge(self, left: str, right: str, kind: EdgeKind = "directed") -> CausalGraph:
        """The graph without an edge; raises GraphError if there is none."""
        edge = (left, right) if kind == "directed" else _sorted_pair((left, right))
        edges = self.directed if kind == "directed" else self.bidirected
        if edge not in edges:
            arrow = "→" if kind == "directed" else "↔"
            raise GraphError(f'The graph has no edge "{left}" {arrow} "{right}" to remove.')
        kept = tuple(each for each in edges if each != edge)
        return replace(self, directed=kept) if kind == "directed" else replace(self, bidirected=kept)

    def with_role(self, name: str, role: Role | None) -> CausalGraph:
        """The graph with the role of one variable set, or taken away by None; raises UnknownNode or GraphError."""
        self.known(name)
        if role is not None and role not in get_args(Role):
            raise GraphError(_unknown_role(role))
        others = tuple(each for each in self.roles if each[0] != name)
        return replace(
            self,
            latent=self.latent - {name},
            selected=self.selected - {name},
            forced=self.forced - {name} if role in ("unobserved", "selected") else self.forced,
            roles=others if role is None else (*others, (name, role)),
        )

    def with_forced(self, name: str, forced: bool = True) -> CausalGraph:
        """The graph with a variable adjusted for in any case, or no longer; raises UnknownNode or GraphError."""
        mark = frozenset({self.known(name)})
        return replace(self, forced=self.forced | mark if forced else self.forced - mark)

    def with_position(self, name: str, x: float, y: float) -> CausalGraph:
        """The graph with one variable moved; raises UnknownNode."""
        others = tuple(each for each in self.positions if each[0] != self.known(name))
        return replace(self, positions=(*others, (name, x, y)))

    def without_positions(self) -> CausalGraph:
        """What the graph says, without how it is drawn."""
        return replace(self, positions=())

    def renamed(self, old: str, new: str) -> CausalGraph:
        """The graph with one variable renamed; raises UnknownNode, or GraphError if the new name is taken."""
        if new != self.known(old) and new in self.parents_of:
            raise GraphError(f'The graph already has a variable "{new}": choose another name.')
        names = {name: new if name == old else name for name in self.nodes}
        return CausalGraph(
            nodes=tuple(names.values()),
            directed=tuple((names[cause], names[effect]) for cause, effect in self.directed),
            bidirected=tuple((names[left], names[right]) for left, right in self.bidirected),
            latent=frozenset(names[name] for name in self.latent),
            selected=frozenset(names[name] for name in self.selected),
            forced=frozenset(names[name] for name in self.forced),
            roles=tuple((names[name], role) for name, role in self.roles),
            positions=tuple((names[name], x, y) for name, x, y in self.positions),
        )

    def restricted_to(self, names: Iterable[str]) -> CausalGraph:
        """The part of this graph that lies on these variables; raises UnknownNode."""
        kept = frozenset(self.known_names(tuple(names)))
        return CausalGraph(
            nodes=tuple(name for name in self.nodes if name in kept),
            directed=tuple(edge for edge in self.directed if kept.issuperset(edge)),
            bidirected=tuple(edge for edge in self.bidirected if kept.issuperset(edge)),
            latent=self.latent & kept,
            selected=self.selected & kept,
            forced=self.forced & kept,
            roles=tuple(each for each in self.roles if each[0] in kept),
            positions=tuple(each for each in self.positions if each[0] in kept),
        )


def reachable_along(neighbours: Mapping[str, frozenset[str]], start: Iterable[str]) -> frozenset[str]:
    """The nodes of `start` and all that can be reached from them by following `neighbours`."""
    reached = set(start)
    waiting = list(reached)
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return frozenset(reached)


def _pair(edge: Sequence[str]) -> Edge:
    if isinstance(edge, str) or len(edge) != 2:
        raise GraphError(f"An edge joins two variables; {edge!r} is no pair of names.")
    return edge[0], edge[1]


def _sorted_pair(edge: Edge) -> Edge:
    return (edge[0], edge[1]) if edge[0] <= edge[1] else (edge[1], edge[0])


def _neighbours(nodes: Iterable[str], edges: Iterable[Edge]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set() for name in nodes}
    for start, end in edges:
        found[start].add(end)
    return {name: frozenset(ends) for name, ends in found.items()}


def _make_canonical(graph: CausalGraph) -> None:
    """Sort every field and let `roles`, `latent` and `selected` agree; a frozen instance allows this only here."""
    for name in graph.nodes:
        if not isinstance(name, str):
            raise GraphError(f"A variable's name is text; {name!r} is not.")
    roles = _one_per_name("role", graph.roles)
    latent = frozenset(graph.latent) | {name for name, role in roles.items() if role == "unobserved"}
    selected = frozenset(graph.selected) | {name for name, role in roles.items() if role == "selected"}
    roles |= dict.fromkeys(selected, "selected") | dict.fromkeys(latent, "unobserved")
    positions = _one_per_name("position", ((name, (float(x), float(y))) for name, x, y in graph.positions))
    canonical: dict[str, Any] = {
        "nodes": tuple(sorted(set(graph.nodes))),
        "directed": tuple(sorted({_pair(edge) for edge in graph.directed})),
        "bidirected": tuple(sorted({_sorted_pair(_pair(edge)) for edge in graph.bidirected})),
        "latent": latent,
        "selected": selected,
        "forced": frozenset(graph.forced),
        "roles": tuple(sorted(roles.items())),
        "positions": tuple((name, x, y) for name, (x, y) in sorted(positions.items())),
    }
    for field, value in canonical.items():
        object.__setattr__(graph, field, value)


def _one_per_name(what: str, entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in entries:
        if found.setdefault(name, value) != value:
            raise GraphError(f'The variable "{name}" has two different {what}s: keep one.')
    return found


def _check_size(graph: CausalGraph) -> None:
    edges = len(graph.directed) + len(graph.bidirected)
    if len(graph.nodes) > NODE_LIMIT:
        raise GraphError(f"The graph has {len(graph.nodes):,} variables; at most {NODE_LIMIT} can be read.")
    if edges > EDGE_LIMIT:
        raise GraphError(f"The graph has {edges:,} edges; at most {EDGE_LIMIT:,} can be read.")


def _check_names(graph: CausalGraph) -> None:
    for name in graph.nodes:
        if not name.strip():
            raise GraphError("A variable has no name: give it one.")
        if len(name) > NAME_LIMIT:
            raise GraphError(
                f'The name "{name[:40]}…" has {len(name):,} characters; at most {NAME_LIMIT:,} can be kept.'
            )
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise GraphError(f"The name {name[:40]!r} holds half a character (a lone surrogate): type it again.")


def _check_endpoints(graph: CausalGraph) -> None:
    known = set(graph.nodes)
    mentioned = [
        *(name for edge in (*graph.directed, *graph.bidirected) for name in edge),
        *sorted(graph.latent | graph.selected | graph.forced),
        *(name for name, _ in graph.roles),
        *(name for name, _, _ in graph.positions),
    ]
    for name in mentioned:
        if name not in known:
            raise UnknownNode.named(name, graph.nodes)
    for left, right in graph.bidirected:
        if left == right:
            raise GraphError(f'The hidden common cause of "{left}" joins it to itself: draw it between two variables.')


def _check_marks(graph: CausalGraph) -> None:
    for _, role in graph.roles:
        if role not in get_args(Role):
            raise GraphError(_unknown_role(role))
    for name, x, y in graph.positions:
        if not (math.isfinite(x) and math.isfinite(y)):
            raise GraphError(f'The position of "{name}" is ({x}, {y}); both must be finite numbers.')
    for name in sorted(graph.latent & graph.selected):
        raise GraphError(f'"{name}" cannot be unobserved and decide which rows are in the log: keep one of the two.')
    for name in sorted(graph.latent & graph.forced):
        raise GraphError(f'"{name}" is unobserved, so it cannot be adjusted for: make it observed or do not force it.')


def _unknown_role(role: str) -> str:
    return f'The role "{role}" is none of: {", ".join(get_args(Role))}.'


def _check_acyclic(graph: CausalGraph) -> None:
    for cause, effect in graph.directed:
        if cause == effect:
            raise CyclicGraph((cause,))
    ordered = graph.topological_order
    if len(ordered) < len(graph.nodes):
        raise CyclicGraph(_cycle_among(graph, set(graph.nodes) - set(ordered)))


def _topological_order(graph: CausalGraph) -> tuple[str, ...]:
    missing = {name: len(parents) for name, parents in graph.parents_of.items()}
    ready = deque(name for name in graph.nodes if missing[name] == 0)
    ordered = []
    while ready:
        name = ready.popleft()
        ordered.append(name)
        for child in sorted(graph.children_of[name]):
            missing[child] -= 1
            if missing[child] == 0:
                ready.append(child)
    return tuple(ordered)


def _cycle_among(graph: CausalGraph, remaining: set[str]) -> tuple[str, ...]:
    """One circle of arrows; every remaining node has a remaining cause, so walking back must meet itself."""
    walked = [min(remaining)]
    while True:
        cause = min(graph.parents_of[walked[-1]] & remaining)
        if cause in walked:
            circle = walked[walked.index(cause) :][::-1]
            first = circle.index(min(circle))
            return tuple(circle[first:] + circle[:first])
        walked.append(cause)
