"""The outcome under one arm, predicted at rows that may be new, and how much such predictions vary.

Errors by subsamples without replacement (Politis and Romano 1994, Annals of Statistics 22: 2031-2050): one of m of n
units varies around all n with 1/m - 1/n where the truth is missed with 1/n, so m = 4n/9 has the error of a prediction
that is learnt from four fifths of the units, as those of five folds are. Each unit is told by the draws without it.
Draws come in pairs that share no unit, so that every unit is outside of at least one of each pair.
"""

from __future__ import annotations

import numpy as np

from causal.effects.arm_weights import ArmSample
from causal.estimators.design import Flags, Floats
from causal.estimators.folds import Places
from causal.estimators.learners import LEARNERS, LINEAR_TOO, Task
from causal.progress import Progress, silent

PAIRS = 10
"""Of draws. Most units are outside of one of each: their error is then known to about 24 %."""

SHARE = 4 / 9
FREEDOM = PAIRS - 1.0
"""Of Student's quantile for an interval of a single unit."""


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
    n, count = len(units.arm), len(units.levels)
    sums, squares, times = np.zeros((n, count)), np.zeros((n, count)), np.zeros(n)
    rng = np.random.default_rng([units.sample.seed, 17])
    for pair in range(PAIRS):
        progress(pair / PAIRS, f"how sure each unit's gain is, {pair + 1} of {PAIRS}")
        for inside in _two_draws(units, rng):
            told = np.flatnonzero(~inside)
            gains = _gains(units, inside, told, control, learner, pair)
            sums[told] += gains
            squares[told] += gains**2
            times[told] += 1
    variance = (squares - sums**2 / times[:, None]) / (times[:, None] - 1)
    return np.sqrt(np.maximum(variance, 0.0))


def _gains(units: ArmSample, inside: Flags, told: Places, control: int, learner: str, seed: int) -> Floats:
    """(m, K) predicted gains on the control of the units `told`, learnt from those `inside`."""
    sample = units.sample
    predicted = np.empty((len(told), len(units.levels)))
    for arm in range(len(units.levels)):
        own = inside & (units.arm == arm)
        task = Task(sample.model[own], sample.outcome[own], sample.model[told], sample.outcome_is_binary, seed)
        predicted[:, arm] = predict_arm(task, learner)
    return predicted - predicted[:, [control]]


def _two_draws(units: ArmSample, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """(n,) flags twice: of whole clusters, or of units of each arm; of an arm with few clusters single units."""
    part = np.full(len(units.arm), -1, dtype=np.int64)
    clusters = units.sample.clusters
    if clusters is not None:
        codes = np.unique(clusters, return_inverse=True)[1]
        part = _dealt(int(codes.max()) + 1, rng)[codes]
    for arm in range(len(units.levels)):
        own = np.flatnonzero(units.arm == arm)
        if clusters is None or min((part[own] == each).sum() for each in (0, 1)) < 2:
            part[own] = _dealt(len(own), rng)
    return part == 0, part == 1


def _dealt(count: int, rng: np.random.Generator) -> Places:
    """(count,) 0 or 1 for the units of either draw, 2 for the rest."""
    size = max(round(SHARE * count), min(2, count // 2))
    found = np.full(count, 2, dtype=np.int64)
    order = rng.permutation(count)
    found[order[:size]], found[order[size : 2 * size]] = 0, 1
    return found
