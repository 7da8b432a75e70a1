"""Background work that is done at once, in the test's own process: what a worker would do, without one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from causal.archive.store import StudyStore
from causal.jobs import table
from causal.jobs.kinds import Workroom
from causal.jobs.pool import work_fingerprint
from causal.jobs.worker import run


class WorkHere:
    """Stands where the pool of workers stands."""

    def __init__(self, store: StudyStore) -> None:
        self.store = store

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        study_id: str | None = None,
        fingerprint: str | None = None,
        again: bool = False,
    ) -> str:
        fingerprint = fingerprint or work_fingerprint(kind, payload)
        job_id, new = table.enqueue(self.store, kind, payload, fingerprint, study_id, again)
        if new:
            table.claim(self.store, job_id, os.getpid())
            run(Workroom(self.store), {"kind": kind, "payload": payload}, lambda told: self._hear(job_id, told))
        return job_id

    def _hear(self, job_id: str, told: Mapping[str, Any]) -> None:
        if told["event"] == "outcome":
            table.add_outcome(self.store, job_id, told["outcome"])
        if told["event"] == "end":
            table.finish(self.store, job_id, told["state"], told["message"])
