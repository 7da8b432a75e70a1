"""Work that goes on behind a page: how far it is, the button that stops it, and how it ended."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.wording import escape
from pages.ui import answers, current_study


@st.fragment(run_every=0.4)
def follow(job_id: str) -> None:
    """A bar with the stage that the work is in; the page runs again once it has ended."""
    job = answers.job(job_id)
    if job is None or not job.active:
        st.rerun()
        return
    st.progress(job.share, text=f"{job.stage or 'waiting for a free worker'} …")
    st.button(
        "Stop",
        on_click=answers.stop,
        args=(job_id, current_study.study()),
        icon=":material/stop_circle:",
        key="stop job",
    )


def say_how_it_ended(job: Any) -> None:
    """Nothing where the work was done or still goes on; else the sentence why it was not."""
    if job is None or job.active or job.state == "done":
        return
    if job.state == "cancelled":
        st.warning("Stopped.", icon=":material/stop_circle:")
    else:
        st.error(escape.markdown(job.message), icon=":material/block:")
