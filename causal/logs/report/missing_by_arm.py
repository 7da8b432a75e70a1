"""Columns that are missing more often in one arm than in another: who is left then is no longer comparable.

Pearson's chi-squared test over all arms, at one in a thousand over all columns together (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import Bars, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt

_LEVEL = 0.001
_APART = 0.01
_MOST_ARMS = 20


def _look(seen: LookedAt) -> Iterator[Finding]:
    treatment = seen.roles.treatment
    if treatment not in seen.units.names:
        return
    arm = seen.column(str(treatment), "units")
    others = [each for each in (seen.roles.outcome, *seen.roles.covariates) if each in seen.units.names]
    if not others or not 2 <= seen.one(f"SELECT approx_count_distinct({arm}) FROM units")[0] <= _MOST_ARMS:
        return
    present = ", ".join(f"count({seen.column(str(each), 'units')})" for each in others)
    told = seen.ask(
        f"SELECT CAST({arm} AS VARCHAR), count(*), {present} FROM units WHERE {arm} IS NOT NULL "
        f"GROUP BY {arm} ORDER BY 1"
    )
    for place, column in enumerate(others):
        yield from _of(
            seen,
            str(column),
            str(treatment),
            [(each[0], each[1], each[1] - each[2 + place]) for each in told],
            len(others),
        )


def _of(
    seen: LookedAt, column: str, treatment: str, arms: list[tuple[str, int, int]], columns: int
) -> Iterator[Finding]:
    """`arms`: for each, its name, its units, and how many of them lack the column."""
    missing, whole = sum(each[2] for each in arms), sum(each[1] for each in arms)
    if not 0 < missing < whole or len(arms) < 2:
        return
    shares = {name: lost / units for name, units, lost in arms}
    lowest, highest = min(shares, key=lambda each: shares[each]), max(shares, key=lambda each: shares[each])
    chance = _chance(arms, missing / whole)
    if shares[highest] - shares[lowest] < _APART or chance * columns > _LEVEL:
        return
    held = seen.column(column, "units")
    outcome = column == seen.roles.outcome
    yield Finding(
        "missing by arm",
        "attention",
        (column, treatment),
        missing,
        {
            "low": [lowest, shares[lowest]],
            "high": [highest, shares[highest]],
            "chance": chance,
            "part": "outcome" if outcome else "covariate",
        },
        of="units",
        positions=seen.positions(f"{held} IS NULL", "units"),
        evidence=tuple(
            {"arm": name, "units": units, "missing": lost, "share": lost / units} for name, units, lost in arms
        ),
        bars=Bars(
            tuple(name for name, _, _ in arms),
            tuple(100 * lost / units for _, units, lost in arms),
            tuple(name == highest for name, _, _ in arms),
            f"Units without a value, per cent, by {treatment}",
            "",
        ),
        mend=None if outcome else "mark missing",
    )


def _chance(arms: list[tuple[str, int, int]], share: float) -> float:
    from scipy.stats import chi2

    statistic = sum((lost - units * share) ** 2 / (units * share * (1 - share)) for _, units, lost in arms)
    return float(chi2.sf(statistic, len(arms) - 1))


CHECK = LogCheck("missing by arm", "values missing in one arm", _look)
