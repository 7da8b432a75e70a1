"""The formula that identification finds, on discrete columns, with shares of units in the place of probabilities.

The plug-in is the maximum likelihood estimate of a multinomial over the cells; its influence is the derivative of the
formula (Bickel, Klaassen, Ritov and Wellner 1993, section 3.3), exact, so that the interval is the delta method's.
Effects on the treated follow from those on everyone where the treatment has two levels: the mean of an arm is its
observed part and the part of the others, weighted by their shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem, OptionProblem, TooFewUnits, TreatmentProblem
from causal.estimators.design import MOST_LEVELS, Floats, Sample, present_levels
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method
from causal.estimators.plug_in import Cells, Evaluation, PlugIn, empty_condition, evaluate_parts, mean_at
from causal.estimators.plug_in import smallest_condition as smallest
from causal.estimators.populations import mean_in_target
from causal.graphs.expression import Expression, Probability, product_of, sum_of, variables_of
from causal.graphs.identification import Estimand, adjustment_formula
from causal.logs.unit_table import UnitTable
from causal.study import Question

MOST_NUMBERS = 30
"""A numeric column with more values than this is to be cut into ranges first."""

MOST_CELLS = 1_000_000
FIRST = 5000
FEW_UNITS = 5


@dataclass(frozen=True)
class IdentifiedFormulaOptions:
    """No options: the graph gives the formula."""


@dataclass(frozen=True, eq=False)
class _Codes:
    """The columns of the formula but the outcome: `levels` in words, `cell` (n,) the flat position of each unit."""

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    cell: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(each) for each in self.levels)


@dataclass(frozen=True, eq=False)
class _Mean:
    """One arm's mean, its influence (n,), and the weight of each unit's outcome in it (n,)."""

    mean: float
    influence: Floats
    weight: Floats


def fit_from_table(
    table: UnitTable, question: Question, estimand: Estimand | None, sample: Sample, options: IdentifiedFormulaOptions
) -> Fit:
    """Both arm means by the estimand's formula; by back-door adjustment where the estimand is one, or there is none.

    Raises CovariateProblem for columns with too many values, TooFewUnits naming a combination of values that the
    formula needs and no unit has, TreatmentProblem where the formula needs more arms than are compared.
    """
    expression, by_adjustment = _formula(question, estimand, sample)
    if not by_adjustment:
        _check_arms(table, question, estimand)
    codes = _code(table, question, sample, variables_of(expression) - {question.outcome})
    evaluation = evaluate_parts(expression, _count(codes, question.outcome, sample))
    means = tuple(_arm_mean(evaluation, codes, question, sample, arm) for arm in (0, 1))
    moved = tuple(_in_target(mean, sample, arm) for arm, mean in enumerate(means))
    influences = (moved[0].influence, moved[1].influence)
    h = sample.target_weight
    nothing = np.zeros(len(sample))
    scores = tuple(h * each.mean + each.influence * h.mean() for each in moved)
    return Fit(
        sample=sample,
        means=(moved[0].mean, moved[1].mean),
        influences=influences,
        weights=np.where(sample.treated, moved[1].weight, moved[0].weight) if by_adjustment else None,
        scores=ArmScores(scores[0], scores[1], nothing, nothing, h),
        notes=_notes(evaluation, codes, sample),
    )


def _formula(question: Question, estimand: Estimand | None, sample: Sample) -> tuple[Expression, bool]:
    """The mean's formula and whether it is adjustment; what it mentions in vain is averaged over."""
    if estimand is None or estimand.strategy not in ("frontdoor", "id") or estimand.expression is None:
        names = tuple(sorted(covariate.name for covariate in sample.covariates))
        return adjustment_formula(question.treatment, question.outcome, names), True
    found = estimand.expression
    idle = tuple(sorted(found.free - {question.treatment, question.outcome}))
    return sum_of(idle, product_of((found, *(Probability((name,)) for name in idle)))) if idle else found, False


def _check_arms(table: UnitTable, question: Question, estimand: Estimand | None) -> None:
    """A front door is as open among the units of two arms; other formulas speak of all values of the treatment."""
    count = len(present_levels(table, question.treatment))
    if count > 2 and estimand is not None and estimand.strategy == "id":
        raise TreatmentProblem(
            f'"{question.treatment}" has {count} levels and two are compared, but the formula of this graph needs all '
            "of them at once. Join the levels to two, or leave the others' rows out of the log if that is the question."
        )


def _code(table: UnitTable, question: Question, sample: Sample, wanted: frozenset[str]) -> _Codes:
    names = tuple(sorted(wanted | {question.treatment}))
    codes, levels = [], []
    for name in names:
        if name == question.treatment:
            found = sample.treated.astype(np.int64)
            words: tuple[str, ...] = (str(sample.control_level), str(sample.treated_level))
        else:
            found, words = coded_levels(name, table, sample)
        codes.append(found)
        levels.append(words)
    shape = tuple(len(each) for each in levels)
    if np.prod(np.array(shape, dtype=float)) > MOST_CELLS:
        raise CovariateProblem(
            f"The formula is evaluated cell by cell, and its columns ({', '.join(names)}) span more than "
            f"{MOST_CELLS:,} combinations of values. Group their values, or choose a method with a model."
        )
    return _Codes(names, tuple(levels), np.ravel_multi_index(codes, shape))


def obstacle(table: UnitTable, question: Question, estimand: Estimand | None) -> str:
    """Which column has too many values for the formula, or nothing."""
    if estimand is None:
        return ""
    if estimand.strategy == "id" and len(present_levels(table, question.treatment)) > 2:
        return f'The formula needs every level of "{question.treatment}" at once, and it has more than two.'
    by_formula = estimand.strategy in ("frontdoor", "id") and estimand.expression is not None
    names = variables_of(estimand.expression) if by_formula else frozenset(estimand.adjust_for)  # type: ignore[arg-type]
    for name in sorted(names - {question.treatment, question.outcome}):
        kind, values = table.types[name], table.column(name)
        parts = (values[:FIRST], values)  # a quantity shows at once
        if kind in ("text", "identifier") or any(each.nunique() > _most(kind) for each in parts):
            return f'It goes cell by cell, and "{name}" has too many different values. {_advice(kind)} first.'
    return ""


def _most(kind: str) -> int:
    return MOST_NUMBERS if kind in ("numeric", "time") else MOST_LEVELS


def _advice(kind: str) -> str:
    return "Bin it into a few ranges" if kind in ("numeric", "time") else "Group its values"


def coded_levels(name: str, table: UnitTable, sample: Sample) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """(n,) codes of a column's values, and the values in words."""
    kind, values = table.types[name], table.column(name).iloc[sample.rows]
    if kind in ("text", "identifier"):
        what = "free text" if kind == "text" else "an identifier"
        raise CovariateProblem(f'"{name}" is {what}, and the formula needs a column with few values in its place.')
    codes, levels = pd.factorize(values)
    if len(levels) > _most(kind):
        raise CovariateProblem(
            f'"{name}" has {len(levels):,} different values; the formula is evaluated cell by cell and takes at most '
            f"{_most(kind)}. {_advice(kind)} first, or choose a method with a model."
        )
    words = [str(each) for each in levels]
    order = sorted(range(len(words)), key=words.__getitem__)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], tuple(words[each] for each in order)


def _count(codes: _Codes, outcome: str, sample: Sample) -> Cells:
    size = int(np.prod(codes.shape))
    share = np.bincount(codes.cell, minlength=size) / len(sample)
    total = np.bincount(codes.cell, weights=sample.outcome, minlength=size) / len(sample)
    return Cells(codes.names, outcome, share.reshape(codes.shape), total.reshape(codes.shape))


def _arm_mean(evaluation: Evaluation, codes: _Codes, question: Question, sample: Sample, arm: int) -> _Mean:
    at = {question.treatment: arm}
    found: PlugIn = mean_at(evaluation, at)
    if np.isnan(found.mean) and np.isfinite(evaluation.cells.total).all():
        _refuse(evaluation, codes, at)
    by_share, by_total = found.by_share.ravel(), found.by_total.ravel()
    cells = evaluation.cells
    centre = float(by_share @ cells.share.ravel() + by_total @ cells.total.ravel())
    weight = by_total[codes.cell]
    return _Mean(found.mean, by_share[codes.cell] + weight * sample.outcome - centre, weight)


def _refuse(evaluation: Evaluation, codes: _Codes, at: dict[str, int]) -> None:
    cell = empty_condition(evaluation, at)
    raise TooFewUnits(
        f"No unit has {_in_words(codes, cell)}, a combination of values that the formula conditions on. Group the "
        "values of these columns, gather more units, or choose a method with a model."
    )


def _in_target(mean: _Mean, sample: Sample, arm: int) -> _Mean:
    """The arm's mean among the target population, from its mean among everyone."""
    if sample.target == "everyone":
        return mean
    value, influence = mean_in_target(sample, arm, mean.mean, mean.influence)
    inside = sample.treated if sample.target == "treated" else ~sample.treated
    share, own = float(inside.mean()), (sample.target == "treated") == bool(arm)
    weight = np.full(len(sample), 1 / share) if own else (mean.weight - 1) / share
    return _Mean(value, influence, weight)


def _notes(evaluation: Evaluation, codes: _Codes, sample: Sample) -> tuple[str, ...]:
    share, cell = smallest(evaluation)
    count = round(share * len(sample))
    if count >= FEW_UNITS:
        return ()
    units = "1 unit has" if count == 1 else f"{count} units have"
    return (
        f"Only {units} {_in_words(codes, cell)}, on which the formula conditions: so few say little, and the interval "
        "does not know how little.",
    )


def _in_words(codes: _Codes, cell: dict[str, int]) -> str:
    return ", ".join(f'"{name}" = {codes.levels[codes.names.index(name)][place]}' for name, place in cell.items())


def _needs_the_table(sample: Sample, options: Any) -> Fit:
    raise OptionProblem("The identified formula needs the whole table: call it through answer().")


METHOD = Method(
    name="identified_formula",
    title="Identified formula",
    family="formula",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.IdentifiedFormula",
    summary="Puts shares and means of cells into the formula that the graph gives, whatever formula that is.",
    assumes=(
        "The graph is right about every arrow and every hidden common cause that it leaves out.",
        "Every combination of values that the formula conditions on occurs, and often enough to say something.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=IdentifiedFormulaOptions,
    fit=_needs_the_table,
    fit_from_table=fit_from_table,
    source="Shpitser and Pearl 2006; the delta method",
    strategies=("backdoor", "adjustment", "frontdoor", "id"),
    discrete=True,
    obstacle=obstacle,
)
