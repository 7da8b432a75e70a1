"""What could overturn an answer: hidden causes, refuters, and the models behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.tables import start_work, table_blob, table_of, work_about
from pages.ui.answers.work import told


def weigh_hidden_causes(study: Study, spec: Any) -> None:
    """Have it worked out in the background what a hidden cause would do to a spec's effect, once per table and spec."""
    start_work(study, "weigh hidden causes", {"spec": spec.to_json()})


def hidden_causes_job(study: Study, spec: Any) -> Any:
    """The job that works out what a hidden cause would do, however it stands; None before there is one."""
    return work_about(study, "weigh hidden causes", {"spec": spec.to_json()})


def sensitivity_told(job: Any) -> Any:
    """The sensitivity that a finished job told, else None."""
    from causal.effects.sensitivity import Sensitivity

    return told(job, Sensitivity)


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


def check_models(study: Study, spec: Any) -> None:
    """Have every model behind a spec's answer predict units not seen, in the background, once per table and spec."""
    start_work(study, "check models", {"spec": spec.to_json()})


def model_fit_job(study: Study, spec: Any) -> Any:
    """The job that checks the models of a spec's answer, however it stands; None before there is one."""
    return work_about(study, "check models", {"spec": spec.to_json()})


def model_fit_told(job: Any) -> Any:
    """The fit of the models that a finished job told, else None."""
    from causal.effects.model_fit import ModelFit

    return told(job, ModelFit)


def why_no_model_fit(analysis: Any) -> str:
    """Why an answer rests on no model that could be checked; nothing where it does."""
    from causal.effects.model_fit import why_no_model_fit as found

    return found(analysis.method, analysis.estimand)


def model_fit_verdict(analysis: Any, found: Any) -> Any:
    """The light of the models, and its sentence."""
    from causal.wording.model_fit import model_fit_verdict as verdict

    return verdict(analysis, found)


def hidden_cause_verdict(found: Any) -> Any:
    """The light of what a hidden cause could do, and its sentence."""
    from causal.wording.sensitivity import hidden_cause_verdict as verdict

    return verdict(found)
