"""What a hidden common cause would have to be like to take an effect away, by every measure that fits the method.

For the regression on the spec's covariates: Cinelli and Hazlett (2020). For the method's own estimate: the E-value
(VanderWeele and Ding 2017), bounds on weighting (Zhao, Small and Bhattacharya 2019), on doubly robust estimates and
double machine learning (Chernozhukov et al. 2022), Rosenbaum's gamma for matched pairs (2002), and Manski's bounds
(1990) as the floor. The formulas are in `causal/checks/hidden_causes/`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.analysis import resolve, rests_on_adjustment
from causal.checks.hidden_causes.debiased import DebiasedBounds, Gain
from causal.checks.hidden_causes.e_value import RiskRatio, from_difference
from causal.checks.hidden_causes.marginal_sensitivity import OddsBounds, odds_bounds, with_intervals
from causal.checks.hidden_causes.matched_pairs import PairedTest, paired_test
from causal.checks.hidden_causes.omitted_variable import Bound, ClusteredSpread, Coefficient, Strength, coefficient
from causal.checks.hidden_causes.worst_case import WorstCase, worst_case
from causal.effects.debiased import debiased
from causal.effects.risk import risk_ratio
from causal.errors import CovariateProblem, EstimationError, OptionProblem
from causal.estimators.design import Floats, Sample, draw_sample
from causal.estimators.estimate import Estimate
from causal.estimators.estimation import estimate_from_sample, estimate_from_table
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.neighbours import on_a_line
from causal.estimators.one_thread import one_thread
from causal.estimators.pairing import pairs
from causal.estimators.registry import method_named
from causal.graphs.identification import Estimand
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

TIMES = (1.0, 2.0, 3.0)
"""How many times as strong as a named covariate the hidden cause is taken to be."""

DRAWS = 200

CALIPER = 0.2
"""Pairs lie within so many standard deviations of the log odds (Austin 2011, Pharmaceutical Statistics 10: 150-161)."""


@dataclass(frozen=True)
class Sensitivity:
    """What a hidden cause would have to be like; JSON-able by `to_json`.

    `coefficient` is the regression's, for the robustness values, `partial_r2` and `bounds` (of the covariates asked
    for). `method_effect` is that of the spec's own method, which `risk_ratio` and the E-values are of; `odds` only for
    weighting, `matched` only for matching. `notes` say what could not be had.
    """

    spec: AnalysisSpec
    adjust_for: tuple[str, ...]
    outcome_is_binary: bool
    coefficient: Coefficient
    benchmark: tuple[str, ...]
    method_effect: float
    risk_ratio: RiskRatio | None
    odds: OddsBounds | None
    matched: PairedTest | None
    worst_case: WorstCase | None
    notes: tuple[str, ...] = ()
    debiased: DebiasedBounds | None = None

    @property
    def robustness_value(self) -> float:
        """The partial R² with treatment and outcome alike that brings the effect to zero."""
        return self.coefficient.robustness_value()

    @property
    def robustness_value_alpha(self) -> float:
        """The partial R² with treatment and outcome alike that makes the interval touch zero."""
        return self.coefficient.robustness_value(1 - self.spec.confidence)

    @property
    def partial_r2(self) -> float:
        """Share of what the covariates leave of the outcome that the treatment explains."""
        return self.coefficient.partial_r2

    @property
    def e_value(self) -> float:
        """The risk ratio with treatment and outcome alike that explains the method's effect away; NaN without one."""
        return math.nan if self.risk_ratio is None else self.risk_ratio.e_value

    @property
    def e_value_limit(self) -> float:
        """The same for the end of the interval that is nearer to no effect."""
        return math.nan if self.risk_ratio is None else self.risk_ratio.e_value_limit

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Hidden causes 1, 2 and 3 times as strong as each covariate of `benchmark`, where that is possible."""
        return self.bounds_of(self.benchmark)

    @property
    def is_clear(self) -> bool:
        """Whether there is an effect to explain away: the interval of the coefficient leaves zero out."""
        return self.robustness_value_alpha > 0

    @property
    def strongest(self) -> Bound | None:
        """A hidden cause as strong as that covariate which would take most of the effect away; None without any."""
        found = self.bounds_of(self.adjust_for, (1.0,))
        return min(found, key=self._left) if found else None

    def bounds_of(self, covariates: Sequence[str], times: Sequence[float] = TIMES) -> tuple[Bound, ...]:
        """A bound per covariate and multiple, those left out that would explain all of the treatment.

        Raises CovariateProblem for a column that is not adjusted for.
        """
        require_adjusted(covariates, self.adjust_for)
        every = [self.coefficient.bound(name, each, self.spec.confidence) for name in covariates for each in times]
        return tuple(each for each in every if each is not None)

    def by_strength(self) -> tuple[str, ...]:
        """The covariates, first the one as strong as which a hidden cause would take most of the effect away."""
        found = sorted(self.bounds_of(self.adjust_for, (1.0,)), key=self._left)
        named = [each.covariate for each in found]
        return (*[name for name in self.adjust_for if name not in named], *named)

    def contour(self, most: tuple[float, float], points: int = 41) -> tuple[Floats, Floats, Floats]:
        """Partial R² with treatment (points,) and with outcome (points,) up to `most`, and the effects left by both.

        The effects (points, points) have a row for each value of the outcome's.
        """
        treatment, outcome = (np.linspace(0, each, points) for each in most)
        effects, _ = self.coefficient.adjusted(treatment[None, :], outcome[:, None])
        return treatment, outcome, effects

    def _left(self, bound: Bound) -> float:
        return math.copysign(1.0, self.coefficient.effect) * bound.adjusted_effect

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        fields = {
            name: _plain(dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value)  # type: ignore[arg-type]
            for name, value in ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
            if name != "spec"
        }
        return {**fields, "spec": self.spec.to_json()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Sensitivity:
        """What `to_json` wrote."""
        told: dict[str, Any] = {name: _read(value) for name, value in document.items() if name != "spec"}
        strengths = tuple(Strength(**each) for each in told["coefficient"]["strengths"])
        for name, kind in (
            ("risk_ratio", RiskRatio),
            ("odds", OddsBounds),
            ("matched", PairedTest),
            ("worst_case", WorstCase),
        ):
            told[name] = None if told[name] is None else kind(**told[name])
        weighed = told.get("debiased")
        if weighed is not None:
            gains = tuple(Gain(**each) for each in weighed["gains"])
            told["debiased"] = DebiasedBounds(**{**weighed, "gains": gains})
        spread = told["coefficient"].get("clustered")
        clustered = None if spread is None else ClusteredSpread(**spread)
        told["coefficient"] = Coefficient(**{**told["coefficient"], "strengths": strengths, "clustered": clustered})
        return cls(**told, spec=AnalysisSpec.from_json(document["spec"]))


@one_thread
def sensitivity(
    table: UnitTable,
    spec: AnalysisSpec,
    benchmark: Sequence[str] = (),
    progress: Progress = silent,
    draws: int = DRAWS,
) -> Sensitivity:
    """What a hidden common cause of treatment and outcome would have to be like to take the spec's effect away.

    `benchmark` names covariates that `bounds` compares it with, a category with all its levels; `draws` are the samples
    drawn with replacement for the intervals of weighting's bounds. Raises the errors of
    `answer`, CovariateProblem for a benchmark that is not adjusted for, and OptionProblem where the method does not
    rest on adjustment. Where only the method's own fit fails, `notes` say so and the regression stands in for it.
    """
    if isinstance(benchmark, str):
        raise OptionProblem(f'benchmark is a list of columns: write ["{benchmark}"] for one of them.')
    method = method_named(spec.method)
    progress(0.05, "reading the graph")
    estimand, adjust_for, _ = resolve(table, spec, method)
    _require_adjustment(method, estimand)
    require_adjusted(benchmark, adjust_for)
    progress(0.15, "drawing the units")
    sample = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    progress(0.3, "regressing on treatment and covariates")
    found = coefficient(sample)
    progress(0.5, f"fitting: {method.title.lower()}")
    estimate, fit, notes = _by_the_method(table, spec, estimand, sample, method)
    options = method.make_options(spec.options)
    odds = _odds(method, fit, draws, spec.confidence, _within(progress, 0.6, 0.8))
    weighed = None if notes else debiased(method, options, fit, _by_strength(found), _within(progress, 0.6, 0.8))
    progress(0.8, "looking for the tipping points")
    return Sensitivity(
        spec=spec,
        adjust_for=adjust_for,
        outcome_is_binary=sample.outcome_is_binary,
        coefficient=found,
        benchmark=tuple(benchmark),
        method_effect=estimate.effect,
        risk_ratio=_risk_ratio(estimate, sample),
        odds=odds,
        matched=_matched(method, fit, spec.confidence),
        worst_case=worst_case(sample),
        notes=(*notes, *_on_clusters(spec)),
        debiased=weighed,
    )


def require_adjusted(names: Sequence[str], adjust_for: Sequence[str]) -> None:
    """Raise CovariateProblem for a name that is not adjusted for."""
    for name in names:
        if name not in adjust_for:
            listed = ", ".join(adjust_for) or "nothing"
            raise CovariateProblem(
                f'"{name}" is not adjusted for, so a hidden cause cannot be compared with it. Adjusted for: {listed}.'
            )


def _require_adjustment(method: Method, estimand: Estimand | None) -> None:
    if not rests_on_adjustment(method, estimand):
        raise OptionProblem(
            f"{method.title} does not rest on adjusting for all common causes, so a hidden one is not what threatens "
            "it here. Its own assumptions are listed with its answer."
        )


def _by_the_method(
    table: UnitTable, spec: AnalysisSpec, estimand: Estimand | None, sample: Sample, method: Method
) -> tuple[Estimate, Fit, tuple[str, ...]]:
    try:
        found = estimate_from_table(table, spec.question, estimand, sample, method, spec.options, spec.confidence)
    except (EstimationError, CovariateProblem) as error:
        note = f"{method.title} gives no answer here, so regression stands in for it: {error}"
        return *estimate_from_sample(sample, method_named("regression"), None, spec.confidence), (note,)
    return *found, ()


def _risk_ratio(estimate: Estimate, sample: Sample) -> RiskRatio | None:
    if sample.outcome_is_binary:
        found = risk_ratio(estimate)
        return None if math.isnan(found.value) else RiskRatio(found.value, found.low, found.high, approximate=False)
    within = [sample.outcome[arm] - sample.outcome[arm].mean() for arm in (sample.treated, ~sample.treated)]
    deviation = math.sqrt(sum(float(each @ each) for each in within) / (len(sample) - 2))
    return from_difference(estimate.effect, estimate.std_error, deviation) if deviation > 0 else None


def _odds(method: Method, fit: Fit, draws: int, confidence: float, progress: Progress) -> OddsBounds | None:
    if fit.propensity is None or method.name != "weighting":
        return None
    found = odds_bounds(fit.sample, fit.propensity)
    if found is None or draws < 1:
        return found
    return with_intervals(found, fit.sample, draws, confidence, progress)


def _by_strength(found: Coefficient) -> list[str]:
    """The covariates, first the one that goes with treatment and outcome most."""
    ordered = sorted(found.strengths, key=lambda each: -each.with_treatment * each.with_outcome)
    return [each.covariate for each in ordered]


def _within(progress: Progress, start: float, end: float) -> Progress:
    return lambda share, stage: progress(start + share * (end - start), stage)


def _matched(method: Method, fit: Fit, confidence: float) -> PairedTest | None:
    """Pairs without replacement on the log odds, the smaller arm asking: a unit that serves twice is in no test."""
    if fit.propensity is None or method.name != "matching":
        return None
    sample = fit.sample
    score = np.asarray(np.round(np.log(fit.propensity / (1 - fit.propensity)), 12), dtype=np.float64)
    side = 1 if sample.treated.mean() <= 0.5 else -1
    few = sample.treated == (side == 1)
    asking, donors = np.flatnonzero(few), np.flatnonzero(~few)
    asking = asking[np.argsort(-score[asking], kind="stable")]
    space = on_a_line(score, np.zeros(len(sample), dtype=np.int64), 1e-10)
    found = pairs(space, donors, asking, 1, CALIPER * float(score.std(ddof=1)))
    if not len(found.donors):
        return None
    gaps = sample.outcome[asking[found.owner]] - sample.outcome[found.donors]
    return paired_test(side * gaps, confidence)


def _on_clusters(spec: AnalysisSpec) -> tuple[str, ...]:
    if spec.cluster is None:
        return ()
    return (
        "Partial R², and what a hidden cause would have to explain to undo the effect, are of the regression itself; "
        f'intervals, and what would make the effect unclear, allow for units of the same "{spec.cluster}" being alike.',
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        return float(value["number"]) if "number" in value else {name: _read(each) for name, each in value.items()}
    return tuple(_read(each) for each in value) if isinstance(value, list) else value
