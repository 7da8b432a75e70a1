"""Ours beside what was published: a figure each, and all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from causal.accuracy.reference import Quantity, unit_of

Standing = Literal["met", "differs", "failed", "absent"]

SAME_DIGIT = 0.5 + 1e-6
"""So many units of the last printed digit apart, two figures print the same; the rest allows for a printed five."""


@dataclass(frozen=True)
class Comparison:
    """One published figure; `ours` is None where it could not be had; `problem` says why, or why it differs.

    `absent` is true where the table is not on this machine, or nothing was recomputed; `package` holds the table.
    `scripted`: no book or manual prints it, but a script of this project had R print it.
    """

    method: str
    table: str
    quantity: Quantity
    printed: str
    source: str
    command: str
    ours: float | None = None
    problem: str = ""
    absent: bool = False
    package: str = ""
    scripted: bool = False

    @property
    def units(self) -> float | None:
        """Ours minus the published figure, in units of its last printed digit."""
        return None if self.ours is None else (self.ours - float(self.printed)) / unit_of(self.printed)

    @property
    def standing(self) -> Standing:
        """Whether ours prints as published, differs, could not be had, or has no table to be had from."""
        if self.absent:
            return "absent"
        if self.units is None:
            return "failed"
        return "met" if abs(self.units) <= SAME_DIGIT else "differs"


@dataclass(frozen=True)
class Accuracy:
    """Every published figure with ours, in the order of the references; small and JSON-able."""

    comparisons: tuple[Comparison, ...]

    def standing(self, *wanted: Standing) -> tuple[Comparison, ...]:
        """Those that stand so."""
        return tuple(each for each in self.comparisons if each.standing in wanted)

    @property
    def recomputed(self) -> tuple[Comparison, ...]:
        """Those whose table is on this machine."""
        return self.standing("met", "differs", "failed")

    def by_method(self) -> dict[str, tuple[Comparison, ...]]:
        """The figures of each method's name, in the order of the references."""
        found: dict[str, tuple[Comparison, ...]] = {}
        for each in self.comparisons:
            found[each.method] = (*found.get(each.method, ()), each)
        return found

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return {"comparisons": [asdict(each) for each in self.comparisons]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Accuracy:
        """What `to_json` wrote."""
        return cls(tuple(Comparison(**each) for each in document["comparisons"]))
