import json

import pytest

from causal.archive.store import StudyStore
from causal.checks.graph_fit import GraphFit, GraphFitOptions, graph_fit
from causal.discovery.knowledge import Knowledge
from causal.discovery.proposal import DiscoveryOptions, Proposal, propose_graph
from causal.errors import CovariateProblem
from causal.jobs.kinds import Workroom, kind_named
from tests.discovery.simulated_nets import LINEAR, linear

TABLE = linear(400)


@pytest.fixture
def room(tmp_path):
    return Workroom(StudyStore(tmp_path))


def run(room, kind, **payload):
    told, stages = [], []
    payload = json.loads(json.dumps({"table_sha": room.store.put_table(TABLE), **payload}))
    kind_named(kind).run(room, payload, lambda share, stage: stages.append(stage), told.append)
    return json.loads(json.dumps(told, allow_nan=False)), stages


def test_discover_tells_the_proposal_of_propose_graph(room):
    knowledge = {"tiers": [["a"], ["e"]], "forbidden": [["b", "e"]], "required": []}
    told, stages = run(
        room, "discover", names=list(TABLE.names), knowledge=knowledge, options={"method": "pc", "resamples": 3}
    )
    options = DiscoveryOptions(method="pc", resamples=3)
    assert [Proposal.from_json(each) for each in told] == [
        propose_graph(TABLE, TABLE.names, Knowledge(**knowledge), options)
    ]
    assert stages[0] == "reading the table"
    assert "resample 3 of 3" in stages


def test_what_cannot_be_searched_is_a_sentence(room):
    with pytest.raises(CovariateProblem, match="A search takes 2 to 60 different columns; 1 were named"):
        run(room, "discover", names=["a"], knowledge={}, options={})


def test_check_graph_tells_the_fit_of_graph_fit(room):
    told, stages = run(room, "check graph", graph=LINEAR.to_text("json"), options={"relabellings": 20})
    assert [GraphFit.from_json(each) for each in told] == [graph_fit(TABLE, LINEAR, GraphFitOptions(relabellings=20))]
    assert stages[-1] == "done"
