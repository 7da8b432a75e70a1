"""Delimited text (CSV, TSV): the dialect is found here, the rows are parsed by DuckDB, and no row is lost silently."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.engine import quoted, rows_in_order
from causal.logs.log import Problem, counted
from causal.logs.readers.encoding import MAX_LINE
from causal.logs.readers.rows import Rows, check_length, check_width, unique_names
from causal.logs.readers.text_types import typed_columns

_DELIMITERS = (",", ";", "\t", "|")
_HEAD = 512 * 1024
_RECORDS = 200
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written: the separator, lines before the header, and the header's cells."""

    delimiter: str
    skipped: int
    header: tuple[str, ...]
    has_header: bool = True
    notes: tuple[Problem, ...] = ()


def read_delimited(connection: Any, path: Path, prefer_tabs: bool = False) -> Rows:
    """The rows of a UTF-8 file with plain line ends.

    Raises EmptyLog (no rows) and UnreadableLog (too wide, no row fits the header).
    """
    dialect = find_dialect(path, prefer_tabs)
    check_width(len(dialect.header))
    names, name_notes = unique_names(dialect.header)
    columns = [f"c{index}" for index in range(len(names))]
    _load(connection, path, dialect, columns)
    reject_notes = _rejects(connection, path, dialect, len(columns))
    blank_notes = _drop_blank(connection, columns)
    _refuse_empty(connection, dialect, reject_notes)
    typed = typed_columns(connection, "raw", columns, names, numbers=True)
    selected = ", ".join(f"{sql} AS {column}" for sql, column in zip(typed.expressions, columns, strict=True))
    notes = (*dialect.notes, *name_notes, *reject_notes, *blank_notes, *typed.notes)
    return Rows(names, typed.kinds, rows_in_order(connection, "raw", selected), notes)


def find_dialect(path: Path, prefer_tabs: bool = False) -> Dialect:
    """The separator and the header, from the first lines.

    Raises EmptyLog where there is no line with text.
    """
    head = _head(path)
    if not head.strip():
        raise EmptyLog("The file holds only blank lines. Check the export and upload it again.")
    skipped, declared = _preamble(head)
    lines = "\n".join(head.split("\n")[skipped:])
    order: tuple[str, ...] = ("\t", *_DELIMITERS) if prefer_tabs else _DELIMITERS
    if declared:
        order = (declared,)
    delimiter = max(order, key=lambda each: _consistency(_records(lines, each)))
    records = _records(lines, delimiter)
    title_lines = 0 if declared else _title_lines(records)
    return _dialect(delimiter, skipped + title_lines, [each for each in records if each][title_lines:], skipped)


def _dialect(delimiter: str, skipped: int, records: list[list[str]], expected: int) -> Dialect:
    header = records[0]
    following = Counter(len(each) for each in records[1:])
    width = following.most_common(1)[0][0] if following else len(header)
    notes: list[Problem] = []
    if skipped > expected:
        notes.append(_skipped_note(skipped - expected))
    if width == len(header) + 1 and following[width] > 0.9 * following.total():
        header = ["", *header]
    if all(_NUMBER.fullmatch(cell) for cell in header):
        notes.append(_no_header_note())
        return Dialect(delimiter, skipped, tuple(f"column {i}" for i in range(1, len(header) + 1)), False, tuple(notes))
    if len(header) == 1 and (inside := _separator_inside([each[0] for each in records])):
        notes.append(_one_column_note(header[0], inside))
    return Dialect(delimiter, skipped, tuple(header), True, tuple(notes))


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", newline="\n") as stream:
        return stream.read(_HEAD)


def _preamble(head: str) -> tuple[int, str | None]:
    """How many lines come before the table (blank, comments, Excel's sep=), and the separator that they declare."""
    declared = None
    for number, line in enumerate(head.split("\n")):
        if match := re.fullmatch(r'"?sep=(.)"?', line.strip("\r\n")):
            declared = match[1]
        elif line.strip() and not line.startswith("#"):
            return number, declared
    return 0, declared


def _records(text: str, delimiter: str) -> list[list[str]]:
    complete = text if len(text) < _HEAD // 2 else text[: text.rfind("\n") + 1]
    records: list[list[str]] = []
    try:
        for record in csv.reader(complete.split("\n"), delimiter=delimiter):
            records.append(record)
            if len(records) > _RECORDS:
                break
    except csv.Error:
        return records or [[text[:1000]]]
    return records


def _consistency(records: list[list[str]]) -> tuple[float, int]:
    """How well the records fit one width above 1: better first."""
    widths = Counter(len(each) for each in records if each)
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    agrees = len(next(each for each in records if each)) in (width, width - 1)
    return count / widths.total() + (0.5 if agrees else 0.0), width


def _title_lines(records: list[list[str]]) -> int:
    """How many records with at most one filled cell stand above a header that is wider."""
    filled = [each for each in records if each]
    widths = Counter(len(each) for each in filled)
    width, count = widths.most_common(1)[0]
    titles = 0
    while titles < len(filled) and _is_title(filled[titles]):
        titles += 1
    return titles if width > 1 and titles < len(filled) and count >= 2 and titles <= 20 else 0


def _is_title(record: list[str]) -> bool:
    """One cell, or only the first of at least three is filled, as spreadsheets pad a title."""
    return len(record) == 1 or (len(record) > 2 and not any(cell.strip() for cell in record[1:]))


def _separator_inside(cells: list[str]) -> str | None:
    """A separator in the header of a single column, or blanks that part every line into as many numbers."""
    if found := next((each for each in _DELIMITERS if each in cells[0]), None):
        return found
    parts = [cell.split() for cell in cells]
    even = len(cells) > 2 and len(parts[0]) > 1 and {len(each) for each in parts} == {len(parts[0])}
    return " " if even and all(_NUMBER.fullmatch(each) for part in parts[1:] for each in part) else None


def _load(connection: Any, path: Path, dialect: Dialect, columns: list[str]) -> None:
    import duckdb

    kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    query = (
        f"CREATE TABLE raw AS SELECT * FROM read_csv({quoted(str(path))}, auto_detect=false, "
        f"header={str(dialect.has_header).lower()}, skip={_skip(path, dialect)}, delim={quoted(dialect.delimiter)}, "
        f"quote='\"', escape='\"', comment='', new_line='\\n', columns={{{kinds}}}, store_rejects=true, "
        f"rejects_limit=0, max_line_size={MAX_LINE * 2})"
    )
    try:
        connection.execute(query)
    except duckdb.OutOfMemoryException as error:
        raise UnreadableLog("The log is too large for this machine's memory. Upload it as Parquet.") from error
    except duckdb.Error as error:
        raise UnreadableLog(f"The file cannot be read as a table: {_first_line(error)}") from error
    (rows,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    check_length(rows)


def _skip(path: Path, dialect: Dialect) -> int:
    """Physical lines before the header: `skipped` counts filled lines, blank ones between titles come on top."""
    if dialect.skipped == 0 and dialect.has_header:
        return 0
    wanted = dialect.header if dialect.has_header else None
    lines = _head(path).split("\n")
    for number in range(dialect.skipped, len(lines)):
        cells = next(csv.reader([lines[number]], delimiter=dialect.delimiter), [])
        if cells and (wanted is None or tuple(cells) in (wanted, wanted[1:])):
            return number
    return dialect.skipped


def _rejects(connection: Any, path: Path, dialect: Dialect, width: int) -> tuple[Problem, ...]:
    rows = connection.execute(
        "SELECT line, any_value(error_type), any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    ragged = [(line, text) for line, kind, text in rows if "QUOTE" not in str(kind)]
    unclosed = [(line, text) for line, kind, text in rows if "QUOTE" in str(kind)]
    notes = [_ragged_note(ragged, width, dialect.delimiter)] if ragged else []
    return (*notes, _quote_note(unclosed)) if unclosed else tuple(notes)


def _drop_blank(connection: Any, columns: list[str]) -> tuple[Problem, ...]:
    nothing = f"coalesce({', '.join(columns)}) IS NULL"
    (blank,) = connection.execute(f"SELECT count(*) FROM raw WHERE {nothing}").fetchall()[0]
    if not blank:
        return ()
    connection.execute(f"DELETE FROM raw WHERE {nothing}")
    return (
        Problem(
            "blank rows", "note", None, blank, f"Left out: {counted(blank, 'row')} without any value.", "Nothing to do."
        ),
    )


def _refuse_empty(connection: Any, dialect: Dialect, rejects: tuple[Problem, ...]) -> None:
    (rows,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    if rows:
        return
    if rejects:
        raise UnreadableLog(f"No row fits the header. {rejects[0].sentence} {rejects[0].advice}")
    shown = ", ".join(f'"{name}"' for name in dialect.header[:5])
    raise EmptyLog(f"The file has a header ({shown}) but no rows below it. Check the export and upload it again.")


def _ragged_note(rejected: list[tuple[int, str]], width: int, delimiter: str) -> Problem:
    line, text = rejected[0]
    found = len(next(csv.reader([str(text)], delimiter=delimiter), []))
    where = ", ".join(f"{number:,}" for number, _ in rejected[:5]) + (", …" if len(rejected) > 5 else "")
    return Problem(
        "ragged rows",
        "attention",
        None,
        len(rejected),
        f"Left out: {counted(len(rejected), 'row')} without exactly {counted(width, 'value')} "
        f"(line {where}; line {line:,} has {found}).",
        "Mend these lines in the file: a separator inside a text needs quotation marks around the text.",
    )


def _quote_note(rejected: list[tuple[int, str]]) -> Problem:
    lines = sum(max(str(text).rstrip("\n").count("\n") + 1, 1) for _, text in rejected)
    first = rejected[0][0]
    return Problem(
        "unclosed quotation mark",
        "attention" if lines == len(rejected) else "stop",
        None,
        lines,
        f"Line {first:,} has a quotation mark that is not closed where the value ends; "
        f"{counted(lines, 'line')} left out because of such marks.",
        'Close the mark, or double it ("") where it belongs to the text, and upload again.',
    )


def _skipped_note(lines: int) -> Problem:
    return Problem(
        "lines above the header",
        "note",
        None,
        lines,
        f"Skipped {counted(lines, 'line')} above the header: a title, it seems, not the table.",
        "Check the column names in the preview.",
    )


def _no_header_note() -> Problem:
    return Problem(
        "no header",
        "attention",
        None,
        0,
        "The first line holds only numbers, so the file seems to have no header; the columns were numbered.",
        "Add a first line with the columns' names and upload again.",
    )


def _one_column_note(cell: str, inside: str) -> Problem:
    shown = cell if len(cell) <= 60 else cell[:60] + "…"
    cause = f'"{inside}" stands inside quotation marks, or the lines below use another separator'
    if inside == " ":
        cause = "its values are separated by blanks"
    return Problem(
        "one column",
        "stop",
        cell,
        0,
        f'The whole line was read as one column, called "{shown}": {cause}.',
        "Separate the values by commas on every line, without quotation marks around whole lines.",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
