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
            return f"{start} have had {name} {then}{same}."
        return f"{start} have had {name} {_between(found, unit)}, not {had}; {then} in the mean of what could be."
    had, likeliest = level_text(found.factual), level_text(found.counterfactual)
    if found.identified and found.chance > 1 - 1e-9:
        same = ", as it has" if had == likeliest else f", not {had}"
        return f"{start} have had {name} {likeliest}{same}."
    stays = "kept" if had == likeliest else "had"
    ends = "" if found.identified else f"; anywhere from {percent(found.lower)} to {percent(found.upper)} is possible"
    return f"{start} most likely have {stays} {name} {likeliest}, with a chance of {percent(found.chance)}{ends}."


def unit_rows(told: Told, values: tuple[CounterfactualValue, ...]) -> list[dict[str, Any]]:
    """Every variable that the change reaches in one unit: as it is, as it would be, what is possible, what it rests on.

    Of levels one row each, with its chance.
    """
    rows = []
    for each in values:
        unit, rests = told.units.get(each.node, ""), _RESTS[each.assumes]
        if not each.levels:
            row = {"as it is": number(float(each.factual), unit), "then": number(float(each.counterfactual), unit)}
            rows.append({"variable": each.node, **row, "possible": _between(each, unit), "rests on": rests})
            continue
        for level in each.levels:
            mark = "has it" if level.level == each.factual else ""
            possible = percent(level.lower) if level.lower == level.upper else _shares(level.lower, level.upper)
            row = {"as it is": mark, "then": percent(level.chance), "possible": possible, "rests on": rests}
            rows.append({"variable": f"{each.node}: {level_text(level.level)}", **row})
    return rows


def _between(found: CounterfactualValue, unit: str) -> str:
    if found.identified:
        return number(found.lower, unit)
    return f"between {number(found.lower)} and {number(found.upper, unit)}"


def _shares(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"
