"""PostgreSQL (`tests/postgres.py`) and ClickHouse inside this process, each a connection of the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ibis
import pyarrow as pa
import pytest

from causal.logs import warehouses
from tests.postgres import postgres, postgres_address

__all__ = ["postgres", "postgres_address"]


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
    def opened(name: str, mark: str) -> Iterator[Any]:
        if name == "columns":
            yield in_process
        else:
            with connected(name, mark) as backend:
                yield backend

    monkeypatch.setattr(warehouses, "_connected", opened)
    return in_process
