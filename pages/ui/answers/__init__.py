"""The only door to caches and background work: everything slow is done once per question, keyed by our fingerprints."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from causal.archive.contents import chosen_methods, graph_of, graph_test_of, in_its_unit, specs_of
from causal.archive.study import LogReference, Study
from causal.errors import DamagedBlob

MOST_LEVELS = 50
"""So many values of a column are offered to choose from."""

MOST_MENDED = 40
"""Of so many broken promises, the worst, it is worked out what their mends would do to the answer."""

CHOICES = "specification choices"
"""Where a study's view keeps what its curves vary, by `overruling_key`."""

OVERRULED = "overruled"
"""Where a study's view keeps what the analyst overruled, by `overruling_key`."""

OVERLAP_JUDGED = "overlap judged"
"""Where a study's view keeps whether the analyst finds the overlap enough, by `overruling_key`."""

STRUCTURAL = "structural model"
"""The kind of work that fits a structural model of the graph."""

FEWEST_DOSES = 7
MOST_ORDERED = 11  # levels that a page offers to take as ordered: 0 to 10
"""A column of numbers with fewer different ones is compared level by level."""

AT_ONCE = 300_000
"""The events of a log of fewer rows become units while the page is drawn, those of a larger one in the background."""

first_page = threading.Event()
"""Set once a person has seen a page: what is slow to load is loaded after it."""


@st.cache_resource(show_spinner=False)
def store() -> Any:
    """The one store of this server."""
    from causal.archive.store import StudyStore, data_folder

    return StudyStore(data_folder())


@st.cache_resource(show_spinner=False)
def pool() -> Any:
    """The one pool of warm workers of this server."""
    from causal.jobs.pool import JobPool

    return JobPool(store())


def sentence_of(study_id: str) -> str:
    """What a study asks, or nothing where it does not ask yet or cannot be read."""
    from causal.archive.contents import question_of, where_of
    from causal.errors import DoableError
    from causal.wording.sentences import study_sentence

    try:
        held = store().load(study_id).study
        question = question_of(held)
    except DoableError:
        return ""
    return "" if question is None else study_sentence(question, where_of(held))


@st.cache_resource(show_spinner=False)
def arrivals() -> Any:
    """Where files on their way in lie on this server."""
    from causal.archive.arrivals import Arrivals

    return Arrivals(store().folder)


def keep_upload(content: bytes, name: str, encoding: str | None = None) -> LogReference:
    """The uploaded file, read and kept in the store.

    Raises UnreadableLog, EmptyLog.
    """
    from causal.logs.reading import read_log

    with tempfile.TemporaryDirectory(prefix="doable-upload-") as desk:
        log = read_log(content, name=name, folder=Path(desk), encoding=encoding)
        return LogReference(name=name, blob=store().put_blob(log.path, "parquet"), encoding=encoding)


def read_arrival(token: str, name: str, encoding: str | None) -> str:
    """The id of the work that reads a file which came in.

    Raises ArrivalRefused where there is none.
    """
    from causal.errors import ArrivalRefused

    if not arrivals().file(token).is_file():
        raise ArrivalRefused("The file is not here. Drop it again.")
    return _read_file(arrivals().file(token), arrivals().desk(token), name, encoding)


def read_shared(entry: str, encoding: str | None) -> str:
    """The id of the work that reads a log in the server's folder.

    Raises ArrivalRefused for a name that leads out of it.
    """
    from causal.archive.shared_folder import path_in
    from causal.errors import ArrivalRefused

    folder = _shared_folder()
    if folder is None:
        raise ArrivalRefused("This server offers no folder of logs. Drop the file instead.")
    desk = arrivals().desk(arrivals().new_token())
    return _read_file(path_in(folder, entry), desk, entry.rpartition("/")[2], encoding)


def shared_logs() -> tuple[str, ...] | None:
    """The logs in the server's folder, as they were at most ten seconds ago; None where it offers none."""
    folder = _shared_folder()
    return None if folder is None else _entries(str(folder))


@st.cache_resource(show_spinner=False, ttl=10, max_entries=2)
def _entries(folder: str) -> tuple[str, ...]:
    from causal.archive.shared_folder import entries

    return entries(Path(folder))


@st.cache_resource(show_spinner=False)
def _shared_folder() -> Path | None:
    """The folder that the environment names (DOABLE_LOGS), or else the app's secrets."""
    from causal.archive.shared_folder import VARIABLE, shared_folder

    try:
        return shared_folder(st.secrets.get(VARIABLE))
    except FileNotFoundError:  # there are no secrets
        return shared_folder()


def _read_file(path: Path, desk: Path, name: str, encoding: str | None) -> str:
    payload = {"path": str(path), "desk": str(desk), "name": name, "encoding": encoding}
    job_id: str = pool().submit("read file", payload)
    return job_id


def reading_job(job_id: str | None, kind: str = "read file") -> str | None:
    """The id itself if it is of work that reads a file (or a table), and goes on."""
    found = None if job_id is None else job(job_id)
    return job_id if found is not None and found.kind == kind and found.active else None


def log_read(reading: Any) -> LogReference:
    """The log that a finished reading kept."""
    asked = reading.payload
    return LogReference(asked["name"], blob=reading.outcomes[0]["blob"], encoding=asked["encoding"])


def clear_away(reading: Any) -> None:
    """Remove what a reading that has ended may have left, where it was killed."""
    arrivals().discard(Path(reading.payload["desk"]).name)


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


def _with_vectors(own: Any, other: LogReference, how: Mapping[str, Any]) -> Any:
    from causal.logs.vectors import join_vectors, read_vectors

    vectors = read_vectors(store().blob_path(other.blob), other.name)
    return join_vectors(own, vectors, how["on"], how["components"], how["chosen"], how["name"])


def together(study: Study, other: LogReference, how: Mapping[str, Any]) -> LogReference:
    """The study's log with another one put to it, kept in the store; `how` as in `LogReference.parts`.

    Raises LogError.
    """
    from causal.logs.several_logs import join_logs, stack_logs

    own = log_of(study)
    if how["verb"] == "vectors":
        made = _with_vectors(own, other, how)
    elif how["verb"] == "stack":
        both = {how["own"]: own, how["other"]: _log(other.name, False, other.blob)}
        made = stack_logs(both, how["kind"], same=how.get("same"))
    else:
        made = join_logs(own, _log(other.name, False, other.blob), how["on"], how["other_on"])
    assert study.log is not None
    own_file = {"file": study.log.name, "sample": study.log.sample, "encoding": study.log.encoding}
    if study.log.connection is not None:
        own_file["connection"] = study.log.connection
    first = study.log.parts or (own_file,)
    blob = store().put_blob(made.path, "parquet")
    return LogReference(
        study.log.name, blob=blob, parts=(*first, {"file": other.name, "encoding": other.encoding, **how})
    )


def columns_of(reference: LogReference) -> tuple[str, ...]:
    """The columns of a log that is in the store."""
    names: tuple[str, ...] = _log(reference.name, reference.sample, reference.blob).names
    return names


def counterparts_in(log: Any, reference: LogReference) -> dict[str, str | None]:
    """Which columns of a log in the store mean what this log calls otherwise, as `counterparts` tells."""
    from causal.logs.ready_recipes import counterparts

    found: dict[str, str | None] = counterparts(log, _log(reference.name, reference.sample, reference.blob))
    return found


def says_when(reference: LogReference) -> bool:
    """Whether a log that is in the store has a column of times."""
    return any(each.kind == "time" for each in _log(reference.name, reference.sample, reference.blob).schema)


def log_of(study: Study) -> Any:
    """The study's log, or None before there is one.

    Raises DamagedBlob.
    """
    if study.log is None:
        return None
    stays = None if study.log.whole else study.log.connection
    return _log(study.log.name, study.log.sample, study.log.blob, stays, study.log.as_of)


@st.cache_resource(show_spinner=False, max_entries=8)
def _log(name: str, sample: bool, blob: str | None, connection: str | None = None, as_of: str | None = None) -> Any:
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


def unit_log_of(study: Study) -> Any:
    """The study's log with one row per unit: made of its events, or the log itself; None before there is one.

    Raises DamagedBlob, LogError.
    """
    log = log_of(study)
    return None if log is None else units_of(log, recipe_of(study).events)


def units_of(log: Any, events: Any) -> Any:
    """The log of the units that an event recipe makes of a log; without a recipe the log itself.

    Raises LogError, also while those of a large log are not made yet, and where there is no recipe for a table in a
    warehouse.
    """
    from causal.errors import LogError
    from causal.logs.log import check_here

    if events is None:
        check_here(log)
        return log
    if made_at_once(log):
        return _units_of(log.fingerprint, _key(events.to_json()), log, events)
    job = units_job(log, events)
    if job is not None and job.state == "failed":
        raise LogError(job.message)
    if job is None or job.state != "done":
        raise LogError("The units of this log are not made yet.")
    return _log(log.name, False, job.outcomes[1]["blob"])


def made_at_once(log: Any) -> bool:
    """Whether a log is here, and small enough for its units to be made while the page is drawn."""
    return bool(log.connection is None and log.rows < AT_ONCE)


def all_here(log: Any) -> bool:
    """Whether all rows of a log are on this server, and not in a warehouse."""
    return log.connection is None


def some_units_of(log: Any, events: Any) -> Any:
    """The units of a log; of a large one those of some of its users, of a table in a warehouse of the rows here.

    Raises LogError.
    """
    if events is None or made_at_once(log):
        return units_of(log, events)
    if not all_here(log):
        job = units_job(log, events)
        return units_of(log if job is not None and job.state == "done" else rows_here(log), events)
    some, recipe = some_of(log, events)
    return _units_of(some.fingerprint, _key(recipe.to_json()), some, recipe)


def some_of(log: Any, events: Any) -> tuple[Any, Any]:
    """The events of some users of a large log, and the recipe with the levels that the whole log gives it.

    Of a table in a warehouse, the rows that are here, and the recipe as it is.

    Raises LogError.
    """
    from causal.errors import DoableError
    from causal.logs.event_units import resolved

    if not all_here(log):
        return rows_here(log), events

    recipe = about_events(resolved, log, events)
    if isinstance(recipe, DoableError):
        raise recipe
    return _some_of(log.fingerprint, events.columns.user, log), recipe


@st.cache_resource(show_spinner="Taking some of the users …", max_entries=4)
def _some_of(fingerprint: str, user: str, _log: Any) -> Any:
    from causal.logs.some_users import some_users

    return some_users(_log, user)


def units_job(log: Any, events: Any) -> Any:
    """The job that makes the units of a large log, however it stands; None before there is one."""
    return _job_about("make units", _unit_making(log, events))


def units_wait(study: Study) -> bool:
    """Whether the units of the study's log have to be made in the background first, and are not yet."""
    log = log_of(study)
    events = None if log is None else recipe_of(study).events
    if log is None or events is None or made_at_once(log):
        return False
    job = units_job(log, events)
    return job is None or job.state not in ("done", "failed")


def start_units(study: Study) -> None:
    """Have the units of the study's large log made in the background; what an older recipe asked for is stopped."""
    asked = _unit_making(log_of(study), recipe_of(study).events)
    for each in jobs_of(study):
        if each.kind == "make units" and each.active and each.payload != asked:
            stop(each.id, study)
    pool().submit("make units", asked, study_id=study.id)


def attrition_told(job: Any) -> Any:
    """What each step of a recipe left out, as its job has counted it so far; None before that."""
    from causal.logs.attrition import Attrition

    return Attrition.from_json(job.outcomes[0]) if job is not None and job.outcomes else None


def query_told(job: Any) -> str:
    """The query that made the units, as its job told it; nothing before that."""
    return job.outcomes[1].get("query", "") if job is not None and len(job.outcomes) > 1 else ""


def _unit_making(log: Any, events: Any) -> dict[str, Any]:
    return {"log": _reference(log), "events": events.to_json()}


def _reference(log: Any) -> dict[str, Any]:
    """What a worker finds a stored log by."""
    if all_here(log):
        return {"name": log.name, "blob": log.fingerprint}
    blob = rows_here(log).fingerprint
    return {"name": log.name, "blob": blob, "connection": log.connection, "as_of": log.as_of}


def kinds_job(study: Study, column: str) -> Any:
    """The job that counts the kinds of events in a table of a warehouse, started where it was not; however it stands.

    Jobs are to be read before what they found.
    """
    payload = {"log": _reference(log_of(study)), "column": column}
    if _job_about("count kinds", payload) is None:
        pool().submit("count kinds", payload, study_id=study.id)
    return _job_about("count kinds", payload)


def connections() -> dict[str, str]:
    """The engine of each connection to a warehouse that this server has, by the connection's name.

    Raises WarehouseError where the secrets cannot be read.
    """
    from causal.logs.warehouses import connections as found

    return found()


@st.cache_resource(show_spinner="Asking for the list of tables …", ttl=60, max_entries=8)
def tables_of(connection: str) -> Any:
    """The tables that a connection lists, as they were at most a minute ago; the refusal where it gives none."""
    from causal.errors import WarehouseError
    from causal.logs.warehouses import tables_of as found

    try:
        return found(connection)
    except WarehouseError as refusal:
        return refusal


def read_table(connection: str, table: str, whole: bool) -> str:
    """The id of the work that reads some rows of a table in a warehouse, or all of them."""
    payload = {"connection": connection, "table": table, "whole": whole}
    job_id: str = pool().submit("read table", payload, again=True)
    return job_id


def table_read(reading: Any) -> LogReference:
    """The log that a finished reading of a table kept."""
    asked = reading.payload
    return LogReference(
        asked["table"],
        blob=reading.outcomes[0]["blob"],
        connection=asked["connection"],
        whole=asked["whole"],
        as_of=reading.ended_at.isoformat(timespec="milliseconds"),
    )


@st.cache_resource(show_spinner="Making one row per unit of the events …", max_entries=6)
def _units_of(fingerprint: str, recipe_key: str, _log: Any, _events: Any) -> Any:
    from causal.logs.event_units import unit_log

    return unit_log(_log, _events)


def about_events(verb: Callable[..., Any], log: Any, *arguments: Any) -> Any:
    """What a verb of `causal.logs` says of the rows of a log that are here, worked out once; its refusal as a value.

    Recipes tell themselves apart by their JSON, all other arguments by `repr`.
    """
    log = rows_here(log)
    told = [each.to_json() if hasattr(each, "to_json") else repr(each) for each in arguments]
    key = _key({"verb": f"{verb.__module__}.{verb.__qualname__}", "arguments": told})
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


def look_job(log: Any) -> Any:
    """The job that looks at a large log and its columns, started where it was not; None of a log that is read at once.

    Jobs are to be read before what they found.
    """
    if made_at_once(rows_here(log)):
        return None
    found = _job_about("look at log", _look(log))
    if found is None:
        look_again(log)
        found = _job_about("look at log", _look(log))
    return found


def look_again(log: Any) -> None:
    """Have a large log looked at."""
    pool().submit("look at log", _look(log))


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


@st.cache_resource(show_spinner=False, max_entries=8)
def _problems(fingerprint: str, _log: Any) -> Any:
    from causal.logs.problems import problems as found

    return found(_log)


def start_log_report(study: Study) -> None:
    """Have the study's log and its units looked at in the background, once per log, units and roles.

    Raises DamagedBlob, LogError.
    """
    pool().submit("report on log", _log_report(study), study_id=study.id)


def log_report_job(study: Study) -> Any:
    """The job that looks at the study's log, however it stands; None before there is one.

    Raises DamagedBlob, LogError.
    """
    return _job_about("report on log", _log_report(study))


def log_report_told(job: Any) -> Any:
    """The report that a finished job told, else None."""
    return _log_report_of(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _log_report_of(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.logs.report.finding import LogReport

    return LogReport.from_json(_told)


def _log_report(study: Study) -> dict[str, Any]:
    from causal.errors import LogError
    from causal.logs.report.looked_at import Guessed, roles_of_guesses, roles_of_rows

    assert study.log is not None
    log, recipe = rows_here(log_of(study)), recipe_of(study)
    rows = Guessed(log, guesses(log))
    try:
        units = unit_log_of(study)
        made = Guessed(units, guesses(units))
        roles = roles_of_guesses(rows, made, recipe, study.question, study.view.get("roles"))
    except LogError:  # said on the units page; the rows can be looked at all the same
        units, roles = log, roles_of_rows(rows, recipe)
    reference = {"name": study.log.name, "sample": study.log.sample, "blob": study.log.blob}
    blob = None if units is log else _log_blob(units.fingerprint, units)
    return {"log": reference, "units": blob, "roles": roles.to_json()}


@st.cache_resource(show_spinner=False, max_entries=16)
def _log_blob(fingerprint: str, _log: Any) -> str:
    blob: str = store().put_blob(_log.path, "parquet")
    return blob


def rows_of_finding(study: Study, finding: Any) -> Any:
    """The rows of the log, or of its units, that a finding speaks of."""
    log = rows_here(log_of(study)) if finding.of == "rows" else unit_log_of(study)
    return _rows_at(log.fingerprint, finding.positions, log)


@st.cache_resource(show_spinner=False, max_entries=32)
def _rows_at(fingerprint: str, positions: tuple[int, ...], _log: Any) -> Any:
    from causal.logs.report.log_report import rows_at

    return rows_at(_log, positions)


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


def first_rows(log: Any, count: int = 50) -> Any:
    """The first rows, for a preview."""
    return _first_rows(log.fingerprint, count, log)


@st.cache_resource(show_spinner=False, max_entries=8)
def _first_rows(fingerprint: str, count: int, _log: Any) -> Any:
    from causal.logs.reading import sample_rows

    return sample_rows(_log, count)


def missing_choices(log: Any, recipe: Any) -> Any:
    """What each way of treating missing values would do."""
    return _missing_choices(log.fingerprint, _key(recipe.to_json()), log, recipe)


@st.cache_resource(show_spinner=False, max_entries=16)
def _missing_choices(fingerprint: str, recipe_key: str, _log: Any, _recipe: Any) -> Any:
    from causal.logs.units import missing_effects

    return missing_effects(_log, _recipe)


def recipe_of(study: Study) -> Any:
    """The study's recipe, or before there is one what the log's columns suggest.

    Of a table in a warehouse, it is fitted to the units once they are made.
    """
    from causal.archive.unit_recipes import fitted
    from causal.logs.units import UnitRecipe

    log = log_of(study)
    if study.recipe is not None:
        recipe = UnitRecipe.from_json(dict(study.recipe))
        if log is None or all_here(log) or recipe.events is None:
            return recipe
        job = units_job(log, recipe.events)
        return recipe if job is None or job.state != "done" else fitted(recipe, guesses(units_of(log, recipe.events)))
    return UnitRecipe() if log is None else suggested_recipe(guesses(log))


def suggested_recipe(guesses: Any) -> Any:
    """The recipe that the guesses suggest."""
    from causal.logs.units import recipe_of

    return recipe_of(guesses)


def table_of(study: Study) -> Any:
    """The study's unit table, or None before there is a log.

    Raises LogError.
    """
    log = log_of(study)
    if log is None:
        return None
    recipe = recipe_of(study)
    return _table(log.fingerprint, _key(recipe.to_json()), unit_log_of(study), recipe, log)


def _scores(table: Any, score: Any) -> Any:
    """The scores of latent variables, once for what they are made of."""
    return _scored(table.fingerprint, _key(score.to_json()), table, score)


@st.cache_resource(show_spinner="Scoring the latent variables …", max_entries=8)
def _scored(fingerprint: str, score_key: str, _table: Any, _score: Any) -> Any:
    from causal.structural.score_columns import scores_of

    return scores_of(_table, _score)


@st.cache_resource(show_spinner="Building one row per unit …", max_entries=3)
def _table(fingerprint: str, recipe_key: str, _rows: Any, _recipe: Any, _log: Any) -> Any:
    from causal.logs.units import units_of_rows

    return units_of_rows(_rows, _recipe, tuple(_text(_log, _rows, each, _recipe) for each in _recipe.texts), _scores)


def _text(log: Any, rows: Any, text: Any, recipe: Any) -> Any:
    """What a text became, from the disk where it was read before."""
    from causal.archive.store import text_folder
    from causal.text.features import features_of_rows

    return features_of_rows(log, rows, text, recipe, text_folder(store().folder))


def read_text(study: Study, text: Any) -> None:
    """Have a text of the study's units read in the background; what was read before is not read again."""
    pool().submit("read text", _text_reading(study, text), study_id=study.id, again=True)


def text_job(study: Study, text: Any) -> Any:
    """The job that reads this text of the study's units, however it stands; None before there is one."""
    return _job_about("read text", _text_reading(study, text))


def text_read(study: Study, text: Any) -> Any:
    """What a text of the study's units became; None where it was not read yet.

    Jobs are to be read before what they found.
    """
    from causal.archive.store import text_folder
    from causal.text.features import is_kept

    log, rows, recipe = log_of(study), unit_log_of(study), recipe_of(study)
    if not is_kept(log, rows, text, recipe, text_folder(store().folder)):
        return None
    return _features(log.fingerprint, rows.fingerprint, _key(text.to_json()), _key(recipe.to_json()), study, text)


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(log: str, rows: str, text_key: str, recipe_key: str, _study: Study, _made: Any) -> Any:
    return _text(log_of(_study), unit_log_of(_study), _made, recipe_of(_study))


def _text_reading(study: Study, text: Any) -> dict[str, Any]:
    assert study.log is not None
    log, recipe = log_of(study), recipe_of(study)
    where = {"name": study.log.name, "sample": True} if study.log.sample else _reference(log)
    rows = unit_log_of(study)
    units = None if rows is log else _log_blob(rows.fingerprint, rows)
    bare = replace(recipe, texts=(), scores=())
    return {"log": where, "units": units, "text": replace(text, names=()).to_json(), "recipe": bare.to_json()}


def text_columns(study: Study) -> dict[str, tuple[str, ...]]:
    """The columns that texts can be read in: of the units' own rows, and of their events ("history"); the likeliest
    first.
    """
    log, rows = log_of(study), unit_log_of(study)
    found = {"unit": _texts_in(rows.fingerprint, rows)}
    return found if rows is log else found | {"history": _texts_in(rows_here(log).fingerprint, rows_here(log))}


@st.cache_resource(show_spinner=False, max_entries=16)
def _texts_in(fingerprint: str, _log: Any) -> tuple[str, ...]:
    from causal.text.candidates import text_columns as found

    return found(_log)


def number_columns(study: Study) -> list[str]:
    """The columns of numbers in the study's log."""
    return [each.name for each in log_of(study).schema if each.kind in ("integer", "number", "boolean")]


def kinds_of_events(study: Study) -> list[str]:
    """The kinds of events in the study's log, the most frequent first; none where no column says them."""
    from causal.logs.event_units import kinds_of

    events = recipe_of(study).events
    if events is None or events.columns.kind is None:
        return []
    found = about_events(kinds_of, rows_here(log_of(study)), events.columns.kind)
    return list(found) if isinstance(found, dict) else []


def text_comparison_told(job: Any) -> Any:
    """The comparison with and without a text that a finished job told, else None."""
    return _text_comparison(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _text_comparison(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.text_comparison import TextComparison

    return TextComparison.from_json(_told)


def encoders() -> tuple[Any, ...]:
    """The encoders of texts, those that are installed here first."""
    from causal.text.encoder import ENCODERS

    return tuple(sorted(ENCODERS, key=lambda each: not each.installed))


def table_blob(study: Study) -> str:
    """The blob of the study's unit table, for the workers."""
    log, recipe = log_of(study), recipe_of(study)
    return _table_blob(log.fingerprint, _key(recipe.to_json()), study)


@st.cache_resource(show_spinner=False, max_entries=16)
def _table_blob(fingerprint: str, recipe_key: str, _study: Study) -> str:
    blob: str = store().put_table(table_of(_study))
    return blob


def levels_of(study: Study, column: str) -> tuple[Any, ...]:
    """The values of a column, sorted, at most `MOST_LEVELS`."""
    log, recipe = log_of(study), recipe_of(study)
    return _levels(log.fingerprint, _key(recipe.to_json()), column, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=64)
def _levels(fingerprint: str, recipe_key: str, column: str, _table: Any) -> tuple[Any, ...]:
    from causal.estimators.design import present_levels

    return tuple(present_levels(_table, column)[:MOST_LEVELS])


def units_inside(study: Study) -> int:
    """How many units satisfy the study's filter."""
    from causal.archive.contents import where_of
    from causal.logs.conditions import satisfied

    return int(satisfied(table_of(study), where_of(study)).sum())


def graph_versions(study: Study) -> Any:
    """The graphs that the study has had, the newest first: those with a name, then those of its history."""
    from causal.archive.graph_history import graph_history, kept_versions

    return (*kept_versions(study), *graph_history(store(), study.id))


def reading_of(graph: Any, question: Any, adjust_for: tuple[str, ...] | None = None) -> Any:
    """What the graph says of the question: the estimand, or why there is none; and the colours of its edges.

    `adjust_for`: the valid set that a person chose. Where the cards lie changes nothing.
    """
    key = _key({**_question_key(question), "adjust_for": adjust_for})
    return _reading(graph.without_positions().to_text("json"), key, graph, question, adjust_for)


@st.cache_resource(show_spinner=False, max_entries=64)
def _reading(graph_text: str, key: str, _graph: Any, _question: Any, _adjust_for: Any) -> Any:
    from causal.graphs.reading import read_graph

    return read_graph(_graph, _question, _adjust_for)


def study_reading(study: Study, drawn: Any = None) -> Any:
    """What the study's graph, or another, says of its question, as an answer uses it: its columns, the set chosen."""
    from causal.archive.contents import graph_read, question_of, valid_set

    question, graph = question_of(study), graph_read(study, table_of(study).names, drawn)
    return reading_of(graph, question, valid_set(study, graph, question))


def about_graph(verb: Callable[..., Any], graph: Any, *arguments: Any) -> Any:
    """What a verb of `causal.graphs` says of a graph, worked out once; its error as a value where it refuses.

    The arguments must tell themselves apart by `repr`.
    """
    name = f"{verb.__module__}.{verb.__qualname__} {arguments!r}"
    return _about(graph.without_positions().to_text("json"), name, verb, graph, arguments)


@st.cache_resource(show_spinner=False, max_entries=128)
def _about(graph_text: str, name: str, _verb: Any, _graph: Any, _arguments: Any) -> Any:
    from causal.errors import DoableError

    try:
        return _verb(_graph, *_arguments)
    except DoableError as refusal:
        return refusal


def submit(study: Study, specs: Sequence[Any]) -> str:
    """The id of the job that answers these specs; one that waits or runs already is not started twice."""
    payload = {"table_sha": _intact_table_blob(study), "specs": [spec.to_json() for spec in specs]}
    job_id: str = pool().submit("answer", payload, study_id=study.id, again=True)
    return job_id


def _intact_table_blob(study: Study) -> str:
    try:
        store().blob_path(table_blob(study))
    except DamagedBlob:
        _table_blob.clear()  # type: ignore[attr-defined]
    return table_blob(study)


def test_graph(study: Study) -> None:
    """Have what the study's graph promises tested in the background, once per table, graph and options."""
    _intact_table_blob(study)
    pool().submit("check graph", _graph_test(study), study_id=study.id)


def graph_test_job(study: Study) -> Any:
    """The job that tests the graph as it is now, however it stands; None before there is one.

    Raises DamagedBlob for the log alone.
    """
    return _job_about("check graph", _graph_test(study))


def graph_fit_of(study: Study) -> Any:
    """What the data says of the study's graph as it is now; None where it was not tested yet."""
    return None if study.graph is None else fit_told(graph_test_job(study))


def fit_told(job: Any) -> Any:
    """The fit that a finished test told, else None."""
    return _fit(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _fit(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.checks.graph_fit import GraphFit

    return GraphFit.from_json(_told)


def mended_of(study: Study, fit: Any, question: Any) -> Any:
    """What each way to mend each broken promise would do to the answer, each by itself."""
    return _mended(study.graph, _key(_question_key(question)), fit, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _mended(graph_text: str, question_key: str, _fit: Any, _question: Any) -> Any:
    from causal.graphs.causal_graph import CausalGraph
    from causal.graphs.mending import mended

    graph = CausalGraph.parse(graph_text)
    mends = [mend for test in _fit.violated[:MOST_MENDED] for mend in test.mends]
    return tuple(mended(graph, _question, each.left, each.right, each.kind) for each in mends)


def _graph_test(study: Study) -> dict[str, Any]:
    """What a graph promises hangs on its edges, on what is unobserved and on what is selected, and on nothing else."""
    graph = graph_of(study)
    assert graph is not None
    bare = replace(graph, roles=(), forced=frozenset(), positions=())
    return {"table_sha": table_blob(study), "graph": bare.to_text("json"), "options": graph_test_of(study)}


def candidates_of(study: Study, method: str) -> Any:
    """Which columns of the study's table a search can take, and why not the others."""
    log, recipe = log_of(study), recipe_of(study)
    return _candidates(log.fingerprint, _key(recipe.to_json()), method, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=16)
def _candidates(fingerprint: str, recipe_key: str, method: str, _table: Any) -> Any:
    from causal.discovery.candidates import candidates

    return candidates(_table, method)  # type: ignore[arg-type]


def search_graph(study: Study, asked: Mapping[str, Any]) -> None:
    """Have a graph searched for in the background; `asked` holds the search's `names`, `knowledge` and `options`."""
    _intact_table_blob(study)
    pool().submit("discover", {"table_sha": table_blob(study), **asked}, study_id=study.id)


def search_job(study: Study, asked: Mapping[str, Any]) -> Any:
    """The job of this search on the study's table, however it stands; None before there is one."""
    return _job_about("discover", {"table_sha": table_blob(study), **asked})


def proposal_told(job: Any) -> Any:
    """The proposal that a finished search told, else None."""
    return _proposal(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _proposal(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.discovery.proposal import Proposal

    return Proposal.from_json(_told)


def start_work(study: Study, kind: str, asked: Mapping[str, Any]) -> None:
    """Have one kind of work done on the study's table in the background, once per table and what is asked."""
    _intact_table_blob(study)
    pool().submit(kind, {"table_sha": table_blob(study), **asked}, study_id=study.id)


def work_about(study: Study, kind: str, asked: Mapping[str, Any]) -> Any:
    """The job of this work, however it stands; None before there is one."""
    return _job_about(kind, {"table_sha": table_blob(study), **asked})


def comparison_told(job: Any) -> Any:
    """The comparison of arms that a finished job told, else None."""
    return _comparison(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _comparison(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.arms import ArmComparison

    return ArmComparison.from_json(_told)


def joint_told(job: Any) -> Any:
    """The comparison of two treatments at once that a finished job told, else None."""
    return _joint(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _joint(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.joint import JointComparison

    return JointComparison.from_json(_told)


def second_treatments(study: Study, first: str, outcome: str) -> tuple[str, ...]:
    """The columns of few levels that a treatment can be crossed with."""
    table = table_of(study)
    return tuple(
        name
        for name in table.names
        if name not in (first, outcome)
        and table.types[name] in ("category", "binary", "numeric")
        and 2 <= len(levels_of(study, name)) < FEWEST_DOSES
    )


def curve_told(job: Any) -> Any:
    """The dose-response curve that a finished job told, else None."""
    return _curve(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _curve(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.dose import DoseResponse

    return DoseResponse.from_json(_told)


def structure_told(job: Any) -> Any:
    """The structural equation model that a finished job fitted, else None."""
    return _structure(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _structure(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.structural.sem_fit import SemFit

    return SemFit.from_json(_told)


def invariance_told(job: Any) -> Any:
    """The test of equality across groups that a finished job told, else None."""
    return _invariance(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _invariance(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.structural.invariance import Invariance

    return Invariance.from_json(_told)


def ordered_candidates(study: Study, model: str) -> tuple[str, ...]:
    """Columns of a written model that have few enough levels to be taken as ordered, and a cause in it."""
    from causal.structural.model import columns_of_model
    from causal.structural.model_text import read_model

    observed, exogenous = columns_of_model(read_model(model))
    table = table_of(study)
    kinds = ("binary", "numeric", "category")
    inner = [name for name in observed if name not in exogenous and table.types.get(name) in kinds]
    return tuple(name for name in inner if _can_be_ordered(study, table, name))


def _can_be_ordered(study: Study, table: Any, name: str) -> bool:
    levels = len(levels_of(study, name))
    return levels == 2 if table.types[name] == "category" else 2 <= levels <= MOST_ORDERED


def structure_refits_told(job: Any) -> Any:
    """The refits of a structural equation model that a finished job made, else None."""
    from causal.structural.bootstrap import SemBootstrap

    return SemBootstrap.from_json(job.outcomes[0]) if job is not None and job.state == "done" else None


def structure_draws_told(job: Any) -> Any:
    """The posterior of a structural equation model that a finished job drew from, else None."""
    from causal.structural.posterior import SemPosterior

    return SemPosterior.from_json(job.outcomes[0]) if job is not None and job.state == "done" else None


def structure_held_out_told(job: Any) -> Any:
    """How a structural equation model did on rows not seen, as a finished job found, else None."""
    from causal.structural.held_out import HeldOutFit

    return HeldOutFit.from_json(job.outcomes[0]) if job is not None and job.state == "done" else None


def structure_what_if(fit: Any, changes: Mapping[str, Mapping[str, Any]], group: int) -> Any:
    """What the changes (as `changes_to_json` writes them) do to every variable of a fitted model.

    Raises OptionProblem, EstimationError.
    """
    from causal.interventions.changes import changes_from_json
    from causal.interventions.structural_equations import sem_what_if

    return sem_what_if(fit, changes_from_json(changes), group)


def structure_file(study: Study, fit: Any) -> bytes:
    """The table with the scores of the latent variables as further columns, as Parquet."""
    import io

    from causal.structural.scores import factor_scores

    table = table_of(study)
    scores = factor_scores(table, fit)
    taken = {name: name if name not in table.types else f"{name} (score)" for name in scores.columns}
    file = io.BytesIO()
    table.frame.reset_index(drop=True).join(scores.rename(columns=taken)).to_parquet(file, index=False)
    return file.getvalue()


def score_recipe(study: Study, model: str, options: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    """The scores of a written model's latent variables as a recipe: by their measurement, without the question's ends.

    Raises GraphSyntax, LogError.
    """
    from causal.logs.score_recipe import ScoreRecipe
    from causal.structural.model import columns_of_model
    from causal.structural.model_text import read_model
    from causal.structural.score_columns import measurement_part

    own = measurement_part(model, _ends_of(study))
    read, _ = columns_of_model(read_model(own))
    ordered = tuple(name for name in options.get("ordered", ()) if name in read)
    missing = options.get("missing", "leave out")
    return ScoreRecipe(own, tuple(names.items()), ordered, options.get("group"), missing)


def scored_variables(study: Study, model: str) -> tuple[str, ...]:
    """The latent variables of a written model that show in other columns than the question's treatment and outcome."""
    from causal.errors import LogError
    from causal.structural.score_columns import latent_of, measurement_part

    try:
        return latent_of(measurement_part(model, _ends_of(study)))
    except LogError:
        return ()


def _ends_of(study: Study) -> tuple[str, ...]:
    from causal.archive.contents import question_of

    question = question_of(study)
    return () if question is None else (question.treatment, question.outcome)


def arm_scores_told(job: Any) -> Any:
    """The scores of every arm that a finished job keeps, else None.

    Raises DamagedBlob.
    """
    return _arm_scores(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _arm_scores(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.policies.arm_scores import ArmScores

    return ArmScores.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def policy(study: Study, job: Any, spec: Any, budget: float | None, costs: Mapping[str, float]) -> Any:
    """Who gets which arm within a budget, from the scores that a job keeps: another budget needs no refit.

    Raises OptionProblem.
    """
    return _policy(job.id, budget, tuple(sorted(costs.items())), table_of(study), spec, arm_scores_told(job))


@st.cache_resource(show_spinner=False, max_entries=12)
def _policy(job_id: str, budget: float | None, costs: Any, _table: Any, _spec: Any, _scores: Any) -> Any:
    from causal.policies.policy import policy_of

    return policy_of(_table, _spec, _scores, budget, dict(costs))


def policy_another_way(study: Study, job: Any, decided: Any, spec: Any, budget: float | None, costs: Any) -> Any:
    """The policy that a finished job decided otherwise, from the scores that `job` keeps.

    Raises DamagedBlob, OptionProblem.
    """
    return _policy_another_way(decided.id, decided.outcomes[0], policy(study, job, spec, budget, costs))


@st.cache_resource(show_spinner=False, max_entries=8)
def _policy_another_way(job_id: str, _told: Mapping[str, Any], _free: Any) -> Any:
    return _free.another_way(store().get_arrays(_told["blob"])["arms"], _told["facts"])


def guardrail_columns(study: Study, adjust_for: Sequence[str]) -> list[str]:
    """The outcomes that may be kept from falling: numbers and flags that are not adjusted for."""
    table, question = table_of(study), study.question or {}
    taken = (question.get("treatment"), question.get("outcome"), *adjust_for)
    return [
        name
        for name, kind in table.types.items()
        if name not in taken and (kind == "numeric" or (kind == "binary" and table.column(name).dtype.kind in "iufb"))
    ]


def policy_range(job: Any, study: Study, costs: Mapping[str, float]) -> tuple[float, float]:
    """What the cheapest allocation costs in all, and what giving every unit its best arm costs."""
    return _policy_range(job.id, tuple(sorted(costs.items())), table_of(study), arm_scores_told(job))


@st.cache_resource(show_spinner=False, max_entries=32)
def _policy_range(job_id: str, costs: Any, _table: Any, _scores: Any) -> tuple[float, float]:
    from causal.policies.policy import path_of

    path = path_of(_table, _scores, dict(costs))
    return path.least, float(path.spent[-1]) if len(path.spent) else path.least


def rules_told(job: Any) -> Any:
    """The rules and their value that a finished job told, (PolicyTree, PolicyValue, spent), else None."""
    return _rules(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _rules(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.policies.rules import PolicyTree
    from causal.policies.value import PolicyValue

    return PolicyTree.from_json(_told["tree"]), PolicyValue.from_json(_told["value"]), _told["spent"]


def unit_effects_told(job: Any) -> Any:
    """The effects of units that a finished job keeps, else None.

    Raises DamagedBlob.
    """
    return _unit_effects(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _unit_effects(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.unit_effects import UnitEffects

    return UnitEffects.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def who_benefits(study: Study, job: Any) -> tuple[Any, Any]:
    """The curves over the ranking, and how the predictions hold."""
    return _who_benefits(job.id, unit_effects_told(job))


@st.cache_resource(show_spinner=False, max_entries=8)
def _who_benefits(job_id: str, _found: Any) -> tuple[Any, Any]:
    from causal.effects.priority import effect_calibration, priority_curve

    return priority_curve(_found), effect_calibration(_found)


def effect_rules(study: Study, job: Any, depth: int) -> Any:
    """The effect in groups that a few rules make.

    Raises what `effect_tree` does.
    """
    return _effect_rules(job.id, depth, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=16)
def _effect_rules(job_id: str, depth: int, _found: Any, _table: Any) -> Any:
    from causal.effects.effect_tree import effect_tree

    return effect_tree(_found, _table, depth=depth)


def effect_profile(study: Study, job: Any) -> Any:
    """What those ranked highest and lowest are like.

    Raises what `effect_profile` does.
    """
    return _effect_profile(job.id, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=8)
def _effect_profile(job_id: str, _found: Any, _table: Any) -> Any:
    from causal.effects.priority import effect_profile as profile_of

    return profile_of(_found, _table)


def effect_curve(study: Study, job: Any, by: str) -> Any:
    """The effect over a quantity.

    Raises what `effect_curve` does.
    """
    return _effect_curve(job.id, by, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=32)
def _effect_curve(job_id: str, by: str, _found: Any, _table: Any) -> Any:
    from causal.effects.effect_projection import effect_curve as curve_of

    return curve_of(_found, _table, by)


def effect_projection(study: Study, job: Any) -> Any:
    """The best straight line of the effect in all columns adjusted for.

    Raises what `effect_projection` does.
    """
    return _effect_projection(job.id, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=8)
def _effect_projection(job_id: str, _found: Any, _table: Any) -> Any:
    from causal.effects.effect_projection import effect_projection as projection_of

    return projection_of(_found, _table, _found.adjust_for)


def curve_columns(study: Study, job: Any) -> list[str]:
    """The quantities adjusted for that a curve can run over."""
    from causal.effects.effect_projection import FEWEST_VALUES

    table = table_of(study)
    return [
        name
        for name in unit_effects_told(job).adjust_for
        if table.types[name] == "numeric" and table.column(name).nunique() >= FEWEST_VALUES
    ]


def unit_effects_file(study: Study, job: Any, kind: str) -> bytes:
    """One row per unit of the table: what names it, its predicted effect with error and interval; csv or parquet."""
    from causal.effects.drivers import effect_drivers
    from causal.wording.benefit import scale_of_units
    from causal.wording.drivers import drivers_text

    table, found = table_of(study), unit_effects_told(job)
    drivers, scale = effect_drivers(found, table), scale_of_units(found)
    why = [drivers_text(drivers, row, scale) for row in range(len(table))]
    return _unit_file(table, found.frame().assign(drivers=why), kind)


def effect_drivers_told(study: Study) -> Any:
    """What the predicted effect of every unit rests on, by the newest effects learnt on its table; None without any."""
    sha = table_blob(study)
    learnt = (each for each in jobs_of(study) if each.kind == "unit effects" and each.payload["table_sha"] == sha)
    job = next((each for each in learnt if each.state == "done"), None)
    return None if job is None else _effect_drivers(job.id, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=4)
def _effect_drivers(job_id: str, _found: Any, _table: Any) -> Any:
    from causal.effects.drivers import effect_drivers

    return effect_drivers(_found, _table)


def item_texts(study: Study, choice: Any, rows: Sequence[int], drivers: Any, seed: int) -> list[Any]:
    """For each of these rows of the study's table: its facts and interests, and its description from them alone."""
    from causal.wording.item_texts import item_text

    table = table_of(study)
    return [item_text(table, row, choice, drivers, seed) for row in rows]


def language_model() -> Any:
    """Where the language model of this server is, or None where nobody named one.

    Raises NoModel where what is named cannot be used.
    """
    from causal.text.endpoint import configured

    return configured()


def ask_model(study: Study, endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> None:
    """Have messages sent in the background, once each."""
    pool().submit("ask model", _model_question(endpoint, messages, rows_agreed), study_id=study.id)


def model_job(endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> Any:
    """The job that sends these messages, however it stands; None before they were sent."""
    return _job_about("ask model", _model_question(endpoint, messages, rows_agreed))


def _model_question(endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> dict[str, Any]:
    told = [message.to_json() for message in messages]
    rows = rows_agreed and any(message.rows for message in messages)
    return {"model": endpoint.model, "host": endpoint.host, "messages": told, "rows_agreed": rows}


def model_calls(study: Study) -> list[dict[str, Any]]:
    """Everything that was sent to a language model from this study, and what came back, the newest first."""
    return [
        _call(job, at, message)
        for job in jobs_of(study)
        if job.kind == "ask model"
        for at, message in enumerate(job.payload["messages"])
    ]


def _call(job: Any, at: int, message: Mapping[str, Any]) -> dict[str, Any]:
    told = job.outcomes[at] if at < len(job.outcomes) else {}
    return {
        "when": f"{job.created_at:%Y-%m-%d %H:%M:%S}",
        "for": message["purpose"],
        "model": told.get("model", job.payload["model"]),
        "at": job.payload["host"],
        "rows of data": "yes" if message["rows"] else "no",
        "sent": json.dumps(message["turns"], ensure_ascii=False),
        "came back": told.get("text", job.message or job.state),
        "the guard": told.get("verdict", ""),
        "seconds": told.get("seconds"),
    }


def policy_file(policy: Any, kind: str) -> bytes:
    """One row per unit of the table: what names it, its arm, cost, predicted gain, and why; csv or parquet."""
    return _unit_file(policy.table, _with_reasons(policy, policy.frame(), None), kind)


def policy_units(policy: Any, most: int) -> Any:
    """The units that a policy serves first, most gain per cost, as a frame: what names them, arm, gain, why."""
    frame = policy.frame()
    served = frame[(policy.arms >= 0) & (policy.arms != policy.control)]
    worth = served["predicted_gain"] / served["cost"].where(served["cost"] > 0)
    first = served.loc[worth.fillna(float("inf")).sort_values(ascending=False, kind="stable").index[:most]]
    told = _with_reasons(policy, first, first.index.tolist())
    return _named(policy.table, told)


def policy_drivers(policy: Any) -> Any:
    """What the predicted gain of every unit's arm rests on."""
    import hashlib

    arms = hashlib.sha1(policy.arms.tobytes()).hexdigest()
    return _policy_drivers(policy.table.fingerprint, policy.spec.fingerprint, policy.learner, arms, policy)


@st.cache_resource(show_spinner=False, max_entries=4)
def _policy_drivers(table: str, spec: str, learner: str, arms: str, _policy: Any) -> Any:
    from causal.policies.drivers import drivers

    return drivers(_policy)


def drivers_caption(policy: Any) -> str:
    """What the drivers of a policy's units are, and how much they tell."""
    from causal.wording import drivers as wording

    return wording.drivers_caption(policy_drivers(policy))


def _with_reasons(policy: Any, frame: Any, rows: Any) -> Any:
    from causal.wording import drivers as wording

    told = frame.assign(arm=frame["arm"].astype("string"))
    scale = wording.scale_of(policy)
    return told.assign(why=wording.reasons(policy, policy_drivers(policy), scale, rows))


def _unit_file(table: Any, told: Any, kind: str) -> bytes:
    """What is told of each row of the table, after what names it."""
    import io

    from causal.archive.safe_cells import safe_frame

    frame = _named(table, told)
    file = io.BytesIO()
    if kind == "parquet":
        frame.to_parquet(file, index=False)
    else:
        safe_frame(frame).to_csv(file, index=False)
    return file.getvalue()


def _named(table: Any, told: Any) -> Any:
    """What is told of some rows of a table, after what names them and their place in it, from 1 on."""
    names = [name for name, type_ in table.types.items() if type_ == "identifier"]
    frame = table.frame[names].reset_index(drop=True).join(told, how="right", lsuffix=" of the log")
    frame.insert(0, "row", frame.index + 1)
    return frame


def is_quantity(study: Study, column: str) -> bool:
    """Whether a column has enough different numbers for a dose-response curve."""
    table = table_of(study)
    return bool(table.types.get(column) == "numeric" and len(levels_of(study, column)) >= FEWEST_DOSES)


def impact_told(job: Any) -> Any:
    """The ranked causes that a finished job told, else None."""
    return _impact(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _impact(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.impact import FeatureImpact

    return FeatureImpact.from_json(_told)


def group_effects(analysis: Any, by: str, bins: int) -> Any:
    """The effect in groups of a column, from stored scores."""
    found = _group_effects(analysis.table_fingerprint, analysis.spec.fingerprint, by, bins, analysis)
    return replace(found, unit=analysis.spec.question.unit)


@st.cache_resource(show_spinner=False, max_entries=64)
def _group_effects(table: str, spec: str, by: str, bins: int, _analysis: Any) -> Any:
    from causal.effects.groups import group_effects as found

    return found(_analysis, by, bins)


def quantiles_told(job: Any) -> Any:
    """The effects on quantiles that a finished job told."""
    return _quantiles(job.id, job.outcomes[0])


@st.cache_resource(show_spinner=False, max_entries=16)
def _quantiles(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.quantiles import QuantileEffects

    return QuantileEffects.from_json(_told)


def ratio_told(job: Any) -> Any:
    """The effect on a ratio of totals that a finished job told."""
    return _ratio(job.id, job.outcomes[0])


@st.cache_resource(show_spinner=False, max_entries=16)
def _ratio(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.ratio import RatioEffect

    return RatioEffect.from_json(_told)


def weigh_hidden_causes(study: Study, spec: Any) -> None:
    """Have it worked out in the background what a hidden cause would do to a spec's effect, once per table and spec."""
    start_work(study, "weigh hidden causes", {"spec": spec.to_json()})


def hidden_causes_job(study: Study, spec: Any) -> Any:
    """The job that works out what a hidden cause would do, however it stands; None before there is one."""
    return work_about(study, "weigh hidden causes", {"spec": spec.to_json()})


def sensitivity_told(job: Any) -> Any:
    """The sensitivity that a finished job told, else None."""
    return _sensitivity(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _sensitivity(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.sensitivity import Sensitivity

    return Sensitivity.from_json(_told)


def try_to_refute(study: Study, spec: Any) -> None:
    """Have every refuter put to a spec's answer in the background, once per table, spec and negative controls."""
    start_work(study, "refute", _refutation(study, spec))


def refutation_job(study: Study, spec: Any) -> Any:
    """The job that puts the refuters to a spec's answer, however it stands; None before there is one."""
    return work_about(study, "refute", _refutation(study, spec))


def _refutation(study: Study, spec: Any) -> dict[str, Any]:
    chosen = study.view.get("negative controls", {})
    return {"spec": spec.to_json(), "controls": {name: chosen.get(name) for name in ("outcome", "exposure")}}


def why_not_refuted(analysis: Any) -> str:
    """Why the refuters do not apply to an answer; nothing where they do."""
    from causal.effects.refutation import why_not_refuted as found

    return found(analysis.method, analysis.estimand)


def refutations_told(job: Any) -> Any:
    """What the refuters have found so far; nothing where they were not asked."""
    return () if job is None else _refutations(job.id, len(job.outcomes), job.outcomes)


@st.cache_resource(show_spinner=False, max_entries=32)
def _refutations(job_id: str, count: int, _told: Sequence[Mapping[str, Any]]) -> Any:
    from causal.checks.refuters.refutation import Refutation

    return tuple(Refutation.from_json(each) for each in _told)


def refuters_verdict(found: Any) -> Any:
    """The light of all refuters together, and its sentence."""
    from causal.wording.refutation import refuters_verdict as verdict

    return verdict(found)


def control_candidates(study: Study, analysis: Any) -> Any:
    """Columns that could be a negative control outcome, and those that could be an exposure."""
    key = f"{analysis.spec.fingerprint} {analysis.adjust_for!r}"
    return _candidates_for_control(table_blob(study), key, table_of(study), analysis)


@st.cache_resource(show_spinner=False, max_entries=16)
def _candidates_for_control(table_sha: str, key: str, _table: Any, _analysis: Any) -> Any:
    from causal.effects.refutation import control_candidates as found

    return found(_table, _analysis.spec, _analysis.adjust_for)


def _job_about(kind: str, payload: Mapping[str, Any]) -> Any:
    from causal.jobs.pool import work_fingerprint
    from causal.jobs.table import job_about

    return job_about(store(), work_fingerprint(kind, payload))


def judged(study: Study, analysis: Any) -> Any:
    """The analysis with its ledger: everything that the study knows for and against it, and the analyst's overruling.

    What a stopped job found is not taken for all of it.
    """
    from causal.wording.evidence import Evidence, with_ledger

    spec = analysis.spec
    tried = refutation_job(study, spec)
    trying, curve = specifications_told(study, analysis)
    regions = positivity_told(positivity_job(study, spec)) if analysis.rests_on_adjustment else None
    evidence = Evidence(
        positivity=regions,
        overlap_judgement=overlap_judgement_of(study, spec),
        model_fit=None if why_no_model_fit(analysis) else model_fit_told(model_fit_job(study, spec)),
        refutations=refutations_told(tried) if tried is not None and tried.state == "done" else None,
        sensitivity=sensitivity_told(hidden_causes_job(study, spec)),
        curve=curve if _is_done(trying) else None,
        graph_fit=graph_fit_of(study) if _on_the_study_graph(study, spec) else None,
    )
    return with_ledger(analysis, evidence, overruling_of(study, spec))


def _on_the_study_graph(study: Study, spec: Any) -> bool:
    drawn = graph_of(study)
    if drawn is None or spec.graph is None:
        return False
    return (spec.graph.directed, spec.graph.bidirected) == (drawn.directed, drawn.bidirected)


def _is_done(job: Any) -> bool:
    return job is not None and job.state == "done"


def specification_choices(study: Study, analysis: Any) -> Any:
    """What the curve of an answer varies: as chosen for it, else what a careful colleague would try.

    Raises the errors of `answer`.
    """
    from causal.effects.specifications import Choices

    chosen = study.view.get(CHOICES, {}).get(overruling_key(study, analysis.spec))
    if chosen is not None:
        return Choices.from_json(chosen)
    return _default_choices(table_blob(study), analysis.spec.fingerprint, table_of(study), analysis.spec)


@st.cache_resource(show_spinner=False, max_entries=64)
def _default_choices(table_sha: str, fingerprint: str, _table: Any, _spec: Any) -> Any:
    from causal.effects.specifications import default_choices

    return default_choices(_table, _spec)


def why_no_curve(analysis: Any) -> str:
    """Why an answer has no curve of specifications; nothing where it has one."""
    from causal.effects.specifications import why_no_curve as found

    return found(analysis.method, analysis.rests_on_adjustment)


def methods_for_curve(analysis: Any) -> Any:
    """The methods that a curve can hold."""
    from causal.effects.specifications import able_methods

    return able_methods(analysis.spec)


def valid_sets(study: Study, analysis: Any) -> Any:
    """The sets of covariates that the graph allows."""
    return _valid_sets(table_blob(study), analysis.spec.fingerprint, table_of(study), analysis.spec)


@st.cache_resource(show_spinner=False, max_entries=64)
def _valid_sets(table_sha: str, fingerprint: str, _table: Any, _spec: Any) -> Any:
    from causal.effects.specifications import valid_sets

    return valid_sets(_table, _spec)


def group_columns(study: Study, analysis: Any) -> list[str]:
    """Columns of few levels that units can be told apart by before the treatment, for populations of their own."""
    from causal.effects.groups import groupable

    types = analysis.table.types if analysis.table is not None else {}
    return [name for name in groupable(analysis) if types[name] in ("category", "binary")]


def outcome_columns(study: Study, analysis: Any) -> list[str]:
    """Columns that could measure the outcome too: numbers that are neither treatment nor adjusted for."""
    table, question = table_of(study), analysis.spec.question
    aside = {question.treatment, question.outcome, analysis.spec.cluster, *analysis.adjust_for}
    return [name for name in table.names if table.types[name] in ("numeric", "binary") and name not in aside]


def try_specifications(study: Study, analysis: Any) -> None:
    """Have every specification answered in the background; what was answered before is not answered again."""
    start_work(study, "try specifications", _specifications(analysis, specification_choices(study, analysis)))


def specifications_job(study: Study, analysis: Any) -> Any:
    """The job that answers every specification, however it stands; None before there is one, or where none applies."""
    return specifications_told(study, analysis)[0]


def specifications_told(study: Study, analysis: Any) -> tuple[Any, Any]:
    """The job that answers every specification, and the curve as far as it is answered; None before there is one."""
    if why_no_curve(analysis):
        return None, None
    choices = specification_choices(study, analysis)
    job = work_about(study, "try specifications", _specifications(analysis, choices))
    if job is None:
        return None, None
    return job, _curve_of(job.id, len(job.outcomes), job.outcomes, analysis, choices)


def _specifications(analysis: Any, choices: Any) -> dict[str, Any]:
    return {"spec": analysis.spec.to_json(), "choices": choices.to_json()}


@st.cache_resource(show_spinner=False, max_entries=16)
def _curve_of(job_id: str, count: int, _told: Sequence[Mapping[str, Any]], _analysis: Any, _choices: Any) -> Any:
    from causal.effects.specification_curve import SpecificationCurve

    return SpecificationCurve.from_outcomes(_analysis.spec, _choices, _analysis.outcome_is_binary, _told)


CHECKS = {
    "refute": "Refuters",
    "weigh hidden causes": "Hidden causes",
    "check graph": "Graph and data",
    "find regions": "Overlap",
    "check models": "Model fit",
    "try specifications": "Specification curve",
}
"""The kinds of background work that light the ledger's lights."""


def checks_running(study: Study, analysis: Any) -> list[Any]:
    """The jobs that wait or run for the ledger of an answer."""
    return [each for each in _check_jobs(study, analysis) if each is not None and each.active]


def _check_jobs(study: Study, analysis: Any) -> list[Any]:
    spec = analysis.spec
    graph = graph_test_job(study) if _on_the_study_graph(study, spec) else None
    own = [positivity_job(study, spec), model_fit_job(study, spec), hidden_causes_job(study, spec), graph]
    return [*own, specifications_job(study, analysis), refutation_job(study, spec)]


def check_what_is_missing(study: Study, analysis: Any) -> None:
    """Have every check of an answer's ledger that was not run yet run in the background, the quick ones first."""
    missing = {each.check for each in analysis.ledger.of_light("not_checked")}
    if analysis.rests_on_adjustment and analysis.adjust_for and positivity_job(study, analysis.spec) is None:
        find_regions(study, analysis.spec)
    if not why_no_model_fit(analysis) and model_fit_job(study, analysis.spec) is None:
        check_models(study, analysis.spec)
    if "hidden cause" in missing:
        weigh_hidden_causes(study, analysis.spec)
    if "graph" in missing and _on_the_study_graph(study, analysis.spec):
        test_graph(study)
    if "specification curve" in missing:
        try_specifications(study, analysis)
    if "refuters" in missing:
        try_to_refute(study, analysis.spec)


def checked_overruling(written: Mapping[str, Any]) -> dict[str, Any]:
    """What an analyst wrote as it is kept.

    Raises OptionProblem where the reason says nothing.
    """
    from dataclasses import asdict

    from causal.checks.ledger import Overruling

    return asdict(Overruling(**{**written, "reason": written["reason"] or ""}))


def check_models(study: Study, spec: Any) -> None:
    """Have every model behind a spec's answer predict units not seen, in the background, once per table and spec."""
    start_work(study, "check models", {"spec": spec.to_json()})


def model_fit_job(study: Study, spec: Any) -> Any:
    """The job that checks the models of a spec's answer, however it stands; None before there is one."""
    return work_about(study, "check models", {"spec": spec.to_json()})


def model_fit_told(job: Any) -> Any:
    """The fit of the models that a finished job told, else None."""
    return _model_fit(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _model_fit(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.model_fit import ModelFit

    return ModelFit.from_json(_told)


def why_no_model_fit(analysis: Any) -> str:
    """Why an answer rests on no model that could be checked; nothing where it does."""
    from causal.effects.model_fit import why_no_model_fit as found

    return found(analysis.method, analysis.estimand)


def model_fit_verdict(analysis: Any, found: Any) -> Any:
    """The light of the models, and its sentence."""
    from causal.wording.model_fit import model_fit_verdict as verdict

    return verdict(analysis, found)


def find_regions(study: Study, spec: Any) -> None:
    """Have it found in the background which units have nobody comparable in the other arm, once per table and spec."""
    start_work(study, "find regions", _regions(spec))


def positivity_job(study: Study, spec: Any) -> Any:
    """The job that finds the units without comparable units, however it stands; None before there is one."""
    return work_about(study, "find regions", _regions(spec))


def positivity_told(job: Any) -> Any:
    """What a finished job found, else None."""
    return _positivity(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _positivity(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.positivity import Positivity

    return Positivity.from_json(_told)


def _regions(spec: Any) -> dict[str, Any]:
    """The regions hang on the question, the graph and the units, not on a method's options."""
    return {"spec": replace(spec, options=None, bootstrap=None).to_json()}


def checked_judgement(enough: bool, reason: str | None) -> dict[str, Any]:
    """What an analyst says of the overlap as it is kept.

    Raises OptionProblem where the reason says nothing.
    """
    from dataclasses import asdict

    from causal.checks.ledger import OverlapJudgement

    return asdict(OverlapJudgement(enough, reason or ""))


def overlap_judgement_of(study: Study, spec: Any) -> Any:
    """The analyst's judgement of the overlap of a spec's answer on the study's table, or None."""
    from causal.checks.ledger import OverlapJudgement

    found = study.view.get(OVERLAP_JUDGED, {}).get(overruling_key(study, spec))
    return None if found is None else OverlapJudgement(**found)


def overruling_of(study: Study, spec: Any) -> Any:
    """The analyst's own standing for a spec's answer on the study's table, or None."""
    from causal.checks.ledger import Overruling

    found = study.view.get(OVERRULED, {}).get(overruling_key(study, spec))
    return None if found is None else Overruling(**found)


def overruling_key(study: Study, spec: Any) -> str:
    """What an overruling is of: another table, question or option is another answer, and the checks speak again."""
    return _key({"table": table_blob(study), "spec": spec.fingerprint})


def hidden_cause_verdict(found: Any) -> Any:
    """The light of what a hidden cause could do, and its sentence."""
    from causal.wording.sensitivity import hidden_cause_verdict as verdict

    return verdict(found)


def graph_verdict(fit: Any) -> Any:
    """The light of the graph, and its sentence."""
    from causal.wording.graph_fit import graph_fit_verdict

    return graph_fit_verdict(fit)


def job(job_id: str) -> Any:
    """The job as it stands, or None."""
    from causal.jobs.table import find_job

    return find_job(store(), job_id)


def error_of(study: Study, spec: Any) -> str | None:
    """Why the newest finished work on a spec gave no answer; None where it gave one, or was never asked."""
    for each in jobs_of(study):
        told = outcomes(each) if each.kind == "answer" and not each.active else ()
        for outcome in told:
            if each.payload["specs"][outcome.position] == spec.to_json():
                error: str | None = outcome.error
                return error
    return None


def jobs_of(study: Study) -> Any:
    """Every job that the study asked for, the newest first."""
    from causal.jobs.table import jobs_of_study

    return jobs_of_study(store(), study.id)


def belongs(job: Any, study: Study) -> bool:
    """Whether the study asked for this job."""
    return any(each.id == job.id for each in jobs_of(study))


def outcomes(job: Any) -> Any:
    """What the job has finished so far."""
    from causal.jobs.kinds import spec_outcomes

    return spec_outcomes(job)


def stop(job_id: str, study: Study | None) -> None:
    """Stop a job that nobody else waits for."""
    pool().cancel(job_id, None if study is None else study.id)


def methods_asked(study: Study) -> tuple[Mapping[str, Any], ...]:
    """The methods asked for, each {"method", "options"}; before anybody asks, those that fit graph and table.

    Raises LogError.
    """
    held = tuple(study.specs)
    if held or study.question is None or study.graph is None:
        return held or chosen_methods(study)
    return _methods_to_begin_with(study)


def specs_asked(study: Study, graph: Any = None) -> tuple[Any, ...]:
    """One spec per method asked for; none before the question and the graph are there.

    Raises LogError.
    """
    return specs_of(study, graph, methods_asked(study))


def methods_offered(study: Study) -> tuple[Any, ...]:
    """Whether each method can serve the study's question on its graph and table, and why not.

    Raises LogError.
    """
    log, view = log_of(study), study.view
    asked = (study.graph, study.question, *(view.get(each) for each in ("adjust for", "never adjust", "settings")))
    held = None if log is None else (log.fingerprint, recipe_of(study).to_json())
    return _methods_offered(_key({"asked": asked, "table": held}), study, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=64)
def _methods_offered(key: str, _study: Study, _table: Any) -> tuple[Any, ...]:
    from causal.archive.contents import suitable_methods

    return suitable_methods(_study, _table)


def _methods_to_begin_with(study: Study) -> tuple[Mapping[str, Any], ...]:
    from causal.estimators.suitability import to_begin_with

    names = to_begin_with(methods_offered(study))
    return tuple({"method": name, "options": None} for name in names)


def known(study: Study, spec: Any) -> Any:
    """The finished analysis of a spec on the study's table with its ledger; None without one, or where it is damaged.

    Raises DamagedBlob for the log alone: an analysis can be had again.
    """
    from causal.archive.engine import result_key

    blob, table = table_blob(study), table_of(study)
    stored = store().find_result(result_key(blob, spec.fingerprint))
    if stored is None:
        return None
    try:
        return in_its_unit(study, judged(study, _analysis(stored.analysis, stored.scores, blob, table)))
    except DamagedBlob:
        return None


@st.cache_resource(show_spinner=False, max_entries=24)
def _analysis(analysis: str, scores: str | None, table_sha: str, _table: Any) -> Any:
    from causal.archive.analyses import load_analysis

    return load_analysis(store(), analysis, scores, _table)


def share_curve(analysis: Any, by: str | None) -> Any:
    """The what-if over every per cent of the population, from stored scores."""
    return _share_curve(analysis.table_fingerprint, analysis.spec.fingerprint, by, analysis)


@st.cache_resource(show_spinner=False, max_entries=64)
def _share_curve(table: str, spec: str, by: str | None, _analysis: Any) -> Any:
    from causal.interventions.treat_share import treat_share

    return treat_share(_analysis, [percent / 100 for percent in range(101)], by)


def structural_asked(spec: Any) -> dict[str, Any]:
    """What a structural model is fitted to: the graph of a spec, the units asked about, and the seed."""
    document = spec.to_json()
    return {"graph": document["graph"], "where": list(document.get("where", ())), "seed": spec.seed}


def fit_structural_model(study: Study, asked: Mapping[str, Any]) -> None:
    """Have the structural model fitted in the background, once per table, graph and units."""
    start_work(study, STRUCTURAL, asked)


def structural_job(study: Study, asked: Mapping[str, Any]) -> Any:
    """The job that fits the structural model, however it stands; None before there is one."""
    return work_about(study, STRUCTURAL, asked)


def structural_model_told(job: Any) -> Any:
    """The structural model that a finished job keeps, else None.

    Raises DamagedBlob.
    """
    return _structural_model(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=3)
def _structural_model(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.structural_model import StructuralModel

    return StructuralModel.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def scenario(job: Any, changes: Mapping[str, Any], where: Sequence[Any] = ()) -> Any:
    """What changes make of every variable, from the draws that a job keeps: nothing is fitted again.

    Without changes, how every variable is today; `where`: of some of the units. Raises OptionProblem, EmptyLog and
    TooFewUnits.
    """
    from causal.interventions.changes import changes_to_json
    from causal.study import condition_to_json

    key = _key({"changes": changes_to_json(changes), "where": [condition_to_json(each) for each in where]})
    return _scenario(job.id, key, structural_model_told(job), changes, tuple(where))


@st.cache_resource(show_spinner=False, max_entries=96)
def _scenario(job_id: str, key: str, _model: Any, _changes: Any, _where: Any) -> Any:
    from causal.interventions.today import scenario_of

    return scenario_of(_model, dict(_changes), _where)


def recorded_shares(job: Any, scenario: Any, name: str) -> tuple[float, ...]:
    """The shares of a quantity in the data, in the bars of a scenario's histogram; none of levels."""
    from causal.interventions.today import recorded

    return recorded(structural_model_told(job), scenario, name)


def roads_told(job: Any) -> Any:
    """The two roads that a finished job compared, else None."""
    return _roads(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=64)
def _roads(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.roads import Roads

    return Roads.from_json(_told)


def counterfactual_of(study: Study, job: Any, row: int, changes: Mapping[str, Any]) -> Any:
    """What the unit in one row of the study's table (from 0) would have had under the changes.

    Raises OptionProblem, CovariateProblem and NotIdentified.
    """
    from causal.interventions.changes import changes_to_json

    key = _key(changes_to_json(changes))
    return _counterfactual(job.id, key, row, structural_model_told(job), table_of(study), changes)


@st.cache_resource(show_spinner=False, max_entries=64)
def _counterfactual(job_id: str, key: str, row: int, _model: Any, _table: Any, _changes: Any) -> Any:
    from causal.interventions.counterfactual import counterfactual

    return counterfactual(_model, _table.frame.iloc[[row]], dict(_changes))


def row_named(study: Study, column: str, value: str) -> int | None:
    """The first row in which an identifier reads so, or None."""
    found = (table_of(study).frame[column].astype("string") == value).to_numpy(dtype=bool, na_value=False)
    return int(found.argmax()) if found.any() else None


def try_trimming(study: Study, spec: Any) -> None:
    """Have a spec answered at every bound of trimming in the background, once per table and spec."""
    _intact_table_blob(study)
    pool().submit("trim", _trimming(study, spec), study_id=study.id)


def trimming_job(study: Study, spec: Any) -> Any:
    """The job that tries every bound of trimming, however it stands; None before there is one."""
    return _job_about("trim", _trimming(study, spec))


def trimming_told(job: Any) -> Any:
    """The curve that a finished trial told, else None."""
    return _trimming_curve(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _trimming_curve(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.trimming import TrimmingCurve

    return TrimmingCurve.from_json(_told)


def trimming_rules_told(job: Any) -> Any:
    """What a finished trial told of the usual rules, else None."""
    done = job is not None and job.state == "done" and len(job.outcomes) > 1
    return _trimming_rules(job.id, job.outcomes[1]) if done else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _trimming_rules(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.trimming import TrimmingRules

    return TrimmingRules.from_json(_told)


def _trimming(study: Study, spec: Any) -> dict[str, Any]:
    from causal.interventions.trimming import untrimmed

    return {"table_sha": table_blob(study), "spec": untrimmed(spec).to_json()}


def balance_told(job: Any) -> Any:
    """The balance in full that a finished job told, else None."""
    return _balance(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _balance(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.balance_comparison import BalanceComparison

    return BalanceComparison.from_json(_told)


def arm_balance_told(job: Any) -> Any:
    """The balance of all arms, or of a quantity, that a finished job told, else None."""
    return _arm_balance(job.id, job.outcomes[0]) if job is not None and job.state == "done" else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _arm_balance(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.arm_balance import ArmBalance

    return ArmBalance.from_json(_told)


def other_columns(study: Study, analysis: Any) -> tuple[str, ...]:
    """The columns that an answer does not adjust for and whose balance can be measured all the same."""
    table, question = table_of(study), analysis.spec.question
    used = {question.treatment, question.outcome, *analysis.adjust_for}
    kinds = ("numeric", "binary", "category")
    return tuple(name for name in table.names if name not in used and table.types[name] in kinds)


def grouping_columns(study: Study, analysis: Any) -> tuple[str, ...]:
    """The columns in whose groups balance can be measured."""
    table, question = table_of(study), analysis.spec.question
    return tuple(
        name
        for name in table.names
        if name not in (question.treatment, question.outcome)
        and (table.types[name] == "numeric" or (table.types[name] in ("category", "binary") and _few(study, name)))
    )


def _few(study: Study, column: str) -> bool:
    from causal.effects.groups import MOST_GROUPS

    return 2 <= len(levels_of(study, column)) <= MOST_GROUPS


def recompute_references(again: bool = False) -> None:
    """Have every published figure recomputed in the background, once per engine and installed tables."""
    pool().submit("recompute references", _tables_installed(), again=again)


def references_job() -> Any:
    """The job that recomputes the published figures, however it stands; None before there is one."""
    return _job_about("recompute references", _tables_installed())


def accuracy_told(job: Any) -> Any:
    """Published figures beside ours: as a finished job told, else the published ones alone."""
    from causal.accuracy.recompute import unanswered

    done = job is not None and job.state == "done"
    return _accuracy(job.id, job.outcomes[0]) if done else unanswered()


@st.cache_resource(show_spinner=False, max_entries=4)
def _accuracy(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.accuracy.comparison import Accuracy

    return Accuracy.from_json(_told)


def _tables_installed() -> dict[str, Any]:
    from causal.accuracy.tables import TABLES, installed

    return {"packages": {each.package: installed(each.package) for each in TABLES.values()}}


def estimate_rows(analyses: Sequence[Any], chosen: str) -> list[dict[str, Any]]:
    """Every estimate with all its digits, one row per method."""
    from causal.plots.forest import rows

    return rows(analyses, chosen)


def record(error: BaseException) -> str:
    """The sentence for an error of ours; its details are in the data folder."""
    from causal.archive.faults import record_fault

    return record_fault(store().folder, error)


def _question_key(question: Any) -> dict[str, Any]:
    return {name: getattr(question, name) for name in ("treatment", "outcome", "target", "control", "treated")}


def _key(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
