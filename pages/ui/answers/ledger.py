"""A finished analysis with its ledger: every check that the study knows, and the analyst's own standing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, in_its_unit
from causal.archive.study import Study
from causal.errors import DamagedBlob
from pages.ui.answers.effects import overruling_key
from pages.ui.answers.graphs import graph_fit_of, graph_test_job, test_graph
from pages.ui.answers.overlap import find_regions, overlap_judgement_of, positivity_job, positivity_told
from pages.ui.answers.robustness import (
    check_models,
    hidden_causes_job,
    model_fit_job,
    model_fit_told,
    refutation_job,
    refutations_told,
    sensitivity_told,
    try_to_refute,
    weigh_hidden_causes,
    why_no_model_fit,
)
from pages.ui.answers.specifications import specifications_job, specifications_told, try_specifications
from pages.ui.answers.tables import table_blob, table_of
from pages.ui.answers.work import is_done, store

OVERRULED = "overruled"
"""Where a study's view keeps what the analyst overruled, by `overruling_key`."""

CHECKS = {
    "refute": "Refuters",
    "weigh hidden causes": "Hidden causes",
    "check graph": "Graph and data",
    "find regions": "Overlap",
    "check models": "Model fit",
    "try specifications": "Specification curve",
}
"""The kinds of background work that light the ledger's lights."""


def known(study: Study, spec: Any) -> Any:
    """The finished analysis of a spec on the study's table with its ledger; None without one, or where it is damaged.

    Raises DamagedBlob for the log alone: an analysis can be had again.
    """
    from causal.archive.engine import result_key

    blob, table = table_blob(study), table_of(study)
    stored = store().find_result(result_key(blob, spec.fingerprint))
    if stored is None:
        return None
    try:
        return in_its_unit(study, judged(study, _analysis(stored.analysis, stored.scores, blob, table)))
    except DamagedBlob:
        return None


@st.cache_resource(show_spinner=False, max_entries=24)
def _analysis(analysis: str, scores: str | None, table_sha: str, _table: Any) -> Any:
    from causal.archive.analyses import load_analysis

    return load_analysis(store(), analysis, scores, _table)


def judged(study: Study, analysis: Any) -> Any:
    """The analysis with its ledger: everything that the study knows for and against it, and the analyst's overruling.

    What a stopped job found is not taken for all of it.
    """
    from causal.wording.evidence import Evidence, with_ledger

    spec = analysis.spec
    tried = refutation_job(study, spec)
    trying, curve = specifications_told(study, analysis)
    regions = positivity_told(positivity_job(study, spec)) if analysis.rests_on_adjustment else None
    evidence = Evidence(
        positivity=regions,
        overlap_judgement=overlap_judgement_of(study, spec),
        model_fit=None if why_no_model_fit(analysis) else model_fit_told(model_fit_job(study, spec)),
        refutations=refutations_told(tried) if is_done(tried) else None,
        sensitivity=sensitivity_told(hidden_causes_job(study, spec)),
        curve=curve if is_done(trying) else None,
        graph_fit=graph_fit_of(study) if _on_the_study_graph(study, spec) else None,
    )
    return with_ledger(analysis, evidence, overruling_of(study, spec))


def overruling_of(study: Study, spec: Any) -> Any:
    """The analyst's own standing for a spec's answer on the study's table, or None."""
    from causal.checks.ledger import Overruling

    found = study.view.get(OVERRULED, {}).get(overruling_key(study, spec))
    return None if found is None else Overruling(**found)


def checked_overruling(written: Mapping[str, Any]) -> dict[str, Any]:
    """What an analyst wrote as it is kept.

    Raises OptionProblem where the reason says nothing.
    """
    from dataclasses import asdict

    from causal.checks.ledger import Overruling

    return asdict(Overruling(**{**written, "reason": written["reason"] or ""}))


def _on_the_study_graph(study: Study, spec: Any) -> bool:
    drawn = graph_of(study)
    if drawn is None or spec.graph is None:
        return False
    return (spec.graph.directed, spec.graph.bidirected) == (drawn.directed, drawn.bidirected)


def checks_running(study: Study, analysis: Any) -> list[Any]:
    """The jobs that wait or run for the ledger of an answer."""
    return [each for each in _check_jobs(study, analysis) if each is not None and each.active]


def _check_jobs(study: Study, analysis: Any) -> list[Any]:
    spec = analysis.spec
    graph = graph_test_job(study) if _on_the_study_graph(study, spec) else None
    own = [positivity_job(study, spec), model_fit_job(study, spec), hidden_causes_job(study, spec), graph]
    return [*own, specifications_job(study, analysis), refutation_job(study, spec)]


def check_what_is_missing(study: Study, analysis: Any) -> None:
    """Have every check of an answer's ledger that was not run yet run in the background, the quick ones first."""
    missing = {each.check for each in analysis.ledger.of_light("not_checked")}
    if analysis.rests_on_adjustment and analysis.adjust_for and positivity_job(study, analysis.spec) is None:
        find_regions(study, analysis.spec)
    if not why_no_model_fit(analysis) and model_fit_job(study, analysis.spec) is None:
        check_models(study, analysis.spec)
    if "hidden cause" in missing:
        weigh_hidden_causes(study, analysis.spec)
    if "graph" in missing and _on_the_study_graph(study, analysis.spec):
        test_graph(study)
    if "specification curve" in missing:
        try_specifications(study, analysis)
    if "refuters" in missing:
        try_to_refute(study, analysis.spec)
