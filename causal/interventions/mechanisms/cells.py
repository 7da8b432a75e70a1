"""One mean, or one table of shares, for every combination of the causes' levels.

Shares are the mean of a Dirichlet whose prior counts one unit, half of it with the shares of a main-effects model and
half with equal ones. A combination that no unit has is drawn from that prior, which says how little is known of it
(Gelman et al. 2013, Bayesian Data Analysis, section 3.4); of one that many have the draws are Rubin's Bayesian
bootstrap (1981). Where units come in clusters, whole clusters are weighed and the prior counts one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.interventions.mechanisms.clusters import Clusters, numbered
from causal.interventions.mechanisms.features import features_of
from causal.interventions.mechanisms.line import fit_line
from causal.interventions.mechanisms.logit import MOST_COEFFICIENTS, fit_logit
from causal.interventions.node_columns import NodeColumn, Values

MOST_NUMBERS = 20_000
"""So many shares a table may hold: combinations of the causes times levels."""

PRIOR = 1.0
_FEW = 10
_FEW_CLUSTERS = 5


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
    clusters: Clusters = None,
) -> CellShares:
    """The share of each level in every combination."""
    cells, cell = _cells(columns, causes, values)
    counts = np.bincount(cell * levels + codes, minlength=len(cells.units) * levels).reshape(-1, levels).astype(float)
    prior = PRIOR * _prior(columns, causes, cells, counts)
    weighted = counts + prior
    table = weighted / weighted.sum(axis=1, keepdims=True)
    drawn = np.empty((0, *table.shape))
    if rng is not None:
        if clusters is None:
            drawn = rng.standard_gamma(weighted, size=(replicates, *weighted.shape))
        else:
            drawn = _drawn_by_cluster(cell * levels + codes, prior, clusters, rng, replicates)
        drawn /= np.maximum(drawn.sum(axis=2, keepdims=True), 1e-300)
    return CellShares(cells, table, drawn)


def _drawn_by_cluster(
    place: NDArray[np.int64], prior: Floats, clusters: NDArray[np.int64], rng: np.random.Generator, replicates: int
) -> Floats:
    """(replicates, cells, levels) weights of the levels, whole clusters weighed at random; `place` (n,) in cells and
    levels. Of each cell the prior counts as much as one of its clusters does.
    """
    own, count = numbered(clusters)
    pairs, units = np.unique(own * prior.size + place, return_counts=True)
    cluster, place = np.divmod(pairs, prior.size)
    levels = prior.shape[1]
    seen = np.bincount(place // levels, units, minlength=len(prior))
    among = np.bincount(np.unique(pairs // levels) % len(prior), minlength=len(prior))
    one = np.where(among > 0, seen / np.maximum(among, 1), 1.0)[:, None]
    free = max(count - 1, 1) / count
    drawn = np.empty((replicates, *prior.shape))
    for replicate in range(replicates):
        weights = rng.standard_gamma(free, count)[cluster] * (units / free)
        added = np.bincount(place, weights, minlength=prior.size).reshape(prior.shape)
        drawn[replicate] = added + one * rng.standard_gamma(prior)
    return drawn


def fit_cell_means(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    values: Values,
    outcome: Floats,
    rng: np.random.Generator | None = None,
    replicates: int = 0,
    clusters: Clusters = None,
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
    if rng is not None and clusters is None:
        drawn = mean + rng.standard_normal((replicates, size)) * np.sqrt(variance)
    elif rng is not None:
        drawn = mean + _moved_by_cluster(cell, outcome - mean[cell], cells.units, clusters, rng, replicates)
    return CellMeans(cells, mean, drawn)


def _moved_by_cluster(
    cell: NDArray[np.int64],
    residual: Floats,
    units: Floats,
    clusters: Clusters,
    rng: np.random.Generator,
    replicates: int,
) -> Floats:
    """(replicates, cells) normal errors of cell means, as residuals (n,) that add up within clusters let them vary.

    Cells of few clusters take the variance that all cells have between clusters, as if these were alike throughout.
    """
    assert clusters is not None
    own, count = numbered(clusters)
    pairs, place, size = np.unique(own * len(units) + cell, return_inverse=True, return_counts=True)
    cluster, at = np.divmod(pairs, len(units))
    added = np.bincount(place, residual)
    among = np.bincount(at, minlength=len(units))
    free = len(pairs) - int((among > 0).sum())
    between = float((added**2).sum() / (size.astype(float) ** 2).sum()) * len(pairs) / max(free, 1)
    few = among < _FEW_CLUSTERS
    spread = np.bincount(at, size.astype(float) ** 2, minlength=len(units)) / np.maximum(units, 1) ** 2
    alone = np.where(few, np.sqrt(between * np.where(units > 0, spread, 1.0)), 0.0)
    factor = np.where(few, 0.0, np.sqrt(among / np.maximum(among - 1, 1)) / np.maximum(units, 1))
    errors = rng.standard_normal((replicates, len(units))) * alone
    for replicate in range(replicates):
        weights = rng.standard_normal(count)[cluster] * added
        errors[replicate] += np.bincount(at, weights, minlength=len(units)) * factor
    return errors


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
