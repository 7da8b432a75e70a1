from hypothesis import given, settings
from hypothesis import strategies as st

from causal.graphs.adjustment import forbidden_variables, graph_without_effect
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.instruments import Instrument, instruments
from causal.graphs.separation import is_separated
from tests.graphs.random_graphs import small_graphs, subsets


def test_the_classic_instrument():
    graph = CausalGraph.from_edges([("z", "x"), ("x", "y"), ("u", "x"), ("u", "y")], latent=["u"])
    assert instruments(graph, "x", "y") == [Instrument("z", frozenset())]


def test_an_instrument_that_is_confounded_is_one_given_the_confounder():
    graph = CausalGraph.from_edges([("w", "z"), ("w", "y"), ("z", "x"), ("x", "y")], [("x", "y")])
    assert instruments(graph, "x", "y") == [Instrument("z", frozenset({"w"}))]
    assert instruments(graph.with_role("w", "unobserved"), "x", "y") == []


def test_an_unobserved_variable_is_never_an_instrument():
    graph = CausalGraph.from_edges([("z", "x"), ("x", "y")], [("x", "y")], latent=["z"])
    assert instruments(graph, "x", "y") == []


def test_a_second_way_to_the_outcome_spoils_an_instrument():
    graph = CausalGraph.from_edges([("z", "x"), ("x", "y"), ("z", "y")], [("x", "y")])
    assert instruments(graph, "x", "y") == []


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5), st.data())
def test_instruments_are_those_with_an_ancestral_set_by_brute_force(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    remaining = graph_without_effect(graph, treatment, outcome)
    barred = forbidden_variables(graph, treatment, outcome) | graph.descendants_and_self(outcome) | {treatment}

    def valid(name, given_names):
        separated = is_separated(remaining, name, outcome, given_names)
        return separated and not is_separated(remaining, name, treatment, given_names)

    found = instruments(graph, treatment, outcome)
    assert all(valid(each.name, each.given) and not each.given & (barred | graph.latent) for each in found)
    expected = set()
    for name in graph.observed - {treatment, outcome}:
        usable = (remaining.ancestors_and_self([name, outcome]) & graph.observed) - barred - {name}
        if any(valid(name, each) for each in subsets(usable)):
            expected.add(name)
    assert {each.name for each in found} == expected
