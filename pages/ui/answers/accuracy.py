"""The published figures, and ours beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui.answers.work import begin, is_done, job_about


def recompute_references(again: bool = False) -> None:
    """Have every published figure recomputed in the background, once per engine and installed tables."""
    begin("recompute references", _tables_installed(), again=again)


def references_job() -> Any:
    """The job that recomputes the published figures, however it stands; None before there is one."""
    return job_about("recompute references", _tables_installed())


def accuracy_told(job: Any) -> Any:
    """Published figures beside ours: as a finished job told, else the published ones alone."""
    from causal.accuracy.recompute import unanswered

    done = is_done(job)
    return _accuracy(job.id, job.outcomes[0]) if done else unanswered()


@st.cache_resource(show_spinner=False, max_entries=4)
def _accuracy(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.accuracy.comparison import Accuracy

    return Accuracy.from_json(_told)


def _tables_installed() -> dict[str, Any]:
    from causal.accuracy.tables import TABLES, installed

    return {"packages": {each.package: installed(each.package) for each in TABLES.values()}}
