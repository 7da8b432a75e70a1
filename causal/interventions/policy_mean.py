"""The mean outcome if a quantity were set, shifted, scaled or drawn at random, by g-computation.

A model of the outcome in the quantity and what is adjusted for, linear or with curves and products as cross-validation
says, averaged over what every unit would have: Robins (1986), Mathematical Modelling 7: 1393-1512; for shifts, Haneuse
and Rotnitzky (2013). The influence of a unit holds its own prediction and its pull on the model's coefficients (stacked
estimating equations, Stefanski and Boos 2002), so that the interval needs no equal variances.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from causal.analysis import resolve
from causal.effects.slope import draw_doses
from causal.errors import NotIdentified
from causal.estimators.design import Floats
from causal.estimators.nuisance import inverse_of
from causal.estimators.registry import method_named
from causal.interventions.changes import Change, Randomise, Scale, Set, Shift
from causal.interventions.mean_pair import IdentifiedMean, Influenced, summed_up
from causal.interventions.mechanisms.choice import Task, choose
from causal.interventions.mechanisms.features import Features
from causal.interventions.mechanisms.logit import fit_logit
from causal.interventions.node_columns import NodeColumn, Values, node_columns
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec

PERMUTATIONS = 20
"""A quantity drawn at random is drawn so often for every unit."""

_WORTH_A_NOTE = 0.01


def policy_mean(table: UnitTable, spec: AnalysisSpec, cause: str, change: Change) -> IdentifiedMean:
    """Of the units complete in cause, outcome and what is adjusted for.

    Raises NotIdentified where the graph gives no set to adjust for, and the errors of `draw_sample`.
    """
    spec = replace(spec, method="standardisation", options=None)
    estimand, adjust_for, notes = resolve(table, spec, method_named("standardisation"))
    if estimand is not None and estimand.strategy not in ("backdoor", "adjustment", "no_effect"):
        raise NotIdentified(f'The graph gives no set to adjust for, which changes of the quantity "{cause}" need.')
    sample, dose = draw_doses(table, spec, adjust_for)
    _quantity(cause, dose).require(change)
    columns, values = node_columns(table, adjust_for, sample.rows)
    everything = {
        **columns,
        cause: _quantity(cause, dose),
        spec.question.outcome: _outcome(spec, sample.outcome, sample.outcome_is_binary),
    }
    task = Task(
        everything,
        (cause, *adjust_for),
        spec.question.outcome,
        {**values, cause: dose, spec.question.outcome: sample.outcome},
    )
    task = replace(task, causes=tuple(name for name in task.causes if not everything[name].constant))
    rng = np.random.default_rng(spec.seed)
    chosen = choose(task, rng, ("linear", "curved"))
    fitted = _fit(task, chosen.form == "curved", sample.outcome_is_binary)
    assigned = [_assigned(change, dose, rng) for _ in range(PERMUTATIONS if isinstance(change, Randomise) else 1)]
    mean, influence = _averaged(fitted, task.values, cause, dose, assigned, change)
    baseline = float(sample.outcome.mean())
    return summed_up(
        Influenced(
            baseline=baseline,
            outcome=mean,
            influences=(sample.outcome - baseline, influence),
            clusters=sample.clusters,
            method=f"g-computation, {'with curves and products' if chosen.form == 'curved' else 'linear'}",
            notes=(*notes, *_beyond(cause, dose, assigned[0], change)),
        ),
        adjust_for,
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


def _quantity(name: str, values: Floats) -> NodeColumn:
    return NodeColumn(
        name,
        "numeric",
        (),
        np.empty(0),
        float(values.min()),
        float(values.max()),
        float(values.mean()),
        float(values.std()),
    )


def _outcome(spec: AnalysisSpec, values: Floats, binary: bool) -> NodeColumn:
    made = _quantity(spec.question.outcome, values)
    return replace(made, kind="binary", levels=(0, 1), points=np.array([0.0, 1.0])) if binary else made


def _beyond(cause: str, dose: Floats, assigned: Floats, change: Change) -> tuple[str, ...]:
    low, high = float(dose.min()), float(dose.max())
    outside = float(((assigned < low) | (assigned > high)).mean())
    if outside <= _WORTH_A_NOTE or isinstance(change, Randomise):
        return ()
    return (
        f'{outside:.0%} of the units get a "{cause}" outside {low:g} to {high:g}, the range seen: what happens there '
        "is the model's guess.",
    )
