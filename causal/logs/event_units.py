"""Running an event recipe: the log of its units, and what each step left out."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.errors import EmptyLog, UnknownColumn
from causal.logs.attrition import Attrition, AttritionStep
from causal.logs.engines import Engine, FileEngine
from causal.logs.event_recipe import EventRecipe, with_levels
from causal.logs.log import NO_TIME, Kind, Log, Problem
from causal.logs.readers.rows import Rows
from causal.logs.reading import keep_rows, log_folder
from causal.progress import Progress, onwards, silent

if TYPE_CHECKING:
    from causal.logs.event_query import Plan


def unit_log(
    log: Log,
    recipe: EventRecipe,
    folder: Path | None = None,
    progress: Progress | None = None,
    expected: int | None = None,
) -> Log:
    """The units that the recipe makes of the events, as a log in which each row is a unit, in the order of their keys.

    `expected`: how many there will be, where that is known, for the progress of fetching them from a warehouse. Raises
    UnknownColumn, LogError (what is asked does not fit a column) and EmptyLog (no unit stays).
    """
    from causal.logs.event_query import units_query

    checked(log, recipe)
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    progress = None if progress is None else onwards(progress)
    with tempfile.TemporaryDirectory(prefix="units-", dir=home) as work, _engine(log, Path(work), progress) as engine:
        recipe = _resolved(engine, log, recipe)
        query = units_query(_plan(engine, log, recipe))
        names, kinds = (tuple(each) for each in zip(*query.shown, strict=True))
        rows = Rows(names, kinds, engine.batches(query), _of_unknown_time(log, recipe), expected)
        fetching = silent if log.connection is None else progress or silent
        found = keep_rows(rows, log.name, home, Path(work), fetching)
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


def resolved(log: Log, recipe: EventRecipe, progress: Progress | None = None) -> EventRecipe:
    """The recipe with the levels of its shares: the most frequent values of the log where none are named."""
    if not any(each.what == "share" and not each.levels for each in recipe.measures):
        return recipe
    checked(log, recipe)
    with _working(log, progress) as engine:
        return _resolved(engine, log, recipe)


def query_text(log: Log, recipe: EventRecipe, progress: Progress | None = None) -> str:
    """The query that `unit_log` runs, to read and to take elsewhere.

    Raises what `unit_log` raises before it runs.
    """
    from causal.logs.event_query import units_query

    checked(log, recipe)
    with _working(log, progress) as engine:
        return engine.text(units_query(_plan(engine, log, recipe)))


def attrition(log: Log, recipe: EventRecipe, progress: Progress | None = None) -> Attrition:
    """How many events and units each step of the recipe leaves out, in its order.

    Raises what `unit_log` raises, except EmptyLog.
    """
    checked(log, recipe)
    with _working(log, progress) as engine:
        plan = _plan(engine, log, recipe)
        events = _event_counts(engine, plan)
        return _told(recipe, events, _unit_counts(engine, plan))


def room(log: Log, recipe: EventRecipe, progress: Progress | None = None) -> tuple[int, int] | None:
    """The seconds for which the log knows half of the units before and after their anchor; None without any unit.

    Raises what `attrition` raises.
    """
    from causal.logs.event_query import room_query

    checked(log, recipe)
    with _working(log, progress) as engine:
        ((first, last, middle),) = engine.rows(room_query(_plan(engine, log, recipe)))
    if None in (first, last, middle):
        return None
    return max(0, int(middle) - int(first)) // 1_000_000, max(0, int(last) - int(middle)) // 1_000_000


def kinds_of(log: Log, column: str, most: int = 200, progress: Progress | None = None) -> dict[str, int]:
    """The values of a column as text, with their rows: the most frequent first, ties in their order.

    Raises UnknownColumn.
    """
    with _working(log, progress) as engine:
        return _levels(engine, log, column, int(most))


def checked(log: Log, recipe: EventRecipe) -> None:
    """Raises UnknownColumn where the recipe names a column that the log does not have."""
    columns = recipe.columns
    wanted = [columns.user, columns.time, columns.kind, columns.item, columns.session, *recipe.cleaning.key]
    wanted += [each for measure in recipe.measures for each in (measure.column, measure.over_column)]
    for each in wanted:
        if each is not None and each not in log.names:
            raise UnknownColumn.named(each, log.names)


def _making(progress: Progress, share: float) -> None:
    progress(share, "making one row per unit")


@contextmanager
def _working(log: Log, progress: Progress | None = None) -> Iterator[Engine]:
    with (
        tempfile.TemporaryDirectory(prefix="units-", dir=log_folder()) as work,
        _engine(log, Path(work), progress) as engine,
    ):
        yield engine


@contextmanager
def _engine(log: Log, work: Path, progress: Progress | None = None) -> Iterator[Engine]:
    if log.connection is None:
        tell = None if progress is None else partial(_making, progress)
        with FileEngine.opened(log, work, tell) as engine:
            yield engine
        return
    from causal.logs.warehouses import opened, working

    watch = None if progress is None else working(progress, log.connection)
    with opened(log.connection, log.name, watch) as warehouse:
        yield warehouse


@contextmanager
def working_plan(log: Log, recipe: EventRecipe, work: Path) -> Iterator[tuple[Engine, Plan]]:
    """An engine that reads the log, spilling into the folder `work`, and the recipe's plan for it."""
    with _engine(log, work) as engine:
        yield engine, _plan(engine, log, recipe)


def _plan(engine: Engine, log: Log, recipe: EventRecipe) -> Plan:
    """The recipe's plan, which must know how long the log is where days are not those of UTC."""
    from causal.logs.event_query import Plan, check_clock, span_query

    check_clock(log, recipe)
    plan = Plan(log, recipe)
    if not plan.needs_span:
        return plan
    ((low, high),) = engine.rows(span_query(plan))
    return plan if low is None else replace(plan, span=(int(low), int(high)))


def _resolved(engine: Engine, log: Log, recipe: EventRecipe) -> EventRecipe:
    levels = {
        each: tuple(_levels(engine, log, str(each.column), each.top, each.kinds, recipe))
        for each in recipe.measures
        if each.what == "share" and not each.levels
    }
    return with_levels(recipe, levels) if levels else recipe


def _levels(
    engine: Engine,
    log: Log,
    column: str,
    most: int,
    kinds: tuple[str, ...] = (),
    recipe: EventRecipe | None = None,
) -> dict[str, int]:
    """The most frequent values of a column among all events of some kinds, with their rows."""
    from causal.logs.event_query import levels_query

    kind_column = None if recipe is None else recipe.columns.kind
    found = engine.rows(levels_query(log, column, most, kinds, kind_column))
    return {_written(level, log.kind(column)): int(count) for level, count in found}


def _written(level: Any, kind: Kind) -> str:
    """A value as a recipe names it."""
    if kind == "time":
        return str(datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=int(level)))
    return str(bool(level)).lower() if kind == "boolean" else str(level)


def _event_counts(engine: Engine, plan: Plan) -> dict[str, int]:
    """The rows of the log, and of them: those of each step that leaves some out."""
    from causal.logs.event_query import event_counts_query

    query = event_counts_query(plan)
    (found,) = engine.rows(query)
    return dict(zip((called for called, _ in query.shown), (int(each) for each in found), strict=True))


def _unit_counts(engine: Engine, plan: Plan) -> tuple[int, ...]:
    """The counts of `unit_counts_query`."""
    from causal.logs.event_query import unit_counts_query

    (found,) = engine.rows(unit_counts_query(plan))
    return tuple(int(each) for each in found)


def _told(recipe: EventRecipe, events: Mapping[str, int], counted: tuple[int, ...]) -> Attrition:
    candidates, anchored, here, calm, own, over, whole, kept, new = counted
    names = {
        "timed": "without a user or a time",
        "dated": "outside the dates",
        "single": "that repeat a row" if recipe.cleaning.duplicates == "rows" else "that repeat a key",
        "people": "by machines",
    }
    steps, left = [], events["events"]
    for each, count in events.items():
        if each not in names:
            continue
        steps.append(AttritionStep("events", names[each], left - count, count))
        left = count
    steps.append(AttritionStep("units", "found in the events", 0, candidates))
    steps.append(AttritionStep("units", "without an anchor", candidates - anchored, anchored))
    if recipe.knows_newcomers and recipe.newcomers == "drop":
        steps.append(AttritionStep("units", "without an event before the date", anchored - here, here))
    if recipe.cleaning.limits_days and recipe.cleaning.machine_days == "before":
        steps.append(AttritionStep("units", "of machines", here - calm, calm))
    left = calm
    flagged = [("without the anchor's event, kept from their first event on", calm - own)]
    if recipe.reach and recipe.incomplete == "drop":
        steps.append(AttritionStep("units", "whose window the log cuts off", left - over, over))
        left = over
    elif recipe.reach:
        flagged.append(("whose window the log cuts off", left - over))
    if recipe.history and recipe.short_history == "drop":
        steps.append(AttritionStep("units", "whose history the log cuts off", left - whole, whole))
    elif recipe.history:
        flagged.append(("whose history the log cuts off", kept - whole))
    if recipe.newcomers == "keep":
        flagged.append(("without an event before the date", new))
    return Attrition(events["events"], tuple(steps), tuple((why, count) for why, count in flagged if count))
