import streamlit as st

from causal.archive.contents import graph_read, question_of
from causal.errors import DoableError
from causal.graphs.projection import drawn_among
from causal.plots import scenario_distribution as distribution_plot
from causal.wording import escape
from causal.wording import what_if as wording
from causal.wording.numbers import count
from pages.ui import answers, background, current_study, figure, journey, presentation, structure_what_if, what_if_state
from pages.ui.error_box import error_box
from pages.ui.graph_editor.what_if_canvas import height_of, what_if_canvas
from pages.ui.headline import headline, show_finding
from pages.ui.model_trust import beyond_the_data, known_roads, model_light, model_trust
from pages.ui.one_unit import one_unit
from pages.ui.scenario_board import board, forget_name, save_form
from pages.ui.share_of_units import pick_analysis, share_of_units
from pages.ui.what_if_controls import from_canvas, node_infos, to_canvas
from pages.ui.whom import choose_whom

PARTS = {
    "scenarios": "Scenarios",
    "trust": "How far to trust it",
    "unit": "One unit",
    "share": "A share of the units",
}


def fit() -> None:
    with error_box():
        held = current_study.study()
        answers.fit_structural_model(held, what_if_state.asked(held))


def take_changes(told) -> None:
    job = answers.structural_job(current_study.study(), what_if_state.asked(current_study.study()))
    model = answers.structural_model_told(job)
    if model is not None:
        what_if_state.keep_changes(from_canvas(model, told))
        forget_name()


def looked_at(held, model) -> str:
    names = [each.name for each in model.nodes]
    wanted = held.view.get(what_if_state.LOOKED_AT, question_of(held).outcome)
    return wanted if wanted in names else names[-1]


def choose_variable(held, model) -> None:
    names = [each.name for each in model.nodes]
    st.selectbox(
        "The variable to look at",
        names,
        index=names.index(looked_at(held, model)),
        key=current_study.key(what_if_state.LOOKED_AT),
        on_change=current_study.take,
        args=(what_if_state.LOOKED_AT,),
    )


def what_matters(held, model, graph, changes):
    """The graph of what is changed, looked at and asked about: others would leave it too small to be read."""
    question = question_of(held)
    kept = {*changes, looked_at(held, model), question.treatment, question.outcome} & set(graph.nodes)
    small = drawn_among(graph, kept)
    left = len(graph.nodes) - len(small.nodes)
    others = "1 other variable is" if left == 1 else f"{count(left)} other variables are"
    st.caption(f"{others} in the model and left out of the picture: an arrow here may lead through what is left out.")
    return small


def picture(held, model, told, changes, present: bool) -> None:
    graph = graph_read(held, answers.table_of(held).names)
    if present and len(graph.nodes) > presentation.most_drawn():
        graph = what_matters(held, model, graph, changes)
    what_if_canvas(
        graph.to_document(),
        key="what if presented" if present else "what if canvas",
        nodes=node_infos(graph, model, told),
        changes=to_canvas(model, changes),
        height=height_of(len(graph.nodes), present),
        present=present,
        on_changes=take_changes,
    )


@st.fragment
def on_the_graph(job) -> None:
    """The picture with its controls, and what follows: a slider runs no more than this."""
    held = current_study.study()
    model = answers.structural_model_told(job)
    changes, name = what_if_state.changes_of(held, model), looked_at(held, model)
    with error_box():
        told = foretold(held, job, changes)
        show_finding(wording.scenario_finding(told, name) if told.changes else wording.nothing_changed(told))
        known = known_roads(held, job, told.changes, name)
        model_light(held, model, known)
        beyond_the_data(model, told)
        picture(held, model, told, changes, present=False)
        left, right = st.columns(2)
        with left:
            choose_variable(held, model)
        with right:
            choose_whom(held, model)
        figure.show(distribution(job, told, name), distribution_plot.rows(told, name), "distribution")
        details(model, told)
        save_form(changes)
        more(held, job, model, changes, name)
        if known_roads(held, job, told.changes, name) != known:
            st.rerun()  # they were found while the page was drawn, and belong under the finding


def distribution(job, told, name: str):
    recorded = answers.recorded_shares(job, told.scenario, name)
    return distribution_plot.scenario_distribution(told, name, recorded, **figure.looks())


def foretold(held, job, changes):
    """What the changes make of every variable; where that is refused, the sentence, and everything as it is today."""
    where = what_if_state.where_of(held, answers.structural_model_told(job))
    try:
        return what_if_state.told(held, answers.scenario(job, changes, where))
    except DoableError as error:
        st.error(escape.markdown(str(error)), icon=":material/block:")
        return what_if_state.told(held, answers.scenario(job, {}))


def details(model, told) -> None:
    if told.changes:
        with st.expander("Every variable that the change reaches", icon=":material/table_rows:"):
            st.dataframe(wording.scenario_rows(told), hide_index=True, width="stretch")
            for note in model.notes:
                st.markdown(f"- {escape.markdown(note)}")


def more(held, job, model, changes, name: str) -> None:
    """Everything beside the picture, one part at a time, so that nothing is worked out that nobody looks at."""
    part = st.segmented_control(
        "More",
        list(PARTS),
        default=current_study.view("what if part", "scenarios"),
        format_func=PARTS.get,
        label_visibility="collapsed",
        key=current_study.key("what if part"),
        on_change=current_study.take,
        args=("what if part",),
    )
    with error_box():
        if part == "scenarios":
            board(held, job, name)
        elif part == "trust":
            model_trust(held, job, model, changes, name)
        elif part == "unit":
            one_unit(held, job, changes, name)
        elif part == "share":
            shares(held)


def shares(held) -> None:
    done = journey.finished(held)
    if done:
        share_of_units(pick_analysis(done), alone=False)
        return
    st.info("This needs the stored scores of an answer. Answer the question first.", icon=":material/explore:")
    journey.next_button("effect", "Get the effect")


def presented(held, job) -> None:
    model = answers.structural_model_told(job)
    changes, name = what_if_state.changes_of(held, model), looked_at(held, model)
    headline("What if", question_of(held))
    told = foretold(held, job, changes)
    if told.changes:
        show_finding(wording.scenario_finding(told, name))
    model_light(held, model, known_roads(held, job, told.changes, name))
    beyond_the_data(model, told)
    picture(held, model, told, changes, present=True)
    if told.changes:
        figure.plain(distribution(job, told, name), "distribution")
    if what_if_state.scenarios_of(held):
        st.markdown("#### Scenarios side by side")
        board(held, job, name, controls=False)
    presentation.leave_button()


def before_a_model(held, job) -> None:
    done = journey.finished(held)
    if done:
        headline("What if", pick_analysis(done).spec.question, pick_analysis(done))
    else:
        headline("What if", question_of(held))
    structure_what_if.choose_model(held)
    if job is not None and job.active:
        background.follow(job.id)
    else:
        st.info(
            "Move any variable of the graph, and see what becomes of all that comes after it: set it, shift it, scale "
            "it or draw it at random. First a model of every arrow is fitted to the log, once; every what-if after "
            "that is answered at once.",
            icon=":material/explore:",
        )
        background.say_how_it_ended(job)
        st.button("Fit the model", on_click=fit, type="primary", icon=":material/play_arrow:", key="fit model")
    if done:
        st.markdown("#### A share of the units")
        share_of_units(pick_analysis(done), alone=True)
        journey.next_button("report", "Hand it on")


held = journey.require("log", "question", "graph")
if presentation.is_on("what_if"):
    presentation.hide_menu()
structure_what_if.instead(held)
job = answers.structural_job(held, what_if_state.asked(held))
ready = job is not None and job.state == "done"
if not ready and presentation.is_on("what_if"):
    headline("What if", question_of(held))
    st.info(
        "The model behind this presentation is not fitted, or the study has changed since. Leave the presentation to "
        "fit it.",
        icon=":material/explore:",
    )
    presentation.leave_button()
elif not ready:
    before_a_model(held, job)
elif presentation.is_on("what_if"):
    with error_box():
        presented(held, job)
else:
    headline("What if", question_of(held))
    structure_what_if.choose_model(held)
    on_the_graph(job)
    with st.container(horizontal=True):
        presentation.enter_button()
        if journey.finished(held):
            journey.next_button("report", "Hand it on")
        else:
            journey.next_button("effect", "Get the effect")
