"""The front door: what the treatment does to the mediators, times what these do to the outcome.

Pearl (1995), Biometrika 82: 669-688. The doubly robust form: Fulcher, Shpitser, Marealle and Tchetgen Tchetgen (2020),
Journal of the Royal Statistical Society B 82: 199-214, with the ratio of the mediators' densities as odds of treatment
given the mediators, so that no density is modelled. Influences include the fitted models and the share treated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from causal.errors import CovariateProblem, NotIdentified, PerfectSeparation
from causal.estimators.design import Floats, Sample, columns_of
from causal.estimators.fit import Fit
from causal.estimators.method import Method, needs_the_table
from causal.estimators.nuisance import LinearIndex, fit_outcome, fit_propensity, inverse_of
from causal.estimators.populations import mean_in_target
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, estimand_by_front_door
from causal.logs.unit_table import UnitTable
from causal.study import Question

HEAVY_SHARE = 0.1
"""A unit that has more than this share of all weight carries too much of the answer."""

Mean = tuple[float, Floats]
"""An arm's mean outcome among everyone, and each unit's influence on it (n,)."""


@dataclass(frozen=True)
class FrontDoorOptions:
    """`estimator`: "doubly robust", or "linear" for the product of two regressions' coefficients."""

    estimator: Literal["doubly robust", "linear"] = "doubly robust"


def identify(
    graph: CausalGraph, question: Question, options: Any, adjust_for: tuple[str, ...] | None = None
) -> Estimand:
    """The estimand through the graph's front door.

    Raises NotIdentified where there is none, CovariateProblem where covariates are to be adjusted for.
    """
    if adjust_for:
        raise CovariateProblem(
            "The front door adjusts for the treatment when it looks at the mediators, and for nothing else: leave "
            f"{', '.join(adjust_for)} out."
        )
    return estimand_by_front_door(graph, question)


def fit_from_table(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample, options: FrontDoorOptions
) -> Fit:
    """Both arms' mean outcomes through the mediators.

    Raises NotIdentified without mediators, CovariateProblem for one that stands still or has no place in a model,
    PerfectSeparation where the mediators tell the treatment.
    """
    if estimand is None or not estimand.mediators:
        raise NotIdentified("The front door needs mediators: give the analysis a causal graph that has them.")
    mediators = mediators_of(table, sample, estimand.mediators)
    notes: tuple[str, ...] = ()
    if options.estimator == "linear":
        means = _linear(sample, mediators)
    else:
        columns = tuple(str(place) for place in range(1 + mediators.shape[1]))
        by_mediators = replace(sample, model=_with_ones(mediators), names=columns, covariates=(), target="everyone")
        means, notes = _doubly_robust(by_mediators, estimand)
    moved = [mean_in_target(sample, arm, *means[arm]) for arm in (0, 1)]
    return Fit(sample=sample, means=(moved[0][0], moved[1][0]), influences=(moved[0][1], moved[1][1]), notes=notes)


def mediators_of(table: UnitTable, sample: Sample, names: tuple[str, ...]) -> Floats:
    """(n, k) the mediators as numbers, categories as dummies.

    Raises CovariateProblem where one is the same for all units.
    """
    values, _, places = columns_of(table, sample.rows, names)
    for each in places:
        own = values[:, each.first : each.first + each.count]
        if not np.ptp(own, axis=0).any():
            raise CovariateProblem(
                f'"{each.name}" is the same for all units compared, so nothing can be seen to go through it. Choose '
                "another mediator, or mend the column."
            )
    return values


def _with_ones(mediators: Floats) -> Floats:
    spread = mediators.std(axis=0)
    scaled = (mediators - mediators.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asfortranarray(np.column_stack([np.ones(len(mediators)), scaled]))


def _linear(sample: Sample, mediators: Floats) -> tuple[Mean, Mean]:
    """One regression of the outcome on treatment and mediators, one of each mediator on the treatment."""
    n, treated = len(sample), sample.treated.astype(np.float64)
    share = float(treated.mean())
    centred = treated - share
    scaled = _with_ones(mediators)
    arm_means = [scaled[arm].mean(axis=0) for arm in (~sample.treated, sample.treated)]
    shift = arm_means[1] - arm_means[0]
    around = scaled - np.where(sample.treated[:, None], arm_means[1], arm_means[0])
    shift_influence = around * (centred / (share * (1 - share)))[:, None]
    design = np.column_stack([treated, scaled])
    bread = inverse_of(design.T @ design / n)
    coefficients = bread @ (design.T @ sample.outcome) / n
    residual = sample.outcome - design @ coefficients
    effect = float(shift @ coefficients[1:])
    direction = np.concatenate([[0.0], shift])
    influence = shift_influence @ coefficients[1:] + residual * (design @ (bread @ direction))
    average = float(sample.outcome.mean())
    base = sample.outcome - average - effect * centred
    return (
        (average - effect * share, base - share * influence),
        (average + effect * (1 - share), base + (1 - share) * influence),
    )


def _doubly_robust(sample: Sample, estimand: Estimand) -> tuple[tuple[Mean, Mean], tuple[str, ...]]:
    """`sample.model` holds ones and the mediators."""
    of_control, of_treated = sample.arm_moments
    outcomes = fit_outcome(sample, ~sample.treated, of_control), fit_outcome(sample, sample.treated, of_treated)
    try:
        chance = fit_propensity(sample)
    except PerfectSeparation as error:
        names = " and ".join(f'"{name}"' for name in estimand.mediators)
        raise PerfectSeparation(
            f'{names} tells for some units which "{estimand.treatment}" they had, so nobody shows what it does under '
            "the other. Group its values, or take the linear estimator, which extrapolates."
        ) from error
    odds = np.exp(sample.model @ chance.coefficients)
    found = tuple(_arm(sample, outcomes, chance, odds, arm) for arm in (0, 1))
    weights = np.where(sample.treated, 1 / odds, odds)
    heaviest = max(float(weights[arm].max() / weights[arm].sum()) for arm in (~sample.treated, sample.treated))
    notes: tuple[str, ...] = ()
    if heaviest > HEAVY_SHARE:
        notes = (
            f"One unit carries {100 * heaviest:.0f} % of the weight: mediators that are rare under one arm and common "
            "under the other decide the answer.",
        )
    return (found[0], found[1]), notes


def _arm(
    sample: Sample, outcomes: tuple[LinearIndex, LinearIndex], chance: LinearIndex, odds: Floats, arm: int
) -> Mean:
    n, model = len(sample), sample.model
    treated = sample.treated.astype(np.float64)
    shares = np.array([1 - treated.mean(), treated.mean()])
    inside = sample.treated if arm else ~sample.treated
    behind = shares[0] * outcomes[0].fitted + shares[1] * outcomes[1].fitted
    through = [float(each.fitted[inside].mean()) for each in outcomes]
    towards = 1.0 if arm else -1.0
    ratio = np.where(inside, 1.0, odds**towards * shares[1 - arm] / shares[arm])
    residual = outcomes[0].residual + outcomes[1].residual
    left = ratio * residual
    of_others = float(left[~inside].sum()) / n
    mean = float(shares @ through) + float(left.mean())
    influence = np.where(inside, behind - float(shares @ through), 0.0) / shares[arm] + left - left.mean()
    influence += (through[1] - through[0] - towards * of_others / (shares[0] * shares[1])) * (treated - shares[1])
    influence += chance.influence(model, model.T @ np.where(inside, 0.0, towards * left) / n)
    for place, each in enumerate(outcomes):
        own = sample.treated if place else ~sample.treated
        pull = shares[place] * inside / shares[arm] - np.where(own, ratio, 0.0)
        influence += each.influence(model, model.T @ each.slope_times(pull) / n)
    return mean, influence


METHOD = Method(
    name="front_door",
    title="Front door",
    family="mediators",
    dowhy_name="frontdoor.causal.estimators.dowhy_adapter.FrontDoor",
    summary="Follows the effect through the mediators: what the treatment does to them, and they to the outcome.",
    assumes=(
        "The whole effect goes through the mediators.",
        "Nothing unrecorded causes both the treatment and a mediator, nor, among units of one arm, a mediator and the "
        "outcome.",
        "Every value of the mediators occurs at each level of the treatment.",
        "Either the model of the outcome or that of the treatment given the mediators is right (of the linear "
        "estimator: the outcome is linear in both, without interaction).",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=FrontDoorOptions,
    fit=needs_the_table("The front door"),
    fit_from_table=fit_from_table,
    identify=identify,
    source="Pearl 1995; Fulcher et al. 2020",
    strategies=("frontdoor",),
)
