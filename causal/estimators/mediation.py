"""The effect through mediators and the effect around them, by the mediation formula over two regressions.

Imai, Keele and Tingley (2010), Psychological Methods 15: 309-334; VanderWeele (2015), Explanation in Causal Inference,
chapter 2. The outcome's mean is summed or integrated over the fitted distribution of the mediators exactly, where the
authors' software simulates; errors are by the influence of both fitted models and of the covariates' distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import expit

from causal.errors import CovariateProblem, NotIdentified
from causal.estimators.design import Floats, Sample
from causal.estimators.fit import Fit
from causal.estimators.front_door import mediators_of
from causal.estimators.hidden_cause import hidden_cause
from causal.estimators.mediation_effects import HiddenCause, MediationEffects, Part
from causal.estimators.method import Method, needs_the_table
from causal.estimators.nuisance import LinearIndex, fit_outcome
from causal.estimators.uncertainty import covariance_of_means
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand
from causal.graphs.mediation_adjustment import estimand_by_mediation, mediators_between
from causal.logs.unit_table import UnitTable
from causal.study import Question

NODES = 24
"""Points of the Gauss-Hermite rule over a mediator's normal distribution: more change no digit that is shown."""


@dataclass(frozen=True)
class MediationOptions:
    """`mediators`: columns, separated by commas; empty: those that the graph marks, or all between.

    `interaction`: the mediators may do more or less under treatment. `outcome_model`: "linear" also for a yes-or-no
    outcome; "automatic" takes a logistic one for it where there is one mediator.
    """

    mediators: str = ""
    interaction: bool = True
    outcome_model: Literal["automatic", "linear"] = "automatic"


@dataclass(frozen=True, eq=False)
class _Mean:
    """The mean outcome with the treatment at one level and the mediators as under another; its influence (n,).

    `pull` (n,): what each unit's outcome counts in it, where the outcome's model is linear.
    """

    value: float
    influence: Floats
    pull: Floats


@dataclass(frozen=True, eq=False)
class _Models:
    """The fitted models: of each column of the mediators, and of the outcome.

    `mediators` (n, k); `binary` says which of them are yes or no; `spread` the error of each of the others, and its
    influence (n,).
    """

    sample: Sample
    mediators: Floats
    binary: tuple[bool, ...]
    of_mediators: tuple[LinearIndex, ...]
    spread: tuple[tuple[float, Floats], ...]
    of_outcome: LinearIndex
    interaction: bool
    logistic: bool


def identify(
    graph: CausalGraph, question: Question, options: MediationOptions, adjust_for: tuple[str, ...] | None = None
) -> Estimand:
    """The estimand of both parts by two regressions.

    Raises NotIdentified, CovariateProblem, GraphError or UnknownNode with the reason.
    """
    asked = _named(graph, options.mediators) or mediators_between(graph, question)
    return estimand_by_mediation(graph, question, asked, adjust_for)


def fit_from_table(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample, options: MediationOptions
) -> Fit:
    """The total effect as the difference of the arms, and its parts as a fact.

    Raises NotIdentified without mediators, CovariateProblem for one that stands still or that treatment and covariates
    determine.
    """
    if estimand is None or not estimand.mediators:
        raise NotIdentified("Mediation needs mediators: give the analysis a causal graph that has them.")
    mediators = _scaled(mediators_of(table, sample, estimand.mediators))
    models = _fit_models(sample, mediators, estimand.mediators, options)
    means = {(level, other): _mean(models, level, other) for level in (0, 1) for other in (0, 1)}
    effects = _effects(models, means, estimand.mediators)
    pull = means[1, 1].pull - means[0, 0].pull
    return Fit(
        sample=sample,
        means=(means[0, 0].value, means[1, 1].value),
        influences=(means[0, 0].influence, means[1, 1].influence),
        weights=None if models.logistic else np.where(sample.treated, pull, -pull),
        notes=_notes(sample, models, options),
        facts=(("mediation", effects),),
    )


def _named(graph: CausalGraph, text: str) -> tuple[str, ...]:
    """The mediators written in the option; a name may itself hold a comma."""
    if text.strip() in graph.nodes:
        return (text.strip(),)
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _scaled(mediators: Floats) -> Floats:
    """(n, k) with numbers standardised, which changes no part of the effect and keeps the algebra well-conditioned."""
    binary = np.isin(mediators, (0.0, 1.0)).all(axis=0)
    centre = np.where(binary, 0.0, mediators.mean(axis=0))
    spread = np.where(binary, 1.0, np.maximum(mediators.std(axis=0), 1e-300))
    return np.asarray((mediators - centre) / spread)


def _base(sample: Sample, treated: Floats) -> Floats:
    """(n, q) covariates, treatment, and the treatment times its modifiers."""
    changing = sample.model[:, list(sample.modifiers)] * treated[:, None]
    return np.column_stack([sample.model, treated, changing])


def _fit_models(sample: Sample, mediators: Floats, names: Sequence[str], options: MediationOptions) -> _Models:
    treated = sample.treated.astype(np.float64)
    base = np.asfortranarray(_base(sample, treated))
    everyone, gram = np.ones(len(sample), dtype=bool), base.T @ base
    binary = tuple(bool(np.isin(column, (0.0, 1.0)).all()) for column in mediators.T)
    fitted, spread = [], []
    for column, yes_or_no in zip(mediators.T, binary, strict=True):
        own = replace(sample, model=base, outcome=column, outcome_is_binary=yes_or_no)
        model = fit_outcome(own, everyone, gram)
        square = float(model.residual @ model.residual) / len(sample)
        if square <= 1e-12 * max(float(np.var(column)), 1e-300):
            raise CovariateProblem(
                f"{' and '.join(names)} follows from the treatment and the covariates, so what goes through it cannot "
                "be told from what goes around it. Take another mediator, or fewer covariates."
            )
        error = float(np.sqrt(square))
        fitted.append(model)
        spread.append((error, (model.residual**2 - square) / (2 * error)))
    parts = [base, mediators, *([mediators * treated[:, None]] if options.interaction else [])]
    design = np.asfortranarray(np.column_stack(parts))
    logistic = sample.outcome_is_binary and options.outcome_model == "automatic" and mediators.shape[1] == 1
    own = replace(sample, model=design, outcome_is_binary=logistic)
    of_outcome = fit_outcome(own, everyone, design.T @ design)
    return _Models(
        sample=replace(sample, model=design),
        mediators=mediators,
        binary=binary,
        of_mediators=tuple(fitted),
        spread=tuple(spread),
        of_outcome=of_outcome,
        interaction=options.interaction,
        logistic=logistic,
    )


def _mean(models: _Models, level: int, other: int) -> _Mean:
    """The mean outcome with the treatment at `level` and the mediators as under `other`."""
    sample, n = models.sample, len(models.sample)
    q = models.of_mediators[0].coefficients.shape[0]
    here, there = (_at(models, q, arm) for arm in (level, other))
    h, share = sample.target_weight, float(sample.target_weight.mean())
    weight = h / (n * share)
    parts = (
        _curved(models, here, there, level, weight)
        if models.logistic
        else _straight(models, here, there, level, weight)
    )
    values, by_outcome, by_mediators, by_spread = parts
    mean = float(weight @ values)
    pull = sample.model @ (models.of_outcome.bread @ by_outcome)
    influence = h * (values - mean) / share + models.of_outcome.residual * pull
    for model, by_index, (_, of_spread), slope in zip(
        models.of_mediators, by_mediators, models.spread, by_spread, strict=True
    ):
        influence += model.influence(sample.model[:, :q], there.T @ by_index) + slope * of_spread
    return _Mean(mean, influence, pull)


def _at(models: _Models, q: int, arm: int) -> Floats:
    """(n, q) the columns of treatment and covariates if everybody had this arm."""
    sample = models.sample
    p = q - 1 - len(sample.modifiers)
    return _base(replace(sample, model=sample.model[:, :p]), np.full(len(sample), float(arm)))


_Parts = tuple[Floats, Floats, tuple[Floats, ...], tuple[float, ...]]
"""Values (n,); derivative of their mean by the outcome's coefficients; by each mediator's index (n,); by its error."""


def _slopes_of_mediators(models: _Models, level: int) -> Floats:
    """(k,) what one unit of each mediator adds to the outcome's index under this treatment."""
    q, k = models.of_mediators[0].coefficients.shape[0], models.mediators.shape[1]
    slopes = models.of_outcome.coefficients[q : q + k].copy()
    if models.interaction:
        slopes += level * models.of_outcome.coefficients[q + k :]
    return np.asarray(slopes)


def _expected(model: LinearIndex, binary: bool, there: Floats) -> tuple[Floats, Floats]:
    """(n,) the mediator's mean in the other world, and its derivative by the index."""
    index = there @ model.coefficients
    if not binary or model.slope is None:
        return index, np.ones(len(index))
    chance = expit(index)
    return chance, chance * (1 - chance)


def _straight(models: _Models, here: Floats, there: Floats, level: int, weight: Floats) -> _Parts:
    """A linear outcome sees only the mediators' means."""
    q = here.shape[1]
    slopes = _slopes_of_mediators(models, level)
    means, by_index = zip(
        *(_expected(each, yes, there) for each, yes in zip(models.of_mediators, models.binary, strict=True)),
        strict=True,
    )
    between = np.column_stack(means)
    values = here @ models.of_outcome.coefficients[:q] + between @ slopes
    columns = [here, between, *([level * between] if models.interaction else [])]
    by_outcome = np.column_stack(columns).T @ weight
    by_mediators = tuple(weight * slope * own for slope, own in zip(slopes, by_index, strict=True))
    return values, by_outcome, by_mediators, tuple(0.0 for _ in by_mediators)


def _curved(models: _Models, here: Floats, there: Floats, level: int, weight: Floats) -> _Parts:
    """A logistic outcome is averaged over the values of its one mediator, or over the points of its normal law."""
    q, coefficients = here.shape[1], models.of_outcome.coefficients
    slope = float(_slopes_of_mediators(models, level)[0])
    base = here @ coefficients[:q]
    mean, by_index = _expected(models.of_mediators[0], models.binary[0], there)
    error = models.spread[0][0]
    values, by_mediator, by_spread = np.zeros(len(base)), np.zeros(len(base)), 0.0
    steepness, with_mediator = np.zeros(len(base)), 0.0
    for mediator, chance, by_chance, by_error in _points(models.binary[0], mean, by_index, error):
        value = expit(base + slope * mediator)
        steep = chance * value * (1 - value)
        values += chance * value
        steepness += steep
        with_mediator += float(weight @ (steep * mediator))
        by_mediator += value * by_chance if models.binary[0] else steep * slope
        by_spread += float(weight @ steep) * slope * by_error
    own = [with_mediator, *([level * with_mediator] if models.interaction else [])]
    by_outcome = np.concatenate([here.T @ (weight * steepness), own])
    return values, by_outcome, (weight * by_mediator,), (by_spread,)


def _points(binary: bool, mean: Floats, by_index: Floats, error: float) -> list[tuple[Floats, Floats, Floats, float]]:
    """The mediator's values and their chances (n,), the chances' derivative by its index, the values' by its error."""
    n, none = len(mean), np.zeros(len(mean))
    if binary:
        return [(none, 1 - mean, -by_index, 0.0), (np.ones(n), mean, by_index, 0.0)]
    places, chances = np.polynomial.hermite_e.hermegauss(NODES)
    pairs = zip(places.tolist(), (chances / chances.sum()).tolist(), strict=True)
    return [(mean + error * place, np.full(n, chance), none, place) for place, chance in pairs]


def _effects(models: _Models, means: dict[tuple[int, int], _Mean], names: tuple[str, ...]) -> MediationEffects:
    def change(after: tuple[int, int], before: tuple[int, int]) -> _Mean:
        left, right = means[after], means[before]
        return _Mean(left.value - right.value, left.influence - right.influence, left.pull - right.pull)

    def both(left: _Mean, right: _Mean) -> _Mean:
        average = (left.influence + right.influence) / 2
        return _Mean((left.value + right.value) / 2, average, (left.pull + right.pull) / 2)

    clusters = models.sample.clusters
    freedom = math.inf if clusters is None else float(clusters.max())

    def part(found: _Mean) -> Part:
        square = covariance_of_means((found.influence, found.influence), models.sample.clusters)[0, 0]
        return Part(found.value, float(np.sqrt(max(square, 0.0))), freedom)

    direct, indirect = change((1, 0), (0, 0)), change((0, 1), (0, 0))
    total_direct, total_indirect = change((1, 1), (0, 1)), change((1, 1), (1, 0))
    total, through = change((1, 1), (0, 0)), both(indirect, total_indirect)
    return MediationEffects(
        mediators=names,
        direct=part(direct),
        indirect=part(indirect),
        total_direct=part(total_direct),
        total_indirect=part(total_indirect),
        average_direct=part(both(direct, total_direct)),
        average_indirect=part(through),
        total=part(total),
        covariance=float(covariance_of_means((through.influence, total.influence), models.sample.clusters)[0, 1]),
        interaction=models.interaction,
        hidden_cause=_sensitivity(models),
    )


def _sensitivity(models: _Models) -> HiddenCause | None:
    """Where mediator and outcome are numbers, and there is one mediator."""
    if models.mediators.shape[1] > 1 or models.binary[0] or models.sample.outcome_is_binary:
        return None
    model, sample = models.of_mediators[0], models.sample
    q = len(model.coefficients)
    base = np.asfortranarray(sample.model[:, :q])
    outcome = fit_outcome(replace(sample, model=base), np.ones(len(sample), dtype=bool), base.T @ base)
    h = sample.target_weight / sample.target_weight.mean()
    moved = _at(models, q, 1) - _at(models, q, 0)
    each = moved @ model.coefficients
    shift = float((h * each).mean())
    influence = h * (each - shift) + model.influence(base, moved.T @ h / len(sample))
    return hidden_cause(
        (shift, influence),
        model.residual,
        outcome.residual,
        float(np.var(models.mediators[:, 0])),
        float(np.var(sample.outcome)),
        sample.clusters,
    )


def _notes(sample: Sample, models: _Models, options: MediationOptions) -> tuple[str, ...]:
    several = models.mediators.shape[1] > 1
    if sample.outcome_is_binary and several and options.outcome_model == "automatic":
        return ("With several mediator columns the model of the yes-or-no outcome is linear in them.",)
    return ()


METHOD = Method(
    name="mediation",
    title="Mediation: direct and indirect effects",
    family="mediators",
    dowhy_name="mediation.causal.estimators.dowhy_adapter.Mediation",
    summary="Splits the effect into what goes through the mediators and what goes around them.",
    assumes=(
        "The covariates block every back-door path between treatment, mediators and outcome.",
        "No hidden cause ties a mediator to the outcome, and none of their common causes is changed by the treatment: "
        "no experiment on the treatment can check this.",
        "The mediators depend on treatment and covariates as their models say (linearly, or logistically where yes or "
        "no), the outcome likewise on treatment, mediators and covariates.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=MediationOptions,
    fit=needs_the_table("Mediation"),
    fit_from_table=fit_from_table,
    identify=identify,
    source="Imai, Keele and Tingley 2010; VanderWeele 2015",
    strategies=("backdoor", "adjustment"),
)
