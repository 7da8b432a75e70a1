"""Matched sets without replacement: each unit in turn takes the nearest donor that is still free (greedy matching).

Rosenbaum and Rubin (1985), The American Statistician 39: 33-38; the order and the rounds are those of MatchIt (Ho,
Imai, King and Stuart 2011, Journal of Statistical Software 42(8)). Of equally near donors the first of the table is
taken.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from causal.estimators.design import Floats
from causal.estimators.neighbours import Neighbours, Places, Space, look_up, plant, starts_of_runs

CANDIDATES = 16
"""Nearest points looked up at first for each unit; four times as many each time that none of them has a free donor."""


def pairs(space: Space, donors: Places, asking: Places, count: int, reach: float = np.inf) -> Neighbours:
    """For every unit of `asking`, in that order, up to `count` of the donors, none of which serves twice.

    Everybody takes one before anybody takes a second. Both are positions in the sample.
    """
    chosen: list[tuple[int, int]] = []
    by_stratum = donors[np.argsort(space.stratum[donors], kind="stable")]
    turns = np.argsort(space.stratum[asking], kind="stable")
    for stratum in np.unique(space.stratum[asking]):
        free = _of_stratum(by_stratum, space, stratum)
        turn = turns[slice(*np.searchsorted(space.stratum[asking[turns]], [stratum, stratum + 1]))]
        if len(free):
            taker = (_AlongALine if space.points.shape[1] <= 1 else _BetweenPoints)(space, free, asking[turn], reach)
            found = [(place, taker.take(unit)) for _ in range(count) for place, unit in _listed(turn, asking)]
            chosen += [each for each in found if each[1] >= 0]
    chosen.sort()
    taken = np.array([each[1] for each in chosen], dtype=np.int64)
    runs = np.arange(len(taken))
    owner = np.array([each[0] for each in chosen], dtype=np.int64)
    return Neighbours(taken, runs, runs + 1, owner, np.arange(len(asking)), len(asking))


def _of_stratum(by_stratum: Places, space: Space, stratum: int) -> Places:
    return by_stratum[slice(*np.searchsorted(space.stratum[by_stratum], [stratum, stratum + 1]))]


def _listed(turn: Places, asking: Places) -> list[tuple[int, int]]:
    return list(zip(turn.tolist(), asking[turn].tolist(), strict=True))


class _Queues:
    """Free donors, in the order of the table, waiting at the cells they stand on."""

    def __init__(self, space: Space, free: Places) -> None:
        order = free[np.lexsort((free, space.cell[free]))]
        begins = np.flatnonzero(starts_of_runs(space.cell[order]))
        self.cells = space.cell[order[begins]]
        self._units, self._next = order.tolist(), begins.tolist()
        self._ends = [*begins[1:].tolist(), len(order)]

    def first(self, place: int) -> int:
        """The unit next in the queue of a place; -1 where it is empty."""
        return self._units[self._next[place]] if self._next[place] < self._ends[place] else -1

    def take(self, place: int) -> int:
        """The unit next in the queue, which leaves it."""
        self._next[place] += 1
        return int(self._units[self._next[place] - 1])


class _AlongALine:
    """Donors on a line; an empty queue points to the next that may have some."""

    def __init__(self, space: Space, free: Places, asking: Places, reach: float) -> None:
        self._queues = _Queues(space, free)
        self._cells, self._cell = self._queues.cells.tolist(), space.cell
        self._line = space.points[:, 0].tolist() if space.is_line else [0.0] * len(space.points)
        self._reach, self._tolerance = reach, space.tolerance
        self._up = list(range(len(self._cells) + 1))
        self._down = list(range(len(self._cells) + 1))  # one more than the place, as 0 is before the first

    def take(self, unit: int) -> int:
        """The donor of a unit, who is free no more; -1 where none is within reach."""
        asked = self._line[self._cell[unit]]
        place = bisect_left(self._cells, self._cell[unit])
        above, below = _end_of(self._up, place), _end_of(self._down, place) - 1
        to_above = self._line[self._cells[above]] - asked if above < len(self._cells) else np.inf
        to_below = asked - self._line[self._cells[below]] if below >= 0 else np.inf
        if min(to_above, to_below) > self._reach + self._tolerance or min(to_above, to_below) == np.inf:
            return -1
        chosen = above if to_above < to_below else below
        if abs(to_above - to_below) <= self._tolerance:
            chosen = min(above, below, key=self._queues.first)
        found = self._queues.take(chosen)
        if self._queues.first(chosen) < 0:
            self._up[chosen], self._down[chosen + 1] = chosen + 1, chosen
        return found


def _end_of(links: list[int], place: int) -> int:
    """The place that a chain of links ends at; the chain is made shorter on the way."""
    while links[place] != place:
        links[place] = links[links[place]]
        place = links[place]
    return place


class _BetweenPoints:
    """Donors by distance between covariates; the tree is built anew when much of what it finds is taken."""

    def __init__(self, space: Space, free: Places, asking: Places, reach: float) -> None:
        self._space, self._reach = space, reach + space.tolerance
        self._queues = _Queues(space, free)
        self._emptied = 0
        self._plant(np.arange(len(self._queues.cells)))
        cells = np.unique(space.cell[asking])
        distance, place, complete = self._look_up(space.points[cells], CANDIDATES)
        self._known = {cell: (distance[row], place[row], complete) for row, cell in enumerate(cells.tolist())}

    def _plant(self, places: Places) -> None:
        self._places, self._emptied = places, 0
        self._tree = plant(self._space.points[self._queues.cells[places]])

    def _look_up(self, asked: Floats, width: int) -> tuple[Floats, Places, bool]:
        """Distances and places of the nearest `width` queues, rows as asked, and whether these are all."""
        distance, place = look_up(self._tree, asked, min(width, len(self._places)))
        return distance, self._places[place], width >= len(self._places)

    def take(self, unit: int) -> int:
        """The donor of a unit, who is free no more; -1 where none is within reach."""
        cell = int(self._space.cell[unit])
        while True:
            distance, place, complete = self._known[cell]
            chosen, certain = self._nearest_of(distance, place)
            if certain or complete or distance[-1] > self._reach:
                break
            self._renew()
            if not len(self._places):
                return -1
            farther = self._look_up(self._space.points[[cell]], 4 * len(place))
            self._known[cell] = farther[0][0], farther[1][0], farther[2]
        if chosen < 0:
            return -1
        taken = self._queues.take(chosen)
        self._emptied += self._queues.first(chosen) < 0
        return taken

    def _renew(self) -> None:
        """A tree of the queues that are not empty, where it has lost a quarter."""
        if 4 * self._emptied > len(self._places):
            left = [place for place in self._places.tolist() if self._queues.first(place) >= 0]
            self._plant(np.array(left, dtype=np.int64))

    def _nearest_of(self, distance: Floats, place: Places) -> tuple[int, bool]:
        """The place with a free donor, at the least distance within reach, and whether nothing beyond can tie."""
        best, limit = -1, self._reach
        for away, each in zip(distance.tolist(), place.tolist(), strict=True):
            if away > limit:
                return best, best >= 0
            first = self._queues.first(each)
            if first >= 0:
                if best < 0:
                    best, limit = each, min(away + self._space.tolerance, self._reach)
                elif first < self._queues.first(best):
                    best = each
        return best, False
