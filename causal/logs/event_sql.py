"""An event recipe as one DuckDB query: named steps, each read by the next.

Only exact operations that no order of rows can change are used, so that the same recipe gives the same digits on any
number of threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal.errors import LogError
from causal.logs.event_measures import MICRO, Asked, measured
from causal.logs.event_recipe import EventRecipe, moment_of
from causal.logs.log import Log
from causal.logs.sql import Sql, joined, name, value, values

_INNER = ("__user", "__at", "__kind", "__item", "__session", "__day", "__row")


@dataclass(frozen=True)
class Step:
    """One named step of the query."""

    name: str
    sql: Sql


def labels_of(log: Log) -> dict[str, str]:
    """What each column of the log is called in SQL, where "a" and "A" are one name: its own name where that is free."""
    taken = {*_INNER}
    found: dict[str, str] = {}
    for column in log.names:
        label, number = column or "column", 2
        while label.casefold() in taken:
            label, number = f"{column} ({number})", number + 1
        taken.add(label.casefold())
        found[column] = label
    return found


def select(steps: list[Step], last: Sql) -> Sql:
    """One query: the steps, then what is asked of them."""
    named = [name(each.name) + " AS (\n  " + each.sql + "\n)" for each in steps]
    return "WITH " + joined(",\n", named) + "\n" + last


def units_query(log: Log, recipe: EventRecipe, source: Sql) -> Sql:
    """One row per unit that stays: its key, its anchor, treatment, covariates, outcomes; in the order of the keys.

    `source` gives the log's rows under `labels_of`.
    """
    labels = labels_of(log)
    steps = [*event_steps(log, recipe, source), *unit_steps(recipe, labels)]
    scopes = [scope for scope in ("unit", "user") if any(each.of == scope for each in recipe.measures)] or ["unit"]
    steps += [_measured(log, recipe, scope, labels) for scope in scopes]
    keys = [name(each) for each in key_columns(recipe)]
    columns = [f"u.{key.text} AS " + name(shown) for key, shown in zip(keys, recipe.key_names, strict=False)]
    columns.append("make_timestamp(u.__anchor) AS " + name(recipe.key_names[-1]))
    for measure in recipe.measures:
        columns += [f"{measure.of}_measures." + name(each) for each in measure.columns]
    joins = [
        f"JOIN {scope}_measures ON "
        + joined(" AND ", [f"{scope}_measures.{key.text} = u.{key.text}" for key in _unit_keys(recipe)])
        for scope in scopes
    ]
    order = joined(", ", [f"u.{key.text}" for key in _unit_keys(recipe)])
    last = "SELECT\n  " + joined(",\n  ", columns) + "\nFROM kept AS u\n" + joined("\n", joins) + "\nORDER BY " + order
    return select(steps, last)


def event_steps(log: Log, recipe: EventRecipe, source: Sql) -> list[Step]:
    """From the log's rows to the events that count: `timed`, and as asked for `dated`, `single`, `people`, `events`."""
    labels, columns, cleaning = labels_of(log), recipe.columns, recipe.cleaning
    steps = [Step("timed", _timed(log, recipe, source, labels))]
    first = dated_step(recipe)
    if first == "dated":
        steps.append(Step("dated", "SELECT * FROM timed WHERE " + _between(recipe)))
    if cleaning.duplicates == "rows":
        steps.append(Step("single", Sql(f"SELECT DISTINCT * FROM {first}")))
    elif cleaning.duplicates == "key":
        key = [name(labels[each]) for each in cleaning.key]
        every = joined(", ", ["__at", *(name(each) for each in labels.values())])
        present = joined(" AND ", [each + " IS NOT NULL" for each in key])
        earliest = "row_number() OVER (PARTITION BY " + joined(", ", key) + " ORDER BY " + every + ") = 1"
        steps.append(Step("single", f"SELECT * FROM {first} QUALIFY NOT (" + present + ") OR " + earliest))
    if cleaning.most_per_day is not None or cleaning.quantile_per_day is not None:
        steps += _people(recipe, steps[-1].name)
    if recipe.unit == "session" and columns.session is None:
        steps += _sessions(recipe, steps[-1].name)
    return steps


def unit_steps(recipe: EventRecipe, labels: Mapping[str, str]) -> list[Step]:
    """The units with their anchors (`units`), and those that stay (`kept`), from the last of the event steps."""
    before = last_event_step(recipe)
    units = _impressions(recipe, before, labels) if recipe.unit == "impression" else _units(recipe, before)
    return [Step("units", units), Step("kept", _kept(recipe))]


def last_event_step(recipe: EventRecipe) -> str:
    """The name of the step whose rows are the events that count."""
    cleaning = recipe.cleaning
    if recipe.unit == "session" and recipe.columns.session is None:
        return "events"
    if cleaning.most_per_day is not None or cleaning.quantile_per_day is not None:
        return "people"
    return dated_step(recipe) if cleaning.duplicates == "keep" else "single"


def dated_step(recipe: EventRecipe) -> str:
    """The name of the step whose rows are those of the dates that count: where the log begins and ends."""
    cleaning = recipe.cleaning
    return "timed" if cleaning.since is None and cleaning.until is None else "dated"


def key_columns(recipe: EventRecipe) -> tuple[str, ...]:
    """The inner columns that are shown as a unit's key."""
    if recipe.unit == "session":
        return ("__user", "__session")
    if recipe.unit == "user and item" or (recipe.unit == "impression" and recipe.columns.item is not None):
        return ("__user", "__item")
    return ("__user", "__day") if recipe.unit == "user and day" else ("__user",)


def whole_window(recipe: EventRecipe) -> Sql:
    """True of a unit whose longest window after the anchor is over when the log ends."""
    return Sql(f"__anchor + {recipe.reach * MICRO} <= (SELECT max(__at) FROM {dated_step(recipe)})")


def whole_history(recipe: EventRecipe) -> Sql:
    """True of a unit whose longest window before the anchor begins no earlier than the log."""
    return Sql(f"__anchor - {recipe.history * MICRO} >= (SELECT min(__at) FROM {dated_step(recipe)})")


def _timed(log: Log, recipe: EventRecipe, source: Sql, labels: Mapping[str, str]) -> Sql:
    columns = recipe.columns
    inner: list[Sql | str] = ["*", name(labels[columns.user]) + " AS __user", _clock(log, recipe, labels) + " AS __at"]
    for given, called in ((columns.kind, "__kind"), (columns.item, "__item"), (columns.session, "__session")):
        if given is not None:
            cast = "CAST(" + name(labels[given]) + " AS VARCHAR)" if called == "__kind" else name(labels[given])
            inner.append(cast + f" AS {called}")
    made = "SELECT " + joined(", ", inner) + "\n  FROM " + source + "\n  WHERE __user IS NOT NULL AND __at IS NOT NULL"
    return made if recipe.time_zone == "UTC" else _with_day(made, recipe)


def _between(recipe: EventRecipe) -> Sql:
    ends = ((">=", recipe.cleaning.since), ("<", recipe.cleaning.until))
    return joined(" AND ", [f"__at {sign} " + _instant(at, recipe) for sign, at in ends if at is not None])


def _instant(at: str, recipe: EventRecipe) -> Sql:
    """A date or moment of the recipe's time zone in microseconds since 1970."""
    moment = "CAST(" + value(str(moment_of(at))) + " AS TIMESTAMP)"
    return "epoch_us(timezone(" + value(recipe.time_zone) + ", " + moment + "))"


def _with_day(made: Sql, recipe: EventRecipe) -> Sql:
    """Where days do not begin at midnight UTC they are looked up in the zone, once per event."""
    if recipe.unit != "user and day" and last_event_step(recipe) not in ("people", "events"):
        return made
    local = "CAST(timezone(" + value(recipe.time_zone) + ", make_timestamptz(__at)) AS DATE)"
    return "SELECT *, " + local + " AS __day FROM (" + made + ")"


def _clock(log: Log, recipe: EventRecipe, labels: Mapping[str, str]) -> Sql:
    column, kind = name(labels[recipe.columns.time]), log.kind(recipe.columns.time)
    if recipe.columns.clock == "time":
        if kind != "time":
            raise LogError(
                f'"{recipe.columns.time}" holds no times. Choose the column that says when an event was, or say that '
                "its numbers are seconds or milliseconds since 1970."
            )
        return "epoch_us(" + column + ")"
    if kind not in ("integer", "number"):
        raise LogError(f'"{recipe.columns.time}" holds no numbers, so they are no {recipe.columns.clock} since 1970.')
    factor = MICRO if recipe.columns.clock == "seconds" else 1_000
    return "TRY_CAST(round(" + column + f" * {float(factor)}) AS BIGINT)"


def _people(recipe: EventRecipe, before: str) -> list[Step]:
    cleaning = recipe.cleaning
    days = f"SELECT __user, {_day(recipe)} AS day, count(*) AS n FROM {before} GROUP BY ALL"
    limits: list[Sql] = []
    if cleaning.most_per_day is not None:
        limits.append("n > " + value(cleaning.most_per_day))
    if cleaning.quantile_per_day is not None:
        limits.append("n > (SELECT quantile_disc(n, " + _share(cleaning.quantile_per_day) + ") FROM busy_days)")
    busy = "SELECT DISTINCT __user FROM busy_days WHERE " + joined(" OR ", limits)
    return [
        Step("busy_days", Sql(days)),
        Step("machines", busy),
        Step("people", Sql(f"SELECT * FROM {before} ANTI JOIN machines USING (__user)")),
    ]


def _share(share: float) -> Sql:
    return Sql(repr(float(share)))  # DuckDB takes a quantile as a constant only; a float's text is no other SQL


def _day(recipe: EventRecipe) -> str:
    return "__day" if recipe.time_zone != "UTC" else "CAST(make_timestamp(__at) AS DATE)"


def _sessions(recipe: EventRecipe, before: str) -> list[Step]:
    """Events at the same time share their session: the running sum counts all of them at once."""
    gap = (recipe.cleaning.session_gap or 0) * MICRO
    new = f"__at - lag(__at) OVER (PARTITION BY __user ORDER BY __at) > {gap}"
    numbered = "1 + count(*) FILTER (WHERE __new) OVER (PARTITION BY __user ORDER BY __at)"
    return [
        Step("gaps", Sql(f"SELECT *, {new} AS __new FROM {before}")),
        Step("events", Sql(f"SELECT * EXCLUDE (__new), {numbered} AS __session FROM gaps")),
    ]


def _units(recipe: EventRecipe, before: str) -> Sql:
    keys = key_columns(recipe)
    if recipe.unit == "user and day":
        key = f"__user, {_day(recipe)} AS __day"
        start = "epoch_us(timezone(" + value(recipe.time_zone) + ", CAST(__day AS TIMESTAMP)))"
        inner = f"SELECT DISTINCT {key} FROM {before}"
        return "SELECT __user, __day, " + start + " AS __anchor, TRUE AS __exposed\n  FROM (" + inner + ")"
    anchor = _anchor(recipe)
    present = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    grouped = (
        f"SELECT {', '.join(keys)}, min(__at) AS __first, "
        + anchor
        + f" AS __own\n    FROM {before} WHERE {present} GROUP BY {', '.join(keys)}"
    )
    fallback = "coalesce(__own, __first)" if recipe.without_anchor == "keep" else "__own"
    return f"SELECT {', '.join(keys)}, {fallback} AS __anchor, __own IS NOT NULL AS __exposed\n  FROM (" + grouped + ")"


def _anchor(recipe: EventRecipe) -> Sql:
    anchor = recipe.anchor
    if anchor.of == "first event":
        return Sql("min(__at)")
    if anchor.of == "first of a kind":
        return "min(__at) FILTER (WHERE __kind IN " + values(anchor.kinds) + ")"
    at = _instant(str(anchor.at), recipe)
    return at if anchor.of == "date" else "min(__at) FILTER (WHERE __at >= " + at + ")"


def _impressions(recipe: EventRecipe, before: str, labels: Mapping[str, str]) -> Sql:
    """Each event of the anchor's kinds is a unit, numbered by its time and then by everything that it holds."""
    keys = key_columns(recipe)
    wanted = [Sql(f"{key} IS NOT NULL") for key in keys]
    if recipe.anchor.kinds:
        wanted.append("__kind IN " + values(recipe.anchor.kinds))
    order = joined(", ", ["__at", *keys, *(name(each) for each in labels.values())])
    numbered = "row_number() OVER (ORDER BY " + order + ") AS __row"
    return ("SELECT *, " + numbered + f", __at AS __anchor, TRUE AS __exposed\n  FROM {before} WHERE ") + joined(
        " AND ", wanted
    )


def _kept(recipe: EventRecipe) -> Sql:
    wanted = [Sql("__anchor IS NOT NULL")]
    if recipe.incomplete == "drop" and recipe.reach:
        wanted.append(whole_window(recipe))
    if recipe.short_history == "drop" and recipe.history:
        wanted.append(whole_history(recipe))
    return "SELECT * FROM units WHERE " + joined(" AND ", wanted)


def _unit_keys(recipe: EventRecipe) -> list[Sql]:
    """What tells one unit from all others."""
    return [Sql("__row")] if recipe.unit == "impression" else [Sql(each) for each in key_columns(recipe)]


def _measured(log: Log, recipe: EventRecipe, scope: str, labels: Mapping[str, str]) -> Step:
    """The measures of one scope: every event of the unit, or of its user, with its time since the anchor."""
    keys = ", ".join(f"u.{each.text}" for each in _unit_keys(recipe))
    matched = ["__user"] if scope == "user" or recipe.unit == "user and day" else list(key_columns(recipe))
    on = " AND ".join(f"e.{key} = u.{key}" for key in matched)
    made = [
        measured(Asked(log, recipe, measure, labels, column)) + " AS " + name(column)
        for measure in recipe.measures
        if measure.of == scope
        for column in measure.columns
    ]
    aggregates = joined(",\n    ", [Sql(keys), *made])
    source = f"kept AS u JOIN {last_event_step(recipe)} AS e ON {on}"
    grouped = "SELECT " + aggregates + f"\n  FROM {source}\n  GROUP BY {keys}"
    return Step(f"{scope}_measures", grouped)
