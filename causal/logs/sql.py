"""Pieces of SQL, in which no name is ever read as SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from causal.logs.log import Log

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")


@dataclass(frozen=True)
class Sql:
    """SQL text, told apart from text that is none."""

    text: str

    def __add__(self, other: Sql | str) -> Sql:
        return Sql(self.text + (other if isinstance(other, str) else other.text))

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text)


def name(text: str) -> Sql:
    """An identifier, quoted: whatever is written in it stays a name."""
    return Sql('"' + text.replace('"', '""') + '"')


def labels_of(log: Log) -> dict[str, str]:
    """What each column of the log is called in SQL, where "a" and "A" are one name: its own name where that is free."""
    taken = {"__row"}
    found: dict[str, str] = {}
    for column in log.names:
        label, number = column or "column", 2
        while label.casefold() in taken:
            label, number = f"{column} ({number})", number + 1
        taken.add(label.casefold())
        found[column] = label
    return found


def plain_labels(names: Iterable[str]) -> dict[str, str]:
    """What each column is called in a query that any engine reads: its own name where that is short, plain and free.

    Engines differ in the signs and in the length that a name may have, and whether "a" and "A" are one.
    """
    taken: set[str] = set()
    found: dict[str, str] = {}
    for place, column in enumerate(names):
        label = column if _PLAIN.fullmatch(column) and column.casefold() not in taken else f"column_{place}"
        while label.casefold() in taken:
            label += "_"
        taken.add(label.casefold())
        found[column] = label
    return found


def joined(separator: str, parts: Iterable[Sql | str]) -> Sql:
    """The parts with the separator between them."""
    found = Sql("")
    for place, part in enumerate(parts):
        found = found + (separator if place else "") + part
    return found
