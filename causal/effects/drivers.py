"""Why the prediction for a unit differs from the average: what each of its columns adds, from an additive account.

The predictions of any model are told again by a curve per column (a broken line over a quantity, a step per level), as
in a generalised additive model (Hastie and Tibshirani 1986, Statistical Science 1: 297-310), by least squares. What
the columns add and what such curves leave over (`rest`) sum to the prediction exactly. It says what the *prediction*
rests on: two columns that go together share what one of them may do, and neither need be a cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.effects.unit_effects import UnitEffects
from causal.estimators.design import Floats
from causal.estimators.folds import Places
from causal.logs.unit_table import UnitTable

MOST = 3
"""So many drivers are kept for a unit."""

KNOTS = (0.25, 0.5, 0.75)
"""Quantiles at which the line over a quantity may bend."""

LEVELS = 30
"""Of a category, so many of its most frequent levels have a step of their own."""

ROWS = 50_000
"""The account is made from so many units at most, evenly from all."""

PENALTY = 1e-4
"""Of the variance of each standardised column: keeps columns that go together from being played off against others."""

LEAST = 1e-6
"""Parts smaller than this share of the spread of predictions are rounding, and told as nothing."""


@dataclass(frozen=True)
class Driver:
    """One column of a unit: its `value` there, and what that adds to the prediction beside the average unit."""

    column: str
    value: Any
    part: float


@dataclass(frozen=True, eq=False)
class Drivers:
    """Of a table's rows: `place` (rows, MOST) of the columns that add or take most, in `columns`, -1 where there is no
    further one, with their `part` in units of the outcome; `average` (rows,) the mean prediction, `rest` (rows,) what
    is neither the average nor any column's part. NaN (and -1) where a unit has no prediction.

    `told` is the share of the variance of predictions that the columns' parts account for; `subject` (rows,) the place
    of the arm that a policy's drivers speak of, -1 for none and for effects.
    """

    columns: tuple[str, ...]
    place: Places
    part: Floats
    average: Floats
    rest: Floats
    told: float
    table: UnitTable
    subject: Places

    def __len__(self) -> int:
        return len(self.average)

    def of(self, row: int, most: int = MOST) -> tuple[Driver, ...]:
        """Those of one row of the table, largest first; () where it has none."""
        found = []
        for at, part in zip(self.place[row, :most].tolist(), self.part[row, :most].tolist(), strict=True):
            if at >= 0:
                name = self.columns[at]
                found.append(Driver(name, self._values[name][row], part))
        return tuple(found)

    @cached_property
    def _values(self) -> dict[str, NDArray[Any]]:
        return {name: self.table.column(name).to_numpy() for name in self.columns}


def effect_drivers(found: UnitEffects, table: UnitTable, columns: Sequence[str] | None = None) -> Drivers:
    """Why the effect predicted for a unit differs from that for others, by `columns` (None: those adjusted for).

    Raises UnknownColumn.
    """
    return drivers_of(found.effect, table, found.adjust_for if columns is None else columns)


def drivers_of(predicted: Floats, table: UnitTable, columns: Sequence[str]) -> Drivers:
    """Of any prediction (rows,) for the rows of a table, NaN where there is none.

    Raises UnknownColumn.
    """
    rows = np.flatnonzero(np.isfinite(predicted))
    curves = [curve for name in columns if (curve := _curve_of(table, name, rows)) is not None]
    names = tuple(curve.name for curve in curves)
    place, part = np.full((len(table), MOST), -1, dtype=np.int64), np.full((len(table), MOST), np.nan)
    average, rest = np.full(len(table), np.nan), np.full(len(table), np.nan)
    told = 0.0
    if len(rows):
        seen = predicted[rows]
        parts = _parts(seen, curves)
        average[rows] = seen.mean()
        left = seen - seen.mean() - parts.sum(axis=1)
        rest[rows] = left
        spread = float(seen.std())
        told = max(1 - float(left.var()) / spread**2, 0.0) if spread > 0 else 0.0
        order = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :MOST]
        largest = np.take_along_axis(parts, order, axis=1)
        nothing = np.abs(largest) <= LEAST * spread
        place[rows, : order.shape[1]] = np.where(nothing, -1, order)
        part[rows, : order.shape[1]] = np.where(nothing, np.nan, largest)
    return Drivers(names, place, part, average, rest, told, table, np.full(len(table), -1, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _Curve:
    """The columns (n, k) of one column's curve, each with mean zero and spread one."""

    name: str
    basis: Floats


def _curve_of(table: UnitTable, name: str, rows: Places) -> _Curve | None:
    """None where a column says nothing that a curve could hold: free text, an identifier, a constant."""
    values, kind = table.column(name).iloc[rows], table.types[name]
    if kind in ("text", "identifier") or not len(rows):
        return None
    if pd.api.types.is_numeric_dtype(values.dtype) and kind != "category":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(numbers)
        if not known.any():
            return None
        numbers = np.where(known, numbers, numbers[known].mean())
        knots = np.unique(np.quantile(numbers, KNOTS)) if len(np.unique(numbers)) > len(KNOTS) + 2 else np.empty(0)
        basis = np.column_stack([numbers, *(np.maximum(numbers - each, 0.0) for each in knots)])
    else:
        codes, _ = _by_frequency(values)
        kept = min(int(codes.max()), LEVELS) if len(codes) else 0
        basis = np.column_stack([np.zeros(len(rows)), *(codes == each for each in range(kept))]).astype(np.float64)
    centred = basis - basis.mean(axis=0)
    spread = centred.std(axis=0)
    useful = spread > 1e-12 * np.maximum(np.abs(basis).max(axis=0), 1e-300)
    return _Curve(name, centred[:, useful] / spread[useful]) if useful.any() else None


def _by_frequency(values: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """(n,) codes of the levels, the most frequent first, of equals the alphabetical one."""
    text = values.astype(str)
    counts = text.value_counts()
    levels = sorted(counts.index, key=lambda each: (-int(counts[each]), each))
    return pd.Categorical(text, categories=levels).codes.astype(np.int64), levels


def _parts(seen: Floats, curves: list[_Curve]) -> Floats:
    """(n, columns) what each column adds; each has mean zero."""
    n = len(seen)
    if not curves:
        return np.zeros((n, 0))
    kept = np.arange(n) if n <= ROWS else np.linspace(0, n - 1, ROWS).astype(np.int64)
    basis = np.column_stack([curve.basis[kept] for curve in curves])
    apart = seen[kept] - seen[kept].mean()
    gram = basis.T @ basis / len(kept)
    coefficients = np.linalg.solve(gram + PENALTY * np.eye(len(gram)), basis.T @ apart / len(kept))
    ends = np.cumsum([0, *(curve.basis.shape[1] for curve in curves)])
    return np.column_stack(
        [curve.basis @ coefficients[start:end] for curve, start, end in zip(curves, ends, ends[1:], strict=False)]
    )
