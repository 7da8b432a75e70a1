"""The bounds of Chernozhukov et al. (2022) for an answer of ours: what its models left unexplained, with and without
each of its strongest covariates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from causal.checks.hidden_causes.debiased import DebiasedBounds, debiased_bounds, gain
from causal.checks.refuters.leave_out_covariate import without_covariate
from causal.errors import DoableError
from causal.estimators.cross_fitting import nuisances_of
from causal.estimators.design import Floats, Sample
from causal.estimators.double_ml import DoubleMlOptions
from causal.estimators.doubly_robust import DoublyRobustOptions
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.outcome_model import fit_arm_as
from causal.progress import Progress, silent

MOST_LEFT_OUT = 3
"""So many covariates are left out in turn: each costs another fit of all models."""


def debiased(
    method: Method, options: Any, fit: Fit, strongest: Sequence[str], progress: Progress = silent
) -> DebiasedBounds | None:
    """The bounds of a fit with what the strongest covariates (in their order) add; None for other methods."""
    long = _bounds(options, fit)
    if long is None:
        return None
    gains, named = [], list(strongest)[:MOST_LEFT_OUT]
    for place, name in enumerate(named):
        progress(place / len(named), f"leaving out {name}")
        short = _without(method, options, fit.sample, name)
        if short is not None:
            gains.append(gain(name, long, short))
    return dataclasses.replace(long, gains=tuple(gains))


def _without(method: Method, options: Any, sample: Sample, name: str) -> DebiasedBounds | None:
    whole = dataclasses.replace(options, trim=0.0, trim_above=None)  # the units are those that trimming left
    try:
        return _bounds(whole, method.fit(without_covariate(sample, name), whole))
    except DoableError:
        return None


def _bounds(options: Any, fit: Fit) -> DebiasedBounds | None:
    found = _unexplained(options, fit)
    return None if found is None else debiased_bounds(fit, *found)


def _unexplained(options: Any, fit: Fit) -> tuple[Floats, bool] | None:
    """(n,) the outcome less its prediction, by models that the sample remembers; whether they are partially linear.

    Of several splits into folds, the first one's.
    """
    sample, outcome, treated = fit.sample, fit.sample.outcome, fit.sample.treated
    if isinstance(options, DoublyRobustOptions) and options.learner == "parametric":
        residuals = [fit_arm_as(sample, place, options.outcome_model).residual for place in (0, 1)]
        return residuals[0] + residuals[1], False
    if isinstance(options, DoubleMlOptions) and options.model == "partially linear":
        learnt = nuisances_of(sample, options.learner, options.folds, by_arm=False)
        effect = fit.means[1] - fit.means[0]
        return outcome - learnt.outcomes[0] - effect * (treated - learnt.propensity), True
    if isinstance(options, DoublyRobustOptions | DoubleMlOptions):
        learnt = nuisances_of(sample, options.learner, options.folds)
        return outcome - np.where(treated, learnt.outcomes[1], learnt.outcomes[0]), False
    return None
