"""A page with nothing but the graph canvas, and beside it the graph as Python holds it."""

import json
import time
from typing import Any

import streamlit as st

from pages.ui.graph_editor.mount import graph_editor

SMALL = {
    "nodes": [
        {"name": "age", "role": "confounder", "x": 0, "y": -120},
        {"name": "algorithm", "role": "treatment", "x": -180, "y": 0},
        {"name": "clicks", "role": None, "x": 0, "y": 60},
        {"name": "engagement", "role": "outcome", "x": 180, "y": 0},
    ],
    "directed": [["age", "algorithm"], ["algorithm", "engagement"]],
    "bidirected": [],
}
READING = {
    "causal": [["algorithm", "engagement"]],
    "biasing": [["age", "algorithm"]],
    "biasing_bidirected": [],
    "adjust": ["age"],
}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "🎬 emoji",
    "quote \" and ' and `",
    "![t](http://example.org/x.png)",
    "x" * 300,
]
SCENES: dict[str, dict[str, Any]] = {
    "small": SMALL,
    "empty": {"nodes": [], "directed": [], "bidirected": []},
    "unplaced": {
        "nodes": [{"name": name, "role": None, "x": None, "y": None} for name in "abcdef"],
        "directed": [["a", "b"], ["b", "c"], ["a", "c"], ["d", "c"], ["c", "e"]],
        "bidirected": [["a", "e"]],
    },
    "hostile": {
        "nodes": [{"name": name, "role": None, "x": None, "y": None} for name in HOSTILE],
        "directed": [[HOSTILE[0], HOSTILE[4]]],
        "bidirected": [],
    },
    "large": {
        "nodes": [{"name": f"variable {i}", "role": None, "x": None, "y": None} for i in range(100)],
        "directed": [[f"variable {i}", f"variable {j}"] for i in range(100) for j in (i + 7, i + 13) if j < 100],
        "bidirected": [],
    },
}

scene = st.query_params.get("scene", "small")
held = st.session_state
held.setdefault("document", SCENES[scene])
held.setdefault("revision", 1)


def accept(document: dict[str, Any], revision: int) -> str | None:
    if any(node["name"] == "forbidden" for node in document["nodes"]):
        return "A variable cannot be called forbidden."
    if revision == held["revision"]:
        held["document"] = document
    return None


def load_another() -> None:
    held["document"] = {"nodes": [{"name": "imported", "role": None, "x": 0, "y": 0}], "directed": [], "bidirected": []}
    held["revision"] += 1


st.set_page_config(page_title="Graph canvas", layout="wide")
if not st.toggle("Hide"):
    graph_editor(
        held["document"],
        key="canvas",
        revision=held["revision"],
        columns=["age", "country", "device", "clicks"],
        reading=READING if "reading" in st.query_params else {},
        read_only="read_only" in st.query_params,
        on_change=accept,
    )
if "slow" in st.query_params:
    time.sleep(0.5)
st.button("Rerun")
st.button("Load another", on_click=load_another)
held["runs"] = held.get("runs", 0) + 1
st.text(f"run {held['runs']}")
document = held["document"]
with st.container(key="held"):
    st.text("nodes: " + ", ".join(f"{node['name']} ({node['role']})" for node in document["nodes"]))
    st.text("arrows: " + ", ".join(f"{a} > {b}" for a, b in document["directed"]))
    st.text("arcs: " + ", ".join(f"{a} <> {b}" for a, b in document["bidirected"]))
    st.text("places: " + json.dumps({node["name"]: [node["x"], node["y"]] for node in document["nodes"]}))
