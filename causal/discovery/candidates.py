"""Which columns of a table a search can take, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causal.checks.columns import Column, Columns
from causal.discovery.proposal import SearchMethod
from causal.errors import CovariateProblem
from causal.logs.unit_table import UnitTable


@dataclass(frozen=True)
class Candidates:
    """The columns that a search can take, in the table's order, and for each other one the sentence why not."""

    names: tuple[str, ...]
    left_out: Mapping[str, str]


def candidates(table: UnitTable, method: SearchMethod = "boss") -> Candidates:
    """Every column with a type that the search fits and with more than one value."""
    columns = Columns(table)
    reasons = {name: _reason(columns, name, method) for name in table.names}
    return Candidates(
        names=tuple(name for name, reason in reasons.items() if reason is None),
        left_out={name: reason for name, reason in reasons.items() if reason is not None},
    )


def _reason(columns: Columns, name: str, method: SearchMethod) -> str | None:
    try:
        column = columns.of(name)
    except CovariateProblem as problem:
        return str(problem)
    if not _varies(column):
        return f'"{name}" takes one value only, so nothing can hang on it.'
    if method == "lingam" and column.numbers is None:
        return f'"{name}" is no number with more than two values, and LiNGAM reads directions from the noise of such.'
    return None


def _varies(column: Column) -> bool:
    if column.numbers is None:
        return len(column.levels) > 1
    present = column.numbers[column.present]
    return len(present) > 0 and bool(np.any(present != present[0]))
