"""A small pool of warm worker processes: jobs run outside the web process, report, and can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from causal.archive.engine import engine_fingerprint
from causal.archive.processes import this_process
from causal.archive.store import StudyStore
from causal.jobs import lifeline, stopping, table
from causal.jobs.kinds import kind_named
from causal.study import fingerprint_of

_LARGEST_LOG = 1_000_000
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class JobPool:
    """Up to `workers` processes for one store; made once per server and shared by its sessions.

    Each worker has a thread of this process that starts it, feeds it, and writes its reports to the job table. The
    thread lives as long as the worker, because the kernel ends the worker with the thread that started it.
    """

    def __init__(self, store: StudyStore, workers: int = 2) -> None:
        """Start the workers in the background, one after another, so that the first page does not wait for them."""
        self.store = store
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: dict[int, Worker] = {}
        self._running: dict[str, Worker] = {}
        self._closing = False
        table.interrupt_abandoned(store)
        engine_fingerprint()  # of the source as it is now, which is what the workers import
        turns = [threading.Event() for _ in range(workers + 1)]
        turns[0].set()
        self._threads = [
            threading.Thread(target=self._serve, args=(slot, turns, workers), name=f"worker {slot + 1}", daemon=True)
            for slot in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        study_id: str | None = None,
        fingerprint: str | None = None,
        again: bool = False,
    ) -> str:
        """The id of the job that does this; the same work that waits, runs or is done is not started twice.

        `fingerprint` says what is the same work (by default kind, payload and engine); `again` repeats what is done.
        Raises ValueError for an unknown kind.
        """
        kind_named(kind)
        fingerprint = fingerprint or work_fingerprint(kind, payload)
        job_id, new = table.enqueue(self.store, kind, payload, fingerprint, study_id, again)
        if new:
            self._waiting.put(job_id)
        return job_id

    def cancel(self, job_id: str, study_id: str | None = None) -> bool:
        """Whether the job is cancelled now: its process is killed, and a fresh worker starts.

        With `study_id`, a job that another study waits for too goes on for that one.
        """
        with self._lock:
            if not table.cancel(self.store, job_id, study_id):
                return False
            if job_id in self._running:
                self._running[job_id].kill()
        return True

    def worker_pids(self) -> tuple[int, ...]:
        """The process ids of the workers that live."""
        with self._lock:
            return tuple(each.pid for each in self._workers.values() if each.alive)

    def close(self) -> None:
        """End the workers; what they ran is marked as interrupted."""
        with self._lock:
            self._closing = True
            table.interrupt(self.store, this_process())
            for worker in self._workers.values():
                worker.kill()
        self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=10)

    def _serve(self, slot: int, turns: list[threading.Event], workers: int) -> None:
        turns[slot].wait()
        while not self._closing:
            worker = self._start(slot, workers)
            ready = worker is not None and worker.is_ready()
            turns[slot + 1].set()
            if worker is None or not ready:
                self._fail_next()
            else:
                self._feed(worker)
            if worker is not None:
                worker.kill()
                worker.wait()
        turns[slot + 1].set()

    def _start(self, slot: int, workers: int) -> Worker | None:
        with self._lock:
            if self._closing:
                return None
            try:
                self._workers[slot] = Worker(self.store.folder, slot, workers)
            except OSError:
                return None
            return self._workers[slot]

    def _feed(self, worker: Worker) -> None:
        while not self._closing:
            job_id = self._waiting.get()
            if job_id is None or not worker.alive:
                self._waiting.put(job_id)  # for the next thread, or for this worker's successor
                return
            if not self._run(worker, job_id):
                return

    def _fail_next(self) -> None:
        """No worker can be had: the next job says so, and then another start is tried."""
        job_id = self._waiting.get()
        if job_id is None:
            self._waiting.put(None)
            return
        table.fail_waiting(
            self.store,
            job_id,
            f'No worker process could be started. Its log is in "{_log_folder(self.store.folder)}"; '
            "check the memory and the installation, then try again.",
        )

    def _run(self, worker: Worker, job_id: str) -> bool:
        """Whether the worker can take another job after this one."""
        with self._lock:
            job = table.claim(self.store, job_id, worker.pid)
            if job is None:
                return True
            self._running[job_id] = worker
        try:
            worker.send({"kind": job.kind, "payload": job.payload})
            ended = self._follow(worker, job_id)
        except OSError:
            ended = False
        with self._lock:
            del self._running[job_id]
        if not ended:
            worker.kill()
            table.finish(self.store, job_id, "failed", _death_sentence(worker.wait()))
        return ended

    def _follow(self, worker: Worker, job_id: str) -> bool:
        """Whether the job came to its end; False where the worker died, or the job was cancelled from elsewhere."""
        for message in worker.messages():
            match message["event"]:
                case "progress":
                    goes_on = table.set_progress(self.store, job_id, message["share"], message["stage"])
                case "outcome":
                    goes_on = table.add_outcome(self.store, job_id, message["outcome"])
                case _:
                    table.finish(self.store, job_id, message["state"], message["message"])
                    return True
            if not goes_on:
                return False
        return False


def work_fingerprint(kind: str, payload: Mapping[str, Any]) -> str:
    """64 hexadecimal digits; equal for the same work by the same engine, in any process."""
    return fingerprint_of([kind, payload, engine_fingerprint()])


class Worker:
    """One worker process and the lines to and from it."""

    def __init__(self, folder: Path, slot: int, workers: int) -> None:
        """Start the process.

        Raises OSError where the system gives none.
        """
        with _open_log(folder, slot) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", lifeline.__file__, str(os.getpid()), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(workers),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it has imported everything; waits until it has, or has died."""
        return any(message["event"] == "ready" for message in self.messages())

    def send(self, request: Mapping[str, Any]) -> None:
        """Hand it a job.

        Raises OSError where it has died.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def messages(self) -> Iterator[Mapping[str, Any]]:
        """Its reports as they come, until it dies."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if not line.endswith(b"\n"):  # killed in the middle of a report
                return
            yield json.loads(line)

    def kill(self) -> None:
        """End the process and everything that it started; it may first end what it began elsewhere."""
        if not self.alive:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=stopping.SECONDS)
                os.killpg(self.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def wait(self) -> int:
        """How it ended: an exit code, or minus the signal."""
        return self._process.wait()


def _environment(workers: int) -> dict[str, str]:
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    return {**dict.fromkeys(_THREAD_VARIABLES, threads), **os.environ}


def _open_log(folder: Path, slot: int) -> IO[bytes]:
    path = _log_folder(folder) / f"worker-{slot + 1}.log"
    path.parent.mkdir(exist_ok=True)
    too_large = path.exists() and path.stat().st_size > _LARGEST_LOG
    return path.open("wb" if too_large else "ab")


def _log_folder(folder: Path) -> Path:
    return folder / "logs"


def _death_sentence(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "The worker was killed by the system, most likely because memory ran out. "
            "Try fewer methods at once, or a smaller log; everything else goes on."
        )
    return (
        f"The worker stopped unexpectedly (code {code}). Try again; if it happens again, "
        "its log is in the data folder under logs. Everything else goes on."
    )
