"""Days in a time zone, by Python's own time zone database: an engine only compares and adds whole numbers.

Engines carry databases of different ages, and disagree about midnights that a clock change skips or repeats. Here a
skipped midnight is taken with the offset before the change, a repeated one is the earlier of the two.
"""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis

MICRO = 1_000_000
DAY_MICROS = 86_400 * MICRO
_EPOCH = datetime.datetime(1970, 1, 1)
_FIRST, _LAST = datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)

Span = tuple[int, int]
"""The first and the last moment of a log, in microseconds since 1970."""


def micros(moment: datetime.datetime) -> int:
    """Microseconds since 1970 of a moment without a zone."""
    return (moment - _EPOCH) // datetime.timedelta(microseconds=1)


def instant(local: datetime.datetime, zone: str) -> int:
    """When the clocks of a zone show a moment: microseconds since 1970, UTC."""
    return micros(local.replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC).replace(tzinfo=None))


def local_day(at: Any, zone: str, span: Span | None) -> Any:
    """The local midnight before each moment of an integer column, as its clock shows it (microseconds)."""
    local = at if zone == "UTC" else at + _by_range(at, _offsets(zone, _clipped(span)))
    return local - ((local % DAY_MICROS) + DAY_MICROS) % DAY_MICROS


def day_begins(day: Any, zone: str, span: Span | None) -> Any:
    """The moment (microseconds since 1970, UTC) at which each local day begins, of a column that `local_day` made."""
    return day if zone == "UTC" else day - _by_range(day, _midnight_offsets(zone, _clipped(span)))


def _by_range(value: Any, offsets: list[tuple[int, int]]) -> Any:
    """The last of `offsets` that begins no later than the value; the first one before all of them."""
    if len(offsets) == 1:
        return ibis.literal(offsets[0][1], "int64")
    cases = [(value < begin, offset) for (begin, _), (_, offset) in zip(offsets[1:], offsets[:-1], strict=True)]
    return ibis.cases(*cases, else_=offsets[-1][1]).cast("int64")


def _offsets(zone: str, span: tuple[datetime.datetime, datetime.datetime]) -> list[tuple[int, int]]:
    """(from when on, offset) in microseconds, UTC, over the span."""
    clock, (start, end) = ZoneInfo(zone), span

    def offset(second: int) -> int:
        moment = datetime.datetime.fromtimestamp(second, datetime.UTC).astimezone(clock)
        return round((moment.utcoffset() or datetime.timedelta()).total_seconds())

    begin, stop = (micros(each) // MICRO for each in (start, end))
    found, held = [(begin, offset(begin))], offset(begin)
    for second in range(begin, stop, 86_400):
        after = offset(second + 86_400)
        if after != held:
            low, high = second, second + 86_400
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == held else (low, middle)
            found.append((high, after))
            held = after
    return [(second * MICRO, size * MICRO) for second, size in found]


def _midnight_offsets(zone: str, span: tuple[datetime.datetime, datetime.datetime]) -> list[tuple[int, int]]:
    """(local midnight from which on, offset of the local midnights) in microseconds, over the span."""
    found: list[tuple[int, int]] = []
    day, end = span
    while day <= end:
        shown = micros(day)
        offset = shown - instant(day, zone)
        if not found or found[-1][1] != offset:
            found.append((shown, offset))
        day += datetime.timedelta(days=1)
    return found


def _clipped(span: Span | None) -> tuple[datetime.datetime, datetime.datetime]:
    """Whole days around the span, from 1900 to 2200 at most."""
    low, high = span or (0, 0)
    ends = (max(micros(_FIRST), min(micros(_LAST), each)) for each in (low, high))
    start, end = (_EPOCH + datetime.timedelta(microseconds=each) for each in ends)
    midnight = datetime.time()
    return (
        datetime.datetime.combine(start.date(), midnight) - datetime.timedelta(days=2),
        datetime.datetime.combine(end.date(), midnight) + datetime.timedelta(days=3),
    )
