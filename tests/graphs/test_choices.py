"""The list of sets to choose from holds every minimal set, the default first, and marks the most precise."""

from hypothesis import given, settings
from hypothesis import strategies as st

from causal.graphs.adjustment import adjustment_sets, optimal_adjustment_set
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.choices import adjustment_choices, may_adjust_for
from causal.graphs.identification import chosen_adjustment_set
from tests.graphs.random_graphs import small_graphs


@settings(max_examples=80, deadline=None)
@given(small_graphs(), st.data())
def test_all_minimal_sets_are_listed_and_the_default_comes_first(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    found = adjustment_choices(graph, treatment, outcome, limit=100)
    names = [frozenset(each.names) for each in found.choices]
    minimal = set(adjustment_sets(graph, treatment, outcome))
    assert found.complete and minimal <= set(names) and len(names) == len(set(names))
    assert bool(names) == bool(minimal)
    if names:
        assert names[0] == chosen_adjustment_set(graph, treatment, outcome) and found.choices[0].by_default
        assert {frozenset(each.names) for each in found.choices if each.optimal} <= {
            optimal_adjustment_set(graph, treatment, outcome)
        }
        assert all(may_adjust_for(graph, treatment, outcome, each.names) for each in found.choices)


def test_a_limit_is_kept_and_said():
    edges = [edge for i in range(5) for edge in ((f"a{i}", "t"), (f"a{i}", f"b{i}"), (f"b{i}", "y"))]
    found = adjustment_choices(CausalGraph.from_edges([*edges, ("t", "y")]), "t", "y", limit=4)
    assert not found.complete and len(found.choices) in (4, 5)
    assert found.choices[0].names == ("b0", "b1", "b2", "b3", "b4") and found.choices[0].optimal


def test_several_treatments_have_sets_but_no_default():
    graph = CausalGraph.from_edges([("x", "a"), ("x", "b"), ("x", "y"), ("a", "y"), ("b", "y")])
    found = adjustment_choices(graph, ("a", "b"), ("y",))
    assert [each.names for each in found.choices] == [("x",)] and not found.choices[0].by_default


def test_a_set_must_hold_what_is_adjusted_for_in_any_case_and_be_of_the_graph():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("w", "y")], forced=["w"])
    assert may_adjust_for(graph, "t", "y", ("w", "x"))
    assert not may_adjust_for(graph, "t", "y", ("x",))
    assert not may_adjust_for(graph, "t", "y", ("w", "x", "gone"))
