"""A policy by points: each column adds points to each arm, and a unit gets the arm with the most.

Learnt by gradient (`parametric.py`) on doubly robust scores less the costs at a price that is raised until the budget
holds. Easier to run elsewhere than a model of outcomes, and worth less; valued by points learnt on other folds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem
from causal.estimators.design import Floats, columns_of
from causal.logs.unit_table import UnitTable
from causal.policies.arm_scores import ArmScores
from causal.policies.parametric import learn_softmax
from causal.policies.rules import folds_of
from causal.progress import Progress, silent

FOLDS = 5
_HALVINGS = 10
_ROWS = 50_000
"""Points are learnt from so many units at most: they are few numbers, and more would not move them."""


Points = Mapping[str, Mapping[str, float]]
"""`points[column][arm]` beside the first arm: what one more of the column adds (a level: having it), and START."""

START = "(start)"
"""What each arm begins with."""


def learn_points(
    table: UnitTable,
    scores: ArmScores,
    costs: Floats,
    budget: float | None,
    seed: int,
    progress: Progress = silent,
) -> tuple[Points, NDArray[np.int64], NDArray[np.int64]]:
    """The points on what is adjusted for with the highest mean score within the budget, (n,) the arm that they give
    each unit, and (n,) the arm by points that were learnt on other folds, which say what they are worth.

    Raises OptionProblem.
    """
    if not scores.adjust_for:
        raise OptionProblem("Points need at least one column to go by: adjust for some.")
    model, names, _ = columns_of(table, scores.rows, scores.adjust_for)
    centre, spread = model.mean(axis=0), model.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = np.column_stack([np.ones(len(model)), (model - centre) / spread])
    share = None if budget is None else budget / len(scores)
    judged = np.empty(len(scores), dtype=np.int64)
    fold = folds_of(scores, seed, FOLDS)
    for each in range(FOLDS):
        progress(each / (FOLDS + 1), f"learning the points, {each + 1} of {FOLDS + 1}")
        seen, new = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        judged[new] = _chosen(scaled[new], _learnt(scaled[seen], scores.scores[seen], costs[seen], share, seed))
    progress(FOLDS / (FOLDS + 1), f"learning the points, {FOLDS + 1} of {FOLDS + 1}")
    found = _learnt(scaled, scores.scores, costs, share, seed)
    own = found[1:] / spread[:, None]
    rows = [found[0] - centre @ own, *own]
    others = [str(level) for level in scores.levels[1:]]
    points = {
        name: dict(zip(others, row.tolist(), strict=True)) for name, row in zip((START, *names), rows, strict=True)
    }
    return points, _chosen(scaled, found), judged


def _learnt(model: Floats, scores: Floats, costs: Floats, share: float | None, seed: int) -> Floats:
    """(p, K - 1) coefficients; `share` is the budget per unit."""
    kept = np.linspace(0, len(model) - 1, min(len(model), _ROWS)).astype(np.int64)
    model, scores, costs = model[kept], scores[kept], costs[kept]

    last: Floats | None = None

    def at(price: float) -> tuple[Floats, float]:
        nonlocal last
        last = found = learn_softmax(model, scores - price * costs, starts=1, seed=seed, first=last).coefficients
        arms = _chosen(model, found)
        return found, float(costs[np.arange(len(arms)), arms].mean())

    found, spent = at(0.0)
    if share is None or spent <= share:
        return found
    low, high = 0.0, max(float(scores.std()), 1e-12) / max(float(costs.max()), 1e-12)
    while at(high)[1] > share:
        low, high = high, 2 * high
        if high > 1e12:
            raise OptionProblem("No points keep to the budget: give an arm that costs nothing, or raise the budget.")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle)[1] > share else (low, middle)
    return at(high)[0]


def _chosen(model: Floats, coefficients: Floats) -> NDArray[np.int64]:
    return np.asarray(np.column_stack([np.zeros(len(model)), model @ coefficients]).argmax(axis=1), dtype=np.int64)
