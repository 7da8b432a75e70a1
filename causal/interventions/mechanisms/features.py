"""From the values of a node's causes to the columns of its model: lines, bends, dummies and products.

Bends are natural cubic splines, which are straight beyond the outer knots: Harrell (2015), Regression Modeling
Strategies, section 2.4.5, whose quantiles the knots take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from causal.estimators.design import Floats
from causal.interventions.node_columns import NodeColumn, Values

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)

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

    def of(self, values: Values) -> Floats:
        """(n, p) for values of n units each (any shape, read flat)."""
        n = len(np.ravel(values[self.parts[0].name])) if self.parts else 0
        mains = [_main(part, np.ravel(values[part.name])) for part in self.parts]
        columns = [np.ones((n, 1)), *mains]
        columns += [_bends(part, main[:, 0]) for part, main in zip(self.parts, mains, strict=True) if len(part.knots)]
        if self.products:
            for left, right in combinations(mains, 2):
                columns.append((left[:, :, None] * right[:, None, :]).reshape(n, -1))
        return np.hstack(columns)


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


def _main(part: Part, values: Floats) -> Floats:
    if len(part.points):
        return np.asarray(values[:, None] == part.points[None, 1:], dtype=np.float64)
    return np.asarray(((values - part.centre) / part.scale)[:, None])


def _bends(part: Part, line: Floats) -> Floats:
    """(n, knots - 2) the columns beside the line itself."""
    last, before = part.knots[-1], part.knots[-2]

    def hinge(knot: float) -> Floats:
        return np.asarray((np.maximum(line - knot, 0) ** 3 - np.maximum(line - last, 0) ** 3) / (last - knot))

    end = hinge(before)
    return np.column_stack([hinge(knot) - end for knot in part.knots[:-2]])
