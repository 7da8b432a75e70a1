"""Work that goes on behind a page: how far it is, the button that stops it, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.wording import escape
from pages.ui import answers, current_study


@st.fragment(run_every=0.4)
def follow(job_id: str, stop: str = "stop job") -> None:
    """A bar with the stage that the work is in; the page runs again once it has ended.

    `stop` is the button's key, of its own where a page follows several jobs.
    """
    job = answers.job(job_id)
    if job is None or not job.active:
        st.rerun()
        return
    bar(job, stop)


def bar(job: Any, stop: str = "stop job") -> None:
    """How far work that goes on is, and the button that stops it; for a fragment that runs again and again."""
    st.progress(job.share, text=f"{escape.markdown(job.stage or 'waiting for a free worker')} …")
    st.button(
        "Stop",
        on_click=answers.stop,
        args=(job.id, current_study.study()),
        icon=":material/stop_circle:",
        key=stop,
    )


def worked_out(held: Any, kind: str, asked: Mapping[str, Any]) -> Any:
    """The finished job of this work, which is started where it was never asked for; None while it goes on or where it
    ended otherwise, of which a person is told here.
    """
    job = answers.work_about(held, kind, asked)
    if job is None:
        answers.start_work(held, kind, asked)
        job = answers.work_about(held, kind, asked)
    if job.state == "done":
        return job
    if job.active:
        follow(job.id, stop=f"stop {kind}")
        return None
    say_how_it_ended(job)
    if job.state in ("cancelled", "interrupted"):
        st.button("Try again", on_click=answers.start_work, args=(held, kind, asked), key=f"again {kind}")
    return None


def say_how_it_ended(job: Any) -> None:
    """Nothing where the work was done or still goes on; else the sentence why it was not."""
    if job is None or job.active or job.state == "done":
        return
    if job.state == "cancelled":
        st.warning("Stopped.", icon=":material/stop_circle:")
    else:
        st.error(escape.markdown(job.message), icon=":material/block:")
