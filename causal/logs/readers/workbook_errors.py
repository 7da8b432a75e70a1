"""Cells of a workbook that hold an error (#N/A, #DIV/0!), which the reader gives as if they were empty."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from causal.logs.log import Problem, counted

CHUNK = 1024 * 1024
_LONGEST_TAG = 64 * 1024
PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
TAG = re.compile(rb"""<(?:\w+:)?(row|c)((?:\s(?:[^<>"'/]|/(?!>)|"[^"]*"|'[^']*')*)?)(/?)>""")
_IS_ERROR = re.compile(rb"""\st\s*=\s*["']e["']""")
_SAID = re.compile(rb"<(?:\w+:)?v[^<>]*>\s*([^<]{1,40}?)\s*<")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")
_MOST_SHOWN = 3


@dataclass(frozen=True)
class ErrorCell:
    """One such cell: its row and column in the sheet, counted from 1, and what it says."""

    row: int
    column: int
    said: str


def error_cells(path: Path, sheet: int) -> tuple[ErrorCell, ...]:
    """The error cells of the sheet at this place (from 0) of a workbook of the .xlsx kind; none of another kind."""
    if not zipfile.is_zipfile(path):
        return ()
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        return () if part is None else tuple(_errors(chunks(archive, part)))


def chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The part in pieces that end before a tag, if there is one in sight."""
    held = b""
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            text = held + chunk
            end = text.rfind(b"<", max(0, len(text) - _LONGEST_TAG))
            held = text[end:] if end > 0 else b""
            yield text[:end] if end > 0 else text
    yield held


def number_of(letters: bytes) -> int:
    """A column's number, from 1, by its letters."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def place_of(tag: re.Match[bytes], row: int, column: int) -> tuple[int, int]:
    """Where a row (then its column is 0) or a cell stands; without a place of its own, after the one before it."""
    places = PLACE.findall(tag[2]) if tag[2] else ()
    if tag[1] == b"row":
        return max((int(number[-12:]) for _, number in places), default=row + 1), 0
    column = max((number_of(letters) for letters, _ in places), default=column + 1)
    return max([row, *(int(number[-12:]) for _, number in places)]), column


def error_notes(names: Mapping[int, str], cells: Sequence[ErrorCell]) -> tuple[Problem, ...]:
    """A note on each column that has error cells; `names` by the columns' numbers in the sheet."""
    by_column: dict[int, list[ErrorCell]] = {}
    for cell in cells:
        if cell.column in names:
            by_column.setdefault(cell.column, []).append(cell)
    return tuple(_note(names[column], found) for column, found in sorted(by_column.items()))


def _note(name: str, cells: list[ErrorCell]) -> Problem:
    shown = ", ".join(f"{each.said} in row {each.row:,}" for each in cells[:_MOST_SHOWN])
    more = ", …" if len(cells) > _MOST_SHOWN else ""
    verb = "counts" if len(cells) == 1 else "count"
    return Problem(
        "error cells",
        "attention",
        name,
        len(cells),
        f'The column "{name}" holds {counted(len(cells), "error")} of the workbook ({shown}{more}); '
        f"{'it' if len(cells) == 1 else 'they'} {verb} as missing.",
        "Mend the formulas in the sheet if these values matter, and upload it again.",
    )


def _part_of(archive: zipfile.ZipFile, sheet: int) -> str | None:
    """The name of the part that holds a sheet, by the workbook's own list."""
    try:
        listed = _SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8", "replace"))
        related = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace"))
    except KeyError:
        return None
    wanted = _attribute(listed[sheet], r"\w+:id") if sheet < len(listed) else None
    target = next((_attribute(each, "Target") for each in related if _attribute(each, "Id") == wanted), None)
    if target is None:
        return None
    name = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return name if name in archive.namelist() else None


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return None if found is None else html.unescape(found[1] if found[1] is not None else found[2])


def _errors(pieces: Iterator[bytes]) -> Iterator[ErrorCell]:
    row, column, waiting = 0, 0, None
    for text in pieces:
        if waiting is not None:  # what it says came in the next piece
            yield _cell(*waiting, text)
            waiting = None
        for tag in TAG.finditer(text):
            row, column = place_of(tag, row, column)
            if tag[1] == b"row" or not _IS_ERROR.search(tag[2] or b""):
                continue
            after = text[tag.end() : tag.end() + _LONGEST_TAG]
            if _SAID.search(after) is None and TAG.search(after) is None:
                waiting = (row, column)
            else:
                yield _cell(row, column, after)


def _cell(row: int, column: int, after: bytes) -> ErrorCell:
    own = after[: end.start()] if (end := TAG.search(after)) else after
    said = _SAID.search(own)
    return ErrorCell(row, column, "an error" if said is None else html.unescape(said[1].decode("utf-8", "replace")))
