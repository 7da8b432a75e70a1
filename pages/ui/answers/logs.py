"""The logs themselves: read once, looked at once, and put together with others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from causal.archive.study import LogReference, Study
from pages.ui.answers.work import begin, job_about, key_of, store

AT_ONCE = 300_000
"""The events of a log of fewer rows become units while the page is drawn, those of a larger one in the background."""


def log_of(study: Study) -> Any:
    """The study's log, or None before there is one.

    Raises DamagedBlob.
    """
    if study.log is None:
        return None
    stays = None if study.log.whole else study.log.connection
    return kept_log(study.log.name, study.log.sample, study.log.blob, stays, study.log.as_of)


@st.cache_resource(show_spinner=False, max_entries=8)
def kept_log(name: str, sample: bool, blob: str | None, connection: str | None = None, as_of: str | None = None) -> Any:
    """A log that is in the store, or a sample; with a connection, the table that stays in its warehouse."""
    from causal.logs.reading import log_at
    from causal.logs.samples import open_sample
    from causal.logs.warehouses import staying

    if sample:
        return open_sample(name)
    log = log_at(store().blob_path(blob), name)
    return log if connection is None else staying(log, connection, as_of)


def rows_here(log: Any) -> Any:
    """The rows of a log that are on this server: of a table in a warehouse some, of a file all."""
    from causal.logs.warehouses import here

    return here(log)


def made_at_once(log: Any) -> bool:
    """Whether a log is here, and small enough for its units to be made while the page is drawn."""
    return bool(log.connection is None and log.rows < AT_ONCE)


def all_here(log: Any) -> bool:
    """Whether all rows of a log are on this server, and not in a warehouse."""
    return log.connection is None


def reference_of(log: Any) -> dict[str, Any]:
    """What a worker finds a stored log by."""
    if all_here(log):
        return {"name": log.name, "blob": log.fingerprint}
    blob = rows_here(log).fingerprint
    return {"name": log.name, "blob": blob, "connection": log.connection, "as_of": log.as_of}


@st.cache_resource(show_spinner=False, max_entries=16)
def blob_of_log(fingerprint: str, _log: Any) -> str:
    """The blob of a log of units, for the workers."""
    blob: str = store().put_blob(_log.path, "parquet")
    return blob


def about_events(verb: Callable[..., Any], log: Any, *arguments: Any) -> Any:
    """What a verb of `causal.logs` says of the rows of a log that are here, worked out once; its refusal as a value.

    Recipes tell themselves apart by their JSON, all other arguments by `repr`.
    """
    log = rows_here(log)
    told = [each.to_json() if hasattr(each, "to_json") else repr(each) for each in arguments]
    key = key_of({"verb": f"{verb.__module__}.{verb.__qualname__}", "arguments": told})
    return _about_events(log.fingerprint, key, verb, log, arguments)


@st.cache_resource(show_spinner="Counting events …", max_entries=64)
def _about_events(fingerprint: str, key: str, _verb: Any, _log: Any, _arguments: Any) -> Any:
    from causal.errors import DoableError

    try:
        return _verb(_log, *_arguments)
    except DoableError as refusal:
        return refusal


def rows_are_events(log: Any) -> bool:
    """Whether the rows of a log look like events rather than units."""
    from causal.logs.ready_recipes import rows_are_events as found

    return about_events(found, log) is True


def guesses(log: Any) -> Any:
    """What each column of a log seems to be."""
    return _guesses(rows_here(log).fingerprint, rows_here(log))


@st.cache_resource(show_spinner=False, max_entries=8)
def _guesses(fingerprint: str, _log: Any) -> Any:
    from causal.logs.columns import guess

    return guess(_log)


def problems(log: Any) -> Any:
    """What a person should know about a log before trusting it; nothing yet while a large one is looked at.

    Of a table in a warehouse, about the rows that are here.
    """
    log = rows_here(log)
    if made_at_once(log):
        return _problems(log.fingerprint, log)
    told = _look_told(look_job(log))
    return () if told is None else told[0]


@st.cache_resource(show_spinner=False, max_entries=8)
def _problems(fingerprint: str, _log: Any) -> Any:
    from causal.logs.problems import problems as found

    return found(_log)


def profile(log: Any) -> Any:
    """The small pictures' numbers, one profile per column; none yet while a large log is looked at.

    Of a table in a warehouse, those of the rows that are here.
    """
    log = rows_here(log)
    if made_at_once(log):
        return _profile(log.fingerprint, log)
    told = _look_told(look_job(log))
    return () if told is None else told[1]


@st.cache_resource(show_spinner=False, max_entries=8)
def _profile(fingerprint: str, _log: Any) -> Any:
    from causal.logs.profile import profile as found

    return found(_log)


def look_job(log: Any) -> Any:
    """The job that looks at a large log and its columns, started where it was not; None of a log that is read at once.

    Jobs are to be read before what they found.
    """
    if made_at_once(rows_here(log)):
        return None
    found = job_about("look at log", _look(log))
    if found is None:
        look_again(log)
        found = job_about("look at log", _look(log))
    return found


def look_again(log: Any) -> None:
    """Have a large log looked at."""
    begin("look at log", _look(log))


def _look(log: Any) -> dict[str, Any]:
    return {"log": {"name": log.name, "blob": log.fingerprint}}


def _look_told(job: Any) -> Any:
    return _looked_at(job.id, job.outcomes[0]) if job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=8)
def _looked_at(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.logs.log import Problem
    from causal.logs.profile import ColumnProfile

    found = tuple(Problem(**each) for each in _told["problems"])
    return found, tuple(ColumnProfile.from_json(each) for each in _told["profiles"])


def first_rows(log: Any, count: int = 50) -> Any:
    """The first rows, for a preview."""
    return _first_rows(log.fingerprint, count, log)


@st.cache_resource(show_spinner=False, max_entries=8)
def _first_rows(fingerprint: str, count: int, _log: Any) -> Any:
    from causal.logs.reading import sample_rows

    return sample_rows(_log, count)


def number_columns(study: Study) -> list[str]:
    """The columns of numbers in the study's log."""
    return [each.name for each in log_of(study).schema if each.kind in ("integer", "number", "boolean")]


def columns_of(reference: LogReference) -> tuple[str, ...]:
    """The columns of a log that is in the store."""
    names: tuple[str, ...] = kept_log(reference.name, reference.sample, reference.blob).names
    return names


def says_when(reference: LogReference) -> bool:
    """Whether a log that is in the store has a column of times."""
    return any(each.kind == "time" for each in kept_log(reference.name, reference.sample, reference.blob).schema)


def counterparts_in(log: Any, reference: LogReference) -> dict[str, str | None]:
    """Which columns of a log in the store mean what this log calls otherwise, as `counterparts` tells."""
    from causal.logs.ready_recipes import counterparts

    found: dict[str, str | None] = counterparts(log, kept_log(reference.name, reference.sample, reference.blob))
    return found


def together(study: Study, other: LogReference, how: Mapping[str, Any]) -> LogReference:
    """The study's log with another one put to it, kept in the store; `how` as in `LogReference.parts`.

    Raises LogError.
    """
    from causal.logs.several_logs import join_logs, stack_logs

    own = log_of(study)
    if how["verb"] == "vectors":
        made = _with_vectors(own, other, how)
    elif how["verb"] == "stack":
        both = {how["own"]: own, how["other"]: kept_log(other.name, False, other.blob)}
        made = stack_logs(both, how["kind"], same=how.get("same"))
    else:
        made = join_logs(own, kept_log(other.name, False, other.blob), how["on"], how["other_on"])
    assert study.log is not None
    own_file = {"file": study.log.name, "sample": study.log.sample, "encoding": study.log.encoding}
    if study.log.connection is not None:
        own_file["connection"] = study.log.connection
    first = study.log.parts or (own_file,)
    blob = store().put_blob(made.path, "parquet")
    return LogReference(
        study.log.name, blob=blob, parts=(*first, {"file": other.name, "encoding": other.encoding, **how})
    )


def _with_vectors(own: Any, other: LogReference, how: Mapping[str, Any]) -> Any:
    from causal.logs.vectors import join_vectors, read_vectors

    vectors = read_vectors(store().blob_path(other.blob), other.name)
    return join_vectors(own, vectors, how["on"], how["components"], how["chosen"], how["name"])


def keep_vectors(content: bytes, name: str, ids: bytes | None = None) -> tuple[LogReference, Any]:
    """The vectors of an uploaded file, kept in the store, and read.

    Raises UnreadableLog, EmptyLog.
    """
    import tempfile
    from pathlib import Path

    from causal.logs.vectors import read_vectors, write_vectors

    vectors = read_vectors(content, name, ids)
    with tempfile.TemporaryDirectory(prefix="vectors-") as work:
        path = Path(work) / "vectors.parquet"
        write_vectors(vectors, path)
        return LogReference(name=name, blob=store().put_blob(path, "parquet")), vectors
