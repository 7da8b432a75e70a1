"""A question while a warehouse works on it: how far that is, and how it is called off there.

ClickHouse says how many rows it has read of how many (`system.processes`); PostgreSQL, Spark, BigQuery and Snowflake do
not say how much of a SELECT is done. PostgreSQL, ClickHouse, Spark and Snowflake are told to stop; BigQuery's jobs end
by themselves.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Watch = Callable[[float | None, float], None]
"""Hears the share that is done (None where the engine cannot tell) and for how many seconds it has been at work;
raises to call the question off."""

Answer = TypeVar("Answer")

_EVERY = 0.5
_PROCESSES = "FROM system.processes WHERE Settings['log_comment'] = '{mark}'"
CLICKHOUSE_SHARE = f"SELECT sum(read_rows), sum(greatest(read_rows, total_rows_approx)) {_PROCESSES}"
"""Rows read, and rows to be read, of the running questions with a mark."""

CLICKHOUSE_STOP = "KILL QUERY WHERE Settings['log_comment'] = '{mark}' ASYNC"


def new_mark() -> str:
    """What tells the questions of one connection from all others, where an engine lets them be marked."""
    return f"doable-{secrets.token_hex(8)}"


class Question:
    """A connection that is asked one thing after the other; while it is, another may watch."""

    def __init__(
        self, backend: Any, engine: str, mark: str, watch: Watch | None, beside: Callable[[], Any] | None = None
    ) -> None:
        """`beside` opens a second Ibis backend, through which ClickHouse is asked about the first, by its `mark`."""
        self.backend = backend
        self._engine, self._mark, self._watch, self._beside = engine, mark, watch, beside
        self._seconds = 0.0

    def asked(self, ask: Callable[[], Answer]) -> Answer:
        """What `ask` gives.

        Raises what it raises, and what the one that watches raises: then the question is called off first.
        """
        return ask() if self._watch is None else self._watched(ask, self._watch)

    def _watched(self, ask: Callable[[], Answer], watch: Watch) -> Answer:
        found: list[Answer] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                found.append(ask())
            except BaseException as error:  # raised again where the question was asked
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            while True:
                thread.join(_EVERY)
                if not thread.is_alive():
                    break
                self._seconds += _EVERY
                watch(self._share(), self._seconds)
        except BaseException:
            self._call_off()
            thread.join(_EVERY * 10)
            raise
        if failed:
            raise failed[0]
        return found[0]

    def _share(self) -> float | None:
        """How much of the question the engine says is done; None where it does not say."""
        if self._engine != "clickhouse" or self._beside is None:
            return None
        with contextlib.suppress(Exception):  # not every user may look there; the question itself goes on
            with self._opened() as other:
                ((read, wanted),) = other.con.query(CLICKHOUSE_SHARE.format(mark=self._mark)).result_rows
            return float(read) / float(wanted) if wanted else None
        return None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        assert self._beside is not None
        other = self._beside()
        try:
            yield other
        finally:
            other.disconnect()

    def _call_off(self) -> None:
        """Tell the engine to stop; it may have ended meanwhile, or not answer."""
        with contextlib.suppress(Exception):
            if self._engine == "postgres":
                self.backend.con.cancel_safe(timeout=5)
            elif self._engine == "clickhouse" and self._beside is not None:
                with self._opened() as other:
                    other.con.command(CLICKHOUSE_STOP.format(mark=self._mark))
            elif self._engine == "pyspark":
                self.backend._session.sparkContext.cancelAllJobs()
            elif self._engine == "snowflake":
                with contextlib.closing(self.backend.con.cursor()) as cursor:
                    cursor.execute(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(self.backend.con.session_id)})")
