"""A newer click waits until the older one has written what it has to write.

Streamlit ends a callback or a script at its next use of the session's state once the same tab has sent another event,
and calls that callback never again. A save would then be in the store and unknown to the session, which takes it for
another tab's; or the rest of an edit would be lost. What is drawn may be cut off, what is written may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A part that runs to its end, whatever the person clicks meanwhile; callbacks do so by themselves."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def _in_callback() -> bool:
    try:
        return ThreadState.get().run_location is RunLocation.CALLBACK
    except RuntimeError:  # a thread that no script runs on
        return False


def _patient() -> None:
    interrupt = ScriptRunner._maybe_handle_execution_control_request

    @wraps(interrupt)
    def wait(runner: ScriptRunner) -> None:
        if not _writing.get() and not _in_callback():
            interrupt(runner)

    ScriptRunner._maybe_handle_execution_control_request = wait


_patient()  # the server imports this before its first session, whose runners keep the method they find
