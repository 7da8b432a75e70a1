"""The graph as text beside the canvas: it follows every edit of the canvas, and the canvas follows every edit of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, with_question
from causal.errors import DoableError, GraphError, GraphSyntax
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.reading import SIZE_LIMIT, format_of
from causal.graphs.formats.writing import FORMATS, kept_by, with_what_the_text_cannot_say
from causal.graphs.layout import in_pixels
from causal.wording import escape
from pages.ui import current_study, figure

ENDINGS = {
    "dagitty": "txt",
    "dot": "dot",
    "gml": "gml",
    "mermaid": "mmd",
    "json": "json",
    "edges": "txt",
    "lavaan": "lav",
}
LOST_IN_WORDS = {
    "unobserved": "which variables are unobserved",
    "roles": "their roles",
    "forced": "what is adjusted for in any case",
    "positions": "where the cards lie",
}
EXAMPLES = {
    "dagitty": 'dag { age -> clicks  taste [latent]  taste -> clicks  "new layout" <-> clicks }',
    "dot": "digraph { age -> clicks; clicks -> buys }",
    "gml": 'graph [ directed 1 node [ id 1 label "age" ] … edge [ source 1 target 2 ] ]',
    "mermaid": "flowchart LR, then one line per arrow: age --> clicks",
    "json": '{"nodes": [{"name": "age"}, …], "directed": [["age", "clicks"]], "bidirected": []}',
    "edges": "age -> clicks, one per line; a <-> b for a hidden common cause",
    "lavaan": "clicks ~ age + layout; age ~~ layout for a hidden common cause",
}

Replace = Callable[[CausalGraph, str], bool]


@dataclass(frozen=True)
class Draft:
    """A text as a person wrote it, and what became of it: the graph as its format keeps it, or the refusal."""

    text: str
    format: str
    graph: CausalGraph | None = None
    refusal: str | None = None
    line: int | None = None
    column: int | None = None


def graph_text(question: Any, replace: Replace, read_only: bool) -> None:
    """The text with its format, its errors, and the ways to bring a file and take one; on a phone folded away."""
    if not figure.is_narrow():
        _panel(question, replace, read_only)
        return
    with st.expander("As text", icon=":material/code:", expanded=_refused()):
        _panel(question, replace, read_only)


def _panel(question: Any, replace: Replace, read_only: bool) -> None:
    graph = graph_of(current_study.study())
    assert graph is not None
    format = st.selectbox(
        "The graph as text, written as",
        list(FORMATS),
        index=list(FORMATS).index(_format()),
        format_func=lambda name: FORMATS[name].title,
        key=current_study.key("graph format"),
        on_change=_take_format,
    )
    current_study.put("graph text", _shown(graph, format))
    st.text_area(
        "The graph as text",
        height=300,
        key=current_study.key("graph text"),
        on_change=_take_text,
        args=(question, replace),
        disabled=read_only,
        label_visibility="collapsed",
        help=f"For example: {EXAMPLES[format]}",
    )
    _say_refusal(question, replace)
    with st.container(horizontal=True):
        st.button("Use this text", on_click=_take_text, args=(question, replace), disabled=read_only, type="secondary")
        st.download_button(
            "Download",
            graph.to_text(format),
            file_name=f"graph.{ENDINGS[format]}",
            mime="text/plain",
            icon=":material/download:",
            help=f"The graph as {FORMATS[format].title}. Pictures of it are on the canvas's own bar.",
            key="download graph text",
        )
        with st.popover("Open a file", icon=":material/upload:", disabled=read_only):
            st.file_uploader(
                "A file with a graph in any of the formats",
                key=current_study.key("graph file"),
                on_change=_take_file,
                args=(question, replace),
            )
    st.caption(_what_is_lost(format))


def _format() -> str:
    found: str = current_study.view("graph format", "edges")
    return found if found in FORMATS else "edges"


def _take_format() -> None:
    current_study.change_view(**{"graph format": current_study.value("graph format")})


def _draft() -> Draft | None:
    held = current_study.study()
    found: Draft | None = current_study.kept(f"graph draft {held.id if held else ''}", _saved_draft)
    return found


def _saved_draft() -> Draft | None:
    saved = current_study.view("refused graph text")
    return None if saved is None else Draft(**saved)


def _keep_draft(draft: Draft | None) -> None:
    """A text that cannot be read is saved with the study: the canvas does not hold it, so a refresh would lose it."""
    held = current_study.study()
    current_study.keep(f"graph draft {held.id if held else ''}", draft)
    refused = draft is not None and draft.refusal is not None
    if refused or current_study.view("refused graph text") is not None:
        current_study.change_view(**{"refused graph text": asdict(draft) if draft is not None and refused else None})


def _refused() -> bool:
    draft = _draft()
    return draft is not None and draft.refusal is not None


def _shown(graph: CausalGraph, format: str) -> str:
    """The person's own words as long as they say what the graph is, or until they say something readable."""
    draft = _draft()
    if draft is not None and (
        draft.refusal is not None or (draft.format == format and draft.graph == kept_by(graph, format))
    ):
        return draft.text
    return graph.to_text(format)


def _take_text(question: Any, replace: Replace) -> None:
    text = current_study.value("graph text")
    graph = graph_of(current_study.mine())
    assert graph is not None
    if text != _shown(graph, _format()) or _refused():
        _take(text, question, replace)


def _take_file(question: Any, replace: Replace) -> None:
    upload = current_study.value("graph file")
    if upload is None:
        return
    content = upload.getvalue()
    if len(content) > 4 * SIZE_LIMIT:
        _keep_draft(Draft("", _format(), refusal=f"The file “{upload.name}” is too large to be a graph."))
        return
    _take(content.decode("utf-8-sig", "replace"), question, replace)


def _take(text: str, question: Any, replace: Replace) -> None:
    before = graph_of(current_study.mine())
    assert before is not None
    try:
        format = _named(text)
        written = in_pixels(CausalGraph.parse(text))
        if not written.directed and not written.bidirected:
            raise GraphError(f"This text draws no arrow. For example: {EXAMPLES[_format()]}")
        graph = with_question(with_what_the_text_cannot_say(written, format, before), question)
    except DoableError as error:
        where = (error.line, error.column) if isinstance(error, GraphSyntax) else (None, None)
        _keep_draft(Draft(text[:SIZE_LIMIT], _format(), None, str(error), *where))
        return
    _keep_draft(Draft(text, format, kept_by(graph, format)))
    if format != _format():
        current_study.change_view(**{"graph format": format})
    replace(graph, "Wrote the graph as text")


def _named(text: str) -> str:
    """The format of a text; what DOT and DAGitty share goes by its first word, else by what is chosen."""
    found = format_of(text)
    if found != "dot":
        return found
    return "dagitty" if text.lstrip().lower().startswith(("dag", "mag", "pdag", "pag")) else "dot"


def _say_refusal(question: Any, replace: Replace) -> None:
    draft = _draft()
    if draft is None or draft.refusal is None:
        return
    st.error(escape.markdown(draft.refusal), icon=":material/block:")
    lines = draft.text.splitlines()
    if draft.line is not None and draft.column is not None and 1 <= draft.line <= len(lines):
        st.code(_pointed(lines[draft.line - 1], draft.line, draft.column), language=None)
    st.caption("Your text stays here until it can be read; the canvas keeps its last graph.")
    st.button("Show the canvas's graph instead", on_click=_keep_draft, args=(None,), key="drop graph draft")


def _pointed(line: str, number: int, column: int) -> str:
    """The line with a sign under the place, cut to what fits beside the canvas."""
    start = max(0, column - 25)
    shown = "".join(letter if letter.isprintable() else " " for letter in line[start : start + 44])
    opening = f"{number} | " + ("…" if start else "")
    return f"{opening}{shown}\n{' ' * (len(opening) + column - 1 - start)}^"


def _what_is_lost(format: str) -> str:
    lost = [words for part, words in LOST_IN_WORDS.items() if part not in FORMATS[format].keeps]
    title = "An edge list" if format == "edges" else FORMATS[format].title
    if not lost:
        return f"{title} says everything that the canvas shows."
    listed = lost[0] if len(lost) == 1 else ", ".join(lost[:-1]) + " and " + lost[-1]
    return f"{title} cannot say {listed}: a file loses that, an edit here does not."
