"""What an intervention does to every node of a structural model: before, after, and how sure that is.

Pearl (2009), section 3.2.3, truncated factorisation, by simulation. The standard error joins two parts: draws of every
mechanism's fit on the same units, and how much the units differ among each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import EmptyLog, OptionProblem, TooFewUnits, UnknownNode
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, normal_interval
from causal.estimators.one_thread import one_thread
from causal.interventions.changes import (
    Changes,
    Randomise,
    Scale,
    Set,
    Shift,
    changes_from_json,
    changes_to_json,
    require_changes,
)
from causal.interventions.mechanisms.boosted import REFITS, BoostedMean, BoostedShares
from causal.interventions.mechanisms.cells import CellMeans, CellShares
from causal.interventions.mechanisms.clusters import Clusters, mean_error, numbered
from causal.interventions.moments import Moments
from causal.interventions.node_columns import NodeColumn, NodeKind
from causal.interventions.share_interval import difference_interval, share_interval
from causal.interventions.structural_model import REPLICATES, StructuralModel
from causal.interventions.worlds import Worlds, drawn_worlds, paired_worlds, reached_by, worlds
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.study import Condition, Level, conditions_of, same_level

UNITS_PER_DRAW = 1_000
"""Every draw of the fit is asked about so many units, the same ones."""

FEWEST_DRAWS = 30
BARS = 30
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WORTH_A_NOTE = 0.01
_CELLS_NAMED = 3


Role = Literal["changed", "affected", "as it was", "not told"]


@dataclass(frozen=True)
class LevelShare:
    """The share of units with a level before and after; `number` is what stands for it in a mean, if anything does."""

    level: Level
    number: float | None
    before: float
    after: float
    std_error: float
    after_std_error: float
    degrees_of_freedom: float = math.inf

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before

    def interval(self, level: float = 0.95) -> Interval:
        """Of the difference, between -1 and 1."""
        return difference_interval(self.difference, self.std_error, level, self.degrees_of_freedom)

    def after_interval(self, level: float = 0.95) -> Interval:
        """Of the share after, between 0 and 1."""
        return share_interval(self.after, self.after_std_error, level, self.degrees_of_freedom)


@dataclass(frozen=True)
class Histogram:
    """Shares of units between `edges` (bars + 1), before and after (bars)."""

    edges: tuple[float, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True)
class NodeScenario:
    """One node before and after, in its own units; of two levels the means are shares of the second.

    `before`, `after` and their errors are None for categories of three or more levels, which have `levels` instead.
    `quantiles` are (share, before, after), with a `histogram`, for quantities. `role`: whether the node was changed,
    stands below a changed one, is as it was, or is "not told" for the reason in `note`; then there is only `before`.
    """

    name: str
    kind: NodeKind
    role: Role
    before: float | None
    after: float | None
    std_error: float | None
    after_std_error: float | None
    levels: tuple[LevelShare, ...] = ()
    quantiles: tuple[tuple[float, float, float], ...] = ()
    histogram: Histogram | None = None
    degrees_of_freedom: float = math.inf
    note: str = ""

    @property
    def difference(self) -> float | None:
        """After minus before."""
        return None if self.after is None or self.before is None else self.after - self.before

    def interval(self, level: float = 0.95) -> Interval | None:
        """Of the difference of the means."""
        if self.kind == "binary" and self.levels:
            return self.levels[-1].interval(level)
        if self.difference is None or self.std_error is None:
            return None
        return normal_interval(self.difference, self.std_error, level, self.degrees_of_freedom)

    def after_interval(self, level: float = 0.95) -> Interval | None:
        """Of the mean after; of the share of the second of two levels between 0 and 1."""
        if self.kind == "binary" and self.levels:
            return self.levels[-1].after_interval(level)
        if self.after is None or self.after_std_error is None:
            return None
        return normal_interval(self.after, self.after_std_error, level, self.degrees_of_freedom)

    def share(self, level: Level) -> LevelShare:
        """One of the levels.

        Raises OptionProblem.
        """
        for each in self.levels:
            if same_level(each.level, level):
                return each
        known = ", ".join(repr(each.level) for each in self.levels[:8])
        raise OptionProblem(f'"{self.name}" has no level {level!r}. It has: {known or "none, it is a quantity"}.')


@dataclass(frozen=True)
class Scenario:
    """Every node, in causal order, before and after `changes` (as JSON values) among the `units` that `where` leaves.

    `draws` of them were asked; `notes` say where the data end. `against` are the changes of the scenario that stands
    before instead of the units as they are, if any does.
    """

    changes: Mapping[str, Mapping[str, Any]]
    where: tuple[Condition, ...]
    nodes: tuple[NodeScenario, ...]
    draws: int
    share_of_units: float
    notes: tuple[str, ...]
    against: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def node(self, name: str) -> NodeScenario:
        """The node of this name.

        Raises UnknownNode.
        """
        for each in self.nodes:
            if each.name == name:
                return each
        raise UnknownNode.named(name, [each.name for each in self.nodes])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@one_thread
def simulate(
    model: StructuralModel,
    changes: Changes,
    where: Iterable[Condition] | Condition = (),
    against: Changes | None = None,
) -> Scenario:
    """Every node before and after the changes, for everyone or for the units that satisfy `where` as they are now.

    `against`: other changes that stand before, so that differences are between two scenarios: each is what the two have
    on their own, with the error that is left once both are asked of the same units by the same draws of the fit. Nodes
    whose mechanism no data tell, and all below them, are "not told", with the reason. Raises UnknownNode, OptionProblem
    for a change that a column cannot undergo or a filter by what the changes move, EmptyLog and TooFewUnits.
    """
    conditions = conditions_of(where)
    if not against:
        return _against_today(model, changes, conditions)[0]
    for each in (changes, against):
        require_model_serves(model, each)
    found, walked = _against_today(model, changes, conditions, against)
    other, others_walked = _against_today(model, against, conditions, changes)
    return _set_against(model, found, other, (walked, others_walked))


def _against_today(
    model: StructuralModel, changes: Changes, conditions: tuple[Condition, ...], compared: Changes | None = None
) -> tuple[Scenario, tuple[Worlds, Worlds]]:
    """With the worlds of the fit and of its draws; what these changes or those `compared` reach has no picture."""
    require_model_serves(model, changes)
    units = units_inside(model, changes, conditions)
    point = worlds(model, changes, units)
    drawn = drawn_worlds(model, changes, units[:UNITS_PER_DRAW], REPLICATES)
    reached = reached_by(model, changes)
    missing = untold(model, changes)
    hidden = _moved_by(model, changes) | _moved_by(model, compared) if compared else frozenset()
    clusters = _clusters(model, units)
    seen = {name: values[units] if conditions else None for name, values in model.values.items()}
    nodes = tuple(
        _not_told(model, name, seen[name], missing[name])
        if name in missing
        else _node(model, name, changes, reached, point, drawn, seen[name], clusters, name not in hidden)
        for name in model.names
    )
    found = Scenario(
        changes=changes_to_json(changes),
        where=conditions,
        nodes=nodes,
        draws=len(units),
        share_of_units=len(units) / model.draws,
        notes=_notes(model, changes, reached - set(missing), point),
    )
    return found, (point, drawn)


@one_thread
def paired(model: StructuralModel, scenario: Scenario, other: Scenario) -> Scenario:
    """A scenario with another of the same model and units in the place of today: what `simulate` gives `against` it."""
    return _set_against(model, scenario, other)


def _set_against(
    model: StructuralModel,
    scenario: Scenario,
    other: Scenario,
    walked: tuple[tuple[Worlds, Worlds], tuple[Worlds, Worlds]] | None = None,
) -> Scenario:
    changes, against = changes_from_json(scenario.changes), changes_from_json(other.changes)
    units = units_inside(model, against, other.where)
    points, draws = ((None, None), (None, None)) if walked is None else zip(*walked, strict=True)
    point = paired_worlds(model, changes, against, units, 0, points)
    drawn = paired_worlds(model, changes, against, units[:UNITS_PER_DRAW], REPLICATES, draws)
    clusters = _clusters(model, units)
    freedom = degrees_of_freedom(model, reached_by(model, changes) | reached_by(model, against), clusters)
    nodes = tuple(
        _paired(first, second, model.columns[first.name], point, drawn, clusters, freedom)
        for first, second in zip(other.nodes, scenario.nodes, strict=True)
    )
    notes = (*scenario.notes, *(note for note in other.notes if note not in scenario.notes))
    return replace(scenario, nodes=nodes, notes=notes, against=other.changes)


def _paired(
    first: NodeScenario,
    second: NodeScenario,
    column: NodeColumn,
    point: Worlds,
    drawn: Worlds,
    clusters: Clusters,
    freedom: float,
) -> NodeScenario:
    for each in (first, second):
        if each.role == "not told":
            return replace(each, before=first.before if first.after is None else first.after)
    roles = {first.role, second.role}
    if roles == {"as it was"}:
        return second
    name = column.name
    moments = Moments.of(column, name, point, drawn, clusters)
    levels = tuple(
        replace(
            then,
            before=start.after,
            std_error=moments.errors(unit)[0],
            degrees_of_freedom=freedom,
        )
        for start, then, unit in zip(first.levels, second.levels, np.eye(len(second.levels)), strict=True)
    )
    error = None
    if column.has_mean:
        binary = column.kind == "binary"
        error = levels[-1].std_error if binary else moments.errors(column.points if column.discrete else None)[0]
    before, after = point.before[name], point.after[name]
    return replace(
        second,
        role="changed" if "changed" in roles else "affected",
        before=first.after,
        std_error=error,
        levels=levels,
        quantiles=_quantiles(before, after) if column.kind in ("numeric", "ordered") else (),
        histogram=_histogram(before, after) if column.kind == "numeric" else None,
        degrees_of_freedom=freedom,
    )


def _clusters(model: StructuralModel, units: NDArray[np.int64]) -> Clusters:
    return None if model.clusters is None else numbered(model.clusters[units])[0]


def require_model_serves(model: StructuralModel, changes: Changes) -> None:
    """Refuse changes that the model's columns cannot undergo.

    Raises UnknownNode, OptionProblem.
    """
    require_changes(changes)
    for name, change in changes.items():
        model.node(name)
        model.columns[name].require(change)


def untold(model: StructuralModel, changes: Changes) -> dict[str, str]:
    """The nodes that the changes reach but of which the model cannot say what they would be, each with the reason.

    What is set has its value whatever the model; below a node that is not told, nothing is.
    """
    fixed = {name for name, change in changes.items() if isinstance(change, Set | Randomise)}
    reached = reached_by(model, changes) - fixed
    found: dict[str, str] = {}
    for node in model.nodes:
        if node.name not in reached:
            continue
        above = [cause for cause in node.causes if cause in found]
        if node.confounded_with:
            found[node.name] = node.note
        elif above:
            found[node.name] = found[above[0]]
        else:
            reason = _levels_apart(model, node.name, reached)
            if reason:
                found[node.name] = reason
    return found


def _levels_apart(model: StructuralModel, name: str, reached: frozenset[str]) -> str:
    """Why not, where it stands below levels that are drawn anew and below what shares a hidden cause with them."""
    hidden = {node.name: node.hidden_with for node in model.nodes if node.hidden_with and node.name in reached}
    for each in sorted(hidden):
        if not model.columns[each].discrete or name not in model.affected_by([each]):
            continue
        for other in hidden[each]:
            if name in model.affected_by([other]):
                return (
                    f'"{each}" and "{other}" share a hidden common cause, and "{name}" stands below both: the model '
                    f'does not know how the levels of "{each}" go with "{other}".'
                )
    return ""


def units_inside(model: StructuralModel, changes: Changes, conditions: tuple[Condition, ...]) -> NDArray[np.int64]:
    """Positions among the model's draws of the units that satisfy the filter.

    Raises UnknownNode, OptionProblem, EmptyLog, TooFewUnits.
    """
    if not conditions:
        return np.arange(model.draws)
    reached = reached_by(model, changes)
    frame: dict[str, Any] = {}
    for each in conditions:
        model.node(each.column)
        if each.column in reached:
            raise OptionProblem(
                f'The filter chooses units by "{each.column}", which the changes move. Filter by something that they '
                "leave alone, or ask about single units."
            )
        _require_apart(model, each.column, reached, changes)
        frame[each.column] = original(model.columns[each.column], model.values[each.column])
    kinds = {name: "numeric" if model.columns[name].kind in ("numeric", "ordered") else "category" for name in frame}
    table = UnitTable.from_frame(pd.DataFrame(frame), kinds)  # type: ignore[arg-type]
    found = np.flatnonzero(satisfied(table, conditions))
    if len(found) == 0:
        raise EmptyLog("No unit satisfies the filter. Widen it, or take it off.")
    if len(found) < min(FEWEST_DRAWS, model.draws):
        raise TooFewUnits(
            f"Only {len(found)} of the {model.draws:,} units asked satisfy the filter, too few for a distribution. "
            "Widen it, or fit the model to those units alone."
        )
    return found


def _require_apart(model: StructuralModel, column: str, reached: frozenset[str], changes: Changes) -> None:
    """Refuse units chosen by what tells of the noise of levels that are drawn anew: their hidden common causes.

    Raises OptionProblem.
    """
    for name in sorted(reached):
        drawn = model.columns[name].discrete and not isinstance(changes.get(name), Set | Randomise)
        for other in model.node(name).hidden_with if drawn else ():
            if column == other or column in model.affected_by([other]):
                raise OptionProblem(
                    f'The filter chooses units by "{column}", which tells of a hidden common cause of "{name}": the '
                    f'model does not know how "{name}" answers among these units. Filter by something else, or fit '
                    "the model to those units alone."
                )


def original(column: NodeColumn, values: Floats) -> Any:
    """(n,) values as they stand in the table: numbers, or levels."""
    if column.kind == "numeric":
        return values
    levels = np.array(column.levels, dtype=object)
    chosen = levels[column.codes(values)]
    if column.kind == "ordered" or all(isinstance(each, int | float) for each in column.levels):
        return values if not all(isinstance(each, bool) for each in column.levels) else chosen.astype(bool)
    return chosen


def _node(
    model: StructuralModel,
    name: str,
    changes: Changes,
    reached: frozenset[str],
    point: Worlds,
    drawn: Worlds,
    seen: Floats | None,
    clusters: Clusters,
    pictured: bool,
) -> NodeScenario:
    """`seen`: what the units asked about have; None where that is everyone, whose means and shares are known.

    Quantiles and a histogram where it is `pictured`.
    """
    column = model.columns[name]
    role: Role = (
        "changed" if name in changes else "affected" if name in reached and name in model.mechanisms else "as it was"
    )
    freedom = degrees_of_freedom(model, reached, clusters)
    before, after = point.before[name], point.after[name]
    moments = Moments.of(column, name, point, drawn, clusters)
    if seen is not None:
        moments = moments.of_some(column, name, point, seen, len(seen) / model.draws)
    fixed = isinstance(changes.get(name), Set | Randomise)
    levels = _levels(model, column, moments, seen, freedom, fixed) if column.discrete else ()
    if not column.has_mean:
        return NodeScenario(name, column.kind, role, None, None, None, None, levels, degrees_of_freedom=freedom)
    centre = column.centre if seen is None else float(seen.mean())
    error, after_error = moments.errors(column.points if column.discrete else None)
    shift = moments.difference(column.points if column.discrete else None)
    if column.kind == "binary":  # the share of the second level, whatever numbers stand for them
        base = levels[-1].before
        shift, error, after_error = levels[-1].difference, levels[-1].std_error, levels[-1].after_std_error
        centre = base
    elif fixed:
        shift = float(after.mean()) - centre
    if role == "as it was":
        shift, error = 0.0, 0.0
        after_error = math.sqrt(mean_error(before[:, None], clusters)[0])
    return NodeScenario(
        name=name,
        kind=column.kind,
        role=role,
        before=centre,
        after=centre + shift,
        std_error=error,
        after_std_error=after_error,
        levels=levels,
        quantiles=_quantiles(before, after) if pictured and column.kind in ("numeric", "ordered") else (),
        histogram=_histogram(before, after) if pictured and column.kind == "numeric" else None,
        degrees_of_freedom=freedom,
    )


def _moved_by(model: StructuralModel, changes: Changes) -> frozenset[str]:
    """The changed nodes, and those that a mechanism lets follow."""
    return frozenset(changes) | (reached_by(model, changes) & model.mechanisms.keys())


def _not_told(model: StructuralModel, name: str, seen: Floats | None, reason: str) -> NodeScenario:
    column = model.columns[name]
    centre = None
    if column.has_mean:
        centre = column.centre if seen is None else float(seen.mean())
    if column.kind == "binary":
        last = len(column.levels) - 1
        centre = float(model.shares[name][-1] if seen is None else (column.codes(seen) == last).mean())
    return NodeScenario(name, column.kind, "not told", centre, None, None, None, note=reason)


def _levels(
    model: StructuralModel,
    column: NodeColumn,
    moments: Moments,
    seen: Floats | None,
    freedom: float,
    fixed: bool,
) -> tuple[LevelShare, ...]:
    observed = model.shares[column.name]
    if seen is not None:
        counts = np.bincount(column.codes(seen), minlength=len(column.levels))
        observed = counts / counts.sum()
    found = []
    for place, level in enumerate(column.levels):
        unit = np.zeros(len(column.levels))
        unit[place] = 1.0
        error, after_error = moments.errors(unit)
        share = float(observed[place])
        moved = share + moments.difference(unit)
        found.append(
            LevelShare(
                level=level,
                number=float(column.points[place]) if column.kind != "category" else None,
                before=share,
                after=float(moments.after[:, place].mean()) if fixed else min(max(moved, 0.0), 1.0),
                std_error=error,
                after_std_error=after_error,
                degrees_of_freedom=freedom,
            )
        )
    return tuple(found)


def _quantiles(before: Floats, after: Floats) -> tuple[tuple[float, float, float], ...]:
    lows = np.quantile(before, QUANTILES)
    pairs = zip(lows, lows if after is before else np.quantile(after, QUANTILES), strict=True)
    return tuple((share, float(low), float(high)) for share, (low, high) in zip(QUANTILES, pairs, strict=True))


def _histogram(before: Floats, after: Floats) -> Histogram:
    both = np.concatenate([before, after])
    low, high = np.quantile(both, [0.002, 0.998])
    edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
    bars = [np.histogram(np.clip(each, edges[0], edges[-1]), edges)[0] / len(each) for each in (before, after)]
    return Histogram(tuple(edges.tolist()), tuple(bars[0].tolist()), tuple(bars[1].tolist()))


def degrees_of_freedom(model: StructuralModel, reached: frozenset[str], clusters: Clusters) -> float:
    """Draws less one, as the error of the fit is itself estimated from them; with clusters those less one as well.

    The two vary apart, so that their relative variances, 2 over the degrees of freedom each, add up.
    """
    trees = any(isinstance(model.mechanisms.get(name), BoostedMean | BoostedShares) for name in reached)
    draws = float((REFITS if trees else REPLICATES) - 1)
    if clusters is None:
        return draws
    others = max(int(clusters.max()), 1)
    return 1 / (1 / draws + 1 / others)


def _notes(model: StructuralModel, changes: Changes, reached: frozenset[str], point: Worlds) -> tuple[str, ...]:
    found = list(model.notes)
    for name, change in changes.items():
        column = model.columns[name]
        outside = float(((point.after[name] < column.lowest) | (point.after[name] > column.highest)).mean())
        if outside > _WORTH_A_NOTE and isinstance(change, Set | Shift | Scale):
            found.append(
                f'{outside:.0%} of the units get a "{name}" outside {column.lowest:g} to {column.highest:g}, the range '
                "seen: what happens there is the model's guess."
            )
        if isinstance(change, Set) and column.unseen(change):
            nearest = column.levels[int(column.codes(np.array(column.number_of(change.value))))]
            found.append(f'No unit has "{name}" = {change.value}: tables take the nearest level, {nearest}.')
        elif column.kind == "ordered" and _between(column, point.after[name]):
            found.append(f'Some units get a "{name}" between or beyond the levels seen; tables take the nearest level.')
    for name in model.names:
        if name in reached and name in model.mechanisms:
            found += _notes_on(model, name, point)
    return tuple(found)


def _between(column: NodeColumn, values: Floats) -> bool:
    return bool((column.points[column.codes(values)] != values).any())


def _notes_on(model: StructuralModel, name: str, point: Worlds) -> list[str]:
    column, mechanism, found = model.columns[name], model.mechanisms[name], []
    if isinstance(mechanism, CellShares | CellMeans):
        cell = mechanism.cells.of(point.after)
        empty, count = np.unique(cell[mechanism.cells.units[cell] == 0], return_counts=True)
        order = np.argsort(-count)
        for place in order[:_CELLS_NAMED]:
            found.append(
                f"No unit has {mechanism.cells.words(int(empty[place]))}, where {count[place] / len(cell):.1%} of the "
                f'units come to stand: "{name}" is taken from a model of main effects there.'
            )
        if len(empty) > _CELLS_NAMED:
            rest = count[order[_CELLS_NAMED:]].sum() / len(cell)
            found.append(
                f'{len(empty) - _CELLS_NAMED} more such combinations of causes of "{name}": {rest:.1%} of units.'
            )
    if column.kind == "numeric" and column.lowest >= 0:
        below = float((point.after[name] < 0).mean())
        if below > _WORTH_A_NOTE:
            found.append(
                f'{below:.0%} of the units would get a "{name}" below zero, which no unit has: noise is added to the '
                "mean whatever it is. Read the mean, not the lower tail."
            )
    return found
