"""The effect of a quantity per step of it: the coefficient in a partially linear regression.

With the covariates linear too, it is the average partial effect weighted by how much the quantity varies given them
(Angrist and Krueger 1999, Handbook of Labor Economics 3A, section 2.3.1). HC2; with clusters CR2 (few_clusters.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from causal.errors import CovariateProblem, TooFewUnits, TreatmentProblem
from causal.estimators.design import Flags, Floats, Sample, draw_sample
from causal.estimators.few_clusters import MOST_CLUSTERS, reduce_bias
from causal.estimators.nuisance import inverse_of
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question

ALONE = 0.5
"""A unit with more than this share of what tells the slope decides it alone."""

_HALF = "\0half"
"""The column that parts the units by chance while they are drawn, as a sample has two arms: no column has this name."""


@dataclass(frozen=True)
class Slope:
    """`effect` of one standard deviation more (`deviation`, in the quantity's units), on the outcome's scale.

    `std_error` is NaN where one unit is so far out that it decides the slope alone: its residual is nil then, and HC2
    would take that for certainty.
    """

    effect: float
    std_error: float
    degrees_of_freedom: float
    deviation: float
    quartiles: tuple[float, float]
    units: int
    outcome_is_binary: bool


@one_thread
def slope(table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...]) -> Slope:
    """The average effect of one standard deviation more of the question's treatment, which must be a quantity.

    Raises the errors of `draw_sample`, TreatmentProblem (no quantity) and CovariateProblem (the covariates fix it).
    """
    sample, dose = draw_doses(table, spec, adjust_for)
    deviation = float(dose.std())
    if deviation == 0:
        raise TreatmentProblem(f'"{spec.question.treatment}" is the same for all units compared.')
    design = np.column_stack([sample.model, (dose - dose.mean()) / deviation])
    n, p = design.shape
    bread = inverse_of(design.T @ design / n)
    if bread[-1, -1] == 0:
        raise CovariateProblem(f'The covariates fix "{spec.question.treatment}": nothing is left that could vary.')
    residual = sample.outcome - design @ (bread @ (design.T @ sample.outcome) / n)
    direction = np.zeros(p)
    direction[-1] = 1.0
    error, freedom = _error(sample, design, bread, residual, direction)
    return Slope(
        effect=float((bread @ (design.T @ sample.outcome) / n)[-1]),
        std_error=error,
        degrees_of_freedom=freedom,
        deviation=deviation,
        quartiles=(float(np.quantile(dose, 0.25)), float(np.quantile(dose, 0.75))),
        units=n,
        outcome_is_binary=sample.outcome_is_binary,
    )


def draw_doses(table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...]) -> tuple[Sample, Floats]:
    """The complete units with the treatment's values (n,) as numbers."""
    name = spec.question.treatment
    values = table.column(name)
    if values.dtype.kind not in "biuf" and str(values.dtype) not in ("Int64", "Float64"):
        raise TreatmentProblem(f'"{name}" is no quantity: compare its levels as arms.')
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    if not known.any() or np.ptp(numbers[known]) == 0:
        raise TreatmentProblem(f'"{name}" has one value only, so nothing can vary with it.')
    sample = draw_units(table, spec, adjust_for, (name,), known)
    return sample, numbers[sample.rows]


def draw_units(
    table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...], causes: tuple[str, ...], known: Flags
) -> Sample:
    """The units with a value in every cause and column used, parted by chance, as a sample has two arms.

    `known` (rows,) says of which units the causes are known. Raises the errors of `draw_sample`.
    """
    halves = np.where(np.random.default_rng(0).permutation(len(known)) % 2, "one", "other").astype(object)
    halves[~known] = None
    drawn = table.with_column(_HALF, halves, "category")
    question = Question(_HALF, spec.question.outcome, "everyone", "one", "other")
    try:
        return draw_sample(
            drawn, question, adjust_for, spec.terms, spec.cluster, causes, spec.seed, spec.where, spec.outcome_rule
        )
    except TooFewUnits as error:
        listed = " and ".join(f'"{name}"' for name in causes)
        raise TooFewUnits(
            f"Too few units, or too few clusters of them, have a value of {listed} and of every other column used to "
            "tell what it does. Choose fewer covariates with missing values."
        ) from error


def _error(sample: Sample, design: Floats, bread: Floats, residual: Floats, direction: Floats) -> tuple[float, float]:
    n = len(design)
    pull = design @ (bread @ direction)
    if float((pull**2).max()) > ALONE * float(pull @ pull):
        return math.nan, math.inf
    if sample.clusters is not None and 1 < (count := int(sample.clusters.max()) + 1) <= MOST_CLUSTERS:
        reduced = reduce_bias(design, bread, residual, sample.clusters, direction[None])
        sums = np.bincount(sample.clusters, reduced.residual * pull, minlength=count)
        return float(np.sqrt(sums @ sums)) / n, float(reduced.degrees_of_freedom[0])
    leverage = np.einsum("ij,ij->i", design @ bread, design) / n
    influence = residual / np.sqrt(np.maximum(1 - leverage, 1e-12)) * pull
    if sample.clusters is None:
        return float(np.sqrt(influence @ influence)) / n, math.inf
    count = int(sample.clusters.max()) + 1
    sums = np.bincount(sample.clusters, influence, minlength=count)
    return float(np.sqrt(count / (count - 1) * (sums @ sums))) / n, float(count - 1)
