"""A page with nothing but the graph canvas, and beside it the graph as Python holds it."""

import json
import time
from typing import Any

import streamlit as st

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.reading import read_graph
from causal.study import Question
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
FEED: dict[str, Any] = {
    "nodes": [
        {"name": name, "role": role, "x": None, "y": None}
        for name, role in {
            "algorithm": "treatment",
            "engagement": "outcome",
            "activity": "confounder",
            "age": "confounder",
            "device": None,
            "exposure": "mediator",
            "taste": "unobserved",
            "new user": None,
            "prominence": "mediator",
            "rating": None,
            "rollout wave": "instrument",
        }.items()
    ],
    "directed": [
        ["age", "activity"],
        ["age", "device"],
        ["activity", "algorithm"],
        ["activity", "engagement"],
        ["device", "algorithm"],
        ["new user", "algorithm"],
        ["new user", "engagement"],
        ["rollout wave", "algorithm"],
        ["algorithm", "prominence"],
        ["algorithm", "exposure"],
        ["prominence", "engagement"],
        ["exposure", "engagement"],
        ["engagement", "rating"],
        ["taste", "rating"],
        ["taste", "engagement"],
    ],
    "bidirected": [["age", "new user"]],
}
MARKS = {
    "broken": [
        {
            "left": "age",
            "right": "clicks",
            "sentence": "The graph says that age and clicks are unrelated; in the data they correlate by 0.21.",
            "mends": [
                {"left": "age", "right": "clicks", "kind": "directed"},
                {"left": "age", "right": "clicks", "kind": "bidirected"},
            ],
        }
    ],
    "proposed": [
        {"left": "algorithm", "right": "clicks", "kind": "directed", "confidence": 0.93, "sentence": "In 93 of 100."},
        {"left": "clicks", "right": "engagement", "kind": "partly directed", "confidence": 0.85, "sentence": "Often."},
        {
            "left": "engagement",
            "right": "age",
            "kind": "directed",
            "confidence": 0.81,
            "sentence": "A wrong way round.",
        },
        {"left": "age", "right": "device", "kind": "undirected", "confidence": None, "sentence": "Not decided."},
    ],
    "added": [["age", "algorithm", "directed"]],
    "removed": [],
}
FEED_MARKS = {
    "broken": [
        {
            "left": "device",
            "right": "engagement",
            "sentence": "The graph says that device and engagement are unrelated once activity and algorithm are held "
            "fixed; in the data they still correlate by 0.14 (95 % interval 0.11 to 0.17).",
            "mends": [
                {"left": "device", "right": "engagement", "kind": "directed"},
                {"left": "device", "right": "engagement", "kind": "bidirected"},
            ],
        }
    ],
    "proposed": [
        {
            "left": "activity",
            "right": "exposure",
            "kind": "directed",
            "confidence": 0.92,
            "sentence": "BOSS draws it in 46 of 50 resamples, 41 times in this direction.",
        },
        {
            "left": "prominence",
            "right": "exposure",
            "kind": "partly directed",
            "confidence": 0.74,
            "sentence": "FCI finds it in 37 of 50 resamples; a hidden common cause is not ruled out.",
        },
        {
            "left": "device",
            "right": "new user",
            "kind": "undirected",
            "confidence": 0.58,
            "sentence": "Found in 29 of 50 resamples; the data do not tell its direction.",
        },
        {
            "left": "rating",
            "right": "country",
            "kind": "bidirected",
            "confidence": 0.51,
            "sentence": "Found in 26 of 50 resamples.",
        },
    ],
}
NUMBERS = {
    "numbers": [
        {"edge": ["age", "algorithm", "directed"], "text": "(0.04)", "sentence": "One unit more of age does little."},
        {"edge": ["clicks", "engagement", "directed"], "text": "0.5", "sentence": "Not drawn."},
    ]
}
MARKED = {
    "small": MARKS,
    "numbers": NUMBERS,
    "feed": FEED_MARKS,
    "removed": {"removed": [["age", "clicks", "bidirected"]]},
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
    "feed": FEED,
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
        "nodes": [
            {"name": f"variable {i}", "role": {0: "treatment", 99: "outcome"}.get(i), "x": None, "y": None}
            for i in range(100)
        ],
        "directed": [[f"variable {i}", f"variable {j}"] for i in range(100) for j in (i + 7, i + 13) if j < 100],
        "bidirected": [],
    },
}

scene = st.query_params.get("scene", "small")
held = st.session_state
held.setdefault("document", SCENES[scene])
held.setdefault("revision", 1)
held.setdefault("dismissed", [])


def accept(document: dict[str, Any], revision: int) -> str | None:
    if any(node["name"] == "forbidden" for node in document["nodes"]):
        return "A variable cannot be called forbidden."
    if revision == held["revision"]:
        held["document"] = document
    return None


def load_another() -> None:
    held["document"] = {"nodes": [{"name": "imported", "role": None, "x": 0, "y": 0}], "directed": [], "bidirected": []}
    held["revision"] += 1


def reading() -> dict[str, Any]:
    """What the graph says, read anew after each edit; or the few colours of READING."""
    asked = st.query_params.get("reading")
    if asked == "fixed":
        return READING
    graph = CausalGraph.from_document(held["document"])
    names = [(graph.with_role_of(role) or ("",))[0] for role in ("treatment", "outcome")]
    return read_graph(graph, Question(*names, control=0, treated=1)).document if asked else {}


def marks() -> dict[str, Any]:
    asked = st.query_params.get("marks")
    return {**MARKED[asked], "dismissed": held["dismissed"]} if asked else {}


st.set_page_config(page_title="Graph canvas", layout="wide")
if not st.toggle("Hide"):
    graph_editor(
        held["document"],
        key="canvas",
        revision=held["revision"],
        columns=["age", "country", "device", "clicks"],
        reading=reading(),
        marks=marks(),
        read_only="read_only" in st.query_params,
        on_change=accept,
        on_dismiss=lambda pairs: held.update(dismissed=pairs),
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
    st.text("dismissed: " + ", ".join(f"{a} ~ {b}" for a, b in held["dismissed"]))
    st.text("places: " + json.dumps({node["name"]: [node["x"], node["y"]] for node in document["nodes"]}))
