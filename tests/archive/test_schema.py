import sqlite3
from pathlib import Path

import pytest

from causal.archive import schema
from causal.archive.store import StudyStore
from causal.errors import NewerSchema, StudyError

RELEASED = sorted(Path(__file__).parent.glob("schema-*.sql"))


def columns(path, table):
    connection = sqlite3.connect(path)
    try:
        return [row[1] for row in connection.execute(f"pragma table_info({table})")]
    finally:
        connection.close()


@pytest.mark.parametrize("dump", RELEASED, ids=lambda path: path.stem)
def test_a_store_of_every_released_schema_opens(tmp_path, dump):
    connection = sqlite3.connect(tmp_path / "studies.db")
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    store = StudyStore(tmp_path)
    (entry,) = store.list_studies()
    saved = store.load(entry.id)
    assert saved.study.title == "Does the new algorithm engage?"
    assert saved.revision == 2
    assert saved.study.log.name == "classic"


def test_every_schema_has_its_dump():
    assert len(RELEASED) == len(schema.MIGRATIONS)


def test_a_newer_version_migrates_after_a_copy_and_keeps_everything(tmp_path, monkeypatch):
    study = StudyStore(tmp_path).create_study("old").study
    second = ("alter table study add column owner text not null default ''", "create table share (token text)")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, second))
    assert StudyStore(tmp_path).load(study.id).study.title == "old"
    assert "owner" in columns(tmp_path / "studies.db", "study")
    assert "owner" not in columns(tmp_path / "studies.db.schema-1.backup", "study")


def test_an_older_version_refuses_a_newer_store_and_changes_nothing(tmp_path, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("create table share (token text)",)))
        StudyStore(tmp_path).close()
    before = (tmp_path / "studies.db").read_bytes()
    with pytest.raises(NewerSchema, match=r"newer version of this app \(its schema is 2, this version knows 1\)"):
        StudyStore(tmp_path)
    assert (tmp_path / "studies.db").read_bytes() == before


def test_a_migration_that_fails_leaves_the_old_schema(tmp_path, monkeypatch):
    StudyStore(tmp_path).create_study("kept")
    broken = ("create table share (token text)", "alter table nowhere add column x text")
    with monkeypatch.context() as newer:
        newer.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(StudyError, match="no such table: nowhere"):
            StudyStore(tmp_path)
    assert StudyStore(tmp_path).list_studies()[0].title == "kept"
    assert columns(tmp_path / "studies.db", "share") == []
