"""Users of a recommender that is moving from an old algorithm to a new one, the older and the women first."""

from __future__ import annotations

import numpy as np

from causal.logs.scenarios.simulated import Simulated

EFFECT = 5.0


def simulate(seed: int = 2024, users: int = 5_000) -> Simulated:
    """5,000 users: age, gender, algorithm (old or new), engagement in minutes a day.

    The new algorithm adds exactly 5 minutes for everyone. Older users and women got it more often; older users spend
    less time and women more, so the naive difference is far too low.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    age = np.clip(np.round(rng.normal(40, 12, users)), 18, 75).astype(np.int64)
    woman = rng.random(users) < 0.5
    score = -0.35 + 0.055 * (age - 40) + 0.7 * woman
    new = rng.random(users) < 1 / (1 + np.exp(-score))
    control = np.round(60 - 0.5 * (age - 40) + 4.0 * woman + rng.normal(0, 6, users), 1)
    treated = control + EFFECT
    frame = pd.DataFrame(
        {
            "user_id": np.arange(1, users + 1),
            "age": age,
            "gender": np.where(woman, "female", "male"),
            "algorithm": np.where(new, "new", "old"),
            "engagement": np.round(np.where(new, treated, control), 1),
        }
    )
    return Simulated(frame, "engagement", new.astype(np.int64), control, treated)
