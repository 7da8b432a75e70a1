"""Start of a worker process: tied to its parent's life before anything heavy is imported, then `causal.jobs.worker`.

Run as a file, so that not even `import causal` comes first: a server killed while its worker starts leaves no orphan.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_NICENESS = 15


def tie_to_parent(parent: int) -> None:
    """Die when the parent's thread that started this process ends (Linux); elsewhere the closed stdin ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it could be watched
        sys.exit(0)


def main() -> None:
    """Arguments: the parent's process id, then the worker's own."""
    tie_to_parent(int(sys.argv[1]))
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.argv[1:] = sys.argv[2:]
    runpy.run_module("causal.jobs.worker", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
