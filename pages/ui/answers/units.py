"""The units that a recipe makes of a log: at once, of some users, or in the background."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.logs import (
    about_events,
    all_here,
    guesses,
    kept_log,
    log_of,
    made_at_once,
    reference_of,
    rows_here,
)
from pages.ui.answers.work import begin, is_done, job_about, jobs_of, key_of, stop


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
        return recipe if not is_done(job) else fitted(recipe, guesses(units_of(log, recipe.events)))
    return UnitRecipe() if log is None else suggested_recipe(guesses(log))


def suggested_recipe(guesses: Any) -> Any:
    """The recipe that the guesses suggest."""
    from causal.logs.units import recipe_of

    return recipe_of(guesses)


def missing_choices(log: Any, recipe: Any) -> Any:
    """What each way of treating missing values would do."""
    return _missing_choices(log.fingerprint, key_of(recipe.to_json()), log, recipe)


@st.cache_resource(show_spinner=False, max_entries=16)
def _missing_choices(fingerprint: str, recipe_key: str, _log: Any, _recipe: Any) -> Any:
    from causal.logs.units import missing_effects

    return missing_effects(_log, _recipe)


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
        return _units_of(log.fingerprint, key_of(events.to_json()), log, events)
    job = units_job(log, events)
    if job is not None and job.state == "failed":
        raise LogError(job.message)
    if not is_done(job):
        raise LogError("The units of this log are not made yet.")
    return kept_log(log.name, False, job.outcomes[1]["blob"])


@st.cache_resource(show_spinner="Making one row per unit of the events …", max_entries=6)
def _units_of(fingerprint: str, recipe_key: str, _log: Any, _events: Any) -> Any:
    from causal.logs.event_units import unit_log

    return unit_log(_log, _events)


def some_units_of(log: Any, events: Any) -> Any:
    """The units of a log; of a large one those of some of its users, of a table in a warehouse of the rows here.

    Raises LogError.
    """
    if events is None or made_at_once(log):
        return units_of(log, events)
    if not all_here(log):
        job = units_job(log, events)
        return units_of(log if is_done(job) else rows_here(log), events)
    some, recipe = some_of(log, events)
    return _units_of(some.fingerprint, key_of(recipe.to_json()), some, recipe)


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


def units_wait(study: Study) -> bool:
    """Whether the units of the study's log have to be made in the background first, and are not yet."""
    log = log_of(study)
    events = None if log is None else recipe_of(study).events
    if log is None or events is None or made_at_once(log):
        return False
    job = units_job(log, events)
    return job is None or job.state not in ("done", "failed")


def units_job(log: Any, events: Any) -> Any:
    """The job that makes the units of a large log, however it stands; None before there is one."""
    return job_about("make units", _unit_making(log, events))


def start_units(study: Study) -> None:
    """Have the units of the study's large log made in the background; what an older recipe asked for is stopped."""
    asked = _unit_making(log_of(study), recipe_of(study).events)
    for each in jobs_of(study):
        if each.kind == "make units" and each.active and each.payload != asked:
            stop(each.id, study)
    begin("make units", asked, study_id=study.id)


def _unit_making(log: Any, events: Any) -> dict[str, Any]:
    return {"log": reference_of(log), "events": events.to_json()}


def attrition_told(job: Any) -> Any:
    """What each step of a recipe left out, as its job has counted it so far; None before that."""
    from causal.logs.attrition import Attrition

    return Attrition.from_json(job.outcomes[0]) if job is not None and job.outcomes else None


def query_told(job: Any) -> str:
    """The query that made the units, as its job told it; nothing before that."""
    return job.outcomes[1].get("query", "") if job is not None and len(job.outcomes) > 1 else ""


def kinds_job(study: Study, column: str) -> Any:
    """The job that counts the kinds of events in a table of a warehouse, started where it was not; however it stands.

    Jobs are to be read before what they found.
    """
    payload = {"log": reference_of(log_of(study)), "column": column}
    if job_about("count kinds", payload) is None:
        begin("count kinds", payload, study_id=study.id)
    return job_about("count kinds", payload)


def kinds_of_events(study: Study) -> list[str]:
    """The kinds of events in the study's log, the most frequent first; none where no column says them."""
    from causal.logs.event_units import kinds_of

    events = recipe_of(study).events
    if events is None or events.columns.kind is None:
        return []
    found = about_events(kinds_of, rows_here(log_of(study)), events.columns.kind)
    return list(found) if isinstance(found, dict) else []
