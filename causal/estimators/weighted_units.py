"""The two arms' means where every unit counts as a weight says: what the Bayesian bootstrap fits anew.

Each is its method's estimating equation with every unit's term multiplied by its weight, so that a weight of two is a
unit that stands there twice, and weights of one give the method's own digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import expit

from causal.errors import OptionProblem
from causal.estimators.design import Floats, Sample
from causal.estimators.method import Method
from causal.estimators.nuisance import LinearIndex, fit_logistic, fit_weighted_outcome, inverse_of
from causal.estimators.propensity import target_tilt, target_weights
from causal.estimators.regression import design_effects
from causal.estimators.tmle import target

Means = tuple[float, float]
"""Control first."""


def weighted_means_of(method: Method, options: Any, sample: Sample, weight: Floats) -> Means:
    """The arms' means by `method` with units counting as `weight` (n,) says, all of them above zero.

    Raises OptionProblem where the method, or an option of it, knows no weights.
    """
    require_weights(method, options)
    return _FITS[method.name](sample, options, weight / weight.mean())


def require_weights(method: Method, options: Any) -> None:
    """Raise OptionProblem where units cannot count by weights."""
    if method.name not in _FITS:
        raise OptionProblem(
            f"{method.title} has no fit in which units count by weights, so it has no Bayesian bootstrap. Take the "
            "plain bootstrap, or the method's own standard error."
        )
    for name, plain in _WITHOUT.items():
        if getattr(options, name, plain) not in (plain, "linear"):
            raise OptionProblem(
                f'{method.title}: the Bayesian bootstrap fits no "{name}" of {getattr(options, name)!r} with weights. '
                f"Take that option back to {plain!r}, or choose the plain bootstrap."
            )


def _difference_in_means(sample: Sample, options: Any, weight: Floats) -> Means:
    return _averages(sample, weight * ~sample.treated, weight * sample.treated)


def _regression(sample: Sample, options: Any, weight: Floats) -> Means:
    h, p = weight * sample.target_weight, sample.model.shape[1]
    effects = design_effects(sample, h)
    design = np.column_stack([sample.model, effects * sample.treated[:, None]])
    weighted = design * weight[:, None]
    coefficients = inverse_of(design.T @ weighted / len(sample)) @ (sample.outcome @ weighted) / len(sample)
    under_control = sample.model @ coefficients[:p]
    return _standardised(h, under_control, under_control + effects @ coefficients[p:])


def _standardisation(sample: Sample, options: Any, weight: Floats) -> Means:
    h = weight * sample.target_weight
    if not options.pooled:
        return _standardised(h, *(each.fitted for each in _outcomes(sample, options, weight)))
    effects, p = design_effects(sample, h), sample.model.shape[1]
    joint = replace(sample, model=np.asfortranarray(np.column_stack([sample.model, effects * sample.treated[:, None]])))
    model = fit_weighted_outcome(_as_asked(joint, options), weight)
    under_control = sample.model @ model.coefficients[:p]
    indices = under_control, under_control + effects @ model.coefficients[p:]
    return _standardised(h, *(each if model.slope is None else expit(each) for each in indices))


def _weighting(sample: Sample, options: Any, weight: Floats) -> Means:
    propensity = _propensity(sample, weight)
    control, treated = (weight * each for each in target_weights(sample, propensity))
    if options.normalised:
        return _averages(sample, control, treated)
    size = float((weight * target_tilt(sample, propensity)).sum())
    return float(control @ sample.outcome) / size, float(treated @ sample.outcome) / size


def _overlap_weighting(sample: Sample, options: Any, weight: Floats) -> Means:
    weights = target_weights(replace(sample, target="overlap"), _propensity(sample, weight))
    return _averages(sample, weight * weights[0], weight * weights[1])


def _doubly_robust(sample: Sample, options: Any, weight: Floats) -> Means:
    propensity = _propensity(sample, weight)
    h = weight * target_tilt(sample, propensity)
    means = [
        float(h @ model.fitted + (weight * carried) @ (sample.outcome - model.fitted)) / float(h.sum())
        for model, carried in zip(_outcomes(sample, options, weight), target_weights(sample, propensity), strict=True)
    ]
    return means[0], means[1]


def _weighted_regression(sample: Sample, options: Any, weight: Floats) -> Means:
    carried = (weight * each for each in target_weights(sample, _propensity(sample, weight)))
    models = [fit_weighted_outcome(sample, each / each.mean()) for each in carried]
    return _standardised(weight * sample.target_weight, models[0].fitted, models[1].fitted)


def _tmle(sample: Sample, options: Any, weight: Floats) -> Means:
    carried = target_weights(sample, _propensity(sample, weight))
    moved = [
        target(sample, model.fitted, weight * each).fitted
        for model, each in zip(_outcomes(sample, options, weight), carried, strict=True)
    ]
    return _standardised(weight * sample.target_weight, moved[0], moved[1])


_FITS: Mapping[str, Callable[[Sample, Any, Floats], Means]] = MappingProxyType(
    {
        "difference_in_means": _difference_in_means,
        "regression": _regression,
        "standardisation": _standardisation,
        "weighting": _weighting,
        "overlap_weighting": _overlap_weighting,
        "doubly_robust": _doubly_robust,
        "tmle": _tmle,
        "weighted_regression": _weighted_regression,
    }
)

_WITHOUT: Mapping[str, Any] = MappingProxyType(
    {"trim": 0.0, "trim_above": None, "trim_rule": "given", "outcome_model": "automatic"}
)
"""Options that have no weighted fit, and what they are to be; outcome models may be linear too."""


def _propensity(sample: Sample, weight: Floats) -> Floats:
    """(n,) as `fit_propensity`, whose refusals the whole sample has passed: no weight is nil, so that no arm goes."""
    return expit(sample.model @ fit_logistic(sample.model, sample.treated.astype(np.float64), weight))


def _outcomes(sample: Sample, options: Any, weight: Floats) -> tuple[LinearIndex, LinearIndex]:
    asked = _as_asked(sample, options)
    return fit_weighted_outcome(asked, weight * ~sample.treated), fit_weighted_outcome(asked, weight * sample.treated)


def _as_asked(sample: Sample, options: Any) -> Sample:
    linear = getattr(options, "outcome_model", "automatic") == "linear"
    return replace(sample, outcome_is_binary=False) if linear else sample


def _averages(sample: Sample, control: Floats, treated: Floats) -> Means:
    return float(control @ sample.outcome / control.sum()), float(treated @ sample.outcome / treated.sum())


def _standardised(h: Floats, control: Floats, treated: Floats) -> Means:
    return float(h @ control / h.sum()), float(h @ treated / h.sum())
