"""The two roads to one what-if side by side: the graph's formula, and the structural model of the whole graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from causal.interventions.changes import Changes
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

if TYPE_CHECKING:
    from causal.estimators.estimate import Interval
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
    progress: Progress = silent,
) -> Roads:
    """The formula beside a model that is at hand.

    Raises what `what_if` does.
    """
    from causal.interventions.what_if import what_if

    found = what_if(table, spec, changes, variable, road="both", model=model, level=level, progress=progress)
    other = found.agreement
    if found.road == "model" or other is None:
        reason = found.notes[0] if found.notes else ""
        return Roads(variable, found.level, found.difference, found.std_error, reason=reason)
    return Roads(
        variable=variable,
        level=found.level,
        model=other.difference,
        model_std_error=other.std_error,
        formula=found.difference,
        formula_std_error=found.std_error,
        formula_interval=found.interval(),
        confidence=found.confidence,
        method=found.method,
        adjusted_for=found.adjusted_for,
        agrees=other.agrees,
    )
