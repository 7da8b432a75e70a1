"""Predictions that go by some of the columns only, for a policy that may not see the others, or does not have them.

All columns still stand against confounding: the doubly robust scores are what is predicted, each unit's by models of
the other folds (the DR-learner: Kennedy 2023, Electronic Journal of Statistics 17: 3008-3049). The scores stay as they
are, so that what a column is worth is the difference of two policies judged alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import columns_of
from causal.estimators.learners import Task
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable
from causal.policies.arm_models import predict_arm
from causal.policies.arm_scores import ArmScores, levelled
from causal.policies.rules import folds_of
from causal.progress import Progress, silent

FOLDS = 5


@one_thread
def predict_by(
    table: UnitTable, scores: ArmScores, columns: Sequence[str], learner: str, seed: int, progress: Progress = silent
) -> ArmScores:
    """The scores with `predicted` by the named columns alone, of those adjusted for.

    Raises OptionProblem for a column that is not adjusted for, or none.
    """
    unknown = [name for name in columns if name not in scores.adjust_for]
    if unknown or not columns:
        listed = ", ".join(f'"{name}"' for name in scores.adjust_for) or "none"
        about = f'not "{unknown[0]}"' if unknown else "and need at least one"
        raise OptionProblem(f"Predictions go by columns that are adjusted for, {about}. These are: {listed}.")
    coded, _, _ = columns_of(table, scores.rows, tuple(columns))
    model, fold = np.column_stack([np.ones(len(scores)), coded]), folds_of(scores, seed, FOLDS)
    found = np.empty_like(scores.predicted)
    for each in range(FOLDS):
        progress(each / FOLDS, f"predicting by the columns chosen, {each + 1} of {FOLDS}")
        learnt, told = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        for arm in range(len(scores.levels)):
            task = Task(model[learnt], scores.scores[learnt, arm], model[told], False, seed)
            found[told, arm] = predict_arm(task, learner)
    levels = [levelled(found[:, arm], fold) for arm in range(len(scores.levels))]
    return replace(scores, predicted=np.column_stack(levels), errors=None, goes_by=tuple(columns))
