"""Structural equation models: fitted, refitted, drawn from, and the scores of their latent variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.tables import levels_of, table_of
from pages.ui.answers.work import key_of, told

MOST_ORDERED = 11
"""Columns of so many levels are offered to be taken as ordered: 0 to 10."""


def structure_told(job: Any) -> Any:
    """The structural equation model that a finished job fitted, else None."""
    from causal.structural.sem_fit import SemFit

    return told(job, SemFit)


def invariance_told(job: Any) -> Any:
    """The test of equality across groups that a finished job told, else None."""
    from causal.structural.invariance import Invariance

    return told(job, Invariance)


def ordered_candidates(study: Study, model: str) -> tuple[str, ...]:
    """Columns of a written model that have few enough levels to be taken as ordered, and a cause in it."""
    from causal.structural.model import columns_of_model
    from causal.structural.model_text import read_model

    observed, exogenous = columns_of_model(read_model(model))
    table = table_of(study)
    kinds = ("binary", "numeric", "category")
    inner = [name for name in observed if name not in exogenous and table.types.get(name) in kinds]
    return tuple(name for name in inner if _can_be_ordered(study, table, name))


def _can_be_ordered(study: Study, table: Any, name: str) -> bool:
    levels = len(levels_of(study, name))
    return levels == 2 if table.types[name] == "category" else 2 <= levels <= MOST_ORDERED


def structure_refits_told(job: Any) -> Any:
    """The refits of a structural equation model that a finished job made, else None."""
    from causal.structural.bootstrap import SemBootstrap

    return told(job, SemBootstrap)


def structure_draws_told(job: Any) -> Any:
    """The posterior of a structural equation model that a finished job drew from, else None."""
    from causal.structural.posterior import SemPosterior

    return told(job, SemPosterior)


def structure_held_out_told(job: Any) -> Any:
    """How a structural equation model did on rows not seen, as a finished job found, else None."""
    from causal.structural.held_out import HeldOutFit

    return told(job, HeldOutFit)


def structure_scenario(job: Any, changes: Mapping[str, Any], group: int, against: Mapping[str, Any] = {}) -> Any:
    """What changes do to every variable of the model that a job fitted, in one of its groups: `sem_what_if`.

    Raises OptionProblem, EstimationError.
    """
    from causal.interventions.changes import changes_to_json

    key = key_of([changes_to_json(changes), changes_to_json(against)])
    return _structure_scenario(job.id, key, group, structure_told(job), changes, against)


@st.cache_resource(show_spinner=False, max_entries=96)
def _structure_scenario(job_id: str, key: str, group: int, _fit: Any, _changes: Any, _against: Any) -> Any:
    from causal.interventions.structural_equations import sem_what_if

    return sem_what_if(_fit, dict(_changes), group, dict(_against))


def structure_today(study: Study, job: Any, group: int) -> Any:
    """Every variable of the model that a job fitted to the study's units, as it is.

    Raises OptionProblem where a column is ordered, EstimationError where loops do not die out.
    """
    return _structure_today(job.id, group, structure_told(job), study)


@st.cache_resource(show_spinner=False, max_entries=16)
def _structure_today(job_id: str, group: int, _fit: Any, _study: Study) -> Any:
    from causal.archive.contents import where_of
    from causal.interventions.structural_today import structural_today
    from causal.logs.conditions import frame_inside

    return structural_today(_fit, frame_inside(table_of(_study), where_of(_study)), group)


def structure_file(study: Study, fit: Any) -> bytes:
    """The table with the scores of the latent variables as further columns, as Parquet."""
    import io

    from causal.structural.scores import factor_scores

    table = table_of(study)
    scores = factor_scores(table, fit)
    taken = {name: name if name not in table.types else f"{name} (score)" for name in scores.columns}
    file = io.BytesIO()
    table.frame.reset_index(drop=True).join(scores.rename(columns=taken)).to_parquet(file, index=False)
    return file.getvalue()


def score_recipe(study: Study, model: str, options: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    """The scores of a written model's latent variables as a recipe: by their measurement, without the question's ends.

    Raises GraphSyntax, LogError.
    """
    from causal.logs.score_recipe import ScoreRecipe
    from causal.structural.model import columns_of_model
    from causal.structural.model_text import read_model
    from causal.structural.score_columns import measurement_part

    own = measurement_part(model, _ends_of(study))
    read, _ = columns_of_model(read_model(own))
    ordered = tuple(name for name in options.get("ordered", ()) if name in read)
    missing = options.get("missing", "leave out")
    return ScoreRecipe(own, tuple(names.items()), ordered, options.get("group"), missing)


def latent_variables(model: str) -> tuple[str, ...]:
    """The latent variables of a written model.

    Raises GraphSyntax.
    """
    from causal.structural.score_columns import latent_of

    return latent_of(model)


def scored_variables(study: Study, model: str) -> tuple[str, ...]:
    """The latent variables of a written model that show in other columns than the question's treatment and outcome."""
    from causal.errors import LogError
    from causal.structural.score_columns import latent_of, measurement_part

    try:
        return latent_of(measurement_part(model, _ends_of(study)))
    except LogError:
        return ()


def _ends_of(study: Study) -> tuple[str, ...]:
    from causal.archive.contents import question_of

    question = question_of(study)
    return () if question is None else (question.treatment, question.outcome)
