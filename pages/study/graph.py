import streamlit as st

from causal.archive.contents import graph_of, prefilled, question_of, roles_of, with_question
from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.templates import TEMPLATES
from causal.wording import escape
from pages.ui import answers, current_study, journey
from pages.ui.error_box import error_box
from pages.ui.graph_editor.mount import graph_editor
from pages.ui.graph_text import graph_text
from pages.ui.headline import headline

UNOBSERVED = "(not in the log)"
STRATEGIES = {
    "no_effect": "The graph says: no effect",
    "backdoor": "Identified by adjustment (back-door)",
    "adjustment": "Identified by adjustment",
    "frontdoor": "Identified through a mediator (front-door)",
    "id": "Identified by the general algorithm",
    "instrument": "Identified by an instrument",
}


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
    sketch = prefilled(question, roles_of(held, answers.guesses(answers.log_of(held))))
    if replace_graph(sketch, "Sketched the graph from the columns"):
        current_study.notice("Sketched the graph from the columns.")


def show_reading(graph: CausalGraph, question) -> None:
    reading = answers.reading_of(graph, question)
    if reading.refusal is not None:
        st.error(f"**Not identified.** {escape.markdown(reading.refusal)}", icon=":material/block:")
        return
    estimand = reading.estimand
    if estimand.strategy == "no_effect":
        st.warning(
            f"**{STRATEGIES[estimand.strategy]}.** {escape.markdown(estimand.sentence)} If that is not what you mean, "
            "draw the arrow, or start again from the columns.",
            icon=":material/warning:",
        )
        return
    st.success(
        f"**{STRATEGIES[estimand.strategy]}.** {escape.markdown(estimand.sentence)}", icon=":material/check_circle:"
    )
    if estimand.adjust_for:
        listed = ", ".join(f"**{escape.markdown(name, 40)}**" for name in estimand.adjust_for)
        st.markdown(f"Adjust for: {listed}")
    with st.expander("What this rests on", icon=":material/gavel:"):
        for sentence in estimand.assumptions:
            st.markdown(f"- {escape.markdown(sentence)}")


def offer(template, question) -> None:
    """Which column is which in the template; what no column stands for stays on the canvas as unobserved."""
    table = answers.table_of(current_study.study())
    ends = {
        **dict.fromkeys(template.graph.with_role_of("treatment"), question.treatment),
        **dict.fromkeys(template.graph.with_role_of("outcome"), question.outcome),
    }
    st.caption("Which column is which?")
    meant = {}
    for node in template.graph.nodes:
        if node in ends:
            continue
        choices = [UNOBSERVED, *[name for name in table.names if name not in ends.values()]]
        meant[node] = st.selectbox(
            escape.markdown(node),
            choices,
            index=choices.index(node) if node in choices else 0,
            key=f"{template.name} {node}",
        )
    if st.button("Draw it", key=f"draw {template.name}", type="primary"):
        with error_box():
            columns = {**ends, **{node: name for node, name in meant.items() if name != UNOBSERVED}}
            if replace_graph(fitted(template.graph, columns, question), f"Took the template {template.title}"):
                current_study.notice(f"Took the template {template.title}.")
            st.rerun()


def fitted(graph: CausalGraph, columns: dict, question) -> CausalGraph:
    """The template with its variables called as the columns that stand for them."""
    if len(set(columns.values())) < len(columns):
        raise GraphError("One column stands for two variables of the template. Choose each column once.")
    for place, node in enumerate(columns):
        graph = graph.renamed(node, f"\0{place}")  # first out of the way: a column may be called as another node
    for place, name in enumerate(columns.values()):
        graph = graph.renamed(f"\0{place}", name)
    return with_question(graph, question)


@st.fragment
def canvas() -> None:
    if current_study.conflict() is not None and not read_only:
        st.rerun()  # the decision stands above the canvas, outside this fragment
    with error_box():
        draw()


def draw() -> None:
    study = current_study.study()
    question = question_of(study)
    graph = graph_of(study)
    reading = answers.reading_of(graph, question)
    table = answers.table_of(study)
    left, right = st.columns([7, 3])
    with left:
        graph_editor(
            graph.to_document(),
            key="canvas",
            revision=current_study.epoch(),
            columns=[name for name in table.names if table.types[name] not in ("identifier", "text")],
            reading=reading.document,
            read_only=read_only,
            on_change=take_drawing,
        )
        with st.container(key="graph reading"):
            show_reading(graph, question)
        missing = sorted(graph.observed - set(table.names))
        if missing:
            listed = ", ".join(f"“{escape.markdown(name, 40)}”" for name in missing)
            st.caption(f"Not a column of the table, so treated as unobserved: {listed}.")
    with right, error_box():
        graph_text(question, replace_graph, read_only)


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
    st.button("Start again from the columns", on_click=take_sketch, args=(question,), icon=":material/restart_alt:")

with st.expander("Start from a template", icon=":material/dashboard:"):
    for template in TEMPLATES:
        st.markdown(f"**{template.title}.** {escape.markdown(template.story)} {escape.markdown(template.advice)}")
        with st.popover(f"Use “{template.title}”", key=f"template {template.name}"):
            offer(template, question)
