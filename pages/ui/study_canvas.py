"""The canvas of the study's graph beside findings about it: marks lie over the drawing, edits are the study's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, question_of, with_question
from causal.graphs.causal_graph import CausalGraph
from causal.wording.graph_fit import promise_sentence
from pages.ui import answers, current_study
from pages.ui.error_box import error_box
from pages.ui.graph_editor.mount import graph_editor

Dismissed = list[tuple[str, str]]


def drawn() -> CausalGraph:
    """The study's graph, or before there is one the two ends of its question."""
    study = current_study.study()
    found = None if study is None else graph_of(study)
    if found is not None:
        return found
    question = None if study is None else question_of(study)
    empty = CausalGraph.from_edges([])
    return empty if question is None else with_question(empty, question)


def broken_marks(fit: Any) -> dict[str, Any]:
    """What the data contradicts, as the canvas marks it."""
    broken = [
        {
            "left": each.left,
            "right": each.right,
            "sentence": promise_sentence(each),
            "mends": [vars(mend) for mend in each.mends],
        }
        for each in fit.violated
    ]
    return {"broken": broken}


@st.fragment
def study_canvas(
    key: str,
    marks: Mapping[str, Any],
    found_on: CausalGraph,
    on_dismiss: Callable[[Dismissed], None] | None = None,
    height: int = 520,
) -> None:
    """Draws the canvas; the page runs again as soon as the graph says something else than `found_on` did."""
    graph = drawn()
    read_only = current_study.conflict() is not None
    if graph.without_positions() != found_on.without_positions():
        st.rerun()
    with error_box():
        study = current_study.study()
        table = answers.table_of(study)
        graph_editor(
            graph.to_document(),
            key=key,
            revision=current_study.epoch(),
            columns=list(table.variables),
            reading=answers.study_reading(study, graph).document,
            marks=marks,
            read_only=read_only,
            height=height,
            on_change=_take_drawing,
            on_dismiss=on_dismiss,
        )


def _take_drawing(document: dict[str, Any], _: int) -> str | None:
    held = current_study.mine()
    view = {} if held is None else held.view
    checked = sorted({*view.get("checked", ()), "graph"})
    text = CausalGraph.from_document(document).to_text("json")
    if current_study.change("Drew on the graph", graph=text, view={**view, "checked": checked}):
        return None
    return "Another tab changed this study first. Decide above which version to keep."
