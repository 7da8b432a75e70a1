"""Rows that repeat an earlier one: in every column, or in who, when and what.

Where no column says who or when, equal rows may be people with the same few values: that is noted, not doubted.
"""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import Finding, LogCheck
from causal.logs.report.looked_at import ROW, LookedAt

_RARE, _FEW = 0.05, 0.001
"""Keys that repeat more often are no keys of this log; more seldom, it is chance and changes nothing."""


def _look(seen: LookedAt) -> Iterator[Finding]:
    key = _key(seen)
    every, named = seen.every(), [seen.column(each) for each in key]
    seen.keep("candidates", _candidates(named or every, every))
    whole = seen.keep("repeated", _again(every))
    if whole:
        told_apart = seen.roles.person is not None or seen.has_times
        yield Finding(
            "duplicates",
            "attention" if told_apart else "note",
            (),
            whole,
            {"share": whole / seen.log.rows, "told apart": told_apart},
            positions=seen.positions(f"{ROW} IN (FROM repeated)"),
            mend="count repeats once" if told_apart else None,
        )
    again = seen.keep("nearly", f"{_again(named)} EXCEPT FROM repeated") if named else 0
    if _FEW * seen.log.rows < again <= _RARE * seen.log.rows:
        yield Finding(
            "nearly equal rows",
            "attention",
            key,
            again,
            {"share": again / seen.log.rows},
            positions=seen.positions(f"{ROW} IN (FROM nearly)"),
            mend="count keys once",
        )


def _key(seen: LookedAt) -> tuple[str, ...]:
    """Who, when and what of an event, where a log says that and more; one person does one thing at a time."""
    roles = seen.roles
    wanted = tuple(each for each in (roles.person, roles.time, roles.kind, roles.item) if each is not None)
    return wanted if roles.kind is not None and 3 <= len(wanted) < len(seen.log.names) else ()


def _candidates(key: list[str], every: list[str]) -> str:
    """The rows that may repeat another: told by a hash of a part, so that few are compared."""
    held = f"hash({', '.join(key)})"
    twice = f"SELECT {held} AS h FROM rows GROUP BY h HAVING count(*) > 1"
    return f"SELECT {', '.join(every)}, {ROW} FROM rows SEMI JOIN ({twice}) AS twice ON {held} = twice.h"


def _again(columns: list[str]) -> str:
    """The rows that come after one that is the same in these columns."""
    numbered = f"row_number() OVER (PARTITION BY {', '.join(columns)} ORDER BY {ROW})"
    return f"SELECT {ROW} FROM candidates QUALIFY {numbered} > 1"


CHECK = LogCheck("duplicates", "rows that repeat", _look)
