"""Many refits of the same thing: a seed of its own for each, in one process or several, with the same digits.

The data are sent to each process once. Seeds are spawned per replicate (numpy's SeedSequence), so that neither the
number of processes nor their order plays a part. The helpers start from the interpreter and never import the caller's
script.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from causal.progress import Progress, silent

Replicate = Callable[[Any, Any], Any]
"""A function of a module: called with the data and a `numpy.random.SeedSequence`, it gives one replicate's result."""

WORTH_HELPERS = 3.0
"""Seconds of work left from which further processes are started: each takes about a second until it is ready."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PROGRAM = "from causal.replicates import serve; serve()"


def run_replicates(
    replicate: Replicate, data: Any, count: int, seed: int, processes: int | None = None, progress: Progress = silent
) -> list[Any]:
    """The results of `count` replicates in their order, the same to the last digit for any number of processes.

    `processes` None: as many as there are cores, if the work is long enough. What `progress` raises ends the work.
    """
    import numpy as np

    seeds = np.random.SeedSequence(seed).spawn(count)
    results: list[Any] = [None] * count
    began, done = time.perf_counter(), 0
    while done < count and (processes == 1 or (processes is None and done < 3)):
        results[done] = replicate(data, seeds[done])
        done += 1
        progress(done / count, _stage(done, count))
    left = count - done
    if processes is None and left:
        long = (time.perf_counter() - began) / max(done, 1) * left > WORTH_HELPERS
        processes = min(_cores(), left) if long else 1
    if left and processes == 1:
        for place in range(done, count):
            results[place] = replicate(data, seeds[place])
            progress((place + 1) / count, _stage(place + 1, count))
    elif left:
        assert processes is not None
        _share_out(replicate, data, seeds, done, min(processes, left) - 1, results, progress)
    return results


def serve() -> None:
    """What a helper does: read the function, the data and the seeds from stdin, then one place after another."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no result
    replicate, data, seeds = pickle.load(sys.stdin.buffer)
    with contextlib.suppress(EOFError):
        while True:
            place = pickle.load(sys.stdin.buffer)
            pickle.dump(replicate(data, seeds[place]), out)
            out.flush()


class _Work:
    """The places that nobody took yet, handed out one by one to whoever is free."""

    def __init__(self, places: range) -> None:
        self._places, self._lock = iter(places), threading.Lock()

    def next(self) -> int | None:
        with self._lock:
            return next(self._places, None)


def _share_out(
    replicate: Replicate, data: Any, seeds: list[Any], start: int, helpers: int, results: list[Any], progress: Progress
) -> None:
    """Fill `results` from `start` on, with so many helpers beside this process."""
    told: queue.SimpleQueue[tuple[int, Any] | BaseException] = queue.SimpleQueue()
    work, count = _Work(range(start, len(results))), len(results)
    request = pickle.dumps((replicate, data, seeds))
    started = [_start() for _ in range(helpers)]
    try:
        for helper in started:
            threading.Thread(target=_talk, args=(helper, request, work, told), daemon=True).start()
        finished = start
        while (place := work.next()) is not None:  # this process works too
            results[place] = replicate(data, seeds[place])
            finished += 1 + _take(told, results)
            progress(finished / count, _stage(finished, count))
        while finished < count:
            finished += _take(told, results, wait=True)
            progress(finished / count, _stage(finished, count))
    finally:
        for helper in started:
            helper.kill()
            helper.wait()


def _take(told: queue.SimpleQueue[Any], results: list[Any], wait: bool = False) -> int:
    """Put what the helpers told into its place; how many there were."""
    taken = 0
    while wait or not told.empty():
        message = told.get()
        if isinstance(message, BaseException):
            raise message
        place, results[place] = message[0], message[1]
        taken, wait = taken + 1, False
    return taken


def _talk(helper: subprocess.Popen[bytes], request: bytes, work: _Work, told: queue.SimpleQueue[Any]) -> None:
    assert helper.stdin is not None and helper.stdout is not None
    asked: deque[int] = deque()
    try:
        helper.stdin.write(request)
        while (place := work.next()) is not None:
            pickle.dump(place, helper.stdin)
            helper.stdin.flush()
            asked.append(place)
            if len(asked) > 1:  # it has its next place before it is done, so that it never waits for this process
                told.put((asked.popleft(), pickle.load(helper.stdout)))
        while asked:
            told.put((asked.popleft(), pickle.load(helper.stdout)))
    except (OSError, EOFError, ValueError):
        told.put(RuntimeError("A process that refitted stopped before its work was done."))


def _start() -> subprocess.Popen[bytes]:
    environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, "1"), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _stage(done: int, count: int) -> str:
    return f"refitting, {done:,} of {count:,}"
