"""What measures are made of: numbers, sums, first and last times of a unit's events.

Each is exact in any order of rows and means the same in every engine: whole numbers, their sums as decimals of 38
digits, the largest and the smallest. Fractions are summed in two such parts, what is whole and what is left in units
of 2^-62; values beyond 2^62 (4.6e18), and those that are no number, count as missing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import ibis
from ibis import _

from causal.errors import LogError
from causal.logs.local_days import MICRO, micros
from causal.logs.log import Kind, Log
from causal.logs.time_range import TimeRange

Part = Literal["whole", "rest"]
FINEST = 2.0**-62
"""What one is worth in the rest of a fraction."""

_LARGEST = 2.0**62
EXACT = "decimal(38, 0)"
"""The type of sums of whole numbers: they are exact, and have room."""


@dataclass(frozen=True)
class Wanted:
    """Which events count: of these `kinds` (none: of all), and with a value in `column`, which is `level`.

    `number`: its value must be one that can be added.
    """

    kinds: tuple[str, ...] = ()
    column: str | None = None
    level: str | None = None
    number: bool = False


ALWAYS = TimeRange()
EVERY = Wanted()


@dataclass(frozen=True)
class Piece:
    """One exact figure of a unit's events in a window.

    "number" of events; "total" of a `part` of a column's values; "latest" and "earliest" time; "distinct" values;
    "largest" value of all the unit's events; and of the events at the anchor, or at the latest time in the window, the
    smallest ("at anchor") and the largest value ("last").
    """

    of: Literal["number", "total", "latest", "earliest", "distinct", "largest", "at anchor", "last"]
    window: TimeRange = ALWAYS
    wanted: Wanted = EVERY
    column: str | None = None
    part: Part = "whole"


LOOKED_UP = ("at anchor", "last")


@dataclass
class Pieces:
    """The pieces that measures ask for, each once, with the name of its column: `prefix` and a number."""

    prefix: str
    names: dict[Piece, str] = field(default_factory=dict)

    def take(self, piece: Piece) -> Any:
        """The piece's column, to be used in an expression."""
        return _[self.names.setdefault(piece, f"{self.prefix}{len(self.names)}")]


@dataclass(frozen=True)
class Columns:
    """What the log's columns are called in the query."""

    log: Log
    labels: Mapping[str, str]
    kind_column: str | None

    def held(self, events: Any, column: str) -> Any:
        """A column of the log among the events."""
        return events[self.labels[column]]

    def is_number(self, column: str) -> None:
        """Raises LogError where the log's column holds no numbers to add."""
        if self.log.kind(column) not in ("integer", "number", "boolean"):
            raise LogError(f'"{column}" holds no numbers, so it has no sum and no mean. Choose another column.')

    def matches(self, events: Any, wanted: Wanted) -> Any:
        """True of an event that is wanted; None where all are."""
        asked = []
        if wanted.kinds:
            assert self.kind_column is not None
            asked.append(self.is_one_of(events, self.kind_column, wanted.kinds))
        if wanted.column is not None:
            held = self.held(events, wanted.column)
            if wanted.level is not None:
                asked.append(self.is_one_of(events, wanted.column, (wanted.level,)))
            elif wanted.number and self.log.kind(wanted.column) == "number":
                asked.append(held.abs() < _LARGEST)
            else:
                asked.append(held.notnull())
        return both(asked)

    def is_one_of(self, events: Any, column: str, levels: Iterable[str]) -> Any:
        """True of an event whose value in a column is written as one of the levels."""
        kind = self.log.kind(column)
        values = [value for value in (_value(level, kind) for level in levels) if value is not None]
        held = self.held(events, column)
        return held.isin(values) if values else ibis.literal(False)

    def part(self, events: Any, column: str, part: Part) -> Any:
        """A part of each value of a column, as an exact whole number."""
        held, kind = self.held(events, column), self.log.kind(column)
        if kind != "number":
            return held.cast(EXACT)
        # What is too large is not wanted anyway; ClickHouse would look at it even behind a missing value.
        value = ibis.ifelse(held.abs() < _LARGEST, held, 0.0)
        # Casts round in some engines and cut in others: only of whole numbers are they the same.
        whole = ibis.ifelse(value < 0, value.ceil(), value.floor()).cast("int64")
        if part == "whole":
            return whole.cast(EXACT)
        return ((value - whole.cast("float64")) / FINEST).cast("int64").cast(EXACT)


def inside(lag: Any, window: TimeRange) -> Any:
    """True of an event so long after the anchor; None where the window has no ends."""
    asked = []
    if window.start is not None:
        asked.append(lag >= window.start * MICRO)
    if window.end is not None:
        asked.append(lag < window.end * MICRO)
    return both(asked)


def both(conditions: Iterable[Any]) -> Any:
    """True where all of the conditions are; None of none."""
    found = None
    for each in conditions:
        if each is not None:
            found = each if found is None else found & each
    return found


def aggregated(joined: Any, lag: Any, piece: Piece, columns: Columns) -> Any:
    """The piece as an aggregate over each unit's events `joined`, which are `lag` microseconds after its anchor."""
    where = both([inside(lag, piece.window), columns.matches(joined, piece.wanted)])
    if piece.of == "number":
        return joined.count(where=where)
    if piece.of in ("latest", "last"):
        return joined["__at"].max(where=where)
    if piece.of == "earliest":
        return joined["__at"].min(where=where)
    assert piece.column is not None
    if piece.of == "total":
        return columns.part(joined, piece.column, piece.part).sum(where=where)
    held = columns.held(joined, piece.column)
    return held.nunique(where=where) if piece.of == "distinct" else held.max(where=where)


def _value(level: str, kind: Kind) -> Any:
    """A level as a value of its column; None of text that no value of the column is written as."""
    try:
        if kind == "integer":
            return int(level)
        if kind == "number":
            return float(level)
        if kind == "time":
            return micros(datetime.datetime.fromisoformat(level))
    except ValueError:
        return None
    return {"true": 1, "false": 0}.get(level) if kind == "boolean" else level
