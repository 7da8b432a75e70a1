"""An event recipe as one query, in named steps, each read by the next: the same for every engine.

Only exact operations that no order of rows can change are used, on values that mean the same everywhere (moments are
microseconds since 1970, in whole numbers), so that the same recipe gives the same digits on any engine and any number
of threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import ibis
from ibis import _

from causal.errors import LogError
from causal.logs.event_measures import Asked, measured
from causal.logs.event_pieces import LOOKED_UP, Columns, Piece, Pieces, Wanted, aggregated
from causal.logs.event_recipe import EventRecipe, moment_of
from causal.logs.event_sweep import Sweep
from causal.logs.local_days import MICRO, Span, day_begins, instant, local_day
from causal.logs.log import Kind, Log
from causal.logs.sql import plain_labels

TYPES: Mapping[Kind, str] = {
    "integer": "int64",
    "number": "float64",
    "boolean": "int64",
    "time": "int64",
    "text": "string",
}
"""How each kind of column is held in a query: moments as microseconds since 1970, true and false as 1 and 0."""

SOURCE = "events"
"""The step that gives the log's rows, which each engine writes for itself."""

EVENT_STEPS = ("timed", "dated", "single", "people")
"""The steps that leave some of the events out."""

FILTERS = (SOURCE, "timed", "dated")
"""The steps that only look at each row by itself: to keep what they give would cost memory and save nothing."""


@dataclass(frozen=True)
class Step:
    """One named step of the query."""

    name: str
    expression: Any


@dataclass
class Steps:
    """The steps so far."""

    made: list[Step] = field(default_factory=list)

    def add(self, name: str, expression: Any) -> Any:
        """The rows of a new step, to be read by the next."""
        self.made.append(Step(name, expression))
        return ibis.table(expression.schema(), name=name)

    def rows(self, name: str) -> Any:
        """The rows of a step."""
        return next(ibis.table(each.expression.schema(), name=name) for each in self.made if each.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """What the steps are called."""
        return tuple(each.name for each in self.made)


@dataclass(frozen=True)
class Query:
    """The steps, and what is asked of them at last.

    `source`: the columns of the log that it reads, and what the first step calls them. `shown`: what each of its
    columns is called in the table of units, and its kind.
    """

    source: Mapping[str, str]
    steps: tuple[Step, ...]
    last: Any
    shown: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A recipe for a log, with what its columns are called; `span` is needed where days are not those of UTC."""

    log: Log
    recipe: EventRecipe
    span: Span | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that the recipe reads, in the log's order."""
        return used_columns(self.log, self.recipe)

    @property
    def labels(self) -> dict[str, str]:
        """What each column of the log is called in the query."""
        columns = self.recipe.columns
        time = {columns.time: "__at"} if columns.clock == "time" else {}
        return plain_labels(self.log.names) | time

    @property
    def source(self) -> dict[str, str]:
        """The columns that the recipe reads, and what they are called in the query."""
        return {each: self.labels[each] for each in self.used}

    @property
    def columns(self) -> Columns:
        """The columns as measures see them."""
        return Columns(self.log, self.labels, self.recipe.columns.kind)

    @property
    def user(self) -> str:
        """What the column of users is called."""
        return self.labels[self.recipe.columns.user]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that are shown as a unit's key."""
        recipe, labels = self.recipe, self.labels
        item = recipe.columns.item
        if recipe.unit == "session":
            own = recipe.columns.session
            return (self.user, "__session" if own is None else labels[own])
        if item is not None and recipe.unit in ("user and item", "impression"):
            return (self.user, labels[item])
        return (self.user, "__day") if recipe.unit == "user and day" else (self.user,)

    @property
    def unit_keys(self) -> tuple[str, ...]:
        """What tells one unit from all others."""
        return ("__row",) if self.recipe.unit == "impression" else self.keys

    @property
    def makes_days(self) -> bool:
        """Whether the query must know on which day an event was."""
        return self.recipe.cleaning.limits_days or self.recipe.unit == "user and day"

    @property
    def needs_span(self) -> bool:
        """Whether the query must know how long the log is."""
        return self.makes_days and self.recipe.time_zone != "UTC"

    def matched(self, scope: str) -> tuple[str, ...]:
        """What events have in common with a unit whose measures of this scope count them."""
        return (self.user,) if scope == "user" or self.recipe.unit == "user and day" else self.keys

    def shares_events(self, scope: str) -> bool:
        """Whether one event can count for several units."""
        return self.recipe.unit in ("impression", "user and day") or self.matched(scope) != self.keys


def used_columns(log: Log, recipe: EventRecipe) -> tuple[str, ...]:
    """The columns of the log that the recipe reads, in the log's order: all where equal rows count once."""
    columns, cleaning = recipe.columns, recipe.cleaning
    wanted = {columns.user, columns.time, columns.kind, columns.item, columns.session, *cleaning.key}
    wanted |= {each for measure in recipe.measures for each in (measure.column, measure.over_column)}
    if cleaning.duplicates != "keep" or recipe.unit == "impression":
        return log.names
    return tuple(each for each in log.names if each in wanted)


def source_rows(log: Log, source: Mapping[str, str]) -> Any:
    """The log's rows as the first step gives them."""
    return ibis.table({label: TYPES[log.kind(each)] for each, label in source.items()}, name=SOURCE)


def check_clock(log: Log, recipe: EventRecipe) -> None:
    """Raises LogError where the column of times does not hold what the recipe says of it."""
    time, clock, kind = recipe.columns.time, recipe.columns.clock, log.kind(recipe.columns.time)
    if clock == "time" and kind != "time":
        raise LogError(
            f'"{time}" holds no times. Choose the column that says when an event was, or say that '
            "its numbers are seconds or milliseconds since 1970."
        )
    if clock != "time" and kind not in ("integer", "number"):
        raise LogError(
            f'"{time}" holds {kind}, which could not be read as times. Choose another column, or write its times as '
            "2024-05-31 14:00:00 or, with an offset, as 2024-05-31 14:00:00+02:00, and open the log again."
        )


def units_query(plan: Plan) -> Query:
    """One row per unit that stays: its key, its anchor, treatment, covariates, outcomes; in the order of the keys."""
    steps, recipe = Steps(), plan.recipe
    event_steps(plan, steps)
    unit_steps(plan, steps)
    formulas, wanted = _formulas(plan)
    full = steps.rows("kept")
    for scope, pieces in wanted.items():
        full = _with_pieces(plan, steps, full, scope, pieces)
    shown = [*zip((*plan.keys, "__anchor"), recipe.key_names, strict=True)]
    made = plain_labels([*recipe.key_names, *formulas])
    columns = {made[called]: _[inner] for inner, called in shown}
    columns |= {made[called]: formula for called, formula in formulas.items()}
    last = full.order_by([full[key] for key in plan.unit_keys]).select(**columns)
    kinds = tuple((called, _kind(plan, called, last.schema()[label])) for called, label in made.items())
    return Query(plan.source, tuple(steps.made), last, kinds)


def span_query(plan: Plan) -> Query:
    """The first and the last moment of the log."""
    source = source_rows(plan.log, plan.source)
    at = source["__at"] if plan.recipe.columns.clock == "time" else _counted_clock(plan, source)
    return Query(plan.source, (), source.agg(first=at.min(), last=at.max()))


def levels_query(log: Log, column: str, most: int, kinds: tuple[str, ...], kind_column: str | None) -> Query:
    """The most frequent values of a column among the events of some kinds (none: of all), with their rows."""
    labels = plain_labels(log.names)
    columns = Columns(log, labels, kind_column)
    source = {each: labels[each] for each in log.names if each in (column, kind_column)}
    rows = source_rows(log, source)
    wanted = rows.filter(columns.matches(rows, Wanted(kinds, column)))
    counted = wanted.group_by(level=columns.held(wanted, column)).agg(times=wanted.count())
    ordered = counted.order_by(counted["times"].desc(), counted["level"])
    return Query(source, (), ordered.limit(most))


def event_counts_query(plan: Plan) -> Query:
    """One row: how many rows the log has, and each step of the events that leaves some out."""
    steps = Steps()
    event_steps(plan, steps)
    counted = [each for each in steps.names if each in EVENT_STEPS]
    all_rows = source_rows(plan.log, plan.source)
    last = all_rows.agg(events=all_rows.count())
    last = last.mutate(**{each: steps.rows(each).count().as_scalar() for each in counted})
    return Query(plan.source, tuple(steps.made), last, tuple((each, "integer") for each in (SOURCE, *counted)))


def unit_counts_query(plan: Plan) -> Query:
    """One row of counts, each of the units that the one before lets through.

    Units; with any anchor; no newcomers; no machines; with an anchor of their own; whose windows are over; whose
    history is whole; and of those that stay before their history is looked at, the number and the newcomers.
    """
    steps, recipe = Steps(), plan.recipe
    event_steps(plan, steps)
    unit_steps(plan, steps)
    units = steps.rows("units")
    anchored = units["__anchor"].notnull()
    new = units["__new"] if recipe.knows_newcomers else ibis.literal(False)
    machine = units["__machine"] if "__machine" in units.columns else ibis.literal(False)
    here = anchored & ~new if recipe.newcomers == "drop" else anchored
    flags = units.select(
        own=units["__exposed"],
        new=new,
        anchored=anchored,
        here=here,
        calm=here & ~machine,
        over=whole_window(plan, steps, units),
        whole=whole_history(plan, steps, units),
    )
    kept = flags["calm"] & (flags["over"] if recipe.incomplete == "drop" else ibis.literal(True))
    last = flags.agg(
        units=flags.count(),
        anchored=flags.count(where=flags["anchored"]),
        here=flags.count(where=flags["here"]),
        calm=flags.count(where=flags["calm"]),
        own=flags.count(where=flags["calm"] & flags["own"]),
        over=flags.count(where=flags["calm"] & flags["over"]),
        whole=flags.count(where=kept & flags["whole"]),
        kept=flags.count(where=kept),
        new=flags.count(where=kept & flags["new"]),
    )
    return Query(plan.source, tuple(steps.made), last)


def room_query(plan: Plan) -> Query:
    """One row: the first and the last moment of the events that count, and the middle one of the units' anchors."""
    steps = Steps()
    event_steps(plan, steps)
    unit_steps(plan, steps)
    rows, units = _log_rows(steps), steps.rows("units")
    middle = _quantile(units.filter(units["__anchor"].notnull())["__anchor"], 0.5)
    last = rows.agg(first=rows["__at"].min(), last=rows["__at"].max()).mutate(middle=middle.as_scalar())
    return Query(plan.source, tuple(steps.made), last)


def event_steps(plan: Plan, steps: Steps) -> None:
    """From the rows to the events that count: `timed`, and as asked for `dated`, `single`, `people`, `sessions`."""
    recipe, cleaning = plan.recipe, plan.recipe.cleaning
    source = source_rows(plan.log, plan.source)
    if recipe.columns.clock != "time":
        source = source.mutate(__at=_counted_clock(plan, source))
    timed = source.filter(source[plan.user].notnull(), source["__at"].notnull())
    if plan.makes_days:
        timed = timed.mutate(__day=local_day(timed["__at"], recipe.time_zone, plan.span))
    events = steps.add("timed", timed)
    if cleaning.since is not None or cleaning.until is not None:
        events = steps.add("dated", _between(plan, events))
    if cleaning.duplicates == "rows":
        events = steps.add("single", events.distinct())
    elif cleaning.duplicates == "key":
        events = steps.add("single", _first_of_each_key(plan, events))
    if cleaning.limits_days and cleaning.machine_days == "all":
        events = _people(plan, steps, events)
    if recipe.unit == "session" and recipe.columns.session is None:
        _sessions(plan, steps, events)


def unit_steps(plan: Plan, steps: Steps) -> None:
    """The units with their anchors (`units`), and those that stay (`kept`), from the last of the event steps."""
    recipe, events = plan.recipe, last_events(steps)
    if recipe.unit == "impression":
        units = _impressions(plan, events)
    elif recipe.unit == "user and day":
        days = events.select(*plan.keys).distinct()
        begin = day_begins(days["__day"], recipe.time_zone, plan.span)
        units = days.mutate(__anchor=begin, __exposed=ibis.literal(True))
    else:
        units = _grouped_units(plan, events)
    if recipe.cleaning.limits_days and recipe.cleaning.machine_days == "before":
        units = _with_machines(plan, steps, steps.add("candidates", units))
    units = steps.add("units", units)
    stays = units.filter(units["__anchor"].notnull())
    if recipe.knows_newcomers and recipe.newcomers == "drop":
        stays = stays.filter(~stays["__new"])
    if "__machine" in units.columns:
        stays = stays.filter(~stays["__machine"])
    if recipe.incomplete == "drop" and recipe.reach:
        stays = stays.filter(whole_window(plan, steps, stays))
    if recipe.short_history == "drop" and recipe.history:
        stays = stays.filter(whole_history(plan, steps, stays))
    steps.add("kept", stays)


def last_events(steps: Steps) -> Any:
    """The rows of the step whose rows are the events that count."""
    return steps.rows([each for each in steps.names if each in (*EVENT_STEPS, "sessions")][-1])


def whole_window(plan: Plan, steps: Steps, units: Any) -> Any:
    """True of a unit whose longest window after the anchor is over when the log ends."""
    return units["__anchor"] + plan.recipe.reach * MICRO <= _log_rows(steps)["__at"].max().as_scalar()


def whole_history(plan: Plan, steps: Steps, units: Any) -> Any:
    """True of a unit whose longest window before the anchor begins no earlier than the log."""
    return units["__anchor"] - plan.recipe.history * MICRO >= _log_rows(steps)["__at"].min().as_scalar()


def _log_rows(steps: Steps) -> Any:
    """The events of the dates that count: where the log begins and ends."""
    return steps.rows("dated" if "dated" in steps.names else "timed")


def _between(plan: Plan, events: Any) -> Any:
    cleaning, zone = plan.recipe.cleaning, plan.recipe.time_zone
    if cleaning.since is not None:
        events = events.filter(events["__at"] >= instant(moment_of(cleaning.since), zone))
    if cleaning.until is not None:
        events = events.filter(events["__at"] < instant(moment_of(cleaning.until), zone))
    return events


def _counted_clock(plan: Plan, source: Any) -> Any:
    """Moments that are written as seconds or milliseconds since 1970."""
    time, clock = plan.recipe.columns.time, plan.recipe.columns.clock
    held, kind = source[plan.labels[time]], plan.log.kind(time)
    factor = MICRO if clock == "seconds" else 1_000
    known = ibis.ifelse(held.abs() < 2**62 // factor, held, ibis.null(held.type()))
    return known * factor if kind == "integer" else (known * float(factor) + 0.5).floor().cast("int64")


def _first_of_each_key(plan: Plan, events: Any) -> Any:
    labels = plan.labels
    key = [labels[each] for each in plan.recipe.cleaning.key]
    every = dict.fromkeys(["__at", *plan.source.values()])
    order = _in_order(events, every)
    place = ibis.row_number().over(group_by=key, order_by=order)
    lacking = events[key[0]].isnull()
    for each in key[1:]:
        lacking = lacking | events[each].isnull()
    numbered = events.mutate(__place=place, __lacking=lacking)
    return numbered.filter(numbered["__lacking"] | (numbered["__place"] == 0)).select(*events.columns)


def _in_order(rows: Any, names: Iterable[str]) -> list[Any]:
    """By several columns, missing values last: engines put them elsewhere, and not all let themselves be told."""
    return [each for name in names for each in (rows[name].isnull(), rows[name])]


def _people(plan: Plan, steps: Steps, events: Any) -> Any:
    """The events of those who have on no day more events than the limits let through."""
    cleaning = plan.recipe.cleaning
    days = events.group_by(plan.user, "__day").agg(__number=events.count())
    days = steps.add("busy_days", days)
    worst = steps.add("worst_days", days.group_by(plan.user).agg(__number=days["__number"].max()))
    people = worst
    if cleaning.most_per_day is not None:
        people = people.filter(people["__number"] <= cleaning.most_per_day)
    if cleaning.quantile_per_day is not None:
        limit = _quantile(days["__number"], cleaning.quantile_per_day)
        people = people.filter(people["__number"] <= limit.as_scalar())
    return steps.add("people", events.semi_join(steps.add("calm", people.select(plan.user)), plan.user))


def _with_machines(plan: Plan, steps: Steps, units: Any) -> Any:
    """The units, and of each whether its user did too much on a day already before its anchor."""
    events, user = last_events(steps), plan.user
    anchored = units.filter(units["__anchor"].notnull())
    latest = steps.add("latest", anchored.group_by(user).agg(__until=anchored["__anchor"].max()))
    joined = events.join(latest, user)
    earlier = joined.filter(joined["__at"] < joined["__until"])
    earlier = steps.add("earlier", earlier.select(user, "__at", "__day"))
    days = steps.add("busy_days", earlier.group_by(user, "__day").agg(__number=earlier.count()))
    crowded = steps.add("crowded", days.filter(_too_many(plan, days, days)).select(user, "__day"))
    among = earlier.semi_join(crowded, [user, "__day"])
    so_far = ibis.range_window(group_by=[user, "__day"], order_by=among["__at"], preceding=None, following=0)
    numbered = steps.add("numbered", among.select(user, "__at", __number=among["__at"].count().over(so_far)))
    beyond = numbered.filter(_too_many(plan, numbered, days))
    since = steps.add("machines", beyond.group_by(__machine_user=beyond[user]).agg(__since=beyond["__at"].min()))
    known = units.left_join(since, units[user] == since["__machine_user"])
    early = since["__since"].notnull() & (since["__since"] < units["__anchor"])
    return known.select(*(units[each] for each in units.columns), early.fill_null(False).name("__machine"))


def _too_many(plan: Plan, rows: Any, days: Any) -> Any:
    """True of a number of events beyond a limit; `days` hold those of all users' days."""
    cleaning, over = plan.recipe.cleaning, ibis.literal(False)
    if cleaning.most_per_day is not None:
        over = rows["__number"] > cleaning.most_per_day
    if cleaning.quantile_per_day is not None:
        over = over | (rows["__number"] > _quantile(days["__number"], cleaning.quantile_per_day).as_scalar())
    return over


def _quantile(values: Any, share: float) -> Any:
    """The smallest value that so many of all values do not exceed, in whole numbers: engines' own quantiles differ."""
    exact = Fraction(Decimal(repr(share))).limit_denominator(10**9)
    counted = values.as_table().group_by(values.get_name()).agg(__times=_.count())
    within = ibis.window(order_by=counted[values.get_name()], preceding=None, following=0)
    ranked = counted.mutate(__up_to=counted["__times"].sum().over(within), __all=counted["__times"].sum().over())
    reached = ranked.filter(ranked["__up_to"] * exact.denominator >= ranked["__all"] * exact.numerator)
    return reached[values.get_name()].min()


def _sessions(plan: Plan, steps: Steps, events: Any) -> None:
    """Events at the same time share their session: the running sum counts all of them at once."""
    gap = (plan.recipe.cleaning.session_gap or 0) * MICRO
    by_user = {"group_by": plan.user, "order_by": events["__at"]}
    waited = events["__at"] - events["__at"].lag().over(**by_user)
    gaps = steps.add("gaps", events.mutate(__new=ibis.ifelse(waited > gap, 1, 0).cast("int64")))
    so_far = ibis.range_window(group_by=plan.user, order_by=gaps["__at"], preceding=None, following=0)
    steps.add(
        "sessions", gaps.mutate(__session=gaps["__new"].sum().over(so_far) + 1).select(*events.columns, "__session")
    )


def _grouped_units(plan: Plan, events: Any) -> Any:
    recipe = plan.recipe
    present = events.filter([events[key].notnull() for key in plan.keys])
    grouped = present.group_by(*plan.keys).agg(__first=present["__at"].min(), __own=_anchor(plan, present))
    if recipe.anchor.of == "date":
        # A number that stands alone has another type in ClickHouse than a moment, and no order among moments.
        grouped = grouped.mutate(__own=grouped["__first"] * 0 + instant(recipe.anchor.moment(), recipe.time_zone))
    own = grouped["__own"]
    anchor = own.coalesce(grouped["__first"]) if recipe.without_anchor == "keep" else own
    new = {"__new": grouped["__first"] >= own} if recipe.knows_newcomers else {}
    return grouped.select(*plan.keys, __anchor=anchor, __exposed=own.notnull(), **new)


def _anchor(plan: Plan, events: Any) -> Any:
    """The unit's own anchor among its events; one date for all is put in its place afterwards."""
    recipe, anchor = plan.recipe, plan.recipe.anchor
    where = None
    if anchor.of == "first of a kind":
        assert recipe.columns.kind is not None
        where = plan.columns.is_one_of(events, recipe.columns.kind, anchor.kinds)
    if anchor.of == "experiment start":
        where = events["__at"] >= instant(anchor.moment(), recipe.time_zone)
    return events["__at"].min(where=where)


def _impressions(plan: Plan, events: Any) -> Any:
    """Each event of the anchor's kinds is a unit, numbered by its time and then by everything that it holds."""
    recipe = plan.recipe
    shown = events.filter([events[key].notnull() for key in plan.keys])
    if recipe.anchor.kinds:
        assert recipe.columns.kind is not None
        shown = shown.filter(plan.columns.is_one_of(shown, recipe.columns.kind, recipe.anchor.kinds))
    order = dict.fromkeys(["__at", *plan.keys, *plan.source.values()])
    ordered = _in_order(shown, order)
    return shown.mutate(
        __row=ibis.row_number().over(order_by=ordered), __anchor=shown["__at"], __exposed=ibis.literal(True)
    )


def _formulas(plan: Plan) -> tuple[dict[str, Any], dict[str, Pieces]]:
    """The formula of each column, and the pieces of each scope."""
    wanted: dict[str, Pieces] = {}
    formulas: dict[str, Any] = {}
    for measure in plan.recipe.measures:
        pieces = wanted.setdefault(measure.of, Pieces(f"__{measure.of}_"))
        for column in measure.columns:
            formulas[column] = measured(Asked(plan.columns, plan.recipe, measure, column, pieces))
    return formulas, wanted


def _with_pieces(plan: Plan, steps: Steps, units: Any, scope: str, pieces: Pieces) -> Any:
    """The units with a column for each of the pieces of a scope."""
    counted = [each for each in pieces.names if each.of != "largest" or not plan.shares_events(scope)]
    counted = [each for each in counted if each.of != "at anchor"]
    if counted:
        make = _swept if plan.shares_events(scope) else _joined
        units = _joined_by(units, make(plan, steps, scope, counted, pieces), plan.unit_keys)
    for piece, name in pieces.names.items():
        if piece not in counted or piece.of in LOOKED_UP:
            units = _looked_up(plan, steps, units, scope, piece, name)
    return units


def _joined(plan: Plan, steps: Steps, scope: str, wanted: list[Piece], pieces: Pieces) -> Any:
    """Each unit joined with its own events, and aggregated."""
    kept, events, matched = steps.rows("kept"), last_events(steps), plan.matched(scope)
    joined = kept.select(*matched, "__anchor").join(events, list(matched))
    lag = joined["__at"] - joined["__anchor"]
    made = {pieces.names[each]: aggregated(joined, lag, each, plan.columns) for each in wanted}
    return steps.add(f"{scope}_pieces", joined.group_by(*matched).agg(**made))


def _swept(plan: Plan, steps: Steps, scope: str, wanted: list[Piece], pieces: Pieces) -> Any:
    """Units that share events, in one sweep over time."""
    sweep = Sweep(last_events(steps), steps.rows("kept"), plan.unit_keys, plan.matched(scope), plan.columns)
    made = {pieces.names[each]: sweep.read(each) for each in wanted}
    read = steps.add(f"{scope}_ends", sweep.table())
    return steps.add(f"{scope}_pieces", read.select(*plan.unit_keys, **made))


def _looked_up(plan: Plan, steps: Steps, units: Any, scope: str, piece: Piece, name: str) -> Any:
    """The units with a value that their events hold: at one moment, or of all times."""
    events, matched = last_events(steps), plan.matched(scope)
    assert piece.column is not None
    where = plan.columns.matches(events, piece.wanted)
    events = events if where is None else events.filter(where)
    held = plan.columns.held(events, piece.column)
    at = {} if piece.of == "largest" else {"__at": events["__at"]}
    value = held.min() if piece.of == "at anchor" else held.max()
    found = events.group_by(**{f"__with_{place}": events[key] for place, key in enumerate(matched)}, **at)
    looked = steps.add(f"found{name}", found.agg(__found=value))
    on = [units[key] == looked[f"__with_{place}"] for place, key in enumerate(matched)]
    if at:
        on.append((units["__anchor"] if piece.of == "at anchor" else units[name]) == looked["__at"])
    kept = [each for each in units.columns if each != name]
    return units.left_join(looked, on).select(*(units[each] for each in kept), looked["__found"].name(name))


def _joined_by(units: Any, pieces: Any, keys: tuple[str, ...]) -> Any:
    joined = units.join(pieces, [units[key] == pieces[key] for key in keys])
    return joined.select(
        *(units[each] for each in units.columns),
        *(pieces[each] for each in pieces.columns if each not in units.columns),
    )


def _kind(plan: Plan, called: str, held: Any) -> Kind:
    """The kind of a column of the units."""
    by_label = {label: column for column, label in plan.labels.items()}
    keys = dict(zip(plan.recipe.key_names, (*plan.keys, "__anchor"), strict=True))
    if called in keys:
        moments = ("__anchor", "__day")
        source = by_label.get(keys[called])
        if keys[called] in moments:
            return "time"
        return _plain_kind(held) if source is None else plan.log.kind(source)
    made_by = next(each for each in plan.recipe.measures if called in each.columns)
    if made_by.what in ("last value", "value", "attribute"):
        return plan.log.kind(str(made_by.column))
    return _plain_kind(held)


def _plain_kind(held: Any) -> Kind:
    return next(kind for kind, type_ in TYPES.items() if ibis.dtype(type_) == held.copy(nullable=True))
