"""Our figure for every published one, by the functions that answer a study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causal.accuracy.comparison import Accuracy, Comparison
from causal.accuracy.reference import BESIDE_METHODS, Equations, Quantity, Reference, TwoStages
from causal.accuracy.references import REFERENCES
from causal.accuracy.tables import TABLES, frame_of, unit_table
from causal.errors import DoableError
from causal.progress import Progress, silent

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.estimators.k_class import KClassFit
    from causal.structural.sem_fit import SemFit


@dataclass(frozen=True)
class _Answered:
    """What was asked and found, whichever way."""

    analysis: Analysis | None = None
    two_stages: KClassFit | None = None
    structure: SemFit | None = None
    coefficient: str = ""


def unanswered(references: Sequence[Reference] = REFERENCES) -> Accuracy:
    """Every published figure, none recomputed yet."""
    return Accuracy(tuple(each for reference in references for each in _beside(reference, {}, absent=True)))


def recompute(progress: Progress = silent, references: Sequence[Reference] = REFERENCES) -> Accuracy:
    """Every published figure with ours, or with the sentence why there is none; absent where its table is."""
    from causal.estimators.registry import method_named

    found: list[Comparison] = []
    for place, reference in enumerate(references):
        title = BESIDE_METHODS.get(reference.method) or method_named(reference.method).title
        progress(place / len(references), f"{title}, {place + 1} of {len(references)}")
        found += _compared(reference)
    return Accuracy(tuple(found))


def _compared(reference: Reference) -> list[Comparison]:
    table = TABLES[reference.table]
    ours: Mapping[Quantity, float] = {}
    problem, absent = reference.differs, not table.available
    if absent:
        problem = f"It needs the package {table.package}, which is not installed."
    else:
        try:
            ours = measured(reference)
        except DoableError as error:
            problem = str(error)
    return _beside(reference, ours, problem, absent)


def _beside(
    reference: Reference, ours: Mapping[Quantity, float], problem: str = "", absent: bool = False
) -> list[Comparison]:
    table = TABLES[reference.table]
    return [
        Comparison(
            method=reference.method,
            table=table.title,
            quantity=quantity,
            printed=printed,
            source=reference.source,
            command=reference.command,
            ours=ours.get(quantity),
            problem=problem,
            absent=absent,
            package=table.package,
            scripted=reference.golden is not None,
        )
        for quantity, printed in reference.figures
    ]


def measured(reference: Reference) -> dict[Quantity, float]:
    """Our figure for each quantity of a reference.

    Raises what `answer` does, and ImportError where the table's package is not installed.
    """
    if isinstance(reference.asked, TwoStages):
        answered = _Answered(two_stages=_two_stages(frame_of(reference.table), reference.asked))
    elif isinstance(reference.asked, Equations):
        from causal.structural.fitting import fit_sem

        fit = fit_sem(frame_of(reference.table), reference.asked.model)
        answered = _Answered(structure=fit, coefficient=reference.asked.coefficient)
    else:
        from causal.analysis import answer

        answered = _Answered(analysis=answer(unit_table(reference.table), reference.asked))
    readers = _readers(answered)
    return {quantity: readers[quantity](answered) for quantity, _ in reference.figures}


def _readers(answered: _Answered) -> Mapping[Quantity, Callable[[_Answered], float]]:
    if answered.structure is not None:
        return _OF_EQUATIONS
    return _OF_TWO_STAGES if answered.analysis is None else _OF_ANALYSIS


def _two_stages(frame: pd.DataFrame, asked: TwoStages) -> KClassFit:
    from causal.estimators.k_class import k_class

    if asked.where is not None:
        frame = frame[frame[asked.where[0]] == asked.where[1]]
    columns = np.column_stack([np.ones(len(frame)), frame[list(asked.covariates)].to_numpy(float)])
    return k_class(
        frame[asked.outcome].to_numpy(float),
        frame[asked.treatment].to_numpy(float),
        frame[list(asked.instruments)].to_numpy(float),
        columns,
        asked.instruments,
        errors=asked.errors,
        clusters=None if asked.clusters is None else pd.factorize(frame[asked.clusters])[0],
    )


def _analysis(answered: _Answered) -> Analysis:
    assert answered.analysis is not None
    return answered.analysis


def _fitted(answered: _Answered) -> KClassFit:
    assert answered.two_stages is not None
    return answered.two_stages


def _structure(answered: _Answered) -> SemFit:
    assert answered.structure is not None
    return answered.structure


def _odds(answered: _Answered, end: str) -> float:
    from causal.effects.risk import risk_measures

    return math.log(getattr(risk_measures(_analysis(answered)).odds_ratio, end))


def _part(answered: _Answered, name: str) -> float:
    return float(getattr(_analysis(answered).mediation, name).effect)


def _first_stage_f(answered: _Answered) -> float:
    evidence = _analysis(answered).instrument_evidence
    assert evidence is not None
    return evidence.f


_OF_ANALYSIS: Mapping[Quantity, Callable[[_Answered], float]] = {
    "effect": lambda each: _analysis(each).estimate.effect,
    "std_error": lambda each: _analysis(each).estimate.std_error,
    "low": lambda each: _analysis(each).estimate.interval(0.95)[0],
    "high": lambda each: _analysis(each).estimate.interval(0.95)[1],
    "control_mean": lambda each: _analysis(each).estimate.arm_means.control,
    "control_std_error": lambda each: _analysis(each).estimate.arm_std_errors.control,
    "treated_mean": lambda each: _analysis(each).estimate.arm_means.treated,
    "degrees_of_freedom": lambda each: _analysis(each).estimate.degrees_of_freedom,
    "p_value": lambda each: _analysis(each).estimate.p_value,
    "log_odds_ratio": lambda each: _odds(each, "value"),
    "log_odds_ratio_low": lambda each: _odds(each, "low"),
    "log_odds_ratio_high": lambda each: _odds(each, "high"),
    "first_stage_f": _first_stage_f,
    "direct": lambda each: _part(each, "direct"),
    "indirect": lambda each: _part(each, "indirect"),
}

_OF_TWO_STAGES: Mapping[Quantity, Callable[[_Answered], float]] = {
    "effect": lambda each: _fitted(each).coefficient,
    "std_error": lambda each: _fitted(each).std_error,
    "first_stage_f": lambda each: _fitted(each).evidence.f,
    "region_low": lambda each: _fitted(each).evidence.region(0.95)[0][0],
    "region_high": lambda each: _fitted(each).evidence.region(0.95)[0][1],
    "disagreement": lambda each: _fitted(each).evidence.disagreement or math.nan,
    "disagreement_p": lambda each: _fitted(each).evidence.disagreement_p or math.nan,
}

_OF_EQUATIONS: Mapping[Quantity, Callable[[_Answered], float]] = {
    "effect": lambda each: _structure(each).coefficient(each.coefficient).estimate,
    "std_error": lambda each: _structure(each).coefficient(each.coefficient).std_error,
    "degrees_of_freedom": lambda each: _structure(each).df,
    "p_value": lambda each: _structure(each).p_value,
    "chi_square": lambda each: _structure(each).chi2,
    "comparative_fit": lambda each: _structure(each).cfi,
    "tucker_lewis": lambda each: _structure(each).tli,
    "rmsea": lambda each: _structure(each).rmsea,
    "srmr": lambda each: _structure(each).srmr,
}
