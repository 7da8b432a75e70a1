"""Running an event recipe: the log of its units, and what each step left out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.attrition import Attrition, AttritionStep
from causal.logs.engine import locked_engine, quoted, rows_in_order
from causal.logs.event_recipe import EventRecipe, Measure, with_levels
from causal.logs.event_sql import (
    Step,
    event_steps,
    labels_of,
    select,
    unit_steps,
    units_query,
    whole_history,
    whole_window,
)
from causal.logs.log import NO_TIME, Kind, Log, Problem
from causal.logs.readers.rows import Rows
from causal.logs.reading import keep_rows, log_folder
from causal.logs.sql import Sql, joined, name, values

_KINDS: dict[str, Kind] = {
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "time",
    "DATE": "time",
    "VARCHAR": "text",
}


def unit_log(log: Log, recipe: EventRecipe, folder: Path | None = None) -> Log:
    """The units that the recipe makes of the events, as a log in which each row is a unit, in the order of their keys.

    Raises UnknownColumn, LogError (what is asked does not fit a column) and EmptyLog (no unit stays).
    """
    checked(log, recipe)
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="units-", dir=home) as work, _engine(log, Path(work)) as connection:
        recipe = _resolved(connection, log, recipe)
        query = units_query(log, recipe, _source(log))
        _run(connection, "CREATE TABLE units AS " + query)
        described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE units)").fetchall()
        kinds = tuple(_KINDS[kind] for _, kind in described)
        stored = [_stored(label, kind, place) for place, (label, kind) in enumerate(described)]
        names, batches = tuple(label for label, _ in described), rows_in_order(connection, "units", ", ".join(stored))
        rows = Rows(names, kinds, batches, _of_unknown_time(log, recipe))
        found = keep_rows(rows, log.name, home, Path(work))
    if found.rows == 0:
        raise EmptyLog(
            "No unit stays. Look at what each step leaves out: often the anchor's event never happens, or the windows "
            "after it are longer than the log."
        )
    return found


def _of_unknown_time(log: Log, recipe: EventRecipe) -> tuple[Problem, ...]:
    """A note on each column of the units that is made of values that carry no time."""
    timeless = {note.column for note in log.notes if note.kind == NO_TIME}
    made = {
        column: each
        for each in recipe.measures
        if each.what == "attribute" or timeless & ({each.column, each.over_column} - {None})
        for column in each.columns
    }
    return tuple(
        Problem(
            NO_TIME,
            "note",
            column,
            0,
            f'"{column}" is made of "{each.column or each.over_column}", which carries no time: nothing says since '
            "when it is so.",
            "Vouch for it on the columns page if it was so before the anchor; otherwise leave it out.",
        )
        for column, each in made.items()
    )


def resolved(log: Log, recipe: EventRecipe) -> EventRecipe:
    """The recipe with the levels of its shares: the most frequent values of the log where none are named."""
    if not any(each.what == "share" and not each.levels for each in recipe.measures):
        return recipe
    checked(log, recipe)
    with _working(log) as connection:
        return _resolved(connection, log, recipe)


def query_text(log: Log, recipe: EventRecipe) -> str:
    """The query that `unit_log` runs, to read and to take elsewhere; its values stand in their places.

    Raises what `unit_log` raises before it runs.
    """
    checked(log, recipe)
    labels = ", ".join(name(each).text for each in labels_of(log).values())
    return units_query(log, recipe, Sql(f"read_parquet('events.parquet') AS log({labels})")).readable


def attrition(log: Log, recipe: EventRecipe) -> Attrition:
    """How many events and units each step of the recipe leaves out, in its order.

    Raises what `unit_log` raises, except EmptyLog.
    """
    checked(log, recipe)
    with _working(log) as connection:
        before = event_steps(log, recipe, _source(log))
        units = unit_steps(recipe, labels_of(log))
        events = _event_counts(connection, before)
        counted = _unit_counts(connection, recipe, [*before, *units])
    return _told(log, recipe, events, counted)


def kinds_of(log: Log, column: str, most: int = 200) -> dict[str, int]:
    """The values of a column as text, with their rows: the most frequent first, ties by the alphabet.

    Raises UnknownColumn.
    """
    log.kind(column)
    label = name(labels_of(log)[column])
    with _working(log) as connection:
        text = "CAST(" + label + " AS VARCHAR)"
        asked = "SELECT " + text + " AS level, count(*) AS n FROM " + _source(log) + " WHERE level IS NOT NULL"
        found = _run(connection, asked + f" GROUP BY level ORDER BY n DESC, level LIMIT {int(most)}").fetchall()
    return {str(level): int(count) for level, count in found}


def checked(log: Log, recipe: EventRecipe) -> None:
    """Raises UnknownColumn where the recipe names a column that the log does not have."""
    columns = recipe.columns
    wanted = [columns.user, columns.time, columns.kind, columns.item, columns.session, *recipe.cleaning.key]
    wanted += [each for measure in recipe.measures for each in (measure.column, measure.over_column)]
    for each in wanted:
        if each is not None and each not in log.names:
            raise UnknownColumn.named(each, log.names)


def _source(log: Log) -> Sql:
    labels = ", ".join(name(each).text for each in labels_of(log).values())
    return Sql(f"read_parquet({quoted(str(log.path.resolve()))}) AS log({labels})")


@contextmanager
def _working(log: Log) -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="units-", dir=log_folder()) as work, _engine(log, Path(work)) as connection:
        yield connection


@contextmanager
def _engine(log: Log, work: Path) -> Iterator[Any]:
    with locked_engine(work, reads=(log.path,)) as connection:
        yield connection


def _run(connection: Any, query: Sql) -> Any:
    import duckdb

    try:
        return connection.execute(query.text, list(query.values))
    except duckdb.OutOfMemoryException as error:
        raise LogError(
            "This log is too large for the memory that this machine gives to one question. Shorten the windows, or "
            "leave out distinct counts."
        ) from error


def _resolved(connection: Any, log: Log, recipe: EventRecipe) -> EventRecipe:
    levels = {
        each: _top(connection, log, recipe, each)
        for each in recipe.measures
        if each.what == "share" and not each.levels
    }
    return with_levels(recipe, levels) if levels else recipe


def _top(connection: Any, log: Log, recipe: EventRecipe, measure: Measure) -> tuple[str, ...]:
    """The most frequent values of a share's column among all events of its kinds; ties by the alphabet."""
    labels = labels_of(log)
    level = "CAST(" + name(labels[str(measure.column)]) + " AS VARCHAR)"
    wanted = [level + " IS NOT NULL"]
    if measure.kinds:
        wanted.append("CAST(" + name(labels[str(recipe.columns.kind)]) + " AS VARCHAR) IN " + values(measure.kinds))
    asked = "SELECT " + level + " AS level FROM " + _source(log) + " WHERE " + joined(" AND ", wanted)
    found = _run(connection, asked + f" GROUP BY level ORDER BY count(*) DESC, level LIMIT {int(measure.top)}")
    return tuple(str(row[0]) for row in found.fetchall())


def _stored(label: str, kind: str, place: int) -> str:
    quoted_label = name(label).text
    cast = f"CAST({quoted_label} AS TIMESTAMP)" if kind == "DATE" else quoted_label
    return f"{cast} AS c{place}"


def _event_counts(connection: Any, steps: list[Step]) -> dict[str, int]:
    counted = [each.name for each in steps if each.name in ("timed", "dated", "single", "people")]
    asked = joined(", ", [f"(SELECT count(*) FROM {each})" for each in counted])
    found = _run(connection, select(steps, "SELECT " + asked)).fetchone()
    return dict(zip(counted, (int(each) for each in found), strict=True))


def _unit_counts(connection: Any, recipe: EventRecipe, steps: list[Step]) -> tuple[int, ...]:
    """Candidates, and of them: with an anchor of their own; with any; whose windows are over; whose history is whole.

    Each is counted among those that the step before lets through.
    """
    over, whole = whole_window(recipe), whole_history(recipe)
    kept = over if recipe.incomplete == "drop" else Sql("TRUE")
    asked = joined(
        ", ",
        [
            "count(*)",
            "count(*) FILTER (WHERE __exposed)",
            "count(*) FILTER (WHERE __anchor IS NOT NULL)",
            "count(*) FILTER (WHERE __anchor IS NOT NULL AND " + over + ")",
            "count(*) FILTER (WHERE __anchor IS NOT NULL AND " + kept + " AND " + whole + ")",
            "count(*) FILTER (WHERE __anchor IS NOT NULL AND " + kept + ")",
        ],
    )
    found = _run(connection, select(steps, "SELECT " + asked + " FROM units")).fetchone()
    return tuple(int(each) for each in found)


def _told(log: Log, recipe: EventRecipe, events: dict[str, int], counted: tuple[int, ...]) -> Attrition:
    candidates, own, anchored, over, whole, kept = counted
    names = {
        "timed": "without a user or a time",
        "dated": "outside the dates",
        "single": "that repeat a row" if recipe.cleaning.duplicates == "rows" else "that repeat a key",
        "people": "by machines",
    }
    steps, left = [], log.rows
    for each, count in events.items():
        steps.append(AttritionStep("events", names[each], left - count, count))
        left = count
    steps.append(AttritionStep("units", "found in the events", 0, candidates))
    steps.append(AttritionStep("units", "without an anchor", candidates - anchored, anchored))
    left = anchored
    flagged = [("without the anchor's event, kept from their first event on", anchored - own)]
    if recipe.reach and recipe.incomplete == "drop":
        steps.append(AttritionStep("units", "whose window the log cuts off", left - over, over))
        left = over
    elif recipe.reach:
        flagged.append(("whose window the log cuts off", left - over))
    if recipe.history and recipe.short_history == "drop":
        steps.append(AttritionStep("units", "whose history the log cuts off", left - whole, whole))
    elif recipe.history:
        flagged.append(("whose history the log cuts off", kept - whole))
    return Attrition(log.rows, tuple(steps), tuple((why, count) for why, count in flagged if count))
