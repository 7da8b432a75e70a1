"""What can be asked of a fitted structural equation model: on rows not seen, by refits, by draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.plots import structure_further as plots
from causal.wording import escape
from causal.wording import structure_further as wording
from pages.ui import answers, background, current_study, figure

REPLICATES = (200, 500, 1_000, 2_000)
WIDTHS = {1.0: "usual (wide)", 0.1: "a tenth as wide", 0.03: "a thirtieth as wide"}
FOLDS = 10


def held_out(held: Any, asked: Mapping[str, Any]) -> None:
    """Losses on rows not seen, once they are asked for."""
    work = {**asked, "folds": FOLDS}
    st.caption(
        f"The rows are split into {FOLDS} parts, and each is predicted by models that have not seen it: by these "
        "equations, by plain regressions on the same columns, and by the mean."
    )
    job = _work(held, "hold out structure", work, "Try it on rows not seen", ":material/quiz:")
    found = answers.structure_held_out_told(job)
    if found is None:
        return
    if found.outcomes:
        figure.show(plots.held_out(found, **figure.looks()), plots.held_out_rows(found), "rows not seen")
    st.markdown(escape.markdown(wording.held_out_caption(found)))
    for each in found.outcomes[:6]:
        st.caption(escape.markdown(wording.outcome_sentence(each)))


def refits(held: Any, fit: Any, asked: Mapping[str, Any]) -> None:
    """Intervals by refits, once they are asked for."""
    st.caption(
        "The equations are fitted again to rows drawn with replacement. The spread of those fits asks for no normal "
        "rows, and the intervals of indirect effects may be lopsided, as they are."
    )
    count = st.select_slider(
        "Samples",
        REPLICATES,
        value=current_study.view("structure samples", 1_000),
        key=current_study.key("structure samples"),
        on_change=current_study.take,
        args=("structure samples",),
    )
    job = _work(held, "refit structure", {**asked, "replicates": count}, "Refit", ":material/restart_alt:")
    found = answers.structure_refits_told(job)
    if found is None:
        return
    st.markdown(escape.markdown(wording.refits_finding(found, fit)))
    figure.show(plots.refits(found, **figure.looks()), plots.refit_rows(found), "refits")
    st.caption(escape.markdown(wording.refits_caption(found)))


def posterior(held: Any, asked: Mapping[str, Any]) -> None:
    """The Bayesian fit, once it is asked for."""
    st.caption(
        "The same likelihood with priors: what is likely after the data, given the model. Draws that have not come "
        "together are not shown."
    )
    widths = list(WIDTHS)
    width = st.selectbox(
        "Priors",
        widths,
        index=widths.index(current_study.view("structure priors", 1.0)),
        format_func=WIDTHS.get,
        key=current_study.key("structure priors"),
        on_change=current_study.take,
        args=("structure priors",),
    )
    job = _work(held, "draw structure", {**asked, "width": width}, "Draw from the posterior", ":material/casino:")
    found = answers.structure_draws_told(job)
    if found is None:
        return
    st.markdown(escape.markdown(wording.posterior_finding(found)))
    figure.show(plots.posterior(found, **figure.looks()), plots.posterior_rows(found), "posterior")
    st.caption(escape.markdown(f"{wording.posterior_caption(found)} {wording.priors_sentence(found)}"))


def _work(held: Any, kind: str, asked: Mapping[str, Any], label: str, icon: str) -> Any:
    """The job of this work if it was asked for, with its bar while it goes on; else the button that asks for it."""
    job = answers.work_about(held, kind, asked)
    if job is not None and job.active:
        background.follow(job.id, stop=f"stop {kind}")
    elif job is None or job.state != "done":
        background.say_how_it_ended(job)
        st.button(label, on_click=answers.start_work, args=(held, kind, asked), icon=icon, key=kind)
    return job
