"""An event recipe by plain Python loops, written apart from the SQL: what the windows and measures mean."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from causal.logs.event_recipe import EventRecipe, Measure

Event = dict[str, Any]
UTC = datetime.UTC
DAY = datetime.timedelta(days=1)


def plain_units(events: list[Event], recipe: EventRecipe) -> list[Event]:
    """One dict per unit that stays, in the order of the keys."""
    rows = cleaned(events, recipe)
    found = []
    for key, anchor, own in units_of(rows, recipe):
        if anchor is None or not stays(anchor, events, recipe) or is_machine(rows, key, anchor, recipe):
            continue
        if recipe.anchor.of == "date" and recipe.newcomers == "drop" and own["first"] >= anchor:
            continue
        made = {**key, "anchor": anchor}
        for measure in recipe.measures:
            mine = [each for each in rows if belongs(each, key, own, measure, recipe)]
            made |= measured(measure, mine, anchor, own, recipe)
        made["exposed"] = own["exposed"] if "exposed" in made else None
        found.append(made)
    return found


def timed(events: list[Event], recipe: EventRecipe) -> list[Event]:
    columns, ends = recipe.columns, (recipe.cleaning.since, recipe.cleaning.until)
    since, until = (None if at is None else instant(datetime.datetime.fromisoformat(at), recipe) for at in ends)
    return [
        each
        for each in events
        if each[columns.user] is not None
        and each[columns.time] is not None
        and (since is None or each[columns.time] >= since)
        and (until is None or each[columns.time] < until)
    ]


def cleaned(events: list[Event], recipe: EventRecipe) -> list[Event]:
    columns, cleaning = recipe.columns, recipe.cleaning
    rows = timed(events, recipe)
    if cleaning.duplicates == "rows":
        rows = list({tuple(each.items()): each for each in rows}.values())
    if cleaning.duplicates == "key":
        first: dict[Any, Event] = {}
        loose = []
        for each in rows:
            key = tuple(each[name] for name in cleaning.key)
            if None in key:
                loose.append(each)
            elif key not in first or each[columns.time] < first[key][columns.time]:
                first[key] = each
        rows = [*loose, *first.values()]
    if cleaning.most_per_day is not None and cleaning.machine_days == "all":
        days = Counter((each[columns.user], local_day(each[columns.time], recipe)) for each in rows)
        busy = {user for (user, _), count in days.items() if count > cleaning.most_per_day}
        rows = [each for each in rows if each[columns.user] not in busy]
    return with_sessions(rows, recipe) if recipe.unit == "session" else rows


def is_machine(rows: list[Event], key: Event, anchor: datetime.datetime, recipe: EventRecipe) -> bool:
    user, time, most = recipe.columns.user, recipe.columns.time, recipe.cleaning.most_per_day
    if most is None or recipe.cleaning.machine_days == "all":
        return False
    mine = [each[time] for each in rows if each[user] == key[user] and each[time] < anchor]
    return max(Counter(local_day(each, recipe) for each in mine).values(), default=0) > most


def with_sessions(rows: list[Event], recipe: EventRecipe) -> list[Event]:
    user, time = recipe.columns.user, recipe.columns.time
    gap = datetime.timedelta(seconds=recipe.cleaning.session_gap or 0)
    found, last = [], {}
    for each in sorted(rows, key=lambda row: (row[user], row[time])):
        before, number = last.get(each[user], (None, 1))
        if before is not None and each[time] - before > gap:
            number += 1
        last[each[user]] = (each[time], number)
        found.append({**each, "session": number})
    return found


def local_day(moment: datetime.datetime, recipe: EventRecipe) -> datetime.date:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(recipe.time_zone)).date()


def instant(local: datetime.datetime, recipe: EventRecipe) -> datetime.datetime:
    return local.replace(tzinfo=ZoneInfo(recipe.time_zone)).astimezone(UTC).replace(tzinfo=None)


def units_of(rows: list[Event], recipe: EventRecipe) -> list[tuple[Event, Any, Event]]:
    """(key, anchor or None, the unit's own event for an impression and whether it was exposed)."""
    columns = recipe.columns
    user, time, kind, item = columns.user, columns.time, columns.kind, columns.item
    if recipe.unit == "impression":
        shown = [each for each in rows if each[item] is not None and each[kind] in recipe.anchor.kinds]
        order = sorted(shown, key=lambda row: (row[time], row[user], row[item], *(nulls_last(x) for x in row.values())))
        return [({user: each[user], item: each[item]}, each[time], {**each, "exposed": 1}) for each in order]
    names = {"user": (user,), "session": (user, "session"), "user and item": (user, item)}.get(recipe.unit, (user,))
    if recipe.unit == "user and day":
        keys = sorted({(each[user], local_day(each[time], recipe)) for each in rows})
        midnight = datetime.time()
        return [
            (
                {user: who, "day": day},
                instant(datetime.datetime.combine(day, midnight), recipe),
                {"exposed": 1},
            )
            for who, day in keys
        ]
    groups: dict[Any, list[Event]] = {}
    for each in rows:
        key = tuple(each[name] for name in names)
        if None not in key:
            groups.setdefault(key, []).append(each)
    found = []
    for key in sorted(groups):
        anchor = anchor_of(groups[key], recipe)
        exposed = int(anchor is not None)
        if anchor is None and recipe.without_anchor == "keep":
            anchor = min(each[time] for each in groups[key])
        first = min(each[time] for each in groups[key])
        found.append((dict(zip(names, key, strict=True)), anchor, {"exposed": exposed, "first": first}))
    return found


def anchor_of(rows: list[Event], recipe: EventRecipe) -> Any:
    time, kind, anchor = recipe.columns.time, recipe.columns.kind, recipe.anchor
    if anchor.of == "date":
        return instant(anchor.moment(), recipe)
    if anchor.of == "first of a kind":
        rows = [each for each in rows if each[kind] in anchor.kinds]
    if anchor.of == "experiment start":
        rows = [each for each in rows if each[time] >= instant(anchor.moment(), recipe)]
    return min((each[time] for each in rows), default=None)


def stays(anchor: datetime.datetime, events: list[Event], recipe: EventRecipe) -> bool:
    moments = [each[recipe.columns.time] for each in timed(events, recipe)]
    reach, history = datetime.timedelta(seconds=recipe.reach), datetime.timedelta(seconds=recipe.history)
    if recipe.incomplete == "drop" and recipe.reach and anchor + reach > max(moments):
        return False
    return not (recipe.short_history == "drop" and recipe.history and anchor - history < min(moments))


def belongs(each: Event, key: Event, own: Event, measure: Measure, recipe: EventRecipe) -> bool:
    user, item = recipe.columns.user, recipe.columns.item
    if each[user] != key[user]:
        return False
    if measure.of == "user" or recipe.unit in ("user", "user and day"):
        return True
    if recipe.unit == "session":
        return each["session"] == key["session"]
    return each[item] == key[item]


def measured(measure: Measure, mine: list[Event], anchor: Any, own: Event, recipe: EventRecipe) -> Event:
    columns = recipe.columns
    what, column, name = measure.what, measure.column, measure.name

    def lag(each: Event) -> datetime.timedelta:
        return each[columns.time] - anchor

    def inside(kinds: tuple[str, ...]) -> list[Event]:
        start, end = measure.window.start, measure.window.end
        return [
            each
            for each in mine
            if (start is None or lag(each) >= datetime.timedelta(seconds=start))
            and (end is None or lag(each) < datetime.timedelta(seconds=end))
            and (not kinds or each[columns.kind] in kinds)
        ]

    rows = inside(measure.kinds)
    held = [each[column] for each in rows if column is not None and each[column] is not None]
    if what == "any":
        return {name: int(bool(rows))}
    if what == "count":
        return {name: len(rows)}
    if what == "rate":
        return {name: len(rows) / ((measure.window.end - measure.window.start) / 86_400)}
    if what == "distinct":
        return {name: len(set(held))}
    if what == "sum":
        return {name: total(held)}
    if what == "mean":
        return {name: total(held) / len(held) if held else None}
    if what == "last value":
        present = [(each[columns.time], each[column]) for each in rows if each[column] is not None]
        return {name: max(present)[1] if present else None}
    if what == "recency":
        return {name: -max(map(lag, rows)) / DAY if rows else None}
    if what == "time to":
        return {name: min(map(lag, rows)) / DAY if rows else None}
    if what == "share":
        return {f"{name}: {level}": held.count(level) / len(held) if held else 0.0 for level in measure.levels}
    if what == "ratio":
        over = inside(measure.over_kinds)
        above = total(held) if column is not None else float(len(rows))
        below = (
            total([each[measure.over_column] for each in over if each[measure.over_column] is not None])
            if measure.over_column is not None
            else float(len(over))
        )
        share = above / below if below else None
        return {name: share, f"{name}: numerator": above, f"{name}: denominator": below}
    if what == "value":
        if recipe.unit == "impression":
            return {name: own[column]}
        kinds = recipe.anchor.kinds
        at = [
            each[column]
            for each in mine
            if lag(each) == datetime.timedelta() and (not kinds or each[columns.kind] in kinds)
        ]
        return {name: min((value for value in at if value is not None), default=None)}
    if what == "exposed":
        return {name: own["exposed"]}
    everything = [each[column] for each in mine if each[column] is not None]
    return {name: max(everything, default=None)}


def total(held: list[Any]) -> float:
    return float(sum((Fraction(each) for each in held), Fraction(0)))


def nulls_last(value: Any) -> tuple[bool, Any]:
    return (value is None, 0 if value is None else value)


def same(left: Any, right: Any) -> bool:
    """Equal as a cell of a table: integers exactly, fractions to the last bits, missing like missing."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, float) or isinstance(right, float):
        return math.isclose(float(left), float(right), rel_tol=1e-12, abs_tol=1e-15)
    return bool(left == right)
