"""From when a column of a unit table is: the time it was computed from, seen from the unit's anchor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HOUR = 3_600
DAY = 86_400


@dataclass(frozen=True)
class TimeRange:
    """The seconds from `start` on and before `end`, seen from the unit's anchor; None where it has no such end.

    `at_anchor`: what the anchor's event itself holds. `known` is False where a value carries no time at all, such as
    an attribute of a user.
    """

    start: int | None = None
    end: int | None = None
    at_anchor: bool = False
    known: bool = True

    @property
    def reaches_past_anchor(self) -> bool:
        """Whether it holds anything from after the anchor, which no covariate may."""
        return self.known and not self.at_anchor and (self.end is None or self.end > 0)

    @property
    def sentence(self) -> str:
        """The range in words: "the 7 days before the anchor", "from 1 day after the anchor to …"."""
        if not self.known:
            return "an unknown time"
        if self.at_anchor:
            return "the anchor's own event"
        if self.end == 0:
            return (
                "all the time before the anchor"
                if self.start is None
                else f"the {duration(-self.start)} before the anchor"
            )
        if self.start == 0:
            return "all the time after the anchor" if self.end is None else f"the {duration(self.end)} after the anchor"
        return f"from {_moment(self.start)} to {_moment(self.end)}"

    @property
    def phrase(self) -> str:
        """The range after a noun: events "in the 7 days before the anchor", "from … to …"."""
        return self.sentence if self.sentence.startswith("from ") else f"in {self.sentence}"

    def to_json(self) -> list[Any]:
        """The range as plain JSON values; `from_json` gives it back."""
        return [self.start, self.end, self.at_anchor, self.known]

    @classmethod
    def from_json(cls, document: list[Any]) -> TimeRange:
        """The range that `to_json` wrote."""
        return cls(*document)


UNKNOWN_TIME = TimeRange(known=False)
AT_ANCHOR = TimeRange(0, 0, at_anchor=True)
FROM_ANCHOR = TimeRange(0, None)


def before(days: float | None = None) -> TimeRange:
    """[anchor - days, anchor): events at the anchor itself are outside; None for all the time before."""
    return TimeRange(None if days is None else -round(days * DAY), 0)


def after(days: float | None, wait: float = 0) -> TimeRange:
    """[anchor + wait, anchor + wait + days), in days: events at the anchor itself are inside unless it waits."""
    return TimeRange(round(wait * DAY), None if days is None else round((wait + days) * DAY))


def duration(seconds: int) -> str:
    """So many seconds in the largest unit that holds them whole: "7 days", "90 minutes"."""
    for size, word in ((DAY, "day"), (HOUR, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            number = seconds // size
            return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
    return f"{seconds} seconds"


def _moment(seconds: int | None) -> str:
    if seconds is None:
        return "any time"
    if seconds == 0:
        return "the anchor"
    return f"{duration(abs(seconds))} {'before' if seconds < 0 else 'after'} the anchor"
