"""Double machine learning: the treatment's effect once both treatment and outcome have been predicted away.

Chernozhukov, Chetverikov, Demirer, Duflo, Hansen, Newey and Robins (2018), Econometrics Journal 21: C1-C68: the
interactive model (equations 5.1-5.2) is augmented weighting; the partially linear one (1.1-1.2, 4.4) regresses what is
left of the outcome on what is left of the treatment (Frisch and Waugh 1933, Lovell 1963, where the models are linear).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.estimators.cross_fitting import Nuisances
from causal.estimators.design import Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.learnt import augmented, fit_repeatedly
from causal.estimators.method import Method


@dataclass(frozen=True)
class DoubleMlOptions:
    """`model`: "interactive" lets the effect vary between units, "partially linear" takes it to be the same for all.

    `learner`: what predicts treatment and outcome, "best" a combination of all; each unit is predicted by models fitted
    on the other `folds`; `repeats`: so many splits into folds, summed up by the median. `trim`: leave out units whose
    propensity is below it or above one minus it, or above `trim_above`.
    """

    model: Literal["interactive", "partially linear"] = "interactive"
    learner: Literal["linear", "lasso", "boosting", "forest", "best"] = "lasso"
    folds: int = 5
    repeats: int = 1
    trim: float = 0.0
    trim_above: float | None = None


def fit(sample: Sample, options: DoubleMlOptions) -> Fit:
    """The arms' means by augmented weighting, or by the one effect of the partially linear model."""
    interactive = options.model == "interactive"
    once, splits = augmented if interactive else residual_on_residual, (options.learner, options.folds, options.repeats)
    return fit_repeatedly(
        "Double machine learning", sample, *splits, (options.trim, options.trim_above), once, by_arm=interactive
    )


def residual_on_residual(sample: Sample, nuisances: Nuisances) -> Fit:
    """The effect that is the same for all; the control mean is that of outcomes less it where the unit was treated."""
    h, treated = sample.target_weight, sample.treated.astype(np.float64)
    share = float(h.mean())
    rest = treated - nuisances.propensity
    seen = sample.outcome - nuisances.outcomes[0]
    square = float(rest @ rest)
    effect = float(rest @ seen) / square
    of_effect = rest * (seen - effect * rest) * (len(sample) / square)
    under_control = sample.outcome - effect * treated
    mean = float(h @ under_control) / (len(sample) * share)
    pull = float(h @ treated) / (len(sample) * share)
    control = h * (under_control - mean) / share - pull * of_effect
    return Fit(
        sample=sample,
        means=(mean, mean + effect),
        influences=(control, control + of_effect),
        weights=np.abs(rest),
        propensity=nuisances.propensity,
        scores=ArmScores(
            h * under_control,
            h * (under_control + effect),
            -share * pull * of_effect,
            share * (1 - pull) * of_effect,
            h,
        ),
    )


METHOD = Method(
    name="double_ml",
    title="Double machine learning",
    family="both_models",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.DoubleMl",
    summary="Learns from the covariates what the treatment and the outcome would be anyway, and compares what is left.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "What predicts treatment and outcome is learnt well enough: the product of the two errors must be small.",
        "Every unit of the target population could have had either arm.",
        "In the partially linear model the effect is the same for all.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=DoubleMlOptions,
    fit=fit,
    source="Chernozhukov et al. 2018",
    has_propensity=True,
)
