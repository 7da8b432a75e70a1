"""The job table: what was asked to run, how far it is, and how it ended; written by the process that owns the job."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from causal.archive.processes import lives, this_process
from causal.archive.store import StudyStore

JobState = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]

_COLUMNS = (
    "id, kind, fingerprint, payload, state, share, stage, message, outcomes, pid, created_at, started_at, ended_at"
)
_INTERRUPTED = "The app was stopped while this was running. Start it again: what was finished is kept."


@dataclass(frozen=True)
class Job:
    """One piece of long work as it stands.

    `share` is the part done, 0 to 1; `message` the sentence about how it ended; `outcomes` what is finished so far, one
    JSON document each, as the kind of work defines it.
    """

    id: str
    kind: str
    fingerprint: str
    payload: Mapping[str, Any]
    state: JobState
    share: float
    stage: str
    message: str
    outcomes: tuple[Mapping[str, Any], ...]
    pid: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ("queued", "running")


def find_job(store: StudyStore, job_id: str) -> Job | None:
    """The job with this id, or None: how a page attaches again after a refresh."""
    interrupt_abandoned(store)
    with store.database.reading() as connection:
        row = connection.execute(f"select {_COLUMNS} from job where id = ?", [job_id]).fetchone()
    return None if row is None else _job(row)


def jobs_of_study(store: StudyStore, study_id: str) -> tuple[Job, ...]:
    """Every job that the study asked for, the newest first."""
    interrupt_abandoned(store)
    with store.database.reading() as connection:
        rows = connection.execute(
            f"select {_COLUMNS} from job where id in (select job_id from job_study where study_id = ?)"
            " order by created_at desc, rowid desc",
            [study_id],
        ).fetchall()
    return tuple(_job(row) for row in rows)


def job_about(store: StudyStore, fingerprint: str) -> Job | None:
    """The newest job for this question however it stands, or None: what is done is an answer that is kept."""
    interrupt_abandoned(store)
    with store.database.reading() as connection:
        row = connection.execute(
            f"select {_COLUMNS} from job where fingerprint = ? order by state = 'done' desc, rowid desc", [fingerprint]
        ).fetchone()
    return None if row is None else _job(row)


def enqueue(
    store: StudyStore, kind: str, payload: Mapping[str, Any], fingerprint: str, study_id: str | None, again: bool
) -> tuple[str, bool]:
    """The id of the job for this question, and whether it is new; one that waits, runs or is done is not repeated.

    `again` repeats one that is done.
    """
    interrupt_abandoned(store)
    job_id = secrets.token_hex(12)
    states = "('queued', 'running')" if again else "('queued', 'running', 'done')"
    with store.database.writing() as connection:
        known = connection.execute(
            f"select id from job where fingerprint = ? and state in {states} order by rowid desc", [fingerprint]
        ).fetchone()
        if known is None:
            connection.execute(
                "insert into job (id, kind, fingerprint, payload, state, stage, owner, created_at)"
                " values (?, ?, ?, ?, 'queued', 'waiting for a free worker', ?, ?)",
                [job_id, kind, fingerprint, json.dumps(payload), this_process(), _now()],
            )
        chosen = job_id if known is None else str(known[0])
        if study_id is not None:
            connection.execute("insert or ignore into job_study (study_id, job_id) values (?, ?)", [study_id, chosen])
    return chosen, known is None


def claim(store: StudyStore, job_id: str, pid: int) -> Job | None:
    """The waiting job, now running in the worker `pid`; None where it no longer waits."""
    changed = _change(
        store,
        "update job set state = 'running', stage = 'starting', pid = ?, started_at = ?"
        " where id = ? and state = 'queued'",
        [pid, _now(), job_id],
    )
    return find_job(store, job_id) if changed else None


def set_progress(store: StudyStore, job_id: str, share: float, stage: str) -> bool:
    """Whether the job still runs; if so, it now is that far."""
    return _change(
        store,
        "update job set share = ?, stage = ? where id = ? and state = 'running'",
        [min(max(share, 0.0), 1.0), stage, job_id],
    )


def add_outcome(store: StudyStore, job_id: str, outcome: Mapping[str, Any]) -> bool:
    """Whether the job still runs; if so, it now has one more outcome."""
    return _change(
        store,
        "update job set outcomes = json_insert(outcomes, '$[#]', json(?)) where id = ? and state = 'running'",
        [json.dumps(outcome), job_id],
    )


def finish(store: StudyStore, job_id: str, state: Literal["done", "failed"], message: str) -> bool:
    """Whether the running job ended now; one that was cancelled stays so."""
    return _change(
        store,
        "update job set state = ?, message = ?, share = case ? when 'done' then 1.0 else share end, ended_at = ?"
        " where id = ? and state = 'running'",
        [state, message, state, _now(), job_id],
    )


def fail_waiting(store: StudyStore, job_id: str, message: str) -> bool:
    """Whether the waiting job failed now, because no worker can be had."""
    return _change(
        store,
        "update job set state = 'failed', message = ?, ended_at = ? where id = ? and state = 'queued'",
        [message, _now(), job_id],
    )


def cancel(store: StudyStore, job_id: str, study_id: str | None) -> bool:
    """Whether the waiting or running job is cancelled now; with a study, only if no other study waits for it."""
    with store.database.writing() as connection:
        if study_id is not None:
            others = connection.execute(
                "select 1 from job_study where job_id = ? and study_id <> ?", [job_id, study_id]
            ).fetchone()
            if others is not None:
                connection.execute("delete from job_study where job_id = ? and study_id = ?", [job_id, study_id])
                return False
        cursor = connection.execute(
            "update job set state = 'cancelled', message = 'Cancelled.', ended_at = ?"
            " where id = ? and state in ('queued', 'running')",
            [_now(), job_id],
        )
        return cursor.rowcount > 0


def interrupt(store: StudyStore, owner: str) -> None:
    """Mark what a process that is gone, or goes, was running or keeping waiting."""
    _change(
        store,
        "update job set state = 'interrupted', message = ?, ended_at = ?"
        " where owner = ? and state in ('queued', 'running')",
        [_INTERRUPTED, _now(), owner],
    )


def interrupt_abandoned(store: StudyStore) -> None:
    """Mark the jobs of every process that no longer lives; those of other living servers are left alone."""
    with store.database.reading() as connection:
        owners = connection.execute("select distinct owner from job where state in ('queued', 'running')").fetchall()
    for (owner,) in owners:
        if not lives(owner):
            interrupt(store, owner)


def _change(store: StudyStore, statement: str, values: list[Any]) -> bool:
    with store.database.writing() as connection:
        return connection.execute(statement, values).rowcount > 0


def _job(row: sqlite3.Row | tuple[Any, ...]) -> Job:
    job_id, kind, fingerprint, payload, state, share, stage, message, outcomes, pid, created, started, ended = row
    return Job(
        id=job_id,
        kind=kind,
        fingerprint=fingerprint,
        payload=json.loads(payload),
        state=cast(JobState, state),
        share=share,
        stage=stage,
        message=message,
        outcomes=tuple(json.loads(outcomes)),
        pid=pid,
        created_at=datetime.fromisoformat(created),
        started_at=None if started is None else datetime.fromisoformat(started),
        ended_at=None if ended is None else datetime.fromisoformat(ended),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
