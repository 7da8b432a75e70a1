"""The methods and specs that a study asks for, and the effects that are told apart by group, arm, dose and cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import chosen_methods, specs_of
from causal.archive.study import Study
from pages.ui.answers.logs import log_of
from pages.ui.answers.tables import FEWEST_DOSES, intact_table_blob, levels_of, table_blob, table_of
from pages.ui.answers.units import recipe_of
from pages.ui.answers.work import begin, jobs_of, key_of, outcomes, store, told


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


def methods_asked(study: Study) -> tuple[Mapping[str, Any], ...]:
    """The methods asked for, each {"method", "options"}; before anybody asks, those that fit graph and table.

    Raises LogError.
    """
    held = tuple(study.specs)
    if held or study.question is None or study.graph is None:
        return held or chosen_methods(study)
    return _methods_to_begin_with(study)


def _methods_to_begin_with(study: Study) -> tuple[Mapping[str, Any], ...]:
    from causal.estimators.suitability import to_begin_with

    names = to_begin_with(methods_offered(study))
    return tuple({"method": name, "options": None} for name in names)


def methods_offered(study: Study) -> tuple[Any, ...]:
    """Whether each method can serve the study's question on its graph and table, and why not.

    Raises LogError.
    """
    log, view = log_of(study), study.view
    asked = (study.graph, study.question, *(view.get(each) for each in ("adjust for", "never adjust", "settings")))
    held = None if log is None else (log.fingerprint, recipe_of(study).to_json())
    return _methods_offered(key_of({"asked": asked, "table": held}), study, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=64)
def _methods_offered(key: str, _study: Study, _table: Any) -> tuple[Any, ...]:
    from causal.archive.contents import suitable_methods

    return suitable_methods(_study, _table)


def specs_asked(study: Study, graph: Any = None) -> tuple[Any, ...]:
    """One spec per method asked for; none before the question and the graph are there.

    Raises LogError.
    """
    return specs_of(study, graph, methods_asked(study))


def submit(study: Study, specs: Sequence[Any]) -> str:
    """The id of the job that answers these specs; one that waits or runs already is not started twice."""
    payload = {"table_sha": intact_table_blob(study), "specs": [spec.to_json() for spec in specs]}
    return begin("answer", payload, study_id=study.id, again=True)


def error_of(study: Study, spec: Any) -> str | None:
    """Why the newest finished work on a spec gave no answer; None where it gave one, or was never asked."""
    for each in jobs_of(study):
        told = outcomes(each) if each.kind == "answer" and not each.active else ()
        for outcome in told:
            if each.payload["specs"][outcome.position] == spec.to_json():
                error: str | None = outcome.error
                return error
    return None


def overruling_key(study: Study, spec: Any) -> str:
    """What an overruling is of: another table, question or option is another answer, and the checks speak again."""
    return key_of({"table": table_blob(study), "spec": spec.fingerprint})


def estimate_rows(analyses: Sequence[Any], chosen: str) -> list[dict[str, Any]]:
    """Every estimate with all its digits, one row per method."""
    from causal.plots.forest import rows

    return rows(analyses, chosen)


def group_effects(analysis: Any, by: str, bins: int) -> Any:
    """The effect in groups of a column, from stored scores."""
    found = _group_effects(analysis.table_fingerprint, analysis.spec.fingerprint, by, bins, analysis)
    return replace(found, unit=analysis.spec.question.unit)


@st.cache_resource(show_spinner=False, max_entries=64)
def _group_effects(table: str, spec: str, by: str, bins: int, _analysis: Any) -> Any:
    from causal.effects.groups import group_effects as found

    return found(_analysis, by, bins)


def share_curve(analysis: Any, by: str | None) -> Any:
    """The what-if over every per cent of the population, from stored scores."""
    return _share_curve(analysis.table_fingerprint, analysis.spec.fingerprint, by, analysis)


@st.cache_resource(show_spinner=False, max_entries=64)
def _share_curve(table: str, spec: str, by: str | None, _analysis: Any) -> Any:
    from causal.interventions.treat_share import treat_share

    return treat_share(_analysis, [percent / 100 for percent in range(101)], by)


def comparison_told(job: Any) -> Any:
    """The comparison of arms that a finished job told, else None."""
    from causal.effects.arms import ArmComparison

    return told(job, ArmComparison)


def joint_told(job: Any) -> Any:
    """The comparison of two treatments at once that a finished job told, else None."""
    from causal.effects.joint import JointComparison

    return told(job, JointComparison)


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
    from causal.effects.dose import DoseResponse

    return told(job, DoseResponse)


def impact_told(job: Any) -> Any:
    """The ranked causes that a finished job told, else None."""
    from causal.effects.impact import FeatureImpact

    return told(job, FeatureImpact)


def quantiles_told(job: Any) -> Any:
    """The effects on quantiles that a finished job told."""
    from causal.effects.quantiles import QuantileEffects

    return told(job, QuantileEffects)


def ratio_told(job: Any) -> Any:
    """The effect on a ratio of totals that a finished job told."""
    from causal.effects.ratio import RatioEffect

    return told(job, RatioEffect)
