"""Work that ends what it began elsewhere before its process ends: a question that a warehouse still works on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 3.0
"""For so long a process that was asked to end may still run."""


@contextmanager
def stopped_gently(wanted: bool = True) -> Iterator[None]:
    """Inside, the signal to end leaves by the way of an exception, so that what is held open is closed.

    Outside, where it is not `wanted`, and in other threads than the main one, the signal ends the process at once.
    """
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield
        return
    held = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, held)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
