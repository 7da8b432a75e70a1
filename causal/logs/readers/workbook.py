"""Excel and OpenDocument workbooks: the first sheet that holds a table."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, UnreadableLog
from causal.logs.log import Kind, Problem, counted
from causal.logs.readers.rows import Rows, check_width, unique_names
from causal.logs.readers.values import arrow_array, kind_of_values


def read_workbook(path: Path) -> Rows:
    """The rows of the first sheet with a header and something below it.

    Raises UnreadableLog (damaged or locked) and EmptyLog.
    """
    sheets = _sheets(path)
    for position, (title, cells) in enumerate(sheets):
        filled = [row for row in cells if any(cell != "" for cell in row)]
        start = _header_row(filled)
        if len(filled) > start + 1:
            others = [name for name, _ in sheets[:position] + sheets[position + 1 :]]
            return _rows(title, filled[start], filled[start + 1 :], others)
    raise EmptyLog("No sheet of the workbook has a header with rows below it. Check the export and upload it again.")


def _sheets(path: Path) -> list[tuple[str, list[list[Any]]]]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        return [(name, workbook.get_sheet_by_name(name).to_python()) for name in workbook.sheet_names]
    except Exception as error:  # calamine raises its own errors and, for damaged files, panics that share no base class
        raise UnreadableLog(
            "The workbook cannot be opened: it is damaged, locked by a password, or of an unknown kind. "
            "Save it as .xlsx without a password, or as CSV."
        ) from error


def _header_row(rows: list[list[Any]]) -> int:
    """The first row that is filled at least half as widely as the sheet."""
    width = max((sum(cell != "" for cell in row) for row in rows), default=0)
    return next((i for i, row in enumerate(rows) if 2 * sum(cell != "" for cell in row) >= width), 0)


def _rows(title: str, header: list[Any], body: list[list[Any]], others: list[str]) -> Rows:
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
    return Rows(names, kinds, _batch(columns, kinds), (*sheet, *notes, *mixed))


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
