"""The page that suggests a graph: a proposal that is kept, says what it is, and changes nothing by itself."""

from __future__ import annotations

import json

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from causal.archive.contents import graph_of
from causal.discovery.knowledge import Knowledge
from causal.discovery.proposal import DiscoveryOptions, propose_graph
from causal.wording.proposal import NEVER_THE_TRUTH, edge_rows, proposal_headline
from pages.ui import answers
from tests.pages import walk
from tests.pages.work_here import WorkHere
from tests.text.model_server import chat, serving


def searched(app: AppTest) -> AppTest:
    """The tab once the search that is offered has ended."""
    app.button("search").click().run()
    return walk.ended(app)


@pytest.fixture
def app() -> AppTest:
    app = walk.turned(walk.sample_study("classic"), "suggest")
    return walk.calm(walk.widget(app, "resamples").set_value(20).run())


def study_of(app: AppTest):
    return answers.store().load(walk.study_id(app)).study


def test_the_roles_of_the_graph_say_what_came_first(app: AppTest) -> None:
    assert walk.widget(app, "names").value == ["age", "gender", "algorithm", "engagement"]
    assert [walk.widget(app, f"tier {place}").value for place in range(4)] == [
        ["age", "gender"],
        ["algorithm"],
        ["engagement"],
        [],
    ]


def test_the_proposal_is_that_of_propose_graph_and_is_never_taken_for_the_truth(app: AppTest) -> None:
    before = study_of(app).graph
    searched(app)
    table = answers.table_of(study_of(app))
    known = Knowledge(tiers=(("age", "gender"), ("algorithm",), ("engagement",), ()))
    wanted = propose_graph(table, walk.widget(app, "names").value, known, DiscoveryOptions(resamples=20))
    assert walk.finding(app) == proposal_headline(wanted)
    assert walk.plain(app.info[0].value) == NEVER_THE_TRUTH
    shown = app.dataframe[0].value.to_dict("records")
    drawn = graph_of(study_of(app))
    assert [each["confidence"] for each in shown] == [100 * each["confidence"] for each in edge_rows(wanted, drawn)]
    assert study_of(app).graph == before
    proposed = json.loads(app.get("bidi_component")[0].proto.json)["marks"]["proposed"]
    assert [(each["left"], each["right"]) for each in proposed] == [(each.left, each.right) for each in wanted.edges]


def test_a_proposal_is_found_again_after_a_refresh_and_beside_a_changed_form(app: AppTest) -> None:
    said = walk.finding(searched(app))
    again = walk.opened(walk.study_id(app), "suggest")
    assert walk.finding(again) == said
    assert walk.finding(walk.calm(walk.widget(again, "method").set_value("pc").run())) == said
    assert walk.finding(searched(again)).startswith("PC proposes")


def test_a_column_stands_in_one_tier_only(app: AppTest) -> None:
    walk.calm(walk.widget(app, "tier 1").set_value(["algorithm", "gender"]).run())
    assert walk.widget(app, "tier 0").value == ["age"]
    assert walk.widget(app, "tier 1").value == ["algorithm", "gender"]


def test_what_contradicts_itself_is_a_sentence(app: AppTest) -> None:
    walk.calm(walk.widget(app, "required").set_value([("engagement", "age")]).run())
    walk.calm(app.button("search").click().run())
    assert "is required and forbidden at once" in walk.errors(app)


def test_lingam_leaves_out_what_is_no_number_and_says_so(app: AppTest) -> None:
    walk.calm(walk.widget(app, "method").set_value("lingam").run())
    assert "no number with more than two values" in walk.plain(walk.texts(app))
    assert "between 2 columns" in walk.finding(searched(app))


def test_a_search_among_one_column_is_refused_with_the_reason(app: AppTest) -> None:
    walk.calm(walk.widget(app, "names").set_value(["age"]).run())
    searched(app)
    assert "A search takes 2 to 60 different columns; 1 were named." in walk.errors(app)


def told(app: AppTest, value: dict) -> AppTest:
    """The page after the canvas sent this; AppTest itself knows no components."""
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=app.get("bidi_component")[0].proto.id, json_value=json.dumps(value)))
    return walk.calm(app._run(states))


def sent(app: AppTest) -> dict:
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_an_accepted_edge_is_an_edit_of_the_graph_like_any_other(app: AppTest) -> None:
    data = sent(searched(app))
    document = data["doc"] | {"directed": [each for each in data["doc"]["directed"] if each[0] != "gender"]}
    told(app, {"doc": {"doc": document, "op": "test", "seq": 1, "pyrev": data["pyrev"]}})
    assert ("gender", "algorithm") not in graph_of(study_of(app)).directed
    assert "not drawn" in app.dataframe[0].value["in your graph"].tolist()
    assert "graph" in study_of(app).view["checked"]


def test_what_is_dismissed_stays_so_after_a_refresh_and_another_search(app: AppTest) -> None:
    searched(app)
    told(app, {"dismissed": {"pairs": [["age", "algorithm"]], "seq": 1}})
    assert study_of(app).view["dismissed"] == [["age", "algorithm"]]
    again = walk.opened(walk.study_id(app), "suggest")
    assert sent(again)["marks"]["dismissed"] == [["age", "algorithm"]]
    walk.calm(walk.widget(again, "method").set_value("pc").run())
    assert sent(searched(again))["marks"]["dismissed"] == [["age", "algorithm"]]


def test_a_model_s_arrows_are_marked_and_change_nothing_by_themselves(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = "age -> algorithm: older users are moved first\nalgorithm -> salary: no such column\n<b>x</b>"
    with serving(lambda _asked, _body: (200, {}, chat(says))) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "small")
        monkeypatch.setattr("pages.ui.answers.work.pool", lambda: WorkHere(answers.store()))
        before = study_of(app).graph
        app.run()
        assert asked.requests == []
        walk.calm(app.button("send edges").click().run())
        [(_, _, body)] = asked.requests
        sent = body["messages"][-1]["content"]
        assert all(name in sent for name in ("age", "gender", "algorithm", "engagement"))
        assert "new" not in sent  # no level of a column is sent, nor any other value
    assert "small suggests 1 arrow" in walk.plain(walk.texts(app))
    assert list(app.dataframe[-1].value["reason"]) == ["older users are moved first"]
    assert study_of(app).graph == before
