"""People whose units stand in several arms, in a log in which most stand in one.

Where most do, treatment is given to people, and those in several arms carry what they saw in one to the other. Where
most people are in several arms, it is given to impressions or sessions: then there is nothing to find.
"""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import MOST_EVIDENCE, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt

_MOSTLY = 0.5


def _look(seen: LookedAt) -> Iterator[Finding]:
    roles = seen.roles
    if roles.member not in seen.units.names or roles.treatment not in seen.units.names:
        return
    who, arm = seen.column(str(roles.member), "units"), seen.column(str(roles.treatment), "units")
    if seen.one(f"SELECT approx_count_distinct({arm}) FROM units")[0] > 50:
        return
    held = f"FROM units WHERE {who} IS NOT NULL AND {arm} IS NOT NULL GROUP BY {who}"
    told = f"count(DISTINCT {arm}) AS arms, count(*) AS n"
    several, repeated = seen.one(
        f"SELECT count(*) FILTER (WHERE arms > 1), count(*) FILTER (WHERE n > 1) FROM (SELECT {told} {held})"
    )
    if not 0 < several <= _MOSTLY * repeated:
        return
    crossed = f"SELECT {who} {held} HAVING count(DISTINCT {arm}) > 1"
    shown = seen.ask(
        f"SELECT CAST({who} AS VARCHAR), string_agg(DISTINCT CAST({arm} AS VARCHAR), ', ' "
        f"ORDER BY CAST({arm} AS VARCHAR)), count(*) AS n {held} HAVING count(DISTINCT {arm}) > 1 "
        f"ORDER BY n DESC, 1 LIMIT {MOST_EVIDENCE}"
    )
    rows = seen.one(f"SELECT count(*) FROM units WHERE {who} IN ({crossed})")[0]
    yield Finding(
        "several arms",
        "attention",
        (str(roles.member), str(roles.treatment)),
        int(several),
        {"share": several / repeated, "repeated": int(repeated), "units": int(rows)},
        of="units",
        positions=seen.positions(f"{who} IN ({crossed})", "units"),
        evidence=tuple({str(roles.member): one, "arms": arms, "units": int(count)} for one, arms, count in shown),
        mend="cluster",
    )


CHECK = LogCheck("several arms", "people in several arms", _look)
