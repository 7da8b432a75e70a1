"""The rows that a model is fitted to: its columns as numbers, by group, and by which values are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.errors import LogError, TooFewUnits, UnknownColumn
from causal.structural.likelihood import Pattern
from causal.structural.moments import check_moments, moments_of

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable

_GROUPS = 50


@dataclass(frozen=True)
class SemRows:
    """Per group: its label, its patterns of missing values, and each pattern's rows; `left_out` rows are in none.

    `places`: where those rows stand in the table of `size` rows; empty where every row is used in its order.
    """

    groups: tuple[str, ...]
    patterns: tuple[tuple[Pattern, ...], ...]
    values: tuple[tuple[NDArray[np.float64], ...], ...]
    places: tuple[tuple[NDArray[np.intp] | slice, ...], ...]
    size: int
    left_out: int


def rows_of(
    frame: pd.DataFrame | UnitTable,
    observed: Sequence[str],
    exogenous: Sequence[str],
    group: str | None,
    missing: str,
    checked: bool = True,
) -> SemRows:
    """The rows of the columns `observed`; a row with a missing group or exogenous column is left out in any case.

    `checked`: whether they must serve for a fit. Raises UnknownColumn, LogError (no numbers), TooFewUnits, or
    EstimationError (constant or dependent columns).
    """
    values, complete = _matrix(frame, observed)
    labels: tuple[str, ...]
    if group is None and complete:
        labels, codes, kept = ("",), np.zeros(0, dtype=np.intp), np.ones(len(values), dtype=bool)
    else:
        labels, codes = _groups_of(frame, group, len(values))
        absent = np.isnan(values)
        needed = [True] * len(observed) if missing == "leave out" else [name in exogenous for name in observed]
        kept = ~absent[:, needed].any(axis=1) & ~absent.all(axis=1) & (codes >= 0)
    groups = []
    for code, label in enumerate(labels):
        whole = group is None and bool(kept.all())
        places = slice(None) if whole else np.flatnonzero(kept & (codes == code))
        where = f' in the group "{label}"' if group is not None else ""
        groups.append(_patterns(values, places, observed, where, checked, complete))
    return SemRows(
        groups=labels,
        patterns=tuple(tuple(pattern for pattern, _, _ in each) for each in groups),
        values=tuple(tuple(rows for _, rows, _ in each) for each in groups),
        places=tuple(tuple(places for _, _, places in each) for each in groups),
        size=len(values),
        left_out=int((~kept).sum()),
    )


def filled(rows: SemRows, group: int, width: int) -> NDArray[np.float64]:
    """(n, width) the rows of one group, pattern after pattern, with NaN where a value is missing."""
    parts = [np.empty((0, width))]
    for pattern, values in zip(rows.patterns[group], rows.values[group], strict=True):
        whole = values if len(pattern.columns) == width else np.full((len(values), width), np.nan)
        whole[:, pattern.columns] = values
        parts.append(whole)
    return np.concatenate(parts) if len(parts) > 2 else parts[-1]


def _matrix(frame: pd.DataFrame | UnitTable, names: Sequence[str]) -> tuple[NDArray[np.float64], bool]:
    """The columns side by side (n, p), and whether none lacks a value.

    They lie one after another in memory: a column is copied at once, where rows would scatter it. A missing value makes
    its column's sum one, which costs a tenth of asking each value.
    """
    columns = [_numbers(frame, name) for name in names]
    complete = all(bool(np.isfinite(each.sum())) for each in columns)
    values = np.empty((len(names), len(columns[0])))
    for place, each in enumerate(columns):
        values[place] = each
    return values.T, complete


def _patterns(
    values: NDArray[np.float64],
    places: NDArray[np.intp] | slice,
    names: Sequence[str],
    where: str,
    checked: bool,
    complete: bool,
) -> list[tuple[Pattern, NDArray[np.float64], NDArray[np.intp] | slice]]:
    own = values[places]
    if len(own) == 0:
        if not checked:
            return []
        raise TooFewUnits(f"There is no row without a missing value{where}. Fill values in, or use fewer columns.")
    present = np.ones((1, len(names)), dtype=bool) if complete else ~np.isnan(own)
    if present.all():
        shapes: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp] | slice]]
        shapes = [(np.arange(len(names)), own, places)]
    else:
        packed = np.ascontiguousarray(np.packbits(present, axis=1))
        _, first, code = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True)
        listed = np.arange(len(values))[places]
        shapes = [
            (np.flatnonzero(shape), own[code == at][:, np.flatnonzero(shape)], listed[code == at])
            for at, shape in enumerate(present[first])
        ]
    found = [(Pattern(columns, moments_of(rows)), rows, at) for columns, rows, at in shapes]
    unseen = np.flatnonzero(present.sum(axis=0) == 0)
    if checked and len(unseen):
        raise TooFewUnits(f'"{names[unseen[0]]}" has no value at all{where}. Leave it out of the model.')
    if checked and len(found) == 1:
        check_moments(found[0][0].moments, names, where)
    return found


def level_that_counts(frame: pd.DataFrame | UnitTable, name: str) -> object | None:
    """Of a column of two words the one that counts as one, the later in order; None where it has more, or numbers."""
    import pandas as pd

    column = (frame if isinstance(frame, pd.DataFrame) else frame.frame)[name]
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    levels = sorted(column.dropna().unique().tolist(), key=str)
    return levels[1] if len(levels) == 2 else None


def _numbers(frame: pd.DataFrame | UnitTable, name: str) -> NDArray[np.float64]:
    import pandas as pd

    table = frame if isinstance(frame, pd.DataFrame) else frame.frame
    if name not in table.columns:
        raise UnknownColumn.named(name, (str(each) for each in table.columns))
    column = table[name]
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return np.where(column.isna(), np.nan, column.cat.codes.to_numpy(dtype=np.float64))
    if not pd.api.types.is_numeric_dtype(column.dtype):
        one = level_that_counts(frame, name)
        if one is None:
            raise LogError(
                f'"{name}" holds words, not numbers: it has no covariance. Give it as numbers, or leave it out.'
            )
        return np.where(column.isna(), np.nan, (column == one).to_numpy(dtype=np.float64, na_value=0.0))
    found = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return found if np.isfinite(found.sum()) else np.where(np.isinf(found), np.nan, found)


def _groups_of(
    frame: pd.DataFrame | UnitTable, group: str | None, rows: int
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    if group is None:
        return ("",), np.zeros(rows, dtype=np.intp)
    import pandas as pd

    table = frame if isinstance(frame, pd.DataFrame) else frame.frame
    if group not in table.columns:
        raise UnknownColumn.named(group, (str(each) for each in table.columns))
    codes, levels = pd.factorize(table[group], sort=True)
    if len(levels) > _GROUPS:
        raise LogError(f'"{group}" has {len(levels)} values: too many to fit a model in each. Choose another column.')
    return tuple(str(each) for each in levels), np.asarray(codes, dtype=np.intp)
