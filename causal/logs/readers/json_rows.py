"""JSON: one object per line, a list of objects, or an object of lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind, Problem, counted
from causal.logs.readers.rows import MANY_LEFT_OUT, Rows, check_length, check_width, unique_names
from causal.logs.readers.values import arrow_array, arrow_type, joined_kind, kind_of_values, plain_text
from causal.progress import Progress, silent

_CHUNK_ROWS = 20_000
_CHUNK_LETTERS = 32 * 1024**2
_BUFFER = 1024**2
_DEPTH = 5
_LONGEST = 16 * 1024**2
_WHOLE = 128 * 1024**2
_DECODER = json.JSONDecoder()


@dataclass
class _Broken:
    """Lines that are no JSON object: how many, and the first; and objects without a field, which are no rows."""

    lines: int = 0
    first: str = ""
    empty: int = 0

    def add(self, sentence: str) -> None:
        self.first = self.first or sentence
        self.lines += 1


@dataclass
class _Columns:
    """Columns that grow chunk by chunk, each with the kind that holds all its values so far; chunks wait on disk."""

    folder: Path
    rows: int = 0
    chunks: list[dict[str, Kind]] = field(default_factory=list)
    kinds: dict[str, Kind | None] = field(default_factory=dict)
    mixed: set[str] = field(default_factory=set)

    def add(self, rows: list[dict[str, Any]]) -> None:
        import pyarrow as pa

        names = dict.fromkeys(name for row in rows for name in row)
        chunk = {name: [row.get(name) for row in rows] for name in names}
        kinds = {name: self._widened(name, values) for name, values in chunk.items()}
        check_width(len(self.kinds))
        self.rows += len(rows)
        check_length(self.rows)
        arrays = [arrow_array(values, kinds[name]) for name, values in chunk.items()]
        batch = pa.record_batch(arrays, [f"c{index}" for index in range(len(arrays))])
        with pa.ipc.new_file(self._path(len(self.chunks)), batch.schema) as out:
            out.write_batch(batch)
        self.chunks.append(kinds)

    def batches(self, names: Sequence[str], kinds: Sequence[Kind]) -> Iterator[Any]:
        """The chunks with all columns, in their final kinds."""
        import pyarrow as pa

        for place, held in enumerate(self.chunks):
            with pa.ipc.open_file(self._path(place)) as file:
                batch = file.get_batch(0)
            arrays = dict(zip(held, batch.columns, strict=True))
            made = [
                _as_kind(arrays[name], held[name], kind)
                if name in arrays
                else pa.nulls(batch.num_rows, arrow_type(kind))
                for name, kind in zip(names, kinds, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(made, [f"c{index}" for index in range(len(made))])

    def _path(self, place: int) -> str:
        return str(self.folder / f"chunk-{place}.arrow")

    def _widened(self, name: str, values: list[Any]) -> Kind:
        found = kind_of_values(values)
        before = self.kinds.get(name)
        after = joined_kind(before, found)
        if after == "text" and (before not in (None, "text") or any(_not_text(value) for value in values)):
            self.mixed.add(name)
        self.kinds[name] = after
        return found or "text"


def _as_kind(array: Any, held: Kind, kind: Kind) -> Any:
    return array if held == kind else arrow_array(array.to_pylist(), kind)


def read_json(path: Path, folder: Path, progress: Progress = silent) -> Rows:
    """The rows of a UTF-8 JSON file; nested objects become columns called "outer.inner"; `folder` holds what waits.

    Raises UnreadableLog (line and column of the first fault) and EmptyLog.
    """
    broken = _Broken()
    columns = _Columns(folder)
    waiting: list[dict[str, Any]] = []
    letters, seen, size = 0, 0, max(path.stat().st_size, 1)
    for row, length in _objects(path, broken):
        if row:
            waiting.append(_flat(row))
            letters += length
        else:
            broken.empty += 1
        if len(waiting) == _CHUNK_ROWS or letters > _CHUNK_LETTERS:
            columns.add(waiting)
            seen += letters
            progress(min(seen / size, 1.0), f"parsing objects, {columns.rows:,} so far")
            waiting, letters = [], 0
    if waiting:
        columns.add(waiting)
    if not columns.rows and broken.empty:
        raise EmptyLog("The objects in the file have no fields, so there are no columns. Check the export.")
    if not columns.rows:
        raise (
            UnreadableLog(f"No line is a JSON object. {broken.first}")
            if broken.lines
            else EmptyLog("The file holds no rows: its list of objects is empty. Check the export and upload it again.")
        )
    return _rows(columns, broken)


def longest_line(path: Path) -> int | None:
    """How long a line may be before the file is looked at: any length in a list, which may stand on one line."""
    with path.open("rb") as stream:
        return None if stream.read(4096).lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"[") else _WHOLE


def _rows(columns: _Columns, broken: _Broken) -> Rows:
    found = tuple(columns.kinds)
    names, notes = unique_names(found)
    kinds: tuple[Kind, ...] = tuple(kind or "text" for kind in columns.kinds.values())
    mixed = tuple(_mixed_note(name) for name in columns.kinds if name in columns.mixed)
    bad = (_broken_note(broken, columns.rows),) if broken.lines else ()
    empty = (_empty_note(broken.empty),) if broken.empty else ()
    return Rows(names, kinds, columns.batches(found, kinds), (*notes, *bad, *empty, *mixed), columns.rows)


def _objects(path: Path, broken: _Broken) -> Iterator[tuple[dict[str, Any], int]]:
    """Each object with the length of its text."""
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        first = _first_letter(stream)
        line = stream.readline(_LONGEST)
        following = next((letter for letter in iter(lambda: stream.read(1), "") if not letter.isspace()), "")
    if first == "[":
        return _elements(path)
    if first == "{" and not _is_object("{" + line) and not (line.rstrip().endswith("}") and following == "{"):
        return iter(_document(path, broken))
    if first == "{" and not following and _is_object("{" + line):
        return iter(_document(path, broken))
    return _lines(path, broken)


def _first_letter(stream: TextIO) -> str:
    return next((letter for letter in iter(lambda: stream.read(1), "") if not letter.isspace()), "")


def _lines(path: Path, broken: _Broken) -> Iterator[tuple[dict[str, Any], int]]:
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        number = 0
        while line := stream.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST and not line.endswith("\n"):
                raise _too_long(number)
            if line.strip():
                yield from _objects_in(line, number, broken)


def _objects_in(line: str, number: int, broken: _Broken) -> list[tuple[dict[str, Any], int]]:
    """The objects of one line: one, or several without a line end between them; none where any of it is broken."""
    found: list[tuple[dict[str, Any], int]] = []
    place = _blank_until(line, 0)
    try:
        while place < len(line):
            value, end = _DECODER.raw_decode(line, place)
            if not isinstance(value, dict):
                broken.add(f"Line {number:,} is not an object with named fields.")
                return []
            found.append((value, end - place))
            place = _blank_until(line, end)
            if place < len(line) and line[place] != "{":
                raise json.JSONDecodeError("Extra data", line, place)
    except json.JSONDecodeError as error:
        broken.add(f"Line {number:,}, column {error.colno:,}: {error.msg}.")
        return []
    except (RecursionError, ValueError):
        broken.add(f"Line {number:,} is nested too deeply, or holds a number that is too long.")
        return []
    return found


def _elements(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """The objects of one list, without ever holding the whole of it.

    Raises UnreadableLog.
    """
    with path.open(encoding="utf-8-sig", newline="\n") as stream:
        _first_letter(stream)
        text = _Window(stream)
        if text.next_letter() == "]":
            return
        while True:
            value, length = text.value()
            if not isinstance(value, dict):
                raise UnreadableLog("The JSON is not a table. Write a list of objects, or one object per line.")
            yield value, length
            if (mark := text.next_letter()) != ",":
                break
            text.skip(1)
        if mark != "]":
            raise text.fault("Expecting ',' delimiter")


class _Window:
    """The part of a long JSON text that is being read; it knows in which line and column it stands."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._place = 0
        self._line, self._column = 1, 2

    def next_letter(self) -> str:
        """The next letter that is no blank, or nothing at the end; the window moves to it."""
        while True:
            self._place = _blank_until(self._text, self._place)
            if self._place < len(self._text) or not self._more():
                return self._text[self._place : self._place + 1]

    def skip(self, letters: int) -> None:
        self._place += letters

    def value(self) -> tuple[Any, int]:
        """The next value and the length of its text.

        Raises UnreadableLog.
        """
        self.next_letter()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                self._place = error.pos
                raise self.fault(error.msg) from error
            except (RecursionError, ValueError) as error:
                raise UnreadableLog(
                    "The JSON is nested too deeply to be a table. Write one flat object per line."
                ) from error
            length, self._place = end - self._place, end
            if length > _LONGEST:
                raise _too_long(self._position()[0])
            return value, length

    def fault(self, what: str) -> UnreadableLog:
        """The error for what stands here."""
        line, column = self._position()
        return UnreadableLog(f"The file is not valid JSON. Line {line:,}, column {column:,}: {what}.")

    def _position(self) -> tuple[int, int]:
        before = self._text[: self._place]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        return self._line + lines, column

    def _more(self) -> bool:
        """Whether more text came; what was read before is let go. What stands here may be long, but not endless."""
        if len(self._text) - self._place > _LONGEST:
            raise _too_long(self._position()[0])
        text = self._stream.read(max(_BUFFER, len(self._text) - self._place))
        if not text:
            return False
        self._line, self._column = self._position()
        self._text, self._place = self._text[self._place :] + text, 0
        return True


def _blank_until(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _too_long(line: int) -> UnreadableLog:
    return UnreadableLog(
        f"An object in line {line:,} is longer than {_LONGEST // 1024**2} MB. Write one object per row of the table, "
        "each on a line of its own."
    )


def _document(path: Path, broken: _Broken) -> list[tuple[dict[str, Any], int]]:
    if path.stat().st_size > _WHOLE:
        raise UnreadableLog(
            f"The JSON file is one object of more than {_WHOLE // 1024**2} MB. Write one object per line instead."
        )
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
    return [(each, 0) for each in _records(value)]


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
            flat[plain_text(prefix + name)] = value
    return flat


def _not_text(value: Any) -> bool:
    return value is not None and not isinstance(value, str | list | dict)


def _broken_note(broken: _Broken, rows: int) -> Problem:
    return Problem(
        "broken lines",
        "stop" if broken.lines > MANY_LEFT_OUT * (rows + broken.lines) else "attention",
        None,
        broken.lines,
        f"Left out: {counted(broken.lines, 'line')} that {'holds' if broken.lines == 1 else 'hold'} no JSON object. "
        f"{broken.first}",
        "Mend or remove these lines and upload again.",
    )


def _empty_note(objects: int) -> Problem:
    return Problem(
        "blank rows",
        "note",
        None,
        objects,
        f"Left out: {counted(objects, 'object')} without any field.",
        "Nothing to do.",
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
