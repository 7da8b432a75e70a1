"""The page that suggests a graph: a proposal that is kept, says what it is, and changes nothing by itself."""

from __future__ import annotations

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.study import Study
from causal.discovery.knowledge import Knowledge
from causal.discovery.proposal import DiscoveryOptions, propose_graph
from causal.wording.proposal import NEVER_THE_TRUTH, edge_rows, proposal_headline
from pages.ui import answers
from tests.pages import walk


def searched(app: AppTest) -> AppTest:
    """The tab once the search that is offered has ended."""
    app.button("search").click().run()
    deadline = time.monotonic() + 60
    while any(each.key == "stop job" for each in app.button):
        assert time.monotonic() < deadline, "the search does not end"
        time.sleep(0.1)
        app.run()
    return walk.calm(app)


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
    drawn = answers.graph_of(study_of(app))
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


def test_an_edge_is_accepted_one_by_one_or_dismissed_for_good(app: AppTest) -> None:
    drawing = {"nodes": [{"name": "algorithm", "role": "treatment"}, {"name": "engagement", "role": "outcome"}]}
    held = answers.store().load(walk.study_id(app))
    bare = json.dumps(drawing | {"directed": [["algorithm", "engagement"]], "bidirected": []})
    answers.store().save(Study.from_json(held.study.to_json() | {"graph": bare}), held.revision, "drew")
    searched(walk.calm(app.run()))
    assert walk.widget(app, "of 4 waiting").value == 0
    walk.calm(app.button("draw age → algorithm").click().run())
    assert ("age", "algorithm") in answers.graph_of(study_of(app)).directed
    walk.calm(app.button("dismiss proposal").click().run())
    assert len(study_of(app).view["dismissed"]) == 1
    assert "2 proposals wait for your word" in walk.texts(walk.opened(walk.study_id(app), "suggest"))
