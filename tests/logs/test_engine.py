from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from causal.logs.engine import locked_engine, rows_in_order, watched

SECRET = "a,b\n1,2\n"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_csv('{inside}/../secret.csv')",
        "SELECT * FROM read_csv('{inside}/link.csv')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '{outside}'",
        "ATTACH '{outside}' AS other",
        "EXPORT DATABASE '{outside}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
        "CREATE SECRET s (TYPE S3)",
        "SET enable_external_access=true",
        "SET allowed_directories=['/']",
        "SET memory_limit='100GB'",
        "SET lock_configuration=false",
        "RESET memory_limit",
        "PRAGMA enable_external_access=true",
        "SELECT * FROM frame",
        "SELECT getenv('HOME')",
    ],
)
def test_the_engine_reaches_nothing_outside_its_folder(tmp_path: Path, query: str) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "secret.csv"
    inside.mkdir()
    outside.write_text(SECRET)
    (inside / "link.csv").symlink_to(outside)
    frame = [1]
    assert frame
    with (
        locked_engine(inside) as connection,
        pytest.raises(duckdb.Error, match=r"(?i)permission|disabled|lock|does not exist|cannot|not found"),
    ):
        connection.execute(query.format(inside=inside, outside=outside)).fetchall()
    assert outside.read_text() == SECRET


def test_rows_come_in_the_tables_order(tmp_path: Path) -> None:
    with locked_engine(tmp_path) as connection:
        connection.execute("CREATE TABLE raw AS SELECT range AS n FROM range(300_000)")
        connection.execute("DELETE FROM raw WHERE n % 1000 = 7")
        numbers = [n for batch in rows_in_order(connection, "raw", "n") for n in batch.column(0).to_pylist()]
    assert numbers == [n for n in range(300_000) if n % 1000 != 7]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{other}')",
        "SELECT * FROM read_csv('{folder}/../secret.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{other}'",
        "SET allowed_paths=['{other}']",
    ],
)
def test_a_file_that_may_be_read_opens_no_other_beside_it(tmp_path: Path, query: str) -> None:
    folder, work = tmp_path / "logs", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    for path in (folder / "read.csv", folder / "other.csv", tmp_path / "secret.csv"):
        path.write_text(SECRET)
    with locked_engine(work, reads=(folder / "read.csv",)) as connection:
        assert connection.sql(f"SELECT * FROM read_csv('{folder / 'read.csv'}')").fetchall() == [(1, 2)]
        with pytest.raises(duckdb.Error):
            connection.execute(query.format(folder=folder, other=folder / "other.csv")).fetchall()
    assert (folder / "other.csv").read_text() == SECRET


def test_a_watched_query_tells_how_far_it_is_and_never_goes_back(tmp_path):
    told = []
    with locked_engine(tmp_path) as connection:
        watched(connection, "CREATE TABLE big AS SELECT sum(range) AS s FROM range(30000000)", told.append, every=0.005)
        assert connection.execute("SELECT s FROM big").fetchone()[0] == 449999985000000
    assert told == sorted(told)
    assert told
    assert all(0 <= each <= 1 for each in told)


def test_a_watched_query_that_fails_or_is_stopped_says_so(tmp_path):
    def stop(share):
        raise RuntimeError("stopped")

    with locked_engine(tmp_path) as connection:
        with pytest.raises(duckdb.CatalogException):
            watched(connection, "SELECT * FROM nowhere", lambda share: None)
        with pytest.raises(RuntimeError, match="stopped"):
            watched(
                connection, "SELECT sum(a.range * b.range) FROM range(1000000) a, range(100000) b", stop, every=0.01
            )
        assert connection.execute("SELECT 1").fetchone() == (1,)
