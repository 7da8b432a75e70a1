"""Rows simulated from known graphs: asia's own, one shaped like sachs, and linear ones."""

import numpy as np
import pandas as pd

from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable

ASIA = CausalGraph.from_edges(
    [
        ("asia", "tub"), ("smoke", "lung"), ("smoke", "bronc"), ("lung", "either"), ("tub", "either"),
        ("either", "xray"), ("either", "dysp"), ("bronc", "dysp"),
    ]
)  # fmt: skip
SACHS = CausalGraph.from_edges(
    [
        ("PKC", "PKA"), ("PKC", "Raf"), ("PKA", "Raf"), ("PKC", "Mek"), ("PKA", "Mek"), ("Raf", "Mek"), ("Mek", "Erk"),
        ("PKA", "Erk"), ("Erk", "Akt"), ("PKA", "Akt"), ("PKC", "Jnk"), ("PKA", "Jnk"), ("PKC", "P38"), ("PKA", "P38"),
        ("Plcg", "PIP3"), ("Plcg", "PIP2"), ("PIP3", "PIP2"),
    ]
)  # fmt: skip
LINEAR = CausalGraph.from_edges([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e")])


def asia(n, seed=0):
    """Lauritzen and Spiegelhalter (1988), their table of probabilities."""
    rng = np.random.default_rng(seed)

    def yes(chance):
        return rng.random(n) < chance

    been, smoke = yes(0.01), yes(0.5)
    tub, lung, bronc = yes(np.where(been, 0.05, 0.01)), yes(np.where(smoke, 0.1, 0.01)), yes(np.where(smoke, 0.6, 0.3))
    either = tub | lung
    xray = yes(np.where(either, 0.98, 0.05))
    dysp = yes(np.select([either & bronc, either, bronc], [0.9, 0.7, 0.8], 0.1))
    columns = {"asia": been, "tub": tub, "smoke": smoke, "lung": lung, "bronc": bronc, "either": either}
    return UnitTable.from_frame(pd.DataFrame({**columns, "xray": xray, "dysp": dysp}))


def sachs(n, seed=0):
    """Three levels each, with a table of its own for every combination of causes: no straight lines."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in SACHS.topological_order:
        parents = sorted(SACHS.parents(name))
        chances = rng.dirichlet([0.6] * 3, size=3 ** len(parents))
        cell = np.zeros(n, dtype=int)
        for parent in parents:
            cell = cell * 3 + columns[parent]
        columns[name] = (rng.random((n, 1)) > chances[cell].cumsum(axis=1)).sum(axis=1).clip(0, 2)
    return UnitTable.from_frame(
        pd.DataFrame({name: np.array(["low", "mid", "high"])[columns[name]] for name in columns})
    )


def linear(n, seed=0, normal=True, mixed=False):
    """LINEAR with standard noise; `mixed` makes c yes or no and e a category."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, 5)) if normal else rng.exponential(size=(n, 5)) - 1
    a = noise[:, 0]
    b, c = 0.8 * a + noise[:, 1], 0.6 * a + noise[:, 2]
    if mixed:
        c = (c > 0).astype(float) * 2
    d = 0.7 * b + 0.7 * c + noise[:, 3]
    e = 0.9 * d + noise[:, 4]
    frame = pd.DataFrame({"a": a, "b": b, "c": c, "d": d, "e": e})
    if mixed:
        frame["c"] = frame["c"] > 0
        frame["e"] = pd.cut(frame["e"], [-np.inf, -1, 1, np.inf], labels=["few", "some", "many"]).astype(str)
    return UnitTable.from_frame(frame)
