"""Simulated tables of every pair of column types, independent or not given conditions of every type."""

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from causal.logs.unit_table import UnitTable

KINDS = ("numeric", "binary", "category")
PAIRS = tuple(combinations_with_replacement(KINDS, 2))
CONDITIONS = {"nothing": (), "numeric": ("zn",), "discrete": ("zb", "zc"), "mixed": ("zn", "zb", "zc")}


def simulated(rng, n, pair, condition, effect=0.0):
    """Columns x and y of the pair's types, both moved by the condition; x moves y by `effect`."""
    zn, zb, zc = rng.normal(size=n), rng.random(n) < 0.4, rng.integers(0, 3, n)
    push = {
        "nothing": np.zeros(n),
        "numeric": zn,
        "discrete": 0.8 * zb + np.array([0, 0.7, -0.5])[zc],
        "mixed": 0.6 * zn + 0.6 * zb + np.array([0, 0.6, -0.4])[zc],
    }[condition]
    x, moved = _column(rng, pair[0], push)
    y, _ = _column(rng, pair[1], push + effect * moved)
    frame = pd.DataFrame({"x": x, "y": y, "zn": zn, "zb": zb, "zc": np.array(["p", "q", "r"])[zc]})
    return UnitTable.from_frame(frame), CONDITIONS[condition]


def _column(rng, kind, push):
    if kind == "numeric":
        noise = rng.normal(size=len(push))
        return push + noise, noise
    if kind == "binary":
        yes = rng.random(len(push)) < 1 / (1 + np.exp(0.3 - push))
        return yes, yes - 0.45
    index = np.stack([np.zeros(len(push)), push, 0.3 - 0.7 * push], axis=1) + rng.gumbel(size=(len(push), 3))
    level = index.argmax(axis=1)
    return np.array(["a", "b", "c"])[level], (level == 1) - 0.35
