"""From the values of a node's causes to the columns of its model: lines, bends, dummies and products.

Bends are natural cubic splines, which are straight beyond the outer knots: Harrell (2015), Regression Modeling
Strategies, section 2.4.5. The outer knots lie further out than his, since what-ifs ask about the ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causal.estimators.design import Floats
from causal.interventions.node_columns import NodeColumn, Values

KNOTS = (0.01, 0.25, 0.5, 0.75, 0.99)

MOST_COLUMNS = 60
"""Products are left out where there would be more columns."""


@dataclass(frozen=True, eq=False)
class Part:
    """The columns of one cause: dummies for its `points` but the first, or a line with `knots` that bend it."""

    name: str
    points: Floats
    knots: Floats
    centre: float
    scale: float

    @property
    def width(self) -> int:
        """How many main columns it has, bends left out."""
        return len(self.points) - 1 if len(self.points) else 1


@dataclass(frozen=True, eq=False)
class Features:
    """The model columns of several causes: an intercept, each cause's part, and the products of pairs of causes."""

    parts: tuple[Part, ...]
    products: bool

    @property
    def width(self) -> int:
        """How many columns there are, the intercept too."""
        return int(self.of({part.name: np.zeros(1) for part in self.parts}).shape[1])

    def of(self, values: Values) -> Floats:
        """(n, p) for values of n units each (any shape, read flat)."""
        return np.ascontiguousarray(
            self.stacked({name: np.reshape(each, (1, -1)) for name, each in values.items()})[0].T
        )

    def stacked(self, values: Values) -> Floats:
        """(replicates, p, m) for values (replicates, m), as products with each replicate's coefficients want it."""
        shape = np.shape(values[self.parts[0].name]) if self.parts else (0, 0)
        columns = list(self._columns(values, shape))
        found = np.empty((shape[0], len(columns), shape[1]))
        for place, column in enumerate(columns):
            found[:, place] = column
        return found

    def _columns(self, values: Values, shape: tuple[int, ...]) -> Iterator[Floats]:
        yield np.ones(shape)
        mains = [_main(part, values[part.name]) for part in self.parts]
        for main in mains:
            yield from main
        for part, main in zip(self.parts, mains, strict=True):
            if len(part.knots):
                yield from _bends(part, main[0])
        if self.products:
            for left, right in combinations(mains, 2):
                yield from (one * other for one in left for other in right)


def line_and_bends(part: Part, values: Floats) -> tuple[Floats, list[Floats]]:
    """(n,) where values of a quantity stand on its line, and the columns that bend it."""
    line = _main(part, values)[0]
    return line, list(_bends(part, line)) if len(part.knots) else []


def one_row(values: Values) -> dict[str, Floats]:
    """Values (n,) as those (1, n) of one replicate."""
    return {name: each[None] for name, each in values.items()}


def features_of(
    columns: Mapping[str, NodeColumn], parents: Sequence[str], values: Values, bent: bool = False
) -> Features:
    """The main effects of these causes, or with bends and products as far as there is room for them."""
    parts = tuple(_part(columns[name], values[name], bent) for name in parents)
    widths = [part.width for part in parts]
    pairs = sum(left * right for left, right in combinations(widths, 2))
    bends = sum(max(len(part.knots) - 2, 0) for part in parts)
    return Features(parts, bent and 1 + sum(widths) + bends + pairs <= MOST_COLUMNS)


def _part(column: NodeColumn, values: Floats, bent: bool) -> Part:
    scale = column.spread if column.spread > 0 else 1.0
    if column.kind == "category":
        return Part(column.name, column.points, np.empty(0), 0.0, 1.0)
    knots = np.unique(np.quantile(values, KNOTS)) if bent and column.kind != "binary" else np.empty(0)
    knots = (knots - column.centre) / scale if len(knots) >= 3 else np.empty(0)
    return Part(column.name, np.empty(0), knots, column.centre, scale)


def _main(part: Part, values: Floats) -> list[Floats]:
    if len(part.points):
        return [(values == point).astype(np.float64) for point in part.points[1:]]
    return [(values - part.centre) / part.scale]


def _bends(part: Part, line: Floats) -> Iterator[Floats]:
    """The columns beside the line itself, two fewer than knots."""
    last, before = part.knots[-1], part.knots[-2]
    beyond = _cube(line, last)
    end = (_cube(line, before) - beyond) / (last - before)
    for knot in part.knots[:-2]:
        yield (_cube(line, knot) - beyond) / (last - knot) - end


def _cube(line: Floats, knot: float) -> Floats:
    above = np.maximum(line - knot, 0)
    return np.asarray(above * above * above)
