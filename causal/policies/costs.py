"""What each arm costs for each unit, from a number, a number per arm, a column, or values per unit and arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from causal.errors import OptionProblem, TreatmentProblem
from causal.estimators.design import Floats
from causal.logs.unit_table import UnitTable

if TYPE_CHECKING:
    from causal.policies.arm_scores import ArmScores

Cost = float | Mapping[Any, Any] | ArrayLike
"""A number (of every arm but the control, which is free), per arm (a number, a column's name, or a value per row of the
table), or an array (rows, arms) in the order of the levels."""


def costs_of(table: UnitTable, scores: ArmScores, cost: Cost) -> Floats:
    """(n, K) of the units scored.

    Raises OptionProblem (a shape that does not fit, a cost that is missing or below zero), TreatmentProblem (no such
    arm), UnknownColumn.
    """
    count = len(scores.levels)
    found = np.zeros((len(scores), count))
    if isinstance(cost, Mapping):
        spelled = {str(level): at for at, level in enumerate(scores.levels)}
        for level, each in cost.items():
            if str(level) not in spelled:
                known = ", ".join(repr(each) for each in scores.levels)
                raise TreatmentProblem(f"There is no arm {level!r} to give a cost to. The arms are: {known}.")
            found[:, spelled[str(level)]] = _per_unit(table, scores, each)
    elif isinstance(cost, int | float):
        found[:, [at for at in range(count) if at != scores.control]] = float(cost)
    else:
        given = np.asarray(cost, dtype=np.float64)
        if given.shape not in ((scores.size, count), (count,)):
            raise OptionProblem(
                f"Costs per unit and arm are a table of {scores.size:,} rows and {count} arms, not {given.shape}."
            )
        found[:] = given if given.ndim == 1 else given[scores.rows]
    if not np.isfinite(found).all() or (found < 0).any():
        raise OptionProblem("Every arm of every unit needs a cost that is a number and not below zero.")
    return found


def _per_unit(table: UnitTable, scores: ArmScores, each: Any) -> Any:
    if isinstance(each, str):
        return table.column(each).iloc[scores.rows].to_numpy(dtype=np.float64, na_value=np.nan)
    given = np.asarray(each, dtype=np.float64)
    if given.ndim == 0:
        return given
    if given.shape != (scores.size,):
        raise OptionProblem(f"Costs per unit need one value per row of the table ({scores.size:,}), not {given.shape}.")
    return given[scores.rows]
