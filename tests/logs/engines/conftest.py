"""PostgreSQL in a folder of its own and ClickHouse inside this process, each a connection of the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ibis
import pyarrow as pa
import pytest

from causal.logs import warehouses

OWNER = "doable"


def program(name: str) -> str:
    """A program of PostgreSQL's, which Debian keeps out of the path."""
    found = [shutil.which(name), *sorted(str(each) for each in Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    wanted = [each for each in found if each]
    assert wanted, f"PostgreSQL's {name} is not installed: tests/run.sh installs it"
    return wanted[-1]


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A server that only this machine's users reach, by a socket; it sorts text as English does, unlike DuckDB."""
    home = Path(tempfile.mkdtemp(prefix="doable-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        shutil.chown(home, user, user)
    data, run = home / "data", {"check": True, "stdout": subprocess.DEVNULL, "user": user, "cwd": home}
    making = ["-A", "trust", "-U", OWNER, "--no-sync", "--locale-provider=icu", "--icu-locale=en-US", "-E", "UTF8"]
    subprocess.run([program("initdb"), "-D", data, *making, "--locale=C.UTF-8"], **run)
    options = f"-c listen_addresses='' -k {home} -c fsync=off -c full_page_writes=off -c timezone=Asia/Tokyo"
    control = [program("pg_ctl"), "-D", data, "-w", "-l", home / "log"]
    subprocess.run([*control, "-o", options, "start"], **run)
    try:
        yield f"postgres:///postgres?host={quote(str(home))}&user={OWNER}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **run)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connection that may write, for the tests' tables; the app's is called "house"."""
    import psycopg

    monkeypatch.setenv(f"{warehouses.VARIABLE}HOUSE", postgres_address)
    host = postgres_address.split("host=")[1].split("&")[0]
    with psycopg.connect(host=host.replace("%2F", "/"), user=OWNER, dbname="postgres", autocommit=True) as connection:
        yield connection


class InProcess:
    """ClickHouse inside this process, in the shape of an Ibis backend."""

    def __init__(self) -> None:
        from chdb.session import Session

        self.session = Session()
        self.schemas: dict[str, Mapping[str, str]] = {}

    def table(self, name: str, database: Any = None) -> Any:
        return ibis.table(self.schemas[name], name=name)

    def sql(self, query: str, schema: Any) -> InProcess.Answer:
        return InProcess.Answer(pa.ipc.open_file(pa.py_buffer(self.session.query(query, "Arrow").bytes())).read_all())

    def disconnect(self) -> None:
        """It goes on for the next test."""

    class Answer:
        def __init__(self, table: pa.Table) -> None:
            self.table = table

        def to_pyarrow(self) -> pa.Table:
            return self.table

        def to_pyarrow_batches(self, chunk_size: int) -> list[pa.RecordBatch]:
            return self.table.to_batches(chunk_size)


@pytest.fixture(scope="session")
def in_process() -> Iterator[InProcess]:
    backend = InProcess()
    yield backend
    backend.session.close()


@pytest.fixture
def clickhouse(in_process: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """ClickHouse, to the app a connection called "columns"."""
    monkeypatch.setenv(f"{warehouses.VARIABLE}COLUMNS", "clickhouse://inside")
    connected = warehouses._connected

    @contextmanager
    def opened(name: str) -> Iterator[Any]:
        if name == "columns":
            yield in_process
        else:
            with connected(name) as backend:
                yield backend

    monkeypatch.setattr(warehouses, "_connected", opened)
    return in_process
