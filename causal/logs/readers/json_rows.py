"""JSON: one object per line, a list of objects, or an object of lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind, Problem, counted
from causal.logs.readers.rows import Rows, check_length, check_width, unique_names
from causal.logs.readers.values import arrow_array, joined_kind, kind_of_values

_CHUNK = 20_000
_DEPTH = 5
_WHOLE = 1024**3


@dataclass
class _Broken:
    """Lines that are no JSON object: how many, and the first."""

    lines: int = 0
    first: str = ""

    def add(self, sentence: str) -> None:
        self.first = self.first or sentence
        self.lines += 1


@dataclass
class _Columns:
    """Columns that grow chunk by chunk, each with the kind that holds all its values so far."""

    rows: int = 0
    chunks: list[dict[str, list[Any]]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    kinds: dict[str, Kind | None] = field(default_factory=dict)
    mixed: set[str] = field(default_factory=set)

    def add(self, rows: list[dict[str, Any]]) -> None:
        names = dict.fromkeys(name for row in rows for name in row)
        chunk = {name: [row.get(name) for row in rows] for name in names}
        for name, values in chunk.items():
            self._widen(name, values)
        check_width(len(self.kinds))
        self.chunks.append(chunk)
        self.sizes.append(len(rows))
        self.rows += len(rows)
        check_length(self.rows)

    def _widen(self, name: str, values: list[Any]) -> None:
        found = kind_of_values(values)
        before = self.kinds.get(name)
        after = joined_kind(before, found)
        if after == "text" and (before not in (None, "text") or any(_not_text(value) for value in values)):
            self.mixed.add(name)
        self.kinds[name] = after


def read_json(path: Path) -> Rows:
    """The rows of a UTF-8 JSON file; nested objects become columns called "outer.inner".

    Raises UnreadableLog (line and column of the first fault) and EmptyLog.
    """
    broken = _Broken()
    columns = _Columns()
    waiting: list[dict[str, Any]] = []
    for row in _objects(path, broken):
        waiting.append(_flat(row))
        if len(waiting) == _CHUNK:
            columns.add(waiting)
            waiting = []
    if waiting:
        columns.add(waiting)
    if not columns.rows:
        raise (
            UnreadableLog(f"No line is a JSON object. {broken.first}")
            if broken.lines
            else EmptyLog("The file holds no rows: its list of objects is empty. Check the export and upload it again.")
        )
    if not columns.kinds:
        raise EmptyLog("The objects in the file have no fields, so there are no columns. Check the export.")
    return _rows(columns, broken)


def _rows(columns: _Columns, broken: _Broken) -> Rows:
    names, notes = unique_names(list(columns.kinds))
    kinds: tuple[Kind, ...] = tuple(kind or "text" for kind in columns.kinds.values())
    mixed = tuple(_mixed_note(name) for name in columns.kinds if name in columns.mixed)
    bad = (_broken_note(broken),) if broken.lines else ()
    return Rows(names, kinds, _batches(columns, kinds), (*notes, *bad, *mixed))


def _batches(columns: _Columns, kinds: tuple[Kind, ...]) -> Iterator[Any]:
    import pyarrow as pa

    labels = [f"c{index}" for index in range(len(kinds))]
    for chunk, size in zip(columns.chunks, columns.sizes, strict=True):
        absent = [None] * size
        arrays = [arrow_array(chunk.get(name, absent), kind) for name, kind in zip(columns.kinds, kinds, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, labels)


def _objects(path: Path, broken: _Broken) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        filled = (line for line in stream if line.strip())
        first, second = next(filled, ""), next(filled, "")
    if second and first.lstrip().startswith("{") and _is_object(first):
        return _lines(path, broken)
    if not first.lstrip().startswith(("{", "[")):
        return _lines(path, broken)
    return iter(_document(path, broken))


def _lines(path: Path, broken: _Broken) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except json.JSONDecodeError as error:
                broken.add(f"Line {number:,}, column {error.colno:,}: {error.msg}.")
                continue
            except (RecursionError, ValueError):
                broken.add(f"Line {number:,} is nested too deeply, or holds a number that is too long.")
                continue
            if isinstance(value, dict):
                yield value
            else:
                broken.add(f"Line {number:,} is not an object with named fields.")


def _document(path: Path, broken: _Broken) -> list[dict[str, Any]]:
    if path.stat().st_size > _WHOLE:
        raise UnreadableLog("The JSON file is one value of more than 1 GB. Write one object per line instead.")
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" or error.lineno == 1:
            return list(_lines(path, broken))
        raise UnreadableLog(
            f"The file is not valid JSON. Line {error.lineno:,}, column {error.colno:,}: {error.msg}."
        ) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableLog("The JSON is nested too deeply to be a table. Write one flat object per line.") from error
    return _records(value)


def _records(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    if isinstance(value, dict):
        lists = {name: each for name, each in value.items() if isinstance(each, list)}
        if len(lists) == len(value) and len({len(each) for each in lists.values()}) == 1:
            if all(isinstance(each, dict) for column in lists.values() for each in column) and len(lists) == 1:
                return next(iter(lists.values()))
            return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
        tables = [each for each in lists.values() if each and all(isinstance(row, dict) for row in each)]
        if len(tables) == 1:
            return tables[0]
        if not lists:
            return [value]
    raise UnreadableLog("The JSON is not a table. Write a list of objects, or one object per line.")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _flat(row: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and value and depth < _DEPTH:
            flat.update(_flat(value, f"{prefix}{name}.", depth + 1))
        else:
            flat[prefix + name] = value
    return flat


def _not_text(value: Any) -> bool:
    return value is not None and not isinstance(value, str | list | dict)


def _broken_note(broken: _Broken) -> Problem:
    return Problem(
        "broken lines",
        "attention",
        None,
        broken.lines,
        f"Left out: {counted(broken.lines, 'line')} that hold no JSON object. {broken.first}",
        "Mend or remove these lines and upload again.",
    )


def _mixed_note(name: str) -> Problem:
    return Problem(
        "mixed types",
        "attention",
        name,
        0,
        f'The column "{name}" holds both text and other values; all are kept as text.',
        "Mend the file, or give the column its type: values that do not fit then count as missing.",
    )
