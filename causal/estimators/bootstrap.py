"""Standard errors from refits on samples drawn with replacement, or on units that count by random weights, by choice.

Efron (1979), Annals of Statistics 7: 1-26; whole clusters: Davison and Hinkley (1997), section 3.8. Refused for
matching with replacement, where it is wrong however many units there are: Abadie and Imbens (2008), Econometrica 76:
1537-1557. The Bayesian one: Rubin (1981), Annals of Statistics 9: 130-134; weights of units, or of whole clusters, are
Dirichlet with all parameters one, so that no unit is ever gone and every refit has both arms and all levels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.errors import DoableError, EstimationError, OptionProblem
from causal.estimators.design import Floats, Sample, rows_of
from causal.estimators.estimate import Estimate, PerArm
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.method import Method
from causal.estimators.weighted_units import require_weights, weighted_means_of
from causal.progress import Progress, silent
from causal.replicates import run_replicates
from causal.study import Bootstrap

MOST_FAILED = 0.1
"""If more replicates than this cannot be fitted, those that can say nothing of the spread."""


@dataclass(frozen=True)
class Refits:
    """The estimate with the replicates' spread as its errors, and what a person should know about them."""

    estimate: Estimate
    sentence: str


@dataclass(frozen=True, eq=False)
class _Asked:
    sample: Sample
    method: str
    options: Any
    clusters: NDArray[np.int64] | None


def bootstrapped(
    sample: Sample,
    method: Method,
    options: Any,
    asked: Bootstrap,
    estimate: Estimate,
    seed: int,
    progress: Progress = silent,
    processes: int | None = None,
) -> Refits:
    """The same estimate with standard errors from refits; intervals take the quantiles that they take by theory.

    Raises OptionProblem for methods that a bootstrap does not fit, EstimationError where too many replicates fail.
    """
    _check(method, options, asked)
    work = _Asked(replace(sample, clusters=None), method.name, options, sample.clusters)
    again = reweigh if asked.kind == "bayesian" else refit
    found = run_replicates(again, work, asked.replicates, seed, processes, progress)
    means = np.array([each for each in found if each is not None]).reshape(-1, 2)
    failed = asked.replicates - len(means)
    if failed > MOST_FAILED * asked.replicates:
        raise EstimationError(
            f"{failed} of {asked.replicates} bootstrap samples could not be fitted, because an arm or a level was "
            "missing in them. Use the method's own standard error, or fewer covariates."
        )
    return Refits(
        _with_spread(estimate, means),
        _sentence(asked, sample.clusters is not None, means, failed, estimate.confidence),
    )


def refit(asked: _Asked, seed: np.random.SeedSequence) -> tuple[float, float] | None:
    """The two arms' means on one sample drawn with replacement; None where it cannot be fitted."""
    from causal.estimators.registry import method_named

    again = drawn_again(asked.sample, np.random.default_rng(seed), asked.clusters)
    if min(int(again.treated.sum()), int((~again.treated).sum())) < 2:
        return None
    try:
        estimate, _ = estimate_from_sample(again, method_named(asked.method), asked.options)
    except DoableError:
        return None
    return estimate.arm_means.control, estimate.arm_means.treated


def reweigh(asked: _Asked, seed: np.random.SeedSequence) -> tuple[float, float]:
    """The two arms' means with units, or whole clusters, counting by weights of one Dirichlet draw."""
    from causal.estimators.registry import method_named

    rng, clusters = np.random.default_rng(seed), asked.clusters
    if clusters is None:
        weight = rng.standard_exponential(len(asked.sample))
    else:
        weight = rng.standard_exponential(int(clusters.max()) + 1)[clusters]
    return weighted_means_of(method_named(asked.method), asked.options, asked.sample, weight)


def drawn_again(sample: Sample, rng: np.random.Generator, clusters: NDArray[np.int64] | None = None) -> Sample:
    """As many units drawn with replacement, or whole clusters by these codes (n,), each draw one of its own."""
    n = len(sample)
    codes = None
    if clusters is None:
        rows = np.repeat(np.arange(n), np.bincount(rng.integers(0, n, n), minlength=n))  # in order: walked once
    else:
        order = np.argsort(clusters, kind="stable")
        sizes = np.bincount(clusters)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        chosen = rng.integers(0, len(sizes), len(sizes))
        rows = np.concatenate([order[starts[each] : starts[each] + sizes[each]] for each in chosen])
        codes = np.repeat(np.arange(len(chosen)), sizes[chosen])
    return replace(
        sample,
        treated=sample.treated[rows],
        outcome=sample.outcome[rows],
        model=rows_of(sample.model, rows),
        rows=sample.rows[rows],
        clusters=None if sample.clusters is None else codes,
    )


def why_no_bootstrap(method: Method, options: Any) -> str:
    """Why refits on units drawn with replacement say nothing of a method's spread; nothing where they do."""
    if method.name == "matching" and getattr(options, "replacement", True):
        return (
            "The bootstrap is wrong for matching with replacement, however many units there are (Abadie and Imbens "
            "2008)."
        )
    if getattr(options, "learner", "parametric") != "parametric":
        return (
            "The bootstrap is wrong for models learnt in folds: a unit drawn twice stands in two of them, so that what "
            "predicts it has seen it."
        )
    return ""


def _check(method: Method, options: Any, asked: Bootstrap) -> None:
    refusal = why_no_bootstrap(method, options)
    if refusal:
        advice = "match without replacement" if method.name == "matching" else "parametric models"
        raise OptionProblem(f"{refusal} Use the method's own standard error, or {advice}.")
    if method.fit_from_table is not None:
        raise OptionProblem(f"{method.title} has its own standard error, and no bootstrap. Take the bootstrap back.")
    if asked.kind == "bayesian":
        require_weights(method, options)


def _with_spread(estimate: Estimate, means: Floats) -> Estimate:
    covariance = np.cov(means.T)
    levels = {"control_level": estimate.arm_means.control_level, "treated_level": estimate.arm_means.treated_level}
    return replace(
        estimate,
        std_error=float((means[:, 1] - means[:, 0]).std(ddof=1)),
        arm_std_errors=PerArm(math.sqrt(covariance[0, 0]), math.sqrt(covariance[1, 1]), **levels),
        arm_covariance=float(covariance[0, 1]),
    )


def _sentence(asked: Bootstrap, clustered: bool, means: Floats, failed: int, confidence: float) -> str:
    low, high = np.quantile(means[:, 1] - means[:, 0], [(1 - confidence) / 2, (1 + confidence) / 2])
    units = "whole clusters" if clustered else "units"
    how = f"on {units} drawn with replacement"
    if asked.kind == "bayesian":
        how = f"in which {units} count by random weights (the Bayesian bootstrap)"
    lost = f" {failed} more could not be fitted." if failed else ""
    return (
        f"The standard error is the spread of {len(means):,} refits {how}; the middle {confidence:.0%} of them lie "
        f"between {low:.4g} and {high:.4g}.{lost}"
    )
