"""One level of a variable as a column of yes and no, whose mean is that level's share."""

from __future__ import annotations

from typing import NamedTuple

from causal.errors import OptionProblem
from causal.estimators.design import present_levels
from causal.logs.unit_table import UnitTable
from causal.study import Level, same_level


class LevelFlag(NamedTuple):
    """The table with the flag in the variable's place.

    `turned`: the flag is of the other level of two, so that a share is one less its mean. `level` None: the variable
    is a number, and is left as it is.
    """

    table: UnitTable
    level: Level | None
    turned: bool


def flag_of(table: UnitTable, variable: str, level: Level | None) -> LevelFlag:
    """Of `level`, or, where that is None, of the last level of a variable that has levels.

    Of two levels the flag is always of the last, as in an answer about the variable itself. Raises OptionProblem for a
    level that no unit has.
    """
    if level is None and table.column(variable).dtype.kind in "biuf":
        return LevelFlag(table, None, False)
    levels = present_levels(table, variable)
    headline = levels[-1] if level is None else next((each for each in levels if same_level(each, level)), None)
    if headline is None:
        raise OptionProblem(f'"{variable}" has no level {level!r}. It has: {", ".join(map(repr, levels))}.')
    turned = len(levels) == 2 and headline == levels[0]
    values = table.column(variable)
    flags = (values == (levels[1] if turned else headline)).where(values.notna()).astype("boolean")
    return LevelFlag(table.with_column(variable, flags, "binary"), headline, turned)
