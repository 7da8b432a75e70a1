"""What two graphs of the same question differ in."""

from __future__ import annotations

from dataclasses import dataclass

from causal.graphs.causal_graph import CausalGraph, Edge, Role
from causal.graphs.paths import DrawnEdge


@dataclass(frozen=True)
class GraphDifference:
    """From one graph to another: `added`, `removed` and `turned` share no arrow; a turned one is as it is afterwards.

    `roles` holds the variables of both graphs whose role changed, with the role before and after (None: no role);
    `forced` and `freed` those that are now, and no longer, adjusted for in any case. Places do not matter.
    """

    added: tuple[DrawnEdge, ...]
    removed: tuple[DrawnEdge, ...]
    turned: tuple[Edge, ...]
    new_variables: tuple[str, ...]
    gone_variables: tuple[str, ...]
    roles: tuple[tuple[str, Role | None, Role | None], ...]
    forced: tuple[str, ...]
    freed: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the two say the same."""
        return not any(vars(self).values())


def graph_difference(before: CausalGraph, after: CausalGraph) -> GraphDifference:
    """What `after` has that `before` has not, and the other way round."""
    shared = sorted(set(before.nodes) & set(after.nodes))
    turned = tuple(
        (cause, effect)
        for cause, effect in after.directed
        if (effect, cause) in before.directed and (cause, effect) not in before.directed
    )
    back = {(effect, cause) for cause, effect in turned}
    old, new = _edges(before), _edges(after)
    held = {name: (before.role(name), after.role(name)) for name in shared}
    return GraphDifference(
        added=tuple(edge for edge in new if edge not in old and edge[:2] not in turned),
        removed=tuple(edge for edge in old if edge not in new and edge[:2] not in back),
        turned=turned,
        new_variables=tuple(sorted(set(after.nodes) - set(before.nodes))),
        gone_variables=tuple(sorted(set(before.nodes) - set(after.nodes))),
        roles=tuple((name, *roles) for name, roles in held.items() if roles[0] != roles[1]),
        forced=tuple(sorted(after.forced - before.forced)),
        freed=tuple(sorted((before.forced - after.forced) & set(after.nodes))),
    )


def _edges(graph: CausalGraph) -> tuple[DrawnEdge, ...]:
    directed: tuple[DrawnEdge, ...] = tuple((cause, effect, "directed") for cause, effect in graph.directed)
    return (*directed, *((left, right, "bidirected") for left, right in graph.bidirected))
