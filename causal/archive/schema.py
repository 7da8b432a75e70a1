"""The tables of the study store, as forward-only numbered migrations."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from causal.errors import NewerSchema

Migration = tuple[str, ...]

_FIRST: Migration = (
    "create table meta (schema_version integer not null)",
    "insert into meta values (0)",
    """create table study (
        id text primary key, title text not null, revision integer not null,
        created_at text not null, saved_at text not null, deleted_at text)""",
    """create table revision (
        study_id text not null references study (id), number integer not null,
        document text not null, sha256 text not null, saved_at text not null, note text not null,
        primary key (study_id, number))""",
    """create table blob (
        sha256 text primary key, suffix text not null, bytes integer not null, created_at text not null)""",
    """create table result (
        key text primary key, analysis text not null references blob (sha256),
        scores text references blob (sha256), created_at text not null)""",
    """create table job (
        id text primary key, kind text not null, fingerprint text not null, payload text not null,
        state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
        share real not null default 0, stage text not null default '', message text not null default '',
        outcomes text not null default '[]', owner text not null, pid integer,
        created_at text not null, started_at text, ended_at text)""",
    "create index job_by_fingerprint on job (fingerprint, state)",
    "create index job_by_state on job (state)",
    """create table job_study (
        study_id text not null, job_id text not null references job (id), primary key (study_id, job_id))""",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST,)
"""Never edited once released; a change is one more entry."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database at `path` to the newest schema, after a copy of an older one to `<name>.schema-<n>.backup`.

    Raises NewerSchema where a newer version of the app wrote it; nothing is touched then.
    """
    version = schema_version(connection)
    _refuse_newer(version, path)
    if version == len(MIGRATIONS):
        return
    if version > 0:
        _back_up(connection, path.with_name(f"{path.name}.schema-{version}.backup"))
    connection.execute("begin immediate")
    try:
        version = schema_version(connection)  # another process may have been first
        for statement in (each for migration in MIGRATIONS[version:] for each in migration):
            connection.execute(statement)
        connection.execute("update meta set schema_version = ?", [max(version, len(MIGRATIONS))])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def schema_version(connection: sqlite3.Connection) -> int:
    """The number of migrations that the database has had; 0 for an empty one."""
    if not connection.execute("select 1 from sqlite_master where name = 'meta'").fetchone():
        return 0
    return int(connection.execute("select schema_version from meta").fetchone()[0])


def _refuse_newer(version: int, path: Path) -> None:
    if version > len(MIGRATIONS):
        raise NewerSchema(
            f'"{path}" was written by a newer version of this app (its schema is {version}, this version knows '
            f"{len(MIGRATIONS)}). Update the app, or name another data folder in DOABLE_DATA; nothing was changed."
        )


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    copy = sqlite3.connect(path)
    try:
        connection.backup(copy)
    finally:
        copy.close()
