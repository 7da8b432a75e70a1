"""The mean outcome under an intervention where the graph gives it a formula, beside the mean as it is.

One variable with levels: the means of its arms, as `answer` and `compare_arms` give them to the digit, or the
identified formula where these cannot serve. A quantity: g-computation, which averages a model of the outcome over what
every unit would have; of set, shift and scale as modified treatment policies see Haneuse and Rotnitzky (2013),
Statistics in Medicine 32: 5260-5277. Intervals are by influence functions, the fitted models included (Robins 1986;
Tsiatis 2006).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.analysis import observed_in, resolve
from causal.effects.arm_means import MODELS, model_named
from causal.effects.arms import checked_method, draw_arms, levels_compared
from causal.errors import DoableError, EstimationError, NotIdentified, OptionProblem, TooFewUnits, WorkStopped
from causal.estimators.design import Floats, draw_sample, present_levels
from causal.estimators.estimation import estimate_from_table
from causal.estimators.registry import METHODS, method_named
from causal.graphs.adjustment import each_adjustment_set
from causal.graphs.identification import Estimand, identify
from causal.interventions.cell_mean import arms_agree, cell_mean
from causal.interventions.changes import Change, Randomise, Set
from causal.interventions.mean_pair import IdentifiedMean, Influenced, summed_up
from causal.interventions.node_columns import MOST_ORDERED, complete_rows, node_columns
from causal.interventions.policy_mean import policy_mean
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question, same_level

_FORMULA = "identified_formula"
_UNITS_PER_CELL = 50
_MUCH_LARGER = 1.5
_SETS_TRIED = 12
FORMULA_TITLE = method_named(_FORMULA).title
_DEFAULT = "doubly_robust"


def identified_mean(table: UnitTable, spec: AnalysisSpec, cause: str, change: Change) -> IdentifiedMean:
    """For one changed variable; the spec's question names the outcome, its filter the units.

    Raises NotIdentified where the graph gives no formula that can be used, and the errors of the methods.
    """
    if not is_quantity(table, cause) and not isinstance(change, Set | Randomise):
        raise OptionProblem(f'"{cause}" has levels and cannot be shifted or scaled. Set it to one, or randomise it.')
    asked = asked_about(spec, cause)
    if is_quantity(table, cause) and not _set_to_a_level(table, cause, change):
        found = policy_mean(table, asked, cause, change)
        return replace(found, notes=(*found.notes, *_unseen(table, cause, change)))
    levels = present_levels(table, cause)
    refusals: list[str] = []
    for name in _methods(table, asked, len(levels)):
        try:
            one = replace(asked, method=name, options=asked.options if name == spec.method else None)
            found = _by_method(table, one, cause, change, tuple(levels))
        except WorkStopped:
            raise
        except DoableError as error:
            if name == _FORMULA and isinstance(error, TooFewUnits):
                raise  # where a combination has no units, a model that reaches over it must say so
            refusals.append(str(error))
            continue
        if len(levels) == 2 and name != _FORMULA:
            found = _held_to_cells(table, asked, cause, change, found)
        fallback = () if name == spec.method or not refusals else (f"{refusals[0]} So another method was taken.",)
        return replace(found, notes=(*fallback, *found.notes))
    raise NotIdentified(refusals[0])


def _unseen(table: UnitTable, cause: str, change: Change) -> tuple[str, ...]:
    rows = complete_rows(table, (cause,), np.ones(len(table), dtype=bool))
    column = node_columns(table, (cause,), rows)[0][cause]
    if not isinstance(change, Set) or not column.unseen(change):
        return ()
    seen = ", ".join(f"{each}" for each in column.levels)
    return (f'No unit has "{cause}" = {change.value}, only {seen}: what it does is guessed from those.',)


def _by_method(
    table: UnitTable, spec: AnalysisSpec, cause: str, change: Change, levels: tuple[Any, ...]
) -> IdentifiedMean:
    by_adjustment = _strategy(table, spec) in (None, "backdoor", "adjustment", "no_effect")
    if spec.method == _FORMULA and (by_adjustment or len(levels) > 2):
        return _cell_by_cell(table, spec, cause, change, levels)
    return _two_arms(table, spec, cause, change) if len(levels) == 2 else _arms(table, spec, cause, change)


def _held_to_cells(
    table: UnitTable, spec: AnalysisSpec, cause: str, change: Change, found: IdentifiedMean
) -> IdentifiedMean:
    """A model's mean, unless cells that hold many units each contradict it: then the formula's, cell by cell.

    In the way of Hausman (1978), Econometrica 46: 1251-1271: the formula assumes no form, so that a gap of more than
    its standard error, or a much larger error, is the models' fault. Raises TooFewUnits where a cell is empty.
    """
    apart = None if _few_cells(table, found.adjusted_for, found.units) else _set_of_few_cells(table, spec, found.units)
    if not found.adjusted_for or (apart is None and not _few_cells(table, found.adjusted_for, found.units)):
        return found
    cells = replace(spec, method=_FORMULA, options=None, adjust_for=spec.adjust_for if apart is None else apart)
    try:
        plain = _cell_by_cell(table, cells, cause, change, tuple(present_levels(table, cause)))
    except (WorkStopped, TooFewUnits):
        if apart is not None:
            return found
        raise
    except DoableError:
        return found
    gap = abs(found.outcome - plain.outcome)
    much_larger = found.outcome_std_error > _MUCH_LARGER * plain.outcome_std_error
    if gap <= (1 if apart is None else 2) * plain.outcome_std_error and not much_larger:
        return found
    note = (
        f"{found.method} gives {found.outcome:.3g}, which the units contradict cell by cell, where nothing is assumed "
        f"of how {' and '.join(plain.adjusted_for)} go together: the identified formula is taken instead."
    )
    return replace(plain, notes=(note, *plain.notes))


def _few_cells(table: UnitTable, names: Iterable[str], units: int) -> bool:
    """Whether what is adjusted for has few combinations, with many units to each."""
    return 2 * _combinations(table, names) * _UNITS_PER_CELL <= units


def _set_of_few_cells(table: UnitTable, spec: AnalysisSpec, units: int) -> tuple[str, ...] | None:
    return next((names for names in _other_sets(table, spec) if names and _few_cells(table, names, units)), None)


def is_quantity(table: UnitTable, name: str) -> bool:
    """Whether a column is set, shifted and scaled as a number: more than two numbers."""
    values = table.column(name)
    return table.types[name] == "numeric" and values.dtype.kind in "iuf" and values.nunique() > 2


def is_level_change(table: UnitTable, name: str, change: Change) -> bool:
    """Whether a variable is set to one of its levels, or drawn from them."""
    if not is_quantity(table, name):
        return isinstance(change, Set | Randomise)
    return _set_to_a_level(table, name, change)


def _set_to_a_level(table: UnitTable, cause: str, change: Change) -> bool:
    """Whether a quantity of few whole numbers is set to one of them, or drawn from them, as levels would be."""
    levels = table.column(cause).dropna().unique()
    if len(levels) > MOST_ORDERED or not all(float(each).is_integer() for each in levels):
        return False
    if isinstance(change, Set):
        return any(_same(change, each) for each in levels.tolist())
    return isinstance(change, Randomise)


def asked_about(spec: AnalysisSpec, cause: str) -> AnalysisSpec:
    """The spec asked about this cause; what to adjust for is kept only if it was named for it."""
    same = spec.question.treatment == cause
    question = Question(cause, spec.question.outcome, "everyone")
    return replace(spec, question=question, adjust_for=spec.adjust_for if same else None, bootstrap=None)


def _methods(table: UnitTable, spec: AnalysisSpec, levels: int) -> tuple[str, ...]:
    """The methods to try in turn: the spec's own; first the formula for many levels, if every column has few values."""
    strategy = _strategy(table, spec)
    own = [spec.method] if levels == 2 or spec.method in MODELS else [_DEFAULT]
    if strategy is not None and strategy not in ("backdoor", "adjustment", "no_effect"):
        able = [each.name for each in METHODS if strategy in each.strategies and each.fit_from_table is not None]
        able = [name for name in able if name != "identified_formula"] + [_FORMULA]
        return tuple(dict.fromkeys([*(name for name in own if name in able), *able]))
    if levels > 2:
        return tuple(dict.fromkeys([_FORMULA, *own]))
    return tuple(dict.fromkeys([*own, _FORMULA]))


def _strategy(table: UnitTable, spec: AnalysisSpec) -> str | None:
    if spec.graph is None or spec.adjust_for is not None:
        return None
    strategy = identify(observed_in(table, spec.graph), spec.question).strategy
    if strategy == "instrument":
        raise NotIdentified(
            f'The graph gives the effect of "{spec.question.treatment}" by an instrument only, which tells differences '
            "and not what the outcome would be for everyone."
        )
    return strategy


def _two_arms(table: UnitTable, spec: AnalysisSpec, cause: str, change: Change) -> IdentifiedMean:
    """By `answer`'s own road: the same units, the same fit, the same digits."""
    method = method_named(spec.method)
    low, high = present_levels(table, cause)
    question = replace(spec.question, control=low, treated=high)
    spec = replace(spec, question=question)
    estimand, adjust_for, notes = resolve(table, spec, method)
    sample = draw_sample(
        table,
        question,
        adjust_for,
        spec.terms,
        spec.cluster,
        method.also_needs(estimand),
        spec.seed,
        spec.where,
        spec.outcome_rule,
    )
    estimate, fit = estimate_from_table(
        table, question, estimand, sample, method, method.make_options(spec.options), spec.confidence
    )
    if fit.influences is None:
        raise EstimationError(
            f"{method.title} keeps no unit-level influences, so the change against today has no interval. Answer with "
            "doubly robust instead."
        )
    kept = fit.sample
    weights = _arm_weights(change, np.array([low, high], dtype=object), kept.treated.astype(np.int64))
    influence, mean = _mixed(
        weights, fit.influences, (estimate.arm_means.control, estimate.arm_means.treated), kept.treated
    )
    baseline = float(kept.outcome.mean())
    found = summed_up(
        Influenced(
            baseline=baseline,
            outcome=mean,
            influences=(kept.outcome - baseline, influence),
            clusters=kept.clusters,
            method=method.title,
            notes=(*notes, *fit.notes),
        ),
        adjust_for,
        estimate.degrees_of_freedom,
    )
    return found.with_more_variance(arms_agree(kept, weights))


def _arms(table: UnitTable, spec: AnalysisSpec, cause: str, change: Change) -> IdentifiedMean:
    """By `compare_arms`' own road."""
    levels = levels_compared(table, spec.question, None)
    method = checked_method(spec)
    _, adjust_for, notes = resolve(table, spec, method)
    drawn = draw_arms(table, spec, adjust_for, levels)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = model_named(spec.method)(drawn, method.make_options(spec.options))
    sample, arm = found.units.sample, found.units.arm
    weights = _arm_weights(change, np.array(levels, dtype=object), arm)
    means = tuple(float(each) for each in found.means)
    baseline = float(sample.outcome.mean())
    outcome = float(np.array(weights) @ found.means)
    influence = found.influences @ np.array(weights)
    if isinstance(change, Randomise):
        influence = influence + np.array(means)[arm] - outcome
    return summed_up(
        Influenced(baseline, outcome, (sample.outcome - baseline, influence), sample.clusters, method.title, notes),
        adjust_for,
    )


def _cell_by_cell(
    table: UnitTable, spec: AnalysisSpec, cause: str, change: Change, levels: tuple[Any, ...]
) -> IdentifiedMean:
    """By the formula; where a cell of it is empty, with another set that serves and whose cells are not."""
    try:
        return _formula_by_level(table, spec, cause, change, levels)
    except TooFewUnits as error:
        for names in _other_sets(table, spec):
            try:
                found = _formula_by_level(table, replace(spec, adjust_for=names), cause, change, levels)
            except DoableError:
                continue
            listed = " and ".join(found.adjusted_for) or "nothing"
            return replace(found, notes=(f"{error} The graph lets us adjust for {listed} instead.", *found.notes))
        raise


def _other_sets(table: UnitTable, spec: AnalysisSpec) -> list[tuple[str, ...]]:
    """Sets to adjust for that the graph gives, those of the fewest combinations first."""
    if spec.graph is None or spec.adjust_for is not None:
        return []
    graph = observed_in(table, spec.graph)
    sets = [*islice(each_adjustment_set(graph, spec.question.treatment, spec.question.outcome), _SETS_TRIED)]
    return sorted((tuple(sorted(each)) for each in sets), key=lambda names: (_combinations(table, names), names))


def _combinations(table: UnitTable, names: Iterable[str]) -> float:
    """How many combinations of values columns have; without end of what is counted by no cell."""
    kinds = {table.types[name] for name in names}
    if kinds & {"text", "identifier", "time"}:
        return math.inf
    return math.prod(float(table.column(name).nunique()) for name in names)


def _formula_by_level(
    table: UnitTable, spec: AnalysisSpec, cause: str, change: Change, levels: tuple[Any, ...]
) -> IdentifiedMean:
    """Adjustment cell by cell, each level for itself: what others lack plays no part in its mean."""
    estimand, adjust_for, notes = resolve(table, spec, method_named(_FORMULA))
    _require_adjustment(estimand, cause)
    wanted = [level for level in levels if isinstance(change, Randomise) or _same(change, level)]
    if not wanted:
        raise OptionProblem(f'No unit has "{cause}" = {change.value!r}.')  # type: ignore[union-attr]
    found = [cell_mean(table, spec, cause, level, adjust_for) for level in wanted]
    sample = found[0].sample
    shares = [float(each.sample.treated.mean()) if isinstance(change, Randomise) else 1.0 for each in found]
    influence = np.sum([share * each.influence for share, each in zip(shares, found, strict=True)], axis=0)
    if isinstance(change, Randomise):
        influence += np.sum(
            [each.mean * (each.sample.treated - share) for share, each in zip(shares, found, strict=True)], axis=0
        )
    baseline = float(sample.outcome.mean())
    mean = summed_up(
        Influenced(
            baseline=baseline,
            outcome=float(sum(share * each.mean for share, each in zip(shares, found, strict=True))),
            influences=(sample.outcome - baseline, influence),
            clusters=sample.clusters,
            method=FORMULA_TITLE,
            notes=(*notes, *dict.fromkeys(note for each in found for note in each.notes)),
        ),
        adjust_for,
    )
    return mean.with_more_variance(sum(share**2 * each.thin for share, each in zip(shares, found, strict=True)))


def _require_adjustment(estimand: Estimand | None, cause: str) -> None:
    if estimand is not None and estimand.strategy not in ("backdoor", "adjustment", "no_effect"):
        raise NotIdentified(
            f'"{cause}" has more than two levels, and the formula that the graph gives needs all of them at once. Join '
            "the levels to two."
        )


def _arm_weights(change: Change, levels: NDArray[Any], arm: NDArray[np.int64]) -> tuple[float, ...]:
    """How much each arm's mean counts: one arm alone, or all by their shares."""
    if isinstance(change, Randomise):
        counts = np.bincount(arm, minlength=len(levels))
        return tuple(float(each) for each in counts / counts.sum())
    chosen = [float(_same(change, level)) for level in levels.tolist()]
    if not any(chosen):
        shown = ", ".join(repr(each) for each in levels.tolist())
        raise OptionProblem(f"No unit has the level {change.value!r}. There are: {shown}.")  # type: ignore[union-attr]
    return tuple(chosen)


def _same(change: Change, level: Any) -> bool:
    assert isinstance(change, Set)
    return same_level(change.value, level)


def _mixed(
    weights: tuple[float, ...],
    influences: tuple[Floats, Floats],
    means: tuple[float, float],
    treated: NDArray[np.bool_],
) -> tuple[Floats, float]:
    if 1.0 in weights:
        place = weights.index(1.0)
        return influences[place], means[place]
    mean = weights[0] * means[0] + weights[1] * means[1]
    shares = np.where(treated, means[1], means[0]) - mean
    return weights[0] * influences[0] + weights[1] * influences[1] + shares, mean
