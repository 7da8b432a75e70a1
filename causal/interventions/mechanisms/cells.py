"""One mean, or one table of shares, for every combination of the causes' levels.

Shares are the mean of a Dirichlet whose prior counts one unit, half of it with the shares of a main-effects model and
half with equal ones. A combination that no unit has is drawn from that prior, which says how little is known of it
(Gelman et al. 2013, Bayesian Data Analysis, section 3.4); of one that many have the draws are Rubin's Bayesian
bootstrap (1981).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.interventions.mechanisms.features import features_of
from causal.interventions.mechanisms.line import fit_line
from causal.interventions.mechanisms.logit import MOST_COEFFICIENTS, fit_logit
from causal.interventions.node_columns import NodeColumn, Values

MOST_NUMBERS = 20_000
"""So many shares a table may hold: combinations of the causes times levels."""

PRIOR = 1.0
_FEW = 10


@dataclass(frozen=True, eq=False)
class Cells:
    """The combinations of the causes' levels, in the causes' order, and how many units have each."""

    causes: tuple[NodeColumn, ...]
    units: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of levels of each cause."""
        return tuple(len(cause.levels) for cause in self.causes)

    def of(self, values: Values) -> NDArray[np.int64]:
        """The cell of each unit, in the values' shape; a value between levels counts as the nearest."""
        codes = [cause.codes(values[cause.name]) for cause in self.causes]
        return np.ravel_multi_index(codes, self.shape)

    def words(self, cell: int) -> str:
        """A combination in words."""
        places = np.unravel_index(cell, self.shape)
        return ", ".join(
            f'"{cause.name}" = {cause.levels[int(place)]}' for cause, place in zip(self.causes, places, strict=True)
        )

    def values(self) -> dict[str, Floats]:
        """The causes' values at every combination."""
        places = np.unravel_index(np.arange(len(self.units)), self.shape)
        return {cause.name: cause.points[place] for cause, place in zip(self.causes, places, strict=True)}


@dataclass(frozen=True, eq=False)
class CellShares:
    """`table` (cells, levels) of shares, and draws of it (replicates, cells, levels)."""

    cells: Cells
    table: Floats
    drawn: Floats

    def shares(self, values: Values) -> Floats:
        """(n, levels) the share of each level given the causes' values."""
        return np.asarray(self.table[self.cells.of(values)])

    def drawn_shares(self, values: Values) -> Floats:
        """(replicates, m, levels) each replicate's shares at its own row of values (replicates, m)."""
        return np.asarray(self.drawn[np.arange(len(self.drawn))[:, None], self.cells.of(values)])


@dataclass(frozen=True, eq=False)
class CellMeans:
    """`table` (cells,) of means, and draws of it (replicates, cells)."""

    cells: Cells
    table: Floats
    drawn: Floats

    def mean(self, values: Values) -> Floats:
        """(n,) the mean given the causes' values."""
        return np.asarray(self.table[self.cells.of(values)])

    def means(self, values: Values) -> Floats:
        """(replicates, m) each replicate's mean at its own row of values (replicates, m)."""
        return np.asarray(self.drawn[np.arange(len(self.drawn))[:, None], self.cells.of(values)])


def fits_in_cells(causes: Sequence[NodeColumn], levels: int) -> bool:
    """Whether all causes have levels, and few enough combinations."""
    if not all(cause.discrete for cause in causes):
        return False
    return float(np.prod([float(len(cause.levels)) for cause in causes])) * levels <= MOST_NUMBERS


def fit_cell_shares(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    values: Values,
    codes: NDArray[np.int64],
    levels: int,
    rng: np.random.Generator | None = None,
    replicates: int = 0,
) -> CellShares:
    """The share of each level in every combination."""
    cells, cell = _cells(columns, causes, values)
    counts = np.bincount(cell * levels + codes, minlength=len(cells.units) * levels).reshape(-1, levels).astype(float)
    weighted = counts + PRIOR * _prior(columns, causes, cells, counts)
    table = weighted / weighted.sum(axis=1, keepdims=True)
    drawn = np.empty((0, *table.shape))
    if rng is not None:
        drawn = rng.standard_gamma(weighted, size=(replicates, *weighted.shape))
        drawn /= np.maximum(drawn.sum(axis=2, keepdims=True), 1e-300)
    return CellShares(cells, table, drawn)


def fit_cell_means(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    values: Values,
    outcome: Floats,
    rng: np.random.Generator | None = None,
    replicates: int = 0,
) -> CellMeans:
    """The mean in every combination; where no unit is, that of a model of main effects."""
    cells, cell = _cells(columns, causes, values)
    size = len(cells.units)
    units = np.maximum(cells.units, 1)
    mean = np.bincount(cell, outcome, minlength=size) / units
    left = np.bincount(cell, (outcome - mean[cell]) ** 2, minlength=size)
    pooled = left.sum() / max(len(outcome) - int((cells.units > 0).sum()), 1)
    variance = np.where(cells.units >= _FEW, left / np.maximum(units - 1, 1), pooled) / units
    empty = cells.units == 0
    if empty.any():
        line = fit_line(features_of(columns, causes, values), values, outcome)
        mean = np.where(empty, line.mean(cells.values()), mean)
        variance = np.where(empty, pooled, variance)
    drawn = np.empty((0, size))
    if rng is not None:
        drawn = mean + rng.standard_normal((replicates, size)) * np.sqrt(variance)
    return CellMeans(cells, mean, drawn)


def _cells(columns: Mapping[str, NodeColumn], causes: Sequence[str], values: Values) -> tuple[Cells, NDArray[np.int64]]:
    found = Cells(tuple(columns[name] for name in causes), np.empty(0))
    cell = found.of(values)
    units = np.bincount(cell, minlength=int(np.prod(found.shape))).astype(np.float64)
    return Cells(found.causes, units), cell


def _prior(columns: Mapping[str, NodeColumn], causes: Sequence[str], cells: Cells, counts: Floats) -> Floats:
    """(cells, levels) the shares of a main-effects model, or those of all units where it would be too large, and equal
    ones, half and half."""
    return np.asarray((_main_effects(columns, causes, cells, counts) + 1 / counts.shape[1]) / 2)


def _main_effects(columns: Mapping[str, NodeColumn], causes: Sequence[str], cells: Cells, counts: Floats) -> Floats:
    levels = counts.shape[1]
    at = cells.values()
    apart = {name: replace(columns[name], kind="category") for name in causes}  # numbers are levels here like others
    features = features_of(apart, causes, at)
    width = 1 + sum(part.width for part in features.parts)
    if width * (levels - 1) > MOST_COEFFICIENTS or len(causes) < 2:
        overall = counts.sum(axis=0)
        return np.broadcast_to(overall / overall.sum(), counts.shape)
    cell, level = np.nonzero(counts)
    seen = {name: values[cell] for name, values in at.items()}
    return fit_logit(features, seen, level, levels, weights=counts[cell, level]).shares(at)
