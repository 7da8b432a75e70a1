import streamlit as st

from causal.archive.contents import question_of, where_of
from causal.errors import DoableError
from causal.plots import structure as structure_plot
from causal.structural.model_text import read_model
from causal.wording import escape, numbers
from causal.wording import structure as wording
from pages.ui import answers, background, current_study, figure, journey, score_columns, structure_further
from pages.ui.error_box import error_box
from pages.ui.graph_image import graph_image
from pages.ui.headline import headline, show_finding
from pages.ui.invariance_test import show_invariance
from pages.ui.structure_fit import (
    KIND,
    NONE,
    NUMBERS,
    asked,
    choose_group,
    group_shown,
    options_of,
    ordered_of,
    units_fitted,
    written,
)
from pages.ui.structure_what_if import ask_here

ERRORS = {
    "expected": "normal rows (expected information)",
    "observed": "normal rows (observed information)",
    "sandwich": "any rows (sandwich)",
    "satorra_bentler": "any rows (Satorra-Bentler)",
}
MISSING = {"leave out": "left out", "likelihood": "used for what they show"}
BY_PAIRS = {"leave out": "left out", "likelihood": "used pair by pair"}


def take_graph() -> None:
    current_study.change_view(**{"structure text": None})
    current_study.renew()


def ask() -> None:
    held = units_fitted(current_study.study())
    answers.start_work(held, KIND, asked(held))


def choose(held) -> None:
    st.text_area(
        "The equations, in lavaan's syntax",
        value=written(held),
        height=180,
        key=current_study.key("structure text"),
        on_change=current_study.take,
        args=("structure text",),
        help="quality =~ clicks + rating: quality is not a column, and shows in these. rating ~ price: price moves "
        "the rating. clicks ~~ rating: they share a hidden cause. a*x names a coefficient, ab := a*b defines one.",
    )
    choose_ordered(held)
    left, middle, right = st.columns(3)
    ordered = bool(ordered_of(held))
    groups = [NONE, *answers.second_treatments(held, "", "")]
    shown = current_study.view("structure group", NONE)
    left.selectbox(
        "Fit in groups of",
        groups,
        index=groups.index(shown) if shown in groups else 0,
        key=current_study.key("structure group"),
        on_change=current_study.take,
        args=("structure group",),
    )
    missing = list(MISSING)
    middle.selectbox(
        "Rows with a missing value are",
        missing,
        index=missing.index(current_study.view("structure missing", "leave out")),
        format_func=(BY_PAIRS if ordered else MISSING).get,
        key=current_study.key("structure missing"),
        on_change=current_study.take,
        args=("structure missing",),
        help="Pair by pair, every correlation is of the rows that have both columns: right where values are missing by "
        "chance alone."
        if ordered
        else "Right where what is missing can be told from what is there, as far as chance leaves it.",
    )
    errors = list(ERRORS)
    right.selectbox(
        "Standard errors for",
        errors,
        index=errors.index(options_of(held).get("errors", "sandwich")),
        format_func=ERRORS.get,
        key=current_study.key("structure errors"),
        on_change=current_study.take,
        args=("structure errors",),
        disabled=ordered,
        help="With ordered columns, errors and test hold for any rows."
        if ordered
        else "Clicks and ratings are rarely normal: the sandwich holds for them too.",
    )
    if current_study.view("structure text") is not None:
        st.button("Take the drawn graph again", on_click=take_graph, icon=":material/undo:", key="structure graph")


def choose_ordered(held) -> None:
    try:
        offered = answers.ordered_candidates(held, written(held))
    except DoableError:
        return  # said below the equations
    if offered:
        st.multiselect(
            "Take as levels in order, not as quantities",
            offered,
            default=ordered_of(held),
            key=current_study.key("structure ordered"),
            on_change=current_study.take,
            args=("structure ordered",),
            placeholder="None",
            help="Ratings of 1 to 5 and yes-or-no columns are levels: steps between them need not be equally far. "
            "Behind each stands a normal response that is cut at thresholds.",
        )


def show_drawing(fit) -> None:
    if structure_plot.fitted_graph(fit) is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = [kind for kind in NUMBERS if kind != "none"]
        shown = current_study.view("structure numbers", "standardised")
        kind = st.segmented_control(
            "Numbers on the arrows",
            kinds,
            default=shown if shown in kinds else "standardised",
            required=True,
            format_func=NUMBERS.get,
            key=current_study.key("structure numbers"),
            on_change=current_study.take,
            args=("structure numbers",),
        )
        group = choose_group(fit)
    graph, labels = structure_plot.fitted_graph(fit, group, kind == "standardised")
    whom = f" in the group {fit.groups[group]}" if len(fit.groups) > 1 else ""
    graph_image(graph, f"The fitted model{whom}, {NUMBERS[kind]}", width=700, labels=labels)
    st.caption("A number in brackets: its 95 % interval has zero in it.")


def show(held, fit) -> None:
    show_finding(wording.structure_finding(fit))
    for note in fit.notes:
        st.warning(escape.markdown(note), icon=":material/warning:")
    first, second, third, fourth = st.columns(4)
    judged = fit.judged
    first.metric("CFI", numbers.number(judged.cfi), help="1 is perfect; 0.95 and above is close.")
    second.metric(
        "RMSEA",
        numbers.number(judged.rmsea),
        help=f"0 is perfect; 0.06 and below is close. 90 % interval {numbers.interval(*judged.rmsea_interval)}.",
    )
    third.metric("SRMR", numbers.number(judged.srmr), help="0 is perfect; 0.08 and below is close.")
    fourth.metric("TLI", numbers.number(judged.tli), help="1 is perfect; 0.95 and above is close.")
    st.caption(escape.markdown(wording.fit_caption(fit, where_of(held))))
    show_drawing(fit)
    figure.show(structure_plot.arrows(fit, **figure.looks()), structure_plot.coefficient_rows(fit), "coefficients")
    if len(fit.observed) > 2 and fit.df > 0:
        group = group_shown(fit)
        residuals = structure_plot.residuals(fit, group, **figure.looks())
        figure.show(residuals, structure_plot.residual_rows(fit, group), "residual correlations")
    ask_here()
    with st.expander("Direct, indirect and total effects", icon=":material/alt_route:"):
        st.dataframe(structure_plot.effect_rows(fit), hide_index=True, width="stretch")
        for each in fit.explained:
            if each.variable in fit.latent or len(fit.latent) == 0:
                st.caption(escape.markdown(wording.explained_sentence(fit, each)))
    if not fit.ordered:
        further(held, fit)
    if fit.modifications and fit.df > 0:
        with st.expander("What would make it fit better", icon=":material/healing:"):
            st.warning(wording.MODIFICATION_WARNING, icon=":material/warning:")
            for each in fit.modifications[:10]:
                st.markdown(f"- {escape.markdown(wording.modification_sentence(fit, each))}")
    with st.expander("What this rests on", icon=":material/gavel:"):
        indicators = wording.indicator_sentences(fit, question_of(held).outcome)
        for sentence in (wording.defaults_sentence(fit), *fit.coded, *indicators):
            st.markdown(f"- {escape.markdown(sentence)}")
        if fit.ordered:
            st.markdown(f"- {escape.markdown(wording.ordered_sentence(fit))}")
        st.markdown(
            "- The arrows are causal only if the drawn model is right: fit alone cannot tell it from others that fit "
            "as well.\n- Relations are linear, and the same in all rows."
        )
    if fit.latent:
        st.download_button(
            "Download the table with scores of the latent variables",
            lambda: answers.structure_file(held, fit),
            file_name="scores.parquet",
            mime="application/vnd.apache.parquet",
            icon=":material/download:",
            key="structure scores",
            on_click="ignore",
        )
        score_columns.offer_scores(held, written(held), options_of(held))


def further(held, fit) -> None:
    with st.expander("On rows that it has not seen", icon=":material/quiz:"):
        structure_further.held_out(held, asked(held))
    with st.expander("Intervals by refits", icon=":material/restart_alt:"):
        structure_further.refits(held, fit, asked(held))
    with st.expander("A Bayesian fit", icon=":material/casino:"):
        structure_further.posterior(held, asked(held))


held = journey.require("log", "question", "graph")
headline("Latent variables")
st.caption(
    "Satisfaction, quality and preference are not columns; they show through columns. Draw them as unobserved "
    "variables with arrows to the columns that show them, or write the equations here."
)
choose(held)
score_columns.show_scores(held)
try:
    read_model(written(held))
except DoableError as error:
    st.error(escape.markdown(str(error)), icon=":material/block:")
    st.stop()
held = units_fitted(held)
job = answers.work_about(held, KIND, asked(held))
fit = answers.structure_told(job)
if fit is not None:
    with error_box():
        show(held, fit)
        if len(fit.groups) > 1 and fit.latent:
            show_invariance(held, asked(held))
    journey.next_button("graph", "Change the graph")
elif job is not None and job.active:
    background.follow(job.id)
else:
    background.say_how_it_ended(job)
    st.button("Fit the equations", on_click=ask, type="primary", icon=":material/play_arrow:", key="fit structure")
