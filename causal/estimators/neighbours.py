"""The units nearest to each unit, all ties included, on a line or between covariates.

What is found is kept as runs of the donors' order: a tie of a hundred thousand units is one run, not as many pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.design import Floats

Places = NDArray[np.int64]

PAIRS_AT_ONCE = 2_000_000
"""Distances held in memory at a time."""

MOST_COMPARISONS = 20_000_000_000
"""Beyond this many distances between covariates a search would take the better part of an hour."""

TREE_LEAF = 16


@dataclass(frozen=True, eq=False)
class Space:
    """Where units stand, and who may be compared: only units of one stratum.

    `cell` (n,) which of the `points` (cells, dimensions) a unit stands on; `stratum` (n,) codes from 0. On a line the
    points are in increasing order. Distances are Euclidean between points; those that differ by at most `tolerance`
    tie.
    """

    cell: Places
    points: Floats
    stratum: Places
    tolerance: float

    @property
    def is_line(self) -> bool:
        """Whether units stand on one number, such as the propensity."""
        return bool(self.points.shape[1] == 1)

    def without_strata(self) -> Space:
        """The same places, where everybody may be compared with everybody."""
        return Space(self.cell, self.points, np.zeros_like(self.stratum), self.tolerance)


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

    @property
    def size(self) -> Floats:
        """(n,) donors per asking unit; 0 where it has none."""
        return self._size_of_points()[self.point]

    def _size_of_points(self) -> Floats:
        return np.bincount(self.owner, weights=self.high - self.low, minlength=self.points).astype(np.float64)

    def means(self, values: Floats) -> Floats:
        """(n,) mean over each unit's donors of `values`, given for every unit of the sample; 0 where it has none."""
        running = np.concatenate([[0.0], np.cumsum(values[self.donors])])
        sums = np.bincount(self.owner, weights=running[self.high] - running[self.low], minlength=self.points)
        return np.asarray((sums / np.maximum(self._size_of_points(), 1))[self.point])

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
    points, cell = np.unique(score, return_inverse=True)
    return Space(cell.astype(np.int64), points[:, None], stratum, tolerance)


def between_covariates(columns: Floats, metric: Floats, stratum: Places, tolerance: float) -> Space:
    """Units at `columns` (n, p), where the squared distance of a difference d is |d @ metric|², metric (p, r)."""
    rows = np.ascontiguousarray(columns) + 0.0  # no negative zeros
    order = np.lexsort(rows.T[::-1]) if rows.shape[1] else np.arange(len(rows))
    ordered = rows[order]
    new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    cell = np.empty(len(rows), dtype=np.int64)
    cell[order] = np.cumsum(new) - 1
    return Space(cell, ordered[new] @ metric, stratum, tolerance)


def nearest(space: Space, donors: Places, asking: Places, count: int, reach: float = np.inf) -> Neighbours:
    """For every unit of `asking`, the `count` of `donors` nearest to it, and all that tie with the last of them.

    Both are positions in the sample. Only donors of the unit's stratum, at a distance of at most `reach`, count; where
    there are fewer, it gets those there are.

    Raises OptionProblem where the search would take too long.
    """
    donors = donors[np.lexsort((space.cell[donors], space.stratum[donors]))]
    order = np.lexsort((space.cell[asking], space.stratum[asking]))
    found = _on_points if space.is_line or space.points.shape[1] == 0 else _between_points
    sought = asking[order]
    new = starts_of_runs(space.stratum[sought], space.cell[sought])
    point = np.empty(len(asking), dtype=np.int64)
    point[order] = np.cumsum(new) - 1
    low, high, owner = found(space, donors, sought[new], count, reach)
    return Neighbours(donors, low, high, owner, point, int(new.sum()))


def starts_of_runs(*codes: Places) -> NDArray[np.bool_]:
    """True where any of the codes, in their order, is another than just before."""
    changed = np.zeros(len(codes[0]), dtype=bool)
    changed[:1] = True
    for code in codes:
        changed[1:] |= code[1:] != code[:-1]
    return changed


def _strata(space: Space, donors: Places, asking: Places) -> Iterator[tuple[slice, slice]]:
    """Where each stratum stands in both, which are in order of stratum."""
    of_donors, of_asking = space.stratum[donors], space.stratum[asking]
    for stratum in np.unique(of_asking):
        yield (
            slice(*np.searchsorted(of_donors, [stratum, stratum + 1])),
            slice(*np.searchsorted(of_asking, [stratum, stratum + 1])),
        )


def _on_points(space: Space, donors: Places, asking: Places, count: int, reach: float) -> tuple[Places, Places, Places]:
    """One run per asking point, empty where nobody is within reach."""
    line = space.points[:, 0] if space.is_line else np.zeros(len(space.points))
    low, high = np.zeros((2, len(asking)), dtype=np.int64)
    for theirs, own in _strata(space, donors, asking):
        if theirs.start < theirs.stop:
            values, asked = line[space.cell[donors[theirs]]], line[space.cell[asking[own]]]
            low[own], high[own] = _window(values, asked, count, reach, space.tolerance)
            low[own] += theirs.start
            high[own] += theirs.start
    return low, high, np.arange(len(asking))


def _window(values: Floats, asked: Floats, count: int, reach: float, tolerance: float) -> tuple[Places, Places]:
    """For each number asked, the slice of the sorted `values` that holds its `count` nearest and their ties."""
    count = min(count, len(values))
    right = np.searchsorted(values, asked)
    start, last = np.maximum(right - count, 0), np.minimum(right, len(values) - count)
    while (start < last).any():  # of the windows of `count` in a row, the nearest, by bisection
        middle = (start + last) // 2
        beyond = values[np.minimum(middle + count, len(values) - 1)]
        farther = (start < last) & (asked - values[middle] > beyond - asked)
        start, last = np.where(farther, middle + 1, start), np.where(farther, last, np.minimum(middle, last))
    radius = np.maximum(asked - values[start], values[start + count - 1] - asked)
    radius = np.minimum(radius, reach) + tolerance
    return (
        np.searchsorted(values, asked - radius, side="left").astype(np.int64),
        np.searchsorted(values, asked + radius, side="right").astype(np.int64),
    )


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
    waiting, width = np.arange(len(asked)), min(count + 2, len(points))
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


def plant(points: Floats) -> Any:
    """A tree of the points, in which to look up the nearest."""
    from scipy.spatial import cKDTree

    return cKDTree(points, leafsize=TREE_LEAF)


def look_up(tree: Any, asked: Floats, width: int) -> tuple[Floats, Places]:
    """Distances to and numbers of the `width` nearest of a tree's points, the nearest first: each (asked, width)."""
    distance, place = tree.query(asked, k=np.arange(1, width + 1))
    return np.asarray(distance), np.asarray(place, dtype=np.int64)


def _refuse_endless(space: Space, donors: Places, asking: Places) -> None:
    dimensions = space.points.shape[1]
    visited = min(len(donors), TREE_LEAF * 2.0**dimensions)  # a tree looks into few leaves only in few dimensions
    if len(asking) * visited > MOST_COMPARISONS:
        raise OptionProblem(
            f"Matching: nearest neighbours by {dimensions} columns among {len(asking):,} and {len(donors):,} units "
            "would take too long. Match on the propensity, on fewer columns, exactly on some of them, or on a sample "
            "of the units."
        )
