"""The mean outcome at one level of a cause, cell by cell of what is adjusted for, whatever the other levels do.

The plug-in of the back-door formula, which is the parametric g-formula with a parameter for every cell: Robins (1986),
Mathematical Modelling 7: 1393-1512. Cells whose units all agree tell nothing of their own spread: of an outcome with
two levels three standard errors then reach as far as the rule of three (Hanley and Lippman-Hand 1983, JAMA 249:
1743-1745), of others a single unit has the spread within the other cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.errors import TooFewUnits
from causal.estimators.design import Floats, Sample, draw_sample
from causal.estimators.identified_formula import FEW_UNITS, coded_levels
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Level


@dataclass(frozen=True, eq=False)
class CellMean:
    """A level's mean with each unit's influence (n,) on it, and the `thin` variance of which these do not know."""

    mean: float
    influence: Floats
    thin: float
    sample: Sample
    notes: tuple[str, ...]


def cell_mean(table: UnitTable, spec: AnalysisSpec, cause: str, level: Level, adjust_for: tuple[str, ...]) -> CellMean:
    """Among the units that are complete in cause, outcome and what is adjusted for.

    Raises TooFewUnits naming the combination without units that most units are in, CovariateProblem for columns with
    too many values, and what `draw_sample` raises.
    """
    sample = _against_others(table, spec, cause, level, adjust_for)
    cells = _Cells.of(table, sample, {cause: str(level)}, adjust_for)
    n, had, outcome = len(sample), sample.treated, sample.outcome
    if (cells.had == 0).any():
        raise TooFewUnits(cells.without_units(n))
    total = np.bincount(cells.cell[had], outcome[had], minlength=len(cells.had))
    means = total / cells.had
    left = np.where(had, outcome - means[cells.cell], 0.0)
    weight = cells.units / n
    mean = float(weight @ means)
    influence = left * (cells.units / cells.had)[cells.cell] + means[cells.cell] - mean
    return CellMean(mean, influence, float(weight**2 @ _unknown(sample, cells, means, left)), sample, cells.notes())


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells that occur: `cell` (n,) of each unit, how many `units` each holds and how many `had` the level asked about.

    `first` (cells,) is a unit of each, and `columns` the words of what is adjusted for with each unit's place (n,).
    """

    asked: dict[str, str]
    cell: NDArray[np.int64]
    units: Floats
    had: Floats
    first: NDArray[np.int64]
    columns: dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]

    @classmethod
    def of(cls, table: UnitTable, sample: Sample, asked: dict[str, str], adjust_for: tuple[str, ...]) -> _Cells:
        columns = {name: coded_levels(name, table, sample) for name in sorted(adjust_for)}
        cell = np.zeros(len(sample), dtype=np.int64)
        for codes, words in columns.values():  # numbered anew at each, so that no product of levels runs over
            _, cell = np.unique(cell * len(words) + codes, return_inverse=True)
        _, first = np.unique(cell, return_index=True)
        units = np.bincount(cell).astype(np.float64)
        had = np.bincount(cell[sample.treated], minlength=len(units)).astype(np.float64)
        return cls(asked, cell, units, had, first, columns)

    def words(self, cell: int) -> str:
        """The combination of the level asked about with those of a cell."""
        unit = self.first[cell]
        found = self.asked | {name: words[codes[unit]] for name, (codes, words) in self.columns.items()}
        return ", ".join(f'"{name}" = {word}' for name, word in found.items())

    def without_units(self, n: int) -> str:
        empty = np.flatnonzero(self.had == 0)
        worst = int(empty[np.argmax(self.units[empty])])
        others = (
            f" Of {len(empty) - 1:,} more combinations no unit has it either: {self.units[empty].sum() / n:.1%} of "
            "units in all."
            if len(empty) > 1
            else ""
        )
        return (
            f"No unit has {self.words(worst)}, a combination of values that the formula conditions on: "
            f"{self.units[worst] / n:.1%} of the units would come to it.{others} Group the values of these columns, "
            "gather more units, or choose a method with a model."
        )

    def notes(self) -> tuple[str, ...]:
        least = int(np.argmin(self.had))
        count = int(self.had[least])
        if count >= FEW_UNITS or not self.columns:
            return ()
        return (
            f"Only {'1 unit has' if count == 1 else f'{count} units have'} {self.words(least)}, on which the formula "
            "conditions: so few say little.",
        )


def _against_others(
    table: UnitTable, spec: AnalysisSpec, cause: str, level: Level, adjust_for: tuple[str, ...]
) -> Sample:
    column = table.column(cause)
    names = np.array([f"other than {level}", str(level)], dtype=object)
    two = names[(column == level).to_numpy(dtype=bool, na_value=False).astype(int)]
    two[column.isna().to_numpy()] = None
    other = table.with_column(cause, two, "category")
    question = replace(spec.question, control=str(names[0]), treated=str(names[1]))
    return draw_sample(
        other, question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )


def variance_of_agreed(count: Floats) -> Floats:
    """Of a share that all of so many units agree on: Laplace's rule of succession, about 1 / count squared."""
    chance = 1 / (count + 2)
    return np.asarray(chance * (1 - chance) / (count + 3))


def arms_agree(sample: Sample, weights: tuple[float, ...]) -> float:
    """The variance that the arms' own spread does not show, where all units of one have the same of two levels."""
    found = 0.0
    for arm, weight in enumerate(weights):
        inside = sample.treated == bool(arm)
        if weight and sample.outcome_is_binary and np.ptp(sample.outcome[inside]) == 0:
            count = inside.sum() if sample.clusters is None else len(np.unique(sample.clusters[inside]))
            found += weight**2 * float(variance_of_agreed(np.array([float(count)]))[0])
    return found


def _unknown(sample: Sample, cells: _Cells, means: Floats, left: Floats) -> Floats:
    """(cells,) the variance of each cell's mean that the spread of its own units does not show."""
    count = cells.had if sample.clusters is None else _clusters_in(sample, cells)
    if sample.outcome_is_binary:
        agreed = (means == sample.outcome.min()) | (means == sample.outcome.max())
        return np.where(agreed, variance_of_agreed(count), 0.0)
    free = float((cells.had - 1).sum())
    pooled = float(left @ left) / free if free > 0 else 0.0
    return np.where(cells.had == 1, pooled, 0.0)


def _clusters_in(sample: Sample, cells: _Cells) -> Floats:
    """(cells,) from how many clusters the units come that had the level asked about."""
    assert sample.clusters is not None
    pairs: NDArray[Any] = np.unique(np.column_stack([cells.cell, sample.clusters])[sample.treated], axis=0)
    return np.bincount(pairs[:, 0], minlength=len(cells.had)).astype(np.float64)
