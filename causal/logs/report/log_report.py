"""Making the report on a log: every check in turn, in one engine over the stored rows."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causal.errors import LogError
from causal.logs.engine import locked_engine, quoted
from causal.logs.log import Log, Severity, check_here
from causal.logs.reading import log_folder
from causal.logs.report.finding import Finding, LogReport
from causal.logs.report.looked_at import LogRoles, LookedAt, roles_in, view_of
from causal.logs.report.registry import CHECKS
from causal.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

_ORDER: dict[Severity, int] = {"stop": 0, "attention": 1, "note": 2}


def log_report(
    log: Log,
    units: Log | None = None,
    roles: LogRoles | None = None,
    today: datetime.date | None = None,
    progress: Progress = silent,
) -> LogReport:
    """What every check finds in a log and in its units (None: each row is one).

    `roles`: what the columns mean (None: as their names and values suggest). `today` is what times are compared with
    (None: the clock's). Raises LogError where the log is too large for the memory of one question.
    """
    import duckdb

    check_here(log)
    units = units or log
    roles = roles or roles_in(log, units)
    day = today or datetime.datetime.now(tz=datetime.UTC).date()
    found: list[Finding] = []
    with (
        tempfile.TemporaryDirectory(prefix="report-", dir=log_folder()) as work,
        locked_engine(Path(work), reads=(log.path, units.path)) as connection,
    ):
        connection.execute(view_of(log, "rows"))
        connection.execute(view_of(units, "units"))
        looked_at = LookedAt(connection, log, units, roles, day)
        for place, check in enumerate(CHECKS):
            progress(place / len(CHECKS), f"looking for {check.title}")
            try:
                found += check.look(looked_at)
            except duckdb.OutOfMemoryException as error:
                raise LogError(
                    "This log is too large for the memory that this machine gives to one question. Upload fewer "
                    "columns, or a shorter stretch of time."
                ) from error
    ordered = sorted(found, key=lambda each: _ORDER[each.severity])
    return LogReport(log.rows, units.rows, tuple(ordered), tuple(each.name for each in CHECKS))


def rows_at(log: Log, positions: Sequence[int]) -> pd.DataFrame:
    """The rows of a log at these positions, counted from 0, in its order."""
    wanted = ", ".join(str(int(each)) for each in positions) or "-1"
    labels = ", ".join(f"c{place}" for place in range(len(log.schema)))
    source = f"read_parquet({quoted(str(log.path.resolve()))}, file_row_number = true) AS log({labels}, place)"
    query = f"SELECT {labels} FROM {source} WHERE place IN ({wanted}) ORDER BY place"
    with (
        tempfile.TemporaryDirectory(prefix="rows-", dir=log_folder()) as work,
        locked_engine(Path(work), reads=(log.path,)) as connection,
    ):
        frame: pd.DataFrame = connection.execute(query).df()
    frame.columns = [*log.names]
    return frame
