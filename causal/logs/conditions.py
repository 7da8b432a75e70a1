"""Which units satisfy a filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from causal.errors import EmptyLog, OptionProblem
from causal.study import Condition, Level, conditions_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from causal.logs.unit_table import UnitTable


def satisfied(table: UnitTable, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """(rows,) flags of the units that satisfy every condition; a missing value satisfies none.

    Raises UnknownColumn, and OptionProblem where a value does not fit its column.
    """
    import numpy as np

    inside = np.ones(len(table), dtype=bool)
    for each in conditions:
        inside &= _flags(table, each)
    return inside


def frame_inside(table: UnitTable, where: Iterable[Condition | Mapping[str, Any]]) -> pd.DataFrame:
    """The rows of the units that satisfy every condition, from 0; all of them where there is none.

    Raises what `satisfied` does, and EmptyLog where no unit satisfies them.
    """
    conditions = conditions_of(where)
    if not conditions:
        return table.frame
    found = table.frame[satisfied(table, conditions)].reset_index(drop=True)
    if found.empty:
        raise EmptyLog("No unit satisfies the filter. Widen it, or take it off.")
    return found


def _flags(table: UnitTable, condition: Condition) -> NDArray[np.bool_]:
    import numpy as np

    values, wanted = table.column(condition.column), condition.value
    present = ~values.isna().to_numpy()
    if condition.comparison == "is one of":
        assert isinstance(wanted, tuple)
        found = np.logical_or.reduce([equal_to(values, each) for each in wanted])
        return np.asarray(found & present, dtype=bool)
    assert not isinstance(wanted, tuple)
    if condition.comparison in ("is", "is not"):
        same = equal_to(values, wanted)
        return np.asarray((same if condition.comparison == "is" else ~same) & present, dtype=bool)
    numbers, limit = _ordered(values, condition)
    with np.errstate(invalid="ignore"):
        found = {
            "is at least": numbers >= limit,
            "is at most": numbers <= limit,
            "is above": numbers > limit,
            "is below": numbers < limit,
        }[condition.comparison]
    return np.asarray(found & present, dtype=bool)


def equal_to(values: pd.Series, level: Level) -> NDArray[np.bool_]:
    """(rows,) where a column has this value: as numbers where both can be, else as text.

    Menus and JSON write 1 as "1", whatever the column makes of it (1.0 where values are missing).
    """
    import numpy as np
    import pandas as pd

    found = (values == level).to_numpy(dtype=bool, na_value=False)
    if not found.any():
        number = _number(level) if _holds_numbers(values) else None
        if number is not None:
            found = (values == number).to_numpy(dtype=bool, na_value=False)
        elif isinstance(level, str) and pd.api.types.is_bool_dtype(values.dtype):
            found = (values.astype(str).str.casefold() == level.casefold()).to_numpy(dtype=bool, na_value=False)
        else:
            found = (values.astype(str) == str(level)).to_numpy(dtype=bool, na_value=False)
    return np.asarray(found & ~values.isna().to_numpy(), dtype=bool)


def _holds_numbers(values: pd.Series) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype))


def _number(level: Level) -> float | None:
    try:
        return float(level)
    except ValueError:
        return None


def _ordered(values: pd.Series, condition: Condition) -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd

    try:
        if values.dtype.kind == "M":
            return _instants(values), _instant(pd.Timestamp(str(condition.value)))
        if pd.api.types.is_numeric_dtype(values.dtype):
            return values.to_numpy(dtype=np.float64, na_value=np.nan), float(condition.value)  # type: ignore[arg-type]
    except ValueError as error:
        raise OptionProblem(
            f'The filter compares "{condition.column}" with {condition.value!r}, which is no '
            f'{"time" if values.dtype.kind == "M" else "number"}. Write one, or compare with "is".'
        ) from error
    raise OptionProblem(
        f'"{condition.column}" has no order, so it cannot be "{condition.comparison.removeprefix("is ")}" something. '
        'Compare it with "is" or "is one of".'
    )


def _instants(values: pd.Series) -> Any:
    """The times without their zone, as Coordinated Universal Time where they have one."""
    return (values if values.dt.tz is None else values.dt.tz_convert("UTC").dt.tz_localize(None)).to_numpy()


def _instant(time: pd.Timestamp) -> Any:
    """A time as `_instants` gives it: one without a zone is taken for Coordinated Universal Time."""
    return (time if time.tz is None else time.tz_convert("UTC").tz_localize(None)).to_datetime64()
