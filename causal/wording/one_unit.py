"""What a single unit would have had, as sentences that do not claim to have seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.wording.numbers import number, percent
from causal.wording.phrases import level_text, short_name
from causal.wording.what_if import Told, changes_phrase

if TYPE_CHECKING:
    from causal.interventions.counterfactual import CounterfactualValue

CAVEAT = (
    "Nobody can check this: of one unit, only what happened was seen. The model takes what it cannot explain of this "
    "unit as it is, and carries it over to the other world."
)
WITH_FIT = "with the uncertainty of the fit"
_RESTS = {
    "nothing": "the model alone",
    "monotone": "a change that moves no unit the other way (monotonicity)",
    "Gumbel-max": "levels swapped only for ones that became likelier (Gumbel-max)",
}


def unit_finding(told: Told, found: CounterfactualValue) -> str:
    """What the unit would have had of one variable, and within what bounds."""
    start = f"With {changes_phrase(told.changes, told.units)}, this unit would, by the model,"
    name, unit = short_name(found.node), told.units.get(found.node, "")
    if not found.levels:
        had, then = (number(float(each), unit) for each in (found.factual, found.counterfactual))
        if found.identified:
            same = " as it is" if had == then else f", not {had}"
            return f"{start} have had {name} {then}{same}{_with_the_fit(told, found)}."
        between = f"{_between(found, unit)}{_with_the_fit(told, found)}"
        return f"{start} have had {name} {between}, not {had}; {then} in the mean of what could be."
    had, likeliest = level_text(found.factual), level_text(found.counterfactual)
    if found.identified and found.chance > 1 - 1e-9:
        same = ", as it has" if had == likeliest else f", not {had}"
        return f"{start} have had {name} {likeliest}{same}{_with_the_fit(told, found, 'a chance of ')}."
    stays = "kept" if had == likeliest else "had"
    possible = _chances(found.lower, found.upper, " and ")
    ends = f"; anywhere between {possible} is possible" if " and " in possible else ""
    chance = f"with a chance of {percent(found.chance)}{ends}{_with_the_fit(told, found)}"
    return f"{start} most likely have {stays} {name} {likeliest}, {chance}."


def unit_rows(told: Told, values: tuple[CounterfactualValue, ...]) -> list[dict[str, Any]]:
    """Every variable that the change reaches in one unit: as it is, as it would be, what is possible, with the
    uncertainty of the fit and without, and what it rests on.

    Of levels one row each, with its chance.
    """
    rows = []
    for each in values:
        unit, rests = told.units.get(each.node, ""), _RESTS[each.assumes]
        if not each.levels:
            row = {"as it is": number(float(each.factual), unit), "then": number(float(each.counterfactual), unit)}
            low, high = each.interval(told.confidence)
            fit = number(low, unit) if low == high else f"{number(low)} to {number(high, unit)}"
            rows.append(
                {"variable": each.node, **row, "possible": _between(each, unit), WITH_FIT: fit, "rests on": rests}
            )
            continue
        for level in each.levels:
            mark = "has it" if level.level == each.factual else ""
            row = {"as it is": mark, "then": percent(level.chance), "possible": _chances(level.lower, level.upper)}
            found = {WITH_FIT: _chances(*level.interval(told.confidence)), "rests on": rests}
            rows.append({"variable": f"{each.node}: {level_text(level.level)}", **row, **found})
    return rows


def _between(found: CounterfactualValue, unit: str) -> str:
    if found.identified:
        return number(found.lower, unit)
    return f"between {number(found.lower)} and {number(found.upper, unit)}"


def _chances(low: float, high: float, between: str = " to ") -> str:
    ends = (percent(low), percent(high))
    return ends[0] if ends[0] == ends[1] else between.join(ends)


def _values(low: float, high: float, unit: str) -> str:
    ends = (number(low, unit), number(high, unit))
    return ends[0] if ends[0] == ends[1] else f"{number(low)} to {ends[1]}"


def _with_the_fit(told: Told, found: CounterfactualValue, what: str = "") -> str:
    """How far the uncertainty of the fit reaches, where it reaches beyond what is told without it."""
    unit, ends = told.units.get(found.node, ""), found.interval(told.confidence)
    texts = [_chances(*each) if found.levels else _values(*each, unit) for each in (ends, (found.lower, found.upper))]
    return "" if texts[0] == texts[1] else f" ({WITH_FIT} {what}{texts[0]})"
