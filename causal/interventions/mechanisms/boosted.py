"""Boosted trees of depth two, kept as tables of pairs of causes, so that thousands of what-ifs are look-ups.

A tree of depth two is a sum of functions of two columns, so that the whole boosting is one exactly: Lou, Caruana,
Gehrke and Hooker (2013), KDD, 623-631. Draws are refits with random weights of the units, or of clusters (Rubin 1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.interventions.mechanisms.clusters import Clusters, cluster_weights
from causal.interventions.mechanisms.features import Features
from causal.interventions.mechanisms.logit import softmax
from causal.interventions.node_columns import Values
from causal.progress import Progress, silent

STAGES = (25, 50, 100, 150)
"""After so many trees a boosting is looked at in cross-validation."""

ROWS = 20_000
"""A boosting learns from so many units at most."""

REFITS = 20
BINS = 48
MOST_COLUMNS = 40
MOST_CLASSES = 6


@dataclass(frozen=True, eq=False)
class PairTables:
    """`edges` (columns, BINS - 1) cut each model column; `tables` (models, outputs, pairs, BINS, BINS) are summed over
    `pairs` (pairs, 2) of columns, onto `start` (models, outputs).
    """

    edges: Floats
    pairs: NDArray[np.int64]
    tables: NDArray[np.float32]
    start: Floats

    def of(self, columns: Floats, models: NDArray[np.int64]) -> Floats:
        """(n, outputs) the sums for each row of columns (n, p), row by row by the model named."""
        bins = [np.searchsorted(self.edges[place], columns[:, place]) for place in range(columns.shape[1])]
        _, outputs, pairs, _, _ = self.tables.shape
        found = self.start[models].copy()
        flat, cells = self.tables.ravel(), BINS * BINS
        first = models * (outputs * pairs * cells)
        for place, (left, right) in enumerate(self.pairs.tolist()):
            cell = first + (place * cells + bins[left] * BINS + bins[right])
            for output in range(outputs):
                found[:, output] += flat[cell + output * pairs * cells]
        return found


@dataclass(frozen=True, eq=False)
class BoostedMean:
    """A boosted mean: model 0 of `tables` is the fit, the others are its refits."""

    features: Features
    tables: PairTables
    replicates: int

    def mean(self, values: Values) -> Floats:
        """(n,) the mean given the causes' values."""
        return np.asarray(_once(self.features, self.tables, values)[:, 0])

    def means(self, values: Values) -> Floats:
        """(replicates, m) each replicate's mean at its own row of values (replicates, m)."""
        return np.asarray(_each(self.features, self.tables, values, self.replicates)[:, :, 0])


@dataclass(frozen=True, eq=False)
class BoostedShares:
    """Boosted chances of levels: model 0 of `tables` is the fit, the others are its refits."""

    features: Features
    tables: PairTables
    replicates: int

    def shares(self, values: Values) -> Floats:
        """(n, levels) the chance of each level given the causes' values."""
        return _chances(_once(self.features, self.tables, values))

    def drawn_shares(self, values: Values) -> Floats:
        """(replicates, m, levels) each replicate's chances at its own row of values (replicates, m)."""
        return _chances(_each(self.features, self.tables, values, self.replicates))


def boosted_stages(features: Features, train: Values, outcome: Floats, test: Values, classes: int) -> dict[int, Floats]:
    """(m, outputs) predicted means or chances of the test units after each stage; `classes` 0 for a mean."""
    model, new = features.of(train)[:, 1:], features.of(test)[:, 1:]
    present = np.unique(outcome) if classes else outcome
    if classes and len(present) == 1:  # scikit-learn gives two columns for the only level
        only = _all_classes(np.ones((len(new), 1)), present, classes)
        return dict.fromkeys(STAGES, only)
    fitted = _learner(classes, STAGES[-1]).fit(model, outcome)
    staged = fitted.staged_predict_proba(new) if classes else fitted.staged_predict(new)
    found = {}
    for stage, values in enumerate(staged, 1):
        if stage in STAGES:
            found[stage] = _all_classes(values, fitted.classes_, classes) if classes else values[:, None]
    return found


def fit_boosted(
    features: Features,
    values: Values,
    outcome: Floats,
    classes: int,
    trees: int,
    rng: np.random.Generator,
    replicates: int,
    progress: Progress = silent,
    clusters: Clusters = None,
) -> BoostedMean | BoostedShares:
    """A mean (`classes` 0), or the chances of so many levels coded from 0, and its refits."""
    columns = features.of(values)[:, 1:]
    edges = np.array([_edges(each) for each in columns.T])
    bins = np.column_stack([np.searchsorted(edge, each) for edge, each in zip(edges, columns.T, strict=True)])
    fits = []
    for place in range(REFITS + 1 if replicates else 1):
        progress(place / (REFITS + 1), "refitting trees")
        weights = None if place == 0 else cluster_weights(clusters, len(outcome), rng)
        fits.append(_learner(classes, trees).fit(bins, outcome, sample_weight=weights))
    tables = _tables(fits, edges)
    made: type[BoostedMean | BoostedShares] = BoostedShares if classes else BoostedMean
    return made(features, tables, replicates)


def _learner(classes: int, trees: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    settings: dict[str, Any] = {
        "learning_rate": 0.1,
        "max_iter": trees,
        "max_depth": 2,
        "max_bins": BINS + 1,
        "min_samples_leaf": 20,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": 0,
    }
    return HistGradientBoostingClassifier(**settings) if classes else HistGradientBoostingRegressor(**settings)


def _edges(column: Floats) -> Floats:
    """(BINS - 1,) cuts between its values, padded by infinity where there are fewer."""
    distinct = np.unique(column)
    if len(distinct) <= BINS:
        cuts = (distinct[1:] + distinct[:-1]) / 2
    else:
        cuts = np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.concatenate([cuts, np.full(BINS - 1 - len(cuts), np.inf)])


def _tables(fits: list[Any], edges: Floats) -> PairTables:
    leaves = [
        (model, output, rectangle, value)
        for model, fit in enumerate(fits)
        for trees in fit._predictors
        for output, tree in enumerate(trees)
        for rectangle, value in _leaves(tree.nodes)
    ]
    outputs = fits[0].n_trees_per_iteration_
    pairs = sorted({_pair(rectangle) for _, _, rectangle, _ in leaves})
    place = {pair: position for position, pair in enumerate(pairs)}
    tables = np.zeros((len(fits), outputs, len(pairs), BINS, BINS))
    for model, output, rectangle, value in leaves:
        pair = _pair(rectangle)
        (left_low, left_high), (right_low, right_high) = (rectangle.get(column, (0, BINS)) for column in pair)
        if pair[0] == pair[1]:
            tables[model, output, place[pair], left_low:left_high] += value
        else:
            tables[model, output, place[pair], left_low:left_high, right_low:right_high] += value
    start = np.array([np.ravel(fit._baseline_prediction) for fit in fits])
    listed = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return PairTables(edges, listed, tables.astype(np.float32), start)


def _pair(rectangle: dict[int, tuple[int, int]]) -> tuple[int, int]:
    columns = sorted(rectangle) or [0]
    return columns[0], columns[-1]


def _leaves(nodes: Any) -> list[tuple[dict[int, tuple[int, int]], float]]:
    """Each leaf of a tree on bins: from and to which bin of which columns, and its value."""
    found = []
    waiting: list[tuple[int, dict[int, tuple[int, int]]]] = [(0, {})]
    while waiting:
        place, rectangle = waiting.pop()
        node = nodes[place]
        if node["is_leaf"]:
            found.append((rectangle, float(node["value"])))
            continue
        column, cut = int(node["feature_idx"]), int(np.floor(node["num_threshold"])) + 1
        low, high = rectangle.get(column, (0, BINS))
        waiting.append((int(node["left"]), {**rectangle, column: (low, min(cut, high))}))
        waiting.append((int(node["right"]), {**rectangle, column: (max(cut, low), high)}))
    return found


def _once(features: Features, tables: PairTables, values: Values) -> Floats:
    columns = features.of(values)[:, 1:]
    return tables.of(columns, np.zeros(len(columns), dtype=np.int64))


def _each(features: Features, tables: PairTables, values: Values, replicates: int) -> Floats:
    columns = features.of(values)[:, 1:]
    refits = np.arange(replicates) % (len(tables.start) - 1) + 1
    found = tables.of(columns, np.repeat(refits, len(columns) // replicates))
    return found.reshape(replicates, -1, found.shape[1])


def _chances(index: Floats) -> Floats:
    if index.shape[-1] == 1:
        return softmax(index)
    full = np.moveaxis(index, -1, 0)
    full = np.exp(full - full.max(axis=0))
    full /= full.sum(axis=0)
    return np.moveaxis(full, 0, -1)


def _all_classes(chances: Floats, present: NDArray[Any], classes: int) -> Floats:
    """(m, classes) with nothing for the levels that the training units lacked."""
    full = np.zeros((len(chances), classes))
    full[:, present.astype(int)] = chances
    return full
