"""What level a unit would have had under other causes, given the level that it has.

The chances before and after say how often each level occurs, not which units change: that takes a coupling. Of two
levels, and of levels in order, the one number that picks them is kept, which is monotonicity and makes the chance
point-identified (Tian and Pearl 2000, Annals of Mathematics and Artificial Intelligence 28: 287-313). Of categories the
Gumbel noise is kept: Oberst and Sontag (2019), ICML, PMLR 97: 4881-4890. Without either, only the bounds of Fréchet
hold, which are Tian and Pearl's of the probability of necessity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats

GUMBEL_DRAWS = 400

_TINY = 1e-12


def monotone_chances(before: Floats, after: Floats, had: NDArray[np.int64]) -> Floats:
    """(n, levels) the chance of each level after, for units that had one before, if one number in 0 to 1 picks both."""
    rows = np.arange(len(had))
    upper = np.cumsum(before, axis=1)[rows, had]
    lower = upper - np.maximum(before[rows, had], _TINY)
    ends = np.cumsum(after, axis=1)
    ends[:, -1] = np.maximum(ends[:, -1], 1.0)
    starts = np.concatenate([np.zeros((len(had), 1)), ends[:, :-1]], axis=1)
    shared = np.minimum(ends, upper.reshape(-1, 1)) - np.maximum(starts, lower.reshape(-1, 1))
    chances = np.maximum(shared, 0.0)
    return np.asarray(chances / np.maximum(chances.sum(axis=1, keepdims=True), _TINY))


def gumbel_chances(before: Floats, after: Floats, had: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """(n, levels) the same if the level is the largest of log chance plus a Gumbel noise, which is kept; by draws.

    The noises given the largest: Maddison, Tarlow and Minka (2014), NeurIPS 27, top down.
    """
    n, levels = before.shape
    logs, moved = (np.log(np.maximum(each, _TINY)) for each in (before, after))
    counts = np.zeros((n, levels))
    rows = np.arange(n)
    for _ in range(GUMBEL_DRAWS):
        largest: Floats = rng.gumbel(size=(n, 1))
        others = logs + rng.gumbel(size=(n, levels))
        kept = -np.logaddexp(-others, -largest)  # a Gumbel cut off at the largest
        kept[rows, had] = largest[:, 0]
        counts[rows, (kept - logs + moved).argmax(axis=1)] += 1
    return counts / GUMBEL_DRAWS


def bounds(before: Floats, after: Floats, had: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(n, levels) the least and the greatest chance of each level after that any coupling allows."""
    own: Floats = np.maximum(np.take_along_axis(before, had[:, None], axis=1), _TINY)
    lower = np.maximum(0.0, own + after - 1) / own
    upper = np.minimum(1.0, after / own)
    return np.asarray(np.minimum(lower, upper)), np.asarray(upper)
