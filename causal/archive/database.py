"""Connections to one SQLite file, safe between threads and processes."""

from __future__ import annotations

import queue
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from causal.archive.schema import migrate
from causal.errors import StudyError

_BUSY_SECONDS = 10.0


class Database:
    """One SQLite file in WAL mode with full synchronisation; a connection is lent to one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and bring it to the newest schema.

        Raises NewerSchema, or StudyError where the file is no database or cannot be written.
        """
        self.path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        with _sentences(path):
            connection = self._connect()
            migrate(connection, path)
            _use_write_ahead_log(connection)
        self._idle.put(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading."""
        with _sentences(self.path):
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._idle.put(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one write transaction: committed at the end, rolled back on any error."""
        with self.reading() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    def close(self) -> None:
        """Close the connections that are not lent."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError:  # the switch itself does not wait for other processes
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StudyError(
            f'The study store "{path}" cannot be used now: {error}. Check that the disk has space, that the folder '
            "can be written, and that no other program holds the file; the last saved revision is intact."
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise StudyError(
            f'"{path}" is not a study store, or is damaged ({error}). Move it away, or put back a copy of it.'
        ) from error
