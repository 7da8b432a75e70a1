"""Which process of this machine something belongs to, and whether that process still runs."""

from __future__ import annotations

import os


def this_process() -> str:
    """The running process as an owner: its id and when it started, since ids are used again."""
    import psutil

    return f"{os.getpid()}:{psutil.Process().create_time():.2f}"


def lives(owner: str) -> bool:
    """Whether the process that `this_process` named still runs."""
    import psutil

    pid, started = owner.split(":")
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < 2  # the clock may have been set meanwhile
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
