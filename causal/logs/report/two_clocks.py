"""Two columns that say when the same event was, by two clocks (the device's and the server's), where they disagree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from causal.logs.columns import words_of
from causal.logs.report.finding import Bars, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt
from causal.logs.time_range import DAY, HOUR
from causal.logs.vocabulary import SERVERS, folded

_MICRO = 1_000_000
_NEAR = 10 * 60
_APART = 5 * 60
_MOSTLY = 0.8
_MOST_COLUMNS = 6
_EDGES = (-DAY, -HOUR, -_APART, -60, 60, _APART, HOUR, DAY)
_LABELS = (
    "over 1 day before",
    "1 hour to 1 day before",
    "5 to 60 minutes before",
    "1 to 5 minutes before",
    "within 1 minute",
    "1 to 5 minutes after",
    "5 to 60 minutes after",
    "1 hour to 1 day after",
    "over 1 day after",
)


def _look(seen: LookedAt) -> Iterator[Finding]:
    times = [each.name for each in seen.log.schema if each.kind == "time"][:_MOST_COLUMNS]
    for one, other in itertools.combinations(times, 2):
        yield from _pair(seen, *_ordered(one, other))


def _pair(seen: LookedAt, trusted: str, other: str) -> Iterator[Finding]:
    lag = f"(epoch_us({seen.column(other)}) - epoch_us({seen.column(trusted)}))"
    middle, known = seen.one(f"SELECT quantile_disc({lag}, 0.5), count({lag}) FROM rows")
    if not known or abs(middle) > _NEAR * _MICRO:
        return
    apart = f"abs({lag} - {middle}) > {_APART * _MICRO}"
    count, before, hours = seen.one(
        f"SELECT count(*) FILTER (WHERE {apart}), count(*) FILTER (WHERE {apart} AND {lag} < {middle}), "
        f"count(*) FILTER (WHERE {apart} AND abs({lag} - {middle} - round(({lag} - {middle}) / {HOUR * _MICRO}.0) * "
        f"{HOUR * _MICRO}) <= {60 * _MICRO}) FROM rows"
    )
    if not 0 < count <= (1 - _MOSTLY) * known:
        return
    yield Finding(
        "two clocks",
        "attention",
        (other, trusted),
        int(count),
        {
            "share": count / known,
            "before": int(before),
            "after": int(count - before),
            "whole hours": int(hours),
            "typical seconds": middle / _MICRO,
            "in use": seen.roles.time,
        },
        positions=seen.positions(apart),
        bars=_bars(seen, f"({lag} - {middle})"),
        mend="take this clock" if seen.roles.kind is not None else None,
    )


def _bars(seen: LookedAt, lag: str) -> Bars:
    """Only the intervals that hold rows at either end are left out, so that the axis stays a scale."""
    cases = " ".join(f"WHEN {lag} < {edge * _MICRO} THEN {place}" for place, edge in enumerate(_EDGES))
    held = dict(
        seen.ask(
            f"SELECT CASE WHEN {lag} IS NULL THEN -1 {cases} ELSE {len(_EDGES)} END AS b, count(*) FROM rows GROUP BY b"
        )
    )
    counts = [int(held.get(place, 0)) for place in range(len(_LABELS))]
    marked = tuple("minute" not in label or label.startswith("5 to") for label in _LABELS)
    return Bars(
        _LABELS, tuple(float(each) for each in counts), marked, "Difference of the clocks, beyond the usual one", "Rows"
    )


def _ordered(one: str, other: str) -> tuple[str, str]:
    """The clock to be trusted first: the one that is called a server's, else the first column."""

    def server(column: str) -> bool:
        return bool({folded(each) for each in words_of(column)} & SERVERS)

    return (other, one) if server(other) and not server(one) else (one, other)


CHECK = LogCheck("two clocks", "clocks that disagree", _look)
