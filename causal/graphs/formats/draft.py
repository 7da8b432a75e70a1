"""A graph while it is being read: what has been seen so far, and where the text went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from causal.errors import GraphError, GraphSyntax
from causal.graphs.causal_graph import EDGE_LIMIT, NODE_LIMIT, CausalGraph, Edge, Role

_FLAGS: dict[str, Role] = {
    "exposure": "treatment",
    "source": "treatment",
    "outcome": "outcome",
    "target": "outcome",
    "latent": "unobserved",
    "unobserved": "unobserved",
    "selected": "selected",
}
"""The words of DAGitty for a variable's role."""

TOKEN_LIMIT = 60_000
"""Words and marks in a text: enough for the largest graph, few enough to be read within a second."""
NESTING_LIMIT = 100
_FALSE = frozenset({"0", "no", "false"})


@dataclass
class Draft:
    """Nodes, edges and marks collected by a parser; `graph` makes the finished graph of them."""

    nodes: dict[str, None] = field(default_factory=dict)
    directed: dict[Edge, None] = field(default_factory=dict)
    bidirected: dict[Edge, None] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    forced: set[str] = field(default_factory=set)
    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    edges_said: int = 0

    def add_node(self, name: str) -> None:
        """Note a variable; raises GraphError where there are too many."""
        self.nodes[name] = None
        if len(self.nodes) > NODE_LIMIT:
            raise GraphError(f"The text names more than {NODE_LIMIT} variables, the most that can be read.")

    def add_edges(self, lefts: Iterable[str], arrow: str, rights: Iterable[str]) -> None:
        """Note an edge from each left to each right; `arrow` is "->", "<-" or "<->"; raises GraphError."""
        ends = tuple(rights)
        for left in lefts:
            for right in ends:
                self._add_edge(left, arrow, right)

    def _add_edge(self, left: str, arrow: str, right: str) -> None:
        if arrow == "<->":
            self.bidirected[min(left, right), max(left, right)] = None
        else:
            self.directed[(left, right) if arrow == "->" else (right, left)] = None
        self.edges_said += 1
        if len(self.directed) + len(self.bidirected) > EDGE_LIMIT or self.edges_said > 4 * EDGE_LIMIT:
            raise GraphError(f"The text has more than {EDGE_LIMIT:,} edges, the most that can be read.")

    def mark(self, name: str, word: str, value: str | None) -> None:
        """Note an attribute of a variable; words that say nothing about a causal graph are passed over."""
        key, said = word.lower(), None if value is None else value.strip().lower()
        if key == "pos" and value is not None:
            self._place(name, value)
        elif key == "role" and said in get_args(Role):
            self.roles[name] = next(role for role in get_args(Role) if role == said)
        elif key == "observed" and said in _FALSE:
            self.roles[name] = "unobserved"
        elif key in _FLAGS and said not in _FALSE:
            self._mark_role(name, _FLAGS[key])
        elif key in ("adjusted", "forced") and said not in _FALSE:
            self.forced.add(name)

    def _mark_role(self, name: str, role: Role) -> None:
        """One role per variable: unobserved before any other, else the first said."""
        if role == "unobserved" or name not in self.roles:
            self.roles[name] = role

    def graph(self) -> CausalGraph:
        """The finished graph; raises GraphError as CausalGraph does."""
        return CausalGraph(
            nodes=tuple(self.nodes),
            directed=tuple(self.directed),
            bidirected=tuple(self.bidirected),
            forced=frozenset(self.forced),
            roles=tuple(self.roles.items()),
            positions=tuple((name, x, y) for name, (x, y) in self.positions.items()),
        )

    def _place(self, name: str, value: str) -> None:
        parts = value.rstrip("!").split(",")
        try:
            x, y = float(parts[0]), float(parts[1])
        except (ValueError, IndexError):
            return
        if abs(x) <= 1e9 and abs(y) <= 1e9:
            self.positions[name] = (x, y)


def syntax_error(text: str, offset: int, message: str) -> GraphSyntax:
    """The error for what stands at `offset`, with its line and column."""
    start = text.rfind("\n", 0, offset) + 1
    return GraphSyntax(message, text.count("\n", 0, offset) + 1, offset - start + 1)


def check_tokens(text: str, offset: int, count: int) -> None:
    """Raise GraphSyntax where a text has more words and marks than the largest graph needs."""
    if count > TOKEN_LIMIT:
        raise syntax_error(
            text, offset, f"the text goes on after {TOKEN_LIMIT:,} words and marks, the most that is read."
        )


def check_nesting(text: str, offset: int, depth: int) -> None:
    """Raise GraphSyntax where brackets are nested more deeply than any graph needs."""
    if depth > NESTING_LIMIT:
        raise syntax_error(text, offset, f"brackets can be nested {NESTING_LIMIT} deep at most.")


def attributes_of(graph: CausalGraph) -> dict[str, list[tuple[str, str | None]]]:
    """For each variable the words for its role, force and position, in the spelling that `Draft.mark` reads."""
    flags: dict[str, str] = {"treatment": "exposure", "outcome": "outcome"}
    flags |= {"unobserved": "latent", "selected": "selected"}
    found: dict[str, list[tuple[str, str | None]]] = {name: [] for name in graph.nodes}
    for name, role in graph.roles:
        found[name].append((flags[role], None) if role in flags else ("role", role))
    for name in sorted(graph.forced):
        found[name].append(("adjusted", None))
    for name, x, y in graph.positions:
        found[name].append(("pos", f"{x!r},{y!r}"))
    return found
