"""Pieces of SQL that carry their values beside them, so that no value and no name is ever read as SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causal.logs.engine import quoted

Value = str | int | float


@dataclass(frozen=True)
class Sql:
    """SQL text with a `?` for each of `values`, in their order."""

    text: str
    values: tuple[Value, ...] = ()

    def __add__(self, other: Sql | str) -> Sql:
        right = Sql(other) if isinstance(other, str) else other
        return Sql(self.text + right.text, self.values + right.values)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.values)

    @property
    def readable(self) -> str:
        """The text with its values in place, as one would write it by hand; for reading, not for running."""
        values, pieces, inside = iter(self.values), [], ""
        for letter in self.text:
            if letter in "'\"" and inside in ("", letter):
                inside = "" if inside else letter
            pieces.append(_literal(next(values)) if letter == "?" and not inside else letter)
        return "".join(pieces)


def value(given: Value) -> Sql:
    """One value."""
    return Sql("?", (given,))


def values(given: Iterable[Value]) -> Sql:
    """Values in brackets: (?, ?)."""
    return "(" + joined(", ", [value(each) for each in given]) + ")"


def name(text: str) -> Sql:
    """An identifier, quoted: whatever is written in it stays a name."""
    return Sql('"' + text.replace('"', '""') + '"')


def joined(separator: str, parts: Iterable[Sql | str]) -> Sql:
    """The parts with the separator between them."""
    found = Sql("")
    for place, part in enumerate(parts):
        found = found + (separator if place else "") + part
    return found


def _literal(given: Value) -> str:
    return quoted(given) if isinstance(given, str) else repr(given)
