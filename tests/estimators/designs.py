"""Simulated studies with a known effect; propensities lie in [.1, .9] unless the design says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

N = 2_000


@dataclass(frozen=True)
class Design:
    """`draw(rng, n)` gives a frame with t, y and the covariates, and whether each unit's effect is `effects`."""

    name: str
    covariates: tuple[str, ...]
    everyone: float
    treated: float


def linear(rng: np.random.Generator, n: int = N) -> tuple[pd.DataFrame, float]:
    """Two continuous confounders, linear outcome, the same effect of 1 for all, unequal noise."""
    a, b = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    chance = 1 / (1 + np.exp(-(0.9 * a - 0.7 * b)))
    t = rng.random(n) < chance
    y = 2 + a + 1.5 * b + 1.0 * t + rng.normal(0, 1 + 0.5 * t, n)
    return pd.DataFrame({"t": t.astype(int), "y": y, "a": a, "b": b}), 1.0


def varied(rng: np.random.Generator, n: int = N) -> tuple[pd.DataFrame, float]:
    """As `linear`, but the effect grows with one confounder: 1 + a, so 1 on average for everyone."""
    frame, _ = linear(rng, n)
    frame["y"] += frame["t"] * frame["a"]
    return frame, 1.0


def discrete(rng: np.random.Generator, n: int = N) -> tuple[pd.DataFrame, float]:
    """One confounder of four levels: strata of the propensity are the levels, so nothing is left within them."""
    level = rng.integers(0, 4, n)
    chance = np.array([0.2, 0.4, 0.6, 0.8])[level]
    t = rng.random(n) < chance
    effect = np.array([0.0, 1.0, 1.0, 2.0])[level]
    y = np.array([0.0, 1.0, 3.0, 4.0])[level] + effect * t + rng.normal(0, 1, n)
    return pd.DataFrame({"t": t.astype(int), "y": y, "level": np.array(["a", "b", "c", "d"])[level]}), 1.0


def yes_or_no(rng: np.random.Generator, n: int = N) -> tuple[pd.DataFrame, float]:
    """A binary outcome, logistic in the confounders; the true difference of probabilities by quadrature."""
    a, b = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    chance = 1 / (1 + np.exp(-(0.9 * a - 0.7 * b)))
    t = rng.random(n) < chance
    y = rng.random(n) < 1 / (1 + np.exp(-(-0.5 + a + b + 0.8 * t)))
    grid = (np.arange(400) + 0.5) / 200 - 1
    index = -0.5 + grid[:, None] + grid[None, :]
    truth = float((1 / (1 + np.exp(-(index + 0.8))) - 1 / (1 + np.exp(-index))).mean())
    return pd.DataFrame({"t": t.astype(int), "y": y.astype(int), "a": a, "b": b}), truth


def heavy(rng: np.random.Generator, n: int = N) -> tuple[pd.DataFrame, float]:
    """Propensities down to .01: reported, not asserted."""
    a, b = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    chance = 1 / (1 + np.exp(-(2.6 * a - 2.2 * b)))
    t = rng.random(n) < chance
    y = 2 + a + 1.5 * b + 1.0 * t + rng.normal(0, 1, n)
    return pd.DataFrame({"t": t.astype(int), "y": y, "a": a, "b": b}), 1.0
