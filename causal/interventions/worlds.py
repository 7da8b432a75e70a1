"""Every unit as it is and as it would be: the two worlds of an intervention, unit by unit, from the same noises.

Quantities keep what their mean leaves over. Levels are drawn twice from the same uniform number, since the noise that
gave a level cannot be observed; what stands before and after is then compared in expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.interventions.changes import Change, Changes, Randomise, Scale, Set, Shift
from causal.interventions.mechanisms.boosted import BoostedMean, BoostedShares
from causal.interventions.mechanisms.cells import CellMeans, CellShares
from causal.interventions.mechanisms.choice import Mechanism
from causal.interventions.mechanisms.line import LinearMean
from causal.interventions.mechanisms.logit import LogitShares
from causal.interventions.mechanisms.spread import widened
from causal.interventions.node_columns import NodeColumn
from causal.interventions.structural_model import StructuralModel

MOST_KEPT = 64 * 2**20
"""So many bytes of a model are remembered between what-ifs."""


@dataclass(eq=False)
class Worlds:
    """Values of every node before and after, all of one shape; and what each affected node has in expectation.

    `expected` of a quantity: its mean given its causes, before and after; of levels their shares (..., levels).
    """

    before: dict[str, Floats]
    after: dict[str, Floats]
    expected: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)


def worlds(model: StructuralModel, changes: Changes, units: NDArray[np.int64]) -> Worlds:
    """(n,) both worlds of these units, by the fit itself."""
    return _Walk(model, changes, units, drawn=0).run()


def drawn_worlds(model: StructuralModel, changes: Changes, units: NDArray[np.int64], replicates: int) -> Worlds:
    """(replicates, n) both worlds of these units, by every draw of the fit."""
    return _Walk(model, changes, units, drawn=replicates).run()


def paired_worlds(
    model: StructuralModel,
    changes: Changes,
    against: Changes,
    units: NDArray[np.int64],
    replicates: int = 0,
    walked: tuple[Worlds | None, Worlds | None] = (None, None),
) -> Worlds:
    """The same units under `against` (before) and under `changes` (after), with the same noises in both.

    (n,) by the fit itself, or (replicates, n) by every draw of it. `walked`: the worlds of the changes alone and of
    those against, if at hand, which serve where the other changes reach nothing else.
    """
    own, other = reached_by(model, changes), reached_by(model, against)
    second, first = (
        alone if alone is not None and mine == own | other else _Walk(model, each, units, replicates, own | other).run()
        for each, mine, alone in ((changes, own, walked[0]), (against, other, walked[1]))
    )
    both = first.expected.keys() | second.expected.keys()
    expected = {name: (_expected_after(model, name, first), _expected_after(model, name, second)) for name in both}
    return Worlds(first.after, second.after, expected)


def _expected_after(model: StructuralModel, name: str, found: Worlds) -> Floats:
    """What a node has in expectation, or has itself where it is changed."""
    if name in found.expected:
        return found.expected[name][1]
    column, values = model.columns[name], found.after[name]
    return np.eye(len(column.levels))[column.codes(values)] if column.discrete else values


def reached_by(model: StructuralModel, changes: Changes) -> frozenset[str]:
    """The nodes, changed ones included, that stand below a changed one."""
    return frozenset(name for each in changes for name in model.affected_by([each]))


class _Walk:
    """One pass over the nodes in causal order."""

    def __init__(
        self,
        model: StructuralModel,
        changes: Changes,
        units: NDArray[np.int64],
        drawn: int,
        reached: frozenset[str] | None = None,
    ) -> None:
        self.model, self.changes, self.units, self.drawn = model, changes, units, drawn
        self.reached = reached_by(model, changes) if reached is None else reached
        self.redrawn: set[str] = set()
        self.moved: set[str] = set()

    def run(self) -> Worlds:
        observed = {name: self._shaped(values[self.units]) for name, values in self.model.values.items()}
        found = Worlds(dict(observed), dict(observed))
        for node in self.model.nodes:
            if node.name in self.reached and node.name in self.model.mechanisms:
                self._follow(node.name, node.causes, observed, found)
            if node.name in self.changes:
                natural = found.after[node.name]
                found.after[node.name] = self._changed(node.name, self.changes[node.name], natural)
                found.expected.pop(node.name, None)
                self.moved.add(node.name)
        for name, change in self.changes.items():
            if isinstance(change, Set | Randomise):  # whatever it would have been plays no part
                found.before[name] = observed[name]
        return found

    def _shaped(self, values: Floats) -> Floats:
        return np.broadcast_to(values, (self.drawn, len(values))) if self.drawn else values

    def _follow(self, name: str, causes: Sequence[str], observed: Mapping[str, Floats], found: Worlds) -> None:
        column, mechanism = self.model.columns[name], self.model.mechanisms[name]
        asked = self._shares if column.discrete else self._mean
        before = after = self._as_it_is(name, self.redrawn, lambda: asked(mechanism, found.before))
        if self.moved & set(causes):
            after = asked(mechanism, found.after)
            self.moved.add(name)
        if column.discrete:
            noise = self._shaped(self.model.noise[name][self.units])
            found.before[name] = _level(column, before, noise)
            found.after[name] = _level(column, after, noise)
            self.redrawn.add(name)
        else:
            spread = self.model.spreads.get(name)
            if self.redrawn & set(causes):
                own = self._as_it_is(name, set(), lambda: asked(mechanism, observed))
                more = widened(spread, observed[name] - own, observed, found.before)
                found.before[name] = observed[name] + (before - own) + more
                self.redrawn.add(name)
            moved = spread if name in self.moved else None
            more = widened(moved, found.before[name] - before, found.before, found.after)
            found.after[name] = found.before[name] + (after - before) + more
        found.expected[name] = (before, after)

    def _as_it_is(self, name: str, redrawn: set[str], work: Callable[[], Floats]) -> Floats:
        """What a mechanism says before, remembered where everyone is asked: only what was drawn anew moves it."""
        above = frozenset(each for each in redrawn if name in self.model.affected_by([each]))
        kept, key = self.model.kept, (name, self.drawn, len(self.units), above)
        first_units = int(self.units[-1]) == len(self.units) - 1
        if first_units and key in kept:
            return kept[key]
        found = work()
        if first_units and sum(each.nbytes for each in kept.values()) + found.nbytes <= MOST_KEPT:
            kept[key] = found
        return found

    def _mean(self, mechanism: Mechanism, world: Mapping[str, Floats]) -> Floats:
        assert isinstance(mechanism, LinearMean | CellMeans | BoostedMean)
        return mechanism.means(world) if self.drawn else mechanism.mean(world)

    def _shares(self, mechanism: Mechanism, world: Mapping[str, Floats]) -> Floats:
        assert isinstance(mechanism, LogitShares | CellShares | BoostedShares)
        return mechanism.drawn_shares(world) if self.drawn else mechanism.shares(world)

    def _changed(self, name: str, change: Change, natural: Floats) -> Floats:
        if isinstance(change, Set):
            return np.full(natural.shape, self.model.columns[name].number_of(change.value))
        if isinstance(change, Shift):
            return natural + change.amount
        if isinstance(change, Scale):
            return natural * change.factor
        assert isinstance(change, Randomise)
        place = self.model.names.index(name)
        rng = np.random.default_rng([self.model.seed, 1, place])
        everyone = self.model.values[name]
        return self._shaped(everyone[rng.permutation(len(everyone))[self.units]])


def _level(column: NodeColumn, shares: Floats, noise: Floats) -> Floats:
    """The level whose stretch of the cumulative shares the noise falls into, as its number."""
    code = np.zeros(noise.shape, dtype=np.int64)
    reached = np.zeros(noise.shape)
    for level in range(shares.shape[-1] - 1):
        reached = reached + shares[..., level]
        code += noise > reached
    return np.asarray(column.points[code])
