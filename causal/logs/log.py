"""A log that was read: its rows in one Parquet file, its columns, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from causal.errors import LogError, UnknownColumn

Kind = Literal["integer", "number", "boolean", "time", "text"]
Severity = Literal["stop", "attention", "note"]

NO_TIME = "carries no time"
"""The kind of note on a column of which nothing says since when its values hold."""


@dataclass(frozen=True)
class Problem:
    """Something in a log that a person should know, with how many rows it touches and what to do about it.

    `severity`: "stop" (no honest answer is possible before it is mended), "attention" (it may change the answer),
    "note" (good to know). `column` is None where the whole log is meant; `rows` counts the rows concerned.
    """

    kind: str
    severity: Severity
    column: str | None
    rows: int
    sentence: str
    advice: str


@dataclass(frozen=True)
class Column:
    """A column of a log: its name, exactly as in the file, and the kind of value that is stored."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Log:
    """Rows that came in, unchanged afterwards.

    `path` is a local Parquet file with the rows in their order; `fingerprint` is the SHA-256 of that file, so the same
    bytes read twice are the same log; `notes` says what reading had to decide or leave out. Where the rows stay in a
    warehouse, `connection` names it and `name` the table there: `path` then holds the first rows only, and the
    fingerprint tells the table and these. `as_of` tells two looks at one table apart: the moment of this one.
    """

    name: str
    path: Path
    schema: tuple[Column, ...]
    rows: int
    fingerprint: str
    notes: tuple[Problem, ...] = ()
    connection: str | None = None
    as_of: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the file's order."""
        return tuple(column.name for column in self.schema)

    def kind(self, name: str) -> Kind:
        """The kind of one column.

        Raises UnknownColumn.
        """
        for column in self.schema:
            if column.name == name:
                return column.kind
        raise UnknownColumn.named(name, self.names)


def check_here(log: Log) -> None:
    """Raises LogError where the log's rows stay in a warehouse, for work that needs all of them."""
    if log.connection is not None:
        raise LogError(
            f'The rows of "{log.name}" stay in "{log.connection}", and only the first ones are here. Make units of its '
            "events, which are fetched, read all of its rows in, or join tables there in a view."
        )


def counted(number: int, thing: str) -> str:
    """A count with its noun: "1 row", "1,234 rows"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
