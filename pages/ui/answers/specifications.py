"""The curve of specifications of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.effects import overruling_key
from pages.ui.answers.tables import start_work, table_blob, table_of, work_about

CHOICES = "specification choices"
"""Where a study's view keeps what its curves vary, by `overruling_key`."""


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
