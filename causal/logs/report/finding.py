"""What a check of a log found: how much, where, which rows, a picture's numbers, and how it can be mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from causal.logs.log import Severity

if TYPE_CHECKING:
    from causal.logs.report.looked_at import LookedAt

Whose = Literal["rows", "units"]
Mend = Literal[
    "count repeats once",
    "count keys once",
    "take this clock",
    "leave out impossible times",
    "read as numbers",
    "set aside",
    "cluster",
    "mark missing",
]

MOST_ROWS = 1_000
"""So many rows of one finding are kept to be shown and taken away."""

MOST_EVIDENCE = 200


@dataclass(frozen=True)
class Bars:
    """The numbers of a picture: one bar per label, those at fault marked, in the order of the axis."""

    labels: tuple[str, ...]
    heights: tuple[float, ...]
    marked: tuple[bool, ...]
    x_title: str
    y_title: str


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    `columns`: those concerned, the one at fault first. `count`: how many rows, units, people or contexts, as the check
    counts them. `facts`: the further numbers and names of its sentence, plain JSON. `of`: whether `positions` are rows
    of the log or of its units; they are counted from 0, at most `MOST_ROWS`. `evidence`: a small table where rows alone
    would not show it.
    """

    check: str
    severity: Severity
    columns: tuple[str, ...]
    count: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    of: Whose = "rows"
    positions: tuple[int, ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
    bars: Bars | None = None
    mend: Mend | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Finding:
        """The finding that `LogReport.to_json` wrote."""
        bars = document["bars"]
        made = None
        if bars is not None:
            lists = {name: tuple(bars[name]) for name in ("labels", "heights", "marked")}
            made = Bars(**{**bars, **lists})
        return cls(
            **{
                **document,
                "columns": tuple(document["columns"]),
                "positions": tuple(document["positions"]),
                "evidence": tuple(document["evidence"]),
                "bars": made,
            }
        )


@dataclass(frozen=True)
class LogCheck:
    """A named check: `look` gives its findings, none where there is nothing or where it does not apply."""

    name: str
    title: str
    look: Callable[[LookedAt], Iterator[Finding]]


@dataclass(frozen=True)
class LogReport:
    """All findings on a log of `rows` rows and its `units` units, the gravest first; `looked` names the checks made."""

    rows: int
    units: int
    findings: tuple[Finding, ...]
    looked: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LogReport:
        """The report that `to_json` wrote."""
        findings = tuple(Finding.from_json(each) for each in document["findings"])
        return cls(document["rows"], document["units"], findings, tuple(document["looked"]))
