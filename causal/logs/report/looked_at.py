"""What the checks look at: a log and its units in one engine, and what their columns mean."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from causal.logs.columns import guess, words_of
from causal.logs.engine import quoted
from causal.logs.log import Log
from causal.logs.report.finding import MOST_ROWS
from causal.logs.sql import labels_of, name
from causal.logs.time_range import TimeRange
from causal.logs.units import UnitRecipe, ranges_of
from causal.logs.vocabulary import CONTEXTS, ITEMS, WORDS, folded

if TYPE_CHECKING:
    from causal.logs.columns import ColumnGuess

ROW = "__row"
_SURE = 8
_LISTS = ("unit", "covariates", "blank")
_ASIDE = ("identifier", "time", "propensity", "set_aside")


@dataclass(frozen=True)
class LogRoles:
    """What the columns mean. Of the log's rows: `person`, `time` (written as `clock`), `kind`, `item`, `arm` (what
    treatment a row says), `unit` (the columns that together name the unit of an event), `propensity` and `context`.

    Of the units: `treatment`, `outcome`, `member` (whose several units may be: a person), `covariates`, `late`,
    those computed from after the anchor, and `blank`, the columns computed from where nothing can lie.
    """

    person: str | None = None
    time: str | None = None
    clock: str = "time"
    kind: str | None = None
    item: str | None = None
    arm: str | None = None
    unit: tuple[str, ...] = ()
    propensity: str | None = None
    context: str | None = None
    treatment: str | None = None
    outcome: str | None = None
    member: str | None = None
    covariates: tuple[str, ...] = ()
    late: Mapping[str, TimeRange] = field(default_factory=dict)
    blank: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The roles as plain JSON values; `from_json` gives them back."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        late = {column: made.to_json() for column, made in self.late.items()}
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return plain | lists | {"late": late}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LogRoles:
        """The roles that `to_json` wrote."""
        made = {column: TimeRange.from_json(each) for column, each in document["late"].items()}
        lists = {name: tuple(document[name]) for name in _LISTS}
        return cls(**{**document, **lists, "late": made})


def roles_in(
    log: Log,
    units: Log | None = None,
    recipe: UnitRecipe | None = None,
    question: Mapping[str, Any] | None = None,
    roles: Mapping[str, str] | None = None,
) -> LogRoles:
    """The roles as a study has decided them, else as the columns' names and values suggest.

    `units`: the log of the units, where they are made of events. `question`: the fields of a Question; `roles`: what a
    person called columns of the units.
    """
    units = units or log
    of_units = guess(units)
    of_rows = of_units if units is log else guess(log)
    return roles_of_guesses(Guessed(log, of_rows), Guessed(units, of_units), recipe, question, roles)


@dataclass(frozen=True)
class Guessed:
    """A log with what its columns seem to be."""

    log: Log
    guesses: Sequence[ColumnGuess]


def roles_of_guesses(
    rows: Guessed,
    units: Guessed,
    recipe: UnitRecipe | None = None,
    question: Mapping[str, Any] | None = None,
    roles: Mapping[str, str] | None = None,
) -> LogRoles:
    """The roles where the guesses are known already."""
    recipe, given = recipe or UnitRecipe(), dict(roles or {})
    role = {each.name: given.get(each.name, each.role) for each in units.guesses}
    asked = {
        each: (question or {}).get(each) or next((column for column, held in role.items() if held == each), None)
        for each in ("treatment", "outcome")
    }
    people = [each.name for each in units.guesses if each.role == "identifier"]
    found = _of_rows(rows.log, rows.guesses, recipe, asked["treatment"])
    taken = {*asked.values(), *recipe.set_aside, *people, found["propensity"]}
    covariates = tuple(
        each.name for each in units.guesses if each.name not in taken and role[each.name] not in (*_ASIDE, "mediator")
    )
    blank = () if recipe.events is None else recipe.events.blank
    past = {column: made for column, made in ranges_of(units.log, recipe).items() if made.reaches_past_anchor}
    return LogRoles(
        **found,
        treatment=asked["treatment"],
        outcome=asked["outcome"],
        member=found["person"] if found["person"] in units.log.names else next(iter(people), None),
        covariates=covariates,
        late={column: made for column, made in past.items() if column in covariates},
        blank=tuple(name for name in role if name not in recipe.set_aside and any(each.makes(name) for each in blank)),
    )


def roles_of_rows(rows: Guessed, recipe: UnitRecipe) -> LogRoles:
    """The roles of the rows alone, where no units can be made of them yet."""
    return LogRoles(**_of_rows(rows.log, rows.guesses, recipe, None))


def _of_rows(log: Log, guesses: Sequence[ColumnGuess], recipe: UnitRecipe, treatment: str | None) -> dict[str, Any]:
    propensity = next((each.name for each in guesses if each.role == "propensity" or _called_chance(log, each)), None)
    others = [each.name for each in guesses if each.name != propensity]
    context = next((each for each in others if _words(each) & CONTEXTS), None)
    held: dict[str, Any] = {"propensity": propensity, "context": context}
    if recipe.events is None:
        times = [each.name for each in guesses if log.kind(each.name) == "time"]
        people = [each.name for each in guesses if each.role == "identifier"]
        arm = treatment if treatment in log.names else None
        item = next((each for each in others if _words(each) & ITEMS and each != treatment), None)
        return held | {
            "person": next((each for each in people if each != item), None),
            "time": next(iter(times), None),
            "arm": arm,
            "item": item,
        }
    columns, asked = recipe.events.columns, recipe.events.treatment
    keys = {
        "user": (columns.user,),
        "session": (columns.user, columns.session),
        "user and item": (columns.user, columns.item),
    }
    unit = keys.get(recipe.events.unit, ())
    return held | {
        "person": columns.user,
        "time": columns.time,
        "clock": columns.clock,
        "kind": columns.kind,
        "item": columns.item,
        "arm": asked.column if asked is not None and asked.column in log.names else None,
        "unit": unit if all(each in log.names for each in unit) else (),
    }


def _called_chance(log: Log, each: ColumnGuess) -> bool:
    """Whether numbers are called a probability, also where they are none."""
    spoken = max((WORDS["propensity"].get(word, 0) for word in _words(each.name)), default=0)
    return spoken >= _SURE and log.kind(each.name) in ("integer", "number")


def _words(column: str) -> set[str]:
    return {folded(each) for each in words_of(column)} | {folded(column)}


@dataclass(frozen=True)
class LookedAt:
    """The log as the view `rows`, its units as the view `units`, each with its positions as `ROW`; what they mean."""

    connection: Any
    log: Log
    units: Log
    roles: LogRoles
    today: datetime.date

    def column(self, column: str, of: str = "rows") -> str:
        """A column's name in SQL."""
        return name(labels_of(self.log if of == "rows" else self.units)[column]).text

    def every(self, of: str = "rows") -> list[str]:
        """All columns' names in SQL, in their order."""
        return [name(each).text for each in labels_of(self.log if of == "rows" else self.units).values()]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of an answer."""
        found: list[tuple[Any, ...]] = self.connection.execute(query).fetchall()
        return found

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        return self.ask(query)[0]

    def keep(self, called: str, query: str) -> int:
        """The number of rows of an answer, which is kept under a name, so that it is worked out once."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {called} AS {query}")
        return int(self.one(f"SELECT count(*) FROM {called}")[0])

    def positions(self, condition: str, of: str = "rows") -> tuple[int, ...]:
        """The first positions of the rows that a condition lets through."""
        query = f"SELECT {ROW} FROM {of} WHERE {condition} ORDER BY {ROW} LIMIT {MOST_ROWS}"
        return tuple(int(each) for (each,) in self.ask(query))

    @property
    def has_times(self) -> bool:
        """Whether rows say when."""
        held = self.roles.time
        return held in self.log.names and (self.log.kind(str(held)) == "time") == (self.roles.clock == "time")

    @property
    def moment(self) -> str:
        """When a row was, in microseconds since 1970, as SQL."""
        column = self.column(str(self.roles.time))
        if self.roles.clock == "time":
            return f"epoch_us({column})"
        return f"TRY_CAST(round({column} * {1e6 if self.roles.clock == 'seconds' else 1e3}) AS BIGINT)"


def view_of(log: Log, called: str) -> str:
    """The statement that makes a view of a log, with its positions."""
    labels = ", ".join([*(name(each).text for each in labels_of(log).values()), ROW])
    rows = f"read_parquet({quoted(str(log.path.resolve()))}, file_row_number = true) AS log({labels})"
    return f"CREATE VIEW {called} AS SELECT * FROM {rows}"
