"""The effect on compliers: those whom a yes-or-no instrument moves, doubly robust in the covariates.

Frölich (2007), Journal of Econometrics 139: 35-75; Tan (2006), JASA 101: 1607-1618; mean outcomes of compliers: Abadie
(2002), JASA 97: 284-292. Each of its four parts is the doubly robust effect of the instrument on another outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causal.errors import CovariateProblem, EstimationError
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.doubly_robust import DoublyRobustOptions
from causal.estimators.doubly_robust import fit as doubly_robust
from causal.estimators.fit import Fit
from causal.estimators.instrument import identify, instruments_of
from causal.estimators.instrument import obstacle as obstacle_of_arms
from causal.estimators.instrument_evidence import InstrumentEvidence, critical_effective_f
from causal.estimators.method import Method, needs_the_table
from causal.estimators.uncertainty import covariance_of_means
from causal.graphs.identification import Estimand
from causal.logs.unit_table import UnitTable
from causal.study import Question


@dataclass(frozen=True)
class ComplierEffectOptions:
    """`trim`: leave out units whose chance of the instrument is below it or above one minus it."""

    trim: float = 0.0


@dataclass(frozen=True, eq=False)
class _Moved:
    """What the instrument does to an outcome: on average, and each unit's influence on that (n,)."""

    effect: float
    influence: Floats


def fit_from_table(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample, options: ComplierEffectOptions
) -> Fit:
    """Mean outcomes of the compliers under each arm.

    Raises CovariateProblem where the instrument is not one column of two values, EstimationError where it moves
    nobody, and the errors of the doubly robust estimator.
    """
    values, names = instruments_of(table, question, estimand, sample)
    assigned = _two_values(values, names)
    treated = sample.treated.astype(np.float64)
    parts = {
        "treatment": treated,
        "outcome": sample.outcome,
        "under treatment": treated * sample.outcome,
        "under control": (1 - treated) * sample.outcome,
    }
    moved = {name: _moved(sample, assigned, each, options) for name, each in parts.items()}
    kept = sample if options.trim == 0 else sample.keep(_kept(sample, assigned, options))
    compliers = moved["treatment"]
    if abs(compliers.effect) < 1e-12:
        raise EstimationError(
            f'"{names[0]}" moves nobody in these units: there are no compliers whose effect could be told.'
        )
    fewer = _Moved(-compliers.effect, -compliers.influence)  # of the instrument, without the treatment
    control, of_treatment = _ratio(moved["under control"], fewer), _ratio(moved["under treatment"], compliers)
    evidence = _evidence(names, moved["outcome"], compliers, kept)
    return Fit(
        sample=kept,
        means=(control.effect, of_treatment.effect),
        influences=(control.influence, of_treatment.influence),
        notes=(_note(compliers.effect, names[0]),),
        facts=(("instrument_evidence", evidence),),
        share_trimmed=1 - len(kept) / len(sample),
    )


def obstacle(table: UnitTable, question: Question, estimand: Estimand | None) -> str:
    """Why these instruments do not tell who the compliers are, or nothing."""
    names = () if estimand is None else estimand.instruments
    if len(names) > 1:
        return f"It needs one instrument, and the graph has {len(names)}: {' and '.join(names)}."
    if any(table.column(name).nunique() != 2 for name in names):
        return f'It needs an instrument of two values, and "{names[0]}" has others.'
    return obstacle_of_arms(table, question, estimand)


def _two_values(values: Floats, names: tuple[str, ...]) -> Flags:
    """(n,) whether the instrument has the larger of its two values."""
    levels = np.unique(values[:, 0]) if len(names) == 1 else np.empty(0)
    if len(names) > 1 or len(levels) > 2:
        raise CovariateProblem(
            f"The effect on compliers needs one instrument with two values, and there is "
            f"{' and '.join(names)}. Take two-stage least squares, or join its values to two."
        )
    if len(levels) < 2:
        raise CovariateProblem(
            f'"{names[0]}" is the same for all units compared, so it moves nothing. Choose another instrument.'
        )
    return np.asarray(values[:, 0] == levels[1], dtype=np.bool_)


def _with_instrument(sample: Sample, assigned: Flags, outcome: Floats) -> Sample:
    """The same units as a trial of the instrument, with this outcome."""
    binary = bool(((outcome == 0) | (outcome == 1)).all())
    return replace(sample, treated=assigned, outcome=outcome, outcome_is_binary=binary)


def _moved(sample: Sample, assigned: Flags, outcome: Floats, options: ComplierEffectOptions) -> _Moved:
    found = doubly_robust(_with_instrument(sample, assigned, outcome), DoublyRobustOptions(trim=options.trim))
    assert found.influences is not None
    return _Moved(found.means[1] - found.means[0], found.influences[1] - found.influences[0])


def _kept(sample: Sample, assigned: Flags, options: ComplierEffectOptions) -> Any:
    found = doubly_robust(_with_instrument(sample, assigned, sample.outcome), DoublyRobustOptions(trim=options.trim))
    return np.isin(sample.rows, found.sample.rows)


def _ratio(above: _Moved, below: _Moved) -> _Moved:
    effect = above.effect / below.effect
    return _Moved(effect, (above.influence - effect * below.influence) / below.effect)


def _evidence(names: tuple[str, ...], outcome: _Moved, treatment: _Moved, sample: Sample) -> InstrumentEvidence:
    covariance = covariance_of_means((outcome.influence, treatment.influence), sample.clusters)
    spread = float(covariance[1, 1])
    strength = treatment.effect**2 / spread if spread > 1e-24 else float("inf")
    return InstrumentEvidence(
        instruments=names,
        reduced_form=(outcome.effect,),
        first_stage=(treatment.effect,),
        covariance=tuple(tuple(float(each) for each in row) for row in covariance),
        degrees=float("inf") if sample.clusters is None else float(sample.clusters.max()),
        f=strength,
        effective_f=strength,
        critical_f=critical_effective_f(np.array([[max(spread, 1e-300)]])),
        partial_r2=float("nan"),
        movers=abs(treatment.effect),
    )


def _note(share: float, name: str) -> str:
    return (
        f'This is the effect on the compliers, the {100 * abs(share):.3g} % of the units that "{name}" moves; nothing '
        "is said of those who would have the same treatment anyway."
    )


METHOD = Method(
    name="complier_effect",
    title="Effect on compliers (doubly robust)",
    family="instruments",
    dowhy_name="iv.causal.estimators.dowhy_adapter.ComplierEffect",
    summary="What the instrument does to the outcome over what it does to the treatment, both doubly robust.",
    assumes=(
        "The instrument moves the treatment, and nobody against the rest (no defiers).",
        "It reaches the outcome through the treatment alone, and shares no unrecorded cause with it, among units alike "
        "in the covariates.",
        "Every kind of unit had a chance of both values of the instrument.",
        "Either the model of the instrument or those of outcome and treatment are right.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=ComplierEffectOptions,
    fit=needs_the_table("The effect on compliers"),
    fit_from_table=fit_from_table,
    identify=identify,
    obstacle=obstacle,
    source="Frölich 2007; Tan 2006; Abadie 2002",
    strategies=("instrument",),
    targets=("everyone",),
)
