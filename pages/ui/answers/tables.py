"""The unit table of a study, its columns' levels, and work on it in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.archive.study import Study
from causal.errors import DamagedBlob
from pages.ui.answers.logs import log_of
from pages.ui.answers.texts import text_features
from pages.ui.answers.units import recipe_of, unit_log_of
from pages.ui.answers.work import begin, job_about, key_of, store

MOST_LEVELS = 50
"""So many values of a column are offered to choose from."""

FEWEST_DOSES = 7
"""A column of numbers with fewer different ones is compared level by level."""


def table_of(study: Study) -> Any:
    """The study's unit table, or None before there is a log.

    Raises LogError.
    """
    log = log_of(study)
    if log is None:
        return None
    recipe = recipe_of(study)
    return _table(log.fingerprint, key_of(recipe.to_json()), unit_log_of(study), recipe, log)


@st.cache_resource(show_spinner="Building one row per unit …", max_entries=3)
def _table(fingerprint: str, recipe_key: str, _rows: Any, _recipe: Any, _log: Any) -> Any:
    from causal.logs.units import units_of_rows

    texts = tuple(text_features(_log, _rows, each, _recipe) for each in _recipe.texts)
    return units_of_rows(_rows, _recipe, texts, _scores)


def _scores(table: Any, score: Any) -> Any:
    """The scores of latent variables, once for what they are made of."""
    return _scored(table.fingerprint, key_of(score.to_json()), table, score)


@st.cache_resource(show_spinner="Scoring the latent variables …", max_entries=8)
def _scored(fingerprint: str, score_key: str, _table: Any, _score: Any) -> Any:
    from causal.structural.score_columns import scores_of

    return scores_of(_table, _score)


def table_blob(study: Study) -> str:
    """The blob of the study's unit table, for the workers."""
    log, recipe = log_of(study), recipe_of(study)
    return _table_blob(log.fingerprint, key_of(recipe.to_json()), study)


@st.cache_resource(show_spinner=False, max_entries=16)
def _table_blob(fingerprint: str, recipe_key: str, _study: Study) -> str:
    blob: str = store().put_table(table_of(_study))
    return blob


def intact_table_blob(study: Study) -> str:
    """The blob of the study's unit table, put down anew where what is kept of it is damaged."""
    try:
        store().blob_path(table_blob(study))
    except DamagedBlob:
        _table_blob.clear()
    return table_blob(study)


def start_work(study: Study, kind: str, asked: Mapping[str, Any]) -> None:
    """Have one kind of work done on the study's table in the background, once per table and what is asked."""
    intact_table_blob(study)
    begin(kind, {"table_sha": table_blob(study), **asked}, study_id=study.id)


def work_about(study: Study, kind: str, asked: Mapping[str, Any]) -> Any:
    """The job of this work, however it stands; None before there is one."""
    return job_about(kind, {"table_sha": table_blob(study), **asked})


def levels_of(study: Study, column: str) -> tuple[Any, ...]:
    """The values of a column, sorted, at most `MOST_LEVELS`."""
    log, recipe = log_of(study), recipe_of(study)
    return _levels(log.fingerprint, key_of(recipe.to_json()), column, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=64)
def _levels(fingerprint: str, recipe_key: str, column: str, _table: Any) -> tuple[Any, ...]:
    from causal.estimators.design import present_levels

    return tuple(present_levels(_table, column)[:MOST_LEVELS])


def is_quantity(study: Study, column: str) -> bool:
    """Whether a column has enough different numbers for a dose-response curve."""
    table = table_of(study)
    return bool(table.types.get(column) == "numeric" and len(levels_of(study, column)) >= FEWEST_DOSES)


def units_inside(study: Study) -> int:
    """How many units satisfy the study's filter."""
    from causal.archive.contents import where_of
    from causal.logs.conditions import satisfied

    return int(satisfied(table_of(study), where_of(study)).sum())


def row_named(study: Study, column: str, value: str) -> int | None:
    """The first row in which an identifier reads so, or None."""
    found = (table_of(study).frame[column].astype("string") == value).to_numpy(dtype=bool, na_value=False)
    return int(found.argmax()) if found.any() else None


def unit_file(table: Any, told: Any, kind: str) -> bytes:
    """What is told of each row of the table, after what names it."""
    import io

    from causal.archive.safe_cells import safe_frame

    frame = named(table, told)
    file = io.BytesIO()
    if kind == "parquet":
        frame.to_parquet(file, index=False)
    else:
        safe_frame(frame).to_csv(file, index=False)
    return file.getvalue()


def named(table: Any, told: Any) -> Any:
    """What is told of some rows of a table, after what names them and their place in it, from 1 on."""
    names = [name for name, type_ in table.types.items() if type_ == "identifier"]
    frame = table.frame[names].reset_index(drop=True).join(told, how="right", lsuffix=" of the log")
    frame.insert(0, "row", frame.index + 1)
    return frame
