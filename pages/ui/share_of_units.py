"""What the outcome would be if a share of the units were treated: from the stored scores of an answer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.errors import NoScores
from causal.plots import share_curve as share_plot
from causal.wording import escape, numbers, sentences
from causal.wording.phrases import scale_of
from pages.ui import answers, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import show_finding

AT_RANDOM = "at random"


def pick_analysis(done: list[Any]) -> Any:
    """The chosen analysis where it can answer by a column; else the first that can."""
    chosen = journey.chosen_of(current_study.study(), done)
    if chosen.scores is not None:
        return chosen
    return next((each for each in done if each.scores is not None), chosen)


@st.fragment
def share_of_units(analysis: Any, alone: bool) -> None:
    """The sliders, the sentence and the curve; `alone`: the sentence is the finding of its page."""
    table = analysis.table
    graph, question = analysis.spec.graph, analysis.spec.question
    later = graph.descendants(question.treatment)  # what the treatment changes cannot decide who gets it
    columns = [
        name for name in table.names if table.types[name] == "numeric" and name not in {*later, question.outcome}
    ]
    st.caption(f"From the scores of: {analysis.method.title}. No model is fitted again.")
    left, right = st.columns([1, 2])
    held_by = current_study.view("by", AT_RANDOM)
    with left:
        by = st.selectbox(
            "Who is treated first",
            [AT_RANDOM, *columns],
            index=[AT_RANDOM, *columns].index(held_by) if held_by in columns else 0,
            format_func=lambda name: name if name == AT_RANDOM else f"highest {name}",
            key=current_study.key("by"),
            on_change=current_study.take,
            args=("by",),
        )
    with right:
        share = st.slider(
            "Share of the population that has the treatment",
            0,
            100,
            value=int(current_study.view("share", 50)),
            format="%d %%",
            key=current_study.key("share"),
            on_change=current_study.take,
            args=("share",),
        )
    with error_box():
        try:
            found = answers.share_curve(analysis, None if by == AT_RANDOM else by)
        except NoScores as error:
            st.warning(escape.markdown(str(error)), icon=":material/warning:")
            st.button("Add doubly robust", on_click=_ask_doubly_robust)
            return
        sentence = sentences.what_if_sentence(analysis, found, share)
        if alone:
            show_finding(sentence)
        else:
            st.markdown(f"**{escape.markdown(sentence)}**")
        _show_numbers(analysis, found, share)
        figure.show(share_plot.share_curve(analysis, found, share, **figure.looks()), share_plot.rows(found), "what-if")


def _show_numbers(analysis: Any, found: Any, share: int) -> None:
    binary = scale_of(analysis)
    low, high = found.interval(share)
    first, second, third = st.columns(3)
    first.metric(
        "Mean outcome", numbers.mean_text(found.means[share], binary), help=numbers.all_digits(found.means[share])
    )
    second.metric(f"{found.confidence:.0%} interval", numbers.interval(low, high, binary))
    third.metric(
        "Total change against today",
        numbers.number(found.total_change(share), signed=True),
        help=f"Over {numbers.count(found.population)} units, in units of the outcome; interval "
        f"{numbers.interval(*found.total_change_interval(share))}",
    )


def _ask_doubly_robust() -> None:
    held = current_study.study()
    specs = tuple(held.specs) or ()
    current_study.change("Added doubly robust", specs=(*specs, {"method": "doubly_robust", "options": None}))
    journey.go("effect")
