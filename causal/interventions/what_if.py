"""What if one or several variables were changed: the outcome after, by the graph's formula or by a structural model.

Two roads. "identified": where the graph gives the mean a formula, estimated without a model of anything else, for one
changed variable or several at once (`several_changes.py`). "model": all mechanisms of the graph, fitted
(`structural_model.py`), for chains and whole distributions. Where both apply they must agree, since both are right if
the graph is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from causal.analysis import observed_in
from causal.errors import (
    DoableError,
    EmptyLog,
    NotIdentified,
    OptionProblem,
    OutcomeProblem,
    UnknownColumn,
    UnknownNode,
    WorkStopped,
)
from causal.estimators.design import MOST_LEVELS, Floats, present_levels
from causal.estimators.estimate import Interval, normal_interval
from causal.interventions.changes import Changes, Set, require_changes
from causal.interventions.identified import FORMULA_TITLE
from causal.interventions.mean_pair import IdentifiedMean, Overlap
from causal.interventions.node_columns import MOST_ORDERED, complete_rows, node_columns
from causal.interventions.scenario import LevelShare, NodeScenario, simulate
from causal.interventions.several_changes import mean_under
from causal.interventions.share_interval import share_interval
from causal.interventions.structural_model import StructuralModel, fit_structural_model
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Condition, Level, conditions_of, same_level

WITHOUT_LIMITS = "The model takes the outcome as it is, without the limits set on extreme values."
NOT_COMPARED = " So the two roads are not compared; ask without the limits to compare them."

Road = Literal["identified", "model"]
AskedRoad = Literal["either", "identified", "model", "both"]

_FIRST = 5000

_UNITS_OF_EACH_LEVEL = 50_000


@dataclass(frozen=True)
class Agreement:
    """The other road's answer to the same question: `gap` is ours minus theirs.

    `agrees` within two standard errors of the gap, as if the roads erred apart; they share the data, which makes them
    closer than that.
    """

    road: Road
    outcome: float
    difference: float
    std_error: float
    gap: float
    gap_std_error: float

    @property
    def agrees(self) -> bool:
        """Whether the two are as close as their errors say."""
        return abs(self.gap) <= 2 * self.gap_std_error


@dataclass(frozen=True)
class WhatIf:
    """The mean of `variable` as it is (`baseline`) and under the changes (`outcome`), in its own units.

    Of levels it is the share of `level`; `levels` hold every level's share. `distribution` is the whole of it before
    and after, where a model was asked. `agreement` is None where one road was asked, and where limits on extreme
    outcomes are set, which the model does not know.
    """

    variable: str
    level: Level | None
    road: Road
    baseline: float
    outcome: float
    std_error: float
    outcome_std_error: float
    units: int
    method: str
    adjusted_for: tuple[str, ...]
    levels: tuple[LevelShare, ...] = ()
    distribution: NodeScenario | None = None
    agreement: Agreement | None = None
    confidence: float = 0.95
    degrees_of_freedom: float = math.inf
    notes: tuple[str, ...] = ()
    overlap: Overlap | None = None

    @property
    def difference(self) -> float:
        """The outcome under the changes minus as it is."""
        return self.outcome - self.baseline

    def interval(self, level: float | None = None) -> Interval:
        """Of the difference."""
        told = self._modelled_share()
        if told is not None:
            return told.interval(level or self.confidence)
        return normal_interval(self.difference, self.std_error, level or self.confidence, self.degrees_of_freedom)

    def outcome_interval(self, level: float | None = None) -> Interval:
        """Of the mean under the changes."""
        told = self._modelled_share()
        if told is not None:
            return told.after_interval(level or self.confidence)
        if self.level is not None:  # a share, which weights may put a little past its ends
            share = min(max(self.outcome, 0.0), 1.0)
            return share_interval(share, self.outcome_std_error, level or self.confidence, self.degrees_of_freedom)
        return normal_interval(self.outcome, self.outcome_std_error, level or self.confidence, self.degrees_of_freedom)

    def _modelled_share(self) -> LevelShare | None:
        """The share that is the headline, where it is a model's."""
        if self.road != "model" or self.distribution is None:
            return None
        if self.level is not None:
            return self.share(self.level)
        return self.levels[-1] if self.distribution.kind == "binary" else None

    def share(self, level: Level) -> LevelShare:
        """The share of one level of the outcome before and after.

        Raises OptionProblem.
        """
        for each in self.levels:
            if same_level(each.level, level):
                return each
        known = ", ".join(repr(each.level) for each in self.levels)
        if not known:
            raise OptionProblem(f'"{self.variable}" was asked about as a quantity. Ask for level={level!r} to have it.')
        raise OptionProblem(f'No unit has "{self.variable}" = {level!r}. Its levels are: {known}.')


def what_if(
    table: UnitTable,
    spec: AnalysisSpec,
    changes: Changes,
    outcome: str | None = None,
    where: Iterable[Condition] | Condition | None = None,
    road: AskedRoad = "either",
    model: StructuralModel | None = None,
    level: Level | None = None,
    progress: Progress = silent,
) -> WhatIf:
    """The outcome (None: the question's) if the changes were made, for everyone or the units that satisfy `where`.

    `where` None is the spec's filter. `road` "either" takes the graph's formula and, where it has none for this, the
    model; "both" asks the two, as does a `model` that is at hand. `level`: of an outcome with levels, whose share is
    the headline (None: the last of two levels, else the one that moves most).
    An outcome that stands below no change stays as it is, and a note says so. Raises the errors of causal.errors:
    changes that do not fit the table, and what the roads raise.
    """
    name = spec.question.outcome if outcome is None else outcome
    conditions = spec.where if where is None else conditions_of(where)
    _check(table, spec, changes, name, road)
    treatment = spec.question.treatment if name != spec.question.treatment else next(iter(changes))
    asked = replace(spec, question=replace(spec.question, treatment=treatment, outcome=name), where=conditions)
    if name != spec.question.outcome:  # the limits are in units of the question's outcome
        asked = replace(asked, outcome_rule=None)
    progress(0.0, "reading the graph")
    unmoved = _already(table, asked, changes, level) or _not_below(table, asked, changes, level)
    if unmoved is not None:
        return unmoved
    refusal: DoableError | None = None
    by_formula: WhatIf | None = None
    if road != "model":
        try:
            by_formula = _identified(table, asked, changes, level)
        except WorkStopped:
            raise
        except DoableError as error:
            if road == "identified":
                raise
            refusal = error
    if road == "identified" or (road == "either" and by_formula is not None and model is None):
        assert by_formula is not None
        return by_formula
    try:
        by_model = _modelled(table, asked, changes, level if by_formula is None else by_formula.level, model, progress)
    except WorkStopped:
        raise
    except DoableError as error:
        if by_formula is None:
            raise refusal if refusal is not None and spec.graph is None else error from refusal
        return replace(by_formula, notes=(*by_formula.notes, f"The structural model does not say: {error}"))
    if by_formula is None:
        told = () if refusal is None else (f"By the model, because: {refusal}",)
        return replace(by_model, notes=(*told, *by_model.notes))
    if by_formula.level != by_model.level:  # a level that the model does not tell apart
        return by_formula
    if asked.outcome_rule is not None:  # two roads to two different outcomes neither agree nor part
        return replace(
            by_formula, distribution=by_model.distribution, notes=(*by_formula.notes, WITHOUT_LIMITS + NOT_COMPARED)
        )
    return replace(by_formula, distribution=by_model.distribution, agreement=_agreement(by_formula, by_model))


def _check(table: UnitTable, spec: AnalysisSpec, changes: Changes, outcome: str, road: str) -> None:
    require_changes(changes)
    if road not in get_args(AskedRoad):
        raise OptionProblem(f"The road {road!r} is none of: {', '.join(get_args(AskedRoad))}.")
    for name in (*changes, outcome):
        if name not in table.types:
            raise UnknownColumn.named(name, table.types)
    for name, change in changes.items():
        rows = complete_rows(table, (name,), np.ones(len(table), dtype=bool))
        if len(rows) == 0:
            raise EmptyLog(f'"{name}" is missing for every unit, so there is nothing to change.')
        node_columns(table, (name,), rows)[0][name].require(change)
    if outcome in changes:
        raise OptionProblem(f'"{outcome}" is changed itself, so its outcome is what it is changed to. Ask for another.')
    if spec.graph is None:
        if road in ("model", "both"):
            raise OptionProblem("A structural model needs a causal graph: give the analysis one.")
        return
    for name in (*changes, outcome):
        if name not in spec.graph.nodes:
            raise UnknownNode.named(name, spec.graph.nodes)


def _already(table: UnitTable, spec: AnalysisSpec, changes: Changes, level: Level | None) -> WhatIf | None:
    """Where every unit has already what it would be set to, nothing changes."""
    rows = complete_rows(table, tuple(changes), np.ones(len(table), dtype=bool))
    if len(rows) == 0:
        return None
    columns, _ = node_columns(table, tuple(changes), rows)
    if not all(columns[name].stays(change) for name, change in changes.items()):
        return None
    listed = " and ".join(f'"{name}" = {change.value}' for name, change in changes.items() if isinstance(change, Set))
    note = f"Every unit has {listed} already, so nothing changes."
    return _stays(table, spec, level, "every unit has it already", note)


def _not_below(table: UnitTable, spec: AnalysisSpec, changes: Changes, level: Level | None) -> WhatIf | None:
    """What the graph says of an outcome that stands below no changed variable: it stays as it is."""
    name, graph = spec.question.outcome, spec.graph
    if graph is None or any(name in graph.descendants(each) for each in changes):
        return None
    listed = " or ".join(f'"{each}"' for each in changes)
    note = (
        f'The graph has no causal path from {listed} to "{name}", so it stays as it is. Ask for a variable below, '
        "or draw the arrow that is missing."
    )
    return _stays(table, spec, level, "no causal path", note)


def _stays(table: UnitTable, spec: AnalysisSpec, level: Level | None, method: str, note: str) -> WhatIf:
    """The outcome as it is.

    Raises EmptyLog.
    """
    name = spec.question.outcome
    rows = complete_rows(table, (name,), satisfied(table, spec.where))
    if len(rows) == 0:
        raise EmptyLog(f'No unit that is asked about has a value of "{name}". Widen the filter.')
    column, values = node_columns(table, (name,), rows)
    own = column[name]
    flags = [(values[name] == point).astype(np.float64) for point in own.points]
    levels = tuple(_as_it_is(each, flag) for each, flag in zip(own.levels, flags, strict=True))
    place = _headline(levels, level, name) if own.levels and (level is not None or not _has_mean(table, name)) else None
    chosen = values[name] if place is None else flags[place]
    return WhatIf(
        variable=name,
        level=None if place is None else levels[place].level,
        road="identified",
        baseline=float(chosen.mean()),
        outcome=float(chosen.mean()),
        std_error=0.0,
        outcome_std_error=float(chosen.std() / math.sqrt(len(chosen))),
        units=len(rows),
        method=method,
        adjusted_for=(),
        levels=levels,
        confidence=spec.confidence,
        notes=(note,),
    )


def _as_it_is(level: Level, flags: Floats) -> LevelShare:
    share = float(flags.mean())
    return LevelShare(level, None, share, share, 0.0, math.sqrt(share * (1 - share) / len(flags)))


def _identified(table: UnitTable, spec: AnalysisSpec, changes: Changes, level: Level | None) -> WhatIf:
    name = spec.question.outcome
    if _has_mean(table, name) and level is None:
        mean = mean_under(table, spec, changes)
        shares = _shares_of_numbers(table, spec, changes, mean)
        return replace(_of_one(mean, name, None, spec), levels=shares)
    levels = present_levels(table, name)
    if not 2 <= len(levels) <= MOST_LEVELS:
        raise OutcomeProblem(f'The outcome "{name}" has {len(levels)} different values, which are no outcome to count.')
    counted = levels if len(levels) > 2 else levels[1:]
    found = [_mean_share(table, spec, changes, each) for each in counted]
    shares = tuple(_share(each, mean) for each, mean in zip(counted, found, strict=True))
    if len(levels) == 2:
        shares = (_complement(levels[0], shares[0]), shares[0])
    place = _headline(shares, level, name)
    mean = found[place if len(levels) > 2 else 0]
    whole = _of_one(mean, name, shares[place].level, spec)
    return replace(whole, levels=shares, baseline=shares[place].before, outcome=shares[place].after)


def _mean_share(table: UnitTable, spec: AnalysisSpec, changes: Changes, level: Level) -> IdentifiedMean:
    """Of one level of the outcome."""
    name = spec.question.outcome
    values = table.column(name)
    flags = (values == level).where(values.notna()).astype("boolean")
    return mean_under(table.with_column(name, flags, "binary"), spec, changes)


def _shares_of_numbers(
    table: UnitTable, spec: AnalysisSpec, changes: Changes, mean: IdentifiedMean
) -> tuple[LevelShare, ...]:
    """The shares of an outcome of few whole numbers: of 0 and 1 from the mean, of more each for itself.

    Of many units only by the formula, cell by cell, which is quick.
    """
    name = spec.question.outcome
    if table.column(name).iloc[:_FIRST].nunique() > MOST_ORDERED:  # a quantity shows at once
        return ()
    levels = present_levels(table, name)
    if set(levels) <= {0, 1} and len(levels) == 2:
        share = _share(levels[1], mean)
        return _complement(levels[0], share), share
    quick = mean.method.startswith(FORMULA_TITLE) or mean.units <= _UNITS_OF_EACH_LEVEL
    if not quick or len(levels) > MOST_ORDERED or any(not float(each).is_integer() for each in levels):
        return ()
    try:
        return tuple(_share(each, _mean_share(table, spec, changes, each)) for each in levels)
    except WorkStopped:
        raise
    except DoableError:  # a level so rare that its share has no answer of its own
        return ()


def _has_mean(table: UnitTable, name: str) -> bool:
    return table.column(name).dtype.kind in "biuf"


def _of_one(mean: IdentifiedMean, name: str, level: Level | None, spec: AnalysisSpec) -> WhatIf:
    return WhatIf(
        variable=name,
        level=level,
        road="identified",
        baseline=mean.baseline,
        outcome=mean.outcome,
        std_error=mean.std_error,
        outcome_std_error=mean.outcome_std_error,
        units=mean.units,
        method=mean.method,
        adjusted_for=mean.adjusted_for,
        confidence=spec.confidence,
        degrees_of_freedom=mean.degrees_of_freedom,
        notes=mean.notes,
        overlap=mean.overlap,
    )


def _share(level: Level, mean: IdentifiedMean) -> LevelShare:
    return LevelShare(
        level=level,
        number=None,
        before=mean.baseline,
        after=mean.outcome,
        std_error=mean.std_error,
        after_std_error=mean.outcome_std_error,
        degrees_of_freedom=mean.degrees_of_freedom,
    )


def _complement(level: Level, other: LevelShare) -> LevelShare:
    return replace(other, level=level, before=1 - other.before, after=1 - other.after)


def _headline(shares: tuple[LevelShare, ...], level: Level | None, name: str) -> int:
    if level is not None:
        for place, each in enumerate(shares):
            if same_level(each.level, level):
                return place
        known = ", ".join(repr(each.level) for each in shares)
        raise OptionProblem(f'"{name}" has no level {level!r}. It has: {known}.')
    if len(shares) == 2:
        return 1
    return max(range(len(shares)), key=lambda place: abs(shares[place].difference))


def _modelled(
    table: UnitTable,
    spec: AnalysisSpec,
    changes: Changes,
    level: Level | None,
    model: StructuralModel | None,
    progress: Progress,
) -> WhatIf:
    name = spec.question.outcome
    assert spec.graph is not None or model is not None
    if model is None:
        assert spec.graph is not None
        graph = observed_in(table, spec.graph)
        kept = graph.ancestors_and_self([name, *changes])  # nothing else plays a part
        extra = {each.column for each in spec.where} & set(graph.nodes)
        model = fit_structural_model(
            table,
            graph.restricted_to(kept | graph.ancestors_and_self(tuple(extra))),
            seed=spec.seed,
            cluster=spec.cluster,
            on_progress=progress,
        )
    scenario = simulate(model, changes, spec.where)
    node = scenario.node(name)
    if node.role == "not told":
        raise NotIdentified(node.note)
    place = None
    if node.kind == "category" or (node.kind == "binary" and not _has_mean(table, name)) or level is not None:
        place = _headline(node.levels, level, name)
    chosen = None if place is None else node.levels[place]
    return WhatIf(
        variable=name,
        level=None if chosen is None else chosen.level,
        road="model",
        baseline=chosen.before if chosen else _known(node.before),
        outcome=chosen.after if chosen else _known(node.after),
        std_error=chosen.std_error if chosen else _known(node.std_error),
        outcome_std_error=chosen.after_std_error if chosen else _known(node.after_std_error),
        units=round(model.units * scenario.share_of_units),
        method="structural model",
        adjusted_for=(),
        levels=node.levels,
        distribution=node,
        confidence=spec.confidence,
        degrees_of_freedom=node.degrees_of_freedom,
        notes=(*_left_aside(spec, model), *scenario.notes),
    )


def _left_aside(spec: AnalysisSpec, model: StructuralModel) -> tuple[str, ...]:
    """What the spec asks for that a structural model does not know."""
    found = []
    if spec.cluster is not None and spec.cluster != model.cluster:
        found.append(
            f'The model was fitted without the clusters of "{spec.cluster}": its interval does not know that units of '
            "one go together, and is too narrow if they do."
        )
    if spec.outcome_rule is not None:
        found.append(WITHOUT_LIMITS)
    return tuple(found)


def _known(value: float | None) -> float:
    assert value is not None
    return value


def _agreement(ours: WhatIf, other: WhatIf) -> Agreement:
    return Agreement(
        road=other.road,
        outcome=other.outcome,
        difference=other.difference,
        std_error=other.std_error,
        gap=ours.difference - other.difference,
        gap_std_error=math.hypot(ours.std_error, other.std_error),
    )
