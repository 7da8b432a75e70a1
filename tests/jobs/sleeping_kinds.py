"""Kinds of work for the tests of the pool; loaded by a worker through DOABLE_TEST_KINDS."""

import os
import subprocess
import sys
import time

from causal.errors import TooFewUnits
from causal.jobs.kinds import Kind


def sleep(room, payload, progress, tell):
    """Sleep `seconds`, with true progress; `child` starts a process that sleeps too."""
    if payload.get("child"):
        subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({payload['seconds']})"])
    started = time.monotonic()
    while (passed := time.monotonic() - started) < payload["seconds"]:
        progress(passed / payload["seconds"], "sleeping")
        time.sleep(0.02)
    tell({"slept": payload["seconds"], "pid": os.getpid()})


def save_always(room, payload, progress, tell):
    """Save the study again and again, as fast as the disk allows."""
    saved = room.store.load(payload["study"])
    while True:
        changed = _with_view(saved.study, saved.revision)
        saved = room.store.save(changed, saved.revision, f"note {saved.revision}")
        progress(0.5, f"saved {saved.revision}")


def _with_view(study, revision):
    import dataclasses

    return dataclasses.replace(study, view={"count": revision})


def crash(room, payload, progress, tell):
    progress(0.5, "about to crash")
    os._exit(payload["code"])


def complain(room, payload, progress, tell):
    raise TooFewUnits("Only one unit was treated. Choose another level.")


def break_down(room, payload, progress, tell):
    print("a library that prints to stdout")
    raise RuntimeError("secret detail")


KINDS = (
    Kind("sleep", sleep),
    Kind("save_always", save_always),
    Kind("crash", crash),
    Kind("complain", complain),
    Kind("break_down", break_down),
)
