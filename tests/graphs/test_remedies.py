"""What would help is tried before it is said, and nothing is said where nothing has to be mended."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import identify, joint_formula
from causal.graphs.remedies import remedies
from causal.study import Question
from tests.graphs.random_graphs import small_graphs

QUESTION = Question("t", "y")


def sentences(graph):
    return [each.sentence for each in remedies(graph, QUESTION)]


def test_recording_the_hidden_cause_is_said_by_its_name_or_by_what_it_joins():
    named = CausalGraph.from_edges([("u", "t"), ("u", "y"), ("t", "y")], latent=["u"])
    assert sentences(named)[0] == 'Record "u", and add it to the log.'
    arc = CausalGraph.from_edges([("t", "y")], [("t", "y")])
    assert sentences(arc)[0] == 'Record the hidden common cause of "t" and "y", and add it to the log.'
    assert [each.estimand.strategy for each in remedies(arc, QUESTION)] == ["backdoor", "frontdoor", "instrument"]


def test_two_hidden_causes_are_named_together_where_one_does_not_help():
    graph = CausalGraph.from_edges([("t", "y"), ("u", "t"), ("u", "y"), ("v", "t"), ("v", "y")], latent=["u", "v"])
    assert sentences(graph)[0] == 'Record "u" and "v", and add it to the log.'


def test_marks_that_stand_in_the_way_are_named():
    forced = CausalGraph.from_edges([("t", "m"), ("m", "y")], forced=["m"])
    assert 'Do not adjust for "m" in any case.' in sentences(forced)
    selected = CausalGraph.from_edges([("t", "y"), ("y", "s")], selected=["s"])
    assert any("a log of all rows" in each for each in sentences(selected))


def test_nothing_is_said_of_an_identified_effect_or_of_a_question_off_the_graph():
    assert sentences(CausalGraph.from_edges([("t", "y")])) == []
    assert sentences(CausalGraph.from_edges([("t", "m")])) == []


@settings(max_examples=60, deadline=None)
@given(small_graphs(), st.data())
def test_there_are_remedies_only_where_the_effect_is_not_identified(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    question = Question(treatment, outcome)
    found = remedies(graph, question)
    try:
        identify(graph, question)
    except NotIdentified:
        return
    assert found == ()


def test_the_formula_of_several_variables_at_once():
    graph = CausalGraph.from_edges([("t", "m"), ("m", "y")], [("t", "y")])
    assert "do" in joint_formula(graph, ("t",), ("m", "y"))
    with pytest.raises(NotIdentified, match="No formula gives the joint effect"):
        joint_formula(CausalGraph.from_edges([("t", "y"), ("t", "z")], [("t", "y")]), ("t",), ("y", "z"))
    with pytest.raises(NotIdentified, match="a joint effect needs a log of all rows"):
        joint_formula(CausalGraph.from_edges([("t", "y"), ("t", "s")], selected=["s"]), ("t",), ("y",))
