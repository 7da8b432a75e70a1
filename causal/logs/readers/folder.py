"""A folder of files that are one table, as engines write it: part after part, some columns in the folders' names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind, Problem, counted
from causal.logs.readers.rows import Rows, check_width
from causal.logs.readers.values import arrow_type, joined_kind

MOST_PARTS = 10_000
_NOTES_SHOWN = 20
_ABSENT = "__HIVE_DEFAULT_PARTITION__"
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")

ReadPart = Callable[[Path], Rows]
"""The rows of one file; called once to learn its columns and once more when its rows are needed."""


@dataclass(frozen=True)
class Part:
    """One file of the folder: its name seen from there, and the columns that its folders name (`day=2024-01-01`)."""

    path: Path
    name: str
    keys: tuple[tuple[str, str | None], ...]


def parts_of(folder: Path) -> tuple[Part, ...]:
    """The files of a folder and those below it, by name; what begins with "_" or "." is no part.

    Raises UnreadableLog (a link, which may lead out of the folder; too many files) and EmptyLog.
    """
    parts = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(each.startswith(("_", ".")) for each in inside.parts):
            continue
        if path.is_symlink():
            raise UnreadableLog(f'"{inside}" is a link. Links are not followed: put the file itself into the folder.')
        if path.is_file() and path.stat().st_size:
            parts.append(Part(path, str(inside), _keys(inside.parts[:-1])))
        if len(parts) > MOST_PARTS:
            raise UnreadableLog(f"The folder holds more than {MOST_PARTS:,} files. Write it in fewer, larger ones.")
    if not parts:
        raise EmptyLog("The folder holds no file with anything in it. Check the path.")
    return tuple(parts)


def read_parts(parts: Sequence[Part], read: ReadPart) -> Rows:
    """The rows of all parts, one after another; a column that a part lacks is missing there.

    Raises UnreadableLog, naming the file, and EmptyLog.
    """
    found = [(part, rows) for part in parts if (rows := _heading(part, read)) is not None]
    if not found:
        raise EmptyLog("The files in the folder have no rows. Check the export.")
    kinds: dict[str, Kind | None] = {}
    for _, rows in found:
        for name, kind in zip(rows.names, rows.kinds, strict=True):
            kinds[name] = joined_kind(kinds.get(name), kind)
    named = {name: _key_kind([dict(part.keys).get(name) for part, _ in found]) for name in _key_names(found)}
    final: dict[str, Kind] = {**{name: kind or "text" for name, kind in kinds.items()}, **named}
    check_width(len(final))
    batches = _batches([part for part, _ in found], read, final, set(named))
    return Rows(tuple(final), tuple(final.values()), batches, _notes(found, final, set(named)))


def _keys(folders: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    pairs = [each.split("=", 1) for each in folders if "=" in each and not each.startswith("=")]
    return tuple((unquote(name), None if value == _ABSENT else unquote(value)) for name, value in pairs)


def _key_names(found: Sequence[tuple[Part, Rows]]) -> dict[str, None]:
    return dict.fromkeys(name for part, _ in found for name, _ in part.keys)


def _key_kind(values: Sequence[str | None]) -> Kind:
    return "integer" if all(value is None or _INTEGER.fullmatch(value) for value in values) else "text"


def _heading(part: Part, read: ReadPart) -> Rows | None:
    try:
        return replace(read(part.path), batches=iter(()))
    except EmptyLog:
        return None
    except UnreadableLog as error:
        raise UnreadableLog(f'In "{part.name}": {error}') from error


def _batches(parts: Sequence[Part], read: ReadPart, kinds: dict[str, Kind], named: set[str]) -> Iterator[Any]:
    import pyarrow as pa

    labels = [f"c{index}" for index in range(len(kinds))]
    for part in parts:
        rows, keys = read(part.path), dict(part.keys)
        places = {name: index for index, name in enumerate(rows.names)}
        for batch in rows.batches:
            arrays = []
            for name, kind in kinds.items():
                if name in named:
                    arrays.append(_repeated(keys.get(name), kind, batch.num_rows))
                elif name in places:
                    arrays.append(batch.column(places[name]).cast(arrow_type(kind)))
                else:
                    arrays.append(pa.nulls(batch.num_rows, arrow_type(kind)))
            yield pa.RecordBatch.from_arrays(arrays, labels)


def _repeated(value: str | None, kind: Kind, rows: int) -> Any:
    import pyarrow as pa

    if value is None:
        return pa.nulls(rows, arrow_type(kind))
    return pa.repeat(pa.scalar(int(value) if kind == "integer" else value, arrow_type(kind)), rows)


def _notes(found: Sequence[tuple[Part, Rows]], kinds: dict[str, Kind], named: set[str]) -> tuple[Problem, ...]:
    notes = [
        replace(note, sentence=f'In "{part.name}": {note.sentence}') for part, rows in found for note in rows.notes
    ]
    for name, kind in kinds.items():
        if name in named:
            continue
        lacking = [part.name for part, rows in found if name not in rows.names]
        if lacking:
            notes.append(_lacking_note(name, lacking, len(found)))
        other = [part.name for part, rows in found if name in rows.names and _kind_in(rows, name) != kind]
        if other and kind == "text":
            notes.append(_mixed_note(name, other[0]))
    return tuple(notes[:_NOTES_SHOWN])


def _kind_in(rows: Rows, name: str) -> Kind:
    return rows.kinds[rows.names.index(name)]


def _lacking_note(name: str, files: Sequence[str], all_files: int) -> Problem:
    return Problem(
        "missing in some files",
        "attention",
        name,
        0,
        f'{counted(len(files), "file")} of {all_files:,} lack the column "{name}" (first: "{files[0]}"); its values '
        "are missing there.",
        "Check that all files belong to the same table.",
    )


def _mixed_note(name: str, file: str) -> Problem:
    return Problem(
        "mixed types",
        "attention",
        name,
        0,
        f'The column "{name}" holds text in some files and other values elsewhere (first: "{file}"); all are '
        "kept as text.",
        "Write it with one type, or give the column its type: values that do not fit then count as missing.",
    )
