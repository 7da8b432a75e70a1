"""Balance where the treatment has many arms, or is a quantity.

Many arms: the furthest of all pairs, over a standard deviation pooled over all arms (Lopez and Gutman 2017, Statistical
Science 32: 432-454). A quantity: weighted correlations with the treatment over the spreads before weighting (Austin
2019, Statistical Methods in Medical Research 28: 1365-1377).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from causal.analysis import resolve
from causal.checks.balance import NO_SPREAD
from causal.checks.distributions import weighted_mean
from causal.checks.json_values import from_values, to_values
from causal.effects.arm_weights import ArmSample, arm_weights
from causal.effects.arms import draw_arms, levels_compared
from causal.effects.dose import dose_weights
from causal.effects.slope import draw_doses
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

LIMIT = 0.1
"""A standardised difference, or a correlation (Zhu, Coffman and Ghosh 2015), beyond this is called unbalanced."""


@dataclass(frozen=True)
class ArmBalanceRow:
    """One covariate or level, before and after weighting: the furthest pair's standardised difference, or the
    correlation with a quantity; `pair_before` and `pair_after` name the pair, the second minus the first.
    """

    name: str
    before: float
    after: float
    pair_before: tuple[Level, ...] = ()
    pair_after: tuple[Level, ...] = ()


@dataclass(frozen=True)
class ArmBalance:
    """`rows` of all covariates; `units` and `effective_sizes` of each of `arms` (a quantity has one, all units)."""

    kind: Literal["arms", "quantity"]
    treatment: str
    rows: tuple[ArmBalanceRow, ...]
    arms: tuple[Level, ...]
    units: tuple[int, ...]
    effective_sizes: tuple[float, ...]

    @property
    def worst(self) -> ArmBalanceRow | None:
        """The row furthest from balance after weighting."""
        known = [row for row in self.rows if not math.isnan(row.after)]
        return max(known, key=lambda row: abs(row.after), default=None)

    @property
    def unbalanced(self) -> tuple[ArmBalanceRow, ...]:
        """The rows beyond the limit after weighting."""
        return tuple(row for row in self.rows if abs(row.after) > LIMIT)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values(dataclasses.asdict(self))
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ArmBalance:
        """What `to_json` wrote."""
        held = from_values(document)
        rows = tuple(
            ArmBalanceRow(row["name"], row["before"], row["after"], tuple(row["pair_before"]), tuple(row["pair_after"]))
            for row in held["rows"]
        )
        lists = {name: tuple(held[name]) for name in ("arms", "units", "effective_sizes")}
        return cls(**{**held, **lists, "rows": rows})


@one_thread
def arm_balance(
    table: UnitTable, spec: AnalysisSpec, arms: Sequence[Level] | None = None, progress: Progress = silent
) -> ArmBalance:
    """The balance of all arms of the question's treatment (None), or of those named, weighted by each arm's chance.

    Raises the errors of `compare_arms`.
    """
    progress(0.05, "drawing the units")
    _, adjust_for, _ = resolve(table, spec, method_named("weighting"))
    units = draw_arms(table, spec, adjust_for, levels_compared(table, spec.question, arms))
    progress(0.2, f"fitting the chances of {len(units.levels)} arms")
    with np.errstate(divide="ignore", over="ignore"):
        weights = arm_weights(units)
    progress(0.8, "comparing every pair")
    plain = np.ones(len(weights))
    rows = []
    for name, values, binary in _columns(units.sample):
        scale = _pooled(values, units, binary)
        (before, first), (after, second) = (_furthest(values, units, each, scale) for each in (plain, weights))
        rows.append(ArmBalanceRow(name, before, after, first, second))
    progress(1.0, "done")
    inside = [units.arm == place for place in range(len(units.levels))]
    return ArmBalance(
        kind="arms",
        treatment=spec.question.treatment,
        rows=tuple(rows),
        arms=units.levels,
        units=tuple(int(each.sum()) for each in inside),
        effective_sizes=tuple(_effective(weights[each]) for each in inside),
    )


@one_thread
def dose_balance(table: UnitTable, spec: AnalysisSpec, progress: Progress = silent) -> ArmBalance:
    """How each covariate goes with the question's treatment, a quantity, before and after weighting by its density.

    Raises the errors of `dose_response`.
    """
    progress(0.05, "drawing the units")
    _, adjust_for, _ = resolve(table, spec, method_named("regression"))
    sample, dose = draw_doses(table, spec, adjust_for)
    progress(0.3, "fitting the dose")
    weights = dose_weights(sample, dose)
    plain = np.ones(len(dose))
    rows = [
        ArmBalanceRow(name, _correlation(values, dose, plain, binary), _correlation(values, dose, weights, binary))
        for name, values, binary in _columns(sample)
    ]
    progress(1.0, "done")
    return ArmBalance(
        kind="quantity",
        treatment=spec.question.treatment,
        rows=tuple(rows),
        arms=(),
        units=(len(dose),),
        effective_sizes=(_effective(weights),),
    )


def _columns(sample: Sample) -> Iterator[tuple[str, Floats, bool]]:
    """(name, values, yes or no) of every covariate and level."""
    for covariate in sample.covariates:
        columns = [sample.model[:, place] * sample.scales[place] + sample.centres[place] for place in covariate.places]
        if not covariate.levels:
            yield covariate.name, columns[0], covariate.binary
            continue
        rest = 1.0 - np.sum(columns, axis=0) if columns else np.ones(len(sample))
        for level, values in zip(covariate.levels, [rest, *columns], strict=True):
            yield f"{covariate.name}: {level}", values, True


def _pooled(values: Floats, units: ArmSample, binary: bool) -> float:
    """The standard deviation within arms, all arms counting the same; of the target's arm where there is one."""
    places = range(len(units.levels)) if units.target is None else (units.target,)
    return math.sqrt(float(np.mean([_variance(values[units.arm == place], binary) for place in places])))


def _variance(values: Floats, binary: bool) -> float:
    mean = float(values.mean())
    variance = mean * (1 - mean) if binary else float(values.var(ddof=1))
    return 0.0 if variance <= NO_SPREAD * mean**2 else variance


def _furthest(values: Floats, units: ArmSample, weights: Floats, scale: float) -> tuple[float, tuple[Level, ...]]:
    means = [weighted_mean(values[inside], weights[inside]) for inside in _arms(units)]
    largest, pair = 0.0, (units.levels[0], units.levels[1])
    for low, high in combinations(range(len(means)), 2):
        gap = means[high] - means[low]
        if scale > 0:
            size = gap / scale
        else:
            same = abs(gap) <= NO_SPREAD * max(abs(means[high]), abs(means[low]))
            size = 0.0 if same else math.copysign(math.inf, gap)
        if abs(size) > abs(largest):
            largest, pair = size, (units.levels[low], units.levels[high])
    return largest, pair


def _arms(units: ArmSample) -> list[Flags]:
    return [units.arm == place for place in range(len(units.levels))]


def _correlation(values: Floats, dose: Floats, weights: Floats, binary: bool) -> float:
    """The weighted covariance over the spreads of all units as they are; 0 where a column does not vary."""
    total, squares = float(weights.sum()), float(weights @ weights)
    around = (values - weighted_mean(values, weights)) * (dose - weighted_mean(dose, weights))
    covariance = float(weights @ around) * total / (total**2 - squares)
    spread = math.sqrt(_variance(values, binary) * _variance(dose, False))
    return covariance / spread if spread > 0 else 0.0


def _effective(weights: Floats) -> float:
    return float(weights.sum() ** 2 / (weights @ weights))
