"""Where a query runs: DuckDB inside this process, on a log's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from causal.errors import LogError
from causal.logs.dialects import DUCKDB, sql_of
from causal.logs.engine import locked_engine, quoted, rows_in_order, watched
from causal.logs.log import Log
from causal.logs.sql import name, plain_labels

if TYPE_CHECKING:
    from causal.logs.event_query import Query


_STORED = {"time": "make_timestamp({})", "boolean": "CAST({} AS BOOLEAN)"}


class Engine(Protocol):
    """What runs the queries of event recipes."""

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query that gives few."""

    def batches(self, query: Query) -> Iterator[Any]:
        """Arrow batches of a query that gives units, in their order, with its columns called c0, c1, …"""

    def text(self, query: Query) -> str:
        """The query as this engine reads it."""


class FileEngine:
    """DuckDB, locked down, on the Parquet file of one log."""

    def __init__(self, connection: Any, log: Log, tell: Callable[[float], None] | None = None) -> None:
        """`tell` hears, while units are made, how much of the work is done, from 0 to 1."""
        self._connection, self._log, self._tell = connection, log, tell

    @classmethod
    @contextmanager
    def opened(cls, log: Log, work: Path, tell: Callable[[float], None] | None = None) -> Iterator[FileEngine]:
        """An engine that reads the log and spills into the folder `work`; it is closed on the way out."""
        with locked_engine(work, reads=(log.path,)) as connection:
            yield cls(connection, log, tell)

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows of a query that gives few."""
        found: list[tuple[Any, ...]] = self._run(self._sql(query, str(self._log.path.resolve()))).fetchall()
        return found

    def batches(self, query: Query) -> Iterator[Any]:
        """Arrow batches of a query that gives units, in their order, with its columns called c0, c1, …"""
        self._run("CREATE TABLE units AS " + self._sql(query, str(self._log.path.resolve())), self._tell)
        labels = plain_labels([called for called, _ in query.shown]).values()
        stored = [
            _STORED.get(kind, "{}").format(name(label).text) + f" AS c{place}"
            for place, (label, (_, kind)) in enumerate(zip(labels, query.shown, strict=True))
        ]
        yield from rows_in_order(self._connection, "units", ", ".join(stored))

    def text(self, query: Query) -> str:
        """The query as DuckDB reads it, of a file with a name of its own."""
        return self._sql(query, "events.parquet")

    def _sql(self, query: Query, path: str) -> str:
        labels = plain_labels(self._log.names)
        called = ", ".join(name(label).text for label in labels.values())

        def value(column: str) -> str:
            return DUCKDB.value(self._log.kind(column), name(labels[column]).text)

        return sql_of(query, DUCKDB, f"read_parquet({quoted(path)}) AS log({called})", value)

    def _run(self, query: str, tell: Callable[[float], None] | None = None) -> Any:
        import duckdb

        try:
            if tell is not None:
                return watched(self._connection, query, tell)
            return self._connection.execute(query)
        except duckdb.OutOfMemoryException as error:
            raise LogError(
                "This log is too large for the memory that this machine gives to one question. Shorten the windows, or "
                "leave out distinct counts."
            ) from error
