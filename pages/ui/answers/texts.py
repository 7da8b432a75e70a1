"""The texts of the units: read once, as columns of numbers, and compared with an answer without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.logs import blob_of_log, log_of, reference_of, rows_here
from pages.ui.answers.units import recipe_of, unit_log_of
from pages.ui.answers.work import begin, job_about, key_of, store, told


def text_features(log: Any, rows: Any, text: Any, recipe: Any) -> Any:
    """What a text became, from the disk where it was read before."""
    from causal.archive.store import text_folder
    from causal.text.features import features_of_rows

    return features_of_rows(log, rows, text, recipe, text_folder(store().folder), blobs=store().blob_path)


def read_text(study: Study, text: Any) -> None:
    """Have a text of the study's units read in the background; what was read before is not read again."""
    begin("read text", _text_reading(study, text), study_id=study.id, again=True)


def text_job(study: Study, text: Any) -> Any:
    """The job that reads this text of the study's units, however it stands; None before there is one."""
    return job_about("read text", _text_reading(study, text))


def text_read(study: Study, text: Any) -> Any:
    """What a text of the study's units became; None where it was not read yet.

    Jobs are to be read before what they found.
    """
    from causal.archive.store import text_folder
    from causal.text.features import is_kept

    log, rows, recipe = log_of(study), unit_log_of(study), recipe_of(study)
    if not is_kept(log, rows, text, recipe, text_folder(store().folder)):
        return None
    return _features(log.fingerprint, rows.fingerprint, key_of(text.to_json()), key_of(recipe.to_json()), study, text)


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(log: str, rows: str, text_key: str, recipe_key: str, _study: Study, _made: Any) -> Any:
    return text_features(log_of(_study), unit_log_of(_study), _made, recipe_of(_study))


def _text_reading(study: Study, text: Any) -> dict[str, Any]:
    assert study.log is not None
    log, recipe = log_of(study), recipe_of(study)
    where = {"name": study.log.name, "sample": True} if study.log.sample else reference_of(log)
    rows = unit_log_of(study)
    units = None if rows is log else blob_of_log(rows.fingerprint, rows)
    bare = replace(recipe, texts=(), scores=())
    return {"log": where, "units": units, "text": replace(text, names=()).to_json(), "recipe": bare.to_json()}


def text_columns(study: Study) -> dict[str, tuple[str, ...]]:
    """The columns that texts can be read in: of the units' own rows, and of their events ("history"); the likeliest
    first.
    """
    log, rows = log_of(study), unit_log_of(study)
    found = {"unit": _texts_in(rows.fingerprint, rows)}
    return found if rows is log else found | {"history": _texts_in(rows_here(log).fingerprint, rows_here(log))}


def id_columns(study: Study) -> dict[str, tuple[str, ...]]:
    """The columns that may hold the ids of vectors from a file: of the units' own rows, and of their events."""
    log, rows = log_of(study), unit_log_of(study)
    return {"unit": rows.names} if rows is log else {"unit": rows.names, "history": log.names}


def likely_ids(study: Study, ids: Any) -> tuple[str, str]:
    """Where ("unit" or "history") and in which column most values of the first rows are among the ids of vectors."""
    from causal.logs.reading import sample_rows

    known, met = {str(each) for each in ids}, {}
    for of, names in id_columns(study).items():
        rows = sample_rows(rows_here(log_of(study)) if of == "history" else unit_log_of(study), 1_000)
        for name in names:
            values = rows[name].dropna().astype("str").str.removesuffix(".0")
            met[of, name] = float(values.isin(known).mean()) if len(values) else 0.0
    return max(met, key=lambda place: met[place])


@st.cache_resource(show_spinner=False, max_entries=16)
def _texts_in(fingerprint: str, _log: Any) -> tuple[str, ...]:
    from causal.text.candidates import text_columns as found

    return found(_log)


def text_comparison_told(job: Any) -> Any:
    """The comparison with and without a text that a finished job told, else None."""
    from causal.effects.text_comparison import TextComparison

    return told(job, TextComparison)


def encoders() -> tuple[Any, ...]:
    """The encoders of texts, those that are installed here first."""
    from causal.text.encoder import ENCODERS

    return tuple(sorted(ENCODERS, key=lambda each: not each.installed))
