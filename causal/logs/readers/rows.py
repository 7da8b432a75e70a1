"""What every reader hands over, and the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from causal.errors import UnreadableLog
from causal.logs.log import Kind, Problem

MAX_COLUMNS = 2_000
MAX_ROWS = 100_000_000
MANY_LEFT_OUT = 0.05
"""A file of which more than this share of the rows cannot be read has to be mended first."""


@dataclass(frozen=True)
class Rows:
    """Rows on their way in: unique names, a kind for each column, and Arrow batches with the columns in that order.

    `count` is how many rows will come, where that is known.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    batches: Iterator[Any]
    notes: tuple[Problem, ...] = ()
    count: int | None = None


def check_width(columns: int) -> None:
    """Refuse a table that is too wide to be shown or drawn."""
    if columns > MAX_COLUMNS:
        raise UnreadableLog(
            f"The file has {columns:,} columns; at most {MAX_COLUMNS:,} are read. "
            "Keep the columns that the question needs and upload again."
        )


def check_length(rows: int) -> None:
    """Refuse a table with more rows than one machine should take in."""
    if rows > MAX_ROWS:
        raise UnreadableLog(
            f"The file claims {rows:,} rows; at most {MAX_ROWS:,} are read. Upload a sample, or one row per user."
        )


def unique_names(found: Sequence[str]) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The names as they are, except that empty ones get their position and repeated ones a number; with notes."""
    taken: set[str] = set()
    reserved = set(found)
    names: list[str] = []
    notes: list[Problem] = []
    for position, name in enumerate(found, start=1):
        wanted = name if name.strip() else f"column {position}"
        unique = _free(wanted, taken, reserved)
        if not name.strip():
            notes.append(_empty_name(position, unique))
        elif unique != name:
            notes.append(_repeated_name(name, unique))
        taken.add(unique)
        names.append(unique)
    return tuple(names), tuple(notes)


def coalesced(batches: Iterable[Any], schema: Any, size: int = 131_072) -> Iterator[Any]:
    """Tables of exactly `size` rows (the last one shorter), so that the same rows give the same file."""
    import pyarrow as pa

    waiting = pa.Table.from_batches([], schema)
    for batch in batches:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch], schema)])
        while len(waiting) >= size:
            yield waiting.slice(0, size)
            waiting = waiting.slice(size)
    if len(waiting):
        yield waiting


def _free(wanted: str, taken: set[str], reserved: set[str]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while (numbered := f"{wanted} ({number})") in taken or numbered in reserved:
        number += 1
    return numbered


def _empty_name(position: int, unique: str) -> Problem:
    return Problem(
        "empty name",
        "note",
        unique,
        0,
        f'Column {position} has no name in the file; it is called "{unique}" here.',
        "Name it in the file if it matters.",
    )


def _repeated_name(name: str, unique: str) -> Problem:
    return Problem(
        "repeated name",
        "attention",
        unique,
        0,
        f'The name "{name}" appears more than once; a later one is called "{unique}" here.',
        "Check which of them you mean, and rename them in the file.",
    )
