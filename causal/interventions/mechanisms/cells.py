"""One mean, or one table of shares, for every combination of the causes' levels.

Shares are the mean of a Dirichlet around those of a base: all units alike, main effects of the causes, or these and
their products. How closely combinations keep to a base is learnt from how well the other combinations foretell each:
Good (1965), The Estimation of Probabilities, chapter 3; Gelman et al. (2013), Bayesian Data Analysis, section 5.3. So
a combination that no unit has is as unsure as those seen are hard to foretell. Draws count two units more, of equal
shares (of two levels Laplace's rule of succession), so that a few units that agree are no certainty; of many units they
are Rubin's Bayesian bootstrap (1981). Where units come in clusters, whole clusters are weighed, and counts are of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from causal.estimators.design import Floats
from causal.interventions.mechanisms.clusters import Clusters, numbered
from causal.interventions.mechanisms.features import Features, features_of
from causal.interventions.mechanisms.line import fit_line
from causal.interventions.mechanisms.logit import LogitShares, fit_logit
from causal.interventions.node_columns import NodeColumn, Values

MOST_NUMBERS = 20_000
"""So many shares a table may hold: combinations of the causes times levels."""

STRENGTHS = tuple(2.0**power for power in range(-1, 10))
"""A base counts as so many units in every combination."""

EVEN = (0.02, 0.1, 0.5)
"""So much of a base is equal shares, so that it holds no level impossible."""

_FEW = 10
_FEW_CLUSTERS = 5
_CELL_FOLDS = 5
_MOST_FOLDED = 200
_LEAST_WEIGHT = 1e-3
_LOWEST = 1e-6


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
    cells, counts, alike = _counts(columns, causes, values, codes, levels, clusters)
    bases = _bases(columns, causes, cells, counts, rng, replicates)
    priors, weights = _priors(bases, counts)
    table = _expected(bases, priors, weights, counts)
    drawn = np.empty((0, *table.shape))
    if rng is not None:
        drawn = np.zeros((replicates, *table.shape))
        if clusters is not None:
            drawn = (
                _weighed_clusters(cells.of(values) * levels + codes, counts.shape, clusters, rng, replicates) / alike
            )
        held = counts if clusters is None else np.zeros(counts.shape)
        for place, chosen in enumerate(rng.choice(len(priors), replicates, p=weights)):
            base = bases[priors[chosen].base]
            around = priors[chosen].of(base.drawn[place] if len(base.drawn) else base.shares)
            drawn[place] += rng.standard_gamma(held + around + 1 / levels)
        drawn /= np.maximum(drawn.sum(axis=2, keepdims=True), 1e-300)
    return CellShares(cells, table, drawn)


def _weighed_clusters(
    place: NDArray[np.int64],
    shape: tuple[int, ...],
    clusters: NDArray[np.int64],
    rng: np.random.Generator,
    replicates: int,
) -> Floats:
    """(replicates, cells, levels) units of each, whole clusters weighed at random; `place` (n,) in cells and levels."""
    own, count = numbered(clusters)
    size = math.prod(shape)
    pairs, units = np.unique(own * size + place, return_counts=True)
    cluster, place = np.divmod(pairs, size)
    free = max(count - 1, 1) / count
    drawn = np.empty((replicates, *shape))
    for replicate in range(replicates):
        weights = rng.standard_gamma(free, count)[cluster] * (units / free)
        drawn[replicate] = np.bincount(place, weights, minlength=size).reshape(shape)
    return drawn


def left_out_losses(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    values: Values,
    codes: NDArray[np.int64],
    levels: int,
    clusters: Clusters = None,
) -> tuple[float, float]:
    """The mean log loss of each unit by the shares without it, and by those of all other units whatever their cell.

    Of clusters a whole one is left out, in so far as its units are alike.
    """
    cells, counts, _ = _counts(columns, causes, values, codes, levels, clusters)
    bases = _bases(columns, causes, cells, counts, None, 0)
    priors, weights = _priors(bases, counts)
    overall = counts.sum(axis=0)
    n = overall.sum()
    alike = np.maximum(overall - 1, 0) + 0.5
    found = np.zeros(2)
    for level in np.flatnonzero(overall).tolist():
        chance = _expected(bases, priors, weights, counts, level)
        found[0] -= counts[:, level] @ np.log(np.maximum(chance, _LOWEST))
        found[1] -= overall[level] * math.log(alike[level] / (n - 1 + 0.5 * levels))
    return float(found[0] / n), float(found[1] / n)


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


def _counts(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    values: Values,
    codes: NDArray[np.int64],
    levels: int,
    clusters: Clusters,
) -> tuple[Cells, Floats, Floats]:
    """The cells, (cells, levels) how many units have each level there, and (cells, 1) how many units count as one.

    These are as many as one cluster has there.
    """
    cells, cell = _cells(columns, causes, values)
    size = len(cells.units)
    counts = np.bincount(cell * levels + codes, minlength=size * levels).reshape(-1, levels).astype(np.float64)
    alike = np.ones((size, 1))
    if clusters is not None:
        own, _ = numbered(clusters)
        among = np.bincount(np.unique(own * size + cell) % size, minlength=size)
        alike[:, 0] = np.where(among > 0, cells.units / np.maximum(among, 1), 1.0)
    return cells, counts / alike, alike


@dataclass(frozen=True, eq=False)
class _Base:
    """Shares (cells, levels) that a model expects, draws of them, and those expected of each cell from the others."""

    shares: Floats
    drawn: Floats
    foretold: Floats


@dataclass(frozen=True)
class _Prior:
    base: int
    strength: float
    even: float

    def of(self, shares: Floats) -> Floats:
        return np.asarray(self.strength * ((1 - self.even) * shares + self.even / shares.shape[1]))


def _priors(bases: Sequence[_Base], counts: Floats) -> tuple[list[_Prior], Floats]:
    """The priors that the counts speak for, each with its weight; of strengths without counts, a uniform shrinkage."""
    seen = counts.sum(axis=1) > 0
    levels, held = counts.shape[1], counts[seen]
    total = held.sum(axis=1)
    priors, value = [], []
    for place, base in enumerate(bases):
        for even in EVEN:
            for strength in STRENGTHS:
                prior = _Prior(place, strength, even)
                around = prior.of(base.foretold[seen])
                likelihood = (gammaln(around + held) - gammaln(around)).sum()
                likelihood += (gammaln(strength) - gammaln(strength + total)).sum()
                priors.append(prior)
                value.append(float(likelihood) + math.log(strength * levels / (levels + strength) ** 2))
    weights = np.exp(np.array(value) - max(value))
    weights /= weights.sum()
    kept = np.flatnonzero(weights >= _LEAST_WEIGHT)
    return [priors[place] for place in kept], weights[kept] / weights[kept].sum()


def _expected(
    bases: Sequence[_Base], priors: Sequence[_Prior], weights: Floats, counts: Floats, without: int | None = None
) -> Floats:
    """(cells, levels) the shares; or (cells,) the share of the level `without`, one unit with it left out."""
    left = counts if without is None else np.maximum(counts[:, [without]] - 1, 0)
    total = counts.sum(axis=1, keepdims=True)
    total = total if without is None else np.maximum(total - 1, 0)
    found = np.zeros(left.shape)
    for prior, weight in zip(priors, weights, strict=True):
        around = prior.of(bases[prior.base].shares)
        found += weight * (left + (around if without is None else around[:, [without]])) / (total + prior.strength)
    return found if without is None else found[:, 0]


def _bases(
    columns: Mapping[str, NodeColumn],
    causes: Sequence[str],
    cells: Cells,
    counts: Floats,
    rng: np.random.Generator | None,
    replicates: int,
) -> list[_Base]:
    overall = counts.sum(axis=0)
    others = np.maximum(overall - counts, 0.0)
    others = np.where(others.sum(axis=1, keepdims=True) > 0, others, 1.0)
    same = np.broadcast_to(overall / overall.sum(), counts.shape)
    found = [_Base(same, np.empty((0, *counts.shape)), others / others.sum(axis=1, keepdims=True))]
    if len(causes) < 2:
        return found
    apart = {name: replace(columns[name], kind="category") for name in causes}
    at = cells.values()
    plain = features_of(apart, causes, at)
    slopes = [features_of(columns, causes, at)] if any(columns[name].kind == "ordered" for name in causes) else []
    for features in (*slopes, plain, replace(plain, products=True)):
        width = features.of({name: values[:1] for name, values in at.items()}).shape[1]
        if width < len(counts) and width * (counts.shape[1] - 1) <= _MOST_FOLDED:
            found.append(_modelled(features, at, counts, rng, replicates))
    return found


def _modelled(
    features: Features, at: Values, counts: Floats, rng: np.random.Generator | None, replicates: int
) -> _Base:
    """By logistic regression on all cells, and of each fold of cells by one on the others."""
    levels = counts.shape[1]
    seen = np.flatnonzero(counts.sum(axis=1))
    fold = np.full(len(counts), -1)
    fold[seen] = np.random.default_rng(len(seen)).permutation(len(seen)) % _CELL_FOLDS

    def fitted(inside: NDArray[np.bool_], draws: np.random.Generator | None) -> LogitShares:
        cell, level = np.nonzero(counts * inside[:, None])
        values = {name: each[cell] for name, each in at.items()}
        return fit_logit(features, values, level, levels, draws, replicates, weights=counts[cell, level])

    foretold = np.full(counts.shape, 1 / levels)
    for place in range(min(_CELL_FOLDS, len(seen)) if len(seen) > 1 else 0):
        foretold[fold == place] = fitted(fold != place, None).shares(
            {name: each[fold == place] for name, each in at.items()}
        )
    whole = fitted(fold >= 0, rng)
    drawn = np.empty((0, *counts.shape))
    if rng is not None:
        drawn = whole.drawn_shares({name: np.broadcast_to(each, (replicates, len(each))) for name, each in at.items()})
    return _Base(whole.shares(at), drawn, foretold)
