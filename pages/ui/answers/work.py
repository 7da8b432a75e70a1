"""What a server keeps and has done in the background: the store, the pool of workers, and the jobs as they stand."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.archive.study import Study

first_page = threading.Event()
"""Set once a person has seen a page: what is slow to load is loaded after it."""


@st.cache_resource(show_spinner=False)
def store() -> Any:
    """The one store of this server."""
    from causal.archive.store import StudyStore, data_folder

    return StudyStore(data_folder())


@st.cache_resource(show_spinner=False)
def pool() -> Any:
    """The one pool of warm workers of this server."""
    from causal.jobs.pool import JobPool

    return JobPool(store())


def begin(kind: str, payload: Mapping[str, Any], study_id: str | None = None, again: bool = False) -> str:
    """The id of the work of this kind on what is asked; what waits or runs already is not begun twice.

    `again`: done anew where it has ended before.
    """
    job_id: str = pool().submit(kind, payload, study_id=study_id, again=again)
    return job_id


def stop(job_id: str, study: Study | None) -> None:
    """Stop a job that nobody else waits for."""
    pool().cancel(job_id, None if study is None else study.id)


def job(job_id: str) -> Any:
    """The job as it stands, or None."""
    from causal.jobs.table import find_job

    return find_job(store(), job_id)


def is_done(job: Any) -> bool:
    """Whether there is a job, and all of it was done."""
    return job is not None and job.state == "done"


def told(job: Any, noun: Any, place: int = 0) -> Any:
    """What a finished job told as its first outcome, or one at another place, read once; None before that."""
    if not is_done(job) or len(job.outcomes) <= place:
        return None
    return _told(job.id, place, job.outcomes[place], noun)


@st.cache_resource(show_spinner=False, max_entries=256)
def _told(job_id: str, place: int, _outcome: Mapping[str, Any], _noun: Any) -> Any:
    return _noun.from_json(_outcome)


def job_about(kind: str, payload: Mapping[str, Any]) -> Any:
    """The job of this kind on what is asked, however it stands; None before there is one."""
    from causal.jobs.pool import work_fingerprint
    from causal.jobs.table import job_about as found

    return found(store(), work_fingerprint(kind, payload))


def jobs_of(study: Study) -> Any:
    """Every job that the study asked for, the newest first."""
    from causal.jobs.table import jobs_of_study

    return jobs_of_study(store(), study.id)


def belongs(job: Any, study: Study) -> bool:
    """Whether the study asked for this job."""
    return any(each.id == job.id for each in jobs_of(study))


def outcomes(job: Any) -> Any:
    """What the job has finished so far."""
    from causal.jobs.kinds import spec_outcomes

    return spec_outcomes(job)


def record(error: BaseException) -> str:
    """The sentence for an error of ours; its details are in the data folder."""
    from causal.archive.faults import record_fault

    return record_fault(store().folder, error)


def key_of(document: Mapping[str, Any]) -> str:
    """What tells one question from another in a cache."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
