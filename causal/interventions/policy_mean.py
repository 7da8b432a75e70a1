"""The mean outcome if a quantity were set, shifted, scaled or drawn at random.

Doubly robust where a density weighs the changed doses (`dose_scores.py`); else by g-computation: a model of the outcome
in the quantity and what is adjusted for, linear or with curves and products as cross-validation says, averaged over
what every unit would have (Robins 1986, Mathematical Modelling 7: 1393-1512). The influence of a unit on that holds its
own prediction and its pull on the model's coefficients (stacked estimating equations, Stefanski and Boos 2002), so that
the interval needs no equal variances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from causal.analysis import resolve
from causal.effects.slope import draw_doses
from causal.errors import NotIdentified, OptionProblem
from causal.estimators.design import Floats, Sample
from causal.estimators.folds import fold_of, settled_order
from causal.estimators.nuisance import inverse_of
from causal.estimators.registry import method_named
from causal.interventions.changes import Change, Randomise, Scale, Set, Shift
from causal.interventions.dose_law import Law, law_of
from causal.interventions.dose_scores import PERMUTATIONS, DoseScores, dose_scores
from causal.interventions.mean_pair import IdentifiedMean, Influenced, overlap_note, summed_up
from causal.interventions.mechanisms.choice import Task, choose
from causal.interventions.mechanisms.features import Features
from causal.interventions.mechanisms.logit import fit_logit
from causal.interventions.node_columns import NodeColumn, Values, node_columns, quantity, two_levels
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec

FOLDS = 5
FEWEST = 100
"""With fewer units nothing is cross-fitted."""

_WORTH_A_NOTE = 0.01
_LEAST_SHARE = 0.1
_LEAST_SIZE = 30.0
_MOST_ALONE = 0.1
_MOST_BEYOND = 0.5
ALONE = "By a model of the outcome alone: "


def policy_mean(table: UnitTable, spec: AnalysisSpec, cause: str, change: Change) -> IdentifiedMean:
    """Of the units complete in cause, outcome and what is adjusted for.

    Doubly robust (`dose_scores.py`) wherever a density says how the changed doses lie to those that units have; else by
    g-computation, with a note of why. Raises NotIdentified where the graph gives no set to adjust for, and the errors
    of `draw_sample`.
    """
    asked = _asked(table, spec, cause)
    asked.column.require(change)
    if isinstance(change, Set):
        return _by_g_computation(asked, change, None)
    law, refusal = _law(asked, change)
    if law == "none":
        return _by_g_computation(asked, change, refusal)
    found = weighed(_scores(asked, law == "chances"), cause, change)
    return found or _by_g_computation(asked, change, TOO_FAR.format(cause=cause))


def kept_scores(table: UnitTable, spec: AnalysisSpec, cause: str) -> DoseScores:
    """What answers every shift and scale of the quantity, with the digits of `policy_mean`; its `weighed` says where.

    Raises OptionProblem with the reason where no density weighs changed doses, and what `policy_mean` raises.
    """
    asked = _asked(table, spec, cause)
    asked.column.require(Shift(0.0))
    law, refusal = _law(asked, Shift(0.0))
    if law == "none":
        raise OptionProblem(refusal)
    return _scores(asked, law == "chances")


@dataclass(frozen=True, eq=False)
class _Asked:
    """The units, their doses, and the task of foretelling their outcomes; `bent`: with curves and products."""

    cause: str
    sample: Sample
    dose: Floats
    task: Task
    bent: bool
    adjust_for: tuple[str, ...]
    notes: tuple[str, ...]
    rng: np.random.Generator

    @property
    def column(self) -> NodeColumn:
        """The changed column."""
        return self.task.columns[self.cause]


def _asked(table: UnitTable, spec: AnalysisSpec, cause: str) -> _Asked:
    spec = replace(spec, method="standardisation", options=None)
    estimand, adjust_for, notes = resolve(table, spec, method_named("standardisation"))
    if estimand is not None and estimand.strategy not in ("backdoor", "adjustment", "no_effect"):
        raise NotIdentified(f'The graph gives no set to adjust for, which changes of the quantity "{cause}" need.')
    sample, dose = draw_doses(table, spec, adjust_for)
    columns, values = node_columns(table, adjust_for, sample.rows)
    everything = {
        **columns,
        cause: quantity(cause, dose),
        spec.question.outcome: _outcome(spec, sample.outcome, sample.outcome_is_binary),
    }
    task = Task(
        everything,
        (cause, *(name for name in adjust_for if not columns[name].constant)),
        spec.question.outcome,
        {**values, cause: dose, spec.question.outcome: sample.outcome},
    )
    rng = np.random.default_rng(spec.seed)
    bent = choose(task, rng, ("linear", "curved")).form == "curved"
    return _Asked(cause, sample, dose, task, bent, adjust_for, notes, rng)


def _scores(asked: _Asked, counted: bool = False) -> DoseScores:
    fold = fold_of(asked.sample, settled_order(asked.sample), FOLDS, 0)
    return dose_scores(asked.task, asked.bent, asked.sample, fold, asked.adjust_for, asked.notes, counted)


TOO_FAR = (
    'By a model of the outcome alone: hardly any unit stands where the change puts "{cause}" among units like it, so '
    "that weights would rest on a few of them."
)


def weighed(kept: DoseScores, cause: str, change: Shift | Scale | Randomise) -> IdentifiedMean | None:
    """The doubly robust mean with a note of what the units know of it; None where next to nothing."""
    if not kept.density.takes(change):
        return None
    found = kept.under(change)
    overlap = found.overlap
    assert overlap is not None
    least = max(_LEAST_SIZE, _LEAST_SHARE * found.units)
    if overlap.effective_size < least or overlap.largest > _MOST_ALONE or overlap.beyond > _MOST_BEYOND:
        return None
    notes: tuple[str, ...] = (overlap_note(overlap, found.units),)
    if overlap.beyond > _WORTH_A_NOTE:
        notes = (
            *notes,
            f'{overlap.beyond:.0%} of the units get a "{cause}" that hardly any unit like them has: what '
            "happens there is the outcome model's guess.",
        )
    return replace(found, notes=(*found.notes, *notes))


def _law(asked: _Asked, change: Shift | Scale | Randomise) -> tuple[Law, str]:
    """What weighs the changed doses, or why nothing does."""
    if len(asked.dose) < FEWEST:
        return "none", f"{ALONE}{len(asked.dose)} units are too few to weigh doses by their density."
    if asked.sample.clusters is not None and asked.sample.clusters.max() + 1 < 2 * FOLDS:
        return "none", f"{ALONE}too few clusters to fit on some and tell the others."
    law, reason = law_of(asked.cause, asked.dose, asked.sample.model, change)
    return law, f"{ALONE}{reason}" if reason else ""


def _by_g_computation(asked: _Asked, change: Change, why: str | None) -> IdentifiedMean:
    dose, sample, cause = asked.dose, asked.sample, asked.cause
    fitted = _fit(asked.task, asked.bent, sample.outcome_is_binary)
    draws = PERMUTATIONS if isinstance(change, Randomise) else 1
    assigned = [_assigned(change, dose, asked.rng) for _ in range(draws)]
    mean, influence = _averaged(fitted, asked.task.values, cause, dose, assigned, change)
    baseline = float(sample.outcome.mean())
    reasons = () if why is None else (why,)
    return summed_up(
        Influenced(
            baseline=baseline,
            outcome=mean,
            influences=(sample.outcome - baseline, influence),
            clusters=sample.clusters,
            method=f"g-computation, {'with curves and products' if asked.bent else 'linear'}",
            notes=(*asked.notes, *reasons, *_beyond(cause, dose, assigned[0], change)),
        ),
        asked.adjust_for,
    )


class _Fitted(NamedTuple):
    features: Features
    coefficients: Floats
    binary: bool
    pull: Floats
    """(n, p) each unit's influence on the coefficients."""

    def at(self, values: Values) -> tuple[Floats, Floats]:
        """(n,) the mean, and (n, p) its derivative by the coefficients."""
        model = self.features.of(values)
        index = model @ self.coefficients
        if not self.binary:
            return index, model
        chance = 1 / (1 + np.exp(-index))
        return chance, model * (chance * (1 - chance))[:, None]


def _fit(task: Task, bent: bool, binary: bool) -> _Fitted:
    features, outcome = task.features(bent), task.values[task.name]
    model = features.of(task.values)
    n = len(outcome)
    if binary:
        high = (outcome == outcome.max()).astype(np.int64)
        coefficients = fit_logit(features, task.values, high, 2).coefficients[:, 0]
        chance = 1 / (1 + np.exp(-(model @ coefficients)))
        bread, residual = inverse_of((model * (chance * (1 - chance))[:, None]).T @ model / n), high - chance
    else:
        bread = inverse_of(model.T @ model / n)
        coefficients = bread @ (model.T @ outcome) / n
        residual = outcome - model @ coefficients
    return _Fitted(features, coefficients, binary, (model * residual[:, None]) @ bread)


def _averaged(
    fitted: _Fitted, values: Values, cause: str, dose: Floats, assigned: list[Floats], change: Change
) -> tuple[float, Floats]:
    """The mean over what every unit would have, and each unit's influence on it."""
    predicted, slope = np.zeros(len(dose)), np.zeros(len(fitted.coefficients))
    as_donor = np.zeros(len(dose))
    for each in assigned:
        mean, derivative = fitted.at({**values, cause: each})
        predicted += mean / len(assigned)
        slope += derivative.mean(axis=0) / len(assigned)
    centre = float(predicted.mean())
    influence = predicted - centre + fitted.pull @ slope
    if isinstance(change, Randomise):  # a unit counts twice: for its causes, and for the value that it gives
        rng = np.random.default_rng(len(dose))
        for _ in assigned:
            order = rng.permutation(len(dose))
            others = {name: each[order] for name, each in values.items()}
            as_donor += fitted.at({**others, cause: dose})[0] / len(assigned)
        influence = influence + as_donor - float(as_donor.mean())
    return centre, influence


def _assigned(change: Change, dose: Floats, rng: np.random.Generator) -> Floats:
    if isinstance(change, Set):
        return np.full(len(dose), float(change.value))
    if isinstance(change, Shift):
        return dose + change.amount
    if isinstance(change, Scale):
        return dose * change.factor
    return dose[rng.permutation(len(dose))]


def _outcome(spec: AnalysisSpec, values: Floats, binary: bool) -> NodeColumn:
    name = spec.question.outcome
    return two_levels(name, values) if binary else quantity(name, values)


def _beyond(cause: str, dose: Floats, assigned: Floats, change: Change) -> tuple[str, ...]:
    low, high = float(dose.min()), float(dose.max())
    outside = float(((assigned < low) | (assigned > high)).mean())
    if outside <= _WORTH_A_NOTE or isinstance(change, Randomise):
        return ()
    return (
        f'{outside:.0%} of the units get a "{cause}" outside {low:g} to {high:g}, the range seen: what happens there '
        "is the model's guess.",
    )
