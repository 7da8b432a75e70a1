"""A policy as a few rules: the tree of depth 1 or 2 with the highest mean score, found by exact search.

Policy trees: Zhou, Athey and Wager (2023), Operations Research 71: 148-183; Sverdrup, Kanodia, Zhou, Athey and Wager
(2020), JOSS 5: 2232. The search is exact over the cuts it considers: every value of a column, or where there are more
than `CUTS`, that many quantiles of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem, OptionProblem, UnknownColumn
from causal.estimators.design import Floats
from causal.logs.unit_table import UnitTable
from causal.policies.arm_scores import ArmScores

CUTS = 64
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Leaf:
    """Units that the rules treat alike: the arm's place, how many they were, and the score of that arm."""

    arm: int
    units: int
    score: float


@dataclass(frozen=True)
class Split:
    """Units with `column` at most `cut` (a level: equal to it) go to `low`, the others to `high`."""

    column: str
    cut: float | str
    low: Split | Leaf
    high: Split | Leaf


@dataclass(frozen=True)
class PolicyTree:
    """The rules; `levels` names the arms of the leaves, `score` is the mean score they reach."""

    levels: tuple[object, ...]
    root: Split | Leaf
    score: float

    def lines(self) -> list[str]:
        """The rules as indented text."""
        return _lines(self.root, self.levels, 0)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dataclasses.asdict(self) | {"levels": list(self.levels)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> PolicyTree:
        """What `to_json` wrote."""
        return cls(tuple(document["levels"]), _node_of(document["root"]), document["score"])


def _node_of(document: Mapping[str, Any]) -> Split | Leaf:
    if "arm" in document:
        return Leaf(**document)
    return Split(document["column"], document["cut"], _node_of(document["low"]), _node_of(document["high"]))


@dataclass(frozen=True, eq=False)
class _Feature:
    """One yes-or-no cut per column of `below`; `code` (n,) says which bin a unit is in, cut c is code <= c."""

    name: str
    code: NDArray[np.int64]
    cuts: tuple[float | str, ...]
    ordered: bool


_Cut = tuple[int, int]
"""The place of a column, and of one of its cuts."""


def learn_tree(
    table: UnitTable,
    scores: ArmScores,
    costs: Floats,
    columns: Sequence[str] | None,
    depth: int,
    budget: float | None,
    price: float,
) -> tuple[PolicyTree, NDArray[np.int64]]:
    """The best tree, and (n,) the arm that it gives each unit scored.

    Where a budget binds, scores are taken less the costs at a price that is raised until the tree keeps to the budget.
    Raises OptionProblem, CovariateProblem, UnknownColumn.
    """
    if depth not in (1, 2):
        raise OptionProblem(f"Rules are searched to depth 1 or 2, not {depth!r}.")
    features = [_feature(table, scores, name) for name in (columns or scores.adjust_for)]
    if not features:
        raise OptionProblem("Rules need at least one column to go by: name some, or adjust for some.")
    if len(features) > MOST_COLUMNS:
        raise OptionProblem(f"Rules are searched over at most {MOST_COLUMNS} columns, not {len(features)}: name some.")

    sums = _Sums.of(scores.scores, costs, features, depth)

    def at(each: float) -> tuple[PolicyTree, NDArray[np.int64], float]:
        tree = sums.best_tree(each, scores.levels)
        told = _follow(tree.root, {feature.name: feature for feature in features}, len(scores))
        return tree, told, float(costs[np.arange(len(scores)), told].sum())

    tree, told, spent = at(0.0)
    if budget is None or spent <= budget * (1 + 1e-12):
        return tree, told
    low, high = 0.0, max(price, 1e-12)
    while at(high)[2] > budget * (1 + 1e-12):
        low, high = high, 2 * high
        if high > 1e18:
            raise OptionProblem("No tree keeps to the budget: give an arm that costs nothing, or raise the budget.")
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle)[2] > budget * (1 + 1e-12) else (low, middle)
    tree, told, _ = at(high)
    return tree, told


def rules_of_other_folds(
    table: UnitTable,
    scores: ArmScores,
    costs: Floats,
    columns: Sequence[str] | None,
    depth: int,
    budget: float | None,
    price: float,
    seed: int,
    folds: int = 5,
) -> NDArray[np.int64]:
    """(n,) the arm that each unit gets from rules learnt on the other folds: what a search would do on new units.

    Rules are valued by these: on the units that they were chosen for they look better than they are.
    """
    fold = folds_of(scores, seed, folds)
    found = np.empty(len(scores), dtype=np.int64)
    for each in range(folds):
        train, test = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        share = None if budget is None else budget * len(train) / len(scores)
        tree, _ = learn_tree(table, scores.only(train), costs[train], columns, depth, share, price)
        found[test] = arms_of(tree, replace(table, frame=table.frame.iloc[scores.rows[test]]))
    return found


def _feature(table: UnitTable, scores: ArmScores, name: str) -> _Feature:
    if name not in table.types:
        raise UnknownColumn.named(name, table.types)
    values = table.column(name).iloc[scores.rows]
    if table.types[name] in ("text", "identifier"):
        raise CovariateProblem(f'"{name}" is free text or an identifier: no rule can go by it. Leave it out.')
    if pd.api.types.is_numeric_dtype(values.dtype) and table.types[name] != "category":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.unique(numbers[np.isfinite(numbers)])
        cuts = known[:-1]
        if len(cuts) > CUTS:
            cuts = np.unique(
                np.quantile(numbers[np.isfinite(numbers)], np.arange(1, CUTS + 1) / (CUTS + 1), method="inverted_cdf")
            )
            cuts = cuts[cuts < known[-1]]
        code = np.searchsorted(cuts, numbers, side="left")
        code[~np.isfinite(numbers)] = len(cuts)
        return _Feature(name, code, tuple(float(each) for each in cuts), True)
    codes, levels = pd.factorize(values.astype(str), sort=True)
    return _Feature(name, codes.astype(np.int64), tuple(str(each) for each in levels), False)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of scores and of costs in every cell of two columns, from which every tree's total is read.

    `joint[i][j]` (2, K, bins of i, bins of j): scores and costs, both running along where a column is ordered.
    `alone[i]` (2, bins of i, K); `whole` (2, K).
    """

    values: Floats
    costs: Floats
    features: Sequence[_Feature]
    depth: int
    alone: list[Floats]
    joint: list[list[Floats]]

    @classmethod
    def of(cls, values: Floats, costs: Floats, features: Sequence[_Feature], depth: int) -> _Sums:
        alone = [np.stack([_alone(each, feature) for each in (values, costs)]) for feature in features]
        joint = [
            [np.stack([_joint(each, outer, inner) for each in (values, costs)]) for inner in features]
            for outer in features
        ]
        return cls(values, costs, features, depth, alone, joint if depth == 2 else [])

    def best_tree(self, price: float, levels: tuple[object, ...]) -> PolicyTree:
        """The tree whose leaves' best arms, scores less costs at the price, add up to the most."""
        net = self.values - price * self.costs
        everyone = net.sum(axis=0)
        best_total = float(everyone.max())
        root: tuple[int, int, _Cut | None, _Cut | None] | None = None
        for place, outer in enumerate(self.features):
            low = self.alone[place][0] - price * self.alone[place][1]
            low = low[: len(outer.cuts)]
            if len(low) == 0:
                continue
            high = everyone - low
            if self.depth == 1:
                totals, low_cuts, high_cuts = low.max(axis=1) + high.max(axis=1), None, None
            else:
                low_best, low_cuts = self._inner(place, price, low, False)
                high_best, high_cuts = self._inner(place, price, high, True)
                totals = low_best + high_best
            at = int(totals.argmax())
            if totals[at] > best_total + 1e-9 * abs(best_total):
                best_total = float(totals[at])
                root = place, at, _cut(low_cuts, at), _cut(high_cuts, at)
        return self._told(root, price, levels)

    def _inner(
        self, place: int, price: float, whole: Floats, above: bool
    ) -> tuple[Floats, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """For every outer cut the best total of one side, and the column (-1: none) and cut that reach it."""
        outer, cuts = self.features[place], len(whole)
        best = whole.max(axis=1)
        column, which = np.full(cuts, -1, dtype=np.int64), np.zeros(cuts, dtype=np.int64)
        for at, inner in enumerate(self.features):
            width = len(inner.cuts)
            if width == 0:
                continue
            table = self.joint[place][at][0] - price * self.joint[place][at][1]  # arms first: the fastest to compare
            below = table[:, :cuts, :width]
            if above:
                everything = table[:, -1] if outer.ordered else table.sum(axis=1)
                below = everything[:, None, :width] - below
            totals = below.max(axis=0) + (whole.T[:, :, None] - below).max(axis=0)
            top = totals.argmax(axis=1)
            reached = totals[np.arange(cuts), top]
            better = reached > best + 1e-9 * np.abs(best)
            best = np.where(better, reached, best)
            column, which = np.where(better, at, column), np.where(better, top, which)
        return best, (column, which)

    def _told(
        self, root: tuple[int, int, _Cut | None, _Cut | None] | None, price: float, levels: tuple[object, ...]
    ) -> PolicyTree:
        net, n = self.values - price * self.costs, len(self.values)
        everyone = np.ones(n, dtype=bool)
        if root is None:
            leaf = _leaf(net, self.values, everyone)
            return PolicyTree(levels, leaf, leaf.score)
        place, at, low, high = root
        outer = self.features[place]
        inside = _below(outer, at)
        sides = [self._node(net, side, cut) for side, cut in ((inside, low), (~inside, high))]
        tree = Split(outer.name, outer.cuts[at], sides[0], sides[1])
        return PolicyTree(levels, tree, _total(tree) / n)

    def _node(self, net: Floats, inside: NDArray[np.bool_], cut: _Cut | None) -> Split | Leaf:
        if cut is None:
            return _leaf(net, self.values, inside)
        feature = self.features[cut[0]]
        low = inside & _below(feature, cut[1])
        return Split(
            feature.name,
            feature.cuts[cut[1]],
            _leaf(net, self.values, low),
            _leaf(net, self.values, inside & ~low),
        )


def _cut(found: tuple[NDArray[np.int64], NDArray[np.int64]] | None, at: int) -> _Cut | None:
    if found is None or found[0][at] < 0:
        return None
    return int(found[0][at]), int(found[1][at])


def _bins(feature: _Feature) -> int:
    return len(feature.cuts) + 1 if feature.ordered else len(feature.cuts)


def _sums(values: Floats, code: NDArray[np.int64], bins: int) -> Floats:
    arms = range(values.shape[1])
    return np.column_stack([np.bincount(code, weights=values[:, arm], minlength=bins) for arm in arms])


def _alone(values: Floats, feature: _Feature) -> Floats:
    found = _sums(values, feature.code, _bins(feature))
    return np.cumsum(found, axis=0) if feature.ordered else found


def _joint(values: Floats, outer: _Feature, inner: _Feature) -> Floats:
    groups, width = _bins(outer), _bins(inner)
    found = _sums(values, outer.code * width + inner.code, groups * width).reshape(groups, width, values.shape[1])
    if outer.ordered:
        found = np.cumsum(found, axis=0)
    if inner.ordered:
        found = np.cumsum(found, axis=1)
    return np.ascontiguousarray(np.moveaxis(found, 2, 0))


def _total(node: Split | Leaf) -> float:
    return node.units * node.score if isinstance(node, Leaf) else _total(node.low) + _total(node.high)


def _below(feature: _Feature, place: int) -> NDArray[np.bool_]:
    return feature.code <= place if feature.ordered else feature.code == place


def _leaf(net: Floats, values: Floats, inside: NDArray[np.bool_]) -> Leaf:
    units = int(inside.sum())
    arm = int(net[inside].sum(axis=0).argmax())
    return Leaf(arm, units, float(values[inside, arm].sum() / units) if units else 0.0)


def _follow(node: Split | Leaf, features: dict[str, _Feature], n: int) -> NDArray[np.int64]:
    if isinstance(node, Leaf):
        return np.full(n, node.arm, dtype=np.int64)
    feature = features[node.column]
    low = _below(feature, feature.cuts.index(node.cut))
    return np.where(low, _follow(node.low, features, n), _follow(node.high, features, n))


def arms_of(tree: PolicyTree, table: UnitTable) -> NDArray[np.int64]:
    """(rows,) the arm's place that the rules give each row of a table; -1 where a column that they ask for is missing.

    Raises UnknownColumn.
    """
    return _told(tree.root, table)


def _told(node: Split | Leaf, table: UnitTable) -> NDArray[np.int64]:
    if isinstance(node, Leaf):
        return np.full(len(table), node.arm, dtype=np.int64)
    values = table.column(node.column)
    if isinstance(node.cut, str):
        low = (values.astype(str) == node.cut).to_numpy()
    else:
        low = values.to_numpy(dtype=np.float64, na_value=np.nan) <= node.cut
    found = np.where(low, _told(node.low, table), _told(node.high, table))
    found[values.isna().to_numpy()] = -1
    return np.asarray(found, dtype=np.int64)


def _lines(node: Split | Leaf, levels: tuple[object, ...], indent: int) -> list[str]:
    space = "    " * indent
    if isinstance(node, Leaf):
        return [f"{space}give {levels[node.arm]} ({node.units:,} units)"]
    equal = isinstance(node.cut, str)
    one, other = (f"is {node.cut}", f"is not {node.cut}") if equal else (f"≤ {node.cut:.4g}", f"> {node.cut:.4g}")
    return [
        f"{space}if {node.column} {one}:",
        *_lines(node.low, levels, indent + 1),
        f"{space}if {node.column} {other}:",
        *_lines(node.high, levels, indent + 1),
    ]


def folds_of(scores: ArmScores, seed: int, folds: int) -> NDArray[np.int64]:
    """(n,) the fold of each unit, whole clusters together."""
    groups = np.arange(len(scores)) if scores.clusters is None else scores.clusters
    return np.asarray(np.random.default_rng([seed, 7]).permutation(int(groups.max()) + 1)[groups] % folds)
