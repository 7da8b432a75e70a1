from dataclasses import replace

import streamlit as st

from causal.archive.contents import question_of
from causal.plots import benefit as plots
from causal.wording import benefit as wording
from causal.wording import escape
from pages.ui import answers, background, current_study, figure, journey, table_download, who_benefits
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding
from pages.ui.who_benefits import EFFECTS, LEARNERS

DEPTHS = {1: "one question", 2: "two questions", 3: "three questions"}


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, EFFECTS, who_benefits.effects_asked(held))


def choose_learners() -> None:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    names = list(LEARNERS)
    left.selectbox(
        "What outcome and treatment are predicted by, before the effect is learnt",
        names,
        index=names.index(who_benefits.learner()),
        format_func=LEARNERS.get,
        key=current_study.key("benefit learner"),
        on_change=current_study.take,
        args=("benefit learner",),
        help="The effect itself is learnt by linear models and by boosted trees, weighed by how well they predict. "
        "What a model misses here would look like effects that differ, so what is learnt is judged by the best mix, "
        "whatever learns.",
    )
    right.toggle(
        "Causal forest too",
        value=bool(current_study.view("benefit forest", False)),
        key=current_study.key("benefit forest"),
        on_change=current_study.take,
        args=("benefit forest",),
        help="EconML's; takes minutes where the others take seconds.",
    )


def show_rules(held, job, found, differences) -> None:
    st.markdown("#### As a few rules")
    st.segmented_control(
        "Rules of at most",
        list(DEPTHS),
        default=who_benefits.depth(),
        required=True,
        format_func=DEPTHS.get,
        key=current_study.key("benefit depth"),
        on_change=current_study.take,
        args=("benefit depth",),
    )
    with error_box():
        who_benefits.show_rules(held, job, found, differences)


def show_profile(held, job, found, differences) -> None:
    st.markdown("#### Who they are")
    if not found.telling_folds:
        st.info("The same effect for all predicts best, so nobody ranks high or low.", icon=":material/info:")
        return
    with error_box():
        told = answers.effect_profile(held, job)
        st.markdown(escape.markdown(wording.profile_sentence(found, told, differences)))
        if told.rows:
            figure.show(plots.profile(found, told, **figure.looks()), plots.profile_rows(told), "profile")
            if warning := wording.profile_warning(differences):
                st.caption(warning)


def show_curve(held, job, found, differences) -> None:
    columns = answers.curve_columns(held, job)
    if not columns:
        return
    st.markdown("#### Over a quantity")
    held_by = current_study.view("benefit by", columns[0])
    by = st.selectbox(
        "The effect over",
        columns,
        index=columns.index(held_by) if held_by in columns else 0,
        key=current_study.key("benefit by"),
        on_change=current_study.take,
        args=("benefit by",),
    )
    with error_box():
        curve = answers.effect_curve(held, job, by)
        drawn = plots.effect_curve(found, curve, differences, len(columns), **figure.looks())
        figure.show(drawn, plots.curve_rows(curve), "effect over a column")


def show_line(held, job, found, differences) -> None:
    if not found.adjust_for:
        return
    st.markdown("#### With all columns at once")
    with error_box():
        line = answers.effect_projection(held, job)
        st.markdown(escape.markdown(wording.projection_sentence(line, differences)))
        with st.expander("Every column's slope", icon=":material/table:"):
            st.dataframe(wording.projection_rows(line), hide_index=True, width="stretch")


def take_away(held, job) -> None:
    with st.expander("Every unit's effect, as a file", icon=":material/download:"):
        st.caption(
            "One row per unit: what names it, the effect predicted for it by models that have not seen it, the error "
            "of that prediction and its interval, and what the prediction rests on. The error does not hold what "
            "smoothing leaves out: take single units for a hint, and the groups above for evidence."
        )
        table_download.offer("All units", "unit effects", lambda kind: answers.unit_effects_file(held, job, kind))


def show(held, job) -> None:
    found = answers.unit_effects_told(job)
    curve, calibration, differences = answers.who_benefits(held, job)
    show_finding(wording.benefit_finding(found, curve, differences))
    who_benefits.show_ranking(found, curve, calibration, differences)
    show_rules(held, job, found, differences)
    show_profile(held, job, found, differences)
    show_curve(held, job, found, differences)
    show_line(held, job, found, differences)
    st.markdown("#### What treating by rank gains")
    figure.show(
        plots.gain(found, curve, differences, **figure.looks()), plots.priority_rows(curve, "gain"), "qini curve"
    )
    take_away(held, job)
    with st.expander("What was tried, and what this rests on", icon=":material/model_training:"):
        st.dataframe(wording.difference_rows(differences), hide_index=True, width="stretch")
        st.dataframe(wording.learner_rows(found), hide_index=True, width="stretch")
        st.markdown(who_benefits.rests_on(found))


held = journey.require("log", "question", "graph")
headline("Who benefits", replace(question_of(held), target="everyone"))
choose_learners()
job = answers.work_about(held, EFFECTS, who_benefits.effects_asked(held))
if job is not None and job.state == "done":
    with error_box():
        show(held, job)
    journey.next_button("policy", "Decide who gets what")
elif job is not None and job.active:
    background.follow(job.id)
else:
    st.caption(
        "Who gains most: the effect for every unit, whether it can be foretold at all, the rules and the profile of "
        "those who gain most and least, and what treating them first would bring."
    )
    background.say_how_it_ended(job)
    st.button("Learn who benefits", on_click=ask, type="primary", icon=":material/play_arrow:", key="learn effects")
