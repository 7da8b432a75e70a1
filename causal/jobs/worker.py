"""A warm worker process: imports once, then runs one job after another; JSON lines in on stdin, out on stdout.

In: `{"kind", "payload"}`. Out: `{"event": "ready"}` once, then per job any number of `progress` (share, stage) and
`outcome` (outcome), and one `end` (state, message). It ends when stdin does.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from causal.archive.engine import engine_fingerprint
from causal.archive.faults import record_fault
from causal.archive.store import StudyStore
from causal.errors import DoableError
from causal.jobs.kinds import Workroom, kind_named

_WARM = ("numpy", "pandas", "pyarrow.parquet", "scipy.linalg", "sklearn.linear_model", "causal.analysis")
_SECONDS_BETWEEN_REPORTS = 0.2

Send = Callable[[Mapping[str, Any]], None]


def main() -> None:
    """Argument: the store's folder."""
    send = _sender(_private_stdout())
    requests = _requests()
    room = Workroom(StudyStore(Path(sys.argv[1])))
    _warm_up()
    send({"event": "ready"})
    for request in requests:
        run(room, request, send)


def run(room: Workroom, request: Mapping[str, Any], send: Send) -> None:
    """Run one job to its end; whatever it raises becomes a sentence."""
    try:
        kind = kind_named(request["kind"])
        kind.run(room, request["payload"], _throttled(send), lambda each: send({"event": "outcome", "outcome": each}))
        send({"event": "end", "state": "done", "message": ""})
    except DoableError as error:
        send({"event": "end", "state": "failed", "message": str(error)})
    except Exception as error:
        send({"event": "end", "state": "failed", "message": record_fault(room.store.folder, error)})


def _throttled(send: Send) -> Callable[[float, str], None]:
    last_stage, last_time = "", 0.0

    def progress(share: float, stage: str) -> None:
        nonlocal last_stage, last_time
        now = time.monotonic()
        if stage != last_stage or now - last_time >= _SECONDS_BETWEEN_REPORTS:
            last_stage, last_time = stage, now
            send({"event": "progress", "share": float(share), "stage": stage})

    return progress


def _private_stdout() -> TextIO:
    """The real stdout, for the protocol alone: what libraries print goes to stderr, which is the worker's log."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def _sender(stream: TextIO) -> Send:
    def send(message: Mapping[str, Any]) -> None:
        # What is no number would be kept by nobody: it fails here, as a fault of the work, and not in the store.
        stream.write(json.dumps(message, allow_nan=False) + "\n")
        stream.flush()

    return send


def _requests() -> Iterator[Mapping[str, Any]]:
    """Requests as they come; the thread that reads them ends the process when the parent closes stdin or dies."""
    waiting: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            waiting.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, name="requests", daemon=True).start()
    return iter(waiting.get, None)


def _warm_up() -> None:
    for module in _WARM:
        importlib.import_module(module)
    engine_fingerprint()  # of the source as it was imported, should it be edited later


if __name__ == "__main__":
    main()
