"""Policies with parameters, the chance of each arm as a softmax of a linear index, by gradient; and annealing.

The value of a softmax policy is smooth in its parameters, so L-BFGS with the analytic gradient finds it (policy
gradient: Sutton et al. 2000; on logged scores: Dudík, Langford and Li 2011). Where the objective is no sum over units
(a cap that many share, a mean that must hold), simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) moves single
units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from causal.estimators.design import Floats
from causal.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class SoftmaxPolicy:
    """`coefficients` (p, K - 1) of each arm's index beside the first's, on standardised columns with a constant.

    `chances` (n, K) that it gives the units it was learnt on, `value` their mean score under it.
    """

    coefficients: Floats
    chances: Floats
    value: float

    def arms(self) -> NDArray[np.int64]:
        """(n,) the likeliest arm of each unit."""
        return np.asarray(self.chances.argmax(axis=1), dtype=np.int64)


def learn_softmax(
    model: Floats,
    scores: Floats,
    penalty: float = 1e-3,
    starts: int = 3,
    seed: int = 0,
    first: Floats | None = None,
) -> SoftmaxPolicy:
    """The softmax policy on `model` (n, p) with the highest mean of `scores` (n, K), less `penalty` times |b|² / 2.

    The best of several starts, as the objective has more than one summit; the first starts from the arms' own fits,
    or from the coefficients `first` (p, K - 1).
    """
    n, p = model.shape
    count = scores.shape[1]
    spread = float(scores.std()) or 1.0
    rng = np.random.default_rng(seed)

    def loss(flat: Floats) -> tuple[float, Floats]:
        coefficients = flat.reshape(p, count - 1)
        chances = _softmax(model, coefficients)
        mean = (chances * scores).sum(axis=1)
        pull = chances[:, 1:] * (scores[:, 1:] - mean[:, None])
        slope = model.T @ pull / n / spread - penalty * coefficients
        value = float(mean.mean()) / spread - penalty / 2 * float(flat @ flat)
        return -value, -slope.ravel()

    best: SoftmaxPolicy | None = None
    for attempt in range(starts):
        start = rng.standard_normal((p, count - 1)) if attempt else first
        start = _least_squares(model, scores, spread) if start is None else start
        ended = optimize.minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 500})
        coefficients = np.asarray(ended.x).reshape(p, count - 1)
        chances = _softmax(model, coefficients)
        found = SoftmaxPolicy(coefficients, chances, float((chances * scores).sum(axis=1).mean()))
        if best is None or found.value > best.value:
            best = found
    assert best is not None
    return best


def _softmax(model: Floats, coefficients: Floats) -> Floats:
    index = np.column_stack([np.zeros(len(model)), model @ coefficients])
    index -= index.max(axis=1, keepdims=True)
    raised = np.exp(index)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _least_squares(model: Floats, scores: Floats, spread: float) -> Floats:
    coefficients, *_ = np.linalg.lstsq(model, (scores[:, 1:] - scores[:, :1]) / spread, rcond=None)
    return np.asarray(4 * coefficients)


def anneal(
    start: NDArray[np.int64],
    arms: int,
    change: Callable[[NDArray[np.int64], int, int], float],
    steps: int,
    warmth: float,
    seed: int = 0,
    progress: Progress = silent,
    taken: Callable[[int, int, int], None] = lambda unit, before, after: None,
) -> NDArray[np.int64]:
    """(n,) the best allocation met while single units are given other arms at random, worse ones less and less often.

    `change(allocation, unit, arm)` is what the objective would gain if the unit got the arm; `warmth` the loss that is
    accepted with a chance of 1/e at the start, cooled to a thousandth of it. `taken(unit, before, after)` hears of each
    move, for an objective that keeps totals.
    """
    rng = np.random.default_rng(seed)
    now = start.copy()
    moves: list[tuple[int, int]] = []
    level = best_level = 0.0
    best_after = 0
    units = rng.integers(len(start), size=steps)
    others = rng.integers(1, arms, size=steps)
    chances = np.log(rng.random(steps))
    for step in range(steps):
        if step % 1000 == 0:
            progress(step / steps, "annealing")
        heat = warmth * 1e-3 ** (step / steps)
        unit = int(units[step])
        arm = int((now[unit] + others[step]) % arms)
        gain = change(now, unit, arm)
        if gain >= 0 or chances[step] < gain / heat:
            taken(unit, int(now[unit]), arm)
            now[unit] = arm
            moves.append((unit, arm))
            level += gain
            if level > best_level:
                best_level, best_after = level, len(moves)
    best = start.copy()
    for unit, arm in moves[:best_after]:
        best[unit] = arm
    return best
