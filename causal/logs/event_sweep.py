"""Pieces of units that share their events (impressions, sessions of a user, a user's days), in one sweep over time.

Joining each unit with each of its user's events would take the square of a busy user's events. Instead events and the
ends of the units' windows are put in one order of time, and running figures are read off at the ends: a number in a
window is the number before its end less the number before its beginning, which for exact whole numbers loses nothing.

Distinct values in windows of one length w: among the events of one value, each covers the beginnings of windows in
(lo, t], where t is its time and lo the later of t - w and the time of the event before. These stretches never overlap,
so the values in a window are the stretches around its beginning: those begun before it, less those ended before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import ibis
from ibis import _

from causal.logs.event_pieces import ALWAYS, EXACT, Columns, Piece
from causal.logs.local_days import MICRO

_EVER = 2**62
"""Later than any event, in microseconds since 1970."""


@dataclass(frozen=True)
class _Running:
    """A figure that runs along the events: the sum of a piece's amounts, or its latest or next time.

    `stretches`: of a distinct count, one for each stretch that has begun instead.
    """

    how: Literal["sum", "latest", "next"]
    piece: Piece
    stretches: bool = False

    @property
    def type(self) -> str:
        """The type of its values."""
        return EXACT if self.piece.of == "total" else "int64"


class Sweep:
    """The figures that run along the events of each group of units, and the ends of windows at which they are read.

    `keys` tell one unit from all others, `matched` which events are its group's.
    """

    def __init__(self, events: Any, units: Any, keys: Sequence[str], matched: Sequence[str], columns: Columns) -> None:
        self.events, self.units, self.columns = events, units, columns
        self.matched = tuple(matched)
        self._unit_keys = {f"__unit_{place}": key for place, key in enumerate(keys)}
        self._running: dict[_Running, str] = {}
        self._ends: dict[int | None, int] = {}

    def read(self, piece: Piece) -> Any:
        """The piece, as an expression over the rows of `table`."""
        start, end = piece.window.start, piece.window.end
        ever = replace(piece, window=ALWAYS)
        if piece.of in ("latest", "last"):
            found = self._at(_Running("latest", ever), end)
            return found if start is None else _only(found, found >= _["__anchor"] + start * MICRO)
        if piece.of == "earliest":
            assert start is not None
            found = self._at(_Running("next", ever), start)
            return found if end is None else _only(found, found < _["__anchor"] + end * MICRO)
        if piece.of == "distinct" and start is not None:
            return self._number(_Running("sum", piece, stretches=True), start) - self._number(
                _Running("sum", replace(ever, of="number", column=None)), start
            )
        total = _Running("sum", ever, stretches=piece.of == "distinct")
        return self._number(total, end) - (0 if start is None else self._number(total, start))

    def table(self) -> Any:
        """One row per unit with its keys, its anchor, and each running figure at each end that was asked for."""
        distinct = [each for each in self._running if each.stretches]
        points = ibis.union(
            self._event_points(),
            *(self._stretch_points(each) for each in distinct),
            *(self._end_points(end) for end in self._ends),
        )
        by_time = {"group_by": list(self.matched), "preceding": None, "following": 0}
        forward = ibis.window(order_by=[points["__t"], points["__order"]], **by_time)
        backward = ibis.window(order_by=[points["__t"].desc(), points["__order"].desc()], **by_time)
        figures = {}
        for each, name in self._running.items():
            value = points[name]
            figures[name] = {
                "sum": lambda value: value.sum().over(forward),
                "latest": lambda value: value.max().over(forward),
                "next": lambda value: value.min().over(backward),
            }[each.how](value)
        swept = points.select(*self._unit_keys, "__anchor", "__end", **figures)
        swept = swept.filter(swept["__end"].notnull())
        read = {
            f"{name}_{place}": swept[name].max(where=swept["__end"] == place)
            for name in self._running.values()
            for place in self._ends.values()
        }
        grouped = swept.group_by([*self._unit_keys, "__anchor"]).agg(**read)
        return grouped.rename({key: inner for inner, key in self._unit_keys.items()})

    def _at(self, running: _Running, end: int | None) -> Any:
        """A running figure where a window begins or ends (None: after all events)."""
        name = self._running.setdefault(running, f"__running_{len(self._running)}")
        return _[f"{name}_{self._ends.setdefault(end, len(self._ends))}"]

    def _number(self, running: _Running, end: int | None) -> Any:
        return self._at(running, end).fill_null(0)

    def _event_points(self) -> Any:
        events, values = self.events, {}
        for each in self._running:
            if not each.stretches:
                amount = self._amount(each)
                where = self.columns.matches(events, each.piece.wanted)
                values[each] = amount if where is None else _only(amount, where, each.type)
        return self._points(events, events["__at"], values)

    def _amount(self, running: _Running) -> Any:
        piece = running.piece
        if running.how != "sum":
            return self.events["__at"]
        if piece.of == "total":
            assert piece.column is not None
            return self.columns.part(self.events, piece.column, piece.part)
        return ibis.literal(1, "int64")

    def _stretch_points(self, running: _Running) -> Any:
        """Where the stretch of each event of a distinct count begins; without a window, each value's first event."""
        piece = running.piece
        assert piece.column is not None
        label = self.columns.labels[piece.column]
        wanted = self.events.filter(self.columns.matches(self.events, piece.wanted))
        same = {"group_by": list(dict.fromkeys([*self.matched, label])), "order_by": wanted["__at"]}
        timed = wanted.mutate(__before=wanted["__at"].lag().over(**same))
        one = {running: ibis.literal(1, "int64")}
        start, end = piece.window.start, piece.window.end
        if start is None:
            first = timed.filter(timed["__before"].isnull())
            return self._points(first, first["__at"], one)
        earliest = ibis.literal(-_EVER, "int64") if end is None else timed["__at"] - (end - start) * MICRO
        before = timed["__before"].fill_null(-_EVER)
        return self._points(timed, ibis.ifelse(before > earliest, before, earliest), one)

    def _end_points(self, end: int | None) -> Any:
        """Where a window of each unit begins or ends: before the events at the same time."""
        units = self.units
        at = ibis.literal(_EVER, "int64") if end is None else units["__anchor"] + end * MICRO
        return self._points(units, at, {}, self._ends[end])

    def _points(self, rows: Any, at: Any, values: Mapping[_Running, Any], end: int | None = None) -> Any:
        nothing = ibis.null("int64")
        types = self.units.schema()
        return rows.select(
            *self.matched,
            __t=at.cast("int64"),
            __order=ibis.literal(1 if end is None else 0, "int64"),
            __end=nothing if end is None else ibis.literal(end, "int64"),
            __anchor=nothing if end is None else rows["__anchor"],
            **{inner: ibis.null(types[key]) if end is None else rows[key] for inner, key in self._unit_keys.items()},
            **{name: values.get(each, ibis.null(each.type)) for each, name in self._running.items()},
        )


def _only(value: Any, where: Any, kind: str = "int64") -> Any:
    """The value where a condition is true, missing elsewhere."""
    return ibis.ifelse(where, value, ibis.null(kind))
