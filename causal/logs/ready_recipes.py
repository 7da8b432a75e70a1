"""Five event recipes ready to be used: each looks for its columns and kinds of events by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from causal.logs.columns import ColumnGuess, guess, words_of
from causal.logs.event_recipe import (
    Anchor,
    Cleaning,
    Clock,
    Duplicates,
    EventColumns,
    EventRecipe,
    Measure,
    UnitOf,
    retained,
)
from causal.logs.event_units import kinds_of
from causal.logs.log import Log
from causal.logs.reading import sample_rows
from causal.logs.time_range import DAY, after, before
from causal.logs.vocabulary import (
    AMOUNTS,
    CATEGORIES,
    DURATIONS,
    EVENTS,
    ITEMS,
    KINDS,
    PEOPLE,
    SESSIONS,
    folded,
)

_MOST_KINDS = 50
_MOST_ARMS = 10
_MACHINE_SHARE = 0.999
_MOST_SECONDS = 1e11
"""Seconds since 1970 stay below it for three thousand years; milliseconds passed it in 1973."""
_LENGTHS = (30, 28, 21, 14, 10, 7, 5, 4, 3, 2, 1, 1 / 2, 1 / 4, 1 / 24, 1 / 48, 1 / 144, 1 / 1_440)
"""Days of windows that are shorter than usual: whole days, 12, 6 and 1 hour, 30, 10 and 1 minute."""

Room = tuple[int, int]
"""The seconds for which a log knows half of the units before and after their anchor (`event_units.room`)."""


@dataclass(frozen=True)
class ReadyRecipe:
    """A recipe for one sort of log, in the terms of `vocabulary.EVENTS`.

    `anchor` and `outcome`: what begins and what counts, the first of each that the log has; `history` and `days`: how
    many days before and after the anchor are looked at; `returns` on which day after it people should be back.
    """

    name: str
    title: str
    story: str
    unit: UnitOf
    anchor: tuple[str, ...]
    outcome: tuple[str, ...]
    history: float
    days: float
    returns: int | None = None


READY: tuple[ReadyRecipe, ...] = (
    ReadyRecipe(
        "shop",
        "Shop",
        "Users from the first thing they were shown: do they buy within 7 days, and for how much?",
        "user",
        ("exposure", "view", "click"),
        ("purchase", "cart", "click"),
        28,
        7,
    ),
    ReadyRecipe(
        "news",
        "News",
        "Sessions with less than 30 minutes between events: how much is read, given what the user read before?",
        "session",
        (),
        ("click", "view", "play"),
        28,
        1,
    ),
    ReadyRecipe(
        "video",
        "Video or music",
        "Users from their first exposure: how long do they watch or listen in the 7 days that follow?",
        "user",
        ("exposure", "click", "play"),
        ("play", "view"),
        14,
        7,
    ),
    ReadyRecipe(
        "social",
        "Social network",
        "Users from their first exposure: are they back on day 7, and how often do they react?",
        "user",
        ("exposure", "view", "react"),
        ("react", "click", "view"),
        14,
        7,
        7,
    ),
    ReadyRecipe(
        "subscription",
        "Subscription",
        "Subscribers from their start: do they cancel within 30 days, and when?",
        "user",
        ("subscribe", "exposure"),
        ("cancel",),
        28,
        30,
    ),
)


@dataclass(frozen=True)
class EventGuess:
    """What the columns and kinds of a log seem to be, as a log of events.

    `amount`, `duration`, `category` and `treatment` are columns; `kinds` maps each sort of event to the kinds of the
    log that say so.
    """

    columns: EventColumns
    kinds: Mapping[str, tuple[str, ...]]
    amount: str | None = None
    duration: str | None = None
    category: str | None = None
    treatment: str | None = None


def guess_events(log: Log) -> EventGuess | None:
    """The log as one of events: users with several rows each, and a time; None where it does not look like one."""
    guesses = guess(log)
    user = _first(guesses, PEOPLE, lambda each: each.role == "identifier" or each.type == "category")
    time = _first_time(log, guesses)
    if user is None or time is None or _once_each(guesses, user):
        return None
    taken = {user, time}
    few = [each for each in guesses if each.type in ("category", "binary") and each.name not in taken]
    kind = _kind_column(log, few)
    kinds = () if kind is None else tuple(kinds_of(log, kind, _MOST_KINDS))
    numbers = [each for each in guesses if each.name not in taken and log.kind(each.name) in ("integer", "number")]
    numbers = [each for each in numbers if each.type == "numeric"]
    others = [each for each in few if each.name != kind]
    return EventGuess(
        EventColumns(
            user,
            time,
            kind,
            _first([each for each in guesses if each.name not in (*taken, kind)], ITEMS, _identifies),
            _first([each for each in guesses if each.name not in (*taken, kind)], SESSIONS, _identifies),
            clock_of(log, time),
        ),
        {sort: tuple(each for each in kinds if _words(each) & words) for sort, words in EVENTS.items()},
        _first(numbers, AMOUNTS),
        _first(numbers, DURATIONS),
        _first(others, CATEGORIES),
        _treatment(others),
    )


def counterparts(log: Log, other: Log) -> dict[str, str | None]:
    """The columns of `log` that say who and when, where `other` lacks them, each with what stands for it there.

    None where nothing in `other` does, as far as names and kinds tell. A log without a column of times has none.
    """
    found, guesses = guess_events(log), guess(log)
    who = _first(guesses, PEOPLE) if found is None else found.columns.user
    when = _first_time(log, guesses) if found is None else found.columns.time
    if when is None:
        return {}
    free = [each for each in guess(other) if each.name not in log.names]
    told = {who: _first(free, PEOPLE), when: _first_time(other, free)}
    return {own: theirs for own, theirs in told.items() if own is not None and own not in other.names}


def _first_time(log: Log, guesses: Sequence[ColumnGuess]) -> str | None:
    """The first column of times; one that is written as a time before one that is a number or a text."""
    times = [each.name for each in guesses if each.type == "time"]
    return next((each for each in sorted(times, key=lambda each: log.kind(each) != "time")), None)


def clock_of(log: Log, time: str) -> Clock:
    """How a column writes the time: as times, or as seconds or milliseconds since 1970, told by their size."""
    if log.kind(time) == "time":
        return "time"
    if log.kind(time) not in ("integer", "number"):
        return "seconds"
    highest = sample_rows(log, 1_000)[time].max()
    return "milliseconds" if highest > _MOST_SECONDS else "seconds"


def rows_are_events(log: Log) -> bool:
    """Whether rows are events rather than units: users come several times, and a column says what they did."""
    found = guess_events(log)
    return found is not None and found.columns.kind is not None


def fitted(ready: ReadyRecipe, room: Room | None) -> ReadyRecipe:
    """The recipe with windows that at least half of the units have in a log; as it is where nothing is known of it."""
    if room is None:
        return ready
    known, followed = (seconds / DAY for seconds in room)
    back = None if ready.returns is None else min(ready.returns, int(followed) - 1)
    return replace(
        ready,
        history=_longest(ready.history, max(known, min(1.0, known + followed))),
        days=_longest(ready.days, followed),
        returns=back if back is not None and back > 0 else None,
    )


def ready_recipe(
    ready: ReadyRecipe, found: EventGuess, repeated: bool = False, room: Room | None = None
) -> EventRecipe:
    """The recipe with the columns and kinds that were guessed; `repeated`: whether equal rows should count once.

    `room`: what the log knows of the recipe's units, to which its windows are fitted (without it: the usual ones).
    Covariates that would look at where nothing can lie are left out, unless all of them would: then the recipe says so.
    """
    ready = fitted(ready, room)
    anchored = _kinds(found, ready.anchor)
    anchor = Anchor("first of a kind", anchored) if anchored else Anchor()
    treatment = None if found.treatment is None else Measure("value", column=found.treatment)
    duplicates: Duplicates = "rows" if repeated else "keep"
    gap = 1_800 if ready.unit == "session" and found.columns.session is None else None
    made = EventRecipe(
        found.columns,
        ready.unit,
        anchor,
        treatment,
        _distinct(_outcomes(ready, found)),
        _distinct(_covariates(ready, found)),
        Cleaning(duplicates, quantile_per_day=_MACHINE_SHARE, session_gap=gap),
    )
    seen = tuple(each for each in made.covariates if each not in made.blank)
    return replace(made, covariates=seen) if seen else made


def best_ready(found: EventGuess) -> ReadyRecipe:
    """The ready recipe that finds most of what it looks for: its outcome first of all, its anchor, its amounts."""

    def worth(ready: ReadyRecipe) -> tuple[int, int, bool]:
        places = [place for place, sort in enumerate(ready.outcome) if found.kinds.get(sort)]
        begins = bool(_kinds(found, ready.anchor))
        wanted = (places, begins or not ready.anchor, _amounts(ready, found))
        return sum(map(bool, wanted)), -min(places, default=len(EVENTS)), begins

    return max(READY, key=worth)


def _outcomes(ready: ReadyRecipe, found: EventGuess) -> list[Measure]:
    kinds, window = _kinds(found, ready.outcome), after(ready.days)
    made = [Measure("sum", window, kinds, column) for column in _amounts(ready, found)]
    if ready.returns is not None:
        made.append(retained(ready.returns))
    if ready.name == "subscription":
        made += [Measure("any", window, kinds), Measure("time to", window, kinds)]
    elif ready.name == "shop":
        made.append(Measure("any", window, kinds))
    else:
        made.append(Measure("count", window, kinds))
    return made


def _covariates(ready: ReadyRecipe, found: EventGuess) -> list[Measure]:
    kinds, window = _kinds(found, ready.outcome), before(ready.history)
    called = f"events_{ready.history:g}d_before" if ready.history >= 1 else ""
    made = [Measure("count", window, of="user", name=called)]
    if kinds:
        made.append(Measure("count", window, kinds, of="user"))
    made += [Measure("sum", window, kinds, column, of="user") for column in _amounts(ready, found)]
    if found.category is not None:
        made.append(Measure("share", window, column=found.category, of="user", name=f"{found.category}_share"))
    return made


def _longest(usual: float, room: float) -> float:
    """The usual number of days if there is room for it, else the longest that fits; the usual one if none does."""
    return usual if usual <= room else next((each for each in _LENGTHS if each <= room), usual)


def _amounts(ready: ReadyRecipe, found: EventGuess) -> list[str]:
    wanted = {"shop": found.amount, "video": found.duration, "news": found.duration}.get(ready.name)
    return [] if wanted is None else [wanted]


def _distinct(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    return tuple({each.name.casefold(): each for each in measures}.values())


def _kinds(found: EventGuess, sorts: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of the first sort of event that the log has."""
    return next((found.kinds[sort] for sort in sorts if found.kinds.get(sort)), ())


def _words(text: str) -> set[str]:
    return {folded(each) for each in words_of(text)} | {folded(text)}


def _first(
    guesses: Sequence[ColumnGuess], words: frozenset[str], fits: Callable[[ColumnGuess], bool] = lambda _: True
) -> str | None:
    return next((each.name for each in guesses if _words(each.name) & words and fits(each)), None)


def _identifies(each: ColumnGuess) -> bool:
    return each.role == "identifier" or each.distinct > _MOST_KINDS


def _once_each(guesses: Sequence[ColumnGuess], user: str) -> bool:
    return any("nearly every row" in each.reason for each in guesses if each.name == user)


def _kind_column(log: Log, few: Sequence[ColumnGuess]) -> str | None:
    """The column whose name or values say what happened; its values decide where both are there."""
    spoken = {word for words in EVENTS.values() for word in words}
    ranked = []
    for each in few:
        if log.kind(each.name) != "text" or each.distinct > _MOST_KINDS:
            continue
        levels = kinds_of(log, each.name, _MOST_KINDS)
        known = sum(bool(_words(level) & spoken) for level in levels) / max(len(levels), 1)
        named = bool(_words(each.name) & KINDS)
        if named or known > 0.5:
            ranked.append((known + named, each.name))
    return max(ranked)[1] if ranked else None


def _treatment(others: Sequence[ColumnGuess]) -> str | None:
    arms = [each for each in others if each.treatment_score >= 1 and 2 <= each.distinct <= _MOST_ARMS]
    return max(arms, key=lambda each: each.treatment_score).name if arms else None
