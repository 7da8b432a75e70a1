"""From bytes to a Log: any common format and encoding, and nothing lost silently."""

from __future__ import annotations

import atexit
import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.errors import UnreadableLog
from causal.logs.engine import locked_engine, parquet_rows, rows_in_order
from causal.logs.log import Column, Kind, Log, Problem
from causal.logs.readers.arrow_file import read_feather, read_parquet
from causal.logs.readers.delimited import glance_at, read_delimited
from causal.logs.readers.encoding import PlainText, as_utf8
from causal.logs.readers.folder import parts_of, read_parts
from causal.logs.readers.json_rows import longest_line, read_json
from causal.logs.readers.rows import Rows, check_length, coalesced
from causal.logs.readers.source import format_of, is_full, plain_file, prefers_tabs
from causal.logs.readers.text_types import typed_columns
from causal.logs.readers.values import arrow_type
from causal.logs.readers.workbook import read_workbook
from causal.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

_NOTES_KEY = b"doable.notes"
_RUNS = 8
"""As many parts of a log are looked at: no more than so many row groups are read, however long it is."""


def read_log(
    path_or_bytes: str | Path | bytes,
    name: str = "events.csv",
    folder: Path | None = None,
    encoding: str | None = None,
    progress: Progress = silent,
) -> Log:
    """The log in a file: CSV or TSV (plain, .gz, .zst, .zip), Parquet, JSON or JSON lines, Excel, Feather.

    A folder, or a zip archive of several files, is one table in parts, as engines write it: its files follow each other
    by name, and folders called `column=value` give a column more. The rows go to `<fingerprint>.parquet` in `folder`
    (by default a folder that ends with the process). The format is told from the content, then from `name` (from the
    path's own name where a path is given and `name` is left out). `encoding` is found from the bytes unless given.
    Raises UnreadableLog and EmptyLog, with line and column where known, and what `progress` raises.
    """
    if not isinstance(path_or_bytes, bytes) and name == "events.csv":
        name = Path(path_or_bytes).name
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reading-", dir=home) as work:
        try:
            return _read(path_or_bytes, name, home, Path(work), encoding, progress)
        except OSError as error:
            if is_full(error):
                raise UnreadableLog(
                    "The disk has no room to read the file. Make room on it, then try again."
                ) from error
            raise


def log_at(path: Path, name: str) -> Log:
    """The log whose rows `read_log` wrote to `path`, with its notes.

    Raises UnreadableLog where the file is no such Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLog(f'The stored log "{path.name}" is missing or damaged. Upload the log again.') from error
    schema = file.schema_arrow
    notes = tuple(Problem(**note) for note in json.loads((schema.metadata or {}).get(_NOTES_KEY, b"[]")))
    columns = tuple(Column(label, _stored_kind(kind)) for label, kind in zip(schema.names, schema.types, strict=True))
    return Log(name, path, columns, file.metadata.num_rows, _digest(path), notes)


def sample_rows(log: Log, n: int = 100) -> pd.DataFrame:
    """The first `n` rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(log.path)
    batch = next(file.iter_batches(max(n, 1)), None)
    table = file.schema_arrow.empty_table() if batch is None else pa.Table.from_batches([batch])
    rows: pd.DataFrame = table.slice(0, n).to_pandas()
    return rows


def spread_rows(log: Log, n: int) -> pd.DataFrame:
    """`n` rows of all parts of the log, in its order: runs of neighbours at equal distances, first and last rows among
    them. A log that is sorted shows only one of its ends in its first rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if log.rows <= n:
        return sample_rows(log, n)
    length = n // _RUNS
    starts = [place * (log.rows - length) // (_RUNS - 1) for place in range(_RUNS)]
    file = pq.ParquetFile(log.path)
    found, first = [], 0
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        wanted = [start - first for start in starts if start < first + size and start + length > first]
        if wanted:
            rows = file.read_row_group(group)
            found += [rows.slice(max(start, 0), length + min(start, 0)) for start in wanted]
        first += size
    frame: pd.DataFrame = pa.concat_tables(found).to_pandas()
    return frame


def frame_of(log: Log, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """All rows, of all columns or of those named, as a new frame.

    Raises UnknownColumn.
    """
    import pyarrow.parquet as pq

    for column in columns or ():
        log.kind(column)
    table = pq.ParquetFile(log.path).read(columns=None if columns is None else list(columns))
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _read(
    given: str | Path | bytes, name: str, home: Path, work: Path, encoding: str | None, progress: Progress
) -> Log:
    source = plain_file(given, work, _part(progress, 0.0, 0.15))
    if source.is_dir():
        return _read_folder(source, name, home, work, encoding, progress)
    kind = format_of(source, name)
    if kind == "delimited":
        tabs = prefers_tabs(name)
        text = as_utf8(
            source,
            work / "text.csv",
            encoding,
            glance=lambda head: glance_at(head, tabs),
            progress=_part(progress, 0.15, 0.3),
        )
        with locked_engine(work, reads=(text.path,)) as connection:
            rows = read_delimited(connection, text.path, tabs, text.lines, _part(progress, 0.3, 0.7))
            return keep_rows(_with_notes(rows, text), name, home, work, _part(progress, 0.7, 1.0))
    if kind == "json":
        text = as_utf8(
            source,
            work / "text.json",
            encoding,
            longest=longest_line(source),
            progress=_part(progress, 0.15, 0.3),
        )
        rows = read_json(text.path, work, _part(progress, 0.3, 0.6))
        return _with_dates(_with_notes(rows, text), name, home, work, _part(progress, 0.6, 1.0))
    readers = {"parquet": read_parquet, "feather": read_feather, "workbook": read_workbook}
    return _with_dates(readers[kind](source), name, home, work, _part(progress, 0.15, 1.0))


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a stage that takes the work from one share to another."""

    def within(share: float, stage: str) -> None:
        progress(start + share * (end - start), stage)

    return within


def _read_folder(folder: Path, name: str, home: Path, work: Path, encoding: str | None, progress: Progress) -> Log:
    """The log of all files in a folder; what is no Parquet file is read into one first."""
    read: dict[Path, Log] = {}
    parts = parts_of(folder)

    def rows_of(path: Path) -> Rows:
        if path not in read:
            with path.open("rb") as stream:
                if stream.read(4) == b"PAR1":
                    return read_parquet(path)
            progress(0.15 + 0.45 * len(read) / len(parts), f"reading file {len(read) + 1:,} of {len(parts):,}")
            desk = work / f"part-{len(read)}"
            desk.mkdir()
            if (plain := plain_file(path, desk)).is_dir():
                raise UnreadableLog("It is an archive of several files. Unpack it into the folder.")
            read[path] = _read(plain, path.name, desk, desk, encoding, silent)
            for spent in desk.iterdir():
                if spent != read[path].path:
                    spent.unlink() if spent.is_file() else shutil.rmtree(spent)
        rows = read_parquet(read[path].path)
        return dataclasses.replace(rows, notes=read[path].notes)

    return _with_dates(read_parts(parts, rows_of), name, home, work, _part(progress, 0.6, 1.0))


def _with_notes(rows: Rows, text: PlainText) -> Rows:
    return dataclasses.replace(rows, notes=(*text.notes, *rows.notes))


def _with_dates(rows: Rows, name: str, home: Path, work: Path, progress: Progress) -> Log:
    """The log of rows that came typed, with text columns that hold only dates turned into times."""
    import pyarrow.parquet as pq

    log = keep_rows(rows, name, work, work, _part(progress, 0.0, 0.5))
    texts = [(f"c{index}", column.name) for index, column in enumerate(log.schema) if column.kind == "text"]
    with locked_engine(work) as connection:
        progress(0.5, "finding what each column holds")
        connection.execute(f"CREATE TABLE raw AS SELECT * FROM {parquet_rows(log.path, len(log.schema))}")
        typed = typed_columns(connection, "raw", [c for c, _ in texts], [label for _, label in texts], numbers=False)
        writing = _part(progress, 0.6, 1.0)
        if all(kind == "text" for kind in typed.kinds):
            kept = dataclasses.replace(rows, batches=_relabelled(pq.ParquetFile(log.path).iter_batches(131_072)))
            final = dataclasses.replace(kept, notes=(*rows.notes, *typed.notes), count=log.rows)
            return keep_rows(final, name, home, work, writing)
        changed = {c: (sql, kind) for (c, _), sql, kind in zip(texts, typed.expressions, typed.kinds, strict=True)}
        made = [changed.get(f"c{i}", (f"c{i}", column.kind)) for i, column in enumerate(log.schema)]
        selected = ", ".join(f"{sql} AS c{index}" for index, (sql, _) in enumerate(made))
        batches = rows_in_order(connection, "raw", selected)
        kinds = tuple(kind for _, kind in made)
        final = Rows(rows.names, kinds, batches, (*rows.notes, *typed.notes), log.rows)
        return keep_rows(final, name, home, work, writing)


def _relabelled(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        yield batch.rename_columns([f"c{index}" for index in range(batch.num_columns)])


def keep_rows(rows: Rows, name: str, home: Path, work: Path, progress: Progress = silent) -> Log:
    """The log of these rows, written to `<fingerprint>.parquet` in `home` by way of `work`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    inner = pa.schema([(f"c{index}", arrow_type(kind)) for index, kind in enumerate(rows.kinds)])
    notes = json.dumps([dataclasses.asdict(note) for note in rows.notes], ensure_ascii=False)
    outer = pa.schema(
        [(label, arrow_type(kind)) for label, kind in zip(rows.names, rows.kinds, strict=True)], {_NOTES_KEY: notes}
    )
    part, count = work / "rows.part", 0
    with pq.ParquetWriter(part, outer, compression="zstd") as writer:
        for table in coalesced((_fitted(batch, inner) for batch in rows.batches), inner):
            count += len(table)
            check_length(count)
            progress(count / max(rows.count or count, count), f"writing rows, {count:,} so far")
            writer.write_table(table.rename_columns(list(rows.names)).replace_schema_metadata({_NOTES_KEY: notes}))
    fingerprint = _digest(part)
    path = home / f"{fingerprint}.parquet"
    part.replace(path)
    columns = tuple(Column(label, kind) for label, kind in zip(rows.names, rows.kinds, strict=True))
    return Log(name, path, columns, count, fingerprint, rows.notes)


def _fitted(batch: Any, schema: Any) -> Any:
    return batch if batch.schema == schema else batch.cast(schema)


def _stored_kind(kind: Any) -> Kind:
    kinds: tuple[Kind, ...] = ("integer", "number", "boolean", "time", "text")
    return next((each for each in kinds if arrow_type(each) == kind), "text")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@cache
def log_folder() -> Path:
    """The folder for logs that nobody keeps; it goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="doable-logs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
