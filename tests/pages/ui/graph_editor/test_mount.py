"""The canvas without a browser: what an edit, a stale edit and a bad edit do to the graph that Python holds."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

FOLDER = Path(__file__).parents[4] / "pages" / "ui" / "graph_editor"
GRAPH: dict[str, Any] = {
    "nodes": [{"name": "t", "role": "treatment", "x": 0, "y": 0}, {"name": "y", "role": "outcome", "x": 200, "y": 0}],
    "directed": [["t", "y"]],
    "bidirected": [],
}


def page() -> None:
    import streamlit as st

    from pages.ui.graph_editor.mount import graph_editor

    proposed = [{"left": "t", "right": "y", "kind": "directed", "confidence": 0.9, "sentence": "Found."}]

    def keep(document: dict[str, list[object]], revision: int) -> str | None:
        st.session_state["calls"] = [*st.session_state.get("calls", []), revision]
        if len(document["nodes"]) > 3:
            return "Three variables are enough."
        st.session_state["graph"] = document
        return None

    graph_editor(
        st.session_state["graph"],
        key="canvas",
        revision=st.session_state.get("revision", 1),
        columns=["t", "y", "age"],
        reading={"adjust": ["age"]},
        marks={"proposed": proposed, "dismissed": st.session_state.get("dismissed", [])},
        read_only=st.session_state.get("read_only", False),
        on_change=keep,
        on_dismiss=lambda pairs: st.session_state.update(dismissed=pairs),
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page)
    app.session_state["graph"] = copy.deepcopy(GRAPH)
    return app.run()


def sent(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    data: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.json)
    return data


def edit(app: AppTest, document: object, drawn_on: int) -> AppTest:
    """Reruns the page as the browser would after an edit; AppTest itself knows no components."""
    return tell(app, {"doc": {"doc": document, "op": "test", "seq": 1, "pyrev": drawn_on}})


def tell(app: AppTest, value: dict[str, Any]) -> AppTest:
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=app.get("bidi_component")[0].proto.id, json_value=json.dumps(value)))
    return app._run(states)


def with_age() -> dict[str, Any]:
    graph = copy.deepcopy(GRAPH)
    graph["nodes"].append({"name": "age", "role": "confounder", "x": 100, "y": -90})
    graph["directed"] += [["age", "t"], ["age", "y"]]
    return graph


def test_the_canvas_gets_the_document_and_what_is_read_in_it(app: AppTest) -> None:
    data = sent(app)
    assert data["doc"] == GRAPH
    assert data["columns"] == ["t", "y", "age"]
    assert data["reading"] == {"adjust": ["age"]}
    assert data["marks"]["proposed"][0]["confidence"] == 0.9
    assert data["message"] is None


def test_an_edit_reaches_the_caller_and_does_not_push_the_document_back(app: AppTest) -> None:
    before = sent(app)["pyrev"]
    edit(app, with_age(), before)
    assert app.session_state["graph"] == with_age()
    assert app.session_state["calls"] == [1]
    assert sent(app)["pyrev"] == before


def test_a_rerun_does_not_push_the_document_back(app: AppTest) -> None:
    before = sent(app)["pyrev"]
    assert sent(app.run())["pyrev"] == before


def test_a_graph_from_elsewhere_is_pushed(app: AppTest) -> None:
    before = sent(app)["pyrev"]
    app.session_state["graph"] = with_age()
    app.session_state["revision"] = 2
    after = sent(app.run())
    assert after["pyrev"] > before
    assert after["doc"] == with_age()


def test_an_edit_on_an_older_graph_is_dropped(app: AppTest) -> None:
    before = sent(app)["pyrev"]
    app.session_state["revision"] = 2
    app.run()
    edit(app, with_age(), before)
    assert app.session_state["graph"] == GRAPH
    assert "calls" not in app.session_state


def test_an_edit_of_a_canvas_that_outlived_its_session_gets_the_graph_of_this_one(app: AppTest) -> None:
    ahead = sent(app)["pyrev"] + 1_000
    edit(app, with_age(), ahead)
    assert app.session_state["graph"] == GRAPH
    assert sent(app)["pyrev"] > ahead
    assert sent(app)["message"] == "The graph was loaded again in the meantime. Please repeat the last change."


def test_an_edit_that_the_caller_refuses_is_pushed_back_with_its_sentence(app: AppTest) -> None:
    crowd = with_age()
    crowd["nodes"].append({"name": "fourth", "role": None, "x": 0, "y": 0})
    before = sent(app)["pyrev"]
    edit(app, crowd, before)
    refused = sent(app)
    assert refused["message"] == "Three variables are enough."
    assert refused["pyrev"] > before
    assert refused["doc"] == GRAPH
    edit(app, with_age(), refused["pyrev"])
    assert sent(app)["message"] is None
    assert app.session_state["graph"] == with_age()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"directed": [["t", "y"], ["y", "t"]]}, "t → y → t"),
        ({"directed": [["t", "nowhere"]]}, "nowhere"),
        ({"nodes": [{"name": "t"}, {"name": "t"}]}, 'The variable "t" is listed twice'),
        ({"nodes": "none"}, "no graph"),
    ],
)
def test_a_drawing_that_is_no_graph_is_refused_before_the_caller_sees_it(
    app: AppTest, change: dict[str, Any], sentence: str
) -> None:
    edit(app, {**GRAPH, **change}, sent(app)["pyrev"])
    assert sentence in sent(app)["message"]
    assert "calls" not in app.session_state
    assert app.session_state["graph"] == GRAPH


def test_a_read_only_canvas_takes_no_edit(app: AppTest) -> None:
    app.session_state["read_only"] = True
    before = sent(app.run())["pyrev"]
    edit(app, with_age(), before)
    assert app.session_state["graph"] == GRAPH
    assert sent(app)["message"] == "This graph can be looked at, not changed."


def test_a_dismissal_reaches_the_caller_and_the_canvas_learns_that_it_was_heard(app: AppTest) -> None:
    assert sent(app)["heard"] == 0
    tell(app, {"dismissed": {"pairs": [["t", "y"]], "seq": 41}})
    assert app.session_state["dismissed"] == [("t", "y")]
    assert sent(app)["heard"] == 41
    assert sent(app)["marks"]["dismissed"] == [["t", "y"]]
    assert app.session_state["graph"] == GRAPH
    tell(app, {"dismissed": {"pairs": [], "seq": 42}})
    assert sent(app)["heard"] == 42
    assert sent(app)["marks"]["dismissed"] == []


@pytest.mark.parametrize("value", [None, 7, {"pairs": [["t", "y"]]}, {"pairs": ["ty"], "seq": 1}, {"seq": 1}])
def test_a_dismissal_of_another_shape_is_left_alone(app: AppTest, value: object) -> None:
    tell(app, {"dismissed": value})
    assert "dismissed" not in app.session_state
    assert sent(app)["heard"] == 0


def test_the_committed_bundle_was_built_from_the_committed_source() -> None:
    frontend = FOLDER / "frontend"
    files = [frontend / "build.mjs", frontend / "package-lock.json", *(frontend / "src").iterdir()]
    digests = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    built = (FOLDER / "assets" / "SOURCE.sha256").read_text().strip()
    assert built == hashlib.sha256("".join(digests).encode()).hexdigest(), "run: npm ci && npm run build, in frontend/"


def test_the_licences_of_the_bundled_packages_lie_beside_the_bundle() -> None:
    licences = (FOLDER / "assets" / "LICENSES.txt").read_text()
    for package in ("@xyflow/react", "@dagrejs/dagre", "react-dom", "zustand", "d3-zoom"):
        assert f"\n{package} " in licences
