"""An instrument in place of adjustment: two-stage least squares, or limited information maximum likelihood.

The algebra and its sources are in `k_class.py`; the words of the result follow Imbens and Angrist (1994), Econometrica
62: 467-475.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from causal.errors import NotIdentified, OptionProblem, TreatmentProblem
from causal.estimators.design import Floats, Sample, columns_of, present_levels
from causal.estimators.fit import Fit
from causal.estimators.instrument_evidence import InstrumentEvidence
from causal.estimators.k_class import Errors, k_class
from causal.estimators.method import Method, needs_the_table
from causal.estimators.populations import mean_in_target
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, estimand_by_instruments
from causal.logs.unit_table import UnitTable
from causal.study import Question


@dataclass(frozen=True)
class InstrumentOptions:
    """`estimator`: two-stage least squares, or "LIML", less biased where the instruments are many or weak.

    `std_error`: "HC1" and "HC0" allow the spread to differ between units, "classical" takes it to be the same.
    """

    estimator: Literal["2SLS", "LIML"] = "2SLS"
    std_error: Errors = "HC1"


def identify(
    graph: CausalGraph, question: Question, options: Any, adjust_for: tuple[str, ...] | None = None
) -> Estimand:
    """The estimand through the graph's instruments.

    Raises NotIdentified where there are none.
    """
    return estimand_by_instruments(graph, question, adjust_for)


def fit_from_table(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample, options: InstrumentOptions
) -> Fit:
    """The treatment's coefficient; the arms' means if it is the same for all.

    Raises NotIdentified without an instrument, TreatmentProblem where the treatment has more than two levels,
    CovariateProblem where the instruments move nothing, OptionProblem for classical errors with clusters.
    """
    if options.std_error == "classical" and sample.clusters is not None:
        raise OptionProblem('Classical errors know no clusters. Choose std_error="HC1", or no cluster.')
    values, names = instruments_of(table, question, estimand, sample)
    found = k_class(
        sample.outcome,
        sample.treated.astype(np.float64),
        values,
        sample.model,
        names,
        options.estimator == "LIML",
        options.std_error,
        sample.clusters,
    )
    means, influences = _arm_means(sample, found.coefficient, found.influence)
    evidence = _with_movers(found.evidence, values)
    return Fit(
        sample=sample,
        means=means,
        influences=influences,
        effect_std_error=found.std_error,
        notes=_notes(sample, evidence),
        facts=(("instrument_evidence", evidence),),
    )


def instruments_of(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample
) -> tuple[Floats, tuple[str, ...]]:
    """(n, K) the estimand's instruments as numbers, and what each is called.

    Raises NotIdentified without an instrument, TreatmentProblem where the treatment has more than two levels.
    """
    if estimand is None or not estimand.instruments:
        raise NotIdentified("An instrument is needed: give the analysis a causal graph that has one.")
    levels = len(present_levels(table, question.treatment))
    if levels > 2:
        raise TreatmentProblem(
            f'"{question.treatment}" has {levels} levels and two are compared, but an instrument speaks of all units: '
            "who has which level is what it moves. Join the levels to two first."
        )
    values, names, _ = columns_of(table, sample.rows, estimand.instruments)
    return values, names


def obstacle(table: UnitTable, question: Question, estimand: Estimand | None) -> str:
    """Why an instrument cannot speak of this treatment, or nothing."""
    if len(present_levels(table, question.treatment)) > 2:
        return (
            f'An instrument speaks of all units, and "{question.treatment}" has more than two levels. Join them to two.'
        )
    return ""


def _arm_means(sample: Sample, effect: float, influence: Floats) -> tuple[tuple[float, float], tuple[Floats, Floats]]:
    """Mean outcomes under each arm in the target, if the effect is the same for all: what is seen, moved by it."""
    treated, share = sample.treated.astype(np.float64), float(sample.treated.mean())
    average = float(sample.outcome.mean())
    around = sample.outcome - average - effect * (treated - share)
    found = [
        mean_in_target(sample, arm, average + effect * (arm - share), around + (arm - share) * influence)
        for arm in (0, 1)
    ]
    return (found[0][0], found[1][0]), (found[0][1], found[1][1])


def _with_movers(evidence: InstrumentEvidence, values: Floats) -> InstrumentEvidence:
    levels = np.unique(values[:, 0]) if values.shape[1] == 1 else np.empty(0)
    if len(levels) != 2:
        return evidence
    return replace(evidence, movers=abs(evidence.first_stage[0] * float(levels[1] - levels[0])))


def _notes(sample: Sample, evidence: InstrumentEvidence) -> tuple[str, ...]:
    whom = "those whom the instrument moves" if len(evidence.instruments) == 1 else "those whom the instruments move"
    about = ""
    if evidence.movers is not None and evidence.movers <= 1:
        about = f", about {100 * evidence.movers:.3g} % of the units"
    notes = [
        f"If the effect differs between units, this is not the effect for everyone but an average over {whom}{about}."
    ]
    if sample.target != "everyone":
        notes.append("The effect is taken to be the same for all, so the population asked about does not change it.")
    return tuple(notes)


METHOD = Method(
    name="instrument",
    title="Instrument (two-stage least squares)",
    family="instruments",
    dowhy_name="iv.causal.estimators.dowhy_adapter.Instrument",
    summary="Uses only those differences in treatment that the instrument made.",
    assumes=(
        "The instrument moves the treatment, and not too weakly (see the first-stage F).",
        "It reaches the outcome through the treatment alone, and shares no unrecorded cause with it, among units alike "
        "in the covariates.",
        "The effect is the same for all units; or nobody is moved against the rest, and then this is an average over "
        "those whom the instrument moves (the compliers).",
        "The covariates enter linearly.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=InstrumentOptions,
    fit=needs_the_table("An instrument"),
    fit_from_table=fit_from_table,
    identify=identify,
    obstacle=obstacle,
    source="Theil 1953; Anderson and Rubin 1949; Imbens and Angrist 1994",
    strategies=("instrument",),
)
