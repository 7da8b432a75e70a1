"""The four searches: each takes evidence and knowledge and gives edges between numbered columns."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Any

import numpy as np

from causal.discovery.evidence import Evidence, MomentEvidence
from causal.discovery.knowledge import Knowledge
from causal.discovery.orientation import Found, equivalence_class
from causal.estimators.design import Floats

REWARD = 1000.0
"""What a required parent adds to a score per row: more than any data, and few enough digits to leave room for it."""

MOST_SWEEPS = 100
"""An order that still improves after so many sweeps does so by rounding."""

STARTS = 6
"""Moving one column at a time may end in an order that no such move betters: the best of so many is kept (asia with
10,000 rows, from its columns in alphabetical order, ends 10 edges from the truth; from most others, 1)."""

LEAST_GAIN = 1e-6
"""Scores of equivalent graphs differ by rounding: the first found stays."""

_TEST_NAME = "doable"


@dataclass(frozen=True, eq=False)
class Search:
    """What a search works on: columns are numbered in the order of `names`.

    `level` of its tests; `penalty`, a multiple of BIC's; `most_given`, the largest set that it conditions on; `pulse`
    is called often, and raises to stop the work.
    """

    evidence: Evidence
    names: tuple[str, ...]
    knowledge: Knowledge
    level: float
    penalty: float
    most_given: int
    rng: np.random.Generator
    pulse: Callable[[], None]

    def forbids(self, cause: int, effect: int) -> bool:
        """Whether the arrow cannot be."""
        return self.knowledge.forbids(self.names[cause], self.names[effect])

    def requires(self, cause: int, effect: int) -> bool:
        """Whether the arrow must be."""
        return self.knowledge.requires(self.names[cause], self.names[effect])

    def p_value(self, left: int, right: int, given: Sequence[int]) -> float:
        """Of the independence of two columns: 0 where an arrow is required, 1 where none is allowed."""
        self.pulse()
        if self.requires(left, right) or self.requires(right, left):
            return 0.0
        if self.forbids(left, right) and self.forbids(right, left):
            return 1.0
        return 0.0 if len(given) > self.most_given else exp(self.evidence.log_p(left, right, given))

    @cached_property
    def forbidden_parents(self) -> list[list[int]]:
        """For each column, itself and those that cannot cause it."""
        everyone = range(len(self.names))
        return [[each for each in everyone if each == child or self.forbids(each, child)] for child in everyone]


def search_pc(search: Search) -> list[Found]:
    """PC: Spirtes, Glymour and Scheines (2000); order-independent as in Colombo and Maathuis (2014), colliders by the
    separating set of the largest p-value (Ramsey 2016).
    """
    from causallearn.search.ConstraintBased.PC import pc
    from causallearn.utils.PCUtils.BackgroundKnowledge import BackgroundKnowledge

    known = BackgroundKnowledge()
    _, nodes = _nodes(search)
    for cause, effect in _pairs(search):
        if search.forbids(cause, effect):
            known.add_forbidden_by_node(nodes[cause], nodes[effect])
        if search.requires(cause, effect):
            known.add_required_by_node(nodes[cause], nodes[effect])
    _register_test()
    result = pc(
        _shape(search),
        alpha=search.level,
        indep_test=_TEST_NAME,
        uc_rule=1,
        background_knowledge=known,
        show_progress=False,
        max_k=search.most_given,
        node_names=[node.get_name() for node in nodes],
        search=search,
    )
    return _read_marks(result.G.graph)


def search_fci(search: Search) -> list[Found]:
    """FCI, which allows for hidden common causes: Spirtes, Meek and Richardson (1995), rules of Zhang (2008).

    A forbidden arrow becomes an arrow head at the would-be cause: causal-learn would make it a cause the other way
    round, which a hidden common cause contradicts.
    """
    from causallearn.search.ConstraintBased.FCI import fci

    _register_test()
    names, _ = _nodes(search)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints
        graph, _ = fci(
            _shape(search),
            independence_test_method=_TEST_NAME,
            alpha=search.level,
            depth=search.most_given,
            show_progress=False,
            node_names=names,
            search=search,
        )
    marks = np.array(graph.graph)
    for cause, effect in _pairs(search):
        if marks[cause, effect] and search.forbids(cause, effect):
            marks[cause, effect] = 1
        if marks[cause, effect] and search.requires(cause, effect):
            marks[cause, effect], marks[effect, cause] = -1, 1
    return _read_marks(marks)


def search_boss(search: Search) -> list[Found]:
    """BOSS, the best order by score: Andrews, Ramsey, Sanchez-Romero, Camchong and Kummerfeld (2023), NeurIPS 36.

    causal-learn's grow-shrink trees and moves, with a score for mixed columns and with knowledge of arrows.
    """
    from causallearn.search.PermutationBased.BOSS import better_mutation

    trees, best = _trees(search), _first_order(search)
    for start in range(STARTS):
        order = _first_order(search, shuffled=start > 0)
        for _ in range(MOST_SWEEPS):
            improved = False
            for column in search.rng.permutation(len(order)):
                search.pulse()
                improved |= better_mutation(int(column), order, trees)
            if not improved:
                break
        if _score_of(order, trees) > _score_of(best, trees) + LEAST_GAIN:
            best = order
    return equivalence_class(_parents(best, trees), search.forbids)


def search_lingam(search: Search) -> list[Found]:
    """DirectLiNGAM (Shimizu et al. 2011, JMLR 12: 1225-1248) for the order, then the parents by BIC among those before.

    Every arrow has its direction, which rests on linear effects of noise that is not normal.
    """
    from causallearn.search.FCMBased.lingam import DirectLiNGAM

    assert isinstance(search.evidence, MomentEvidence)
    values, weights = search.evidence.encoded.values, search.evidence.weights
    if weights is not None:
        values = np.repeat(values, weights.astype(np.int64), axis=0)
    search.pulse()
    model = DirectLiNGAM(random_state=0, prior_knowledge=_paths_known(search))
    model.fit(values)
    parents = _parents([int(each) for each in model.causal_order_], _trees(search))
    return sorted(Found(parent, child, "directed") for child, held in parents.items() for parent in held)


def _pairs(search: Search) -> list[tuple[int, int]]:
    everyone = range(len(search.names))
    return [(cause, effect) for cause in everyone for effect in everyone if cause != effect]


def _nodes(search: Search) -> tuple[list[str], list[Any]]:
    """Names of causal-learn's own, and its nodes: it reads names as patterns."""
    from causallearn.graph.GraphNode import GraphNode

    names = [f"X{place + 1}" for place in range(len(search.names))]
    return names, [GraphNode(name) for name in names]


def _shape(search: Search) -> Floats:
    """An array as wide as the columns: causal-learn looks at nothing else of it."""
    return np.zeros((len(search.names) + 1, len(search.names)))


def _register_test() -> None:
    """Tell causal-learn of a test that asks the search; it keeps no data, so that registering twice is the same."""
    from causallearn.utils import cit

    class AskedTest(cit.CIT_Base):  # type: ignore[misc]  # its base has no types
        def __init__(self, data: Floats, search: Search) -> None:
            super().__init__(data)
            self.method = _TEST_NAME
            self.search = search

        def __call__(self, left: int, right: int, given: Sequence[int] | None = None, *_: Any) -> float:
            return self.search.p_value(int(left), int(right), [int(each) for each in given or ()])

    cit.register_ci_test(_TEST_NAME, AskedTest)


def _read_marks(graph: Any) -> list[Found]:
    """Edges of causal-learn's matrix: [i, j] is the mark at i of the edge to j (-1 tail, 1 head, 2 circle)."""
    found = []
    for left in range(len(graph)):
        for right in range(left + 1, len(graph)):
            at_left, at_right = int(graph[left, right]), int(graph[right, left])
            if at_left or at_right:
                found.append(_edge(left, right, at_left, at_right))
    return found


def _edge(left: int, right: int, at_left: int, at_right: int) -> Found:
    if at_left == 1 and at_right == 1:
        return Found(left, right, "bidirected")
    if at_right == 1:
        return Found(left, right, "directed" if at_left == -1 else "partly directed")
    if at_left == 1:
        return Found(right, left, "directed" if at_right == -1 else "partly directed")
    return Found(left, right, "undirected")


class _Score:
    """What causal-learn's trees ask: the score of a column given parents."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.data = _shape(search)

    def score_nocache(self, child: int, parents: Sequence[int]) -> float:
        known = sum(self.search.requires(parent, child) for parent in parents)
        return self.search.evidence.score(child, parents, self.search.penalty) + REWARD * self.search.evidence.n * known


def _trees(search: Search) -> list[Any]:
    from causallearn.search.PermutationBased.gst import GST

    score = _Score(search)
    trees = [GST(column, score) for column in range(len(search.names))]
    for column, tree in enumerate(trees):
        tree.forbidden = search.forbidden_parents[column]
    return trees


def _first_order(search: Search, shuffled: bool = False) -> list[int]:
    """The columns by tier, causes that are required before their effects; within that as they are, or shuffled."""
    tiers, everyone = search.knowledge.tier_of, range(len(search.names))
    listed = [int(each) for each in search.rng.permutation(len(everyone))] if shuffled else list(everyone)
    waiting = sorted(listed, key=lambda place: tiers.get(search.names[place], 0))
    order: list[int] = []
    while waiting:
        ready = next(
            each for each in waiting if not any(search.requires(other, each) for other in waiting if other != each)
        )
        order.append(ready)
        waiting.remove(ready)
    return order


def _score_of(order: Sequence[int], trees: Sequence[Any]) -> float:
    return float(sum(trees[column].trace(list(order[:place]), []) for place, column in enumerate(order)))


def _parents(order: Sequence[int], trees: Sequence[Any]) -> dict[int, set[int]]:
    parents = {}
    for place, column in enumerate(order):
        held: list[int] = []
        trees[column].trace(list(order[:place]), held)
        parents[column] = set(held)
    return parents


def _paths_known(search: Search) -> Any:
    """causal-learn's matrix: [effect, cause] is 0 for no path, 1 for a path, -1 where nobody knows."""
    size = len(search.names)
    matrix = np.full((size, size), -1)
    tiers = search.knowledge.tier_of
    for cause, effect in _pairs(search):
        first, second = tiers.get(search.names[cause]), tiers.get(search.names[effect])
        if first is not None and second is not None and first > second:
            matrix[effect, cause] = 0
        if search.requires(cause, effect):
            matrix[effect, cause], matrix[cause, effect] = 1, 0
    return matrix if (matrix >= 0).any() else None
