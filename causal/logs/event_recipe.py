"""How events become units: who is a unit, from when on it is looked at, and what is counted before and after."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from causal.errors import LogError
from causal.logs.time_range import AT_ANCHOR, DAY, FROM_ANCHOR, HOUR, UNKNOWN_TIME, TimeRange

UnitOf = Literal["user", "session", "user and item", "impression", "user and day"]
AnchorOf = Literal["first event", "first of a kind", "experiment start", "date"]
What = Literal[
    "any",
    "count",
    "rate",
    "sum",
    "mean",
    "distinct",
    "last value",
    "recency",
    "time to",
    "share",
    "ratio",
    "value",
    "exposed",
    "attribute",
]
Clock = Literal["time", "seconds", "milliseconds"]
Duplicates = Literal["keep", "rows", "key"]
Choice = Literal["drop", "keep"]
MachineDays = Literal["before", "all"]

NEEDS_A_COLUMN: tuple[What, ...] = ("sum", "mean", "distinct", "last value", "share", "value", "attribute")
TIMELESS: tuple[What, ...] = ("value", "exposed", "attribute")
ONLY_BEFORE: tuple[What, ...] = ("recency",)
ONLY_AFTER: tuple[What, ...] = ("time to",)
OWN_ANCHOR: tuple[UnitOf, ...] = ("impression", "user and day")


@dataclass(frozen=True)
class EventColumns:
    """Which column of the log says who, when, what kind of event, on which item, in which session.

    `clock`: how the time is written where it is a number: seconds or milliseconds since 1970.
    """

    user: str
    time: str
    kind: str | None = None
    item: str | None = None
    session: str | None = None
    clock: Clock = "time"


@dataclass(frozen=True)
class Anchor:
    """The moment from which a unit is looked at: before it lie its covariates, from it on its outcomes.

    "first event" of the unit; "first of a kind": its first event among `kinds`; "experiment start": its first event at
    or after `at`; "date": `at` itself, the same for all. `at` is a date or a moment in ISO form, in the recipe's time
    zone. An impression is its own anchor, a user's day begins at its midnight.
    """

    of: AnchorOf = "first event"
    kinds: tuple[str, ...] = ()
    at: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(self.kinds))
        if self.of not in get_args(AnchorOf):
            raise LogError(f'"{self.of}" is no anchor. Choose one of: {", ".join(get_args(AnchorOf))}.')
        if self.of == "first of a kind" and not self.kinds:
            raise LogError("The anchor is the first event of a kind: say of which kinds.")
        if self.of in ("date", "experiment start"):
            self.moment()

    def moment(self) -> datetime.datetime:
        """The date or moment that `at` writes, without a time zone.

        Raises LogError.
        """
        return moment_of(self.at or "")


@dataclass(frozen=True)
class Measure:
    """One column of the unit table, computed from the events in `window`.

    `kinds`: only events of these kinds (none: of all). `column`: whose values are summed, averaged, counted once each
    ("distinct") or told apart ("share"). `of`: the events of the unit itself, or all of its user. `levels`: the values
    whose shares are columns; without them the `top` most frequent of the log. "ratio" divides the sum of `column` (the
    number of events of `kinds` without one) by that of `over_column` and `over_kinds`, and keeps both beside it.
    "value" is what the anchor's event holds; "exposed" whether the unit has an anchor's event; "attribute" a value that
    carries no time. Days are 24 hours. Nothing found gives 0, and a missing value for means, last values, recency, time
    to, and ratios over nothing.
    """

    what: What
    window: TimeRange = FROM_ANCHOR
    kinds: tuple[str, ...] = ()
    column: str | None = None
    of: Literal["unit", "user"] = "unit"
    name: str = ""
    levels: tuple[str, ...] = ()
    top: int = 3
    over_kinds: tuple[str, ...] = ()
    over_column: str | None = None

    def __post_init__(self) -> None:
        for field in ("kinds", "levels", "over_kinds"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        if self.what not in get_args(What):
            raise LogError(f'"{self.what}" cannot be computed. Choose one of: {", ".join(get_args(What))}.')
        if self.what in NEEDS_A_COLUMN and self.column is None:
            raise LogError(f'"{self.what}" needs a column whose values it takes.')
        if self.what not in TIMELESS:
            self._check_window()
        if not self.name:
            object.__setattr__(self, "name", default_name(self))

    def _check_window(self) -> None:
        start, end = self.window.start, self.window.end
        if start is not None and end is not None and start >= end:
            raise LogError(f'The window of "{self.what}" is empty: it must end after it begins.')
        if self.what == "rate" and (start is None or end is None):
            raise LogError("A rate per day needs a window with a beginning and an end.")
        if self.what in ONLY_BEFORE and (end is None or end > 0):
            raise LogError("Recency looks back: its window must end at the anchor or before.")
        if self.what in ONLY_AFTER and (start is None or start < 0):
            raise LogError("The time to an event looks ahead: its window must begin at the anchor or later.")

    @property
    def range(self) -> TimeRange:
        """From when its values are."""
        if self.what == "attribute":
            return UNKNOWN_TIME
        return AT_ANCHOR if self.what in ("value", "exposed") else self.window

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that it makes."""
        if self.what == "share":
            return tuple(f"{self.name}: {level}" for level in self.levels)
        if self.what == "ratio":
            return (self.name, f"{self.name}: numerator", f"{self.name}: denominator")
        return (self.name,)

    def makes(self, column: str) -> bool:
        """Whether a column of the units is one of its own."""
        return column in self.columns or (self.what == "share" and column.startswith(f"{self.name}: "))


@dataclass(frozen=True)
class Cleaning:
    """What is done to the events before anything is counted.

    `duplicates`: kept; rows equal in every column count once; or the earliest row of each `key` counts (rows that lack
    a part of it stay). `most_per_day`, `quantile_per_day`: users who have more events on any one day than this number,
    or than this quantile of all users' days, are taken for machines and left out. `machine_days`: only what lies
    "before" a unit's anchor counts for that, or the days of the whole log ("all"), which picks units by their outcome
    where a treatment changes how much people do. `session_gap`: seconds without an event, after more than which a new
    session begins. `since`, `until`: rows before the one, or not before the other,
    are left out (dates or moments in ISO form, in the recipe's time zone).
    """

    duplicates: Duplicates = "keep"
    key: tuple[str, ...] = ()
    most_per_day: int | None = None
    quantile_per_day: float | None = None
    session_gap: int | None = None
    since: str | None = None
    until: str | None = None
    machine_days: MachineDays = "before"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", tuple(self.key))
        if self.machine_days not in get_args(MachineDays):
            raise LogError(f'"{self.machine_days}" says not which days count. Choose before or all.')
        if self.duplicates not in get_args(Duplicates):
            raise LogError(f'"{self.duplicates}" is no rule for duplicates. Choose keep, rows or key.')
        if self.duplicates == "key" and not self.key:
            raise LogError("Duplicates by key: name at least one column of the key.")
        if self.most_per_day is not None and self.most_per_day < 1:
            raise LogError("The most events per day must be at least 1.")
        if self.quantile_per_day is not None and not 0 < self.quantile_per_day < 1:
            raise LogError("The quantile of events per day lies between 0 and 1, such as 0.999.")
        if self.session_gap is not None and self.session_gap < 1:
            raise LogError("The gap between sessions must be at least one second.")
        first, last = (None if each is None else moment_of(each) for each in (self.since, self.until))
        if first is not None and last is not None and first >= last:
            raise LogError(f"No row lies from {self.since} until {self.until}: the second must be later.")

    @property
    def limits_days(self) -> bool:
        """Whether users who do too much on a day are left out."""
        return self.most_per_day is not None or self.quantile_per_day is not None


@dataclass(frozen=True)
class EventRecipe:
    """How a log of events becomes one row per unit; JSON-able.

    Windows: an event at time t belongs to [anchor - w, anchor) or [anchor, anchor + w) by exact comparison in
    microseconds, so that an event at the anchor is after it, never before. Times without a zone are taken as UTC;
    `time_zone` says when days begin and what dates mean. Rows without a user or a time, or without the item or session
    that a unit needs, are left out. Ties: the last value among events at the same time is the largest, a value at the
    anchor the smallest. `without_anchor`: units that lack the anchor's event (never exposed) are dropped, or kept with
    their first event as anchor. `incomplete`: units whose longest window after the anchor is not over when the log ends
    (censored) are dropped or kept; `short_history`: so for windows before that begin before the log does. `newcomers`:
    so for units without an event before a date, which are known only by what they did from it on.
    """

    columns: EventColumns
    unit: UnitOf = "user"
    anchor: Anchor = Anchor()
    treatment: Measure | None = None
    outcomes: tuple[Measure, ...] = ()
    covariates: tuple[Measure, ...] = ()
    cleaning: Cleaning = Cleaning()
    time_zone: str = "UTC"
    without_anchor: Choice = "drop"
    incomplete: Choice = "drop"
    short_history: Choice = "keep"
    newcomers: Choice = "keep"

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", tuple(self.outcomes))
        object.__setattr__(self, "covariates", tuple(self.covariates))
        if self.unit not in get_args(UnitOf):
            raise LogError(f'"{self.unit}" is no unit. Choose one of: {", ".join(get_args(UnitOf))}.')
        if self.unit == "user and item" and self.columns.item is None:
            raise LogError("The unit is a user and an item: say which column holds the item.")
        if self.unit == "session" and self.columns.session is None and self.cleaning.session_gap is None:
            raise LogError("The unit is a session: say which column holds it, or after which gap a new one begins.")
        _check_zone(self.time_zone)
        self._check_kinds()
        self._check_names()

    def _check_kinds(self) -> None:
        asked = [self.anchor.kinds, *(kinds for each in self.measures for kinds in (each.kinds, each.over_kinds))]
        if any(asked) and self.columns.kind is None:
            raise LogError("Kinds of events are asked for: say which column holds them.")
        if any(each.what == "exposed" for each in self.measures) and self.without_anchor == "drop":
            raise LogError('"exposed" is the same for all units unless those without an anchor are kept: keep them.')

    def _check_names(self) -> None:
        taken: set[str] = set()
        for name in (*self.key_names, *(name for each in self.measures for name in each.columns)):
            if name.casefold() in taken:
                raise LogError(f'Two columns of the units are called "{name}". Give one of them another name.')
            taken.add(name.casefold())

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every column that is computed: treatment, covariates, outcomes."""
        return (*(() if self.treatment is None else (self.treatment,)), *self.covariates, *self.outcomes)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The columns that say which unit a row is, and when its anchor was."""
        columns = self.columns
        item = () if columns.item is None else (columns.item,)
        further: Mapping[UnitOf, tuple[str, ...]] = {
            "session": ("session",),
            "user and item": item,
            "impression": item,
            "user and day": ("day",),
        }
        return (columns.user, *further.get(self.unit, ()), "anchor")

    def range_of(self, column: str) -> TimeRange | None:
        """From when a column of the units is; None of a column that the recipe does not compute."""
        return next((each.range for each in self.measures if each.makes(column)), None)

    @property
    def reach(self) -> int:
        """Seconds after the anchor until the last window of treatment and outcomes is over; 0 if none ever ends."""
        ends = [each.window.end or 0 for each in self.measures if each.what not in TIMELESS]
        return max([0, *ends])

    @property
    def history(self) -> int:
        """Seconds before the anchor at which the longest window begins; 0 if it looks at all the time before."""
        starts = [each.window.start or 0 for each in self.measures if each.what not in TIMELESS]
        return -min([0, *starts])

    @property
    def blank(self) -> tuple[Measure, ...]:
        """The covariates that look at where nothing can lie: before the first event, from which units are looked at.

        Each is the same for every unit: 0, or missing.
        """
        return tuple(each for each in self.covariates if self._is_blank(each))

    def _is_blank(self, measure: Measure) -> bool:
        end = measure.window.end
        own = measure.of == "unit" or self.unit == "user"
        if measure.what in TIMELESS or end is None or end > 0 or not own or self.unit in OWN_ANCHOR:
            return False
        if self.anchor.of == "first of a kind":
            return bool(measure.kinds) and set(measure.kinds) <= set(self.anchor.kinds)
        return self.anchor.of == "first event"

    @property
    def knows_newcomers(self) -> bool:
        """Whether units are looked at from a date on, at which some of them may not have been there."""
        return self.anchor.of == "date" and self.unit not in OWN_ANCHOR

    @property
    def _way_out(self) -> str:
        if self.anchor.of == "first of a kind":
            return "Let them count events of other kinds, or take them out."
        from_when = "from a date on, or from when an experiment began"
        if self.columns.kind is not None:
            from_when = f"from the first event of a kind (what units are exposed to) on, {from_when}"
        if self.unit != "user":
            return f"Let them look at all events of the user; or look at units {from_when}."
        return f"Look at units {from_when}; or take them out."

    def cautions(self) -> tuple[str, ...]:
        """What in the recipe itself could mislead an answer, as sentences."""
        said = []
        if self.blank:
            named = ", ".join(f'"{each.name}"' for each in self.blank[:3]) + (", …" if len(self.blank) > 3 else "")
            where = "its first event" if self.anchor.of == "first event" else "its first event of that kind"
            said.append(
                f"A unit is looked at from {where} on, and nothing lies before that: {named} will be 0 or missing for "
                f"every unit, which adjusts for nothing. {self._way_out}"
            )
        said += self._machine_cautions()
        late = [each.name for each in self.covariates if each.range.reaches_past_anchor]
        if late:
            said.append(f'"{late[0]}" is called a covariate but reaches past the anchor: it cannot be adjusted for.')
        treated = self.treatment
        if treated is not None and treated.what not in TIMELESS and (treated.window.end or DAY) > 0:
            early = [each.name for each in self.outcomes if (each.window.start or 0) < (treated.window.end or DAY)]
            if early:
                said.append(
                    f'The outcome "{early[0]}" begins before the treatment\'s window is over, so it counts events that '
                    "came before the treatment. Let it begin later."
                )
        if self.without_anchor == "keep" and self.anchor.of != "first event":
            said.append(
                "Units without the anchor's event are looked at from their first event on, the others from a later "
                "one: compare them only if their time in the log is alike."
            )
        return tuple(said)

    def _machine_cautions(self) -> list[str]:
        if not self.cleaning.limits_days:
            return []
        if self.cleaning.machine_days == "all":
            return [
                "Users are taken for machines by what they do after the anchor too: if the treatment changes how much "
                "people do, this picks units by their outcome. Count only what lies before the anchor."
            ]
        if self.unit == "user" and self.anchor.of == "first event":
            return [
                "Nothing lies before a user's first event, so nobody is taken for a machine. Look at users from later "
                "on; or count the days of the whole log, if what is studied does not change how much people do."
            ]
        return []

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values; `from_json` gives it back. What was chosen last is said only if chosen."""
        document: dict[str, Any] = _plain(asdict(self))
        if not self.cleaning.limits_days:
            del document["cleaning"]["machine_days"]
        if self.newcomers == "keep":
            del document["newcomers"]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> EventRecipe:
        """The recipe that `to_json` wrote, in this version or an older one, which counted the days of the whole log."""
        made = dict(document)
        treatment = made.get("treatment")
        cleaning = dict(made["cleaning"])
        if {cleaning.get("most_per_day"), cleaning.get("quantile_per_day")} != {None}:
            cleaning.setdefault("machine_days", "all")
        return cls(
            **{
                **made,
                "columns": EventColumns(**made["columns"]),
                "anchor": Anchor(**made["anchor"]),
                "treatment": None if treatment is None else _measure(treatment),
                "outcomes": tuple(_measure(each) for each in made["outcomes"]),
                "covariates": tuple(_measure(each) for each in made["covariates"]),
                "cleaning": Cleaning(**cleaning),
            }
        )


def moment_of(text: str) -> datetime.datetime:
    """The date or moment that a text writes in ISO form, without a time zone.

    Raises LogError.
    """
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise LogError(f'"{text}" is no date. Write it as 2024-05-31, or 2024-05-31 14:00.') from error
    if found.tzinfo is not None:
        raise LogError(f'"{text}" names a time zone. Leave it out: the recipe has one.')
    return found


def retained(day: int, kinds: tuple[str, ...] = (), name: str = "") -> Measure:
    """Whether the unit has an event in the 24 hours that begin `day` days after the anchor."""
    window = TimeRange(day * DAY, (day + 1) * DAY)
    return Measure("any", window, kinds, name=name or f"retained_day_{day}")


def with_levels(recipe: EventRecipe, levels: Mapping[Measure, tuple[str, ...]]) -> EventRecipe:
    """The recipe in which every measure found among `levels` has these levels."""
    return replace(
        recipe,
        treatment=None if recipe.treatment is None else _levelled(recipe.treatment, levels),
        outcomes=tuple(_levelled(each, levels) for each in recipe.outcomes),
        covariates=tuple(_levelled(each, levels) for each in recipe.covariates),
    )


def default_name(measure: Measure) -> str:
    """A name from what is measured and when: "view_count_7d_before", "minutes_sum_14d_after"."""
    if measure.what == "exposed":
        return "exposed"
    if measure.what in ("value", "attribute"):
        return str(measure.column)
    events = "_or_".join(measure.kinds) or ("" if measure.column else "event")
    parts = [events, measure.column or "", measure.what, _spoken(measure.window)]
    return re.sub(r"\s+", "_", "_".join(part for part in parts if part))


def _spoken(window: TimeRange) -> str:
    if window.end == 0:
        return "before" if window.start is None else f"{_short(-window.start)}_before"
    if window.start == 0:
        return "after" if window.end is None else f"{_short(window.end)}_after"
    return f"{_edge(window.start)}_to_{_edge(window.end)}"


def _edge(seconds: int | None) -> str:
    if seconds is None:
        return "ever"
    return f"{_short(abs(seconds))}_{'before' if seconds < 0 else 'after'}" if seconds else "anchor"


def _short(seconds: int) -> str:
    for size, letter in ((DAY, "d"), (HOUR, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size}{letter}"
    return f"{seconds}s"


def _levelled(measure: Measure, levels: Mapping[Measure, tuple[str, ...]]) -> Measure:
    return replace(measure, levels=levels[measure]) if measure in levels else measure


def _measure(document: Mapping[str, Any]) -> Measure:
    return Measure(**{**document, "window": TimeRange(**document["window"])})


def _check_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LogError(
            f'There is no time zone "{name}". Write it as Europe/Berlin, America/New_York or UTC.'
        ) from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
