"""Units whose treatment changes while they are followed: who is counted as treated, and from when on?"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from causal.logs.report.finding import MOST_EVIDENCE, Bars, Finding, LogCheck
from causal.logs.report.looked_at import ROW, LookedAt
from causal.logs.time_range import DAY

_MICRO = 1_000_000
_MOST_BARS = 120


def _look(seen: LookedAt) -> Iterator[Finding]:
    roles = seen.roles
    if roles.arm is None or not roles.unit or not seen.has_times:
        return
    keys = ", ".join(f"k{place}" for place in range(len(roles.unit)))
    named = ", ".join(f"{seen.column(each)} AS k{place}" for place, each in enumerate(roles.unit))
    known = f"SELECT {named}, {ROW}, {seen.moment} AS moment, {seen.column(roles.arm)} AS arm FROM rows"
    dated = f"SELECT * FROM ({known}) WHERE arm IS NOT NULL AND moment IS NOT NULL{_among_arms(seen)}"
    steps = f"SELECT *, lag(arm) OVER (PARTITION BY {keys} ORDER BY moment, {ROW}) AS held FROM ({dated})"
    changes = f"SELECT * FROM ({steps}) WHERE held <> arm"
    if not seen.keep("changes", changes):
        return
    units = f"SELECT {keys}, count(*) AS n, min(moment) AS first FROM changes GROUP BY {keys}"
    changed, back = seen.one(f"SELECT count(*), count(*) FILTER (WHERE n > 1) FROM ({units})")
    followed = seen.one(f"SELECT count(*) FROM (SELECT 1 FROM ({dated}) GROUP BY {keys})")[0]
    days = seen.ask(f"SELECT first // {DAY * _MICRO} AS d, count(*) FROM ({units}) GROUP BY d ORDER BY d")
    busiest, most = max(days, key=lambda each: each[1])
    yield Finding(
        "changing treatment",
        "attention",
        (roles.arm, *roles.unit),
        int(changed),
        {
            "share": changed / followed,
            "back and forth": int(back),
            "busiest day": _said(busiest),
            "on busiest": most / changed,
        },
        positions=seen.positions(f"{ROW} IN (SELECT {ROW} FROM changes)"),
        evidence=tuple(
            {
                **dict(zip(roles.unit, map(str, told[:-2]), strict=True)),
                "changes": int(told[-2]),
                "first": _said(told[-1] // (DAY * _MICRO)),
            }
            for told in seen.ask(f"SELECT * FROM ({units}) ORDER BY n DESC, {keys} LIMIT {MOST_EVIDENCE}")
        ),
        bars=_bars(days),
    )


def _among_arms(seen: LookedAt) -> str:
    """Where the kind of an event is the arm, a view or a sale between two exposures is no change of arm."""
    roles = seen.roles
    if roles.arm != roles.kind or roles.treatment not in seen.units.names:
        return ""
    treatment = seen.column(str(roles.treatment), "units")
    return f" AND CAST(arm AS VARCHAR) IN (SELECT CAST({treatment} AS VARCHAR) FROM units)"


def _bars(days: list[tuple[int, int]]) -> Bars | None:
    if len(days) == 1 or days[-1][0] - days[0][0] >= _MOST_BARS:
        return None
    held, span = dict(days), range(days[0][0], days[-1][0] + 1)
    heights = tuple(float(held.get(day, 0)) for day in span)
    return Bars(tuple(map(_said, span)), heights, (True,) * len(heights), "Day of the first change", "Units")


def _said(day: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day))).isoformat()


CHECK = LogCheck("changing treatment", "treatments that change", _look)
