"""Some of a log's users with all of their events, so that a recipe can be tried at once on a log of any size."""

from __future__ import annotations

import tempfile
from pathlib import Path

from causal.logs.engine import locked_engine, parquet_rows, rows_in_order
from causal.logs.log import Log
from causal.logs.readers.rows import Rows
from causal.logs.reading import keep_rows, log_folder

ROWS = 100_000


def some_users(log: Log, user: str, rows: int = ROWS, folder: Path | None = None) -> Log:
    """About so many rows of the log: all events of users who are picked by a hash of the column `user`.

    A log of no more rows comes back as it is. Raises UnknownColumn.
    """
    log.kind(user)
    if log.rows <= rows:
        return log
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    place, parts = log.names.index(user), -(-log.rows // rows)
    with (
        tempfile.TemporaryDirectory(prefix="some-", dir=home) as work,
        locked_engine(Path(work), reads=(log.path,)) as connection,
    ):
        source = parquet_rows(log.path.resolve(), len(log.schema))
        connection.execute(f"CREATE TABLE picked AS SELECT * FROM {source} WHERE hash(c{place}) % {parts} = 0")
        selected = ", ".join(f"c{number}" for number in range(len(log.schema)))
        kinds = tuple(column.kind for column in log.schema)
        found = Rows(log.names, kinds, rows_in_order(connection, "picked", selected), log.notes)
        return keep_rows(found, log.name, home, Path(work))
