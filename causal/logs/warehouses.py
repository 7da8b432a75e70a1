"""Logs that stay where they are: a table in a database or a warehouse, in which recipes run as they do on a file.

A connection has a name and an address. Addresses hold passwords, so they come from the environment
(`DOABLE_CONNECTION_<NAME>`) or from Streamlit's secrets (`[connections.<name>]` with `url`) and never from a study,
which keeps the connection's name and the table's. Nothing is ever written there: where an engine can be told so, its
session is read-only, and only SELECT is sent.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from causal.errors import DoableError, EmptyLog, NoConnection, WarehouseError
from causal.logs.dialects import Dialect, dialect_named, quoted, sql_of
from causal.logs.log import Column, Kind, Log, Problem, counted
from causal.logs.readers.rows import Rows
from causal.logs.readers.values import arrow_type
from causal.logs.reading import frame_of, keep_rows, log_folder
from causal.logs.warehouse_question import Question, Watch, new_mark
from causal.progress import Progress, onwards, silent
from causal.secret_files import secrets_of

if TYPE_CHECKING:
    from causal.logs.event_query import Query

VARIABLE = "DOABLE_CONNECTION_"
PREVIEW = 1_000
"""So many rows of a table are fetched to look at."""

HISTORIES, HISTORY_ROWS = 100, 50_000
"""All events of so many users, and so many rows of them at most, are fetched to try recipes on."""

SECONDS = 600
"""After so many seconds a question to a warehouse is given up, where the engine can be told so."""

ENGINES: Mapping[str, str] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "clickhouse": "clickhouse",
    "pyspark": "pyspark",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
}
"""The engine that each address begins with."""

_OF_THE_ENGINE = ("information_schema", "INFORMATION_SCHEMA", "system", "sys")
_MOST_SCHEMAS = 30
_TITLES = {
    "postgres": "PostgreSQL",
    "clickhouse": "ClickHouse",
    "pyspark": "Spark",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
}
_TROUBLES = (
    (
        r"timeout|timed out|canceling statement|TIMEOUT_EXCEEDED|deadline",
        'The question to "{name}" took longer than it may. Shorten the windows, or ask for a longer limit there.',
    ),
    (
        r"permission denied|not authorized|insufficient privilege|access denied|ACCESS_DENIED|Not enough privileges",
        'The connection "{name}" has no right to read {what}. Ask whoever runs it for the right to SELECT.',
    ),
    (
        r"does not exist|not ?found|unknown table|UNKNOWN_TABLE|UndefinedTable|TABLE_OR_VIEW",
        '"{name}" has no table {what}, or not for this user. Write it as schema.table if it is in another schema.',
    ),
    (
        r"password|authentication|could not translate|refused|unreachable|no such file|connect",
        'There is no connection to "{name}": it does not answer, or refuses the name and password. Check its address.',
    ),
)


def connections() -> dict[str, str]:
    """The engine of each connection, by the connection's name.

    Raises WarehouseError where a file of secrets cannot be read.
    """
    return {name: _TITLES[engine_of(url)] for name, url in _addresses().items() if engine_of(url)}


def engine_of(url: str) -> str:
    """The engine that an address names; nothing where it is none of ours."""
    return ENGINES.get(urlsplit(url).scheme, "")


def tables_of(name: str) -> tuple[str, ...]:
    """The tables and views that a connection lists, those of other schemas than its own as schema.table.

    Raises NoConnection and WarehouseError.
    """
    with _connected(name, new_mark()) as backend, _in_sentences(name, "its list of tables"):
        own = backend.current_database
        found = sorted(str(each) for each in backend.list_tables())
        others = sorted({str(each) for each in backend.list_databases()} - {str(own), *_OF_THE_ENGINE})
        for schema in [each for each in others if not each.startswith("pg_")][:_MOST_SCHEMAS]:
            found += sorted(f"{schema}.{each}" for each in backend.list_tables(database=schema))
    return tuple(found)


def warehouse_log(
    name: str, table: str, folder: Path | None = None, whole: bool = False, progress: Progress = silent
) -> Log:
    """The log in a table of a connection, with its schema and its first rows; all others stay where they are.

    `whole`: all of its rows are read in, as those of a file, because each is a unit already. Raises NoConnection,
    WarehouseError and EmptyLog, UnreadableLog where there are more rows than a log may have, and what `progress` does.
    """
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    progress = progress if progress is silent else onwards(progress)
    progress(0.0, f'connecting to "{name}"')
    with (
        opened(name, table, None if progress is silent else working(progress, name)) as engine,
        tempfile.TemporaryDirectory(prefix="table-", dir=home) as work,
    ):
        rows = engine.all_rows() if whole else engine.preview()
        found = keep_rows(rows, table, home, Path(work), progress)
    if found.rows == 0:
        raise EmptyLog(f'The table "{table}" has no rows.')
    return found if whole else staying(found, name)


def with_histories(log: Log, user: str, folder: Path | None = None, progress: Progress = silent) -> Log:
    """The log of a table with other rows here: all events of some of the users in the first rows.

    `user` is the column that tells who. Raises what `warehouse_log` does.
    """
    assert log.connection is not None
    home = log_folder() if folder is None else folder
    users = frame_of(log, [user])[user].dropna().unique().tolist()[:HISTORIES]
    with (
        opened(log.connection, log.name, None if progress is silent else working(progress, log.connection)) as engine,
        tempfile.TemporaryDirectory(prefix="table-", dir=home) as work,
    ):
        found = keep_rows(engine.rows_with(user, users), log.name, home, Path(work), progress)
    return staying(found, log.connection) if found.rows else log


def staying(first_rows: Log, name: str, as_of: str | None = None) -> Log:
    """The log of a table of a connection whose first rows are here."""
    told = [name, first_rows.name, first_rows.fingerprint, as_of or ""]
    own = hashlib.sha256("\0".join(told).encode()).hexdigest()
    return dataclasses.replace(first_rows, connection=name, fingerprint=own, as_of=as_of)


def here(log: Log) -> Log:
    """The rows of a log that are on this machine, as a log of their own; of a file, all of them."""
    if log.connection is None:
        return log
    return dataclasses.replace(log, connection=None, as_of=None, fingerprint=log.path.stem)


def working(progress: Progress, name: str) -> Watch:
    """What is said while a warehouse works: the share that it says is done, else for how long it has been at it."""

    def watch(share: float | None, seconds: float) -> None:
        told = f", {seconds:.0f} s so far" if share is None and seconds >= 1 else ""
        progress(share or 0.0, f'"{name}" is working{told}')

    return watch


@contextmanager
def opened(name: str, table: str, watch: Watch | None = None) -> Iterator[WarehouseEngine]:
    """An engine that runs queries on a table of a connection.

    `watch` hears while it works; what it raises calls the question off there. Raises NoConnection and WarehouseError.
    """
    mark = new_mark()
    with _connected(name, mark) as backend, _in_sentences(name, f'"{table}"'):
        engine = engine_of(_addresses()[name])
        question = Question(backend, engine, mark, watch, lambda: _connect(name, mark))
        database, _, own = table.rpartition(".")

        def schema_of() -> Any:
            return backend.table(own, database=tuple(database.split(".")) if database else None).schema()

        yield WarehouseEngine(question, dialect_named(engine), table, question.asked(schema_of))


class WarehouseEngine:
    """An engine in which a log's table lies; it is asked through Ibis."""

    def __init__(self, question: Question, dialect: Dialect, table: str, schema: Mapping[str, Any]) -> None:
        self._question, self._dialect, self._table, self._schema = question, dialect, table, schema

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query that gives few."""
        found = self._question.asked(lambda: self._expression(query).to_pyarrow())
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def batches(self, query: Query) -> Iterator[Any]:
        """Arrow batches of a query that gives units, in their order, with its columns called c0, c1, …"""
        kinds = [kind for _, kind in query.shown]
        batches = iter(self._question.asked(lambda: self._expression(query).to_pyarrow_batches(chunk_size=100_000)))
        while (batch := self._question.asked(lambda: next(batches, None))) is not None:
            yield labelled(batch, kinds)

    def text(self, query: Query) -> str:
        """The query as this engine reads it."""
        return warehouse_sql(query, self._dialect, self._table, self._schema)

    def preview(self) -> Rows:
        """The first rows, with every column that can be read, and a note on those that cannot."""
        columns = self._columns()
        return self._read(columns, _rows_of(columns, PREVIEW))

    def rows_with(self, column: str, values: Sequence[Any]) -> Rows:
        """The rows, `HISTORY_ROWS` of them at most, in which a column has one of these values."""
        columns = self._columns()
        return self._read(columns, _rows_of(columns, HISTORY_ROWS, (column, values)))

    def all_rows(self) -> Rows:
        """Every row, as `preview` gives the first."""
        columns = self._columns()
        ((count,),) = self.rows(_count_of(columns))
        return dataclasses.replace(self._read(columns, _rows_of(columns)), count=int(count))

    def _columns(self) -> tuple[Column, ...]:
        columns = readable(self._schema)
        if not columns:
            raise EmptyLog(f'The table "{self._table}" has no column that can be read.')
        return columns

    def _read(self, columns: Sequence[Column], query: Query) -> Rows:
        names, kinds = tuple(each.name for each in columns), tuple(each.kind for each in columns)
        return Rows(names, kinds, self.batches(query), left_out(self._schema))

    def _expression(self, query: Query) -> Any:
        return self._question.backend.sql(self.text(query), schema=query.last.schema())


def warehouse_sql(query: Query, dialect: Dialect, table: str, schema: Mapping[str, Any]) -> str:
    """A query of a table with such a schema (Ibis types by column) as an engine reads it."""
    kinds = {each.name: each.kind for each in readable(schema)}

    def value(column: str) -> str:
        is_day = schema[column].is_date()
        return dialect.value(kinds[column], quoted(column, dialect), is_day)

    place = ".".join(quoted(part, dialect) for part in table.split("."))
    return sql_of(query, dialect, place, value)


def readable(schema: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns of a table that a log can have, with the kind of their values."""
    found = ((name, _kind(held)) for name, held in schema.items())
    return tuple(Column(name, kind) for name, kind in found if kind is not None)


def left_out(schema: Mapping[str, Any]) -> tuple[Problem, ...]:
    """A note on the columns of a table that a log cannot have."""
    lost = [name for name, held in schema.items() if _kind(held) is None]
    if not lost:
        return ()
    told = ", ".join(f'"{name}"' for name in lost[:8]) + (", …" if len(lost) > 8 else "")
    sentence = f"{counted(len(lost), 'column')} of the table hold lists, records or bytes, and are left out: {told}."
    return (Problem("columns left out", "note", None, 0, sentence, "Take single values out of them in a view."),)


def labelled(batch: Any, kinds: Sequence[Kind]) -> Any:
    """An Arrow batch with its columns called c0, c1, … and of the types that logs hold; moments are microseconds."""
    import pyarrow as pa

    whole = [
        column.cast("int64") if kind == "time" else column for column, kind in zip(batch.columns, kinds, strict=True)
    ]
    arrays = [column.cast(arrow_type(kind)) for column, kind in zip(whole, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=[f"c{place}" for place in range(len(arrays))])


def _kind(held: Any) -> Kind | None:
    """The kind of log column that a table's column becomes; None where it has none."""
    if held.is_boolean():
        return "boolean"
    if held.is_integer() or (held.is_decimal() and held.scale == 0):
        return "integer"
    if held.is_floating() or held.is_decimal():
        return "number"
    if held.is_timestamp() or held.is_date():
        return "time"
    return "text" if held.is_string() or held.is_uuid() or held.is_inet() else None


def _rows_of(
    columns: Sequence[Column], most: int | None = None, among: tuple[str, Sequence[Any]] | None = None
) -> Query:
    from causal.logs.event_query import Query

    labels, rows = _source(columns)
    wanted = rows if among is None else rows.filter(rows[labels[among[0]]].isin(among[1]))
    wanted = wanted if most is None else wanted.limit(most)
    return Query(labels, (), wanted, tuple((each.name, each.kind) for each in columns))


def _count_of(columns: Sequence[Column]) -> Query:
    from causal.logs.event_query import Query

    labels, rows = _source(columns)
    return Query(labels, (), rows.aggregate(rows.count().name("rows")), (("rows", "integer"),))


def _source(columns: Sequence[Column]) -> tuple[dict[str, str], Any]:
    """What each column is called inside a query, and the table's rows there."""
    import ibis

    from causal.logs.event_query import SOURCE, TYPES
    from causal.logs.sql import plain_labels

    labels = plain_labels([each.name for each in columns])
    return labels, ibis.table({labels[each.name]: TYPES[each.kind] for each in columns}, name=SOURCE)


def _addresses() -> dict[str, str]:
    """The address of each connection by its name: those of the environment before those of the secrets."""
    held = secrets_of("connections", WarehouseError)
    found = {name: str(each["url"]) for name, each in held.items() if isinstance(each, dict) and "url" in each}
    given = {name: url for name, url in os.environ.items() if name.startswith(VARIABLE)}
    return found | {name.removeprefix(VARIABLE).lower(): url for name, url in given.items()}


@contextmanager
def _connected(name: str, mark: str) -> Iterator[Any]:
    """Ibis's backend of a connection; it is closed on the way out."""
    with _in_sentences(name, ""):
        backend = _connect(name, mark)
    try:
        yield backend
    finally:
        backend.disconnect()


def _connect(name: str, mark: str) -> Any:
    import ibis

    held = _addresses()
    url = held.get(name, "")
    engine = engine_of(url)
    if not engine:
        known = ", ".join(f'"{each}"' for each in held) or "none"
        raise NoConnection(
            f'There is no connection "{name}" on this server; there is: {known}. Set {VARIABLE}{name.upper()} to its '
            "address, or write it into Streamlit's secrets."
        )
    return ibis.connect(url, **_safe(engine, mark))


def _safe(engine: str, mark: str) -> dict[str, Any]:
    """What keeps a session from writing, and from running for ever, where the engine can be told; and what marks it."""
    if engine == "postgres":
        settings = {
            "default_transaction_read_only": "on",
            "statement_timeout": f"{SECONDS}s",
            "client_connection_check_interval": "5s",  # a question whose asker is gone ends
            "enable_nestloop": "off",  # what steps give is guessed far too small: loops over loops would never end
        }
        return {"options": " ".join(f"-c {name}={value}" for name, value in settings.items()), "connect_timeout": 15}
    if engine == "clickhouse":
        settings = {"max_execution_time": str(SECONDS), "log_comment": mark}
        return {"settings": {"readonly": "2", "cancel_http_readonly_queries_on_client_close": "1", **settings}}
    if engine == "snowflake":
        limits = {"STATEMENT_TIMEOUT_IN_SECONDS": SECONDS, "ABORT_DETACHED_QUERY": True}
        return {"create_object_udfs": False, "session_parameters": limits}
    return {}


@contextmanager
def _in_sentences(name: str, what: str) -> Iterator[None]:
    """What an engine says, as sentences that show no address and no password."""
    try:
        yield
    except (DoableError, KeyError, TypeError, AttributeError, AssertionError):
        raise  # a refusal that is a sentence already, or a fault of ours
    except ImportError as error:
        title = _TITLES[engine_of(_addresses()[name])]
        raise WarehouseError(
            f'What speaks to {title} is not installed on this server, so "{name}" cannot be asked. Whoever runs it '
            "finds what to install in causal/warehouses.txt."
        ) from error
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        for pattern, sentence in _TROUBLES:
            if re.search(pattern, said, re.IGNORECASE):
                raise WarehouseError(sentence.format(name=name, what=what)) from error
        raise WarehouseError(f'"{name}" refuses the question ({type(error).__name__}).') from error
