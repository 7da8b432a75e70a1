"""Each measure as SQL: an aggregate over a unit's events `e`, seen from its anchor in `u`.

Sums of fractions are made exact, so that no order of rows can change a digit: whole parts, and what is left in units of
2^-62, are summed as 128-bit integers. Values beyond 1e30 count as missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from causal.errors import LogError
from causal.logs.event_recipe import EventRecipe, Measure, What
from causal.logs.log import Log
from causal.logs.sql import Sql, joined, name, value, values
from causal.logs.time_range import DAY, TimeRange

MICRO = 1_000_000
_LARGEST = "1e30"
_FINEST = float(2**62)
_LAG = "(e.__at - u.__anchor)"
_DAYS = f"{DAY * MICRO}.0"


@dataclass(frozen=True)
class Asked:
    """One column of the units: the measure that makes it, and what the log's columns are called in SQL."""

    log: Log
    recipe: EventRecipe
    measure: Measure
    labels: Mapping[str, str]
    column: str

    @property
    def held(self) -> Sql:
        """The values of the measure's column."""
        return "e." + name(self.labels[str(self.measure.column)])

    def inside(self, further: Sql | str | None = None) -> Sql:
        """The filter that lets the measure's events through."""
        return _inside(self.measure.window, self.measure.kinds, further)


def measured(asked: Asked) -> Sql:
    """The aggregate that gives the column.

    Raises LogError where the log's column holds no numbers to add.
    """
    return _MADE[asked.measure.what](asked)


def _count(asked: Asked) -> Sql:
    return "count(*)" + asked.inside()


def _any(asked: Asked) -> Sql:
    return "CAST(count(*)" + asked.inside() + " > 0 AS BIGINT)"


def _rate(asked: Asked) -> Sql:
    window = asked.measure.window
    return _count(asked) + f" / {((window.end or 0) - (window.start or 0)) / DAY!r}"


def _distinct(asked: Asked) -> Sql:
    return "count(DISTINCT " + asked.held + ")" + asked.inside()


def _sum(asked: Asked) -> Sql:
    return _total(asked, str(asked.measure.column), asked.measure.kinds)


def _mean(asked: Asked) -> Sql:
    return _sum(asked) + " / nullif(count(*)" + asked.inside(_is_number(asked, str(asked.measure.column))) + ", 0)"


def _last_value(asked: Asked) -> Sql:
    return "(max({'at': e.__at, 'held': " + asked.held + "})" + asked.inside(asked.held + " IS NOT NULL") + ").held"


def _recency(asked: Asked) -> Sql:
    return f"-max({_LAG})" + asked.inside() + f" / {_DAYS}"


def _time_to(asked: Asked) -> Sql:
    return f"min({_LAG})" + asked.inside() + f" / {_DAYS}"


def _share(asked: Asked) -> Sql:
    level = asked.column.removeprefix(f"{asked.measure.name}: ")
    of_level = "count(*)" + asked.inside("CAST(" + asked.held + " AS VARCHAR) = " + value(level))
    of_all = "count(*)" + asked.inside(asked.held + " IS NOT NULL")
    return "coalesce(" + of_level + " / nullif(" + of_all + ", 0), 0.0)"


def _ratio(asked: Asked) -> Sql:
    measure = asked.measure
    over = _amount(asked, measure.over_column, measure.over_kinds)
    share = _amount(asked, measure.column, measure.kinds)
    part = asked.column.removeprefix(measure.name)
    if part:
        return share if part == ": numerator" else over
    return share + " / nullif(" + over + ", 0)"


def _value(asked: Asked) -> Sql:
    if asked.recipe.unit == "impression":
        return "min(u." + name(asked.labels[str(asked.measure.column)]) + ")"
    anchor = asked.recipe.anchor
    kinds = anchor.kinds if anchor.of == "first of a kind" else ()
    return "min(" + asked.held + ")" + _inside(TimeRange(), kinds, f"{_LAG} = 0")


def _exposed(asked: Asked) -> Sql:
    return Sql("CAST(bool_or(u.__exposed) AS BIGINT)")


def _attribute(asked: Asked) -> Sql:
    return "max(" + asked.held + ")"


_MADE: Mapping[What, Callable[[Asked], Sql]] = {
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


def _amount(asked: Asked, column: str | None, kinds: tuple[str, ...]) -> Sql:
    """A sum of values, or without a column the number of events, as a floating-point number."""
    if column is not None:
        return _total(asked, column, kinds)
    return "CAST(count(*)" + _inside(asked.measure.window, kinds) + " AS DOUBLE)"


def _total(asked: Asked, column: str, kinds: tuple[str, ...]) -> Sql:
    """The exact sum of a column's values, 0 of none, as a floating-point number."""
    held, kind = "e." + name(asked.labels[column]), asked.log.kind(column)
    inside = _inside(asked.measure.window, kinds, _is_number(asked, column))
    if kind != "number":
        whole = "CAST(" + held + " AS BIGINT)" if kind == "boolean" else held
        return "CAST(coalesce(sum(" + whole + ")" + inside + ", 0) AS DOUBLE)"
    whole = "sum(CAST(trunc(" + held + ") AS HUGEINT))" + inside
    rest = "sum(CAST((" + held + " - trunc(" + held + f")) * {_FINEST!r} AS HUGEINT))" + inside
    return "coalesce(CAST(" + whole + " AS DOUBLE) + CAST(" + rest + f" AS DOUBLE) / {_FINEST!r}, 0.0)"


def _is_number(asked: Asked, column: str) -> Sql:
    """True of an event whose value can be added."""
    kind = asked.log.kind(column)
    if kind not in ("integer", "number", "boolean"):
        raise LogError(f'"{column}" holds no numbers, so it has no sum and no mean. Choose another column.')
    held = "e." + name(asked.labels[column])
    return "abs(" + held + f") < {_LARGEST}" if kind == "number" else held + " IS NOT NULL"


def _inside(window: TimeRange, kinds: tuple[str, ...], further: Sql | str | None = None) -> Sql:
    """The filter of an aggregate: in the window, of these kinds, and what else is asked."""
    wanted: list[Sql | str] = []
    if window.start is not None:
        wanted.append(f"{_LAG} >= {window.start * MICRO}")
    if window.end is not None:
        wanted.append(f"{_LAG} < {window.end * MICRO}")
    if kinds:
        wanted.append("e.__kind IN " + values(kinds))
    if further is not None:
        wanted.append(further)
    return " FILTER (WHERE " + joined(" AND ", wanted) + ")" if wanted else Sql("")
