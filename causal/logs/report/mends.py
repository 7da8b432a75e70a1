"""What a recipe has to be like for a finding to do no harm any more; the log itself is never changed."""

from __future__ import annotations

from dataclasses import replace

from causal.logs.event_recipe import Cleaning
from causal.logs.report.finding import Finding
from causal.logs.units import UnitRecipe


def can_be_mended(recipe: UnitRecipe, finding: Finding) -> bool:
    """Whether a button can mend it, in a recipe of this kind."""
    needs_events = finding.mend in ("count keys once", "take this clock", "leave out impossible times")
    return finding.mend is not None and (not needs_events or recipe.events is not None)


def mended(recipe: UnitRecipe, finding: Finding) -> UnitRecipe:
    """The recipe with the finding mended, as its `mend` says; "cluster" is no matter of the recipe."""
    column = finding.columns[0] if finding.columns else ""
    match finding.mend:
        case "read as numbers":
            kept = tuple(pair for pair in recipe.types if pair[0] != column)
            return replace(recipe, types=(*kept, (column, "numeric")))
        case "set aside":
            return replace(recipe, set_aside=tuple(sorted({*recipe.set_aside, column})))
        case "mark missing":
            return replace(recipe, missing="indicator")
        case "count repeats once" if recipe.events is None:
            return replace(recipe, drop_repeats=True)
    events = recipe.events
    if events is None:
        return recipe
    match finding.mend:
        case "count repeats once" if events.cleaning.duplicates == "keep":
            events = replace(events, cleaning=replace(events.cleaning, duplicates="rows"))
        case "count keys once":
            events = replace(events, cleaning=replace(events.cleaning, duplicates="key", key=finding.columns))
        case "take this clock":
            events = replace(events, columns=replace(events.columns, time=finding.columns[1]))
        case "leave out impossible times":
            since, until = finding.facts.get("since"), finding.facts.get("until")
            events = replace(events, cleaning=replace(events.cleaning, since=since, until=until))
    return replace(recipe, events=events)


def is_mended(recipe: UnitRecipe, finding: Finding, cluster: str | None = None) -> bool:
    """Whether the recipe, or for people in several arms the `cluster` of the question, mends it already."""
    if finding.mend == "cluster":
        return cluster == finding.columns[0]
    if finding.mend == "leave out impossible times":
        return recipe.events is not None and _left_out(recipe.events.cleaning, finding)
    return can_be_mended(recipe, finding) and mended(recipe, finding) == recipe


def _left_out(cleaning: Cleaning, finding: Finding) -> bool:
    """Whether the dates that count leave the rows of the finding out, whatever dates it would propose itself."""
    first, last = str(finding.facts["from"]), str(finding.facts["to"])
    if finding.facts["which"] == "early":
        return cleaning.since is not None and (not last[:1].isdigit() or cleaning.since[:10] > last)
    return cleaning.until is not None and (not first[:1].isdigit() or cleaning.until[:10] <= first)
