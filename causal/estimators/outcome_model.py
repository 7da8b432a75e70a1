"""The outcome model that a person chose, also a log-linear one for outcomes that are never negative, such as counts.

The last is Poisson quasi-likelihood: where the mean is exp(x b), the estimate is consistent whatever else the
distribution is like (Gourieroux, Monfort and Trognon 1984, Econometrica 52: 681-700). The errors are by influence, so
that overdispersion is in them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from causal.errors import OutcomeProblem
from causal.estimators.design import Flags, Floats, Sample, blocks
from causal.estimators.nuisance import GRADIENT, LinearIndex, fit_arm, fit_outcome, inverse_of

OutcomeModel = Literal["automatic", "linear", "poisson"]
"""How an outcome's mean hangs on the covariates; "automatic" is logistic for yes or no, else linear."""


def fit_arm_as(sample: Sample, place: int, model: OutcomeModel) -> LinearIndex:
    """The outcome model of one arm, 0 for control and 1 for treated; fitted once for a sample.

    Raises OutcomeProblem where the outcome does not fit the model.
    """
    if model == "automatic":
        return fit_arm(sample, place)
    arm = sample.treated if place else ~sample.treated
    sums = sample.arm_moments[place], sample.arm_outcomes[place]
    return sample.remembered(("arm", place, model), lambda: fit_outcome_as(sample, arm, sums[0], model, sums[1]))


def fit_outcome_as(
    sample: Sample, arm: Flags, gram: Floats, model: OutcomeModel, moments: Floats | None = None
) -> LinearIndex:
    """As `fit_outcome`, with a chosen model.

    Raises OutcomeProblem where the outcome does not fit the model.
    """
    if model == "poisson":
        return fit_log_linear(sample, arm)
    return fit_outcome(sample if model == "automatic" else replace(sample, outcome_is_binary=False), arm, gram, moments)


def fit_log_linear(sample: Sample, arm: Flags) -> LinearIndex:
    """E(outcome | covariates) = exp(X b) in the units that `arm` (n,) flags.

    Raises OutcomeProblem where an outcome is negative, or all of them are zero.
    """
    outcome = sample.outcome
    if float(outcome.min()) < 0:
        raise OutcomeProblem(
            f"The outcome has negative values (the least is {outcome.min():g}), so its mean is not log-linear. Choose "
            "the linear outcome model."
        )
    mean = float(outcome[arm].mean())
    if mean == 0:
        raise OutcomeProblem("The outcome is zero for all units of one arm, so its logarithm has no mean to model.")
    coefficients = np.zeros(sample.model.shape[1])
    coefficients[0] = np.log(mean)
    coefficients, hessian = _maximise(sample.model, outcome / mean, arm, coefficients, np.log(mean))
    with np.errstate(over="ignore"):
        fitted = np.exp(sample.model @ coefficients)
    return LinearIndex(coefficients, fitted, fitted, np.where(arm, outcome - fitted, 0.0), inverse_of(hessian * mean))


def _maximise(model: Floats, outcome: Floats, arm: Flags, start: Floats, offset: float) -> tuple[Floats, Floats]:
    """Newton's method with halved steps, in units of the mean outcome, so that the criterion is the same for any."""
    coefficients = start
    loss, gradient, hessian = _pass(model, outcome, arm, coefficients, offset)
    for _ in range(100):
        if np.abs(gradient).max() <= GRADIENT:
            break
        direction, length = inverse_of(hessian) @ gradient, 1.0
        while True:
            tried = coefficients + length * direction
            new = _pass(model, outcome, arm, tried, offset)
            if new[0] <= loss + 1e-12 * max(1.0, abs(loss)) or length < 1e-4:
                break
            length /= 2
        if np.array_equal(tried, coefficients):
            break
        coefficients, (loss, gradient, hessian) = tried, new
    return coefficients, hessian


def _pass(
    model: Floats, outcome: Floats, arm: Flags, coefficients: Floats, offset: float
) -> tuple[float, Floats, Floats]:
    """Mean loss, mean score (p,) and mean Hessian (p, p), in one walk over the rows."""
    n, p = model.shape
    loss, gradient, hessian = 0.0, np.zeros(p), np.zeros((p, p))
    for rows in blocks(n):
        inside = arm[rows]
        block, seen = model[rows][inside], outcome[rows][inside]
        index = block @ coefficients - offset
        with np.errstate(over="ignore", invalid="ignore"):
            fitted = np.exp(index)
            loss += float((fitted - seen * index).sum())
            gradient += (seen - fitted) @ block
            hessian += block.T @ (block * fitted[:, None])
    return (loss / n if np.isfinite(loss) else np.inf), gradient / n, hessian / n
