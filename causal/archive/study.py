"""A study: everything that one analysis session has decided, small enough to be saved at each change."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from causal.errors import StudyNotFound

Document = Mapping[str, Any]
"""Plain JSON values by name."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_STUDY_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class LogReference:
    """Where a study's events are: a shipped sample by its name, or an upload by its blob and the file's name.

    `encoding` is what a person chose for the file (None: found from it). `parts`, where several files were put
    together: the first one, {"file", "sample", "encoding"} (with "connection" where it is a table), then for each
    further one its "file", "encoding" and how it came in: {"verb": "stack", "kind", "own", "other", "same" (columns of
    the file that are the log's under another name)},
    {"verb": "join", "on", "other_on"}, or {"verb": "vectors", "ids" (their file, or None), "on", "components",
    "chosen", "name"}.

    Of a table in a warehouse, `connection` names the connection (never its address) and `name` the table; the blob
    holds its first rows, or with `whole` all of them; `as_of` is when it was opened, in ISO form.
    """

    name: str
    sample: bool = False
    blob: str | None = None
    parts: tuple[Document, ...] = ()
    encoding: str | None = None
    connection: str | None = None
    whole: bool = False
    as_of: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))


@dataclass(frozen=True)
class AnalysisReference:
    """A finished analysis: the fingerprint of its spec, the blob of its JSON, and the blob of its scores if kept."""

    spec: str
    blob: str
    scores: str | None = None


@dataclass(frozen=True)
class Study:
    """One analyst's question and everything chosen to answer it; changed only by `replace`, saved at each change.

    `recipe`, `question` and each of `specs` are the JSON of their nouns; `graph` is the graph's JSON text; `view` keeps
    what the screen shows (the chosen method, a slider), so that a refresh restores it.
    """

    id: str
    title: str = "Untitled study"
    log: LogReference | None = None
    recipe: Document | None = None
    question: Document | None = None
    graph: str | None = None
    specs: tuple[Document, ...] = ()
    analyses: tuple[AnalysisReference, ...] = ()
    view: Document = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_study_id(self.id)
        title = " ".join(self.title.encode("utf-8", "replace").decode().split())[:_LONGEST_TITLE]
        object.__setattr__(self, "title", title or "Untitled study")

    def to_json(self) -> dict[str, Any]:
        """The study as plain JSON values; `from_json` gives it back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, document: Document) -> Study:
        """The study that `to_json` wrote."""
        log = document["log"]
        return cls(
            id=document["id"],
            title=document["title"],
            log=None if log is None else LogReference(**log),
            recipe=document["recipe"],
            question=document["question"],
            graph=document["graph"],
            specs=tuple(document["specs"]),
            analyses=tuple(AnalysisReference(**each) for each in document["analyses"]),
            view=document["view"],
        )


def with_analysis(study: Study, analysis: AnalysisReference) -> Study:
    """The study with one more finished analysis; an earlier one of the same spec gives way."""
    others = tuple(each for each in study.analyses if each.spec != analysis.spec)
    return dataclasses.replace(study, analyses=(*others, analysis))


def new_study_id() -> str:
    """26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits; sorts by time (ULID)."""
    number = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def checked_study_id(study_id: str) -> str:
    """The id itself, if it is one that `new_study_id` could have made.

    Raises StudyNotFound. The text comes from the address bar, so the message never repeats it.
    """
    if not _STUDY_ID.fullmatch(study_id):
        raise StudyNotFound("The address names no study. Open one from the list of studies, or start a new one.")
    return study_id
