"""Whether groups show the latent variables alike: asked for by a button, told with what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.plots.invariance import invariance_steps, step_rows
from causal.wording import escape
from causal.wording import invariance as wording
from pages.ui import answers, background, current_study, figure
from pages.ui.structure_fit import units_fitted

KIND = "test invariance"
MOST = 5


def show_invariance(study: Any, asked: Mapping[str, Any]) -> None:
    """The section for one model and its options, which name a group."""
    st.subheader("Do the groups show them alike?")
    job = answers.work_about(study, KIND, asked)
    found = answers.invariance_told(job)
    if found is not None:
        _told(found)
    elif job is not None and job.active:
        background.follow(job.id)
    else:
        st.caption(
            "Latent variables of two groups can be compared only where the groups show them alike. The model is fitted "
            "with more and more held equal; where the fit suffers, groups differ."
        )
        background.say_how_it_ended(job)
        st.button(
            "Test what can be held equal",
            on_click=_ask,
            args=(asked,),
            icon=":material/balance:",
            key="test invariance",
        )


def _ask(asked: Mapping[str, Any]) -> None:
    answers.start_work(units_fitted(current_study.study()), KIND, asked)


def _told(found: Any) -> None:
    figure.show(invariance_steps(found, **figure.looks()), step_rows(found), "invariance")
    doubt = found.first_doubt
    if doubt is not None and doubt.equalities:
        with st.expander("Which equality fails most", expanded=True, icon=":material/troubleshoot:"):
            for each in doubt.equalities[:MOST]:
                st.markdown(f"- {escape.markdown(wording.equality_sentence(each))}")
            st.caption(
                "Each is tested alone, and the worst of many is large by chance too. To let one differ, give it a "
                "label of its own per group: c(a, b)*x."
            )
    st.caption(wording.RULE)
