"""The columns of a table as the nodes of a structural model: quantities as numbers, levels as points on a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem, OptionProblem
from causal.estimators.design import MOST_LEVELS, Floats, present_levels
from causal.interventions.changes import Change, Scale, Set, Shift
from causal.logs.unit_table import UnitTable
from causal.study import Level, same_level

NodeKind = Literal["numeric", "ordered", "binary", "category"]

MOST_ORDERED = 10
"""Whole numbers with so few values, such as stars or small counts, are levels in order: nobody gives 3.27 stars."""

Values = Mapping[str, Floats]
"""One array of numbers per node, all of the same shape."""


@dataclass(frozen=True, eq=False)
class NodeColumn:
    """One node's column: its kind, its `levels` with the number that stands for each in `points` (both empty if
    numeric), and its `lowest`, `highest` and mean value.

    Numbers stand for themselves; other levels are numbered from 0 in sorted order.
    """

    name: str
    kind: NodeKind
    levels: tuple[Level, ...]
    points: Floats
    lowest: float
    highest: float
    centre: float
    spread: float

    @property
    def discrete(self) -> bool:
        """Whether it has levels."""
        return self.kind != "numeric"

    @property
    def has_mean(self) -> bool:
        """Whether a mean says something: of quantities, ordered levels, and two levels (the share of the second)."""
        return self.kind != "category"

    @property
    def constant(self) -> bool:
        """Whether every unit has the same value."""
        return self.lowest == self.highest

    def codes(self, values: Floats) -> NDArray[np.int64]:
        """The place of the nearest level for each value, in the values' shape."""
        if self.kind in ("binary", "category"):  # numbered from 0, and never between
            return np.asarray(values).astype(np.int64)
        middle = (self.points[1:] + self.points[:-1]) / 2
        return np.searchsorted(middle, values)

    def place_of(self, level: Level) -> int | None:
        """Where a level stands among its levels, or None; text and numbers that read alike are one."""
        return next((place for place, each in enumerate(self.levels) if same_level(each, level)), None)

    def number_of(self, value: Level) -> float:
        """The number that a value is set to.

        Raises OptionProblem where there is no such level, or a quantity is set to what is no number.
        """
        if self.kind in ("numeric", "ordered"):
            try:
                return float(value)
            except ValueError:
                raise OptionProblem(
                    f'"{self.name}" is a quantity and cannot be set to {value!r}. Give a number between '
                    f"{self.lowest:g} and {self.highest:g}."
                ) from None
        place = self.place_of(value)
        if place is None:
            shown = ", ".join(repr(each) for each in self.levels[:8]) + (", …" if len(self.levels) > 8 else "")
            raise OptionProblem(f'No unit has "{self.name}" = {value!r}. Its levels are: {shown}.')
        return float(self.points[place])

    def stays(self, change: Change) -> bool:
        """Whether a change sets it to what every unit has."""
        if not self.constant or not isinstance(change, Set):
            return False
        return self.place_of(change.value) is not None if self.levels else same_level(change.value, self.lowest)

    def unseen(self, change: Change) -> bool:
        """Whether a quantity of few whole numbers is set to one that no unit has."""
        return self.kind == "ordered" and isinstance(change, Set) and self.place_of(change.value) is None

    def require(self, change: Change) -> None:
        """Refuse a change that this column cannot undergo.

        Raises OptionProblem.
        """
        if self.constant and not self.stays(change):
            raise OptionProblem(
                f'"{self.name}" has the same value for every unit, so nothing in the data says what another one does.'
            )
        if isinstance(change, Set):
            self.number_of(change.value)
        if isinstance(change, Shift | Scale) and self.kind in ("binary", "category"):
            what = "shifted" if isinstance(change, Shift) else "scaled"
            shown = ", ".join(str(each) for each in self.levels[:4]) + (", …" if len(self.levels) > 4 else "")
            raise OptionProblem(
                f'"{self.name}" has levels ({shown}) and cannot be {what}. Set it to one of them, or randomise it.'
            )


def node_columns(
    table: UnitTable, names: Sequence[str], rows: NDArray[np.int64]
) -> tuple[dict[str, NodeColumn], dict[str, Floats]]:
    """Each node's column, and its values in these rows as numbers.

    Raises CovariateProblem for text, times, identifiers and categories with too many levels.
    """
    columns, values = {}, {}
    for name in names:
        columns[name], values[name] = _column(table, name, rows)
    return columns, values


def quantity(name: str, values: Floats) -> NodeColumn:
    """The column of a quantity, whatever its values are."""
    return _made(name, "numeric", (), np.empty(0), values)


def two_levels(name: str, values: Floats) -> NodeColumn:
    """The column of what is 0 or 1."""
    return _made(name, "binary", (0, 1), np.array([0.0, 1.0]), values)


def complete_rows(table: UnitTable, names: Sequence[str], inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the rows that are asked about and have a value in every node."""
    for name in names:
        column = table.column(name)
        present = ~column.isna().to_numpy()
        if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
            present = np.isfinite(column.to_numpy())
        inside = inside & present
    return np.flatnonzero(inside)


def _column(table: UnitTable, name: str, rows: NDArray[np.int64]) -> tuple[NodeColumn, Floats]:
    series, kind = table.column(name), table.types[name]
    if kind in ("text", "identifier", "time"):
        what = {"text": "free text", "identifier": "an identifier", "time": "a time"}[kind]
        raise CovariateProblem(
            f'"{name}" is {what}, for which a structural model has no mechanism. Take it out of the graph, or turn it '
            "into a quantity or a few groups first."
        )
    chosen = series if len(rows) == len(series) else series.iloc[rows]
    if kind == "numeric" and pd.api.types.is_numeric_dtype(series.dtype):
        return _of_numbers(name, chosen.to_numpy(dtype=np.float64))
    levels = tuple(present_levels(UnitTable(chosen.to_frame(), {name: kind}), name))
    if len(levels) > MOST_LEVELS:
        raise CovariateProblem(
            f'"{name}" has {len(levels):,} different values, too many for a structural model (at most {MOST_LEVELS}). '
            "Group the rare ones, or take it out of the graph."
        )
    codes, found = pd.factorize(chosen)
    place = {level: position for position, level in enumerate(levels)}
    numbers = np.array([place[each] for each in found.tolist()], dtype=np.float64)[codes]
    points = np.arange(len(levels), dtype=np.float64)
    return _made(name, "binary" if len(levels) <= 2 else "category", levels, points, numbers), numbers


def _of_numbers(name: str, numbers: Floats) -> tuple[NodeColumn, Floats]:
    distinct = _few_values(numbers)
    if distinct is None or (len(distinct) > 2 and not (distinct == np.round(distinct)).all()):
        return _made(name, "numeric", (), np.empty(0), numbers), numbers
    levels = tuple(int(each) if each == round(each) else each for each in distinct.tolist())
    two = set(levels) == {0, 1}
    return _made(name, "binary" if two else "ordered", levels, distinct, numbers), numbers


def _made(name: str, kind: NodeKind, levels: tuple[Level, ...], points: Floats, numbers: Floats) -> NodeColumn:
    return NodeColumn(
        name=name,
        kind=kind,
        levels=levels,
        points=points,
        lowest=float(numbers.min()),
        highest=float(numbers.max()),
        centre=float(numbers.mean()),
        spread=float(numbers.std()),
    )


def _few_values(numbers: Floats) -> Floats | None:
    """The different values where they are few enough to be levels."""
    if len(np.unique(numbers[:5000])) > MOST_ORDERED:
        return None
    distinct = np.unique(numbers)
    return distinct if len(distinct) <= MOST_ORDERED else None
