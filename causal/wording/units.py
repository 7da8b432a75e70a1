"""How events become units, as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from causal.logs.attrition import Attrition, AttritionStep
from causal.logs.event_recipe import Anchor, Cleaning, EventRecipe, Measure
from causal.logs.profile import ColumnProfile
from causal.logs.ready_recipes import ReadyRecipe
from causal.logs.time_range import DAY, duration
from causal.wording.escape import shorten
from causal.wording.numbers import count, counted, number, percent

_UNITS = {
    "user": "user",
    "session": "session",
    "user and item": "user and item",
    "impression": "impression",
    "user and day": "user and day",
}
_LENGTH = 30


def recipe_sentence(recipe: EventRecipe) -> str:
    """The whole recipe as one sentence."""
    parts = [f"One row per {_UNITS[recipe.unit]}, {_from_when(recipe)}"]
    if recipe.treatment is not None:
        parts.append(f"treatment is {measure_phrase(recipe.treatment)}")
    if recipe.outcomes:
        parts.append(f"{_word('outcome', recipe.outcomes)} {_listed(recipe.outcomes)}")
    if recipe.covariates:
        parts.append(f"{_word('covariate', recipe.covariates)} {_listed(recipe.covariates)}")
    parts += _left_out(recipe)
    return "; ".join(parts) + "."


def measure_phrase(measure: Measure) -> str:
    """A measure in words: "the sum of minutes over view events in the 7 days after the anchor"."""
    events = f"{_kinds(measure.kinds)} events" if measure.kinds else "events"
    column = "" if measure.column is None else _name(measure.column)
    when = measure.range.phrase
    if measure.of == "user":
        events = f"{events} of the user"
    phrases = {
        "any": f"whether there are {events} {when}",
        "count": f"the number of {events} {when}",
        "rate": f"the {events} per day {when}",
        "sum": f"the sum of {column} over {events} {when}",
        "mean": f"the mean of {column} over {events} {when}",
        "distinct": f"the different values of {column} in {events} {when}",
        "last value": f"the last {column} in {events} {when}",
        "recency": f"the days since the last of the {events} {when}",
        "time to": f"the days to the first of the {events} {when}",
        "share": f"the {_levels(measure)} of {column} in {events} {when}",
        "ratio": f"{_amount(measure.column, measure.kinds)} per {_amount(measure.over_column, measure.over_kinds)} "
        + when,
        "value": f"{column} at the anchor",
        "exposed": "whether the unit has the anchor's event",
        "attribute": f"{column}, which carries no time",
    }
    return phrases[measure.what]


def column_phrase(profile: ColumnProfile) -> str:
    """What the units hold of a column, in a few words: its mean and range, or its most frequent values."""
    missing = f"; missing in {counted(profile.missing, 'unit')}" if profile.missing else ""
    if profile.mean is not None:
        low, high = (each if isinstance(each, str) else number(each) for each in (profile.minimum, profile.maximum))
        return f"mean {number(profile.mean)}, from {low} to {high}{missing}"
    shown = [
        f"{shorten(level, _LENGTH)} {count(rows)}" for level, rows in zip(profile.levels, profile.counts, strict=True)
    ]
    more = f" and {counted(profile.distinct - 3, 'more value')}" if profile.distinct > 3 else ""
    return (", ".join(shown[:3]) or "no values") + more + missing


def measure_values(measure: Measure, profiles: Mapping[str, ColumnProfile]) -> str:
    """What the units hold of a measure; nothing where they are not known."""
    if measure.what == "share":
        parts = {
            name.removeprefix(f"{measure.name}: "): each
            for name, each in profiles.items()
            if name.startswith(f"{measure.name}: ")
        }
        means = [
            f"{shorten(level, _LENGTH)} {percent(each.mean)}" for level, each in parts.items() if each.mean is not None
        ]
        return f"on average {', '.join(means)}" if means else ""
    return next((column_phrase(profiles[each]) for each in measure.columns if each in profiles), "")


def fitted_sentence(usual: ReadyRecipe, made: ReadyRecipe) -> str | None:
    """What became of the windows of a ready recipe in a short log; None where they are the usual ones."""
    changes = [
        f"{_days(short)} {side} it instead of {_days(long)}"
        for short, long, side in ((made.days, usual.days, "after"), (made.history, usual.history, "before"))
        if short != long
    ]
    if made.returns is not None and made.returns != usual.returns:
        changes.append(f"whether people are back on day {made.returns} instead of day {usual.returns}")
    if made.returns is None and usual.returns is not None:
        changes.append("not at whether people are back on another day")
    if not changes:
        return None
    said = changes[0] if len(changes) == 1 else f"{', '.join(changes[:-1])} and {changes[-1]}"
    return (
        f"The log is too short around the anchor for this recipe's usual windows, so it looks at {said}: at least half "
        "of the units have that much. Change a window under 4 to 6."
    )


def _days(days: float) -> str:
    return duration(round(days * DAY))


def rows_to_units(found: Attrition) -> str:
    """How many rows became how many units."""
    return f"{counted(found.start, 'row')} became {counted(found.units, 'unit')}."


def attrition_finding(found: Attrition) -> str:
    """What is left of the log, as one sentence."""
    worst = max(found.steps, key=lambda each: _share(each), default=None)
    said = rows_to_units(found).removesuffix(".")
    if worst is None or worst.removed == 0:
        return f"{said}; nothing was left out."
    return f"{said}; the largest loss: {worst.of} {worst.step} ({percent(_share(worst))})."


def step_sentence(step: AttritionStep) -> str:
    """One step as a sentence."""
    if step.removed == 0 and step.step.startswith("found"):
        return f"{counted(step.left, step.of[:-1])} found in the events."
    if step.removed == 0:
        return f"No {step.of} {step.step}; {count(step.left)} stay."
    verb = "is" if step.removed == 1 else "are"
    return f"{counted(step.removed, step.of[:-1])} {step.step} {verb} left out; {count(step.left)} stay."


def flagged_sentence(why: str, units: int, kept: int | None = None) -> str:
    """A reason to look twice at units that stayed; `kept`: how many stayed in all."""
    said = f"{counted(units, 'unit')} {'is' if units == 1 else 'are'} kept {why.replace(', kept', ':')}."
    if "history" in why and units == kept:
        return (
            f"{said} These are all: what is counted before is cut short for every unit, or 0 for every unit if the log "
            "begins later than they are looked at from. Look at them from later on, or count over less time before."
        )
    if "before the date" in why:
        return (
            f"{said} Only what they did afterwards shows that they are there: if the treatment changes whether people "
            "do anything at all, this picks units by their outcome. Leave them out under “What is left out”."
        )
    return said


def _share(step: AttritionStep) -> float:
    whole = step.removed + step.left
    return step.removed / whole if whole else 0.0


def _from_when(recipe: EventRecipe) -> str:
    if recipe.unit == "impression":
        return f"each {_kinds(recipe.anchor.kinds) or 'event'} being its own anchor"
    if recipe.unit == "user and day":
        return f"from midnight on ({recipe.time_zone})"
    return f"from {_anchor(recipe.anchor, recipe.time_zone)} on"


def _anchor(anchor: Anchor, zone: str) -> str:
    if anchor.of == "first event":
        return "its first event"
    if anchor.of == "first of a kind":
        return f"its first {_kinds(anchor.kinds)}"
    if anchor.of == "date":
        return f"{anchor.at} ({zone})"
    return f"its first event since {anchor.at} ({zone})"


def _left_out(recipe: EventRecipe) -> list[str]:
    said = _cleaned(recipe.cleaning)
    if recipe.without_anchor == "keep":
        said.append("units without an anchor are kept from their first event on")
    if recipe.reach and recipe.incomplete == "drop":
        said.append(f"units that the log does not follow for {duration(recipe.reach)} are left out")
    if recipe.history and recipe.short_history == "drop":
        said.append(f"units that the log does not know for {duration(recipe.history)} before are left out")
    if recipe.knows_newcomers and recipe.newcomers == "drop":
        said.append("units without an event before the date are left out")
    return said


def _cleaned(cleaning: Cleaning) -> list[str]:
    said = []
    if cleaning.since is not None or cleaning.until is not None:
        ends = (("from", cleaning.since), ("until", cleaning.until))
        said.append(f"rows {' '.join(f'{word} {at}' for word, at in ends if at is not None)} count")
    if cleaning.duplicates == "rows":
        said.append("equal rows count once")
    if cleaning.duplicates == "key":
        said.append(f"rows with the same {', '.join(map(_name, cleaning.key))} count once")
    if cleaning.session_gap is not None:
        said.append(f"more than {duration(cleaning.session_gap)} without an event begin a new session")
    limits = []
    if cleaning.most_per_day is not None:
        limits.append(f"with more than {count(cleaning.most_per_day)} events on a day")
    if cleaning.quantile_per_day is not None:
        limits.append(f"with more events on a day than on {percent(cleaning.quantile_per_day)} of all users' days")
    if limits:
        when = "before the anchor" if cleaning.machine_days == "before" else "before or after the anchor"
        said.append(f"users {' or '.join(limits)} {when} are left out as machines")
    return said


def _word(word: str, measures: Sequence[Measure]) -> str:
    return f"{word} is" if len(measures) == 1 else f"{word}s are"


def _listed(measures: Sequence[Measure]) -> str:
    said = [measure_phrase(each) for each in measures]
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]


def _levels(measure: Measure) -> str:
    if not measure.levels:
        return f"shares of the {count(measure.top)} most frequent values"
    word = "share" if len(measure.levels) == 1 else "shares"
    return f"{word} of {', '.join(map(_name, measure.levels))} among the values"


def _amount(column: str | None, kinds: Sequence[str]) -> str:
    events = f"{_kinds(kinds)} events" if kinds else "events"
    return events if column is None else f"{_name(column)} over {events}"


def _kinds(kinds: Sequence[str]) -> str:
    return " or ".join(_name(each) for each in kinds)


def _name(text: str) -> str:
    return shorten(text, _LENGTH)
