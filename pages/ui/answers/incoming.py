"""Logs on their way in: files that are sent, files in the server's folder, tables in a warehouse."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from causal.archive.study import LogReference
from pages.ui.answers.work import begin, job, store


@st.cache_resource(show_spinner=False)
def arrivals() -> Any:
    """Where files on their way in lie on this server."""
    from causal.archive.arrivals import Arrivals

    return Arrivals(store().folder)


def keep_upload(content: bytes, name: str, encoding: str | None = None) -> LogReference:
    """The uploaded file, read and kept in the store.

    Raises UnreadableLog, EmptyLog.
    """
    from causal.logs.reading import read_log

    with tempfile.TemporaryDirectory(prefix="doable-upload-") as desk:
        log = read_log(content, name=name, folder=Path(desk), encoding=encoding)
        return LogReference(name=name, blob=store().put_blob(log.path, "parquet"), encoding=encoding)


def read_arrival(token: str, name: str, encoding: str | None) -> str:
    """The id of the work that reads a file which came in.

    Raises ArrivalRefused where there is none.
    """
    from causal.errors import ArrivalRefused

    if not arrivals().file(token).is_file():
        raise ArrivalRefused("The file is not here. Drop it again.")
    return _read_file(arrivals().file(token), arrivals().desk(token), name, encoding)


def read_shared(entry: str, encoding: str | None) -> str:
    """The id of the work that reads a log in the server's folder.

    Raises ArrivalRefused for a name that leads out of it.
    """
    from causal.archive.shared_folder import path_in
    from causal.errors import ArrivalRefused

    folder = _shared_folder()
    if folder is None:
        raise ArrivalRefused("This server offers no folder of logs. Drop the file instead.")
    desk = arrivals().desk(arrivals().new_token())
    return _read_file(path_in(folder, entry), desk, entry.rpartition("/")[2], encoding)


def shared_logs() -> tuple[str, ...] | None:
    """The logs in the server's folder, as they were at most ten seconds ago; None where it offers none."""
    folder = _shared_folder()
    return None if folder is None else _entries(str(folder))


@st.cache_resource(show_spinner=False, ttl=10, max_entries=2)
def _entries(folder: str) -> tuple[str, ...]:
    from causal.archive.shared_folder import entries

    return entries(Path(folder))


@st.cache_resource(show_spinner=False)
def _shared_folder() -> Path | None:
    """The folder that the environment names (DOABLE_LOGS), or else the app's secrets."""
    from causal.archive.shared_folder import VARIABLE, shared_folder

    try:
        return shared_folder(st.secrets.get(VARIABLE))
    except FileNotFoundError:  # there are no secrets
        return shared_folder()


def _read_file(path: Path, desk: Path, name: str, encoding: str | None) -> str:
    payload = {"path": str(path), "desk": str(desk), "name": name, "encoding": encoding}
    return begin("read file", payload)


def reading_job(job_id: str | None, kind: str = "read file") -> str | None:
    """The id itself if it is of work that reads a file (or a table), and goes on."""
    found = None if job_id is None else job(job_id)
    return job_id if found is not None and found.kind == kind and found.active else None


def log_read(reading: Any) -> LogReference:
    """The log that a finished reading kept."""
    asked = reading.payload
    return LogReference(asked["name"], blob=reading.outcomes[0]["blob"], encoding=asked["encoding"])


def clear_away(reading: Any) -> None:
    """Remove what a reading that has ended may have left, where it was killed."""
    arrivals().discard(Path(reading.payload["desk"]).name)


def connections() -> dict[str, str]:
    """The engine of each connection to a warehouse that this server has, by the connection's name.

    Raises WarehouseError where the secrets cannot be read.
    """
    from causal.logs.warehouses import connections as found

    return found()


@st.cache_resource(show_spinner="Asking for the list of tables …", ttl=60, max_entries=8)
def tables_of(connection: str) -> Any:
    """The tables that a connection lists, as they were at most a minute ago; the refusal where it gives none."""
    from causal.errors import WarehouseError
    from causal.logs.warehouses import tables_of as found

    try:
        return found(connection)
    except WarehouseError as refusal:
        return refusal


def read_table(connection: str, table: str, whole: bool) -> str:
    """The id of the work that reads some rows of a table in a warehouse, or all of them."""
    payload = {"connection": connection, "table": table, "whole": whole}
    return begin("read table", payload, again=True)


def table_read(reading: Any) -> LogReference:
    """The log that a finished reading of a table kept."""
    asked = reading.payload
    return LogReference(
        asked["table"],
        blob=reading.outcomes[0]["blob"],
        connection=asked["connection"],
        whole=asked["whole"],
        as_of=reading.ended_at.isoformat(timespec="milliseconds"),
    )
