"""Rows that were written late: earlier in time than one before them, in a file that is otherwise in order."""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import Finding, LogCheck
from causal.logs.report.looked_at import ROW, LookedAt
from causal.logs.time_range import DAY

_MICRO = 1_000_000
_MOSTLY = 0.05
_FEWEST = 20


def _look(seen: LookedAt) -> Iterator[Finding]:
    if not seen.has_times or seen.log.rows < _FEWEST:
        return
    person = None if seen.roles.kind is None else seen.roles.person
    part = f"PARTITION BY {seen.column(person)} " if person is not None else ""
    latest = f"max({seen.moment}) OVER ({part}ORDER BY {ROW} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    low, high = seen.one(f"SELECT quantile_disc({seen.moment}, 0.01), quantile_disc({seen.moment}, 0.99) FROM rows")
    if low is None:
        return
    room = max(high - low, DAY * _MICRO)  # what cannot be is another check's: it would make all that follows late
    steps = (
        f"SELECT {ROW}, {latest} - {seen.moment} AS late FROM rows "
        f"WHERE {seen.moment} BETWEEN {low - room} AND {high + room}"
    )
    count = seen.keep("late", f"SELECT * FROM ({steps}) WHERE late > 0")
    known = seen.one(f"SELECT count({seen.moment}) FROM rows")[0]
    if not 0 < count <= _MOSTLY * known:
        return
    yield Finding(
        "out of order",
        "note",
        (str(seen.roles.time),),
        count,
        {"share": count / known, "seconds": seen.one("SELECT max(late) FROM late")[0] / _MICRO, "person": person},
        positions=seen.positions(f"{ROW} IN (SELECT {ROW} FROM late)"),
    )


CHECK = LogCheck("out of order", "rows out of order", _look)
