"""What a check says of an answer: a light and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Light = Literal["passed", "attention", "failed", "not_checked", "does_not_apply"]


@dataclass(frozen=True)
class Verdict:
    """`check` names what was looked at; `sentence` is made from the data."""

    check: str
    light: Light
    sentence: str
