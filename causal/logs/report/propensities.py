"""Logged probabilities that cannot be right: outside 0 and 1, or not adding up to one.

Where the actions of a context are listed, their probabilities must add up to one. Where only the action taken is
logged, the mean over all rows of (action taken is a) / probability is one for each action a that the policy can take,
because that is what the probability means (Horvitz and Thompson 1952; Dudík et al. 2014, section 3). An action's mean
is doubted beyond five of its standard errors and a tenth.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from causal.logs.engine import quoted
from causal.logs.report.finding import MOST_EVIDENCE, Bars, Finding, LogCheck
from causal.logs.report.looked_at import LookedAt

_ROUNDED = 0.01
_MOSTLY = 0.5
_ERRORS = 5.0
_APART = 0.1
_FEWEST = 100
_MOST_ACTIONS = 1_000
_EDGES = (0.5, 0.9, 0.99, 1.01, 1.1, 1.5, 2.0)


def _look(seen: LookedAt) -> Iterator[Finding]:
    roles = seen.roles
    if roles.propensity not in seen.log.names:
        return
    column = str(roles.propensity)
    held = seen.column(column)
    outside = f"({held} <= 0 OR {held} > 1)"
    count, lowest, highest = seen.one(f"SELECT count(*) FILTER (WHERE {outside}), min({held}), max({held}) FROM rows")
    if count:
        facts = {"lowest": float(lowest), "highest": float(highest)}
        yield Finding("propensities", "attention", (column,), int(count), facts, positions=seen.positions(outside))
    actions = [each for each in (roles.item, roles.arm) if each in seen.log.names and each != roles.context]
    if roles.context is not None and actions:
        listed, sums = _sums(seen, column, roles.context, str(actions[0]))
        yield from sums
        if listed:
            return
    doubts = [_weights(seen, column, str(each)) for each in actions]
    told = [each for each in doubts if each is not None]
    if told and all(told):  # a column whose values fit is the one that the probabilities are of
        yield from told[0]


def _sums(seen: LookedAt, column: str, context: str, action: str) -> tuple[bool, tuple[Finding, ...]]:
    """Whether the log lists the actions of its contexts; and the contexts whose probabilities do not add up."""
    p, c, a = seen.column(column), seen.column(context), seen.column(action)
    known = f"{p} IS NOT NULL AND {c} IS NOT NULL"
    each = f"SELECT {c} AS c, {a} AS a, avg({p}) AS p FROM rows WHERE {known} GROUP BY {c}, {a}"
    sums = f"SELECT c, sum(p) AS s, count(*) AS n FROM ({each}) GROUP BY c"
    off = f"abs(s - 1) > {_ROUNDED}"
    contexts, several, over, wrong = seen.one(
        f"SELECT count(*), count(*) FILTER (WHERE n > 1), count(*) FILTER (WHERE s > {1 + _ROUNDED}), "
        f"count(*) FILTER (WHERE {off}) FROM ({sums})"
    )
    right = contexts - wrong
    listed = contexts > 0 and several > _MOSTLY * contexts and (right > _MOSTLY * contexts or over > _MOSTLY * contexts)
    if not listed or not wrong:
        return listed, ()
    shown = seen.ask(
        f"SELECT CAST(c AS VARCHAR), s, n FROM ({sums}) WHERE {off} ORDER BY abs(s - 1) DESC, 1 LIMIT {MOST_EVIDENCE}"
    )
    finding = Finding(
        "propensity sums",
        "attention",
        (column, context, action),
        int(wrong),
        {"contexts": int(contexts), "lowest": min(s for _, s, _ in shown), "highest": max(s for _, s, _ in shown)},
        positions=seen.positions(f"{c} IN (SELECT c FROM ({sums}) WHERE {off})"),
        evidence=tuple({context: one, "sum": float(s), "actions": int(n)} for one, s, n in shown),
        bars=_bars(seen, sums),
    )
    return listed, (finding,)


def _bars(seen: LookedAt, sums: str) -> Bars:
    cases = " ".join(f"WHEN s < {edge} THEN {place}" for place, edge in enumerate(_EDGES))
    held = dict(seen.ask(f"SELECT CASE {cases} ELSE {len(_EDGES)} END AS b, count(*) FROM ({sums}) GROUP BY b"))
    labels = [
        f"below {_EDGES[0]:g}",
        *(f"{low:g} to {high:g}" for low, high in itertools.pairwise(_EDGES)),
        f"{_EDGES[-1]:g} or more",
    ]
    heights = tuple(float(held.get(place, 0)) for place in range(len(labels)))
    marked = tuple(label != "0.99 to 1.01" for label in labels)
    return Bars(tuple(labels), heights, marked, "Sum of the probabilities of one context", "Contexts")


def _weights(seen: LookedAt, column: str, action: str) -> tuple[Finding, ...] | None:
    """What is wrong with the weights of an action; None where there are too few, or too many, actions to say.

    Of a treatment of two arms the column may be the chance of being treated, instead of that of the arm taken."""
    p, a = seen.column(column), seen.column(action)
    means = _means(seen, p, a)
    if not 2 <= len(means) <= _MOST_ACTIONS:
        return None
    wrong = [each for each in means if _doubted(*each[1:])]
    if len(means) == 2 and wrong:
        other = [
            _means(seen, f"CASE WHEN CAST({a} AS VARCHAR) = {quoted(means[place][0])} THEN {p} ELSE 1 - {p} END", a)
            for place in (0, 1)
        ]
        if any(not any(_doubted(*each[1:]) for each in read) for read in other):
            return ()
    if not wrong:
        return ()
    names = [each[0] for each in wrong]
    listed = ", ".join(quoted(each) for each in names[:MOST_EVIDENCE])
    finding = Finding(
        "propensity weights",
        "attention",
        (column, action),
        len(wrong),
        {"actions": len(means), "such as": names[0], "mean": wrong[0][2]},
        positions=seen.positions(f"CAST({a} AS VARCHAR) IN ({listed})"),
        evidence=tuple(
            {action: each[0], "rows": each[1], "mean of 1 / probability": each[2], "standard error": each[3]}
            for each in wrong[:MOST_EVIDENCE]
        ),
    )
    return (finding,)


def _means(seen: LookedAt, p: str, a: str) -> list[tuple[str, int, float, float]]:
    """For each action with enough rows: its name, its rows, the mean over all rows of (taken) / p, its error."""
    inside = f"FROM rows WHERE {p} > 0 AND {p} <= 1 AND {a} IS NOT NULL"
    told = seen.ask(
        f"SELECT CAST({a} AS VARCHAR), count(*), sum(1 / {p}), sum(1 / ({p} * {p})), (SELECT count(*) {inside}) "
        f"{inside} GROUP BY {a} HAVING count(*) >= {_FEWEST} ORDER BY count(*) DESC, 1"
    )
    found = []
    for called, rows, first, second, whole in told:
        mean = first / whole
        found.append(
            (str(called), int(rows), float(mean), float(max(second / whole - mean * mean, 0.0) / whole) ** 0.5)
        )
    return found


def _doubted(rows: int, mean: float, error: float) -> bool:
    return abs(mean - 1) > max(_ERRORS * error, _APART)


CHECK = LogCheck("propensities", "probabilities that do not add up", _look)
