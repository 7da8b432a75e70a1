"""Who benefits: the effects of units, their ranking, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.tables import table_blob, table_of, unit_file
from pages.ui.answers.work import is_done, jobs_of, store


def unit_effects_told(job: Any) -> Any:
    """The effects of units that a finished job keeps, else None.

    Raises DamagedBlob.
    """
    return _unit_effects(job.id, job.outcomes[0]) if is_done(job) else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _unit_effects(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.effects.unit_effects import UnitEffects

    return UnitEffects.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def who_benefits(study: Study, job: Any) -> tuple[Any, Any, Any]:
    """The curves over the ranking, how the predictions hold, and whether the data show that units differ."""
    return _who_benefits(job.id, unit_effects_told(job), table_of(study))


@st.cache_resource(show_spinner=False, max_entries=8)
def _who_benefits(job_id: str, _found: Any, _table: Any) -> tuple[Any, Any, Any]:
    from causal.effects.effect_differences import effect_differences
    from causal.effects.priority import effect_calibration, priority_curve

    return priority_curve(_found), effect_calibration(_found), effect_differences(_found, _table)


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
    return unit_file(table, found.frame().assign(drivers=why), kind)


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
