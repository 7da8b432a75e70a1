"""Which arrows of a graph the data can know: equivalence classes, and what background knowledge adds to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Literal, NamedTuple

EdgeSort = Literal["directed", "bidirected", "partly directed", "undirected"]


class Found(NamedTuple):
    """An edge between numbered columns: left -> right, left <-> right, left o-> right, or left - right undecided."""

    left: int
    right: int
    sort: EdgeSort


Forbids = Callable[[int, int], bool]
"""Whether the arrow from the first to the second column cannot be."""


def equivalence_class(parents: dict[int, set[int]], forbids: Forbids) -> list[Found]:
    """The edges of an acyclic graph, undirected where a graph of the same independencies turns them round.

    Colliders whose causes are not joined, then what knowledge decides, closed under the four rules of Meek (1995),
    "Causal inference and causal explanation with background knowledge", UAI 11: 403-410.
    """
    pairs = {(parent, child) for child, held in parents.items() for parent in held}
    joined = {frozenset(pair) for pair in pairs}
    directed = {
        (parent, child)
        for child, held in parents.items()
        for left, right in combinations(sorted(held), 2)
        if frozenset((left, right)) not in joined
        for parent in (left, right)
    }
    directed |= {(parent, child) for parent, child in pairs if forbids(child, parent)}
    return close_orientations(pairs, directed)


def close_orientations(edges: Iterable[tuple[int, int]], directed: Iterable[tuple[int, int]]) -> list[Found]:
    """The edges, directed where the `directed` ones leave no other way without a circle or a new collider."""
    arrows = set(directed)
    undecided = {frozenset(pair) for pair in edges} - {frozenset(pair) for pair in arrows}
    joined = undecided | {frozenset(pair) for pair in arrows}
    changed = True
    while changed:
        changed = False
        for pair in sorted(undecided, key=sorted):
            left, right = sorted(pair)
            for cause, effect in ((left, right), (right, left)):
                if _follows(cause, effect, arrows, undecided, joined):
                    arrows.add((cause, effect))
                    undecided.discard(pair)
                    changed = True
                    break
    found = [Found(cause, effect, "directed") for cause, effect in arrows]
    return sorted([*found, *(Found(min(pair), max(pair), "undirected") for pair in undecided)])


def _follows(
    cause: int,
    effect: int,
    arrows: set[tuple[int, int]],
    undecided: set[frozenset[int]],
    joined: set[frozenset[int]],
) -> bool:
    """Whether one of Meek's rules turns cause - effect into an arrow."""
    into_cause = [left for left, right in arrows if right == cause]
    into_effect = [left for left, right in arrows if right == effect]
    if any(frozenset((each, effect)) not in joined for each in into_cause if each != effect):
        return True
    if any((cause, each) in arrows for each in into_effect):
        return True
    beside = [each for each in into_effect if frozenset((cause, each)) in undecided]
    if any(frozenset(pair) not in joined for pair in combinations(beside, 2)):
        return True
    return any(
        frozenset((cause, far)) in undecided and frozenset((far, effect)) not in joined
        for near in into_effect
        if frozenset((cause, near)) in joined
        for far, middle in arrows
        if middle == near and far not in (cause, effect)
    )
