"""Standardisation (the g-formula): predict everybody's outcome under each arm and average over the target.

Robins (1986), Mathematical Modelling 7: 1393-1512; Hernán and Robins, Causal Inference: What If, chapter 13.
Errors by stacked estimating equations: Stefanski and Boos (2002), The American Statistician 56: 29-38.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.estimators.design import Floats, Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method
from causal.estimators.nuisance import require_predictable
from causal.estimators.outcome_model import OutcomeModel, fit_arm_as, fit_outcome_as
from causal.estimators.regression import design_effects


@dataclass(frozen=True)
class StandardisationOptions:
    """`pooled`: one model for both arms, in which the effect varies only with `treatment_by`; else a model per arm.

    `outcome_model`: "automatic" is logistic for a yes-or-no outcome, else linear; "poisson" is log-linear, for counts.
    """

    pooled: bool = False
    outcome_model: OutcomeModel = "automatic"


def fit(sample: Sample, options: StandardisationOptions) -> Fit:
    """The mean predicted outcome of the target population under each arm."""
    return _pooled(sample, options) if options.pooled else _per_arm(sample, options)


def _per_arm(sample: Sample, options: StandardisationOptions) -> Fit:
    require_predictable(sample)
    h = sample.target_weight
    models = [fit_arm_as(sample, place, options.outcome_model) for place in (0, 1)]
    # what each outcome counts in its arm's mean under linear models (the logistic ones balance the same moments)
    sums = [sample.target_sums if each.slope is None else sample.model.T @ each.slope_times(h) for each in models]
    ways = [model.bread @ (total / len(sample)) for model, total in zip(models, sums, strict=True)]
    pulls = [sample.model @ way for way in ways]
    found = _summarise(
        sample,
        options,
        (models[0].fitted, models[1].fitted),
        (models[0].residual * pulls[0], models[1].residual * pulls[1]),
        np.where(sample.treated, pulls[1], pulls[0]),
    )
    weighted = [gram @ way for gram, way in zip(sample.arm_moments, ways, strict=True)]
    return replace(found, weighted_sums=np.array(weighted))


def _pooled(sample: Sample, options: StandardisationOptions) -> Fit:
    h = sample.target_weight
    effects = design_effects(sample, h)
    joint = replace(sample, model=np.asfortranarray(np.column_stack([sample.model, effects * sample.treated[:, None]])))
    everyone = np.ones(len(sample), dtype=bool)
    model = fit_outcome_as(joint, everyone, joint.model.T @ joint.model, options.outcome_model)
    fitted, influences = [], []
    for arm in (0.0, 1.0):
        rows = np.column_stack([sample.model, effects * arm])
        index = rows @ model.coefficients
        mean, slope = _link(index, model.slope is not None, options.outcome_model)
        fitted.append(mean)
        influences.append(model.influence(joint.model, rows.T @ (h * slope) / len(sample)))
    return _summarise(sample, options, (fitted[0], fitted[1]), (influences[0], influences[1]), None)


def _link(index: Floats, curved: bool, model: OutcomeModel) -> tuple[Floats, Floats]:
    """The mean and its derivative at an index."""
    if model == "poisson":
        return np.exp(index), np.exp(index)
    if not curved:
        return index, np.ones_like(index)
    mean = 1 / (1 + np.exp(-index))
    return mean, mean * (1 - mean)


def _summarise(
    sample: Sample,
    options: StandardisationOptions,
    fitted: tuple[Floats, Floats],
    corrections: tuple[Floats, Floats],
    weights: Floats | None,
) -> Fit:
    h = sample.target_weight
    share = float(h.mean())
    means = float(h @ fitted[0]) / h.sum(), float(h @ fitted[1]) / h.sum()
    return Fit(
        sample=sample,
        means=means,
        influences=(
            (h * (fitted[0] - means[0]) + corrections[0]) / share,
            (h * (fitted[1] - means[1]) + corrections[1]) / share,
        ),
        weights=weights,
        scores=ArmScores(h * fitted[0], h * fitted[1], corrections[0], corrections[1], h),
    )


METHOD = Method(
    name="standardisation",
    title="Standardisation (g-formula)",
    family="outcome_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Standardisation",
    summary="Predicts every unit's outcome under each arm from the covariates, and averages over the target.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "In each arm the outcome depends on the covariates as the model says: linearly, logistically where the "
        "outcome is yes or no, or log-linearly where that is chosen.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=StandardisationOptions,
    fit=fit,
    source="Robins 1986; Hernán and Robins, chapter 13",
)
