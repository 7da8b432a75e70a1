"""The two roads to one what-if side by side: the graph's formula, and the structural model of the whole graph."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from causal.errors import DoableError, WorkStopped
from causal.interventions.changes import Changes
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Condition, Level, conditions_of

if TYPE_CHECKING:
    from causal.estimators.estimate import Interval
    from causal.interventions.scenario import NodeScenario
    from causal.interventions.structural_model import StructuralModel
    from causal.logs.unit_table import UnitTable


@dataclass(frozen=True)
class Roads:
    """What each road says of the change in `variable` (of levels, in the share of `level`), with its standard error.

    `formula` is None where the graph gives none for these changes; `reason` then says why. `agrees` is whether the two
    are as close as their errors say.
    """

    variable: str
    level: Level | None
    model: float
    model_std_error: float
    formula: float | None = None
    formula_std_error: float | None = None
    formula_interval: Interval | None = None
    confidence: float = 0.95
    method: str = ""
    adjusted_for: tuple[str, ...] = ()
    agrees: bool | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Roads:
        """What `to_json` gave."""
        ends = document["formula_interval"]
        told = {
            "adjusted_for": tuple(document["adjusted_for"]),
            "formula_interval": None if ends is None else tuple(ends),
        }
        return cls(**{**document, **told})


def both_roads(
    table: UnitTable,
    spec: AnalysisSpec,
    changes: Changes,
    variable: str,
    model: StructuralModel,
    level: Level | None = None,
    where: Iterable[Condition] = (),
    progress: Progress = silent,
) -> Roads:
    """The formula beside a model that is at hand, fitted to the units of the spec's filter.

    `where` asks about fewer of them. Raises what `simulate` does.
    """
    from causal.interventions.scenario import simulate
    from causal.interventions.what_if import Agreement, what_if

    fewer = conditions_of(where)
    node = simulate(model, changes, fewer).node(variable)
    told = node if level is None and node.difference is not None else node.share(_level_of(node, level))
    assert told.difference is not None and told.std_error is not None and told.after is not None
    by_model = (told.difference, told.std_error)
    try:
        found = what_if(
            table, spec, changes, variable, (*spec.where, *fewer), road="identified", level=level, progress=progress
        )
    except WorkStopped:
        raise
    except DoableError as refusal:
        return Roads(variable, level, *by_model, reason=str(refusal))
    gap, error = found.difference - told.difference, math.hypot(found.std_error, told.std_error)
    return Roads(
        variable,
        found.level,
        *by_model,
        formula=found.difference,
        formula_std_error=found.std_error,
        formula_interval=found.interval(),
        confidence=found.confidence,
        method=found.method,
        adjusted_for=found.adjusted_for,
        agrees=Agreement("model", told.after, *by_model, gap=gap, gap_std_error=error).agrees,
    )


def _level_of(node: NodeScenario, level: Level | None) -> Level:
    return node.levels[-1].level if level is None else level
