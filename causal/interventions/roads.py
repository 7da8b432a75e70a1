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
    from causal.interventions.kept_arms import KeptArms
    from causal.interventions.kept_formula import KeptFormula
    from causal.interventions.mean_pair import IdentifiedMean
    from causal.interventions.scenario import NodeScenario
    from causal.interventions.structural_model import StructuralModel
    from causal.interventions.what_if import WhatIf
    from causal.logs.unit_table import UnitTable


@dataclass(frozen=True)
class Roads:
    """What each road says of the change in `variable` (of levels, in the share of `level`), with its standard error.

    `formula` is None where the graph gives none for these changes; `reason` then says why. `agrees` is whether the two
    are as close as their errors say. `notes` are the formula's own.
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
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Roads:
        """What `to_json` gave."""
        ends = document["formula_interval"]
        told = {
            "adjusted_for": tuple(document["adjusted_for"]),
            "notes": tuple(document.get("notes", ())),
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
    from causal.interventions.what_if import what_if

    fewer = conditions_of(where)
    node = simulate(model, changes, fewer).node(variable)
    by_model = _by_model(node, level)
    try:
        found = what_if(
            table, spec, changes, variable, (*spec.where, *fewer), road="identified", level=level, progress=progress
        )
    except WorkStopped:
        raise
    except DoableError as refusal:
        return Roads(variable, level, *by_model, reason=str(refusal))
    return _beside(by_model, variable, found.level, found, found.interval(), found.confidence)


def roads_from(
    kept: KeptFormula | KeptArms, changes: Changes, node: NodeScenario, level: Level | None = None
) -> Roads | None:
    """The same digits from what is kept, beside the model's `node`; None where `kept` has no answer."""
    from causal.estimators.estimate import normal_interval

    found = kept.under(changes)
    if found is None:
        return None
    interval = normal_interval(found.difference, found.std_error, kept.confidence, found.degrees_of_freedom)
    return _beside(_by_model(node, level), kept.variable, kept.level, found, interval, kept.confidence)


def _by_model(node: NodeScenario, level: Level | None) -> tuple[float, float]:
    """The model's difference with its error."""
    told = node if level is None and node.difference is not None else node.share(_level_of(node, level))
    assert told.difference is not None and told.std_error is not None
    return told.difference, told.std_error


def _beside(
    by_model: tuple[float, float],
    variable: str,
    level: Level | None,
    found: WhatIf | IdentifiedMean,
    interval: Interval,
    confidence: float,
) -> Roads:
    from causal.interventions.what_if import Agreement

    gap, error = found.difference - by_model[0], math.hypot(found.std_error, by_model[1])
    return Roads(
        variable,
        level,
        *by_model,
        formula=found.difference,
        formula_std_error=found.std_error,
        formula_interval=interval,
        confidence=confidence,
        method=found.method,
        adjusted_for=found.adjusted_for,
        agrees=Agreement("model", found.baseline + by_model[0], *by_model, gap=gap, gap_std_error=error).agrees,
        notes=found.notes,
    )


def _level_of(node: NodeScenario, level: Level | None) -> Level:
    return node.levels[-1].level if level is None else level
