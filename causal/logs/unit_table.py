"""One row per unit, columnar, with a type for every column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.time_range import TimeRange

if TYPE_CHECKING:  # loaded when the first table is built: the first page must not wait for them
    import pandas as pd

ColumnType = Literal["numeric", "category", "binary", "time", "text", "identifier"]

_PARQUET_KEY = b"doable.types"
_RANGES_KEY = b"doable.ranges"
_PARTS_KEY = b"doable.parts"
_SOURCES_KEY = b"doable.sources"


@dataclass(frozen=True, eq=False)
class UnitTable:
    """One row per unit; never changed in place.

    `frame` holds the values (a shallow copy-on-write copy of what came in), `types` one ColumnType per column,
    `ranges` from when a column is, seen from the unit's anchor, where the units were made of events. `parts`: what a
    column stands for wherever it is adjusted for, where it is a text that was read: its components. `sources`: the
    columns that a score of a latent variable was made of.
    """

    frame: pd.DataFrame
    types: Mapping[str, ColumnType]
    ranges: Mapping[str, TimeRange] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, types: Mapping[str, ColumnType] | None = None) -> UnitTable:
        """The table of a frame in which each row is a unit; `types` overrides what the values suggest.

        Raises EmptyLog (no rows or no columns), LogError (duplicate names), UnknownColumn (a type for no column).
        """
        import pandas as pd

        if frame.shape[1] == 0:
            raise EmptyLog("The table has no columns. Give it at least a treatment and an outcome.")
        if frame.shape[0] == 0:
            raise EmptyLog("The table has no rows: there is nothing to compare. Check the file or the filter.")
        kept = frame.copy(deep=False)
        kept.columns = pd.Index([str(name) for name in frame.columns], dtype=object)
        if not kept.columns.is_unique:
            twice = kept.columns[kept.columns.duplicated()][0]
            raise LogError(f'Two columns are called "{twice}". Rename one of them, so that each name means one thing.')
        given = dict(types or {})
        for name, kind in given.items():
            if name not in kept.columns:
                raise UnknownColumn.named(name, kept.columns)
            if kind not in get_args(ColumnType):
                raise LogError(f'"{kind}" is no column type. Choose one of: {", ".join(get_args(ColumnType))}.')
        full = {name: given.get(name) or type_of_values(kept[name]) for name in kept.columns}
        return cls(kept, full)

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the table's order."""
        return tuple(self.frame.columns)

    @property
    def components(self) -> frozenset[str]:
        """The columns that are components of a text; their type is "text", as each by itself means nothing."""
        return frozenset(name for parts in self.parts.values() for name in parts)

    @property
    def variables(self) -> tuple[str, ...]:
        """The columns that a graph can hold: all but identifiers and texts, of which only those that were read."""
        return tuple(
            name for name in self.names if name in self.parts or self.types[name] not in ("identifier", "text")
        )

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> pd.Series:
        """One column.

        Raises UnknownColumn.
        """
        if name not in self.types:
            raise UnknownColumn.named(name, self.types)
        return self.frame[name]

    def with_column(self, name: str, values: Any, kind: ColumnType) -> UnitTable:
        """The table with one more column, or another in the place of one; all others keep type and time range.

        Raises LogError.
        """
        made = UnitTable.from_frame(self.frame.assign(**{name: values}), {**self.types, name: kind})
        ranges = {each: range_ for each, range_ in self.ranges.items() if each != name}
        sources = {each: made_of for each, made_of in self.sources.items() if each != name}
        return replace(made, ranges=ranges, parts=self.parts, sources=sources)

    def without(self, names: Collection[str]) -> UnitTable:
        """The table without some of its columns; what was made of them stays."""
        kept = [name for name in self.names if name not in names]
        return UnitTable(
            self.frame[kept],
            {name: self.types[name] for name in kept},
            {name: made for name, made in self.ranges.items() if name in kept},
            {name: parts for name, parts in self.parts.items() if name in kept},
            {name: made_of for name, made_of in self.sources.items() if name in kept},
        )

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names, types, time ranges and every value, as 64 hexadecimal digits; the same in any process."""
        digest = hashlib.sha256()
        for name in self.names:
            digest.update(json.dumps([name, self.types[name]], ensure_ascii=False).encode())
            digest.update(_bytes_of(self.frame[name]))
        if self.ranges:
            digest.update(self._written_ranges())
        if self.parts:
            digest.update(_written(self.parts))
        if self.sources:
            digest.update(_written(self.sources))
        return digest.hexdigest()

    def to_parquet(self, path: Path) -> None:
        """Write rows and types to one Parquet file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = pa.Table.from_pandas(self.frame, preserve_index=False)
        metadata = {**(arrow.schema.metadata or {}), _PARQUET_KEY: json.dumps(dict(self.types)).encode()}
        if self.ranges:
            metadata[_RANGES_KEY] = self._written_ranges()
        if self.parts:
            metadata[_PARTS_KEY] = _written(self.parts)
        if self.sources:
            metadata[_SOURCES_KEY] = _written(self.sources)
        pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd")

    @classmethod
    def from_parquet(cls, path: Path) -> UnitTable:
        """The table that `to_parquet` wrote, with its types."""
        import pyarrow.parquet as pq

        arrow = pq.read_table(path)
        types = json.loads((arrow.schema.metadata or {}).get(_PARQUET_KEY, b"{}"))
        ranges = json.loads((arrow.schema.metadata or {}).get(_RANGES_KEY, b"{}"))
        table = cls.from_frame(arrow.to_pandas(), types)
        parts = json.loads((arrow.schema.metadata or {}).get(_PARTS_KEY, b"{}"))
        sources = json.loads((arrow.schema.metadata or {}).get(_SOURCES_KEY, b"{}"))
        return replace(
            table,
            ranges={name: TimeRange.from_json(each) for name, each in ranges.items()},
            parts={name: tuple(each) for name, each in parts.items()},
            sources={name: tuple(each) for name, each in sources.items()},
        )

    def _written_ranges(self) -> bytes:
        return json.dumps({name: self.ranges[name].to_json() for name in sorted(self.ranges)}).encode()


def _written(names: Mapping[str, tuple[str, ...]]) -> bytes:
    return json.dumps({name: list(names[name]) for name in sorted(names)}).encode()


def type_of_values(values: pd.Series) -> ColumnType:
    """The type that a column's dtype and values suggest: integers are numeric, strings are categories."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_bool_dtype(values.dtype):
        return "binary"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "numeric"
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or pd.api.types.is_timedelta64_dtype(values.dtype):
        return "time"
    present = values.dropna()
    if len(present) and all(isinstance(each, bool | np.bool_) for each in present.head(1000)):
        return "binary"
    return "category"


def _bytes_of(values: pd.Series) -> bytes:
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "biuf":
        plain = np.ascontiguousarray(values.to_numpy())
        return str(plain.dtype).encode() + plain.tobytes()
    codes, levels = pd.factorize(values, use_na_sentinel=True)
    spelled = json.dumps([repr(each) if not isinstance(each, str) else each for each in levels], ensure_ascii=False)
    return spelled.encode() + np.ascontiguousarray(codes.astype(np.int64)).tobytes()
