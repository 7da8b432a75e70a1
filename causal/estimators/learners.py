"""What predicts an outcome or a treatment from the covariates: lasso, boosting, forest.

A learner is a function of training rows and new rows that gives one or several named predictions of the new ones; the
several (a boosting after few and after many trees) are then weighed against each other by how well they predict.
Linear models are none of them: they are fitted for all folds at once (linear_folds.py).
Lasso: Tibshirani (1996), JRSS B 58: 267-288, on hinges and products; boosting: scikit-learn's histogram trees, slow and
shallow, as nuisances of causal effects want them; forests: Geurts, Ernst and Wehenkel (2006), Machine Learning 63.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from causal.estimators.design import Flags, Floats, rows_of

Flexible = Literal["lasso", "boosting", "forest", "best"]
Learner = Literal["parametric", "lasso", "boosting", "forest", "best"]

STAGES = (40, 100, 200)
"""After so many trees a boosting of an outcome is looked at."""

STAGES_OF_A_CHANCE = (25, 50, 100)
"""Of a probability: there is less to learn, and too much is learnt sooner."""

BINS = 64
"""Values of a column that a boosted tree tells apart: more cost time and tell noise."""

FOREST_ROWS = 20_000
"""Each tree of a forest sees so many rows at most."""

LASSO_ROWS = 100_000
"""A lasso sees so many rows at most: more would not change what it keeps."""

HINGES = (0.15, 0.4, 0.6, 0.85)
"""Quantiles at which a numeric column may bend."""

PRODUCTS_OF = 20
"""So many of the strongest columns are multiplied with each other."""

_INNER = 4
_PATH = 30
_HALFWAY = 15
_STRIDE = 6
"""So many penalties are tried at a time, and no more once the last so many predict worse."""


@dataclass(frozen=True, eq=False)
class Task:
    """Predict `outcome` (n,) from `model` (n, p) at the rows `new` (m, p); a probability where `binary`."""

    model: Floats
    outcome: Floats
    new: Floats
    binary: bool
    seed: int

    def of(self, rows: Flags) -> Task:
        """The task with some of the training rows only."""
        return Task(rows_of(self.model, np.flatnonzero(rows)), self.outcome[rows], self.new, self.binary, self.seed)


Predictions = dict[str, Floats]


def lasso(task: Task) -> Predictions:
    """Lasso on main effects and hinges, then on products of the strongest too; logistic on the columns it keeps."""
    task = _thinned(task, LASSO_ROWS)
    basis = _Hinges(task.model)
    strongest = basis.strongest(_Lasso(basis.of(task.model), task.outcome).coefficients)
    products = [(i, j) for place, i in enumerate(strongest) for j in strongest[place + 1 :]]

    def columns(rows: Floats) -> Floats:
        return np.column_stack([basis.of(rows), *(rows[:, i] * rows[:, j] for i, j in products)])

    wide = columns(task.model)
    second = _Lasso(wide, task.outcome, task.seed)
    if not task.binary:
        return {"lasso": second.predict(columns(task.new))}
    kept = second.coefficients != 0
    if not kept.any() or np.ptp(task.outcome) == 0:
        return {"lasso": np.full(len(task.new), task.outcome.mean())}
    return {"lasso": _ridge_logistic(wide[:, kept], task.outcome, columns(task.new)[:, kept])}


def boosting(task: Task) -> Predictions:
    """Boosted shallow trees after each of their stages."""
    return {f"boosting after {stage} trees": values for stage, values in _boosted(task).items()}


def boosted_lasso(task: Task) -> Predictions:
    """Boosted shallow trees on what a lasso leaves over."""
    both = Task(task.model, task.outcome, np.vstack([task.model, task.new]), task.binary, task.seed)
    fitted = lasso(both)["lasso"]
    n = len(task.outcome)
    rest = Task(task.model, task.outcome - fitted[:n], task.new, False, task.seed)
    found = {"lasso": fitted[n:]}
    for stage, values in _boosted(rest).items():
        found[f"boosted lasso after {stage} trees"] = fitted[n:] + values
    return found


def forest(task: Task) -> Predictions:
    """Extremely randomised trees; a leaf's probability is drawn to the overall one as by one unit more."""
    from sklearn.ensemble import ExtraTreesRegressor

    leaf = 5
    share = min(1.0, FOREST_ROWS / len(task.outcome))
    model = ExtraTreesRegressor(
        40,
        min_samples_leaf=leaf,
        max_features=0.3,
        bootstrap=share < 1,
        max_samples=share if share < 1 else None,
        random_state=task.seed,
    )
    fitted = model.fit(task.model[:, 1:], task.outcome).predict(task.new[:, 1:])
    if task.binary:
        fitted = (leaf * fitted + task.outcome.mean()) / (leaf + 1)
    return {"forest": fitted}


def _thinned(task: Task, most: int) -> Task:
    """At most so many of the training rows, evenly from their order, which is as good as random."""
    step = -(-len(task.outcome) // most)
    return task if step == 1 else Task(task.model[::step], task.outcome[::step], task.new, task.binary, task.seed)


def _boosted(task: Task) -> dict[int, Floats]:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    settings: dict[str, Any] = {
        "learning_rate": 0.1,
        "max_iter": (STAGES_OF_A_CHANCE if task.binary else STAGES)[-1],
        "max_bins": BINS,
        "max_depth": 4,
        "max_leaf_nodes": 12,
        "min_samples_leaf": max(5, min(20, len(task.outcome) // 50)),
        "max_features": 0.4,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": task.seed,
    }
    if np.ptp(task.outcome) == 0:
        return {STAGES[0]: np.full(len(task.new), task.outcome[0])}
    model, new = task.model[:, 1:], task.new[:, 1:]
    if task.binary:
        chances = HistGradientBoostingClassifier(**settings).fit(model, task.outcome).staged_predict_proba(new)
        return {stage: each[:, 1] for stage, each in enumerate(chances, 1) if stage in STAGES_OF_A_CHANCE}
    means = HistGradientBoostingRegressor(**settings).fit(model, task.outcome).staged_predict(new)
    return {stage: each for stage, each in enumerate(means, 1) if stage in STAGES}


class _Hinges:
    """Main effects, and for each numeric column what lies beyond some of its quantiles."""

    def __init__(self, model: Floats) -> None:
        self._main = np.arange(1, model.shape[1])
        some = model[:: max(1, len(model) // 20_000)]
        self._bends: list[tuple[int, float]] = []
        for column in self._main:
            values = np.unique(some[:, column])
            if len(values) > 2:
                knots = np.unique(np.quantile(some[:, column], HINGES))
                self._bends += [(int(column), float(knot)) for knot in knots if values[0] < knot < values[-1]]

    def of(self, rows: Floats) -> Floats:
        """(m, k) the columns at these rows."""
        bent = [np.maximum(rows[:, column] - knot, 0.0) for column, knot in self._bends]
        return np.column_stack([rows[:, self._main], *bent])

    def strongest(self, coefficients: Floats) -> list[int]:
        """The columns of the model with the largest coefficients, hinges counted to theirs."""
        owner = np.concatenate([self._main, np.array([column for column, _ in self._bends], dtype=np.int64)])
        size = np.bincount(owner, weights=np.abs(coefficients), minlength=len(self._main) + 1)
        order = np.argsort(-size, kind="stable")
        return sorted(int(column) for column in order[:PRODUCTS_OF] if size[column] > 0)


class _Lasso:
    """Lasso from cross products, so that rows count once; the penalty by cross-validation, halfway without a seed."""

    def __init__(self, columns: Floats, outcome: Floats, seed: int | None = None) -> None:
        self._centre = columns.mean(axis=0)
        spread = columns.std(axis=0)
        spread[spread < 1e-12] = np.inf
        self._spread = spread
        scaled = (columns - self._centre) / spread
        self._mean = float(outcome.mean())
        centred = outcome - self._mean
        n = len(outcome)
        if seed is None:
            total = _Products.of(scaled, centred)
            self.coefficients = total.path(_penalties(total)[:_HALFWAY])[:, -1]
            return
        inner = np.random.default_rng([seed, 5]).permutation(n) % _INNER
        parts = [_Products.of(scaled[inner == fold], centred[inner == fold]) for fold in range(_INNER)]
        total = _Products.sum(parts)
        penalties = _penalties(total)
        best = _best_place(parts, [total - part for part in parts], penalties)
        self.coefficients = total.path(penalties[: best + 1])[:, -1]

    def predict(self, columns: Floats) -> Floats:
        """(m,) the fitted mean."""
        return np.asarray(self._mean + (columns - self._centre) / self._spread @ self.coefficients)


def _penalties(total: _Products) -> Floats:
    return np.asarray(float(np.abs(total.moments).max()) / total.n * np.geomspace(1, 2e-3, _PATH))


def _best_place(parts: list[_Products], others: list[_Products], penalties: Floats) -> int:
    """Of the penalty that predicts each part best from the others; the loose end, which costs most, only if need be."""
    loss: list[float] = []
    starts: list[Floats | None] = [None] * len(parts)
    for begin in range(0, len(penalties), _STRIDE):
        sums = np.zeros(len(penalties[begin : begin + _STRIDE]))
        for place, (part, rest) in enumerate(zip(parts, others, strict=True)):
            found = rest.path(penalties[begin : begin + _STRIDE], starts[place])
            starts[place] = found[:, -1]
            sums += part.losses(found)
        loss += sums.tolist()
        if len(loss) - int(np.argmin(loss)) > _STRIDE:
            break
    return int(np.argmin(loss))


@dataclass(frozen=True, eq=False)
class _Products:
    """X'X, X'y, y'y and the number of rows."""

    gram: Floats
    moments: Floats
    square: float
    n: int

    @classmethod
    def of(cls, columns: Floats, outcome: Floats) -> _Products:
        return cls(columns.T @ columns, columns.T @ outcome, float(outcome @ outcome), len(outcome))

    @classmethod
    def sum(cls, parts: list[_Products]) -> _Products:
        return cls(
            np.sum([each.gram for each in parts], axis=0),
            np.sum([each.moments for each in parts], axis=0),
            sum(each.square for each in parts),
            sum(each.n for each in parts),
        )

    def __sub__(self, other: _Products) -> _Products:
        return _Products(
            self.gram - other.gram, self.moments - other.moments, self.square - other.square, self.n - other.n
        )

    def path(self, penalties: Floats, start: Floats | None = None) -> Floats:
        """(k, penalties) the lasso's coefficients; scikit-learn's descent on a square root of X'X."""
        from sklearn.linear_model import lasso_path

        root, seen, gram = self._rooted
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # at the loose end of the path columns alike take long to sort themselves out
            _, coefficients, _ = lasso_path(
                root, seen, alphas=penalties, precompute=gram, max_iter=100, coef_init=start
            )
        return np.asarray(coefficients)

    @cached_property
    def _rooted(self) -> tuple[Floats, Floats, Floats]:
        values, vectors = np.linalg.eigh(self.gram / self.n)
        keep = values > 1e-10 * values[-1]
        root = np.asfortranarray((vectors[:, keep] * np.sqrt(values[keep])).T)
        seen = vectors[:, keep].T @ (self.moments / self.n) / np.sqrt(values[keep])
        rows = root.shape[0]
        scale = np.sqrt(rows)  # so that 1 / (2 rows) |root b - seen|^2 is 1 / 2n |X b - y|^2
        return root * scale, seen * scale, self.gram / self.n * rows

    def losses(self, coefficients: Floats) -> Floats:
        """(penalties,) the sum of squared errors on these rows."""
        quadratic = np.einsum("ij,ij->j", coefficients, self.gram @ coefficients)
        return np.asarray(self.square - 2 * (self.moments @ coefficients) + quadratic)


def _ridge_logistic(columns: Floats, outcome: Floats, new: Floats) -> Floats:
    """The columns have been chosen: a mild penalty keeps what they say from running away."""
    from sklearn.linear_model import LogisticRegression

    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    model = LogisticRegression(C=0.1, solver="newton-cholesky").fit((columns - centre) / spread, outcome)
    return np.asarray(model.predict_proba((new - centre) / spread)[:, 1])


Way = Literal["model per arm", "one model"]


@dataclass(frozen=True)
class Candidate:
    """A learner, and how it predicts an outcome under each arm."""

    predict: Callable[[Task], Predictions]
    ways: tuple[Way, ...] = ("model per arm",)


_BOTH: tuple[Way, ...] = ("model per arm", "one model")

LEARNERS: dict[str, tuple[Candidate, ...]] = {
    "linear": (),
    "lasso": (Candidate(lasso, _BOTH),),
    "boosting": (Candidate(boosting, _BOTH),),
    "forest": (Candidate(forest, _BOTH),),
    "best": (
        Candidate(boosted_lasso, ("one model",)),
        Candidate(boosting, ("one model",)),
        Candidate(forest),
    ),
}
"""What each choice tries for an outcome; of several predictions a weighted mean is taken."""

CHANCES: dict[str, tuple[Candidate, ...]] = {
    **LEARNERS,
    "best": (Candidate(lasso), Candidate(boosting), Candidate(forest)),
}
"""And for the treatment."""

LINEAR_TOO = ("linear", "best")
"""These choices try linear models as well."""
