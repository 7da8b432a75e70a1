"""The graph's formula for every combination of levels of several variables, from one fit whose means are kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from causal.errors import NotIdentified, OptionProblem
from causal.estimators.design import Floats
from causal.interventions.changes import Changes, Randomise, Set
from causal.interventions.identified import is_quantity
from causal.interventions.joint_change import JointArms, joint_arms
from causal.interventions.level_flag import flag_of
from causal.interventions.mean_pair import IdentifiedMean
from causal.interventions.node_columns import MOST_ORDERED
from causal.interventions.several_changes import moving_changes
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Condition, Level, conditions_of


@dataclass(frozen=True)
class KeptArms:
    """The arms of `variable` (of levels: of the share of `level`) under every combination that units have; JSON-able.

    `turned`: the arms are of the other level of two.
    """

    variable: str
    level: Level | None
    turned: bool
    confidence: float
    arms: JointArms

    def under(self, changes: Changes) -> IdentifiedMean | None:
        """As `what_if` has it; None where other variables are changed, or a combination is not among those kept."""
        counting = _counting(self.arms, changes)
        weighed = None if counting is None else _weighed(self.arms, counting, changes)
        if weighed is None:
            return None
        own, by_share = weighed
        direction = np.zeros((2, len(self.arms.covariance)))
        direction[0, 0], direction[1, 1:] = 1.0, np.concatenate([own, by_share])
        (first, cross), (_, second) = (direction @ np.array(self.arms.covariance) @ direction.T).tolist()
        told = [note for notes, weight in zip(self.arms.notes, own, strict=True) if weight > 0 for note in notes]
        found = IdentifiedMean(
            baseline=self.arms.baseline,
            outcome=float(own @ np.array(self.arms.means)),
            covariance=((first, cross), (cross, second)),
            units=self.arms.units,
            method=self.arms.method,
            adjusted_for=self.arms.adjusted_for,
            degrees_of_freedom=math.inf if self.arms.clusters is None else self.arms.clusters - 1.0,
            notes=tuple(dict.fromkeys(told)),
        )
        return replace(found, baseline=1 - found.baseline, outcome=1 - found.outcome) if self.turned else found

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> KeptArms:
        """What `to_json` gave."""
        arms = JointArms(**{name: _tuples(each) for name, each in document["arms"].items()})
        return cls(**{**document, "arms": arms})


def keep_arms(
    table: UnitTable,
    spec: AnalysisSpec,
    causes: Iterable[str],
    variable: str,
    level: Level | None = None,
    where: Iterable[Condition] = (),
) -> KeptArms:
    """Of the units of the spec's filter that satisfy `where` too; `level` None: of levels, the last of two.

    Raises OptionProblem where a cause is a quantity, NotIdentified where one works through the others alone, and what
    `joint_mean` does.
    """
    names = tuple(causes)
    question = replace(spec.question, treatment=names[0], outcome=variable)
    asked = replace(spec, question=question, where=(*spec.where, *conditions_of(where)))
    for name in names:
        if is_quantity(table, name) and table.column(name).nunique() > MOST_ORDERED:
            raise OptionProblem(f'"{name}" is a quantity, of which no arms are kept.')
    if len(moving_changes(asked, dict.fromkeys(names, Randomise()))) < len(names):
        raise NotIdentified("One of these variables works through the others alone.")
    flagged = flag_of(table, variable, level)
    found = joint_arms(flagged.table, asked, names)
    return KeptArms(variable, flagged.level, flagged.turned, spec.confidence, found)


def _counting(arms: JointArms, changes: Changes) -> list[Floats] | None:
    """Of every cause how much each level counts."""
    if set(changes) != set(arms.causes):
        return None
    found = []
    for name, levels, shares in zip(arms.causes, arms.levels, arms.shares, strict=True):
        change = changes[name]
        if isinstance(change, Randomise):
            found.append(np.array(shares))
        elif isinstance(change, Set) and str(change.value) in levels:
            found.append(np.eye(len(levels))[levels.index(str(change.value))])
        else:
            return None
    return found


def _weighed(arms: JointArms, counting: list[Floats], changes: Changes) -> tuple[Floats, Floats] | None:
    """How much every arm's mean counts, and by how much the mean moves with the share of every level that is drawn."""
    arm = {places: place for place, places in enumerate(arms.places)}
    own, by_share = np.zeros(len(arm)), [np.zeros(len(each)) for each in counting]
    for places in product(*(np.flatnonzero(each > 0).tolist() for each in counting)):
        if places not in arm:
            return None
        factors = [float(counting[k][place]) for k, place in enumerate(places)]
        own[arm[places]] = math.prod(factors)
        for k, name in enumerate(arms.causes):
            if isinstance(changes[name], Randomise):
                others = math.prod(factors[:k] + factors[k + 1 :])
                by_share[k][places[k]] += others * arms.means[arm[places]]
    return own, np.concatenate(by_share)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list | tuple) else value
