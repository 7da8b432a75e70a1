"""Columns of text that are numbers, or times, in nearly all rows, and something else in the others."""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.engine import quoted
from causal.logs.report.finding import MOST_EVIDENCE, Finding, LogCheck
from causal.logs.report.looked_at import ROW, LookedAt

_MOSTLY = 0.8
_LIKELY = 0.5
_FIRST = 20_000
"""So many rows, spread over the log, say whether a column is worth the look at all of them."""

_NUMBER = r"[+-]?\s*[€$£]?\s*[0-9][0-9.,' ]*([eE][+-]?[0-9]+)?\s*[%€$£]?"


def _look(seen: LookedAt) -> Iterator[Finding]:
    for each in seen.log.schema:
        if each.kind == "text":
            yield from _of(seen, each.name)


def _of(seen: LookedAt, column: str) -> Iterator[Finding]:
    held = f"trim({seen.column(column)})"
    number = f"regexp_full_match({held}, {quoted(_NUMBER)})"
    time = f"(TRY_CAST({held} AS TIMESTAMP) IS NOT NULL)"
    asked = (
        f"SELECT count(*), count(*) FILTER (WHERE {number}), count(*) FILTER (WHERE {time}) "
        f"FROM rows WHERE {held} IS NOT NULL AND {held} <> ''"
    )
    step = max(1, seen.log.rows // _FIRST)
    some, few_numbers, few_times = seen.one(f"{asked} AND {ROW} % {step} = 0")
    if max(few_numbers, few_times) < _LIKELY * some:
        return
    present, numbers, times = seen.one(asked)
    for what, condition, count in (("numbers", number, numbers), ("times", time, times)):
        if not _MOSTLY * present <= count < present:
            continue
        other = f"{held} <> '' AND NOT {condition}"
        words = seen.ask(
            f"SELECT {held} AS v, count(*) AS n FROM rows WHERE {other} GROUP BY v ORDER BY n DESC, v "
            f"LIMIT {MOST_EVIDENCE}"
        )
        yield Finding(
            "mixed types",
            "attention",
            (column,),
            int(present - count),
            {"what": what, "share": (present - count) / present, "such as": [str(word) for word, _ in words[:3]]},
            positions=seen.positions(other),
            evidence=tuple({"value": str(word)[:200], "rows": int(rows)} for word, rows in words),
            mend="read as numbers" if what == "numbers" and column in seen.roles.covariates else None,
        )
        return


CHECK = LogCheck("mixed types", "values of several kinds", _look)
