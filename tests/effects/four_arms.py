"""A simulated study of four arms: two confounders, chances between about .1 and .5, arm means 1, 1, 1.5 and 2."""

from __future__ import annotations

import numpy as np
import pandas as pd

ARMS = ("blue", "green", "red", "yellow")
MEANS = (1.0, 1.0, 1.5, 2.0)


def draw(study: int, n: int = 600) -> pd.DataFrame:
    """Columns arm, a, b and y; the noise differs between arms."""
    rng = np.random.default_rng([20_261_126, study])
    a, b = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    index = np.column_stack([np.zeros(n), 0.6 * a, -0.5 * b, 0.4 * a + 0.4 * b])
    chance = np.exp(index) / np.exp(index).sum(axis=1, keepdims=True)
    arm = (rng.random(n)[:, None] > np.cumsum(chance, axis=1)).sum(axis=1)
    y = np.array(MEANS)[arm] + a + 1.5 * b + 0.5 * a * (arm == 3) + rng.normal(0, 1 + 0.2 * arm)
    return pd.DataFrame({"arm": np.array(ARMS)[arm], "a": a, "b": b, "y": y})
