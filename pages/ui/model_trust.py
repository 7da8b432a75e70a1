"""How far the structural model of a what-if is to be trusted: its light, its mechanisms, the graph, and other roads."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.wording import escape
from causal.wording import structural_model as wording
from pages.ui import answers, background, current_study, journey
from pages.ui.error_box import error_box

LIGHTS = {
    "passed": ("passed", "✓ the model fits"),
    "attention": ("attention", "! doubtful"),
    "failed": ("failed", "✕ not for every variable"),
    "not_checked": ("attention", "? graph not tested"),
}


def model_light(held: Any, model: Any) -> None:
    """The model's light with its sentence, under the finding."""
    told = wording.model_verdict(model, answers.graph_fit_of(held))
    state, label = LIGHTS[told.light]
    st.html(
        f'<p class="doable-reason" data-testid="model-light"><span class="doable-light doable-{state}">{label}</span>'
        f"{html.escape(told.sentence)}</p>"
    )


def model_trust(held: Any, job: Any, model: Any, changes: Mapping[str, Any]) -> None:
    """Everything behind the light."""
    st.markdown(escape.markdown(wording.model_sentence(model)))
    st.dataframe(wording.mechanism_rows(model), hide_index=True, width="stretch")
    st.caption(wording.MECHANISM_CAPTION)
    for note in model.notes:
        st.markdown(f"- {escape.markdown(note)}")
    _graph(held)
    st.markdown("#### What every what-if rests on")
    for sentence in wording.rests_on():
        st.markdown(f"- {sentence}")


def _graph(held: Any) -> None:
    st.markdown("#### The graph")
    job = answers.graph_test_job(held)
    fit = answers.fit_told(job)
    if fit is not None:
        st.markdown(escape.markdown(answers.graph_verdict(fit).sentence))
        if st.button("See where", icon=":material/arrow_forward:", key="see graph fit"):
            journey.go("graph_fit")
    elif job is not None and job.active:
        background.follow(job.id, stop="stop graph test")
    else:
        st.markdown("Not tested yet: whether the independences that the graph promises hold in the data.")
        background.say_how_it_ended(job)
        st.button("Test the graph on the data", on_click=_test, icon=":material/play_arrow:", key="test graph")


def _test() -> None:
    with error_box():
        answers.test_graph(current_study.study())
