import streamlit as st

from causal.archive.contents import question_of
from causal.effects.groups import groupable
from causal.plots import groups as groups_figure
from causal.wording import escape
from causal.wording import groups as wording
from pages.ui import answers, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding


def pick_analysis(done):
    """The chosen analysis where its scores hold in groups; else the first whose do, else None."""
    chosen = journey.chosen_of(current_study.study(), done)
    able = [each for each in done if each.scores is not None and each.method.ranks and each.method.adjusts]
    return chosen if chosen in able else next(iter(able), None)


def ask_doubly_robust() -> None:
    held = current_study.study()
    current_study.change("Added doubly robust", specs=(*held.specs, {"method": "doubly_robust", "options": None}))
    journey.go("effect")


@st.fragment
def groups(analysis) -> None:
    columns = list(groupable(analysis))
    if not columns:
        st.info("No column is left to group by: all others come after the treatment.", icon=":material/explore:")
        return
    left, right = st.columns([2, 1])
    held_by = current_study.view("segments by", columns[0])
    by = left.selectbox(
        "Groups of",
        columns,
        index=columns.index(held_by) if held_by in columns else 0,
        key=current_study.key("segments by"),
        on_change=current_study.take,
        args=("segments by",),
    )
    bins = int(current_study.view("segments bins", 4))
    if analysis.table.types[by] == "numeric":
        bins = right.slider(
            "Groups that a quantity is cut into",
            2,
            10,
            value=bins,
            key=current_study.key("segments bins"),
            on_change=current_study.take,
            args=("segments bins",),
        )
    with error_box():
        found = answers.group_effects(analysis, by, bins)
        show_finding(wording.groups_finding(found))
        outcome = analysis.spec.question.outcome
        if found.known:
            figure.show(
                groups_figure.groups(found, outcome, **figure.looks()), groups_figure.rows(found), "effects in groups"
            )
        st.caption(escape.markdown(wording.groups_caption(found)))


held = journey.require("log", "question", "graph")
done = journey.finished(held)
if not done:
    headline("Segments", question_of(held))
    st.info(
        "Answer the question first: the effect in groups comes from its stored scores, at once and without a refit.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
analysis = pick_analysis(done)
if analysis is None:
    headline("Segments", question_of(held))
    st.warning(
        "None of the methods answered keeps scores that hold in every group. Doubly robust does.",
        icon=":material/warning:",
    )
    st.button("Add doubly robust", on_click=ask_doubly_robust, type="primary")
    st.stop()
headline("Segments", analysis.spec.question, analysis)
st.caption(f"From the scores of: {analysis.method.title}. No model is fitted again.")
groups(analysis)
journey.next_button("benefit", "Find who benefits most")
