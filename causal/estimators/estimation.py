"""The one function from which every number comes: the app, the script and DoWhy's adapter call it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from causal.errors import EstimationError
from causal.estimators.design import Sample, draw_sample
from causal.estimators.estimate import Estimate, PerArm
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.uncertainty import covariance_of_means
from causal.graphs.identification import Estimand
from causal.logs.unit_table import UnitTable
from causal.study import Condition, Question, Terms


@one_thread
def estimate_effect(
    table: UnitTable,
    question: Question,
    adjust_for: Sequence[str],
    method: Method,
    options: Any = None,
    terms: Terms | None = None,
    cluster: str | None = None,
    confidence: float = 0.95,
    estimand: Estimand | None = None,
    seed: int = 0,
    where: Sequence[Condition] = (),
) -> tuple[Estimate, Fit]:
    """The estimate of one method, adjusting for the columns named, and the fit behind it.

    `estimand` is for methods that serve more than adjustment. Raises the errors of `draw_sample` and of the method.
    """
    sample = draw_sample(table, question, adjust_for, terms, cluster, method.also_needs(estimand), seed, where)
    return estimate_from_table(table, question, estimand, sample, method, options, confidence)


def estimate_from_table(
    table: UnitTable,
    question: Question,
    estimand: Estimand | None,
    sample: Sample,
    method: Method,
    options: Any = None,
    confidence: float = 0.95,
) -> tuple[Estimate, Fit]:
    """As `estimate_effect`, for units already drawn from the table."""
    if method.fit_from_table is None:
        return estimate_from_sample(sample, method, options, confidence)
    method.require_target(sample.target)
    fit = method.fit_from_table(table, question, estimand, sample, method.make_options(options))
    return summarise(fit, confidence), fit


@one_thread
def estimate_from_sample(
    sample: Sample, method: Method, options: Any = None, confidence: float = 0.95
) -> tuple[Estimate, Fit]:
    """As `estimate_effect`, for units already drawn (several methods share them)."""
    method.require_target(sample.target)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        fit = method.fit(sample, method.make_options(options))
    return summarise(fit, confidence), fit


def summarise(fit: Fit, confidence: float) -> Estimate:
    """The estimate of a fit: its means, and their covariance by influence or by the method's own theory."""
    sample = fit.sample
    control, treated = (float(mean) for mean in fit.means)
    if not np.isfinite([control, treated]).all():
        raise EstimationError(
            "The estimate is not a finite number: values of the outcome or a covariate are too extreme to compute "
            "with. Check the largest values on the log page, or rescale the column."
        )
    covariance = fit.covariance
    if covariance is None:
        if fit.influences is None:
            covariance = np.full((2, 2), np.nan)
        else:
            covariance = covariance_of_means(fit.influences, sample.clusters)
    std_error = fit.effect_std_error
    if std_error is None:
        std_error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
        if np.isnan(covariance[0, 0]):
            std_error = float("nan")
    levels = {"control_level": sample.control_level, "treated_level": sample.treated_level}
    return Estimate(
        effect=treated - control,
        std_error=std_error,
        n=len(sample),
        arm_means=PerArm(control, treated, **levels),
        arm_std_errors=PerArm(_root(covariance[0, 0]), _root(covariance[1, 1]), **levels),
        arm_sizes=PerArm(float((~sample.treated).sum()), float(sample.treated.sum()), **levels),
        arm_covariance=float(covariance[0, 1]),
        confidence=confidence,
        degrees_of_freedom=_degrees_of_freedom(fit),
    )


def _degrees_of_freedom(fit: Fit) -> float:
    """Clusters less one, unless the method knows better: Liang and Zeger's errors are too small where they are few."""
    if fit.degrees_of_freedom is not None:
        return fit.degrees_of_freedom
    clusters = fit.sample.clusters
    return math.inf if clusters is None else float(clusters.max())


def _root(variance: float) -> float:
    return float(np.sqrt(variance)) if variance >= 0 else float("nan")
