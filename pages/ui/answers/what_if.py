"""What-ifs from a structural model of the graph, and what one unit would have had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.tables import start_work, table_of, work_about
from pages.ui.answers.work import is_done, key_of, store, told

STRUCTURAL = "structural model"
"""The kind of work that fits a structural model of the graph."""


def structural_asked(spec: Any) -> dict[str, Any]:
    """What a structural model is fitted to: the graph of a spec, the units asked about, the seed, and its clusters."""
    document = spec.to_json()
    together = {} if spec.cluster is None else {"cluster": spec.cluster}
    return {"graph": document["graph"], "where": list(document.get("where", ())), "seed": spec.seed, **together}


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
    return _structural_model(job.id, job.outcomes[0]) if is_done(job) else None


@st.cache_resource(show_spinner=False, max_entries=3)
def _structural_model(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.structural_model import StructuralModel

    return StructuralModel.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def scenario(job: Any, changes: Mapping[str, Any], where: Sequence[Any] = (), against: Mapping[str, Any] = {}) -> Any:
    """What changes make of every variable, from the draws that a job keeps: nothing is fitted again.

    Without changes, how every variable is today; `where`: of some of the units; `against` other changes, which then
    stand where today does. Raises OptionProblem, EmptyLog and TooFewUnits.
    """
    key, model = _scenario_key(changes, where), structural_model_told(job)
    found = _scenario(job.id, key, model, changes, tuple(where))
    if not changes or not against:
        return found
    return _paired(job.id, key, _scenario_key(against, where), model, found, scenario(job, against, where))


def _scenario_key(changes: Mapping[str, Any], where: Sequence[Any]) -> str:
    from causal.interventions.changes import changes_to_json
    from causal.study import condition_to_json

    return key_of({"changes": changes_to_json(changes), "where": [condition_to_json(each) for each in where]})


@st.cache_resource(show_spinner=False, max_entries=96)
def _paired(job_id: str, key: str, against: str, _model: Any, _found: Any, _other: Any) -> Any:
    from causal.interventions.scenario import paired

    return paired(_model, _found, _other)


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
    from causal.interventions.roads import Roads

    return told(job, Roads)


def roads_from(job: Any, changes: Any, node: Any, level: Any) -> Any:
    """The two roads for some changes, the formula's from what a finished job keeps; else None.

    None too where what is kept does not say it. Raises DamagedBlob.
    """
    if not is_done(job) or "reason" in job.outcomes[0]:
        return None
    from causal.interventions.roads import roads_from

    return roads_from(_kept_formula(job.id, job.outcomes[0]), changes, node, level)


@st.cache_resource(show_spinner=False, max_entries=3)
def _kept_formula(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.interventions.kept_arms import KeptArms
    from causal.interventions.kept_formula import KeptFormula

    if "arms" in _told:
        return KeptArms.from_json(_told["arms"])
    return KeptFormula.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def counterfactual_of(study: Study, job: Any, row: int, changes: Mapping[str, Any]) -> Any:
    """What the unit in one row of the study's table (from 0) would have had under the changes.

    Raises OptionProblem, CovariateProblem and NotIdentified.
    """
    from causal.interventions.changes import changes_to_json

    key = key_of(changes_to_json(changes))
    return _counterfactual(job.id, key, row, structural_model_told(job), table_of(study), changes)


@st.cache_resource(show_spinner=False, max_entries=64)
def _counterfactual(job_id: str, key: str, row: int, _model: Any, _table: Any, _changes: Any) -> Any:
    from causal.interventions.counterfactual import counterfactual

    one = _table.frame.iloc[[row]].set_axis([row + 1])  # a refusal names the row as the page counts it
    return counterfactual(_model, one, dict(_changes))
