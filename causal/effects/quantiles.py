"""The effect on the quantiles of the outcome: how the whole distribution moves, not its mean alone.

Firpo (2007), Econometrica 75: 259-276: quantiles of the outcomes weighted by inverse propensities, for everyone and for
those treated. The influence of a quantile is that of the weighted distribution function at it, fitted propensity
included, times the sparsity (one over the density). The sparsity is the difference quotient of the weighted quantiles
(Siddiqui 1960) with the bandwidth of Hall and Sheather (1988), Journal of the Royal Statistical Society B 50: 381-391.

Where many units share a quantile's value (counts, ratings, zeros) there is no density, and a quantile moves in steps.
There each arm's interval is that of its distribution function, read backwards (Woodruff 1952, JASA 47: 635-646), and
the difference's is from end to end: Chernozhukov, Fernandez-Val, Melly and Wuethrich (2020), JASA 115: 123-137. It is
cautious.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.analysis import resolve
from causal.checks.json_values import from_values, to_values
from causal.errors import OptionProblem, OutcomeProblem
from causal.estimators.design import Flags, Floats, Sample, draw_sample
from causal.estimators.estimate import Interval
from causal.estimators.nuisance import LinearIndex
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import limits_notes
from causal.estimators.propensity import target_weights, trim_and_fit
from causal.estimators.registry import method_named
from causal.estimators.simultaneous import critical_value
from causal.estimators.uncertainty import covariance_of_means
from causal.estimators.weighting import weighted_means
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Target

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
FEWEST_UNITS = 20
"""An arm of fewer units has no distribution to speak of."""

FEWEST_BEYOND = 10
"""With fewer effective units beyond a quantile intervals of 95 % held it in 80 to 92 % of simulated studies."""


@dataclass(frozen=True)
class QuantileEffect:
    """One quantile under each arm and their difference, in units of the outcome.

    `low` to `high` holds this difference alone, `joint_low` to `joint_high` all of them at once. Errors are NaN where
    so many units share the quantile's value that the density there is not defined; the interval is then that of the
    distribution functions (`in_steps`), or NaN where an arm has too few units beyond the quantile.
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
    in_steps: bool = False

    @property
    def has_interval(self) -> bool:
        """Whether it has one."""
        return math.isfinite(self.low)


@dataclass(frozen=True)
class QuantileEffects:
    """The difference of the arms' quantiles in the target population; JSON-able."""

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
        return any(each.has_interval for each in self.effects)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values({**dataclasses.asdict(self), "spec": self.spec.to_json()})
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> QuantileEffects:
        """What `to_json` wrote."""
        held = from_values(document)
        effects = tuple(QuantileEffect(**each) for each in held["effects"])
        lists = {name: tuple(held[name]) for name in ("adjust_for", "notes")}
        return cls(**{**held, **lists, "spec": AnalysisSpec.from_json(held["spec"]), "effects": effects})


@one_thread
def quantile_effects(
    table: UnitTable, spec: AnalysisSpec, quantiles: Sequence[float] = QUANTILES, progress: Progress = silent
) -> QuantileEffects:
    """The effect on each quantile, by weighting, whatever the spec's method; its `trim` is kept.

    The quantiles of the difference between a unit's two outcomes are another question. Raises the errors of `answer`,
    OptionProblem (no quantiles between 0 and 1, a bootstrap), OutcomeProblem (yes or no).
    """
    wanted = _checked(spec, quantiles)
    weighting = method_named("weighting")
    _, adjust_for, notes = resolve(table, spec, weighting)
    where, rule = spec.where, spec.outcome_rule
    progress(0.1, "drawing the units")
    drawn = draw_sample(table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, where, rule)
    _check_outcome(spec.question.outcome, drawn)
    asked = method_named(spec.method).make_options(spec.options)
    trim, above = getattr(asked, "trim", 0.0), getattr(asked, "trim_above", None)
    progress(0.3, "fitting the propensity")
    sample, propensity, _ = trim_and_fit(weighting.title, drawn, trim, above)
    progress(0.5, "comparing the distributions")
    arms = [_Arm(sample, weight) for weight in target_weights(sample, propensity.fitted)]
    effects = _told([_at(sample, propensity, arms, quantile) for quantile in wanted], arms, spec, sample)
    progress(1.0, "done")
    return QuantileEffects(
        spec=spec,
        effects=effects,
        target=sample.target,
        adjust_for=adjust_for,
        units=len(sample),
        confidence=spec.confidence,
        notes=(*notes, *limits_notes(spec.question.outcome, drawn.limits), *_ties(effects), *_thin(arms, effects)),
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
        """The derivative of the quantile by its share."""
        width = min(_bandwidth(share, self.size), 0.99 * share, 0.99 * (1 - share))
        return (self.quantile(share + width) - self.quantile(share - width)) / (2 * width)

    def tied(self, share: float) -> float:
        """The share of units that have the quantile's value; zero where it is one unit's alone."""
        value = self.quantile(share)
        first, past = (int(np.searchsorted(self.values, value, side=side)) for side in ("left", "right"))
        if past - first < 2:
            return 0.0
        return float(self.reached[past - 1] - (self.reached[first - 1] if first else 0.0))

    def beyond(self, share: float) -> float:
        """How many units the fewer of those below and of those above the quantile count for, after weighting (Kish)."""
        weight, value = np.diff(self.reached, prepend=0.0), self.quantile(share)
        sides = weight[self.values <= value], weight[self.values >= value]
        return min(float(each.sum() ** 2 / (each @ each)) for each in sides)

    def between(self, low: float, high: float) -> Interval:
        """The quantiles of two shares; NaN beyond 0 to 1, where no unit says how far it goes."""
        return (self.quantile(low) if low > 0 else math.nan, self.quantile(high) if high < 1 else math.nan)


@dataclass(frozen=True, eq=False)
class _Found:
    """Both arms at one quantile, control first.

    `values`; `reaching` the influences (n,) of the distribution functions there, `errors` their standard errors;
    `influences` (n,) those of the quantiles, or None where one of them moves `in_steps`.
    """

    share: float
    values: tuple[float, float]
    reaching: tuple[Floats, Floats]
    errors: tuple[float, float]
    influences: tuple[Floats, Floats] | None


def _bandwidth(share: float, size: float) -> float:
    """Hall and Sheather's, for intervals of 95 %."""
    normal = NormalDist()
    place = normal.inv_cdf(share)
    bend = 1.5 * normal.pdf(place) ** 2 / (2 * place**2 + 1)
    return float(size ** (-1 / 3) * normal.inv_cdf(0.975) ** (2 / 3) * bend ** (1 / 3))


def _at(sample: Sample, propensity: LinearIndex, arms: Sequence[_Arm], share: float) -> _Found:
    """A quantile of each arm, from one weighted mean: of lying at or below it, which no other arm's weight touches."""
    values = arms[0].quantile(share), arms[1].quantile(share)
    own = np.where(sample.treated, values[1], values[0])
    reaching = _reaching(sample, propensity, sample.outcome <= own)
    errors = np.sqrt(np.diag(covariance_of_means(reaching, sample.clusters)))
    sparsity = [arm.sparsity(share) for arm in arms]
    # a tie wider than the distribution function's own error is a step that the quantile sees
    if min(sparsity) > 0 and all(arm.tied(share) <= error for arm, error in zip(arms, errors, strict=True)):
        influences = (-sparsity[0] * reaching[0], -sparsity[1] * reaching[1])
        return _Found(share, values, reaching, (float(errors[0]), float(errors[1])), influences)
    # of both sides of the step the one that is known less well; on the other there may be nobody
    before = _reaching(sample, propensity, sample.outcome < own)
    others = np.sqrt(np.diag(covariance_of_means(before, sample.clusters)))
    wider = tuple(before[arm] if others[arm] > errors[arm] else reaching[arm] for arm in (0, 1))
    widest = np.maximum(errors, others)
    return _Found(share, values, (wider[0], wider[1]), (float(widest[0]), float(widest[1])), None)


def _reaching(sample: Sample, propensity: LinearIndex, below: Flags) -> tuple[Floats, Floats]:
    """The influences (n,) of each arm's weighted share of units `below` (n,)."""

    def through_the_score(direction: Floats) -> Floats:
        return propensity.influence(sample.model, direction)

    counted = replace(sample, outcome=below.astype(np.float64))
    influences = weighted_means(counted, propensity.fitted, through_the_score).influences
    assert influences is not None
    return influences


def _told(
    found: Sequence[_Found], arms: Sequence[_Arm], spec: AnalysisSpec, sample: Sample
) -> tuple[QuantileEffect, ...]:
    clusters = sample.clusters
    freedom = math.inf if clusters is None else float(clusters.max())
    moved = [part for each in found for part in _moved(each)]
    covariance = np.array([[covariance_of_means((one, two), clusters)[0, 1] for two in moved] for one in moved])
    together = critical_value(covariance, spec.confidence, freedom, seed=spec.seed)
    told, place = [], 0
    for each in found:
        parts = slice(place, place + len(_moved(each)))
        place = parts.stop
        alone = critical_value(covariance[parts, parts], spec.confidence, freedom, seed=spec.seed)
        told.append(_effect(each, arms, (alone, together), clusters))
    return tuple(told)


def _moved(found: _Found) -> tuple[Floats, ...]:
    """The influences whose errors an interval counts: of the difference, or of both distribution functions."""
    if found.influences is None:
        return found.reaching
    return (found.influences[1] - found.influences[0],)


def _effect(
    found: _Found, arms: Sequence[_Arm], reach: tuple[float, float], clusters: NDArray[np.int64] | None
) -> QuantileEffect:
    """One quantile, with intervals that are so many standard errors wide: alone, and with all others."""
    effect = found.values[1] - found.values[0]
    if found.influences is None:
        own, error = (math.nan, math.nan), math.nan
        (low, high), (joint_low, joint_high) = (_end_to_end(found, arms, each) for each in reach)
    else:
        covariance = covariance_of_means(found.influences, clusters)
        own = (math.sqrt(covariance[0, 0]), math.sqrt(covariance[1, 1]))
        error = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
        low, high = effect - reach[0] * error, effect + reach[0] * error
        joint_low, joint_high = effect - reach[1] * error, effect + reach[1] * error
    return QuantileEffect(
        quantile=found.share,
        control=found.values[0],
        treated=found.values[1],
        control_error=own[0],
        treated_error=own[1],
        effect=effect,
        std_error=error,
        low=low,
        high=high,
        joint_low=joint_low,
        joint_high=joint_high,
        in_steps=found.influences is None,
    )


def _end_to_end(found: _Found, arms: Sequence[_Arm], reach: float) -> Interval:
    """From the least that treated's quantile may be less the most that control's may be, to the other way round."""
    control, treated = (
        arm.between(found.share - reach * error, found.share + reach * error)
        for arm, error in zip(arms, found.errors, strict=True)
    )
    ends = treated[0] - control[1], treated[1] - control[0]
    return ends if math.isfinite(ends[0]) and math.isfinite(ends[1]) else (math.nan, math.nan)


def _ties(effects: Sequence[QuantileEffect]) -> tuple[str, ...]:
    steps = [each for each in effects if each.in_steps]
    told = []
    if bounded := _listed([each for each in steps if each.has_interval]):
        told.append(
            f"At {bounded} many units share the outcome's value, so that a quantile moves in steps and has no standard "
            "error: the interval is that of the distribution functions, and cautious."
        )
    if endless := _listed([each for each in steps if not each.has_interval]):
        told.append(
            f"No interval at {endless}: many units share the outcome's value there, and an arm has too few units "
            "beyond it."
        )
    return tuple(told)


def _thin(arms: Sequence[_Arm], effects: Sequence[QuantileEffect]) -> tuple[str, ...]:
    thin = [
        each for each in effects if each.has_interval and min(arm.beyond(each.quantile) for arm in arms) < FEWEST_BEYOND
    ]
    if not thin:
        return ()
    return (
        f"At {_listed(thin)} an arm counts for fewer than {FEWEST_BEYOND} units beyond the quantile, as few are there "
        "or few carry the weight: the interval can be too narrow.",
    )


def _listed(effects: Sequence[QuantileEffect]) -> str:
    return ", ".join(f"{100 * each.quantile:g} %" for each in effects)


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
