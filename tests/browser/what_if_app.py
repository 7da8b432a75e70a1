"""The what-if canvas alone, with answers that are made up; beneath it what Python was told."""

import json

import streamlit as st

from pages.ui.graph_editor.what_if_canvas import what_if_canvas

st.set_page_config(layout="wide")
NAMES = ["age", "device", "algorithm", "watch time", "engagement"]
DOCUMENT = {
    "nodes": [
        {"name": "age", "role": "confounder", "x": 0, "y": 0},
        {"name": "device", "role": "confounder", "x": 0, "y": 150},
        {"name": "algorithm", "role": "treatment", "x": 220, "y": 75},
        {"name": "watch time", "role": "mediator", "x": 430, "y": 0},
        {"name": "engagement", "role": "outcome", "x": 640, "y": 75},
    ],
    "directed": [
        ["age", "algorithm"],
        ["age", "engagement"],
        ["device", "algorithm"],
        ["algorithm", "watch time"],
        ["watch time", "engagement"],
        ["algorithm", "engagement"],
    ],
    "bidirected": [["device", "engagement"]],
}
AFTER = {"algorithm": ["watch time", "engagement"], "age": ["algorithm", "watch time", "engagement"]}
AFTER |= {"device": AFTER["age"], "watch time": ["engagement"], "engagement": []}


def take(changes) -> None:
    st.session_state["changes"] = changes
    st.session_state["heard"] = st.session_state.get("heard", 0) + 1


def range_of(low: float, high: float, step: float, start: float) -> dict:
    return {"min": low, "max": high, "step": step, "start": start}


def info(name: str, changes) -> dict:
    moved = any(name in AFTER[each] for each in changes) or name in changes
    levels = {"device": ["phone", "tablet", "desktop"], "algorithm": ["old", "new"]}.get(name)
    if levels:
        control = {"levels": [{"label": each} for each in levels], "start": 0, "modes": {"set": {}, "randomise": {}}}
    else:
        modes = {"set": range_of(0, 80, 0.5, 40), "shift": range_of(-20, 20, 0.5, 0), "scale": range_of(0, 2, 0.05, 1)}
        control = {"modes": {**modes, "randomise": {}}}
    before, after, shift = ("52 % new", "100 % new", "+48 pp") if levels else ("40.2", "43.7", "+3.5")
    return {
        "before": before,
        "after": after if moved else None,
        "shift": shift if moved else None,
        "direction": 1,
        "spoken": f"{name}: {before}" + (f", then {after}" if moved else ""),
        "change": "set" if name in changes else None,
        "control": control,
        "note": "",
    }


@st.fragment
def canvas() -> None:
    changes = st.session_state.get("changes", {})
    what_if_canvas(
        DOCUMENT,
        key="what if",
        nodes={name: info(name, changes) for name in NAMES},
        changes=changes,
        present=st.query_params.get("present") == "1",
        on_changes=take,
    )
    st.text(json.dumps({"heard": st.session_state.get("heard", 0), "changes": changes}))


canvas()
st.button("Forget", on_click=lambda: st.session_state.update(changes={}))
