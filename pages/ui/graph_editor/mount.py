"""Puts the graph canvas on a page and keeps it in step with the graph that the caller holds.

The browser sends the whole document at each edit, with the revision it was drawn on; the canvas takes a document from
Python only when that revision grew. A rerun therefore never disturbs the hand that draws. So it is with the proposals
that a person dismissed: the browser sends all of them, numbered, and takes Python's list only if that number was heard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.components.v2.types import ComponentRenderer

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph

Document = dict[str, Any]
Pairs = list[tuple[str, str]]
OnChange = Callable[[Document, int], str | None]
OnDismiss = Callable[[Pairs], None]

FOLDER = Path(__file__).parent
PACKAGE = "doable-graph-editor"
COMPONENT = ComponentConfig(name="canvas", asset_dir="assets")
NAME = f"{PACKAGE}.{COMPONENT.name}"


@dataclass(frozen=True)
class Conversation:
    """Where browser and Python stand.

    The caller's revision, the number sent for it, the last refusal, and the number of the last dismissal heard.
    """

    revision: int
    sent: int
    message: str | None = None
    heard: int = 0

    def pushed(self, above: int, message: str | None) -> Conversation:
        """The state that makes the browser take Python's document again."""
        return replace(self, sent=max(self.sent, above) + 1, message=message)


def graph_editor(
    document: Document,
    *,
    key: str,
    revision: int,
    columns: list[str],
    reading: Mapping[str, Any],
    marks: Mapping[str, Any] | None = None,
    read_only: bool = False,
    height: int = 580,
    on_change: OnChange,
    on_dismiss: OnDismiss | None = None,
) -> None:
    """Draws the canvas.

    `document` is {"nodes": [{"name", "role", "x", "y"}], "directed": [[a, b]], "bidirected": [[a, b]]}; nodes without a
    place are laid out. Raise `revision` whenever the graph changed elsewhere than on this canvas.
    `on_change(document, revision)` is called before the script body with each edit and the revision it was drawn on; it
    returns None, or the sentence that says why the edit cannot be: then the canvas shows it and returns to `document`.
    A drawing that is no graph (a cycle, a doubled name) is refused before it is called.

    `reading` says what the graph means, as `GraphReading.document` gives it; each entry may be missing:

    - "causal", "biasing": lists of [a, b]; "biasing_bidirected"; "adjust": names;
    - "advice": {name: {"verdict": "adjust" | "may adjust" | "must not adjust", "reason": sentence}};
    - "paths": [{"text", "nodes", "edges": [[a, b, kind]], "causal", "open", "blocked_by", "sentence"}], and
      "paths_complete".

    `marks` lie over the drawing and are no part of the document; each entry may be missing, and an edge between two
    variables hides what is marked between the same two:

    - "broken": [{"left", "right", "sentence", "mends": [{"left", "right", "kind": "directed" | "bidirected"}]}];
    - "proposed": [{"left", "right", "kind": "directed" | "bidirected" | "undirected" | "partly directed",
      "confidence": 0..1 or None, "sentence"}]; one that names a variable not drawn adds it when it is accepted;
    - "dismissed": [[left, right]] of the proposals, as `on_dismiss` last gave them: leave these in "proposed", so that
      a person can bring them back;
    - "added", "removed": [[a, b, kind]] beside another version: edges that this one has more, and has no longer;
    - "numbers": [{"edge": [a, b, kind], "text", "sentence"}]: fitted numbers, written on the edges.

    To accept a proposal or a mend is an ordinary edit. `on_dismiss(pairs)` gets every dismissed pair, whenever one is
    dismissed or brought back; without it dismissals last as long as the canvas does.
    """
    talk = _conversation(key, revision)
    component()(
        key=key,
        height=height,  # its place is kept while its script loads
        data={
            "doc": document,
            "pyrev": talk.sent,
            "message": talk.message,
            "columns": columns,
            "reading": dict(reading),
            "marks": dict(marks or {}),
            "heard": talk.heard,
            "read_only": read_only,
            "height": height,
        },
        on_doc_change=lambda: _receive(key, on_change, read_only),
        on_dismissed_change=lambda: _hear(key, on_dismiss),
    )


def _receive(key: str, on_change: OnChange, read_only: bool) -> None:
    value = st.session_state[key].get("doc")
    talk: Conversation = st.session_state[_talk_key(key)]
    if not isinstance(value, Mapping) or not isinstance(value.get("pyrev"), int):
        return
    drawn_on: int = value["pyrev"]
    if drawn_on < talk.sent:
        return  # the newer document is already on its way and replaces what was drawn
    refusal = _refusal(value, talk, on_change, read_only)
    talk = replace(talk, message=None) if refusal is None else talk.pushed(drawn_on, refusal)
    st.session_state[_talk_key(key)] = talk


def _hear(key: str, on_dismiss: OnDismiss | None) -> None:
    value = st.session_state[key].get("dismissed")
    talk: Conversation = st.session_state[_talk_key(key)]
    if not isinstance(value, Mapping) or not isinstance(value.get("seq"), int):
        return
    pairs = value.get("pairs")
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        return
    st.session_state[_talk_key(key)] = replace(talk, heard=max(talk.heard, value["seq"]))
    if on_dismiss is not None:
        on_dismiss([(left, right) for left, right in pairs])


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value)


def _refusal(value: Mapping[str, Any], talk: Conversation, on_change: OnChange, read_only: bool) -> str | None:
    if read_only:
        return "This graph can be looked at, not changed."
    document = value.get("doc")
    if value["pyrev"] != talk.sent or not isinstance(document, dict):
        return "The graph was loaded again in the meantime. Please repeat the last change."
    try:
        CausalGraph.from_document(document)
        return on_change(document, talk.revision)
    except GraphError as problem:
        return str(problem)


def _conversation(key: str, revision: int) -> Conversation:
    """The conversation, moved on if the caller's revision did.

    The first number is the time, so that a canvas which outlived its server session takes the new session's document.
    """
    talk: Conversation | None = st.session_state.get(_talk_key(key))
    if talk is None:
        talk = Conversation(revision, sent=time.time_ns() // 1_000_000)
    elif talk.revision != revision:
        talk = replace(talk.pushed(0, None), revision=revision)
    st.session_state[_talk_key(key)] = talk
    return talk


def _talk_key(key: str) -> str:
    return f"{key} conversation"


def component() -> ComponentRenderer:
    """What mounts the front end: with `what_if` in its data a drawing that stands still, else one to work on."""
    _declare_assets()
    return _canvas()


@cache
def _canvas() -> ComponentRenderer:
    return st.components.v2.component(NAME, js="graph_editor-*.js", css="graph_editor-*.css")


def _declare_assets() -> None:
    """Makes the running server serve this checkout's own bundle, installed as a package or not, stale or not."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(NAME) == (FOLDER / "assets").resolve():
        return
    manager.register_from_manifest(ComponentManifest(PACKAGE, "1.0.0", [COMPONENT]), FOLDER)
