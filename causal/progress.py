"""How long work says how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and the name of the stage; raises `WorkStopped` to end the work."""


def silent(share: float, stage: str) -> None:
    """Progress that nobody watches."""
