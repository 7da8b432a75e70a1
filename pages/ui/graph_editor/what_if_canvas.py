"""The graph as a picture that stands still, with a control on each variable and what a change does to the others.

The browser sends every change that a person makes, numbered; it takes Python's changes only where Python has heard the
last one made there. A rerun therefore never moves a slider back under the hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui import figure
from pages.ui.graph_editor.mount import Document, component

Changes = dict[str, dict[str, Any]]
"""By variable: {"do": "set", "value": 2.5}, of a column of levels {"do": "set", "level": place}; or "shift", "scale",
each with a value, or "randomise"."""

MANY = 6
"""A drawing of more variables gets more room."""

_MODES = ("set", "shift", "scale", "randomise")


def height_of(count: int, present: bool) -> int:
    """Of the picture of so many variables, in pixels: on a phone the controls stand under it."""
    if figure.is_narrow():
        return 420 if present else 860
    few = count <= MANY
    return (400 if few else 520) if present else (560 if few else 720)


def what_if_canvas(
    document: Document,
    *,
    key: str,
    nodes: Mapping[str, Mapping[str, Any]],
    changes: Changes,
    height: int = 560,
    present: bool = False,
    on_changes: Callable[[Changes], None],
) -> None:
    """Draws the picture; `document` as `graph_editor` takes it.

    `nodes` says of each variable, by name:

    - "before", "after": its mean or shares as text, "after" None where no change reaches it; "shift": the difference,
      None where it has none; "direction": -1, 0 or 1; "spoken": all of that as a sentence;
    - "control": None (then "note" says why), {"modes": {"set" | "shift" | "scale": {"min", "max", "step", "start"},
      "randomise": {}}}, or of a column of levels {"levels": [{"label"}], "start": place, "modes": {"set": {},
      "randomise": {}}};
    - "change": what is done to it, in words; None where nothing is.

    `present`: to be looked at, without any control. `on_changes` gets all changes, whenever one was made, before the
    script body runs.
    """
    heard: int = st.session_state.get(_heard_key(key), 0)
    component()(
        key=key,
        height=height,
        data={
            "doc": document,
            "height": height,
            "what_if": {
                "nodes": {name: dict(each) for name, each in nodes.items()},
                "changes": changes,
                "heard": heard,
                "present": present,
            },
        },
        on_changes_change=lambda: _receive(key, on_changes),
    )


def _receive(key: str, on_changes: Callable[[Changes], None]) -> None:
    value = st.session_state[key].get("changes")
    if not isinstance(value, Mapping) or not isinstance(value.get("seq"), int):
        return
    told = value.get("changes")
    if not isinstance(told, dict) or not all(isinstance(each, dict) and _is_change(each) for each in told.values()):
        return
    st.session_state[_heard_key(key)] = max(st.session_state.get(_heard_key(key), 0), value["seq"])
    on_changes(told)


def _is_change(change: Mapping[str, Any]) -> bool:
    if change.get("do") not in _MODES:
        return False
    return all(isinstance(change[name], int | float) for name in ("value", "level") if name in change)


def _heard_key(key: str) -> str:
    return f"{key} heard"
