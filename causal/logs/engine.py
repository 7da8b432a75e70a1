"""DuckDB, locked down: it sees one folder, never the network, and cannot be configured again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEMORY_LIMIT = "2GB"
SPILL_LIMIT = "40GB"


@contextmanager
def locked_engine(folder: Path, reads: Sequence[Path] = ()) -> Iterator[Any]:
    """A DuckDB connection that can read and spill inside `folder`, read the files `reads`, and nothing else.

    It is closed on the way out.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        for setting in _settings(folder, reads):
            connection.execute(setting)
        yield connection
    finally:
        connection.close()


def watched(connection: Any, query: str, tell: Callable[[float], None], every: float = 0.3) -> None:
    """Run a query, and tell meanwhile how much of it is done, from 0 to 1, as the engine reckons; it never goes back.

    Raises what the query does, and what `tell` raises to stop it.
    """
    failed: list[BaseException] = []

    def run() -> None:
        try:
            connection.execute(query)
        except BaseException as error:  # raised again where the query was asked for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    done = 0.0
    try:
        while thread.is_alive():
            thread.join(every)
            done = max(done, min(float(connection.query_progress()) / 100, 1.0))
            tell(done)
    except BaseException:
        connection.interrupt()
        thread.join()
        raise
    if failed:
        raise failed[0]


def quoted(text: str) -> str:
    """A text literal for SQL."""
    return "'" + text.replace("'", "''") + "'"


def parquet_rows(path: Path, columns: int) -> str:
    """SQL for a Parquet file's rows with its columns called c0, c1, …, whatever their names are."""
    return f"read_parquet({quoted(str(path))}) AS rows({', '.join(f'c{index}' for index in range(columns))})"


def rows_in_order(connection: Any, table: str, selected: str, size: int = 122_880) -> Iterator[Any]:
    """Arrow batches of `SELECT selected FROM table`, in the table's order.

    DuckDB 2.0 hands Arrow batches over in the order in which its threads finish, so the order is asked for by name.
    """
    ((last,),) = connection.execute(f"SELECT coalesce(max(rowid), -1) FROM {table}").fetchall()
    for start in range(0, last + 1, size):
        query = f"SELECT {selected} FROM {table} WHERE rowid >= {start} AND rowid < {start + size} ORDER BY rowid"
        yield from connection.sql(query).to_arrow_table().to_batches()


def _settings(folder: Path, reads: Sequence[Path]) -> list[str]:
    root = folder.resolve()
    files = ", ".join(quoted(str(path.resolve())) for path in reads)
    return [
        "SET TimeZone='UTC'",
        "SET enable_progress_bar=true",
        "SET enable_progress_bar_print=false",
        f"SET memory_limit='{MEMORY_LIMIT}'",
        f"SET temp_directory={quoted(str(root / 'spill'))}",
        f"SET max_temp_directory_size='{SPILL_LIMIT}'",
        "SET preserve_insertion_order=true",
        f"SET allowed_directories=[{quoted(str(root) + '/')}]",
        f"SET allowed_paths=[{files}]",
        "SET enable_external_access=false",
        "SET python_enable_replacements=false",
        "SET autoinstall_known_extensions=false",
        "SET autoload_known_extensions=false",
        "SET allow_community_extensions=false",
        "SET lock_configuration=true",
    ]
