"""What a study's graph says of its question, what the data says of the graph, and graphs found in the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, graph_test_of
from causal.archive.study import Study
from pages.ui.answers.logs import log_of
from pages.ui.answers.tables import intact_table_blob, table_blob, table_of
from pages.ui.answers.units import recipe_of
from pages.ui.answers.work import begin, job_about, key_of, store, told

MOST_MENDED = 40
"""Of so many broken promises, the worst, it is worked out what their mends would do to the answer."""


def graph_versions(study: Study) -> Any:
    """The graphs that the study has had, the newest first: those with a name, then those of its history."""
    from causal.archive.graph_history import graph_history, kept_versions

    return (*kept_versions(study), *graph_history(store(), study.id))


def reading_of(graph: Any, question: Any, adjust_for: tuple[str, ...] | None = None) -> Any:
    """What the graph says of the question: the estimand, or why there is none; and the colours of its edges.

    `adjust_for`: the valid set that a person chose. Where the cards lie changes nothing.
    """
    key = key_of({**_question_key(question), "adjust_for": adjust_for})
    return _reading(graph.without_positions().to_text("json"), key, graph, question, adjust_for)


@st.cache_resource(show_spinner=False, max_entries=64)
def _reading(graph_text: str, key: str, _graph: Any, _question: Any, _adjust_for: Any) -> Any:
    from causal.graphs.reading import read_graph

    return read_graph(_graph, _question, _adjust_for)


def study_reading(study: Study, drawn: Any = None) -> Any:
    """What the study's graph, or another, says of its question, as an answer uses it: its columns, the set chosen."""
    from causal.archive.contents import graph_read, question_of, valid_set

    question, graph = question_of(study), graph_read(study, table_of(study).names, drawn)
    return reading_of(graph, question, valid_set(study, graph, question))


def about_graph(verb: Callable[..., Any], graph: Any, *arguments: Any) -> Any:
    """What a verb of `causal.graphs` says of a graph, worked out once; its error as a value where it refuses.

    The arguments must tell themselves apart by `repr`.
    """
    name = f"{verb.__module__}.{verb.__qualname__} {arguments!r}"
    return _about(graph.without_positions().to_text("json"), name, verb, graph, arguments)


@st.cache_resource(show_spinner=False, max_entries=128)
def _about(graph_text: str, name: str, _verb: Any, _graph: Any, _arguments: Any) -> Any:
    from causal.errors import DoableError

    try:
        return _verb(_graph, *_arguments)
    except DoableError as refusal:
        return refusal


def test_graph(study: Study) -> None:
    """Have what the study's graph promises tested in the background, once per table, graph and options."""
    intact_table_blob(study)
    begin("check graph", _graph_test(study), study_id=study.id)


def graph_test_job(study: Study) -> Any:
    """The job that tests the graph as it is now, however it stands; None before there is one.

    Raises DamagedBlob for the log alone.
    """
    return job_about("check graph", _graph_test(study))


def graph_fit_of(study: Study) -> Any:
    """What the data says of the study's graph as it is now; None where it was not tested yet."""
    return None if study.graph is None else fit_told(graph_test_job(study))


def fit_told(job: Any) -> Any:
    """The fit that a finished test told, else None."""
    from causal.checks.graph_fit import GraphFit

    return told(job, GraphFit)


def mended_of(study: Study, fit: Any, question: Any) -> Any:
    """What each way to mend each broken promise would do to the answer, each by itself."""
    return _mended(study.graph, key_of(_question_key(question)), fit, question)


@st.cache_resource(show_spinner=False, max_entries=16)
def _mended(graph_text: str, question_key: str, _fit: Any, _question: Any) -> Any:
    from causal.graphs.causal_graph import CausalGraph
    from causal.graphs.mending import mended

    graph = CausalGraph.parse(graph_text)
    mends = [mend for test in _fit.violated[:MOST_MENDED] for mend in test.mends]
    return tuple(mended(graph, _question, each.left, each.right, each.kind) for each in mends)


def _graph_test(study: Study) -> dict[str, Any]:
    """What a graph promises hangs on its edges, on what is unobserved and on what is selected, and on nothing else."""
    graph = graph_of(study)
    assert graph is not None
    bare = replace(graph, roles=(), forced=frozenset(), positions=())
    return {"table_sha": table_blob(study), "graph": bare.to_text("json"), "options": graph_test_of(study)}


def candidates_of(study: Study, method: str) -> Any:
    """Which columns of the study's table a search can take, and why not the others."""
    log, recipe = log_of(study), recipe_of(study)
    return _candidates(log.fingerprint, key_of(recipe.to_json()), method, table_of(study))


@st.cache_resource(show_spinner=False, max_entries=16)
def _candidates(fingerprint: str, recipe_key: str, method: str, _table: Any) -> Any:
    from causal.discovery.candidates import candidates

    return candidates(_table, method)  # type: ignore[arg-type]


def search_graph(study: Study, asked: Mapping[str, Any]) -> None:
    """Have a graph searched for in the background; `asked` holds the search's `names`, `knowledge` and `options`."""
    intact_table_blob(study)
    begin("discover", {"table_sha": table_blob(study), **asked}, study_id=study.id)


def search_job(study: Study, asked: Mapping[str, Any]) -> Any:
    """The job of this search on the study's table, however it stands; None before there is one."""
    return job_about("discover", {"table_sha": table_blob(study), **asked})


def proposal_told(job: Any) -> Any:
    """The proposal that a finished search told, else None."""
    from causal.discovery.proposal import Proposal

    return told(job, Proposal)


def graph_verdict(fit: Any) -> Any:
    """The light of the graph, and its sentence."""
    from causal.wording.graph_fit import graph_fit_verdict

    return graph_fit_verdict(fit)


def _question_key(question: Any) -> dict[str, Any]:
    return {name: getattr(question, name) for name in ("treatment", "outcome", "target", "control", "treated")}
