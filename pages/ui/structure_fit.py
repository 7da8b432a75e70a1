"""The structural equations of a study as its pages ask for them, and their coefficients on the drawn graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, scores_of, where_of, without_scores
from causal.errors import DoableError
from causal.graphs.causal_graph import CausalGraph
from causal.plots.structure import edge_numbers
from causal.study import condition_to_json
from pages.ui import answers, current_study

KIND = "fit structure"
NONE = "(none)"
GROUP = "structure drawn group"
NUMBERS = {"standardised": "in standard deviations", "raw": "in the columns' units", "none": "none"}


def written(held: Any) -> str:
    """The equations that a person wrote, else those of the drawn graph."""
    return current_study.view("structure text") or drawn(held).to_text("lavaan")


def drawn(held: Any) -> Any:
    """The variables that arrows of the drawn graph touch; what is no column of the table is unobserved, as the graph
    page says: an edge list cannot say so itself. None before there is a graph.

    A variable without an arrow would only ask of the equations that nothing goes along with it.
    """
    graph = graph_of(held)
    if graph is None:
        return None
    graph = graph.restricted_to({name for edge in (*graph.directed, *graph.bidirected) for name in edge})
    hidden = graph.observed - set(answers.table_of(held).names)
    return replace(graph, latent=graph.latent | hidden) if hidden else graph


def ordered_of(held: Any) -> list[str]:
    """The columns that a person takes as ordered, of those that can be."""
    try:
        offered = answers.ordered_candidates(held, written(held))
    except DoableError:
        return []
    return [name for name in offered if name in current_study.view("structure ordered", [])]


def options_of(held: Any) -> dict[str, Any]:
    """The fields of SemOptions as chosen on the page."""
    group = current_study.view("structure group", NONE)
    ordered = ordered_of(held)
    missing = current_study.view("structure missing", "leave out")
    if ordered:
        by_pairs = {"missing": "pairwise"} if missing == "likelihood" else {}
        return {"ordered": ordered} | by_pairs | ({"group": group} if group != NONE else {})
    usual = "observed" if missing == "likelihood" else "expected"
    chosen = {"errors": current_study.view("structure errors", usual), "missing": missing}
    return chosen | ({"group": group} if group != NONE else {})


def asked(held: Any) -> dict[str, Any]:
    """What the fit of these equations is asked for with: of the units that the question is about."""
    where = [condition_to_json(each) for each in where_of(held)]
    return {"model": written(held), "options": options_of(held)} | ({"where": where} if where else {})


def units_fitted(held: Any) -> Any:
    """The study whose units are fitted: without scores, unless an equation names one, so that they cost no new fit."""
    scores = scores_of(held)
    if not scores:
        return held
    try:
        named = CausalGraph.parse(written(held)).nodes
    except DoableError:
        return held
    return held if set(scores) & set(named) else without_scores(held)


def fit_of_drawing(held: Any) -> Any:
    """The finished fit whose equations are those of the drawn graph, else None."""
    graph = drawn(held)
    try:
        equations = CausalGraph.parse(written(held))
    except DoableError:
        return None
    if graph is None or not graph.latent or _edges(equations) != _edges(graph):
        return None
    return answers.structure_told(answers.work_about(units_fitted(held), KIND, asked(held)))


def _edges(graph: CausalGraph) -> tuple[frozenset[Any], frozenset[Any]]:
    return frozenset(graph.directed), frozenset(frozenset(pair) for pair in graph.bidirected)


def group_shown(fit: Any) -> int:
    """The place of the group whose numbers are drawn: the one that a person chose, else the first."""
    chosen = current_study.view(GROUP)
    return int(fit.groups.index(chosen)) if chosen in fit.groups else 0


def choose_group(fit: Any) -> int:
    """Of whom the numbers drawn are, where the equations were fitted in groups; the place of the group."""
    if len(fit.groups) > 1:
        st.selectbox(
            "Numbers of the group",
            fit.groups,
            index=group_shown(fit),
            key=current_study.key(GROUP),
            on_change=lambda: current_study.change_view(**{GROUP: current_study.value(GROUP)}),
        )
    return group_shown(fit)


def number_marks(fit: Any, kind: str, group: int = 0) -> dict[str, Any]:
    """The coefficients of one group as the canvas writes them on its edges."""
    found = edge_numbers(fit, group, kind == "standardised")
    return {
        "numbers": [{"edge": list(edge), "text": each.text, "sentence": each.sentence} for edge, each in found.items()]
    }
