"""Discrete networks with published tables, their samples, and their exact interventional shares by enumeration.

Asia: Lauritzen and Spiegelhalter (1988), JRSS B 50: 157-224, table 2. Cancer: Korb and Nicholson (2010), Bayesian
Artificial Intelligence, figure 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

import causal


@dataclass(frozen=True, eq=False)
class Network:
    """`parents` of every node in causal order, its `levels`, and `tables` (levels of each parent …, own levels)."""

    parents: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, np.ndarray]

    @property
    def graph(self) -> causal.CausalGraph:
        return causal.CausalGraph.from_edges([(cause, name) for name in self.parents for cause in self.parents[name]])


def sample(network: Network, n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    codes: dict[str, np.ndarray] = {}
    for name, parents in network.parents.items():
        table = network.tables[name]
        shares = table[tuple(codes[each] for each in parents)] if parents else np.tile(table, (n, 1))
        reached = (shares.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
        codes[name] = np.minimum(reached, table.shape[-1] - 1)
    return pd.DataFrame({name: np.array(network.levels[name])[each] for name, each in codes.items()})


def exact_shares(network: Network, do: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Every node's shares under the intervention, summed over all combinations of levels."""
    names = list(network.parents)
    fixed = {name: network.levels[name].index(level) for name, level in do.items()}
    found = {name: np.zeros(len(network.levels[name])) for name in names}
    ranges = [[fixed[name]] if name in fixed else range(len(network.levels[name])) for name in names]
    for combination in product(*ranges):
        code = dict(zip(names, combination, strict=True))
        chance = 1.0
        for name in names:
            if name not in fixed:
                chance *= float(network.tables[name][(*(code[each] for each in network.parents[name]), code[name])])
        for name in names:
            found[name][code[name]] += chance
    return found


def _yes(*chances: float) -> np.ndarray:
    """Shares of yes and no from chances of yes, the causes' levels in the order of yes, no."""
    two = np.array([[each, 1 - each] for each in chances])
    return two[0] if len(chances) == 1 else two.reshape(*[2] * int(np.log2(len(chances))), 2)


_YES_NO = ("yes", "no")

ASIA = Network(
    parents={
        "asia": (),
        "smoke": (),
        "tub": ("asia",),
        "lung": ("smoke",),
        "bronc": ("smoke",),
        "either": ("lung", "tub"),
        "xray": ("either",),
        "dysp": ("bronc", "either"),
    },
    levels=dict.fromkeys(("asia", "smoke", "tub", "lung", "bronc", "either", "xray", "dysp"), _YES_NO),
    tables={
        "asia": _yes(0.01),
        "smoke": _yes(0.5),
        "tub": _yes(0.05, 0.01),
        "lung": _yes(0.1, 0.01),
        "bronc": _yes(0.6, 0.3),
        "either": _yes(1.0, 1.0, 1.0, 0.0),
        "xray": _yes(0.98, 0.05),
        "dysp": _yes(0.9, 0.8, 0.7, 0.1),
    },
)

CANCER = Network(
    parents={
        "Pollution": (),
        "Smoker": (),
        "Cancer": ("Pollution", "Smoker"),
        "Xray": ("Cancer",),
        "Dyspnoea": ("Cancer",),
    },
    levels={
        "Pollution": ("low", "high"),
        "Smoker": ("True", "False"),
        "Cancer": ("True", "False"),
        "Xray": ("positive", "negative"),
        "Dyspnoea": ("True", "False"),
    },
    tables={
        "Pollution": _yes(0.9),
        "Smoker": _yes(0.3),
        "Cancer": _yes(0.03, 0.001, 0.05, 0.02),
        "Xray": _yes(0.9, 0.2),
        "Dyspnoea": _yes(0.65, 0.3),
    },
)


def drawn_network(seed: int, nodes: int = 8) -> Network:
    """Three levels per node, up to three causes, tables drawn so uneven that some combinations hardly occur."""
    rng = np.random.default_rng(seed)
    names = [f"node {place}" for place in range(nodes)]
    parents, tables = {}, {}
    for place, name in enumerate(names):
        count = min(place, int(rng.integers(1, 4)))
        parents[name] = tuple(names[each] for each in sorted(rng.choice(place, count, replace=False))) if place else ()
        tables[name] = rng.dirichlet(np.full(3, 0.5), size=[3] * len(parents[name])).reshape(
            *[3] * len(parents[name]), 3
        )
    return Network(parents, dict.fromkeys(names, ("high", "low", "middle")), tables)
