"""The mean outcome if several variables were changed one after the other, each given all that came before it.

Longitudinal modified treatment policies, doubly robust: Bang and Robins (2005), Biometrics 61: 962-973, for levels that
are set; Díaz, Williams, Hoffman and Schenck (2023), JASA 118: 846-857, section 4, for quantities that are shifted or
scaled. From the last change to the first, the outcome so far is regressed on what came before; residuals are weighted
with how much more often the changes make a unit's history than nature does. The interval is by the influence function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.analysis import observed_in
from causal.effects.slope import draw_units
from causal.errors import NotIdentified, TooFewUnits
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.folds import fold_of, settled_order
from causal.graphs.hedges import listed
from causal.graphs.sequential_adjustment import sequential_sets
from causal.interventions.changes import Change, Changes, Randomise, Scale, Set, Shift
from causal.interventions.dose_chances import fit_dose_chances
from causal.interventions.dose_density import fit_dose_density
from causal.interventions.dose_law import law_of
from causal.interventions.mean_pair import IdentifiedMean, Influenced, Overlap, overlap_note, overlap_of, summed_up
from causal.interventions.mechanisms.boosted import BoostedShares
from causal.interventions.mechanisms.cells import CellShares
from causal.interventions.mechanisms.choice import Form, Task, choose, fit
from causal.interventions.mechanisms.logit import LogitShares
from causal.interventions.node_columns import (
    NodeColumn,
    Values,
    complete_rows,
    node_columns,
    quantity,
    two_levels,
)
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec

METHOD = "doubly robust, one change after the other"
FOLDS = 5
FEWEST = 100

_OUTCOME = "\0outcome"
"""What is regressed, stage by stage: no column can have this name."""

_FORMS: tuple[Form, ...] = ("cells", "linear", "curved")
_FEWEST = 30.0
_UNITS_PER_CELL = 50
_WORTH_A_NOTE = 0.01


def sequential_mean(table: UnitTable, spec: AnalysisSpec, changes: Changes) -> IdentifiedMean:
    """Of variables with levels, set or randomised, and quantities, shifted or scaled.

    Raises NotIdentified where the graph gives no sets for them or a quantity would be fixed, TooFewUnits naming a cell
    that no unit has, or where a few units would carry all weight.
    """
    units, stages = _drawn(table, spec, changes)
    sample = units.sample
    ratios, beyond = _ratios(units, stages)
    overlap = overlap_of(ratios[-1], beyond)
    if overlap.effective_size < _FEWEST:
        raise TooFewUnits(
            f"Weighted, {overlap.effective_size:.0f} units stand for what the changes of {listed(list(changes))} make "
            f"of all {len(sample):,}: too few for a formula of the graph."
        )
    scores = _backwards(units, stages, ratios)
    baseline, mean = float(sample.outcome.mean()), float(scores.mean())
    found = Influenced(
        baseline=baseline,
        outcome=mean,
        influences=(sample.outcome - baseline, scores - mean),
        clusters=sample.clusters,
        method=METHOD,
        notes=_notes(stages, overlap, len(sample)),
    )
    adjusted_for = tuple(sorted({name for each in stages for name in each.own}))
    return replace(summed_up(found, adjusted_for), overlap=overlap)


@dataclass(frozen=True, eq=False)
class _Stage:
    """A change with what is adjusted for from then on (`own`), and all that came before it (`history`)."""

    name: str
    change: Change
    own: tuple[str, ...]
    history: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Units:
    """The complete units: every column with its values (n,), and the fold of each."""

    columns: dict[str, NodeColumn]
    values: Values
    sample: Sample
    fold: NDArray[np.int64]
    rng: np.random.Generator

    def task(self, name: str, column: NodeColumn, target: Floats, causes: Sequence[str], rows: Flags) -> Task:
        """Foretell `target` (n,) from the causes among `rows`, where those that do not vary there say nothing."""
        kept = {each: self.values[each][rows] for each in causes}
        varying = tuple(each for each in causes if np.ptp(kept[each]) > 0)
        return Task({**self.columns, name: column}, varying, name, {**kept, name: target[rows]})


def _drawn(table: UnitTable, spec: AnalysisSpec, changes: Changes) -> tuple[_Units, tuple[_Stage, ...]]:
    if spec.graph is None:
        raise NotIdentified("Several changes at once need a causal graph, which says what stands before what.")
    graph = observed_in(table, spec.graph)
    for each in spec.where:
        graph = graph.with_forced(each.column) if each.column in graph.nodes else graph
    natural = [name for name, change in changes.items() if isinstance(change, Shift | Scale)]
    sets = sequential_sets(graph, changes, spec.question.outcome, natural)
    fixed = {each.column for each in spec.where if each.comparison == "is"}
    stages: list[_Stage] = []
    history: tuple[str, ...] = ()
    for name, own in sets.items():
        kept = tuple(each for each in own if each not in fixed)
        history = (*history, *kept)
        stages.append(_Stage(name, changes[name], kept, history))
        history = (*history, name)
    causes = tuple(sets)
    adjusted = tuple(name for each in stages for name in each.own)
    known = np.zeros(len(table), dtype=bool)
    known[complete_rows(table, causes, satisfied(table, spec.where))] = True
    sample = draw_units(table, spec, adjusted, causes, known)
    if len(sample) < FEWEST:
        raise TooFewUnits(f"{len(sample)} units are too few to weigh several changes, one after the other.")
    if sample.clusters is not None and sample.clusters.max() + 1 < 2 * FOLDS:
        raise TooFewUnits("Too few clusters to fit on some and tell the others. Choose another cluster column.")
    columns, values = node_columns(table, (*adjusted, *causes), sample.rows)
    for name in causes:
        columns[name].require(changes[name])
        if columns[name].kind == "numeric" and isinstance(changes[name], Set | Randomise):
            what = "set to one value" if isinstance(changes[name], Set) else "drawn at random"
            raise NotIdentified(
                f'"{name}" is a quantity that is {what} together with another change, which no weights of units say.'
            )
    fold = fold_of(sample, settled_order(sample), FOLDS, 0)
    return _Units(columns, values, sample, fold, np.random.default_rng(spec.seed)), tuple(stages)


def _follows(units: _Units, stage: _Stage) -> Flags:
    """(n,) who has what is set; everybody where nothing is."""
    if not isinstance(stage.change, Set):
        return np.ones(len(units.sample), dtype=bool)
    column = units.columns[stage.name]
    return np.asarray(units.values[stage.name] == column.number_of(stage.change.value))


def _changed(units: _Units, stage: _Stage) -> Floats:
    """(n,) what the change makes of a value; of what is drawn at random this is no one value."""
    own = units.values[stage.name]
    if isinstance(stage.change, Set):
        return np.full(len(own), units.columns[stage.name].number_of(stage.change.value))
    if isinstance(stage.change, Shift):
        return own + stage.change.amount
    assert isinstance(stage.change, Scale)
    return own * stage.change.factor


def _ratios(units: _Units, stages: tuple[_Stage, ...]) -> tuple[list[Floats], float]:
    """After each change, (n,) the product of how much more often it makes what a unit has; and who is beyond it all."""
    product, found = np.ones(len(units.sample)), []
    before, outside = np.ones(len(units.sample), dtype=bool), np.zeros(len(units.sample), dtype=bool)
    for stage in stages:
        follows = before & _follows(units, stage)
        if isinstance(stage.change, Set):
            _require_cells(units, stage, before, follows)
        if units.columns[stage.name].kind == "numeric":
            ratio, beyond = _dose_ratio(units, stage, before)
            outside |= before & beyond
        else:
            ratio, beyond = _level_ratio(units, stage, before)
            outside |= before & beyond
        product = np.where(follows, product * ratio, 0.0)
        found.append(product)
        before = follows
    return found, float(outside.mean())


def _level_ratio(units: _Units, stage: _Stage, rows: Flags) -> tuple[Floats, Flags]:
    """Of a variable with levels: the chance of the unit's own level once changed, over that by nature."""
    column, values = units.columns[stage.name], units.values[stage.name]
    codes, n = column.codes(values), len(values)
    if np.ptp(codes[rows]) == 0:
        raise TooFewUnits(f'Every unit left has the same level of "{stage.name}", so no chance of it can be told.')
    chances = _shares(units, units.task(stage.name, column, values, stage.history, rows))
    own, nowhere = chances[np.arange(n), codes], np.zeros(n, dtype=bool)
    if isinstance(stage.change, Set):
        return 1 / own, nowhere
    if isinstance(stage.change, Randomise):
        return _shares_of_all(column, codes)[codes] / own, nowhere
    if isinstance(stage.change, Shift):
        before, after = values - stage.change.amount, values + stage.change.amount
    else:
        assert isinstance(stage.change, Scale)
        if stage.change.factor == 0:
            raise NotIdentified(f'Scaled by nought, "{stage.name}" is nought for every unit, which no weights say.')
        before, after = values / stage.change.factor, values * stage.change.factor
    source = column.codes(before)
    real = np.isclose(column.points[source], before)
    if not np.isclose(column.points[column.codes(after)], after).any():
        raise NotIdentified(f'"{stage.name}" has few values, and the change puts nobody on one of them.')
    return np.where(real, chances[np.arange(n), source] / own, 0.0), ~np.isclose(
        column.points[column.codes(after)], after
    )


def _dose_ratio(units: _Units, stage: _Stage, rows: Flags) -> tuple[Floats, Flags]:
    """Of a quantity: the density of doses where the unit's own came from, over that of its own."""
    dose = units.values[stage.name][rows]
    task = units.task(stage.name, quantity(stage.name, dose), units.values[stage.name], stage.history, rows)
    models: tuple[Floats, ...] = (np.ones((len(dose), 1)),)
    if task.causes:
        models = tuple(task.features(bent).of(task.values) for bent in (False, True))
    assert isinstance(stage.change, Shift | Scale)
    found, reason = law_of(stage.name, dose, models[0], stage.change)
    if found == "none":
        raise NotIdentified(reason[0].upper() + reason[1:])
    fold = units.fold[rows]
    law = fit_dose_chances(dose, models, fold) if found == "chances" else fit_dose_density(dose, models, fold)
    ratio, beyond = np.ones(len(rows)), np.zeros(len(rows), dtype=bool)
    own = law.own(dose)
    ratio[rows] = law.ratio(stage.change, dose, own, slice(None))
    beyond[rows] = law.beyond(dose, own, _changed(units, stage)[rows], slice(None))
    return ratio, beyond


def _backwards(units: _Units, stages: tuple[_Stage, ...], ratios: list[Floats]) -> Floats:
    """(n,) each unit's score: what is foretold from the start, and the weighted surprise at every change."""
    sample = units.sample
    target, column = sample.outcome, None
    if sample.outcome_is_binary:
        target = (sample.outcome == sample.outcome.max()).astype(np.float64)
        column = two_levels(_OUTCOME, target)
    low = float(sample.outcome.min()) if sample.outcome_is_binary else 0.0
    high = float(sample.outcome.max()) if sample.outcome_is_binary else 1.0
    followers = np.cumprod([_follows(units, each) for each in stages], axis=0).astype(bool)
    surprises, drawn = np.zeros(len(sample)), np.zeros(len(sample))
    for place in range(len(stages) - 1, -1, -1):
        stage, rows = stages[place], followers[place]
        own = column if column is not None else quantity(_OUTCOME, target)
        task = units.task(_OUTCOME, own, target, (*stage.history, stage.name), rows)
        foretell = _foretelling(units, task)
        now = foretell(units.values)
        surprises += np.where(rows, ratios[place] * (target - now), 0.0)
        if isinstance(stage.change, Randomise):
            target, donor = _over_levels(units, stage, foretell, ratios[place - 1] if place else None)
            drawn += donor
        else:
            target = foretell({**units.values, stage.name: _changed(units, stage)})
        column = None
    scores = target + surprises + drawn
    return low + (high - low) * scores


def _shares_of_all(column: NodeColumn, codes: NDArray[np.int64]) -> Floats:
    return np.asarray(np.bincount(codes, minlength=len(column.levels)) / len(codes))


def _over_levels(
    units: _Units, stage: _Stage, foretell: Callable[[Values], Floats], before: Floats | None
) -> tuple[Floats, Floats]:
    """(n,) the mean over what is drawn at random, and what a unit adds as one of those whose levels are drawn."""
    column = units.columns[stage.name]
    codes = column.codes(units.values[stage.name])
    shares = _shares_of_all(column, codes)
    told = np.column_stack(
        [foretell({**units.values, stage.name: np.full(len(codes), point)}) for point in column.points]
    )
    of_level = (told if before is None else told * before[:, None]).mean(axis=0)
    return told @ shares, of_level[codes] - float(of_level @ shares)


def _foretelling(units: _Units, task: Task) -> Callable[[Values], Floats]:
    """The mean of the task's target given its causes, by the form that cross-validation says."""
    if not task.causes:
        mean = float(task.values[task.name].mean())
        return lambda values: np.full(len(units.sample), mean)
    made = fit(task, choose(task, units.rng, _FORMS), units.rng, 0)
    if isinstance(made, LogitShares | CellShares | BoostedShares):
        return lambda values: np.asarray(made.shares({each: values[each] for each in task.causes})[:, 1])
    return lambda values: made.mean({each: values[each] for each in task.causes})


def _shares(units: _Units, task: Task) -> Floats:
    """(n, levels) the chances of the task's levels given its causes."""
    if not task.causes:
        counts = np.bincount(task.column.codes(task.values[task.name]), minlength=task.levels)
        return np.tile(counts / counts.sum(), (len(units.sample), 1))
    made = fit(task, choose(task, units.rng, _FORMS), units.rng, 0)
    assert isinstance(made, LogitShares | CellShares | BoostedShares)
    return made.shares({each: units.values[each] for each in task.causes})


def _require_cells(units: _Units, stage: _Stage, before: Flags, follows: Flags) -> None:
    """Where what came before has few combinations, each with many units, somebody in each must have what is set."""
    columns = [units.columns[name] for name in stage.history]
    combinations = math.prod(len(each.levels) if each.discrete else math.inf for each in columns)
    if combinations * _UNITS_PER_CELL > before.sum():
        if not follows.any():
            raise TooFewUnits(f'No unit left has "{stage.name}" = {stage.change.value!r}.')  # type: ignore[union-attr]
        return
    cell = np.zeros(len(before), dtype=np.int64)
    for each in columns:
        cell = cell * len(each.levels) + each.codes(units.values[each.name])
    empty = np.setdiff1d(cell[before], cell[follows])
    if len(empty) == 0:
        return
    unit = int(np.flatnonzero(before & (cell == empty[0]))[0])
    told = [f'"{each.name}" = {each.levels[int(each.codes(units.values[each.name])[unit])]}' for each in columns]
    raise TooFewUnits(
        f'No unit has "{stage.name}" = {stage.change.value} among those with '  # type: ignore[union-attr]
        f"{', '.join(told) or 'what was set before'}, so nothing says what it would do there."
    )


def _notes(stages: tuple[_Stage, ...], overlap: Overlap, units: int) -> tuple[str, ...]:
    order = ", then ".join(f'"{each.name}"' for each in stages)
    found = [f"In the graph's order: {order}.", overlap_note(overlap, units)]
    if overlap.beyond > _WORTH_A_NOTE:
        found.append(
            f"{overlap.beyond:.0%} of the units get a value that hardly any unit like them has: what happens there is "
            "the outcome model's guess."
        )
    return tuple(found)
