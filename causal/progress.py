"""How long work says how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the name of the stage; raises `WorkStopped` to end the work."""


def silent(share: float, stage: str) -> None:
    """Progress that nobody watches."""


def onwards(progress: Progress) -> Progress:
    """Progress that never goes back, where several tell of one piece of work."""
    furthest = 0.0

    def told(share: float, stage: str) -> None:
        nonlocal furthest
        furthest = max(furthest, share)
        progress(furthest, stage)

    return told
