import streamlit as st

from causal.archive.contents import graph_of
from causal.errors import DoableError
from causal.plots import structure as structure_plot
from causal.structural.model_text import read_model
from causal.wording import escape, numbers
from causal.wording import structure as wording
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.graph_image import graph_image
from pages.ui.headline import headline, show_finding

KIND = "fit structure"
ERRORS = {
    "expected": "normal rows (expected information)",
    "observed": "normal rows (observed information)",
    "sandwich": "any rows (sandwich)",
    "satorra_bentler": "any rows (Satorra-Bentler)",
}
MISSING = {"leave out": "left out", "likelihood": "used for what they show"}
NONE = "(none)"


def take(name: str) -> None:
    current_study.change_view(**{name: current_study.value(name)})


def take_graph() -> None:
    current_study.change_view(**{"structure text": None})
    current_study.renew()


def written(held) -> str:
    return current_study.view("structure text") or graph_of(held).to_text("lavaan")


def options_of(held) -> dict:
    group = current_study.view("structure group", NONE)
    missing = current_study.view("structure missing", "leave out")
    usual = "observed" if missing == "likelihood" else "expected"
    chosen = {"errors": current_study.view("structure errors", usual), "missing": missing}
    return chosen | ({"group": group} if group != NONE else {})


def asked(held) -> dict:
    return {"model": written(held), "options": options_of(held)}


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, KIND, asked(held))


def choose(held) -> None:
    st.text_area(
        "The equations, in lavaan's syntax",
        value=written(held),
        height=180,
        key=current_study.key("structure text"),
        on_change=take,
        args=("structure text",),
        help="quality =~ clicks + rating: quality is not a column, and shows in these. rating ~ price: price moves "
        "the rating. clicks ~~ rating: they share a hidden cause. a*x names a coefficient, ab := a*b defines one.",
    )
    left, middle, right = st.columns(3)
    groups = [NONE, *answers.second_treatments(held, "", "")]
    shown = current_study.view("structure group", NONE)
    left.selectbox(
        "Fit in groups of",
        groups,
        index=groups.index(shown) if shown in groups else 0,
        key=current_study.key("structure group"),
        on_change=take,
        args=("structure group",),
    )
    missing = list(MISSING)
    middle.selectbox(
        "Rows with a missing value are",
        missing,
        index=missing.index(options_of(held)["missing"]),
        format_func=MISSING.get,
        key=current_study.key("structure missing"),
        on_change=take,
        args=("structure missing",),
    )
    errors = list(ERRORS)
    right.selectbox(
        "Standard errors for",
        errors,
        index=errors.index(options_of(held)["errors"]),
        format_func=ERRORS.get,
        key=current_study.key("structure errors"),
        on_change=take,
        args=("structure errors",),
        help="Clicks and ratings are rarely normal: the sandwich holds for them too.",
    )
    if current_study.view("structure text") is not None:
        st.button("Take the drawn graph again", on_click=take_graph, icon=":material/undo:", key="structure graph")


def show(held, fit) -> None:
    show_finding(wording.structure_finding(fit))
    for note in fit.notes:
        st.warning(escape.markdown(note), icon=":material/warning:")
    first, second, third, fourth = st.columns(4)
    first.metric("CFI", numbers.number(fit.cfi), help="1 is perfect; 0.95 and above is close.")
    second.metric(
        "RMSEA",
        numbers.number(fit.rmsea),
        help=f"0 is perfect; 0.06 and below is close. 90 % interval {numbers.interval(*fit.measures.rmsea_interval)}.",
    )
    third.metric("SRMR", numbers.number(fit.srmr), help="0 is perfect; 0.08 and below is close.")
    fourth.metric("TLI", numbers.number(fit.tli), help="1 is perfect; 0.95 and above is close.")
    st.caption(escape.markdown(wording.fit_caption(fit)))
    drawn = structure_plot.fitted_graph(fit)
    if drawn is not None:
        graph, labels = drawn
        graph_image(graph, "The fitted model, standardised", width=700, labels=labels)
    figure.show(structure_plot.arrows(fit, **figure.looks()), structure_plot.coefficient_rows(fit), "coefficients")
    if len(fit.observed) > 2 and fit.df > 0:
        figure.show(
            structure_plot.residuals(fit, **figure.looks()), structure_plot.residual_rows(fit), "residual correlations"
        )
    with st.expander("Direct, indirect and total effects", icon=":material/alt_route:"):
        st.dataframe(structure_plot.effect_rows(fit), hide_index=True, width="stretch")
        for each in fit.explained:
            if each.variable in fit.latent or len(fit.latent) == 0:
                st.caption(escape.markdown(f"{numbers.percent(each.r_squared)} of {each.variable} is explained."))
    if fit.modifications and fit.df > 0:
        with st.expander("What would make it fit better", icon=":material/healing:"):
            st.warning(wording.MODIFICATION_WARNING, icon=":material/warning:")
            for each in fit.modifications[:10]:
                st.markdown(f"- {escape.markdown(wording.modification_sentence(fit, each))}")
    with st.expander("What this rests on", icon=":material/gavel:"):
        for sentence in (wording.defaults_sentence(fit), *fit.coded):
            st.markdown(f"- {escape.markdown(sentence)}")
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


held = journey.require("log", "question", "graph")
headline("Latent variables")
st.caption(
    "Satisfaction, quality and preference are not columns; they show through columns. Draw them as unobserved "
    "variables with arrows to the columns that show them, or write the equations here."
)
choose(held)
try:
    read_model(written(held))
except DoableError as error:
    st.error(escape.markdown(str(error)), icon=":material/block:")
    st.stop()
job = answers.work_about(held, KIND, asked(held))
fit = answers.structure_told(job)
if fit is not None:
    with error_box():
        show(held, fit)
    journey.next_button("graph", "Change the graph")
elif job is not None and job.active:
    background.follow(job.id)
else:
    background.say_how_it_ended(job)
    st.button("Fit the equations", on_click=ask, type="primary", icon=":material/play_arrow:", key="fit structure")
