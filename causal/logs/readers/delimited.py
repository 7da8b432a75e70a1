"""Delimited text (CSV, TSV): the dialect is found here, the rows are parsed by DuckDB, and no row is lost silently."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.engine import quoted, rows_in_order, watched
from causal.logs.log import Problem, counted
from causal.logs.readers.encoding import MAX_LINE
from causal.logs.readers.rows import MANY_LEFT_OUT, Rows, check_length, check_width, unique_names
from causal.logs.readers.text_types import typed_columns
from causal.progress import Progress, silent

_DELIMITERS = (",", ";", "\t", "|", "\x01")
_ODD_DELIMITERS = ":^~!¦§¬"
_HEAD = 512 * 1024
_RECORDS = 200
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written: the separator, what escapes a quotation mark, and the header's cells.

    `skipped` counts filled lines before the header; `trailing`: every line ends in a separator, so that a last column
    without a name holds nothing.
    """

    delimiter: str
    skipped: int
    header: tuple[str, ...]
    has_header: bool = True
    notes: tuple[Problem, ...] = ()
    escape: str = '"'
    trailing: bool = False


def read_delimited(
    connection: Any, path: Path, prefer_tabs: bool = False, lines: int | None = None, progress: Progress = silent
) -> Rows:
    """The rows of a UTF-8 file with plain line ends, of which it has `lines` where that is known.

    Raises EmptyLog (no rows) and UnreadableLog (too wide, no row fits the header, rows wider than the header).
    """
    dialect = find_dialect(_head(path), prefer_tabs)
    check_width(len(dialect.header))
    columns = [f"c{index}" for index in range(len(dialect.header))]
    stage = f"parsing {lines:,} lines" if lines else "parsing the lines"
    _load(connection, path, dialect, columns, lambda share: progress(0.6 * share, stage))
    progress(0.6, "finding what each column holds")
    reject_notes = _rejects(connection, dialect, len(columns))
    swallowed_notes = _swallowed_lines(connection, dialect, columns, lines)
    blank_notes = (*_drop_blank(connection, columns), *_drop_headers(connection, dialect, columns))
    _refuse_empty(connection, dialect, reject_notes)
    if dialect.trailing and _holds_nothing(connection, columns[-1]):
        columns = columns[:-1]
    names, name_notes = unique_names(dialect.header[: len(columns)])
    typed = typed_columns(connection, "raw", columns, names, numbers=True)
    selected = ", ".join(f"{sql} AS {column}" for sql, column in zip(typed.expressions, columns, strict=True))
    notes = (*dialect.notes, *name_notes, *reject_notes, *swallowed_notes, *blank_notes, *typed.notes)
    (count,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    return Rows(names, typed.kinds, rows_in_order(connection, "raw", selected), notes, count)


def glance_at(text: str, prefer_tabs: bool = False) -> None:
    """Refuse a file by its first text where nothing that follows could mend it.

    Raises UnreadableLog (too wide, rows wider than the header).
    """
    if text.strip() and "\n" in text:
        check_width(len(find_dialect(text[:_HEAD], prefer_tabs).header))


def find_dialect(head: str, prefer_tabs: bool = False) -> Dialect:
    """The separator and the header, from the first text of a file.

    Raises EmptyLog where there is no line with text, UnreadableLog where the rows are wider than the header.
    """
    if not head.strip():
        raise EmptyLog("The file holds only blank lines. Check the export and upload it again.")
    skipped, declared = _preamble(head)
    lines = "\n".join(head.split("\n")[skipped:])
    order: tuple[str, ...] = ("\t", *_DELIMITERS) if prefer_tabs else _DELIMITERS
    if declared:
        order = (declared,)
    escape = _escape(lines)
    delimiter = max(order, key=lambda each: _consistency(_records(lines, each, escape)))
    records = _records(lines, delimiter, escape)
    title_lines = 0 if declared else _title_lines(records)
    below = [line for line in lines.split("\n")[title_lines + 1 : _RECORDS] if line]
    in_quotes = bool(below) and all(line.startswith('"') for line in below)
    records = [each for each in records if each][title_lines:]
    found = _dialect(delimiter, skipped + title_lines, records, skipped, in_quotes)
    return replace(found, escape=escape)


def _dialect(delimiter: str, skipped: int, records: list[list[str]], expected: int, in_quotes: bool) -> Dialect:
    header, trailing, notes = _fitted_header(records[0], records[1:], skipped + 1, in_quotes)
    if skipped > expected:
        notes = (_skipped_note(skipped - expected), *notes)
    if all(_NUMBER.fullmatch(cell) for cell in header):
        numbered = tuple(f"column {i}" for i in range(1, len(header) + 1))
        return Dialect(delimiter, skipped, numbered, False, (*notes, _no_header_note()))
    if len(header) == 1 and (inside := _separator_inside([each[0] for each in records])):
        notes += (_one_column_note(header[0], inside),)
    return Dialect(delimiter, skipped, tuple(header), True, notes, trailing=trailing)


def _fitted_header(
    header: list[str], rows: list[list[str]], line: int, in_quotes: bool
) -> tuple[list[str], bool, tuple[Problem, ...]]:
    """The header as wide as the rows; whether rows end in a separator that the header lacks; what was decided.

    `in_quotes`: every row begins with a quotation mark, as the row names of statistics packages do.

    Raises UnreadableLog where the rows have values without a name that are no row names.
    """
    widths = Counter(len(each) for each in rows if each)
    width = widths.most_common(1)[0][0] if widths else len(header)
    wider = [each for each in rows if len(each) == width]
    if width == len(header) - 1 and header[-1].strip() == "" and 2 * len(wider) > widths.total():
        return header[:-1], False, ()
    if width <= len(header) or len(wider) <= 0.9 * widths.total():
        return header, len(header) > 1 and header[-1].strip() == "", ()
    if width == len(header) + 1 and all(each[-1].strip() == "" for each in wider):
        return [*header, ""], True, ()
    names = [each[0] for each in wider]
    if width == len(header) + 1 and in_quotes and len(set(names)) == len(names):
        return ["", *header], False, (_row_names_note(),)
    raise UnreadableLog(
        f"Line {line + 1:,} has {counted(width, 'value')}, but the header in line {line:,} names only "
        f"{counted(len(header), 'column')}. Name every column; where a value holds the separator (a decimal comma, a "
        "comma between thousands), put quotation marks around it or export with semicolons."
    )


def _escape(text: str) -> str:
    """What stands before a quotation mark inside a quoted value: another one, or a backslash where all lines say so."""
    if '\\"' not in text or re.search(r'[^,;\t|\n\\]""[^,;\t|\n]', text):
        return '"'
    marks = [re.sub(r"\\.", "", line).count('"') for line in text.split("\n")[:-1]]
    return "\\" if all(count % 2 == 0 for count in marks) else '"'


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


def _records(text: str, delimiter: str, escape: str = '"') -> list[list[str]]:
    complete = text if len(text) < _HEAD // 2 else text[: text.rfind("\n") + 1]
    records: list[list[str]] = []
    try:
        for record in _parsed([line + "\n" for line in complete.split("\n")], delimiter, escape):
            records.append(record)
            if len(records) > _RECORDS:
                break
    except csv.Error:
        return records or [[text[:1000]]]
    return records


def _parsed(lines: list[str], delimiter: str, escape: str) -> Iterator[list[str]]:
    if escape == '"':
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, doublequote=False, escapechar=escape)


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
    for mark in _ODD_DELIMITERS:
        if len(cells) > 1 and cells[0].count(mark) and len({cell.count(mark) for cell in cells}) == 1:
            return mark
    parts = [cell.split() for cell in cells]
    even = len(cells) > 2 and len(parts[0]) > 1 and {len(each) for each in parts} == {len(parts[0])}
    return " " if even and all(_NUMBER.fullmatch(each) for part in parts[1:] for each in part) else None


def _load(connection: Any, path: Path, dialect: Dialect, columns: list[str], tell: Callable[[float], None]) -> None:
    import duckdb

    kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    query = (
        f"CREATE TABLE raw AS SELECT * FROM read_csv({quoted(str(path))}, auto_detect=false, "
        f"header={str(dialect.has_header).lower()}, skip={_skip(path, dialect)}, delim={quoted(dialect.delimiter)}, "
        f"quote='\"', escape={quoted(dialect.escape)}, comment='', new_line='\\n', columns={{{kinds}}}, "
        f"compression='none', store_rejects=true, "
        f"rejects_limit=0, max_line_size={MAX_LINE * 2})"
    )
    try:
        watched(connection, query, tell)
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


def _rejects(connection: Any, dialect: Dialect, width: int) -> tuple[Problem, ...]:
    rows = connection.execute(
        "SELECT line, any_value(error_type), any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    ragged = [(line, text) for line, kind, text in rows if "QUOTE" not in str(kind)]
    unclosed = [(line, text) for line, kind, text in rows if "QUOTE" in str(kind)]
    (kept,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    many = len(ragged) > MANY_LEFT_OUT * (kept + len(ragged))
    notes = [_ragged_note(ragged, width, dialect, many)] if ragged else []
    return (*notes, _quote_note(unclosed)) if unclosed else tuple(notes)


def _swallowed_lines(connection: Any, dialect: Dialect, columns: list[str], lines: int | None) -> tuple[Problem, ...]:
    """Values that hold whole lines with as many separators as a row: a quotation mark that closes too late, perhaps."""
    (rows,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    if len(columns) < 2 or (lines is not None and lines <= rows + 1):
        return ()
    mark = re.escape(dialect.delimiter)
    whole = rf"\n(?:[^{mark}\n]*{mark}){{{len(columns) - 1}}}[^{mark}\n]*\n"
    holds = [f"CASE WHEN contains({c}, chr(10)) THEN regexp_matches({c}, {quoted(whole)}) END" for c in columns]
    any_holds = " OR ".join(f"coalesce({each}, false)" for each in holds)
    query = f"SELECT count(*), min(rowid) + 1 FROM raw WHERE {any_holds}"
    found, first = connection.execute(query).fetchall()[0]
    return (_swallowed_note(found, first),) if found else ()


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


def _drop_headers(connection: Any, dialect: Dialect, columns: list[str]) -> tuple[Problem, ...]:
    """Take out rows that repeat the header, as files that were joined have them."""
    named = [(c, name) for c, name in zip(columns, dialect.header, strict=True) if name.strip()]
    if not dialect.has_header or not named:
        return ()
    same = " AND ".join(f"{c} = {quoted(name)}" for c, name in named)
    (found, first) = connection.execute(f"SELECT count(*), min(rowid) + 1 FROM raw WHERE {same}").fetchall()[0]
    if not found:
        return ()
    connection.execute(f"DELETE FROM raw WHERE {same}")
    return (_repeated_header_note(found, first),)


def _holds_nothing(connection: Any, column: str) -> bool:
    (filled,) = connection.execute(f"SELECT count({column}) FROM raw WHERE trim({column}) <> ''").fetchall()[0]
    return not filled


def _refuse_empty(connection: Any, dialect: Dialect, rejects: tuple[Problem, ...]) -> None:
    (rows,) = connection.execute("SELECT count(*) FROM raw").fetchall()[0]
    if rows:
        return
    if rejects:
        raise UnreadableLog(f"No row fits the header. {rejects[0].sentence} {rejects[0].advice}")
    if any("\n" in name for name in dialect.header):
        raise UnreadableLog(
            "The header has a quotation mark that is not closed, so the whole file was read as one row. Close the "
            'mark, or double it ("") where it belongs to a name, and upload again.'
        )
    shown = ", ".join(f'"{name}"' for name in dialect.header[:5])
    raise EmptyLog(f"The file has a header ({shown}) but no rows below it. Check the export and upload it again.")


def _ragged_note(rejected: list[tuple[int, str]], width: int, dialect: Dialect, many: bool) -> Problem:
    line, text = rejected[0]
    found = len(next(_parsed([str(text)], dialect.delimiter, dialect.escape), []))
    where = ", ".join(f"{number:,}" for number, _ in rejected[:5]) + (", …" if len(rejected) > 5 else "")
    return Problem(
        "ragged rows",
        "stop" if many else "attention",
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


def _swallowed_note(rows: int, first: int) -> Problem:
    return Problem(
        "lines inside a value",
        "attention",
        None,
        rows,
        f"In {counted(rows, 'row')} (first: row {first:,}) a value runs over several lines that each look like a row: "
        "a quotation mark may be closed too late.",
        "Look at that row in the preview. If it swallowed other rows, close the mark in the file and upload again.",
    )


def _repeated_header_note(rows: int, first: int) -> Problem:
    return Problem(
        "repeated header",
        "note",
        None,
        rows,
        f"Left out: {counted(rows, 'row')} that repeated the header (first: row {first:,}), as in joined files.",
        "Nothing to do, if you joined them.",
    )


def _row_names_note() -> Problem:
    return Problem(
        "row names",
        "attention",
        None,
        0,
        "Every line has one value more than the header; the first was taken for a row name, as statistics packages "
        "write them.",
        "See in the preview that each value stands under its own name.",
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
    if inside == " " or inside in _ODD_DELIMITERS:
        cause = "its values are separated by " + ("blanks" if inside == " " else f'"{inside}"')
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
