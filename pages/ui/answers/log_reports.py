"""What is found in a log and its units, and the rows that a finding speaks of."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.logs import blob_of_log, guesses, log_of, rows_here
from pages.ui.answers.units import recipe_of, unit_log_of
from pages.ui.answers.work import begin, job_about, told


def start_log_report(study: Study) -> None:
    """Have the study's log and its units looked at in the background, once per log, units and roles.

    Raises DamagedBlob, LogError.
    """
    begin("report on log", _log_report(study), study_id=study.id)


def log_report_job(study: Study) -> Any:
    """The job that looks at the study's log, however it stands; None before there is one.

    Raises DamagedBlob, LogError.
    """
    return job_about("report on log", _log_report(study))


def log_report_told(job: Any) -> Any:
    """The report that a finished job told, else None."""
    from causal.logs.report.finding import LogReport

    return told(job, LogReport)


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
    blob = None if units is log else blob_of_log(units.fingerprint, units)
    return {"log": reference, "units": blob, "roles": roles.to_json()}


def rows_of_finding(study: Study, finding: Any) -> Any:
    """The rows of the log, or of its units, that a finding speaks of."""
    log = rows_here(log_of(study)) if finding.of == "rows" else unit_log_of(study)
    return _rows_at(log.fingerprint, finding.positions, log)


@st.cache_resource(show_spinner=False, max_entries=32)
def _rows_at(fingerprint: str, positions: tuple[int, ...], _log: Any) -> Any:
    from causal.logs.report.log_report import rows_at

    return rows_at(_log, positions)
