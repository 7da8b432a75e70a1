"""Each measure as a formula over exact pieces of a unit's events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from ibis import _

from causal.logs.event_pieces import ALWAYS, FINEST, Columns, Part, Piece, Pieces, Wanted
from causal.logs.event_recipe import EventRecipe, Measure, What
from causal.logs.local_days import DAY_MICROS
from causal.logs.time_range import DAY


@dataclass(frozen=True)
class Asked:
    """One column of the units: the measure that makes it, and where its pieces are taken from."""

    columns: Columns
    recipe: EventRecipe
    measure: Measure
    column: str
    pieces: Pieces

    def number(self, wanted: Wanted) -> Any:
        """How many events of the window are wanted."""
        return self.pieces.take(Piece("number", self.measure.window, wanted))

    def timed(self, of: Any) -> Any:
        """The latest or the earliest time of the measure's events."""
        return self.pieces.take(Piece(of, self.measure.window, Wanted(self.measure.kinds)))


def measured(asked: Asked) -> Any:
    """The column as an expression over the units and their pieces.

    Raises LogError where the log's column holds no numbers to add.
    """
    return _MADE[asked.measure.what](asked)


def _count(asked: Asked) -> Any:
    return asked.number(Wanted(asked.measure.kinds))


def _any(asked: Asked) -> Any:
    return ibis.ifelse(_count(asked) > 0, 1, 0).cast("int64")


def _rate(asked: Asked) -> Any:
    window = asked.measure.window
    return _count(asked).cast("float64") / (((window.end or 0) - (window.start or 0)) / DAY)


def _distinct(asked: Asked) -> Any:
    measure = asked.measure
    return asked.pieces.take(Piece("distinct", measure.window, Wanted(measure.kinds, measure.column), measure.column))


def _sum(asked: Asked) -> Any:
    return _total(asked, str(asked.measure.column), asked.measure.kinds)


def _mean(asked: Asked) -> Any:
    numbers = asked.number(Wanted(asked.measure.kinds, asked.measure.column, number=True))
    return _sum(asked) / numbers.nullif(0).cast("float64")


def _last_value(asked: Asked) -> Any:
    measure = asked.measure
    return asked.pieces.take(Piece("last", measure.window, Wanted(measure.kinds, measure.column), measure.column))


def _recency(asked: Asked) -> Any:
    return (_["__anchor"] - asked.timed("latest")).cast("float64") / float(DAY_MICROS)


def _time_to(asked: Asked) -> Any:
    return (asked.timed("earliest") - _["__anchor"]).cast("float64") / float(DAY_MICROS)


def _share(asked: Asked) -> Any:
    measure = asked.measure
    level = asked.column.removeprefix(f"{measure.name}: ")
    of_level = asked.number(Wanted(measure.kinds, measure.column, level))
    of_all = asked.number(Wanted(measure.kinds, measure.column))
    return (of_level.cast("float64") / of_all.nullif(0).cast("float64")).fill_null(0.0)


def _ratio(asked: Asked) -> Any:
    measure = asked.measure
    over = _amount(asked, measure.over_column, measure.over_kinds)
    share = _amount(asked, measure.column, measure.kinds)
    part = asked.column.removeprefix(measure.name)
    if part:
        return share if part == ": numerator" else over
    return share / over.nullif(0.0)


def _value(asked: Asked) -> Any:
    column = str(asked.measure.column)
    if asked.recipe.unit == "impression":
        return _[asked.columns.labels[column]]
    anchor = asked.recipe.anchor
    kinds = anchor.kinds if anchor.of == "first of a kind" else ()
    return asked.pieces.take(Piece("at anchor", ALWAYS, Wanted(kinds, column), column))


def _exposed(asked: Asked) -> Any:
    return ibis.ifelse(_["__exposed"], 1, 0).cast("int64")


def _attribute(asked: Asked) -> Any:
    return asked.pieces.take(Piece("largest", column=asked.measure.column))


_MADE: Mapping[What, Callable[[Asked], Any]] = {
    "any": _any,
    "count": _count,
    "rate": _rate,
    "sum": _sum,
    "mean": _mean,
    "distinct": _distinct,
    "last value": _last_value,
    "recency": _recency,
    "time to": _time_to,
    "share": _share,
    "ratio": _ratio,
    "value": _value,
    "exposed": _exposed,
    "attribute": _attribute,
}


def _amount(asked: Asked, column: str | None, kinds: tuple[str, ...]) -> Any:
    """A sum of values, or without a column the number of events, as a floating-point number."""
    return asked.number(Wanted(kinds)).cast("float64") if column is None else _total(asked, column, kinds)


def _total(asked: Asked, column: str, kinds: tuple[str, ...]) -> Any:
    """The exact sum of a column's values, 0 of none, as a floating-point number."""
    asked.columns.is_number(column)
    wanted = Wanted(kinds, column, number=True)

    def part(which: Part) -> Any:
        piece = Piece("total", asked.measure.window, wanted, column, which)
        return asked.pieces.take(piece).cast("float64").fill_null(0.0)

    return part("whole") + part("rest") * FINEST if asked.columns.log.kind(column) == "number" else part("whole")
