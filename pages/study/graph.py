import streamlit as st

from causal.archive.contents import graph_of, graph_read, prefilled, question_of, roles_of
from causal.graphs.causal_graph import CausalGraph
from causal.wording import escape
from pages.ui import answers, current_study, journey
from pages.ui.error_box import error_box
from pages.ui.graph_editor.mount import graph_editor
from pages.ui.graph_reading import explore, show_verdict
from pages.ui.graph_text import graph_text
from pages.ui.headline import headline
from pages.ui.structure_fit import NUMBERS, choose_group, fit_of_drawing, group_shown, number_marks
from pages.ui.study_canvas import broken_marks
from pages.ui.template_gallery import gallery_button, is_open, template_gallery


def checked_view() -> dict:
    held = current_study.mine()
    return {**held.view, "checked": sorted({*held.view.get("checked", ()), "graph"})}


def take_drawing(document, _revision) -> str | None:
    graph = CausalGraph.from_document(document)
    if not current_study.change("Drew on the graph", graph=graph.to_text("json"), view=checked_view()):
        return "Another tab changed this study first. Decide above which version to keep."
    return None


def replace_graph(graph: CausalGraph, note: str) -> bool:
    """Save a graph that did not come from the canvas, and have the canvas show it."""
    changed = current_study.change(note, graph=graph.to_text("json"), view=checked_view())
    if changed:
        current_study.renew()
    return changed


def take_sketch(question) -> None:
    held = current_study.study()
    sketch = prefilled(question, roles_of(held, answers.guesses(answers.unit_log_of(held))))
    if held.graph is None:
        replace_graph(sketch, "Sketched the graph from the columns")
    else:
        start_from(sketch, "Sketched the graph from the columns")


def start_from(graph: CausalGraph, note: str) -> bool:
    """Begin anew from this graph; the drawing before it can be had back."""
    before = (current_study.mine().id, current_study.mine().graph)
    changed = replace_graph(graph, note)
    if changed:
        current_study.keep("graph before", before)
        current_study.notice(f"{note}.")
    return changed


def take_back() -> None:
    _, text = current_study.kept("graph before", lambda: None)
    current_study.keep("graph before", None)
    replace_graph(CausalGraph.parse(text), "Took the drawing before back")


@st.fragment
def canvas() -> None:
    if current_study.conflict() is not None and not read_only:
        st.rerun()  # the decision stands above the canvas, outside this fragment
    with error_box():
        draw()


def contradicted(study) -> dict:
    """Where the data contradicts the graph, once that was tested and while a person wants to see it."""
    fit = answers.graph_fit_of(study)
    return broken_marks(fit) if fit is not None and study.view.get("show broken", True) else {}


def offer_contradicted(study) -> None:
    fit = answers.graph_fit_of(study)
    if fit is not None and fit.violated:
        st.toggle(
            "Show where the data contradicts the graph",
            value=study.view.get("show broken", True),
            key=current_study.key("show broken"),
            on_change=lambda: current_study.change_view(**{"show broken": current_study.value("show broken")}),
        )


def chosen_numbers(study) -> dict:
    """Fitted coefficients for the edges, once these equations were fitted and while a person wants to see them."""
    fit = fit_of_drawing(study)
    kind = study.view.get("canvas numbers", "standardised")
    return number_marks(fit, kind, group_shown(fit)) if fit is not None and kind != "none" else {}


def offer_numbers(study) -> None:
    fit = fit_of_drawing(study)
    if fit is not None:
        kind = study.view.get("canvas numbers", "standardised")
        st.segmented_control(
            "Fitted coefficients on the edges",
            list(NUMBERS),
            default=kind,
            required=True,
            format_func=NUMBERS.get,
            key=current_study.key("canvas numbers"),
            on_change=lambda: current_study.change_view(**{"canvas numbers": current_study.value("canvas numbers")}),
            help="Of the latent variables' page. In brackets: the 95 % interval has zero in it.",
        )
        if kind != "none":
            choose_group(fit)


def draw() -> None:
    study = current_study.study()
    question = question_of(study)
    graph = graph_of(study)
    table = answers.table_of(study)
    reading = answers.study_reading(study)
    readable = graph_read(study, table.names)
    left, right = st.columns([7, 3])
    with left:
        graph_editor(
            graph.to_document(),
            key="canvas",
            revision=current_study.epoch(),
            columns=list(table.variables),
            reading=reading.document,
            marks=contradicted(study) | chosen_numbers(study),
            read_only=read_only,
            on_change=take_drawing,
        )
        with st.container(key="graph reading"):
            show_verdict(study, readable, question, reading)
        offer_contradicted(study)
        offer_numbers(study)
        missing = sorted(graph.observed - set(table.names))
        if missing:
            listed = ", ".join(f"“{escape.markdown(name, 40)}”" for name in missing)
            st.caption(f"Not a column of the table, so taken for unobserved: {listed}.")
    with right, error_box():
        graph_text(question, replace_graph, read_only)
    with error_box():
        explore(study, readable, question, reading, replace_graph, read_only)


read_only = current_study.conflict() is not None
held = journey.require("log", "question")
question = question_of(held)
if held.graph is None:
    take_sketch(question)
headline("Graph", question)
st.caption(
    "Draw an arrow from every cause to its effect: drag from a card's dot to another card. "
    "Leave out nothing that matters."
)
canvas()
with st.container(horizontal=True):
    journey.next_button("effect", "Get the effect", checks="graph")
    gallery_button(read_only)
    st.button("Start again from the columns", on_click=take_sketch, args=(question,), icon=":material/restart_alt:")
    if (current_study.kept("graph before", lambda: None) or ("", None))[0] == held.id:
        st.button("Back to the drawing before", on_click=take_back, icon=":material/undo:")
if is_open():
    names = list(answers.table_of(held).variables)
    with error_box():
        template_gallery(question, graph_of(current_study.study()), names, start_from)
