"""The outcome under one arm, predicted at rows that may be new, and how far such predictions vary."""

from __future__ import annotations

import numpy as np

from causal.effects.arm_weights import ArmSample
from causal.estimators.design import Floats
from causal.estimators.folds import Places
from causal.estimators.learners import LEARNERS, LINEAR_TOO, Task
from causal.estimators.subsamples import PAIRS, spread_over_draws
from causal.progress import Progress, silent


def predict_arm(task: Task, learner: str) -> Floats:
    """(m,) by the learner's own model of one arm; the mean of several where it tries several."""
    predictions = [values for each in LEARNERS[learner] for values in each.predict(task).values()]
    if learner in LINEAR_TOO or not predictions:
        predictions.append(_linear(task))
    return np.asarray(np.mean(predictions, axis=0))


def _linear(task: Task) -> Floats:
    if np.ptp(task.outcome) == 0:
        return np.full(len(task.new), task.outcome.mean())
    if task.binary:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=np.inf, solver="newton-cholesky").fit(task.model[:, 1:], task.outcome)
        return np.asarray(model.predict_proba(task.new[:, 1:])[:, 1])
    spread = np.sqrt((task.model**2).mean(axis=0))
    scaled = task.model / np.where(spread > 0, spread, 1.0)
    coefficients, *_ = np.linalg.lstsq(scaled.T @ scaled, scaled.T @ task.outcome, rcond=1e-12)
    return np.asarray(task.new @ (coefficients / np.where(spread > 0, spread, 1.0)))


def gain_errors(units: ArmSample, control: int, learner: str, progress: Progress = silent) -> Floats:
    """(n, K) the standard error of each unit's predicted gain of each arm on the control's; zero for the control."""
    sample = units.sample

    def gains(learnt: Places, told: Places) -> Floats:
        new, predicted = sample.model[told], np.empty((len(told), len(units.levels)))
        for arm in range(len(units.levels)):
            own = learnt[units.arm[learnt] == arm]
            task = Task(sample.model[own], sample.outcome[own], new, sample.outcome_is_binary, sample.seed)
            predicted[:, arm] = predict_arm(task, learner)
        return predicted - predicted[:, [control]]

    def watch(pair: int) -> None:
        progress(pair / PAIRS, f"how sure each unit's gain is, {pair + 1} of {PAIRS}")

    return spread_over_draws(units.arm, sample.clusters, gains, sample.seed, watch)
