"""Times that cannot be: in the future, or long before the log begins.

One event of the year 2099 moves the end of the log, and with it every answer to "was this unit followed long enough?".
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from causal.logs.report.finding import Finding, LogCheck
from causal.logs.report.looked_at import LookedAt
from causal.logs.time_range import DAY

_MICRO = 1_000_000
_FEWEST = 20
_RARE = 0.01


def _look(seen: LookedAt) -> Iterator[Finding]:
    if not seen.has_times or seen.log.rows < _FEWEST:
        return
    at = seen.moment
    low, high, known = seen.one(f"SELECT quantile_disc({at}, 0.01), quantile_disc({at}, 0.99), count({at}) FROM rows")
    if not known:
        return
    room = max(high - low, DAY * _MICRO)
    now = _micro(seen.today) + 2 * DAY * _MICRO
    limits = {
        "future": f"{at} >= {now}",
        "late": f"{at} > {high + room} AND {at} < {now}",
        "early": f"{at} < {low - room}",
    }
    for which, condition in limits.items():
        ((count, start, end),) = seen.ask(f"SELECT count(*), min({at}), max({at}) FROM rows WHERE {condition}")
        if count and (which == "future" or count <= _RARE * known):
            yield Finding(
                "impossible times",
                "attention",
                (str(seen.roles.time),),
                int(count),
                {
                    "which": which,
                    "from": _said(start),
                    "to": _said(end),
                    "usual from": _said(low),
                    "usual to": _said(high),
                    **_kept(seen, (low, high), room, now),
                },
                positions=seen.positions(condition),
                mend="leave out impossible times" if count < known else None,
            )


def _kept(seen: LookedAt, usual: tuple[int, int], room: int, now: int) -> dict[str, str]:
    """The days between which the possible times lie: from the first one's on, and before the one after the last."""
    at = seen.moment
    first, last = seen.one(
        f"SELECT min({at}), max({at}) FROM rows "
        f"WHERE {at} >= {usual[0] - room} AND {at} <= {usual[1] + room} AND {at} < {now}"
    )
    if first is None:
        return {}
    return {"since": _day(first).isoformat(), "until": (_day(last) + datetime.timedelta(days=1)).isoformat()}


def _day(moment: int) -> datetime.date:
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=moment)).date()


def _micro(day: datetime.date) -> int:
    return (day - datetime.date(1970, 1, 1)).days * DAY * _MICRO


def _said(moment: int | None) -> str:
    if moment is None:
        return ""
    try:
        return _day(moment).isoformat()
    except OverflowError:
        return "beyond the year 9999" if moment > 0 else "before the year 1"


CHECK = LogCheck("impossible times", "times that cannot be", _look)
