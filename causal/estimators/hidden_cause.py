"""What a hidden cause of mediator and outcome would do to the indirect effect.

Imai, Keele and Yamamoto (2010), Statistical Science 25: 51-71, theorem 4 and section 5: with r the correlation of the
errors of the mediator's and the outcome's linear models, without interaction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.mediation_effects import HiddenCause
from causal.estimators.uncertainty import covariance_of_means

CORRELATIONS = tuple(round(0.05 * place, 2) for place in range(-18, 19))


def hidden_cause(
    shift: tuple[float, Floats],
    of_mediator: Floats,
    of_outcome: Floats,
    spread_of_mediator: float,
    spread_of_outcome: float,
    clusters: NDArray[np.int64] | None = None,
) -> HiddenCause:
    """The indirect effect at each correlation of the errors, and what would bring it to zero.

    `shift`: what the treatment does to the mediator, and its influence (n,); `of_mediator` and `of_outcome` (n,):
    residuals of both given treatment and covariates, the outcome's without the mediator; then both variances.
    """
    square_m, square_y = float(np.mean(of_mediator**2)), float(np.mean(of_outcome**2))
    cross = float(np.mean(of_mediator * of_outcome))
    correlation = cross / np.sqrt(square_m * square_y)
    left = max(square_m * square_y - cross**2, 1e-300)
    influences = of_mediator * of_outcome - cross, of_outcome**2 - square_y, of_mediator**2 - square_m
    effects, errors = [], []
    for each in CORRELATIONS:
        root, odds = np.sqrt(left), each / np.sqrt(1 - each**2)
        slope = (cross - odds * root) / square_m
        by_cross = (1 + odds * cross / root) / square_m
        by_outcome = -odds / (2 * root)
        by_mediator = -slope / square_m - odds * square_y / (2 * root * square_m)
        influence = slope * shift[1] + shift[0] * (
            by_cross * influences[0] + by_outcome * influences[1] + by_mediator * influences[2]
        )
        effects.append(float(shift[0] * slope))
        errors.append(float(np.sqrt(covariance_of_means((influence, influence), clusters)[0, 0])))
    unexplained = square_m / spread_of_mediator * (left / square_m) / spread_of_outcome
    return HiddenCause(
        correlation_at_zero=float(correlation),
        of_residual=float(correlation**2),
        of_total=float(correlation**2 * unexplained),
        correlations=CORRELATIONS,
        effects=tuple(effects),
        std_errors=tuple(errors),
    )
