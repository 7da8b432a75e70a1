"""From the mean of an arm among everyone to its mean among those treated, or among those not treated.

With two levels of treatment the mean among everyone is the observed part of an arm and the part of the others, weighted
by their shares; so the other part follows, however the mean among everyone was found.
"""

from __future__ import annotations

import numpy as np

from causal.estimators.design import Floats, Sample


def mean_in_target(sample: Sample, arm: int, mean: float, influence: Floats) -> tuple[float, Floats]:
    """The mean outcome under `arm` in the sample's target population, and its influence (n,).

    `mean` and `influence` are those among everyone.
    """
    if sample.target == "everyone":
        return mean, influence
    inside = sample.treated if sample.target == "treated" else ~sample.treated
    share = float(inside.mean())
    seen = np.where(sample.treated if arm else ~sample.treated, sample.outcome, 0.0)
    if (sample.target == "treated") == bool(arm):
        value = float(seen.mean()) / share
        return value, np.where(inside, sample.outcome - value, 0.0) / share
    value = (mean - float(seen.mean())) / share
    return value, (influence - (seen - seen.mean()) - value * (inside - share)) / share
