"""Parquet and Feather: typed already; kinds that a table of units cannot use are written as text or numbers."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind
from causal.logs.readers.arrow_messages import unpacked_batches
from causal.logs.readers.rows import Rows, check_length, check_width, unique_names
from causal.logs.readers.values import arrow_type

_BATCH = 131_072
_PIECE = 64 * 1024**2
_CELL = 16 * 1024**2
_ONE_BATCH = 1024**3
_ROWS_PER_BYTE = 200
_ROWS_FROM = 1_000_000
_CELLS_PER_BYTE = 2_000
_CELLS_FROM = 100_000_000
_BYTES_PER_BYTE = 500
_BYTES_FROM = 256 * 1024**2


def read_parquet(path: Path) -> Rows:
    """The rows of a Parquet file, as a stream.

    Raises UnreadableLog (damaged, or claiming more rows or text than its bytes can hold) and EmptyLog.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
        file = pq.ParquetFile(path, read_dictionary=[each.name for each in schema if _is_text(each.type)])
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableLog("The Parquet file is damaged or was cut off. Export it again.") from error
    _refuse_bomb(file.metadata, path.stat().st_size)
    return _rows(schema, file.metadata.num_rows, file.iter_batches(_BATCH, use_threads=False), path.stat().st_size)


def read_feather(path: Path) -> Rows:
    """The rows of a Feather or Arrow file, as a stream.

    Raises UnreadableLog (damaged, or unpacking to far more than it holds) and EmptyLog.
    """
    import pyarrow as pa

    with path.open("rb") as stream:
        if stream.read(4) == b"FEA1":
            raise UnreadableLog("The file is Feather of the old version 1. Write it as version 2, or as Parquet.")
    try:
        schema, batches = _feather_batches(path)
        rows = sum(length for length, _ in unpacked_batches(path))
        return _rows(schema, rows, batches, path.stat().st_size)
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError) as error:
        raise UnreadableLog("The Feather file is damaged or was cut off. Export it again.") from error


def _feather_batches(path: Path) -> tuple[Any, Iterator[Any]]:
    import pyarrow as pa

    size = path.stat().st_size
    sizes = [unpacked for _, unpacked in unpacked_batches(path)]
    total = sum(sizes)
    if max(sizes, default=0) > _ONE_BATCH or (total > _BYTES_FROM and total > _BYTES_PER_BYTE * size):
        raise _bomb()
    file = pa.ipc.open_file(pa.memory_map(str(path)))
    batches = (file.get_batch(number) for number in range(file.num_record_batches))
    pieces = (batch.slice(start, _BATCH) for batch in batches for start in range(0, batch.num_rows, _BATCH))
    return file.schema, pieces


def _refuse_bomb(metadata: Any, size: int) -> None:
    """Refuse a Parquet file by what its footer says, before anything is unpacked."""
    rows = metadata.num_rows
    check_length(rows)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    values = max((sum(group.column(c).num_values for group in groups) for c in range(metadata.num_columns)), default=0)
    longest = max(rows, values)
    if longest > _ROWS_FROM and longest > _ROWS_PER_BYTE * size:
        raise UnreadableLog(f"The file claims {longest:,} rows in very few bytes, which no log does. Export it again.")
    cells = rows * metadata.num_columns
    too_much = unpacked > _BYTES_FROM and unpacked > _BYTES_PER_BYTE * size
    if too_much or (cells > _CELLS_FROM and cells > _CELLS_PER_BYTE * size):
        raise _bomb()


def _bomb() -> UnreadableLog:
    return UnreadableLog(
        "The file unpacks to far more than its bytes can hold, which no log does. Export it again, without repeating "
        "long texts."
    )


def _rows(schema: Any, rows: int, batches: Iterable[Any], size: int) -> Rows:
    found = [index for index, name in enumerate(schema.names) if not name.startswith("__index_level_")]
    if not found:
        raise EmptyLog("The file has no columns. Check the export and upload it again.")
    if rows == 0:
        raise EmptyLog("The file has columns but no rows. Check the export and upload it again.")
    check_width(len(found))
    names, notes = unique_names([schema.names[index] for index in found])
    kinds = tuple(_kind(schema.types[index]) for index in found)
    return Rows(names, kinds, _converted(_bounded(batches, size), found, names, kinds), notes, rows)


def _bounded(batches: Iterable[Any], size: int) -> Iterator[Any]:
    """The batches in pieces whose texts are few megabytes once written out.

    A text that a column holds once and repeats in every row takes no room in the file, and all of it in memory.
    """
    unpacked = 0
    for batch in batches:
        lengths = _text_bytes(batch)
        unpacked += sum(lengths)
        if unpacked > _BYTES_FROM and unpacked > _BYTES_PER_BYTE * size:
            raise _bomb()
        rows = max(batch.num_rows * _PIECE // max(sum(lengths), _PIECE), 1)
        yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


def _text_bytes(batch: Any) -> list[int]:
    """For each column of texts that are held once each: how many bytes they take when written out row by row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = []
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
            lengths = pc.binary_length(column.dictionary)
            if (pc.max(lengths).as_py() or 0) > _CELL:
                raise UnreadableLog(f"The file holds a value of more than {_CELL // 1024**2} MB, which no log does.")
            found.append(pc.sum(pc.take(pc.cast(lengths, pa.int64()), column.indices)).as_py() or 0)
    return found


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(
        types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    )


def _converted(
    batches: Iterable[Any], found: list[int], names: tuple[str, ...], kinds: tuple[Kind, ...]
) -> Iterator[Any]:
    import pyarrow as pa

    labels = [f"c{index}" for index in range(len(found))]
    before = 0
    try:
        for batch in batches:
            arrays = [_plain(batch.column(index), kind) for index, kind in zip(found, kinds, strict=True)]
            for array, name in zip(arrays, names, strict=True):
                _refuse_no_text(array, name, before)
            before += batch.num_rows
            yield pa.RecordBatch.from_arrays(arrays, labels)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLog("The file is damaged: its rows cannot be decoded. Export it again.") from error


def _refuse_no_text(array: Any, name: str, before: int) -> None:
    """Refuse texts that are not UTF-8, which some engines write without looking."""
    import pyarrow as pa

    if not pa.types.is_string(array.type):
        return
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        for place, raw in enumerate(array.cast(pa.binary()).to_pylist(), start=before + 1):
            if raw is not None and raw.decode("utf-8", "replace").encode() != raw:
                raise UnreadableLog(
                    f'The column "{name}" holds bytes in row {place:,} that are not UTF-8, so they are no text. Write '
                    "the column as UTF-8, or leave it out."
                ) from error
        raise


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
