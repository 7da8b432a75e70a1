"""Balance in full as sentences: plain text, names as the data spells them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causal.checks.column_balance import LIMITS
from causal.estimators.registry import method_named
from causal.wording.numbers import MISSING, count, counted, deviations, number, percent, plural
from causal.wording.phrases import method_label, short_name

if TYPE_CHECKING:
    from causal.checks.column_balance import ColumnBalance, CovariateShape, Distances, Measure
    from causal.effects.arm_balance import ArmBalance
    from causal.effects.balance_comparison import BalanceComparison, GroupBalance

MEASURES: dict[Measure, str] = {
    "difference": "Means",
    "variance_ratio": "Spread",
    "largest_gap": "Largest gap",
    "apart": "Overlap",
}
"""The measures by what they compare."""

EXPLAINED: dict[Measure, str] = {
    "difference": "Difference of the means, in standard deviations before adjustment. Within 0.1 is balanced.",
    "variance_ratio": "Variance of the treated over that of the control. Between a half and two is balanced; yes or no "
    "has none.",
    "largest_gap": "Largest distance between the shares of both arms below any value (Kolmogorov-Smirnov): 0 to 1.",
    "apart": "What the two distributions do not share (one minus the overlapping coefficient): 0 to 1.",
}

AXES: dict[Measure, str] = {
    "difference": "Treated minus control, standard deviations",
    "variance_ratio": "Variance of the treated over that of the control",
    "largest_gap": "Largest gap between the arms' shares below any value",
    "apart": "Share of the distributions that the arms do not share",
}


def name_of(method: str) -> str:
    """A method's name where there is little room."""
    return method_label(method_named(method))


def measured_rows(found: BalanceComparison, measure: Measure) -> list[ColumnBalance]:
    """The columns that a measure says something of, the furthest before adjustment first."""
    known = [row for row in found.rows if not math.isnan(getattr(row.before, measure))]
    return sorted(known, key=lambda row: -size_of(row.before, measure))


def size_of(distances: Distances, measure: Measure) -> float:
    """How far from balance a measure says that a column is, larger is further; NaN stays."""
    value = float(getattr(distances, measure))
    if measure == "variance_ratio":
        return abs(math.log(value)) if value > 0 else math.inf if value == 0 else math.nan
    return abs(value)


def measured(value: float, measure: Measure) -> str:
    """A measure as people read it."""
    if math.isnan(value):
        return MISSING
    return deviations(value) if measure == "difference" else number(value)


def comparison_finding(found: BalanceComparison, measure: Measure) -> str:
    """Which method leaves the fewest columns unbalanced by this measure, and which column is furthest."""
    rows = measured_rows(found, measure)
    if not rows:
        return "No column has this measure: all are yes or no"
    before = sum(row.before.beyond(measure) for row in rows)
    if not found.methods:
        return f"Before adjustment {_of(before, len(rows))} by {_by(measure)}"
    left = [
        sum(row.after[place].beyond(measure) for row in rows if not math.isnan(size_of(row.after[place], measure)))
        for place in range(len(found.methods))
    ]
    best = min(range(len(left)), key=left.__getitem__)
    name = name_of(found.methods[best])
    worst = _worst(rows, best, measure)
    furthest = "" if worst is None else f", furthest {short_name(worst.name)}"
    if left[best] == 0:
        who = "Every method" if len(left) > 1 and not any(left) else name
        return f"{who} balances all {counted(len(rows), 'column')} by {_by(measure)} ({count(before)} were not before)"
    lead = "Least is left by" if len(found.methods) > 1 else "After"
    shown = _of(left[best], len(rows))
    middle = f"{name.lower() if lead == 'After' else name}"
    return f"{lead} {middle}: {shown} by {_by(measure)}{furthest} ({count(before)} before)"


def _worst(rows: Sequence[ColumnBalance], place: int, measure: Measure) -> ColumnBalance | None:
    known = [row for row in rows if not math.isnan(size_of(row.after[place], measure))]
    return max(known, key=lambda row: size_of(row.after[place], measure), default=None)


def _of(beyond: int, total: int) -> str:
    return f"{count(beyond)} of {counted(total, 'column')} {plural(beyond, 'is', 'are')} not balanced"


def _by(measure: Measure) -> str:
    words = {
        "difference": "their means",
        "variance_ratio": "their spread",
        "largest_gap": "their largest gap",
        "apart": "their overlap",
    }
    return words[measure]


def column_sentence(row: ColumnBalance, measure: Measure, distances: Distances, method: str = "") -> str:
    """One point of the picture."""
    when = f"After {name_of(method).lower()}" if method else "Before adjustment"
    value = getattr(distances, measure)
    if measure == "difference":
        more = "higher" if value > 0 else "lower"
        return f"{when}, {row.name} is {deviations(value)} standard deviations {more} among the treated."
    if measure == "variance_ratio":
        return f"{when}, {row.name} varies {number(value)} times as much among the treated."
    if measure == "largest_gap":
        return f"{when}, the shares of both arms below some value of {row.name} differ by {number(value)}."
    return f"{when}, the arms have {percent(1 - value)} of the distribution of {row.name} in common."


def prognostic_sentence(found: BalanceComparison) -> str:
    """What is left of the difference in the outcome foretold, which weighs the columns by what they do to it."""
    from causal.effects.balance_comparison import FORETOLD

    row = next((each for each in found.rows if each.name == FORETOLD), None)
    if row is None:
        return ""
    before = f"{deviations(row.before.difference)} standard deviations"
    listed = ", ".join(
        f"{deviations(after.difference)} after {name_of(method).lower()}"
        for method, after in zip(found.methods, row.after, strict=True)
    )
    return (
        "The outcome that the covariates foretell without treatment (the prognostic score) differs between the arms by "
        f"{before} before adjustment" + (f", {listed}." if listed else ".")
    )


def sizes_sentence(found: BalanceComparison) -> str:
    """How many units count, as they are and after each method."""
    plain = found.sizes[0]
    parts = [
        f"{count(each.treated)} treated and {count(each.control)} control after {name_of(method).lower()}"
        for method, each in zip(found.methods, found.sizes[1:], strict=True)
    ]
    told = f"{count(plain.treated)} treated and {count(plain.control)} control units"
    return f"{told} count as {'; '.join(parts)}." if parts else f"{told} are compared."


def shape_finding(found: BalanceComparison, shape: CovariateShape, method: str) -> str:
    """How far one covariate's distributions are apart, before and after a method."""
    rows = [
        row for row in found.rows if row.covariate == shape.covariate and row.kind in ("numeric", "binary", "level")
    ]
    place = found.methods.index(method) if method else None
    worst = max(rows, key=lambda row: row.before.apart if not math.isnan(row.before.apart) else -1.0)
    before = percent(1 - worst.before.apart)
    name = short_name(worst.name)
    if place is None:
        return f"Before adjustment the arms have {before} of the distribution of {name} in common"
    after = percent(1 - worst.after[place].apart)
    return f"The arms have {after} of the distribution of {name} in common after adjustment, {before} before"


def group_rows(found: BalanceComparison) -> list[dict[str, Any]]:
    """One row per group of units and weighting: how many covariates are beyond 0.1, and the worst of them."""
    return [row for group in found.groups for row in _group_rows(found, group)]


def _group_rows(found: BalanceComparison, group: GroupBalance) -> list[dict[str, Any]]:
    own = {"group": group.label, "control": group.control, "treated": group.treated}
    if not group.worst:
        return [{**own, "adjustment": MISSING, "beyond 0.1": None, "worst": "too few units", "by": None}]
    rows = []
    for when, beyond, (name, size) in zip(
        ("before", *map(name_of, found.methods)), group.beyond, group.worst, strict=True
    ):
        known = None if math.isnan(size) else size
        rows.append({**own, "adjustment": when, "beyond 0.1": beyond, "worst": name or MISSING, "by": known})
    return rows


def groups_finding(found: BalanceComparison) -> str:
    """In how many groups the covariates are balanced after the first method."""
    known = [each for each in found.groups if each.worst]
    by = short_name(found.options.by or "")
    few = len(found.groups) - len(known)
    left = f" {counted(few, 'group')} {plural(few, 'has', 'have')} too few units of an arm." if few else ""
    if not known:
        return f"No group of {by} has enough units of both arms."
    place = 1 if found.methods else 0
    when = f"after {name_of(found.methods[0]).lower()}" if found.methods else "before adjustment"
    good = sum(each.beyond[place] == 0 for each in known)
    worst = max(known, key=lambda each: abs(each.worst[place][1]) if not math.isnan(each.worst[place][1]) else -1.0)
    name, size = worst.worst[place]
    return (
        f"In {count(good)} of {counted(len(known), 'group')} of {by} every covariate is within 0.1 {when}; furthest is "
        f"{short_name(name)} among {short_name(worst.label)}, at {deviations(size)}.{left}"
    )


def arms_finding(found: ArmBalance) -> str:
    """Whether every two arms are alike after weighting, or a quantity goes with no covariate."""
    worst = found.worst
    if worst is None:
        return "There are no covariates to balance"
    beyond = len(found.unbalanced)
    name = short_name(worst.name)
    if found.kind == "quantity":
        treatment = short_name(found.treatment)
        if not beyond:
            return f"After weighting {treatment} goes with no covariate: at most {name}, by {number(abs(worst.after))}"
        return (
            f"After weighting {treatment} still goes with {count(beyond)} of {counted(len(found.rows), 'covariate')}, "
            f"most with {name} (correlation {number(worst.after)})"
        )
    pair = f"{worst.pair_after[1]} and {worst.pair_after[0]}"
    if not beyond:
        return f"After weighting every two arms are alike: at most {deviations(worst.after)} apart, in {name} ({pair})"
    return (
        f"After weighting {count(beyond)} of {counted(len(found.rows), 'difference')} "
        f"{plural(beyond, 'exceeds', 'exceed')} {LIMITS['difference']:g} between some arms, most {name}: "
        f"{deviations(worst.after)} ({pair})"
    )
