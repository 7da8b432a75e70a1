"""Parquet and Feather: typed already; kinds that a table of units cannot use are written as text or numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind
from causal.logs.readers.rows import Rows, check_length, check_width, unique_names
from causal.logs.readers.values import arrow_type

_BATCH = 131_072
_ROWS_PER_BYTE = 200
_ROWS_FROM = 1_000_000


def read_parquet(path: Path) -> Rows:
    """The rows of a Parquet file, as a stream.

    Raises UnreadableLog (damaged, or claiming more rows than its bytes can hold) and EmptyLog.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableLog("The Parquet file is damaged or was cut off. Export it again.") from error
    rows = file.metadata.num_rows
    check_length(rows)
    if rows > _ROWS_FROM and rows > _ROWS_PER_BYTE * path.stat().st_size:
        raise UnreadableLog(f"The file claims {rows:,} rows in very few bytes, which no log does. Export it again.")
    return _rows(schema, rows, file.iter_batches(_BATCH))


def read_feather(path: Path) -> Rows:
    """The rows of a Feather or Arrow file.

    Raises UnreadableLog and EmptyLog.
    """
    import pyarrow as pa
    import pyarrow.feather as feather

    try:
        table = feather.read_table(str(path))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableLog("The Feather file is damaged or was cut off. Export it again.") from error
    check_length(len(table))
    return _rows(table.schema, len(table), table.to_batches(_BATCH))


def _rows(schema: Any, rows: int, batches: Iterable[Any]) -> Rows:
    found = [index for index, name in enumerate(schema.names) if not name.startswith("__index_level_")]
    if not found:
        raise EmptyLog("The file has no columns. Check the export and upload it again.")
    if rows == 0:
        raise EmptyLog("The file has columns but no rows. Check the export and upload it again.")
    check_width(len(found))
    names, notes = unique_names([schema.names[index] for index in found])
    kinds = tuple(_kind(schema.types[index]) for index in found)
    return Rows(names, kinds, _converted(batches, found, kinds), notes)


def _converted(batches: Iterable[Any], found: list[int], kinds: tuple[Kind, ...]) -> Iterator[Any]:
    import pyarrow as pa

    labels = [f"c{index}" for index in range(len(found))]
    try:
        for batch in batches:
            arrays = [_plain(batch.column(index), kind) for index, kind in zip(found, kinds, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, labels)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLog("The file is damaged: its rows cannot be decoded. Export it again.") from error


def _kind(kind: Any) -> Kind:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _kind(kind.value_type)
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind):
        return "number" if kind == pa.uint64() else "integer"
    if types.is_floating(kind) or types.is_decimal(kind):
        return "number"
    if types.is_timestamp(kind) or types.is_date(kind):
        return "time"
    return "text"


def _plain(array: Any, kind: Kind) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_timestamp(array.type) and array.type.tz:
        array = array.cast(pa.timestamp(array.type.unit, "UTC")).cast(pa.timestamp(array.type.unit))
    if kind == "text" and (pa.types.is_nested(array.type) or pa.types.is_binary(array.type)):
        return pa.array([_text(value) for value in array.to_pylist()], pa.string())
    return array.cast(arrow_type(kind), safe=False)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, default=str)
