"""How far a prediction for a unit varies, by refits on subsamples that do not hold the unit.

Subsampling without replacement: Politis and Romano (1994), Annals of Statistics 22: 2031-2050. What is learnt from m of
n units varies around what is learnt from all with 1/m - 1/n where that misses the truth with 1/n; so m = 4n/9 has the
error of a prediction that is learnt from four fifths of the units, as those of five folds are. Draws come in pairs that
share no unit, so that every unit is outside of at least one of each pair.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Flags, Floats
from causal.estimators.folds import Places

PAIRS = 10
"""Of draws. Most units are outside of one of each: their error is then known to about 24 %."""

FREEDOM = PAIRS - 1.0
"""Of Student's quantile for an interval of a single unit."""

SHARE = 4 / 9

Predict = Callable[[Places, Places], Floats]
"""(m, k) predictions of the units at the second places, learnt from those at the first."""


def spread_over_draws(
    arm: Places,
    clusters: NDArray[np.int64] | None,
    predict: Predict,
    seed: int,
    watch: Callable[[int], None] = lambda pair: None,
) -> Floats:
    """(n, k) the standard error of each unit's predictions; `arm` (n,) from 0 on, each drawn from alike; `clusters`
    are drawn whole. `watch` is called with the number of pairs done.
    """
    rng = np.random.default_rng([seed, 17])
    sums: Floats | None = None
    for pair in range(PAIRS):
        watch(pair)
        for inside in _two_draws(arm, clusters, rng):
            learnt, told = np.flatnonzero(inside), np.flatnonzero(~inside)
            values = predict(learnt, told)
            if sums is None:
                sums, squares = (np.zeros((len(arm), values.shape[1])) for _ in range(2))
                times = np.zeros((len(arm), 1))
            sums[told] += values
            squares[told] += values**2
            times[told] += 1
    assert sums is not None
    return np.asarray(np.sqrt(np.maximum((squares - sums**2 / times) / (times - 1), 0.0)))


def _two_draws(arm: Places, clusters: NDArray[np.int64] | None, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """(n,) flags twice: of whole clusters, or of units of each arm; of an arm with few clusters single units."""
    part = np.full(len(arm), -1, dtype=np.int64)
    if clusters is not None:
        codes = np.unique(clusters, return_inverse=True)[1]
        part = _dealt(int(codes.max()) + 1, rng)[codes]
    for each in range(int(arm.max()) + 1):
        own = np.flatnonzero(arm == each)
        if clusters is None or min((part[own] == draw).sum() for draw in (0, 1)) < 2:
            part[own] = _dealt(len(own), rng)
    return part == 0, part == 1


def _dealt(count: int, rng: np.random.Generator) -> Places:
    """(count,) 0 or 1 for the units of either draw, 2 for the rest."""
    size = max(round(SHARE * count), min(2, count // 2))
    found = np.full(count, 2, dtype=np.int64)
    order = rng.permutation(count)
    found[order[:size]], found[order[size : 2 * size]] = 0, 1
    return found
