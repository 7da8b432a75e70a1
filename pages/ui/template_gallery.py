"""Ready graphs to start from: each with its picture, its story and its advice; one of them is fitted to the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from causal.archive.template_columns import ends_of, fitted_template, likely_columns
from causal.errors import DoableError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.templates import TEMPLATES, Template, template_named
from causal.wording import escape
from pages.ui import current_study, figure
from pages.ui.error_box import error_box
from pages.ui.graph_image import graph_image

UNOBSERVED = "(not in the log)"
PICTURE_WIDTH = 460

Replace = Callable[[CausalGraph, str], bool]


def gallery_button(read_only: bool) -> None:
    """Opens the gallery, or closes it."""
    label = "Close the templates" if is_open() else "Start from a template"
    st.button(label, on_click=_turn, icon=":material/dashboard:", key="templates", disabled=read_only)


def is_open() -> bool:
    """Whether a person looks at the templates."""
    found: bool = current_study.kept("gallery open", lambda: False)
    return found


def template_gallery(question: Any, graph: CausalGraph, columns: Sequence[str], replace: Replace) -> None:
    """All templates, or the chosen one with a column for each of its variables."""
    chosen = template_named(current_study.kept("template", lambda: None) or "")
    if chosen is None:
        _all()
    else:
        _fitting(chosen, question, graph, columns, replace)


def _turn() -> None:
    current_study.keep("gallery open", not is_open())
    current_study.keep("template", None)


def _choose(name: str | None) -> None:
    current_study.keep("template", name)


def _all() -> None:
    places = [] if figure.is_narrow() else st.columns(2)
    for number, template in enumerate(TEMPLATES):
        within = places[number % 2] if places else st.container()
        with within, st.container(border=True):
            st.markdown(f"**{escape.markdown(template.title)}**")
            graph_image(template.graph, template.title, width=PICTURE_WIDTH, compact=True)
            st.markdown(escape.markdown(template.story))
            st.caption(f"**What to do.** {escape.markdown(template.advice)}")
            st.button(
                "Use this template",
                on_click=_choose,
                args=(template.name,),
                key=f"template {template.name}",
                width="stretch",
            )


def _fitting(template: Template, question: Any, graph: CausalGraph, columns: Sequence[str], replace: Replace) -> None:
    st.markdown(f"#### {escape.markdown(template.title)}")
    st.markdown(f"{escape.markdown(template.story)} {escape.markdown(template.advice)}")
    left, right = st.columns([2, 3])
    with left:
        meant = _columns_meant(template, question, graph, columns)
    with right, error_box():
        fitted = _try(template, meant, question)
        if isinstance(fitted, str):
            st.error(escape.markdown(fitted), icon=":material/block:")
        else:
            graph_image(fitted, f"{template.title}, on your columns", width=620, compact=True)
    with st.container(horizontal=True):
        st.button(
            "Draw it",
            type="primary",
            key="draw template",
            on_click=_draw,
            args=(template, fitted, replace),
            disabled=isinstance(fitted, str),
            icon=":material/draw:",
        )
        st.button("All templates", on_click=_choose, args=(None,), key="all templates", icon=":material/arrow_back:")
    st.caption("It takes the place of the drawing on the canvas; one click brings that back.")


def _columns_meant(template: Template, question: Any, graph: CausalGraph, columns: Sequence[str]) -> dict[str, str]:
    ends = ends_of(template, question)
    for node, name in ends.items():
        st.caption(f"{escape.markdown(node)} is **{escape.markdown(name, 40)}**, as you ask.")
    likely = likely_columns(template, question, columns, dict(graph.roles))
    choices = [UNOBSERVED, *(name for name in columns if name not in ends.values())]
    meant: dict[str, str] = {}
    for node in template.graph.nodes:
        if node in ends:
            continue
        role = template.graph.role(node)
        chosen = st.selectbox(
            escape.markdown(f"{node} ({role})" if role else node),
            choices,
            index=choices.index(likely[node]) if node in likely else 0,
            key=current_study.key(f"{template.name} {node}"),
        )
        if chosen != UNOBSERVED:
            meant[node] = chosen
    return meant


def _try(template: Template, meant: dict[str, str], question: Any) -> CausalGraph | str:
    try:
        return fitted_template(template, meant, question)
    except DoableError as error:
        return str(error)


def _draw(template: Template, fitted: CausalGraph, replace: Replace) -> None:
    if replace(fitted, f"Took the template {template.title}"):
        current_study.keep("template", None)
        current_study.keep("gallery open", False)
