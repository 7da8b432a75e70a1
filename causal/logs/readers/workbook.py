"""Excel workbooks: the first sheet that holds a table.

The reader makes room for every cell up to the last one, and the process ends where there is no room: what a sheet
claims is therefore counted first.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind, Problem, counted
from causal.logs.readers.rows import Rows, check_width, unique_names
from causal.logs.readers.source import ZIP_FAULTS
from causal.logs.readers.values import arrow_array, kind_of_values
from causal.logs.readers.workbook_errors import PLACE, TAG, chunks, error_cells, error_notes, number_of, place_of

_MOST_CELLS = 25_000_000
_MOST_LETTERS = 256 * 1024**2
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576
_OPENED = re.compile(rb"<(?:\w+:)?(?:row|c)[\s/>]")


def read_workbook(path: Path) -> Rows:
    """The rows of the first sheet with a header and something below it.

    Raises UnreadableLog (damaged, locked, or too large) and EmptyLog.
    """
    if zipfile.is_zipfile(path):
        _refuse_bomb(path)
    names, sheets = _sheets(path)
    for position, (title, cells, left) in enumerate(sheets):
        numbered = [(place, row) for place, row in enumerate(cells) if any(cell != "" for cell in row)]
        filled = [row for _, row in numbered]
        start = _header_row(filled)
        if len(filled) > start + 1:
            top = numbered[start][0] + 1
            errors = [each for each in error_cells(path, position) if each.row > top]
            rows, used = _rows(title, filled[start], filled[start + 1 :], names[:position] + names[position + 1 :])
            called = {left + index + 1: name for index, name in zip(used, rows.names, strict=True)}
            return replace(rows, notes=(*rows.notes, *error_notes(called, errors)))
    raise EmptyLog("No sheet of the workbook has a header with rows below it. Check the export and upload it again.")


def _sheets(path: Path) -> tuple[list[str], Iterator[tuple[str, list[list[Any]], int]]]:
    """The names of all sheets, and one after another: its name, its cells, how many columns before them are empty."""
    import python_calamine

    with _told():
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
    return names, ((name, *_cells(workbook, name)) for name in names)


def _cells(workbook: Any, name: str) -> tuple[list[list[Any]], int]:
    """The cells of a sheet from its first row on, and how many columns before them are empty.

    A text that stands in many of them is held once.
    """
    seen: dict[str, str] = {}
    letters = 0
    rows: list[list[Any]] = []
    with _told():
        sheet = workbook.get_sheet_by_name(name)
        for row in sheet.iter_rows():
            rows.append([seen.setdefault(cell, cell) if isinstance(cell, str) else cell for cell in row])
            letters += sum(len(cell) for cell in row if isinstance(cell, str))
            if letters > _MOST_LETTERS:
                raise _too_large(f"more than {_MOST_LETTERS // 1024**2} MB of text")
        left = sheet.start[1] if sheet.start else 0
    return rows, int(left)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What calamine cannot read, as one sentence."""
    try:
        yield
    except UnreadableLog:
        raise
    except Exception as error:  # calamine raises its own errors and, for damaged files, panics that share no base class
        raise UnreadableLog(
            "The workbook cannot be opened: it is damaged, locked by a password, or of an unknown kind. "
            "Save it as .xlsx without a password, or as CSV."
        ) from error


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook whose sheets claim more cells than there is room for, before the reader makes room.

    Raises UnreadableLog.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.lower().endswith(".bin") and "worksheets/" in name.lower() for name in names):
                raise UnreadableLog("The workbook is of the binary kind (.xlsb). Save it as .xlsx, or as CSV.")
            if "[Content_Types].xml" not in names:
                raise UnreadableLog("The workbook is of an unknown kind. Save it as .xlsx, or as CSV.")
            for name in names:
                if name.lower().endswith(".xml"):
                    _refuse_sheet(archive, name)
    except ZIP_FAULTS as error:
        raise UnreadableLog("The workbook is damaged or locked. Save it again, without a password.") from error


def _refuse_sheet(archive: zipfile.ZipFile, name: str) -> None:
    """Read one part to its end, which also proves the size that the archive states, and count its cells."""
    if _is_too_large(*_most_extent(chunks(archive, name))):
        width, height = _extent(chunks(archive, name))
        if _is_too_large(width, height):
            raise _too_large(
                f"room for {width * height:,} cells (its last one stands in column {width:,}, row {height:,})"
            )


def _is_too_large(width: int, height: int) -> bool:
    return width > _LAST_COLUMN or height > _LAST_ROW or width * height > _MOST_CELLS


def _most_extent(chunks: Iterator[bytes]) -> tuple[int, int]:
    """A quick upper bound of `_extent`: empty cells count too, and all without a place may follow the last one."""
    width, height, opened, named = 0, 0, 0, 0
    for text in chunks:
        places = PLACE.findall(text)
        opened += len(_OPENED.findall(text))
        named += len(places)
        width = max([width, *(number_of(letters) for letters in {letters for letters, _ in places})])
        height = max(height, max((int(row[-12:]) for _, row in places), default=0))
    return width + opened - named, height + opened - named


def _extent(chunks: Iterator[bytes]) -> tuple[int, int]:
    """Columns and rows up to the last cell that holds something."""
    width, height, row, column = 0, 0, 0, 0
    for text in chunks:
        for tag in TAG.finditer(text):
            row, column = place_of(tag, row, column)
            if tag[1] == b"c" and not tag[3]:
                width, height = max(width, column), max(height, row)
    return width, height


def _too_large(what: str) -> UnreadableLog:
    return UnreadableLog(f"A sheet of the workbook takes {what}, which is more than is read. Save the table as CSV.")


def _header_row(rows: list[list[Any]]) -> int:
    """The first row that is filled at least half as widely as the sheet."""
    width = max((sum(cell != "" for cell in row) for row in rows), default=0)
    return next((i for i, row in enumerate(rows) if 2 * sum(cell != "" for cell in row) >= width), 0)


def _rows(title: str, header: list[Any], body: list[list[Any]], others: list[str]) -> tuple[Rows, list[int]]:
    """The rows below a header, and the places of their columns among the cells."""
    width = max(len(header), max(len(row) for row in body))
    used = [i for i in range(width) if any(_cell(row, i) is not None for row in (header, *body))]
    check_width(len(used))
    names, notes = unique_names([_name(header[i]) if i < len(header) else "" for i in used])
    columns = [_whole([_cell(row, i) for row in body]) for i in used]
    kinds: tuple[Kind, ...] = tuple(kind_of_values(values) or "text" for values in columns)
    mixed = tuple(
        _mixed_note(name, sum(_is_odd(value) for value in values))
        for name, kind, values in zip(names, kinds, columns, strict=True)
        if kind == "text" and any(_is_odd(value) for value in values)
    )
    sheet = (_sheet_note(title, others),) if others else ()
    return Rows(names, kinds, _batch(columns, kinds), (*sheet, *notes, *mixed)), used


def _batch(columns: list[list[Any]], kinds: tuple[Kind, ...]) -> Iterator[Any]:
    import pyarrow as pa

    arrays = [arrow_array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    yield pa.RecordBatch.from_arrays(arrays, [f"c{index}" for index in range(len(arrays))])


def _cell(row: list[Any], index: int) -> Any:
    value = row[index] if index < len(row) else None
    return None if value == "" else value


def _whole(values: list[Any]) -> list[Any]:
    """Workbooks keep every number as a fraction; whole columns of whole numbers become integers again."""
    numbers = [value for value in values if isinstance(value, float)]
    if not numbers or not all(value.is_integer() and abs(value) < 2**53 for value in numbers):
        return values
    return [int(value) if isinstance(value, float) else value for value in values]


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _is_odd(value: Any) -> bool:
    return isinstance(value, int | float | datetime.date | datetime.time)


def _sheet_note(title: str, others: list[str]) -> Problem:
    shown = ", ".join(f'"{name}"' for name in others[:5]) + (", …" if len(others) > 5 else "")
    return Problem(
        "several sheets",
        "note",
        None,
        0,
        f'Only the sheet "{title}" was read; the workbook also has {shown}.',
        "If you mean another sheet, save it as a workbook of its own.",
    )


def _mixed_note(name: str, odd: int) -> Problem:
    return Problem(
        "mixed types",
        "attention",
        name,
        odd,
        f'The column "{name}" holds text, and in {counted(odd, "row")} a number or date; all are kept as text.',
        "Mend the sheet, or give the column its type: values that do not fit then count as missing.",
    )
