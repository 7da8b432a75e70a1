"""Stretches of time in which the log is silent, or nearly: an outage looks as if nobody had done anything."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from causal.logs.report.finding import Bars, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt
from causal.logs.time_range import DAY, HOUR

_MICRO = 1_000_000
_LEAST_EXPECTED = 20
_SILENT = 0.05
_FEWEST_DAYS, _FEWEST_ROUNDS = 10, 3
_MOST_BARS = 400
_FEWEST_PERIODS, _MOST_PERIODS = 5, 20_000


def _look(seen: LookedAt) -> Iterator[Finding]:
    if not seen.has_times:
        return
    at = seen.moment
    low, high = seen.one(f"SELECT quantile_disc({at}, 0.001), quantile_disc({at}, 0.999) FROM rows")
    if low is None:
        return
    size, round_ = (DAY, 7) if high - low >= _FEWEST_DAYS * DAY * _MICRO else (HOUR, 24)
    counts = _counts(seen, low, high, size)
    if len(counts) < _FEWEST_PERIODS:
        return
    expected = _expected(counts, round_)
    silent = [
        0 < place < len(counts) - 1 and usual >= _LEAST_EXPECTED and count < _SILENT * usual
        for place, (count, usual) in enumerate(zip(counts, expected, strict=True))
    ]
    runs = list(_runs(silent))
    if not runs:
        return
    start = low // (size * _MICRO)
    yield Finding(
        "time gaps",
        "attention",
        (str(seen.roles.time),),
        sum(silent),
        {"period": "day" if size == DAY else "hour", "gaps": len(runs), "first": _said(start + runs[0][0], size)},
        evidence=tuple(
            {
                "from": _said(start + first, size),
                "until": _said(start + last + 1, size),
                "rows": sum(counts[first : last + 1]),
                "expected": round(sum(expected[first : last + 1])),
            }
            for first, last in runs
        ),
        bars=_bars(counts, silent, start, size),
    )


def _counts(seen: LookedAt, low: int, high: int, size: int) -> list[int]:
    period = f"{seen.moment} // {size * _MICRO}"
    rows = seen.ask(f"SELECT {period} AS p, count(*) FROM rows WHERE {seen.moment} BETWEEN {low} AND {high} GROUP BY p")
    found = {int(place): int(count) for place, count in rows}
    first, last = min(found), max(found)
    if last - first > _MOST_PERIODS:
        return []
    return [found.get(place, 0) for place in range(first, last + 1)]


def _expected(counts: Sequence[int], round_: int) -> list[float]:
    """The median of the same day of the week, or hour of the day, where there are enough; else of all."""
    middle = float(statistics.median(counts))
    if len(counts) < _FEWEST_ROUNDS * round_:
        return [middle if round_ == 7 else 0.0] * len(counts)
    same = [float(statistics.median(counts[phase::round_])) for phase in range(round_)]
    return [same[place % round_] for place in range(len(counts))]


def _runs(silent: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for place, each in enumerate([*silent, False]):
        if each and start is None:
            start = place
        elif not each and start is not None:
            yield start, place - 1
            start = None


def _bars(counts: Sequence[int], silent: Sequence[bool], start: int, size: int) -> Bars:
    """One bar per period; of a very long log those around the first gap."""
    first = max(0, silent.index(True) - _MOST_BARS // 2) if len(counts) > _MOST_BARS else 0
    shown = slice(first, first + _MOST_BARS)
    labels = tuple(_said(start + place, size) for place in range(len(counts))[shown])
    heights: tuple[Any, ...] = tuple(counts[shown])
    return Bars(labels, heights, tuple(silent[shown]), "Day" if size == DAY else "Hour (UTC)", "Rows")


def _said(place: int, size: int) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=place * size)
    return f"{moment:%Y-%m-%d}" if size == DAY else f"{moment:%Y-%m-%d %H:00}"


CHECK = LogCheck("time gaps", "gaps in time", _look)
