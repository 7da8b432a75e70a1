"""PostgreSQL in a folder of its own, a connection of the environment: for the tests that ask a warehouse."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
