"""What single units would have had: abduction, action, prediction (Pearl 2009, section 7.1).

From what a unit has the noise of each of its nodes is inferred, the change is made, and the nodes below are followed
with the same noises. Of a quantity the noise is known, so its counterfactual is one number. Levels leave theirs open:
every level that could come about is a world of its own, with its chance by the coupling of `coupling.py` and bounds
that need no coupling, and what stands below is followed in each of them. All of it is done once more by every draw of
the fit, for how sure the bounds themselves are.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem, EmptyLog, NotIdentified, OptionProblem, UnknownColumn
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval
from causal.estimators.one_thread import one_thread
from causal.interventions.bounds_interval import bounds_interval
from causal.interventions.changes import Changes, Randomise, Scale, Set, Shift
from causal.interventions.coupling import bounds, gumbel_chances, monotone_chances
from causal.interventions.mechanisms.boosted import BoostedShares
from causal.interventions.mechanisms.cells import CellShares
from causal.interventions.mechanisms.choice import Mean, Shares
from causal.interventions.mechanisms.clusters import numbered
from causal.interventions.mechanisms.logit import LogitShares
from causal.interventions.mechanisms.spread import widened
from causal.interventions.node_columns import NodeColumn
from causal.interventions.scenario import degrees_of_freedom, require_model_serves, untold
from causal.interventions.structural_model import REPLICATES, StructuralModel
from causal.interventions.worlds import reached_by
from causal.study import Level

MOST_WORLDS = 2_000
"""So many worlds of one unit are told apart."""

MOST_ROWS = 400_000
"""So many worlds of all units together are followed at once."""

MOST_UNITS = 10_000

MOST_DRAWN = 1_000_000
"""So many worlds of draws are followed at once."""

_POSSIBLE = 1e-9
_ENDS = ("low", "high")

Assumption = Literal["nothing", "monotone", "Gumbel-max"]


@dataclass(frozen=True)
class LevelChance:
    """The chance that a unit would have had a level; `lower` to `upper` whatever goes with what, with their errors."""

    level: Level
    chance: float
    lower: float
    upper: float
    errors: tuple[float, float] = (0.0, 0.0)
    degrees_of_freedom: float = math.inf

    def interval(self, level: float = 0.95) -> Interval:
        """From the bounds outwards, by the uncertainty of the fit; between 0 and 1."""
        low, high = bounds_interval((self.lower, self.upper), self.errors, level, self.degrees_of_freedom)
        return max(low, 0.0), min(high, 1.0)


@dataclass(frozen=True)
class CounterfactualValue:
    """What one unit has of a node and what it would have had.

    Of levels `counterfactual` is the likeliest, with all of them in `levels`, and `lower` to `upper` bound its chance;
    of a quantity it is the mean over the worlds that could come about, and they bound its value. `identified`: no other
    value is possible under the model. `assumes` names the coupling that the chances rest on, its own or one above.
    `errors` are those of the bounds, by the draws of the fit.
    """

    unit: Hashable
    node: str
    factual: Level
    counterfactual: Level
    chance: float
    lower: float
    upper: float
    identified: bool
    assumes: Assumption
    levels: tuple[LevelChance, ...] = ()
    errors: tuple[float, float] = (0.0, 0.0)
    degrees_of_freedom: float = math.inf

    def interval(self, level: float = 0.95) -> Interval:
        """From the bounds outwards, by the uncertainty of the fit; of a chance between 0 and 1."""
        low, high = bounds_interval((self.lower, self.upper), self.errors, level, self.degrees_of_freedom)
        return (max(low, 0.0), min(high, 1.0)) if self.levels else (low, high)


@dataclass(frozen=True)
class Counterfactuals:
    """Every unit and node asked about, in the units' order and then in causal order."""

    rows: tuple[CounterfactualValue, ...]
    nodes: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, unit: Hashable, node: str) -> CounterfactualValue:
        """Of one unit, by its label in the frame, and one node.

        Raises OptionProblem.
        """
        for each in self.rows:
            if each.unit == unit and each.node == node:
                return each
        raise OptionProblem(f'Unit {unit!r} was not asked about "{node}". Nodes: {", ".join(self.nodes)}.')

    def frame(self, level: float = 0.95) -> pd.DataFrame:
        """One row per unit and node; `low` and `high` are the interval around the bounds at this level."""
        names = ("unit", "node", "factual", "counterfactual", "chance", "lower", "upper", "identified", "assumes")
        told = [
            {**{name: getattr(each, name) for name in names}, **dict(zip(_ENDS, each.interval(level), strict=True))}
            for each in self.rows
        ]
        return pd.DataFrame(told, columns=[*names, *_ENDS])


@one_thread
def counterfactual(
    model: StructuralModel, rows: pd.DataFrame, changes: Changes, nodes: Iterable[str] | None = None
) -> Counterfactuals:
    """What each unit of `rows`, which hold every variable of the model, would have had under the changes.

    `nodes`: those below the changes to tell (None: all that can be told). Raises UnknownColumn, UnknownNode,
    CovariateProblem for a value that is missing or that no unit of the model has, OptionProblem, NotIdentified for a
    node asked for whose mechanism no data tell, EmptyLog.
    """
    require_model_serves(model, changes)
    if any(isinstance(change, Randomise) for change in changes.values()):
        raise OptionProblem(
            "What a single unit would have had needs a value: set, shift or scale, but do not randomise."
        )
    asked = _asked(model, changes, nodes)
    needed = _needed(model, changes, asked)
    observed = _observed(model, rows, needed)
    walk = _Walk(model, changes, observed, needed)
    walk.run()
    unsure = _errors(model, changes, observed, needed, asked, walk)
    found = [
        value for unit, label in enumerate(rows.index.tolist()) for value in walk.values_of(unit, label, asked, unsure)
    ]
    return Counterfactuals(tuple(found), asked, walk.notes())


Unsure = Mapping[tuple[int, str], Floats]
"""(2, outputs) the errors of the bounds by unit and node; outputs are the levels, or one value."""


def _errors(
    model: StructuralModel,
    changes: Changes,
    observed: Mapping[str, Floats],
    needed: Sequence[str],
    asked: Sequence[str],
    walk: _Walk,
) -> Unsure:
    """How the bounds vary over the draws of the fit, some units at a time."""
    count = walk.count
    worlds = int(np.bincount(walk.worlds.unit, minlength=count).max())
    size = max(MOST_DRAWN // (worlds * REPLICATES), 1)
    found: dict[tuple[int, str], Floats] = {}
    for start in range(0, count, size):
        some = {name: values[start : start + size] for name, values in observed.items()}
        drawn = _Walk(model, changes, some, needed, REPLICATES)
        drawn.run()
        for unit in range(drawn.count):
            for name in asked:
                ends = drawn.bounds_of(unit, name)
                found[start + unit, name] = (ends - ends[:, :1]).std(axis=1, ddof=1)  # of equal ones exactly zero
    return found


def _asked(model: StructuralModel, changes: Changes, nodes: Iterable[str] | None) -> tuple[str, ...]:
    below, missing = reached_by(model, changes) - set(changes), untold(model, changes)
    if nodes is None:
        return tuple(name for name in model.names if name in below and name not in missing)
    chosen = [nodes] if isinstance(nodes, str) else list(nodes)
    for name in chosen:
        model.node(name)
        if name in missing:
            raise NotIdentified(missing[name])
    return tuple(name for name in model.names if name in chosen)


def _needed(model: StructuralModel, changes: Changes, asked: Sequence[str]) -> tuple[str, ...]:
    """The nodes asked about, what is changed, and the direct causes of everything between."""
    fixed = {name for name, change in changes.items() if isinstance(change, Set)}
    followed = reached_by(model, changes) - fixed
    wanted, waiting = set(changes), [*asked, *(followed & set(changes))]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        if name in followed and name not in seen:
            seen.add(name)
            waiting += model.node(name).causes
    return tuple(name for name in model.names if name in wanted)


def _observed(model: StructuralModel, rows: pd.DataFrame, needed: Sequence[str]) -> dict[str, Floats]:
    if len(rows) == 0:
        raise EmptyLog("No unit was given: hand over at least one row.")
    if len(rows) > MOST_UNITS:
        raise OptionProblem(
            f"{len(rows):,} units were given; at most {MOST_UNITS:,} are told one by one. Ask what if of them all "
            "instead."
        )
    found = {}
    for name in needed:
        if name not in rows.columns:
            raise UnknownColumn.named(name, [str(each) for each in rows.columns])
        found[name] = _numbers(model.columns[name], rows[name])
    return found


def _numbers(column: NodeColumn, series: pd.Series) -> Floats:
    absent = series.isna().to_numpy()
    if absent.any():
        raise CovariateProblem(
            f'Unit {_label(series, int(absent.argmax()))} has no "{column.name}", without which its noise cannot be '
            "told. Fill it, or leave the unit out."
        )
    if column.kind == "numeric":
        return _quantities(column, series)
    found = np.empty(len(series))
    for place, level in enumerate(series.tolist()):
        code = column.place_of(level)
        if code is None:
            shown = ", ".join(repr(each) for each in column.levels[:8])
            raise CovariateProblem(
                f'Unit {_label(series, place)} has "{column.name}" = {level!r}, which no unit of the model has. Its '
                f"levels are: {shown}."
            )
        found[place] = column.points[code]
    return found


def _label(series: pd.Series, place: int) -> str:
    return repr(series.index[[place]].tolist()[0])  # a plain number, not NumPy's


def _quantities(column: NodeColumn, series: pd.Series) -> Floats:
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        place = int(wrong.argmax())
        value = series.iloc[[place]].tolist()[0]
        raise CovariateProblem(
            f'Unit {_label(series, place)} has "{column.name}" = {value!r}, which is no finite number. '
            "Give a number, or leave the unit out."
        )
    return numbers


@dataclass(eq=False)
class _Worlds:
    """Worlds of all units, one per column: whose; and per replicate (replicates, worlds) with what chance, with what
    bounds of it, and every node's value.
    """

    unit: NDArray[np.int64]
    chance: Floats
    lower: Floats
    upper: Floats
    after: dict[str, Floats] = field(default_factory=dict)

    def split(self, chance: Floats, lower: Floats, upper: Floats, values: Floats, name: str) -> _Worlds:
        """One world for each level that is possible, instead of one (replicates, worlds, levels)."""
        parent, level = np.nonzero((upper > _POSSIBLE).any(axis=0))
        made = _Worlds(
            unit=self.unit[parent],
            chance=self.chance[:, parent] * chance[:, parent, level],
            lower=self.lower[:, parent] * lower[:, parent, level],
            upper=np.minimum(self.upper[:, parent] * upper[:, parent, level], 1.0),
            after={each: held[:, parent] for each, held in self.after.items()},
        )
        made.after[name] = np.broadcast_to(values[level], made.chance.shape)
        return made


class _Walk:
    """One pass over the nodes in causal order, with the worlds that could come about: by the fit, or by its draws.

    By draws there are bounds alone, no chances between them.
    """

    def __init__(
        self,
        model: StructuralModel,
        changes: Changes,
        observed: Mapping[str, Floats],
        needed: Sequence[str],
        drawn: int = 0,
    ) -> None:
        self.model, self.changes, self.observed, self.needed, self.drawn = model, changes, observed, needed, drawn
        self.reached = reached_by(model, changes)
        self.count = len(next(iter(observed.values())))
        everyone = np.arange(self.count)
        ones = np.ones((max(drawn, 1), self.count))
        self.worlds = _Worlds(everyone, ones, ones, ones)
        self.assumes: dict[str, Assumption] = {}
        self.order: NDArray[np.int64] = everyone
        self.starts: NDArray[np.int64] = everyone
        self.rng = np.random.default_rng([model.seed, 2])
        numbers = None if model.clusters is None else numbered(model.clusters)[0]
        self.freedom = degrees_of_freedom(model, self.reached, numbers)

    def run(self) -> None:
        """Follow the changes through every node that is needed."""
        for name in self.needed:
            self.worlds.after[name] = self._observed(name)
            if name in self.reached and name in self.model.mechanisms:
                self._follow(name)
            self._change(name)
        self.order = np.argsort(self.worlds.unit, kind="stable")
        self.starts = np.searchsorted(self.worlds.unit[self.order], np.arange(self.count + 1))

    def _observed(self, name: str) -> Floats:
        """(replicates, worlds)."""
        return np.broadcast_to(self.observed[name][self.worlds.unit], self.worlds.chance.shape)

    def _change(self, name: str) -> None:
        change, here = self.changes.get(name), self.worlds
        if isinstance(change, Set):
            here.after[name] = np.full(here.chance.shape, self.model.columns[name].number_of(change.value))
        elif isinstance(change, Shift):
            here.after[name] = here.after[name] + change.amount
        elif isinstance(change, Scale):
            here.after[name] = here.after[name] * change.factor

    def _follow(self, name: str) -> None:
        if isinstance(self.changes.get(name), Set):
            return
        mechanism, column, here = self.model.mechanisms[name], self.model.columns[name], self.worlds
        causes = self.model.node(name).causes
        before = {cause: self._observed(cause) for cause in causes}
        after = {cause: here.after[cause] for cause in causes}
        if isinstance(mechanism, LogitShares | CellShares | BoostedShares):
            same = np.all([before[cause] == after[cause] for cause in causes], axis=0)
            self._levels(name, column, self._shares(mechanism, before), self._shares(mechanism, after), same)
            return
        own = self._mean(mechanism, before)
        more = widened(self.model.spreads.get(name), here.after[name] - own, before, after)
        here.after[name] = here.after[name] + (self._mean(mechanism, after) - own) + more
        self.assumes[name] = self._above(causes)

    def _mean(self, mechanism: Mean, values: Mapping[str, Floats]) -> Floats:
        return mechanism.means(values) if self.drawn else mechanism.mean(_only(values))[None]

    def _shares(self, mechanism: Shares, values: Mapping[str, Floats]) -> Floats:
        return mechanism.drawn_shares(values) if self.drawn else mechanism.shares(_only(values))[None]

    def _levels(self, name: str, column: NodeColumn, before: Floats, after: Floats, same: NDArray[np.bool_]) -> None:
        """Under the same causes a unit has the same level; under others each level has its chance and bounds."""
        here, shape = self.worlds, before.shape
        had = column.codes(np.ascontiguousarray(here.after[name])).ravel()
        flat, moved = before.reshape(-1, shape[-1]), after.reshape(-1, shape[-1])
        lower, upper = bounds(flat, moved, had)
        own: Assumption = "Gumbel-max" if column.kind == "category" else "monotone"
        if self.drawn:
            chance = lower
        elif own == "Gumbel-max":
            chance = gumbel_chances(flat, moved, had, self.rng)
        else:
            chance = monotone_chances(flat, moved, had)
        kept = np.eye(len(column.levels))[had]
        chance, lower, upper = (
            np.where(same.ravel()[:, None], kept, each).reshape(shape) for each in (chance, lower, upper)
        )
        made = here.split(chance, lower, upper, column.points, name)
        per_unit = np.bincount(made.unit, minlength=self.count).max()
        if not self.drawn and (per_unit > MOST_WORLDS or len(made.unit) > MOST_ROWS):
            raise OptionProblem(
                f'Too many combinations of levels could come about once "{name}" is followed. Ask about fewer units, '
                "or name the nodes to tell, so that others are left aside."
            )
        self.worlds = made
        above = self._above(self.model.node(name).causes)
        self.assumes[name] = "Gumbel-max" if "Gumbel-max" in (own, above) else "monotone"

    def _above(self, causes: Sequence[str]) -> Assumption:
        found = {self.assumes.get(cause, "nothing") for cause in causes if cause not in self.changes}
        return "Gumbel-max" if "Gumbel-max" in found else "monotone" if "monotone" in found else "nothing"

    def _by_levels(self, name: str) -> bool:
        return self.model.columns[name].discrete and name not in self.changes

    def bounds_of(self, unit: int, name: str) -> Floats:
        """(2, replicates, outputs) the lower and the upper bounds of a unit's value, or of its chance of each level."""
        mine = self.order[self.starts[unit] : self.starts[unit + 1]]
        values, lower, upper = self.worlds.after[name][:, mine], self.worlds.lower[:, mine], self.worlds.upper[:, mine]
        if not self._by_levels(name):
            possible = upper > _POSSIBLE * upper.max(axis=1, keepdims=True)
            least = np.where(possible, values, np.inf).min(axis=1)
            most = np.where(possible, values, -np.inf).max(axis=1)
            return np.stack([least, most])[..., None]
        column = self.model.columns[name]
        among = np.eye(len(column.levels))[column.codes(np.ascontiguousarray(values[0]))]
        lower, upper = lower @ among, upper @ among
        upper = np.minimum(upper, 1 - (lower.sum(axis=1, keepdims=True) - lower))
        lower = np.maximum(lower, 1 - (upper.sum(axis=1, keepdims=True) - upper))
        return np.asarray(np.clip(np.stack([lower, upper]), 0, 1))

    def values_of(
        self, unit: int, label: Hashable, asked: Sequence[str], unsure: Unsure
    ) -> Iterable[CounterfactualValue]:
        """Each node of one unit, from its worlds."""
        mine = self.order[self.starts[unit] : self.starts[unit + 1]]
        for name in asked:
            factual, errors = float(self.observed[name][unit]), unsure[unit, name]
            if self._by_levels(name):
                yield self._of_levels(unit, label, name, factual, mine, errors)
                continue
            values, chance = self.worlds.after[name][0, mine], self.worlds.chance[0, mine]
            mean = float(values @ chance / chance.sum())
            least, most = float(values.min()), float(values.max())
            fixed = most - least <= 1e-9 * max(1.0, abs(most))
            yield CounterfactualValue(
                unit=label,
                node=name,
                factual=factual,
                counterfactual=mean,
                chance=1.0,
                lower=least,
                upper=most,
                identified=fixed,
                assumes="nothing" if fixed else self.assumes.get(name, "nothing"),
                errors=(float(errors[0, 0]), float(errors[1, 0])),
                degrees_of_freedom=self.freedom,
            )

    def _of_levels(
        self, unit: int, label: Hashable, name: str, factual: float, mine: NDArray[np.int64], errors: Floats
    ) -> CounterfactualValue:
        column = self.model.columns[name]
        code, count = column.codes(np.ascontiguousarray(self.worlds.after[name][0, mine])), len(column.levels)
        chance = np.bincount(code, self.worlds.chance[0, mine], minlength=count)
        chance = chance / chance.sum()
        lower, upper = self.bounds_of(unit, name)[:, 0]
        lower, upper = np.minimum(lower, chance), np.maximum(upper, chance)
        levels = tuple(
            LevelChance(level, float(each), float(low), float(high), (float(error[0]), float(error[1])), self.freedom)
            for level, each, low, high, error in zip(column.levels, chance, lower, upper, errors.T, strict=True)
        )
        likeliest = levels[int(chance.argmax())]
        fixed = bool((upper - lower).max() <= 1e-9)
        return CounterfactualValue(
            unit=label,
            node=name,
            factual=column.levels[int(column.codes(np.array([factual]))[0])],
            counterfactual=likeliest.level,
            chance=likeliest.chance,
            lower=likeliest.lower,
            upper=likeliest.upper,
            identified=fixed,
            assumes="nothing" if fixed else self.assumes.get(name, "nothing"),
            levels=levels,
            errors=likeliest.errors,
            degrees_of_freedom=self.freedom,
        )

    def notes(self) -> tuple[str, ...]:
        """What the chances rest on."""
        found = set(self.assumes.values())
        told = []
        if "monotone" in found:
            told.append(
                "Chances of two or of ordered levels take it that what makes a level likelier moves no unit the other "
                "way (monotonicity); the bounds do not."
            )
        if "Gumbel-max" in found:
            told.append(
                "Chances of categories take it that a level is swapped only for one that became likelier relative to "
                "it (Gumbel-max); the bounds do not."
            )
        return tuple(told)


def _only(values: Mapping[str, Floats]) -> dict[str, Floats]:
    """(worlds,) values of the one replicate that the fit itself is."""
    return {name: each[0] for name, each in values.items()}
