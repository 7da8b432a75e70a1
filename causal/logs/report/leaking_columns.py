"""Columns that know too much: they tell the outcome or the treatment exactly, or were computed after the anchor.

Of an outcome of few values, and of the treatment: the share of units that the most frequent value among those of the
same level gets right, beyond what the most frequent value of all does (Goodman and Kruskal's lambda, 1954). Of an
outcome of numbers: the share of its variance between levels, and the squared correlation.
"""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import MOST_EVIDENCE, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt

_TELLS = 0.99
_MOST_LEVELS = 1_000
_MANY = 20
_ROWS_PER_LEVEL = 10
_FEWEST = 50


def _look(seen: LookedAt) -> Iterator[Finding]:
    for column, made in seen.roles.late.items():
        yield Finding(
            "computed after the anchor",
            "attention",
            (column,),
            seen.units.rows,
            {"range": made.sentence},
            of="units",
            mend="set aside",
        )
    if seen.units.rows < _FEWEST:
        return
    for part in ("outcome", "treatment"):
        asked = seen.roles.outcome if part == "outcome" else seen.roles.treatment
        if asked in seen.units.names:
            yield from _telling(seen, str(asked), part)


def _telling(seen: LookedAt, asked: str, part: str) -> Iterator[Finding]:
    y = seen.column(asked, "units")
    levels, numeric = seen.one(
        f"SELECT approx_count_distinct({y}), {seen.units.kind(asked) in ('integer', 'number')} FROM units"
    )
    if levels < 2:
        return
    for column in seen.roles.covariates:
        x = seen.column(column, "units")
        told = _by_levels(seen, x, y, bool(numeric) and levels > _MANY)
        if told < _TELLS and numeric and seen.units.kind(column) in ("integer", "number"):
            told = seen.one(
                f"SELECT coalesce(corr({x}, {y}) ** 2, 0) FROM units WHERE isfinite({x}) AND isfinite({y})"
            )[0]
        if told < _TELLS:
            continue
        yield Finding(
            "leaking columns",
            "attention",
            (column, asked),
            seen.units.rows,
            {"part": part, "share": float(told)},
            of="units",
            evidence=_evidence(seen, (column, x), (asked, y)),
            mend="set aside",
        )


def _by_levels(seen: LookedAt, x: str, y: str, many: bool) -> float:
    """How much of `y` the levels of `x` tell; 0 where they are too many to say."""
    present = f"FROM units WHERE {x} IS NOT NULL AND {y} IS NOT NULL"
    distinct, rows = seen.one(f"SELECT approx_count_distinct({x}), count(*) {present}")
    if not 2 <= distinct <= _MOST_LEVELS or distinct * _ROWS_PER_LEVEL > rows:
        return 0.0
    if many:
        groups = f"SELECT count(*) AS n, avg({y}) AS m, coalesce(var_pop({y}), 0) AS v {present} GROUP BY {x}"
        inside, whole = seen.one(f"SELECT sum(n * v) / sum(n), (SELECT var_pop({y}) {present}) FROM ({groups})")
        return 1 - inside / whole if whole else 0.0
    cells = f"SELECT {x} AS x, {y} AS y, count(*) AS n {present} GROUP BY ALL"
    right = seen.one(f"SELECT sum(m) FROM (SELECT max(n) AS m FROM ({cells}) GROUP BY x)")[0]
    most = seen.one(f"SELECT max(n) FROM (SELECT count(*) AS n {present} GROUP BY {y})")[0]
    return float((right - most) / (rows - most)) if rows > most else 0.0


def _evidence(seen: LookedAt, column: tuple[str, str], asked: tuple[str, str]) -> tuple[dict[str, object], ...]:
    (called, x), (wanted, y) = column, asked
    cells = seen.ask(
        f"SELECT CAST({x} AS VARCHAR), CAST({y} AS VARCHAR), count(*) AS n FROM units GROUP BY ALL "
        f"ORDER BY n DESC, 1, 2 LIMIT {MOST_EVIDENCE}"
    )
    return tuple({called: one, wanted: other, "units": int(rows)} for one, other, rows in cells)


CHECK = LogCheck("leaking columns", "columns that know too much", _look)
