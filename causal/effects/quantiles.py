"""The effect on the quantiles of the outcome: how the whole distribution moves, not its mean alone.

Firpo (2007), Econometrica 75: 259-276: quantiles of the outcomes weighted by inverse propensities, for everyone and for
those treated. The influence of a quantile is that of the weighted distribution function at it, fitted propensity
included, times the sparsity (one over the density). The sparsity is the difference quotient of the weighted quantiles
(Siddiqui 1960) with the bandwidth of Hall and Sheather (1988), Journal of the Royal Statistical Society B 50: 381-391.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from causal.analysis import resolve
from causal.errors import OptionProblem, OutcomeProblem
from causal.estimators.design import Flags, Floats, Sample, draw_sample
from causal.estimators.estimate import normal_interval
from causal.estimators.nuisance import LinearIndex
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import limits_notes
from causal.estimators.propensity import target_weights, trim_and_fit
from causal.estimators.registry import method_named
from causal.estimators.simultaneous import critical_value
from causal.estimators.uncertainty import covariance_of_means
from causal.estimators.weighting import weighted_means
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Target

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
FEWEST_UNITS = 20
"""An arm of fewer units has no distribution to speak of."""


@dataclass(frozen=True)
class QuantileEffect:
    """One quantile under each arm and their difference, in units of the outcome.

    `low` to `high` holds this difference alone, `joint_low` to `joint_high` all of them at once. Errors are NaN where
    so many units share the quantile's value that the density there is not defined.
    """

    quantile: float
    control: float
    treated: float
    control_error: float
    treated_error: float
    effect: float
    std_error: float
    low: float
    high: float
    joint_low: float
    joint_high: float


@dataclass(frozen=True)
class QuantileEffects:
    """The difference of the arms' quantiles in the target population; JSON-able by `dataclasses.asdict`."""

    spec: AnalysisSpec
    effects: tuple[QuantileEffect, ...]
    target: Target
    adjust_for: tuple[str, ...]
    units: int
    confidence: float
    notes: tuple[str, ...]

    @property
    def has_intervals(self) -> bool:
        """Whether any quantile has one."""
        return any(each.std_error > 0 for each in self.effects)


@one_thread
def quantile_effects(table: UnitTable, spec: AnalysisSpec, quantiles: Sequence[float] = QUANTILES) -> QuantileEffects:
    """The effect on each quantile, by weighting, whatever the spec's method; its `trim` is kept.

    The quantiles of the difference between a unit's two outcomes are another question. Raises the errors of `answer`,
    OptionProblem (no quantiles between 0 and 1, a bootstrap), OutcomeProblem (yes or no).
    """
    wanted = _checked(spec, quantiles)
    weighting = method_named("weighting")
    _, adjust_for, notes = resolve(table, spec, weighting)
    where, rule = spec.where, spec.outcome_rule
    drawn = draw_sample(table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, where, rule)
    _check_outcome(spec.question.outcome, drawn)
    trim = getattr(method_named(spec.method).make_options(spec.options), "trim", 0.0)
    sample, propensity, _ = trim_and_fit(weighting.title, drawn, trim)
    arms = [_Arm(sample, weight) for weight in target_weights(sample, propensity.fitted)]
    found = [_at(sample, propensity, arms, quantile) for quantile in wanted]
    return QuantileEffects(
        spec=spec,
        effects=_told(found, wanted, spec, sample),
        target=sample.target,
        adjust_for=adjust_for,
        units=len(sample),
        confidence=spec.confidence,
        notes=(*notes, *limits_notes(spec.question.outcome, drawn.limits), *_ties(found, wanted)),
    )


class _Arm:
    """One arm's outcomes in order, with their weights in the target summed up to one."""

    def __init__(self, sample: Sample, weight: Floats) -> None:
        inside = np.flatnonzero(weight > 0)
        order = inside[np.argsort(sample.outcome[inside], kind="stable")]
        self.values, own = sample.outcome[order], weight[order]
        self.reached = np.cumsum(own) / own.sum()
        self.reached[-1] = 1.0
        self.size = float(own.sum() ** 2 / (own @ own))

    def quantile(self, share: float) -> float:
        """The least outcome at which the weighted distribution function reaches the share."""
        place = int(np.searchsorted(self.reached, share * (1 - 1e-12), side="left"))
        return float(self.values[min(place, len(self.values) - 1)])

    def sparsity(self, share: float) -> float:
        """The derivative of the quantile by its share; NaN where its value alone fills the bandwidth."""
        width = min(_bandwidth(share, self.size), 0.99 * share, 0.99 * (1 - share))
        value = self.quantile(share)
        first = int(np.searchsorted(self.values, value, side="left"))
        last = int(np.searchsorted(self.values, value, side="right")) - 1
        tied = self.reached[last] - (self.reached[first - 1] if first else 0.0)
        if last > first and tied > width:
            return math.nan
        return (self.quantile(share + width) - self.quantile(share - width)) / (2 * width)


@dataclass(frozen=True, eq=False)
class _Found:
    """Both arms' quantiles and their influences (n,); control first."""

    values: tuple[float, float]
    influences: tuple[Floats, Floats]


def _bandwidth(share: float, size: float) -> float:
    """Hall and Sheather's, for intervals of 95 %."""
    normal = NormalDist()
    place = normal.inv_cdf(share)
    bend = 1.5 * normal.pdf(place) ** 2 / (2 * place**2 + 1)
    return float(size ** (-1 / 3) * normal.inv_cdf(0.975) ** (2 / 3) * bend ** (1 / 3))


def _at(sample: Sample, propensity: LinearIndex, arms: Sequence[_Arm], share: float) -> _Found:
    """A quantile of each arm, from one weighted mean: of lying at or below it, which no other arm's weight touches."""
    values = arms[0].quantile(share), arms[1].quantile(share)
    below: Flags = sample.outcome <= np.where(sample.treated, values[1], values[0])

    def through_the_score(direction: Floats) -> Floats:
        return propensity.influence(sample.model, direction)

    at_or_below = replace(sample, outcome=below.astype(np.float64))
    fit = weighted_means(at_or_below, propensity.fitted, through_the_score)
    assert fit.influences is not None
    influences = tuple(-arm.sparsity(share) * each for arm, each in zip(arms, fit.influences, strict=True))
    return _Found(values, (influences[0], influences[1]))


def _told(
    found: Sequence[_Found], wanted: Sequence[float], spec: AnalysisSpec, sample: Sample
) -> tuple[QuantileEffect, ...]:
    gaps = [each.influences[1] - each.influences[0] for each in found]
    clusters = sample.clusters
    freedom = math.inf if clusters is None else float(clusters.max())
    covariance = np.array([[covariance_of_means((one, two), clusters)[0, 1] for two in gaps] for one in gaps])
    errors = np.sqrt(np.diag(covariance))
    known = np.flatnonzero(np.isfinite(errors) & (errors > 0))
    reach = (
        critical_value(covariance[np.ix_(known, known)], spec.confidence, freedom, seed=spec.seed)
        if len(known)
        else math.nan
    )
    told = []
    for quantile, each, std_error in zip(wanted, found, errors, strict=True):
        own = np.sqrt(np.diag(covariance_of_means(each.influences, clusters)))
        error = float(std_error) if std_error > 0 else math.nan
        effect = each.values[1] - each.values[0]
        low, high = normal_interval(effect, error, spec.confidence, freedom)
        told.append(
            QuantileEffect(
                quantile=quantile,
                control=each.values[0],
                treated=each.values[1],
                control_error=float(own[0]),
                treated_error=float(own[1]),
                effect=effect,
                std_error=error,
                low=low,
                high=high,
                joint_low=effect - reach * error,
                joint_high=effect + reach * error,
            )
        )
    return tuple(told)


def _ties(found: Sequence[_Found], wanted: Sequence[float]) -> tuple[str, ...]:
    tied = [
        f"{100 * share:g} %"
        for share, each in zip(wanted, found, strict=True)
        if not np.isfinite([each.influences[0][0], each.influences[1][0]]).all()
    ]
    if not tied:
        return ()
    return (
        f"No interval at {', '.join(tied)}: so many units share the outcome's value there that a quantile moves in "
        "steps, for which there is no standard error.",
    )


def _checked(spec: AnalysisSpec, quantiles: Sequence[float]) -> tuple[float, ...]:
    wanted = tuple(sorted({float(each) for each in quantiles}))
    if not wanted or not all(0 < each < 1 for each in wanted):
        raise OptionProblem("Quantiles are shares between 0 and 1, such as 0.5 for the median: name one or more.")
    if spec.bootstrap is not None:
        raise OptionProblem("The intervals of quantile effects come from theory: take the bootstrap back.")
    return wanted


def _check_outcome(name: str, sample: Sample) -> None:
    if sample.outcome_is_binary:
        raise OutcomeProblem(f'"{name}" is yes or no, so its quantiles say nothing. Read its risks instead.')
    fewest = min(int(sample.treated.sum()), int((~sample.treated).sum()))
    if fewest < FEWEST_UNITS:
        raise OutcomeProblem(
            f"An arm has {fewest} units only; quantiles need {FEWEST_UNITS} or more in each. Read the mean effect."
        )
