"""Which mechanism a node gets: the simplest that predicts units not seen as well as the best does.

"As well" is within one standard error of the paired difference of losses in cross-validation: Breiman, Friedman, Olshen
and Stone (1984), Classification and Regression Trees, section 3.4.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.errors import CovariateProblem
from causal.estimators.design import Floats
from causal.interventions.mechanisms.boosted import (
    MOST_CLASSES,
    MOST_COLUMNS,
    ROWS,
    BoostedMean,
    BoostedShares,
    boosted_stages,
    fit_boosted,
)
from causal.interventions.mechanisms.cells import (
    CellMeans,
    CellShares,
    fit_cell_means,
    fit_cell_shares,
    fits_in_cells,
    left_out_losses,
)
from causal.interventions.mechanisms.clusters import Clusters, mean_error, numbered
from causal.interventions.mechanisms.features import Features, features_of
from causal.interventions.mechanisms.line import LinearMean, fit_line
from causal.interventions.mechanisms.logit import MOST_COEFFICIENTS, LogitShares, fit_logit
from causal.interventions.node_columns import NodeColumn, Values
from causal.progress import Progress, silent

Mean = LinearMean | CellMeans | BoostedMean
Shares = LogitShares | CellShares | BoostedShares
Mechanism = Mean | Shares
Form = Literal["linear", "cells", "curved", "boosted"]

ALL_FORMS: tuple[Form, ...] = ("cells", "linear", "curved", "boosted")
FOLDS = 5
ROWS_COMPARED = 10_000
"""So many units at most decide which mechanism is taken."""

_LOWEST = 1e-6
_UNITS_PER_COLUMN = 8
_UNITS_FOR_TREES = 300


@dataclass(frozen=True)
class Chosen:
    """The form taken, after how many trees where boosted, and its loss beside that of the mean or the overall shares.

    Losses are mean squared errors of numeric nodes, mean log losses of others, of units not seen.
    """

    form: Form
    trees: int
    loss: float
    loss_of_mean: float


@dataclass(frozen=True, eq=False)
class Task:
    """A node to be explained by its `causes`: the columns, all values, and the clusters of units, if any."""

    columns: Mapping[str, NodeColumn]
    causes: tuple[str, ...]
    name: str
    values: Values
    clusters: Clusters = None

    @property
    def column(self) -> NodeColumn:
        """The node's own column."""
        return self.columns[self.name]

    @property
    def levels(self) -> int:
        """How many levels the node has; 0 for a quantity."""
        return len(self.column.levels)

    def among(self, rows: NDArray[np.int64]) -> Task:
        """The task with these units only."""
        kept = {name: self.values[name][rows] for name in (*self.causes, self.name)}
        clusters = None if self.clusters is None else self.clusters[rows]
        return Task(self.columns, self.causes, self.name, kept, clusters)

    def outcome(self) -> Floats:
        """(n,) the node's values, or its codes."""
        values = self.values[self.name]
        return self.column.codes(values).astype(np.float64) if self.levels else values

    def features(self, bent: bool = False) -> Features:
        """The model columns of its causes."""
        return features_of(self.columns, self.causes, self.values, bent)

    def __len__(self) -> int:
        return len(self.values[self.name])


def choose(task: Task, rng: np.random.Generator, among: Sequence[Form] = ALL_FORMS) -> Chosen:
    """Compare the forms that fit the node on units not seen."""
    if task.levels and "cells" in among and _forms(task) == ["cells"]:
        codes = task.column.codes(task.values[task.name])
        left_out = left_out_losses(task.columns, task.causes, task.values, codes, task.levels, task.clusters)
        return Chosen("cells", 0, *left_out)
    task = _at_most(task, ROWS_COMPARED, rng)
    forms = [form for form in _forms(task) if form in among]
    fold = _folds(task, rng)
    losses: dict[tuple[Form, int], Floats] = {}
    nothing = np.empty(len(task))
    for place in np.unique(fold):
        test = np.flatnonzero(fold == place)
        train = task.among(np.flatnonzero(fold != place))
        held = task.among(test)
        for key, predicted in _predictions(train, held, forms).items():
            losses.setdefault(key, np.empty(len(task)))[test] = _loss(held, predicted)
        nothing[test] = _loss(held, _without_causes(train, len(held)))
    clusters = None if task.clusters is None else numbered(task.clusters)[0]
    order = sorted(losses, key=lambda key: (forms.index(key[0]), key[1]))
    best = min(order, key=lambda key: float(losses[key].mean()))
    for key in order:
        more = losses[key] - losses[best]
        if key == best or more.mean() <= math.sqrt(mean_error(more[:, None], clusters)[0]):
            return Chosen(key[0], key[1], float(losses[key].mean()), float(nothing.mean()))
    raise AssertionError("the best form is as good as itself")


def _folds(task: Task, rng: np.random.Generator) -> NDArray[np.int64]:
    """(n,) the fold of each unit; those of one cluster are held out together, as units not seen are of others."""
    if task.clusters is None:
        return np.asarray(rng.permutation(len(task)) % FOLDS)
    own, count = numbered(task.clusters)
    return np.asarray((rng.permutation(count) % FOLDS)[own])


def fit(
    task: Task, chosen: Chosen, rng: np.random.Generator, replicates: int, progress: Progress = silent
) -> Mechanism:
    """The chosen form on all units of the task, with draws; trees on a sample of them."""
    if chosen.form == "boosted":
        part = _every_level(task, ROWS, rng)
        learnt = (part.features(), part.values, part.outcome(), task.levels, chosen.trees)
        return fit_boosted(*learnt, rng, replicates, progress, part.clusters)
    return _fit_smooth(task, chosen.form, rng, replicates)


def _fit_smooth(task: Task, form: Form, rng: np.random.Generator | None = None, replicates: int = 0) -> Mechanism:
    if task.levels:
        codes = task.column.codes(task.values[task.name])
        if form == "cells":
            counted = (task.columns, task.causes, task.values, codes, task.levels)
            return fit_cell_shares(*counted, rng, replicates, task.clusters)
        features = task.features(form == "curved")
        return fit_logit(features, task.values, codes, task.levels, rng, replicates, clusters=task.clusters)
    if form == "cells":
        return fit_cell_means(task.columns, task.causes, task.values, task.outcome(), rng, replicates, task.clusters)
    return fit_line(task.features(form == "curved"), task.values, task.outcome(), rng, replicates, task.clusters)


def _forms(task: Task) -> list[Form]:
    """From the simplest; means in combinations of levels are taken first, as they assume nothing.

    Shares in combinations are all there is where they fit: they lean on a regression as far as it holds, and say how
    little is known where no unit is.
    """
    n, causes = len(task), [task.columns[name] for name in task.causes]
    outputs = max(task.levels - 1, 1)
    plain, bent = _width(task.features()), _width(task.features(bent=True))
    room = [plain, bent] if not task.levels else [plain * outputs, bent * outputs]
    forms: list[Form] = []
    combinations = math.inf
    if fits_in_cells(causes, max(task.levels, 1)):
        forms.append("cells")
        combinations = math.prod(len(cause.levels) for cause in causes)
        if task.levels:
            return forms
    if plain < combinations and (not task.levels or room[0] <= MOST_COEFFICIENTS):
        forms.append("linear")
    small = not task.levels or room[1] <= MOST_COEFFICIENTS
    if plain < bent < combinations and small and n >= _UNITS_PER_COLUMN * room[1]:
        forms.append("curved")
    if plain - 1 <= MOST_COLUMNS and task.levels <= MOST_CLASSES and n >= _UNITS_FOR_TREES and "cells" not in forms:
        forms.append("boosted")
    if not forms:
        raise CovariateProblem(
            f'"{task.name}" has {task.levels} levels, too many to be explained by {len(causes)} causes with '
            f"{plain - 1} columns between them. Group its rare levels, or take it out of the graph."
        )
    return forms


def _width(features: Features) -> int:
    one = {part.name: np.zeros(1) for part in features.parts}
    return int(features.of(one).shape[1])


def _predictions(train: Task, held: Task, forms: Sequence[Form]) -> dict[tuple[Form, int], Floats]:
    """(m, outputs) of each form for the units held out; of a boosting after each of its stages."""
    found: dict[tuple[Form, int], Floats] = {}
    for form in forms:
        if form == "boosted":
            stages = boosted_stages(train.features(), train.values, train.outcome(), held.values, train.levels)
            found |= {("boosted", stage): values for stage, values in stages.items()}
            continue
        made = _fit_smooth(train, form)
        if isinstance(made, LogitShares | CellShares | BoostedShares):
            found[form, 0] = made.shares(held.values)
        else:
            found[form, 0] = made.mean(held.values)[:, None]
    return found


def _loss(held: Task, predicted: Floats) -> Floats:
    outcome = held.outcome()
    if held.levels:
        chance = predicted[np.arange(len(held)), outcome.astype(np.int64)]
        return np.asarray(-np.log(np.maximum(chance, _LOWEST)))
    return np.asarray((outcome - predicted[:, 0]) ** 2)


def _without_causes(train: Task, count: int) -> Floats:
    if not train.levels:
        return np.full((count, 1), train.outcome().mean())
    had = np.bincount(train.outcome().astype(np.int64), minlength=train.levels) + 0.5
    return np.tile(had / had.sum(), (count, 1))


def _at_most(task: Task, most: int, rng: np.random.Generator) -> Task:
    if len(task) <= most:
        return task
    return task.among(np.sort(rng.choice(len(task), most, replace=False)))


def _every_level(task: Task, most: int, rng: np.random.Generator) -> Task:
    """At most so many units, and one of each level that the draw would have missed."""
    if len(task) <= most:
        return task
    rows = rng.choice(len(task), most, replace=False)
    if task.levels:
        _, first = np.unique(task.outcome(), return_index=True)
        rows = np.union1d(rows, first)
    return task.among(np.sort(rows))
