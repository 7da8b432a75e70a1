"""Whether every unit has comparable ones in the other arm, as sentences: plain text, names as the data spells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.checks.verdict import Verdict
from causal.wording.numbers import count, counted, percent, plural
from causal.wording.phrases import level_text, needs_its_column, short_name

if TYPE_CHECKING:
    from causal.checks.overlap_regions import Arm, RegionRule
    from causal.effects.positivity import Positivity
    from causal.study import Condition, Level

ENOUGH_TO_LOOK = 0.01
"""Where more than this share of the units has nobody comparable, the overlap asks for a second look."""


def positivity_finding(found: Positivity) -> str:
    """For how many units there is nobody comparable, and who they are."""
    regions = found.regions
    if not regions.searched:
        return "There are too few units to tell a region without overlap from chance."
    if not regions.rules:
        return "No group that can be told by its covariates lacks comparable units in the other arm."
    parts = []
    for arm, size in (("control", regions.without_control), ("treated", regions.without_treated)):
        if size:
            listed = "; ".join(region_text(rule) for rule in regions.rules if rule.absent == arm)
            parts.append(
                f"for {count(size)} of {counted(regions.units, 'unit')} ({percent(size / regions.units)}) there is "
                f"hardly a comparable one {_with(found, arm)}: those with {listed}"  # type: ignore[arg-type]
            )
    return " ".join(f"{told[:1].upper()}{told[1:]}." for told in parts)


def positivity_title(found: Positivity) -> str:
    """The same without saying who, for the title of a figure."""
    regions = found.regions
    size = f"{count(regions.without)} of {counted(regions.units, 'unit')} ({percent(regions.share)})"
    return f"{size} {plural(regions.without, 'has', 'have')} hardly anybody to be compared with"


def region_text(rule: RegionRule) -> str:
    """ "age below 20 and platform web"."""
    return " and ".join(_condition(each) for each in rule.conditions)


def rule_sentence(found: Positivity, rule: RegionRule) -> str:
    """One rule with its counts, those of the half that did not find it, and what the propensity model says."""
    arm, are = _with(found, rule.absent), plural(rule.others, "is", "are")
    told = (
        f"Of {counted(rule.units, 'unit')} with {region_text(rule)}, {_none(rule.others)} {are} {arm}. In the half of "
        f"the units that did not find this rule it is {_none(rule.honest_others)} of {count(rule.honest_units)}: a "
        f"chance of at most {percent(rule.upper)}."
    )
    if rule.fitted is None:
        return told
    if rule.fitted > rule.upper:
        return f"{told} The propensity model says {percent(rule.fitted)} on average: it does not see the gap."
    return f"{told} The propensity model says {percent(rule.fitted)} on average."


def agreement_sentence(found: Positivity) -> str:
    """How the rules go with the propensities."""
    regions = found.regions
    if regions.beyond is None:
        return "The covariates decide the arm of some units, so no propensity can be fitted beside the rules."
    limit = percent(max(regions.limits))
    if regions.beyond == 0:
        return f"The propensity model gives no unit a chance of an arm below {limit}."
    have = plural(regions.beyond, "has", "have")
    told = f"{counted(regions.beyond, 'unit')} {have} a propensity below {limit} for an arm"
    if not regions.rules:
        return f"{told}, but no simple rule tells them from the others."
    covered = regions.covered or 0
    hold, agree = percent(covered / regions.beyond), percent(covered / regions.without)
    return f"{told}; the rules hold {hold} of them, and {agree} of the units that they hold have such a propensity."


def positivity_rows(found: Positivity) -> list[dict[str, Any]]:
    """The table of the rules."""
    return [
        {
            "region": region_text(rule),
            "hardly any": _level(found, rule.absent),
            "units": rule.units,
            "of that arm": rule.others,
            "units, other half": rule.honest_units,
            "of that arm, other half": rule.honest_others,
            "chance at most": rule.upper,
            "chance by the propensity model": rule.fitted,
        }
        for rule in found.regions.rules
    ]


def with_regions(verdict: Verdict, found: Positivity | None) -> Verdict:
    """The overlap's light with what the rules say: it goes to a second look where many have nobody comparable."""
    if found is None or found.regions.share <= ENOUGH_TO_LOOK:
        return verdict
    sentence = f"{verdict.sentence} {positivity_finding(found)}"
    light = "attention" if verdict.light in ("passed", "does_not_apply") else verdict.light
    return Verdict(verdict.check, light, sentence)


def arm_text(found: Positivity, arm: Arm) -> str:
    """The level of an arm, with its column where it says nothing by itself."""
    level = _level(found, arm)
    return f"{short_name(found.treatment)} at {level_text(level)}" if needs_its_column(level) else level_text(level)


def _with(found: Positivity, arm: Arm) -> str:
    return f"with {arm_text(found, arm)}"


def _level(found: Positivity, arm: Arm) -> Level:
    return found.control_level if arm == "control" else found.treated_level


def _none(size: int) -> str:
    return "none" if size == 0 else count(size)


_COMPARED = {
    "is": "{name} {value}",
    "is not": "{name} other than {value}",
    "is below": "{name} below {value}",
    "is at least": "{name} from {value} up",
}


def _condition(each: Condition) -> str:
    return _COMPARED[each.comparison].format(name=short_name(each.column), value=level_text(each.value))
