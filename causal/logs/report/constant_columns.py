"""Columns with one value, or none, in all units: they explain nothing, and as treatment or outcome end the question."""

from __future__ import annotations

from collections.abc import Iterator

from causal.logs.report.finding import Finding, LogCheck
from causal.logs.report.looked_at import LookedAt


def _look(seen: LookedAt) -> Iterator[Finding]:
    roles = seen.roles
    asked = [each for each in (roles.treatment, roles.outcome) if each in seen.units.names]
    columns = list(dict.fromkeys([*asked, *roles.covariates, *roles.blank]))
    if not columns or seen.units.rows < 2:
        return
    parts = [f"min({held}), max({held}), count({held})" for held in (seen.column(each, "units") for each in columns)]
    told = seen.one(f"SELECT {', '.join(parts)} FROM units")
    for place, column in enumerate(columns):
        lowest, highest, present = told[3 * place : 3 * place + 3]
        if lowest != highest:
            continue
        if column in roles.blank:
            yield Finding(
                "nothing before the anchor",
                "attention",
                (column,),
                int(present),
                {"value": None if lowest is None else str(lowest)},
                of="units",
                mend="set aside",
            )
            continue
        part = {roles.treatment: "treatment", roles.outcome: "outcome"}.get(column, "covariate")
        yield Finding(
            "constant columns",
            "note" if part == "covariate" else "stop",
            (column,),
            int(present),
            {"value": None if lowest is None else str(lowest), "part": part},
            of="units",
            mend="set aside" if part == "covariate" else None,
        )


CHECK = LogCheck("constant columns", "columns of one value", _look)
