"""Several logs as one: events one after the other, or what a table knows of users or items beside each event."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.engine import locked_engine, quoted, rows_in_order
from causal.logs.log import NO_TIME, Kind, Log, Problem, check_here, counted
from causal.logs.readers.rows import Rows
from causal.logs.reading import keep_rows, log_folder
from causal.logs.sql import Sql, joined, labels_of, name

SOURCE = "source"
_TYPES: Mapping[Kind, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
    "text": "VARCHAR",
}


def stack_logs(
    logs: Mapping[str, Log], kind: str = SOURCE, folder: Path | None = None, same: Mapping[str, str] | None = None
) -> Log:
    """The rows of several logs one after the other, with a column `kind` that says which log each comes from.

    `logs` maps what that column says ("impression", "click", "order") to the log; the rows of a log that has the column
    already keep what it says. Columns of the same name are one (integers among numbers become numbers, other mixtures
    text); where a log lacks a column its rows have no value. `same` names columns that are another's under their own
    name: {"clicked_at": "shown_at"} puts the first into the second, in every log that lacks the second.
    Raises EmptyLog (no log), UnknownColumn (no log has what `same` names).
    """
    if not logs:
        raise EmptyLog("There is no log to put together. Name at least one.")
    for each in logs.values():
        check_here(each)
    own = [_own_names(each, same or {}) for each in logs.values()]
    for alias in same or {}:
        if not any(alias in each.names for each in logs.values()):
            raise UnknownColumn.named(alias, dict.fromkeys(name for each in logs.values() for name in each.names))
    names = tuple(dict.fromkeys(each for called in own for each in called if each != kind))
    kinds = {
        each: _common(log.kind(called[each]) for log, called in zip(logs.values(), own, strict=True) if each in called)
        for each in names
    }
    parts = [
        _part(title, log, called, names, kinds, kind, place)
        for place, ((title, log), called) in enumerate(zip(logs.items(), own, strict=True))
    ]
    query = joined("\nUNION ALL BY NAME\n", parts) + "\nORDER BY __log, __row"
    columns = (*names, kind)
    rows = ", ".join(f"c{place}" for place in range(len(columns)))
    title = " + ".join(log.name for log in logs.values())
    wanted: Sequence[Kind] = [*(kinds[each] for each in names), "text"]
    return _made(logs.values(), query, rows, columns, wanted, title, (), folder)


def join_logs(log: Log, other: Log, on: str, other_on: str | None = None, folder: Path | None = None) -> Log:
    """The rows of `log`, each with what `other` knows of its `on`: attributes of its user, or of its item.

    `other_on` is the key's column in `other` (by default it has the same name); it must name each key once. Keys are
    compared as text. A column whose name is taken gets the other log's name before it. A note says how many rows found
    nothing. Nothing tells since when such a value holds: a note says of each that it carries no time, and so do the
    columns of units that are made of it.
    Raises UnknownColumn, LogError (a key comes twice in `other`).
    """
    check_here(log)
    check_here(other)
    key = on if other_on is None else other_on
    log.kind(on), other.kind(key)
    left, right = labels_of(log), labels_of(other)
    with _engine((log, other), log_folder()) as (connection, _):
        _check_once(connection, other, key, right)
        lost = _without_partner(connection, (log, left[on]), (other, right[key]))
    kept = [each for each in other.names if each != key]
    new = _free(kept, log.names, other.name)
    selected = [Sql(f"l.{name(left[each]).text} AS c{place}") for place, each in enumerate(log.names)]
    selected += [
        Sql(f"r.{name(right[each]).text} AS c{place}") for place, each in enumerate(kept, start=len(log.names))
    ]
    same = f"CAST(l.{name(left[on]).text} AS VARCHAR) = CAST(r.{name(right[key]).text} AS VARCHAR)"
    query = (
        "SELECT "
        + joined(", ", selected)
        + f"\nFROM {_numbered(log)} AS l LEFT JOIN {_rows(other)} AS r ON {same}\nORDER BY l.__row"
    )
    whole = (note for note in other.notes if note.column is None)
    notes = (*whole, *(_timeless(each, other) for each in new), *(() if lost == 0 else (_lonely(lost, other, on),)))
    columns = (*log.names, *new)
    kinds = [*(each.kind for each in log.schema), *(other.kind(each) for each in kept)]
    rows = ", ".join(f"c{place}" for place in range(len(columns)))
    return _made((log, other), query, rows, columns, kinds, log.name, (*log.notes, *notes), folder)


def _own_names(log: Log, same: Mapping[str, str]) -> dict[str, str]:
    """The names that a log's columns have in the whole, each with the log's own; of two for one the first."""
    found: dict[str, str] = {}
    for each in log.names:
        wanted = same.get(each, each)
        found[each if wanted in log.names or wanted in found else wanted] = each
    return found


def _part(
    title: str,
    log: Log,
    called: Mapping[str, str],
    names: Sequence[str],
    kinds: Mapping[str, Kind],
    kind: str,
    place: int,
) -> Sql:
    own = labels_of(log)
    labels = {each: own[column] for each, column in called.items()}
    selected = [
        Sql(
            (f"CAST({name(labels[each]).text} AS {_TYPES[kinds[each]]})" if each in labels else _nothing(kinds[each]))
            + f" AS c{position}"
        )
        for position, each in enumerate(names)
    ]
    told = f"CAST({name(labels[kind]).text} AS VARCHAR)" if kind in labels else quoted(title)
    selected.append(Sql(f"{told} AS c{len(names)}"))
    selected.append(Sql(f"{place} AS __log, __row"))
    return "SELECT " + joined(", ", selected) + f" FROM {_numbered(log)}"


def _nothing(kind: Kind) -> str:
    return f"CAST(NULL AS {_TYPES[kind]})"


def _common(kinds: Iterable[Kind]) -> Kind:
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    return "number" if found == {"integer", "number"} else "text"


def _rows(log: Log) -> str:
    labels = ", ".join(name(each).text for each in labels_of(log).values())
    return f"(SELECT * FROM read_parquet({quoted(str(log.path.resolve()))}) AS log({labels}))"


def _numbered(log: Log) -> str:
    labels = ", ".join([*(name(each).text for each in labels_of(log).values()), "__row"])
    return f"(SELECT * FROM read_parquet({quoted(str(log.path.resolve()))}, file_row_number = true) AS log({labels}))"


def _made(
    logs: Iterable[Log],
    query: Sql,
    selected: str,
    columns: tuple[str, ...],
    kinds: Sequence[Kind],
    title: str,
    notes: tuple[Problem, ...],
    folder: Path | None,
) -> Log:
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    with _engine(logs, home) as (connection, work):
        connection.execute("CREATE TABLE together AS " + query.text)
        rows = Rows(columns, tuple(kinds), rows_in_order(connection, "together", selected), notes)
        return keep_rows(rows, title, home, work)


@contextmanager
def _engine(logs: Iterable[Log], home: Path) -> Iterator[tuple[Any, Path]]:
    """An engine that reads these logs, and the folder that it works in."""
    with (
        tempfile.TemporaryDirectory(prefix="joining-", dir=home) as work,
        locked_engine(Path(work), reads=[each.path for each in logs]) as connection,
    ):
        yield connection, Path(work)


def _check_once(connection: Any, other: Log, key: str, labels: Mapping[str, str]) -> None:
    column = name(labels[key]).text
    asked = (
        f"SELECT CAST({column} AS VARCHAR) AS k FROM {_rows(other)} WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1"
    )
    found = connection.execute(f"SELECT min(k), count(*) FROM ({asked})").fetchone()
    if found[1]:
        raise LogError(
            f'"{other.name}" has several rows for {counted(int(found[1]), "value")} of "{key}", such as "{found[0]}": '
            "which of them is meant? Keep one row for each, or put the log in as events."
        )


def _without_partner(connection: Any, left: tuple[Log, str], right: tuple[Log, str]) -> int:
    (log, on), (other, key) = left, right
    known = f"SELECT CAST({name(key).text} AS VARCHAR) AS k FROM {_rows(other)}"
    asked = (
        f"SELECT count(*) FROM {_rows(log)} AS l ANTI JOIN ({known}) AS r ON CAST(l.{name(on).text} AS VARCHAR) = r.k"
    )
    ((count,),) = connection.execute(asked).fetchall()
    return int(count)


def _lonely(rows: int, other: Log, on: str) -> Problem:
    return Problem(
        "no partner",
        "attention",
        on,
        rows,
        f'{counted(rows, "row")} have a "{on}" that "{other.name}" does not know; its columns are missing there.',
        "Check that both files write it in the same way.",
    )


def _timeless(column: str, other: Log) -> Problem:
    return Problem(
        NO_TIME,
        "note",
        column,
        0,
        f'"{column}" comes from "{other.name}" and carries no time: nothing says since when it is so.',
        "Vouch for it on the columns page if it was so before the treatment; otherwise leave it out.",
    )


def _free(kept: Sequence[str], taken: Iterable[str], title: str) -> tuple[str, ...]:
    known = {*taken}
    found = []
    for each in kept:
        wanted = each if each not in known else f"{title}: {each}"
        number = 2
        while wanted in known:
            wanted, number = f"{title}: {each} ({number})", number + 1
        known.add(wanted)
        found.append(wanted)
    return tuple(found)
