"""The units nearest to each unit, all ties included, on a line or between covariates.

What is found is kept as runs of the donors' order: a tie of a hundred thousand units is one run, not as many pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.design import Floats

Places = NDArray[np.int64]

PAIRS_AT_ONCE = 2_000_000
"""Distances held in memory at a time."""

MOST_COMPARISONS = 20_000_000_000
"""Beyond this many distances between covariates an estimate would take ten minutes or more."""

SPARE = 4
"""So many more points than needed are looked up at first, to see where ties end."""

TREE_LEAF = 16

TREE_DIMENSIONS = 10
"""In more dimensions a tree looks into most of its leaves, and all distances at once are found sooner."""


@dataclass(frozen=True, eq=False)
class Space:
    """Where units stand, and who may be compared: only units of one stratum.

    `cell` (n,) which of the `points` (cells, dimensions) a unit stands on; `stratum` (n,) codes from 0; `order` (n,)
    all units by stratum, and there by cell. On a line the points are in increasing order. Distances are Euclidean
    between points; those that differ by at most `tolerance` tie.
    """

    cell: Places
    points: Floats
    stratum: Places
    order: Places
    tolerance: float

    @property
    def is_line(self) -> bool:
        """Whether units stand on one number, such as the propensity."""
        return bool(self.points.shape[1] == 1)

    @cached_property
    def corner(self) -> Places:
        """(n,) numbers, in order, of the cells of each stratum that a unit stands on."""
        corner = np.empty(len(self.cell), dtype=np.int64)
        corner[self.order] = np.cumsum(starts_of_runs(self.stratum[self.order], self.cell[self.order])) - 1
        return corner

    def in_order(self, units: Places) -> Places:
        """The units, none of them twice, by stratum, and there by point."""
        chosen = np.zeros(len(self.cell), dtype=bool)
        chosen[units] = True
        return np.asarray(self.order[chosen[self.order]])

    def without_strata(self) -> Space:
        """The same places, where everybody may be compared with everybody."""
        order = np.argsort(self.cell, kind="stable")
        return Space(self.cell, self.points, np.zeros_like(self.stratum), order, self.tolerance)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each of n asking units its donors, as runs of `donors` (m,), positions in the sample.

    Run r goes from `low[r]` up to `high[r]` and belongs to point `owner[r]`; `point` (n,) is where each unit asks from.
    """

    donors: Places
    low: Places
    high: Places
    owner: Places
    point: Places
    points: int

    @cached_property
    def size(self) -> Floats:
        """(n,) donors per asking unit; 0 where it has none."""
        return np.asarray(self._size_of_points[self.point])

    @cached_property
    def _size_of_points(self) -> Floats:
        return np.bincount(self.owner, weights=self.high - self.low, minlength=self.points).astype(np.float64)

    def means(self, values: Floats) -> Floats:
        """(n,) mean over each unit's donors of `values`, given for every unit of the sample; 0 where it has none."""
        running = np.concatenate([[0.0], np.cumsum(values[self.donors])])
        sums = np.bincount(self.owner, weights=running[self.high] - running[self.low], minlength=self.points)
        return np.asarray((sums / np.maximum(self._size_of_points, 1))[self.point])

    def shared_out(self, amounts: Floats, length: int) -> Floats:
        """(length,) per unit of the sample, the sum of the `amounts` (n,) of those whose donor it is."""
        of_points = np.bincount(self.point, weights=amounts, minlength=self.points)[self.owner]
        places = len(self.donors) + 1
        change = np.bincount(self.low, weights=of_points, minlength=places)
        change -= np.bincount(self.high, weights=of_points, minlength=places)
        totals = np.cumsum(change)[: len(self.donors)]
        largest = float(np.abs(amounts).max(initial=0.0))
        found = np.zeros(length)
        found[self.donors] = np.where(np.abs(totals) < 1e-9 * largest, 0.0, totals)
        return found


def on_a_line(score: Floats, stratum: Places, tolerance: float) -> Space:
    """Units at one number each."""
    return _space(score[:, None], np.argsort(score, kind="stable"), np.eye(1), stratum, tolerance)


def between_covariates(columns: Floats, metric: Floats, stratum: Places, tolerance: float) -> Space:
    """Units at `columns` (n, p), where the squared distance of a difference d is |d @ metric|², metric (p, r)."""
    rows = columns + 0.0  # no negative zeros
    order = np.lexsort(rows.T[::-1]) if rows.shape[1] else np.arange(len(rows))
    return _space(rows, order, metric, stratum, tolerance)


def _space(rows: Floats, order: Places, metric: Floats, stratum: Places, tolerance: float) -> Space:
    """`order` sorts the `rows`; equal rows are one cell."""
    new = starts_of_runs(*(column[order] for column in rows.T)) if rows.shape[1] else order == 0
    cell = np.empty(len(rows), dtype=np.int64)
    cell[order] = np.cumsum(new) - 1
    if stratum.any():
        by_stratum = order[np.argsort(stratum[order], kind="stable")]
    else:
        by_stratum = order
    return Space(cell, rows[order[new]] @ metric, stratum, by_stratum, tolerance)


def nearest(space: Space, donors: Places, asking: Places, count: int, reach: float = np.inf) -> Neighbours:
    """For every unit of `asking`, the `count` of `donors` nearest to it, and all that tie with the last of them.

    Both are positions in the sample. Only donors of the unit's stratum, at a distance of at most `reach`, count; where
    there are fewer, it gets those there are.

    Raises OptionProblem where the search would take too long.
    """
    donors, sought = space.in_order(donors), space.in_order(asking)
    found = _on_points if space.is_line or space.points.shape[1] == 0 else _between_points
    new = starts_of_runs(space.corner[sought])
    of_units = np.empty(len(space.cell), dtype=np.int64)
    of_units[sought] = np.cumsum(new) - 1
    point = of_units[asking]
    low, high, owner = found(space, donors, sought[new], count, reach)
    return Neighbours(donors, low, high, owner, point, int(new.sum()))


def starts_of_runs(*codes: NDArray[Any]) -> NDArray[np.bool_]:
    """True where any of the codes, in their order, is another than just before."""
    changed = np.zeros(len(codes[0]), dtype=bool)
    changed[:1] = True
    for code in codes:
        changed[1:] |= code[1:] != code[:-1]
    return changed


def _strata(space: Space, donors: Places, asking: Places) -> Iterator[tuple[slice, slice]]:
    """Where each stratum stands in both, which are in order of stratum."""
    of_donors, of_asking = space.stratum[donors], space.stratum[asking]
    for stratum in of_asking[starts_of_runs(of_asking)]:
        yield (
            slice(*np.searchsorted(of_donors, [stratum, stratum + 1])),
            slice(*np.searchsorted(of_asking, [stratum, stratum + 1])),
        )


def _on_points(space: Space, donors: Places, asking: Places, count: int, reach: float) -> tuple[Places, Places, Places]:
    """One run per asking point, empty where nobody is within reach.

    Of the windows of `count` donors in a row the nearest is found by bisection; ties widen it, the reach narrows it.
    """
    line = space.points[:, 0] if space.is_line else np.zeros(len(space.points))
    values = np.append(line[space.cell[donors]], np.inf)
    asked = line[space.cell[asking]]
    per_corner = np.bincount(space.corner[donors], minlength=int(space.corner.max()) + 1)
    right = (np.cumsum(per_corner) - per_corner)[space.corner[asking]]
    per_stratum = np.bincount(space.stratum[donors], minlength=int(space.stratum.max()) + 1)
    end = np.cumsum(per_stratum)[space.stratum[asking]]
    begin = end - per_stratum[space.stratum[asking]]
    width = np.minimum(count, end - begin)
    low, last = np.maximum(right - width, begin), np.minimum(right, end - width)
    while (open_still := low < last).any():
        middle = (low + last) // 2
        farther = open_still & (asked - values[middle] > values[np.minimum(middle + width, end)] - asked)
        low, last = np.where(farther, middle + 1, low), np.where(farther, last, np.minimum(middle, last))
    high = low + width
    radius = np.maximum(asked - values[low], values[np.maximum(high - 1, 0)] - asked)
    radius = np.where(width > 0, np.minimum(radius, reach), -np.inf) + space.tolerance
    wider = (low > begin) & (asked - values[np.maximum(low - 1, 0)] <= radius)
    wider |= (high < end) & (values[high] - asked <= radius)
    wider |= (width > 0) & ((asked - values[low] > radius) | (values[np.maximum(high - 1, 0)] - asked > radius))
    some = np.flatnonzero(wider)
    low[some] = _first(values, asked[some] - radius[some], begin[some], end[some], np.less)
    high[some] = _first(values, asked[some] + radius[some], begin[some], end[some], np.less_equal)
    return low, high, np.arange(len(asking))


def _first(values: Floats, bound: Floats, begin: Places, end: Places, still: np.ufunc) -> Places:
    """For each bound the first place, from `begin` up to `end`, whose value is not `still` below it."""
    low, high = begin.copy(), end.copy()
    while (open_still := low < high).any():
        middle = (low + high) // 2
        below = open_still & still(values[middle], bound)
        low, high = np.where(below, middle + 1, low), np.where(open_still & ~below, middle, high)
    return low


def _between_points(
    space: Space, donors: Places, asking: Places, count: int, reach: float
) -> tuple[Places, Places, Places]:
    """A run for each donors' point within the radius of an asking point."""
    _refuse_endless(space, donors, asking)
    runs: list[tuple[Places, Places, Places]] = []
    for theirs, own in _strata(space, donors, asking):
        cells = space.cell[donors[theirs]]
        first = np.flatnonzero(starts_of_runs(cells))
        ends = np.append(first, len(cells))
        if len(first):
            owner, place = _around(
                space.points[cells[first]], np.diff(ends), space.points[space.cell[asking[own]]], count, reach, space
            )
            runs.append((ends[place] + theirs.start, ends[place + 1] + theirs.start, owner + own.start))
    if not runs:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    low, high, owner = (np.concatenate(each) for each in zip(*runs, strict=True))
    return low, high, owner


def _around(
    points: Floats, sizes: Places, asked: Floats, count: int, reach: float, space: Space
) -> tuple[Places, Places]:
    """(pairs,) which asked point has which of `points`, each of `sizes` units, among its `count` nearest units."""
    tree = plant(points)
    owners, places = [], []
    waiting, width = np.arange(len(asked)), min(count + SPARE, len(points))
    while len(waiting):
        unfinished = []
        step = max(PAIRS_AT_ONCE // width, 1)
        for begin in range(0, len(waiting), step):
            some = waiting[begin : begin + step]
            distance, place = look_up(tree, asked[some], width)
            reached = np.cumsum(sizes[place], axis=1) >= count
            last = np.where(reached.any(axis=1), reached.argmax(axis=1), width - 1)
            radius = np.minimum(distance[np.arange(len(some)), last], reach) + space.tolerance
            done = (distance[:, -1] > radius) | (width == len(points))
            row, column = np.nonzero((distance <= radius[:, None]) & done[:, None])
            owners.append(some[row])
            places.append(place[row, column])
            unfinished.append(some[~done])
        waiting, width = np.concatenate(unfinished), min(4 * width, len(points))
    return np.concatenate(owners), np.concatenate(places)


@dataclass(frozen=True, eq=False)
class _AllDistances:
    """Points to be searched one and all, by SciPy's name for it."""

    points: Floats

    def query(self, asked: Floats, k: Places) -> tuple[Floats, Places]:
        """Distances and numbers of the `len(k)` nearest points, the nearest first."""
        distance, place = np.empty((len(asked), len(k))), np.empty((len(asked), len(k)), dtype=np.int64)
        squares = (self.points**2).sum(axis=1)
        step = max(PAIRS_AT_ONCE // len(self.points), 1)
        for begin in range(0, len(asked), step):
            some = asked[begin : begin + step]
            near = squares - 2 * (some @ self.points.T)
            chosen = np.argpartition(near, len(k) - 1, axis=1)[:, : len(k)]
            away = np.sqrt(((some[:, None, :] - self.points[chosen]) ** 2).sum(axis=2))
            order = np.argsort(away, axis=1, kind="stable")
            distance[begin : begin + step] = np.take_along_axis(away, order, axis=1)
            place[begin : begin + step] = np.take_along_axis(chosen, order, axis=1)
        return distance, place


def plant(points: Floats) -> Any:
    """A tree of the points, or where that is of no use the points, in which to look up the nearest."""
    from scipy.spatial import cKDTree

    return cKDTree(points, leafsize=TREE_LEAF) if points.shape[1] <= TREE_DIMENSIONS else _AllDistances(points)


def look_up(tree: Any, asked: Floats, width: int) -> tuple[Floats, Places]:
    """Distances to and numbers of the `width` nearest of a tree's points, the nearest first: each (asked, width)."""
    distance, place = tree.query(asked, k=np.arange(1, width + 1))
    return np.asarray(distance), np.asarray(place, dtype=np.int64)


def _refuse_endless(space: Space, donors: Places, asking: Places) -> None:
    """`donors` and `asking` in the order of the space."""
    dimensions, strata = space.points.shape[1], int(space.stratum.max()) + 1
    points = donors[starts_of_runs(space.corner[donors])]
    found = np.bincount(space.stratum[points], minlength=strata).astype(np.float64)
    visited = np.minimum(found, TREE_LEAF * 2.0**dimensions)  # a tree looks into few leaves only in few dimensions
    if visited @ np.bincount(space.stratum[asking], minlength=strata) > MOST_COMPARISONS:
        raise OptionProblem(
            f"Matching: nearest neighbours by {dimensions} columns among {len(asking):,} and {len(points):,} units "
            "would take too long. Match on the propensity, on fewer columns, exactly on some of them, or on a sample "
            "of the units."
        )
