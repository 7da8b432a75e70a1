"""Each column as a small picture: its range, its shape, its most frequent values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.logs.columns import ColumnGuess, guess
from causal.logs.log import Log, counted
from causal.logs.number_text import numbers_in
from causal.logs.reading import frame_of
from causal.logs.unit_table import ColumnType

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_BINS = 20
_TOP = 10
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PICTURED = (0.005, 0.995)
_STRETCHED = 1.5


@dataclass(frozen=True)
class ColumnProfile:
    """What a column holds, small enough to be drawn in a table cell.

    Numbers and times have `minimum`, `maximum`, `mean`, `quantiles` (at `QUANTILES`), `edges` (one more than `counts`;
    times as seconds since 1970) and `counts`; everything else has `levels`, the ten most frequent values, with
    `counts`, and `others`: the rows with any other value. `missing`, `distinct` and all counts are numbers of rows
    or values. Where a few far values would stretch the picture, `edges` run between the 0.5 % and the 99.5 % quantile;
    `below` and `above` count the rows beyond them, which are the `others` then.
    """

    name: str
    type: ColumnType
    missing: int
    distinct: int
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    quantiles: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    others: int = 0
    below: int = 0
    above: int = 0

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ColumnProfile:
        """The profile whose fields these plain JSON values are."""
        lists = {name: tuple(document[name]) for name in ("quantiles", "edges", "levels", "counts")}
        return cls(**{**document, **lists})

    @property
    def beyond(self) -> str:
        """What the picture leaves out at its ends, as a sentence; empty where it shows all."""
        said = []
        if self.below:
            said.append(f"{counted(self.below, 'row')} below, down to {_end(self.minimum)}")
        if self.above:
            said.append(f"{counted(self.above, 'row')} above, up to {_end(self.maximum)}")
        return f"Beyond the picture: {' and '.join(said)}." if said else ""

    @property
    def middle_day(self) -> str | None:
        """The day on which the median of a column of times lies, in ISO form; None of any other column."""
        if not self.quantiles or not isinstance(self.minimum, str):
            return None
        return datetime.datetime.fromtimestamp(self.quantiles[len(QUANTILES) // 2], datetime.UTC).date().isoformat()


def _end(value: float | str | None) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def profile(log: Log) -> tuple[ColumnProfile, ...]:
    """One profile per column, in the log's order, from all its rows."""
    frame = frame_of(log)
    return tuple(profile_of(frame[each.name], each) for each in guess(log))


def profile_of(values: pd.Series, guessed: ColumnGuess) -> ColumnProfile:
    """The profile of one column whose type was guessed."""
    import pandas as pd

    if guessed.type == "numeric" and not pd.api.types.is_numeric_dtype(values.dtype):
        values = numbers_in(values)
    present = values.dropna()
    missing = len(values) - len(present)
    is_time = pd.api.types.is_datetime64_any_dtype(values.dtype)
    is_number = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    if len(present) == 0:
        return ColumnProfile(guessed.name, guessed.type, missing, 0)
    if is_time or (is_number and guessed.type in ("numeric", "time")):
        return _spread(present, guessed, missing, is_time)
    return _frequent(present, guessed, missing)


def _spread(present: pd.Series, guessed: ColumnGuess, missing: int, is_time: bool) -> ColumnProfile:
    import numpy as np

    numbers = present.to_numpy("datetime64[us]").astype("int64") / 1e6 if is_time else present.to_numpy("float64")
    finite = numbers[np.isfinite(numbers)]
    if len(finite) == 0:
        return ColumnProfile(guessed.name, guessed.type, missing, int(present.nunique()))
    low, high = _pictured(finite)
    counts, edges = np.histogram(finite, bins=_BINS, range=(low, high))
    below, above = int((finite < low).sum()), int((finite > high).sum())
    ends = (str(present.min()), str(present.max())) if is_time else (float(finite.min()), float(finite.max()))
    return ColumnProfile(
        name=guessed.name,
        type=guessed.type,
        missing=missing,
        distinct=int(present.nunique()),
        minimum=ends[0],
        maximum=ends[1],
        mean=float(finite.mean()),
        quantiles=tuple(float(each) for each in np.quantile(finite, QUANTILES)),
        edges=tuple(float(each) for each in edges),
        counts=tuple(int(each) for each in counts),
        others=below + above,
        below=below,
        above=above,
    )


def _pictured(numbers: NDArray[Any]) -> tuple[float, float]:
    """From where to where the histogram runs: everything, unless a few far values would flatten the rest."""
    import numpy as np

    lowest, highest = float(numbers.min()), float(numbers.max())
    low, high = (float(each) for each in np.quantile(numbers, PICTURED))
    stretched = high > low and highest - lowest > _STRETCHED * (high - low)
    return (low, high) if stretched else (lowest, highest)


def _frequent(present: pd.Series, guessed: ColumnGuess, missing: int) -> ColumnProfile:
    frequencies = present.value_counts()
    top = frequencies.head(_TOP)
    return ColumnProfile(
        name=guessed.name,
        type=guessed.type,
        missing=missing,
        distinct=len(frequencies),
        levels=tuple(str(level) for level in top.index),
        counts=tuple(int(count) for count in top),
        others=int(frequencies.iloc[_TOP:].sum()),
    )
