import streamlit as st

from causal.archive.contents import graph_of, graph_test_of, question_of
from causal.plots import graph_fit as fit_figure
from causal.wording import escape, numbers
from causal.wording.graph_fit import (
    consequence_sentence,
    fisher_sentence,
    graph_fit_headline,
    mend_text,
    mended_sentence,
    promise_sentence,
    relabelling_sentence,
    rows_sentence,
    untested_sentence,
)
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding
from pages.ui.study_canvas import broken_marks, study_canvas

ASKED = "graph test asked"
LAST = "graph fit shown last"
SHOWN = 10
LEVELS = [0.001, 0.01, 0.05, 0.1]


def ask() -> None:
    with error_box():
        answers.test_graph(current_study.study())
        current_study.change_view(**{ASKED: True})


def take(name: str) -> None:
    chosen = {**graph_test_of(current_study.study()), name: current_study.value(name)}
    current_study.change_view(**{"graph test": chosen})


def options() -> None:
    held = graph_test_of(current_study.study())
    with st.expander("How it is tested", icon=":material/tune:"):
        st.toggle(
            "Every independence, not one per pair",
            value=held["full"],
            key=current_study.key("full"),
            on_change=take,
            args=("full",),
            help="A pair may be independent given several sets of columns. One set per pair is enough to hold the "
            "graph to all it promises; the full list, at most 500, shows where it breaks in more ways.",
        )
        left, right = st.columns(2)
        left.selectbox(
            "Level of the corrected p-values",
            LEVELS,
            index=LEVELS.index(held["level"]) if held["level"] in LEVELS else LEVELS.index(0.05),
            format_func=numbers.percent,
            key=current_study.key("level"),
            on_change=take,
            args=("level",),
            help="The chance of at least one false alarm, if the graph is right.",
        )
        right.slider(
            "Too small to matter: correlations below",
            0.0,
            0.3,
            value=held["negligible"],
            step=0.01,
            key=current_study.key("negligible"),
            on_change=take,
            args=("negligible",),
            help="With many rows every departure is significant. One smaller than this is called slight; 0.05 is what "
            "a standardised difference of 0.1 makes between two groups of equal size.",
        )


def show_drawing(fit) -> None:
    """The graph with what the data contradicts in it; stays where it is while a changed graph is tested."""
    st.caption(
        "A broken promise is marked between its two variables: choose it to see what would mend it. A mend is an edge "
        "of your graph like any other, and the graph is tested again with it."
        if fit.violated
        else "The graph as it was tested. Draw on it, and it is tested again."
    )
    study_canvas("graph and data", broken_marks(fit), study_graph())


def show_broken(fit, mended) -> None:
    """Each broken promise in words, with the edges that would mend it and what they would change."""
    ways = {(each.left, each.right, each.kind): each for each in mended}
    for place, test in enumerate(fit.violated[:SHOWN]):
        with st.expander(escape.markdown(f"{test.left} and {test.right}", 80), icon=":material/link_off:"):
            st.markdown(escape.markdown(promise_sentence(test)))
            for mend in test.mends:
                way = ways.get((mend.left, mend.right, mend.kind))
                left, right = st.columns([2, 3], vertical_alignment="center")
                left.button(
                    escape.markdown(mend_text(mend), 60),
                    on_click=draw_mend,
                    args=(mend,),
                    icon=":material/add:",
                    key=f"mend {place} {mend.left} {mend.kind}",
                    width="stretch",
                )
                right.caption("" if way is None else escape.markdown(consequence_sentence(way)))
            st.caption("Which of them is true, the data cannot say: ask how the log came about.")
    if len(fit.violated) > SHOWN:
        st.caption(f"The worst {SHOWN} of {len(fit.violated)}; the table holds the others.")


def show_details(fit) -> None:
    if fit.tests:
        figure.show(fit_figure.graph_fit_plot(fit, **figure.looks()), fit_figure.rows(fit), "graph and data")
    whole = [each for each in (fisher_sentence(fit), relabelling_sentence(fit)) if each]
    if whole:
        st.markdown("#### The graph as a whole")
    for sentence in whole:
        st.markdown(f"- {escape.markdown(sentence)}")
    if fit.untested:
        st.warning(escape.markdown(untested_sentence(fit)), icon=":material/help:")


def study_graph():
    return graph_of(current_study.study())


def draw_mend(mend) -> None:
    graph = study_graph().with_edge(mend.left, mend.right, mend.kind)
    note = f"Drew {mend_text(mend)}"
    if current_study.change(note, graph=graph.to_text("json")):
        current_study.renew()
        current_study.notice(f"{note}. The graph is tested again.")


def teach() -> None:
    st.info(
        "A graph promises that some columns have nothing to do with each other, once others are held fixed. Here you "
        "will see each promise tested on the log: how far the data departs from it, and what would mend it.",
        icon=":material/explore:",
    )


held = journey.require("log", "question", "graph")
question = question_of(held)
headline("Graph and data", question)
job = answers.graph_test_job(held)
if job is None and current_study.view(ASKED, False):
    answers.test_graph(held)  # asked for once, so each further drawing is tested
    job = answers.graph_test_job(held)
fit = answers.fit_told(job)
if fit is not None:
    current_study.keep(LAST, (held.id, fit))
study_of_last, last = current_study.kept(LAST, lambda: (None, None))
mended = () if fit is None else answers.mended_of(held, fit, question)
known = study_of_last == held.id
with st.container(key="graph verdict"):  # containers of their own, so that the drawing stays where it is
    if fit is not None:
        show_finding(graph_fit_headline(fit))
        st.markdown(escape.markdown(mended_sentence(mended)))
        st.caption(escape.markdown(rows_sentence(fit)))
    elif job is not None and job.active:
        if known:
            show_finding("The changed graph is being tested.")
        background.follow(job.id)
    else:
        if not known:
            teach()
        background.say_how_it_ended(job)
        st.button("Test the graph on the data", on_click=ask, type="primary", icon=":material/play_arrow:", key="test")
with st.container(key="graph drawing"):
    if known:
        show_drawing(last)
with st.container(key="graph details"):
    if fit is not None:
        show_broken(fit, mended)
        show_details(fit)
options()
if fit is not None:
    journey.next_button("graph", "Back to the graph" if fit.violated else "See the graph")
