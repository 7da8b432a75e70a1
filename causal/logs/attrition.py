"""What each step from events to units left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class AttritionStep:
    """What one step removed, and what stayed; `of` says what is counted: "events" or "units".

    `removed` and `left` are counts; `step` is what was done, in words.
    """

    of: str
    step: str
    removed: int
    left: int


@dataclass(frozen=True)
class Attrition:
    """The way from a log's rows to the units that are compared: `start` rows, then step by step.

    `flagged` are units that stayed although something about them is not whole, with the reason in words.
    """

    start: int
    steps: tuple[AttritionStep, ...]
    flagged: tuple[tuple[str, int], ...] = ()

    @property
    def events(self) -> int:
        """The events that count."""
        return [self.start, *(each.left for each in self.steps if each.of == "events")][-1]

    @property
    def units(self) -> int:
        """The units that are compared."""
        return [0, *(each.left for each in self.steps if each.of == "units")][-1]

    def to_json(self) -> dict[str, Any]:
        """The counts as plain JSON values; `from_json` gives them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Attrition:
        """The counts that `to_json` wrote."""
        steps = tuple(AttritionStep(**each) for each in document["steps"])
        return cls(document["start"], steps, tuple((str(why), int(count)) for why, count in document["flagged"]))
