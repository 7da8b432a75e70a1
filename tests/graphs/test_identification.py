import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import NotIdentified, UnknownNode
from causal.graphs.adjustment import adjustment_sets
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.graphs.identification import estimand_adjusting_for, identify
from causal.study import Question
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import found_means, truth
from tests.hang import SECONDS_OF_A_HANG

ASKED = Question("t", "y")
CONFOUNDED = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])


def test_confounding_is_adjusted_for():
    found = identify(CONFOUNDED, ASKED)
    assert (found.strategy, found.adjust_for) == ("backdoor", ("x",))
    assert found.sentence == 'Adjusting for "x" blocks every biasing path, such as t ← x → y.'
    assert found.formula.endswith(r"\sum_{\text{x}} P(\text{y} \mid \text{t}, \text{x}) P(\text{x})")
    assert any("Nothing unrecorded causes both" in each for each in found.assumptions)


def test_no_chain_of_arrows_is_no_effect():
    found = identify(CausalGraph.from_edges([("x", "t"), ("x", "y")]), ASKED)
    assert found.strategy == "no_effect"
    assert "zero" in found.sentence


def test_the_set_of_smallest_variance_is_chosen_where_all_is_observed():
    graph = CausalGraph.from_edges([("a", "t"), ("a", "b"), ("b", "y"), ("t", "y"), ("w", "y")])
    assert identify(graph, ASKED).adjust_for == ("b", "w")


def test_the_smallest_then_first_set_is_chosen_where_something_is_hidden():
    graph = CausalGraph.from_edges([("a", "t"), ("a", "b"), ("b", "y"), ("t", "y"), ("w", "y")], [("w", "y")])
    assert identify(graph, ASKED).adjust_for == ("a",)


def test_an_effect_of_the_treatment_that_must_be_held_makes_it_general_adjustment():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("t", "d")], forced=["d"])
    found = identify(graph, ASKED)
    assert (found.strategy, found.adjust_for) == ("adjustment", ("d", "x"))


def test_the_front_door():
    found = identify(CausalGraph.from_edges([("t", "m"), ("m", "y")], [("t", "y")]), ASKED)
    assert (found.strategy, found.mediators, found.adjust_for) == ("frontdoor", ("m",), ())
    assert r"\sum_{\text{t}'}" in found.formula


def test_what_only_the_identification_algorithm_finds():
    napkin = CausalGraph.from_edges([("w", "z"), ("z", "t"), ("t", "y")], [("w", "t"), ("w", "y")])
    found = identify(napkin, ASKED)
    assert found.strategy == "id"
    assert np.allclose(found_means(napkin, found.expression, "t", "y", 2), truth(napkin, "t", "y", 2), atol=1e-12)


def test_a_bow_is_an_instrument_or_nothing():
    bow = CausalGraph.from_edges([("t", "y"), ("z", "t")], [("t", "y")])
    found = identify(bow, ASKED)
    assert (found.strategy, found.instruments, found.adjust_for) == ("instrument", ("z",), ())
    assert any(each.startswith("More than the graph") for each in found.assumptions)
    with pytest.raises(NotIdentified, match="t ↔ y stays open") as caught:
        identify(bow.without_node("z"), ASKED)
    assert "(a hedge)" in caught.value.reason


def test_conditional_instruments_come_with_what_they_are_valid_given():
    graph = CausalGraph.from_edges([("w", "z"), ("w", "y"), ("z", "t"), ("t", "y")], [("t", "y")])
    found = identify(graph, ASKED)
    assert (found.strategy, found.instruments, found.adjust_for) == ("instrument", ("z",), ("w",))


def test_an_unobserved_end_cannot_be_asked_about():
    with pytest.raises(NotIdentified, match='"t" is unobserved'):
        identify(CONFOUNDED.with_role("t", "unobserved"), ASKED)
    with pytest.raises(UnknownNode, match='no variable "z"'):
        identify(CONFOUNDED, Question("t", "z"))


def test_selection_by_the_outcome_is_named():
    graph = CausalGraph.from_edges([*CONFOUNDED.directed, ("y", "s")], selected=["s"])
    with pytest.raises(NotIdentified, match=r'depends on "s".*A log of all rows would do'):
        identify(graph, ASKED)


def test_selection_by_a_confounder_narrows_whom_the_answer_is_for():
    graph = CausalGraph.from_edges([*CONFOUNDED.directed, ("x", "s")], selected=["s"])
    assert any("units like those in the log" in each for each in identify(graph, ASKED).assumptions)


def test_a_forced_mediator_is_named():
    graph = CausalGraph.from_edges([("t", "m"), ("m", "y"), ("x", "t"), ("x", "y")], forced=["m"])
    with pytest.raises(NotIdentified, match='"m" lies on a causal path'):
        identify(graph, ASKED)


def test_a_chosen_set_is_checked():
    assert estimand_adjusting_for(CONFOUNDED, ASKED, ("x",)).adjust_for == ("x",)
    with pytest.raises(NotIdentified, match="t ← x → y stays open"):
        estimand_adjusting_for(CONFOUNDED, ASKED, ())


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5), st.data())
def test_identify_answers_exactly_where_adjustment_or_id_can(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    if {treatment, outcome} & graph.latent:
        return
    try:
        found = identify(graph, Question(treatment, outcome))
    except NotIdentified:
        assert isinstance(identify_distribution(graph, treatment, outcome), Hedge)
        return
    if found.strategy in ("backdoor", "adjustment"):
        assert frozenset(found.adjust_for) <= graph.observed
        assert adjustment_sets(graph, treatment, outcome)
    if found.strategy == "instrument":
        assert isinstance(identify_distribution(graph, treatment, outcome), Hedge)
    else:
        means = found_means(graph, found.expression, treatment, outcome, 11)
        assert np.allclose(means, truth(graph, treatment, outcome, 11), atol=1e-9)


def test_twenty_five_confounders_take_no_time():
    edges = [(f"x{n}", end) for n in range(25) for end in ("t", "y")]
    for arcs in ([], [("x0", "x1")]):
        graph = CausalGraph.from_edges([*edges, ("t", "y")], arcs)
        started = time.process_time()
        assert len(identify(graph, ASKED).adjust_for) == 25
        assert time.process_time() - started < SECONDS_OF_A_HANG


def test_reading_a_graph_loads_no_numerical_library():
    code = (
        "import sys; from causal.graphs import identification, templates; from causal.graphs.roles import advice\n"
        "print([each for each in ('numpy', 'networkx', 'dowhy', 'streamlit') if each in sys.modules])"
    )
    package = "import sys, types; sys.modules['causal'] = types.ModuleType('causal')\n"
    script = f"{package}sys.modules['causal'].__path__ = ['causal']\n{code}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_several_instruments_and_mediators_take_a_verb_of_several():
    proxied = CausalGraph.from_edges([("z", "t"), ("z", "d"), ("t", "y")], [("t", "y")])
    said = identify(proxied, Question("t", "y"))
    assert '"d" and "z" move with "t" and nothing else that matters: instruments.' in said.sentence
    assert said.assumptions[:2] == ('"d" and "z" move with "t".', '"d" and "z" reach "y" through "t" alone.')
    confounded = CausalGraph.from_edges([("t", "m"), ("m", "y"), ("c", "m"), ("c", "y")], [("t", "y")])
    assert 'both "t" and any of "c" and "m".' in identify(confounded, Question("t", "y")).assumptions[1]


def test_what_is_adjusted_for_without_need_says_what_it_is_good_for():
    graph = CausalGraph.from_edges([("p", "y"), ("t", "y"), ("z", "t")])
    said = identify(graph, Question("t", "y")).sentence
    assert said == 'Nothing has to be adjusted for; adjusting for "p" makes the answer more precise.'
    chosen = estimand_adjusting_for(graph, Question("t", "y"), ("z",)).sentence
    assert chosen == 'Nothing has to be adjusted for; adjusting for "z" is valid too.'
