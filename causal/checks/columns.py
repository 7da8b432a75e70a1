"""The columns of a unit table as arrays for tests of independence, each made once however many tests use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem
from causal.estimators.design import MOST_LEVELS, Flags, Floats
from causal.logs.unit_table import UnitTable

FEW_VALUES = 10
"""A number with at most so many different values is conditioned on value by value."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Column:
    """One column: `numbers` (n,), NaN where missing, or `codes` (n,), -1 where missing, with its `levels`.

    Numbers with few different values have both.
    """

    name: str
    numbers: Floats | None
    codes: Codes | None
    levels: tuple[str, ...] = ()

    @property
    def present(self) -> Flags:
        """(n,) where the column has a value."""
        if self.numbers is not None:
            return np.isfinite(self.numbers)
        assert self.codes is not None
        return self.codes >= 0

    @property
    def discrete(self) -> bool:
        """Whether the column is a category or yes and no, rather than a quantity."""
        return self.numbers is None


class Columns:
    """The columns of one table, encoded when first asked for."""

    def __init__(self, table: UnitTable) -> None:
        self.table = table
        self._made: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.table)

    def of(self, name: str) -> Column:
        """One column.

        Raises UnknownColumn, and CovariateProblem for text, identifiers, and categories of too many levels.
        """
        if name not in self._made:
            self._made[name] = _encode(self.table, name)
        return self._made[name]


def ranked(numbers: Floats) -> Floats:
    """(n,) normal scores of the ranks, ties averaged, missing values kept: what any rising transformation leaves alone.

    Van der Waerden scores, as in the nonparanormal of Liu, Lafferty and Wasserman (2009), JMLR 10: 2295-2328.
    """
    from scipy.special import ndtri

    ranks = pd.Series(numbers).rank().to_numpy()
    return np.asarray(ndtri(ranks / (np.isfinite(numbers).sum() + 1)), dtype=np.float64)


def _encode(table: UnitTable, name: str) -> Column:
    values, kind = table.column(name), table.types[name]
    if name in table.parts:
        raise CovariateProblem(
            f'"{name}" is a text that stands for {len(table.parts[name])} components: no test of independence fits it. '
            "Draw its topics in its place."
        )
    if kind in ("text", "identifier"):
        raise CovariateProblem(
            f'"{name}" is {"free text" if kind == "text" else "an identifier"}: no test of independence fits it. '
            "Give it another type, or take it out of the graph."
        )
    if kind == "time" and values.dtype.kind in "mM":
        stamps = values.astype("int64").to_numpy(dtype=np.float64)
        return Column(name, np.where(values.isna(), np.nan, stamps), None)
    if kind == "numeric" and pd.api.types.is_numeric_dtype(values.dtype):
        return _numeric(name, values)
    codes, levels = pd.factorize(values, sort=False)
    if len(levels) > MOST_LEVELS:
        raise CovariateProblem(
            f'"{name}" has {len(levels):,} different values, more than a test can take as categories ({MOST_LEVELS}). '
            "Group its values, type it as numeric, or take it out of the graph."
        )
    order = sorted(range(len(levels)), key=lambda place: _level_order(levels[place]))
    places = np.empty(len(levels) + 1, dtype=np.int64)
    places[order], places[-1] = np.arange(len(levels)), -1
    return Column(name, None, places[codes], tuple(str(levels[place]) for place in order))


def _level_order(level: object) -> tuple[int, float, str]:
    return (0, float(level), "") if isinstance(level, int | float) else (1, 0.0, str(level))


def _numeric(name: str, values: pd.Series) -> Column:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    distinct = np.unique(numbers[:1000])
    if np.isfinite(distinct).sum() <= FEW_VALUES:
        codes, levels = pd.factorize(numbers, sort=True)
        if len(levels) <= 2:
            return Column(name, None, codes.astype(np.int64), tuple(f"{each:g}" for each in levels))
        if len(levels) <= FEW_VALUES:
            return Column(name, numbers, codes.astype(np.int64), tuple(f"{each:g}" for each in levels))
    return Column(name, numbers, None)
