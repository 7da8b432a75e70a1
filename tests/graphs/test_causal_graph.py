from itertools import pairwise

import pytest

from causal.errors import CyclicGraph, GraphError, UnknownNode
from causal.graphs.causal_graph import CausalGraph

TRIANGLE = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])


def test_equal_content_is_equal_whatever_its_order():
    same = CausalGraph.from_edges([("t", "y"), ("x", "y"), ("x", "t"), ("x", "t")])
    assert same == TRIANGLE
    assert hash(same) == hash(TRIANGLE)
    assert CausalGraph.from_edges([], [("b", "a")]) == CausalGraph.from_edges([], [("a", "b")])


def test_a_circle_is_refused_and_named():
    with pytest.raises(CyclicGraph, match="a → b → c → a") as caught:
        CausalGraph.from_edges([("b", "c"), ("z", "a"), ("c", "a"), ("a", "b"), ("c", "d")])
    assert caught.value.cycle == ("a", "b", "c")


def test_an_arrow_to_itself_is_a_circle():
    with pytest.raises(CyclicGraph, match="a → a"):
        CausalGraph.from_edges([("a", "a")])
    with pytest.raises(GraphError, match='"a" joins it to itself'):
        CausalGraph.from_edges([], [("a", "a")])


def test_unknown_ends_are_refused():
    with pytest.raises(UnknownNode, match='no variable "b"'):
        CausalGraph(nodes=("a",), directed=(("a", "b"),))
    with pytest.raises(UnknownNode, match='no variable "tt"'):
        TRIANGLE.parents("tt")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"nodes": ("",)}, "has no name"),
        ({"nodes": ("a" * 1_001,)}, "1,001 characters"),
        ({"nodes": ("\ud800",)}, "half a character"),
        ({"nodes": (7,)}, "7 is not"),
        ({"nodes": tuple(f"v{n}" for n in range(501))}, "501 variables; at most 500"),
        ({"nodes": ("a", "b"), "directed": ("ab",)}, "no pair of names"),
        ({"nodes": ("a",), "latent": {"a"}, "selected": {"a"}}, "keep one of the two"),
        ({"nodes": ("a",), "latent": {"a"}, "forced": {"a"}}, "cannot be adjusted for"),
        ({"nodes": ("a",), "roles": (("a", "cause"),)}, 'role "cause" is none of'),
        ({"nodes": ("a",), "roles": (("a", "outcome"), ("a", "mediator"))}, "two different roles"),
        ({"nodes": ("a",), "positions": (("a", float("nan"), 0.0),)}, "must be finite"),
    ],
)
def test_parts_that_make_no_graph_are_refused_with_the_reason(parts, message):
    with pytest.raises(GraphError, match=message):
        CausalGraph(**parts)


def test_more_than_five_thousand_edges_are_refused():
    names = [f"v{number:03}" for number in range(110)]
    edges = [(left, right) for left in names for right in names if left < right]
    with pytest.raises(GraphError, match="5,995 edges; at most 5,000"):
        CausalGraph.from_edges(edges)


def test_a_chain_as_long_as_allowed_needs_no_deep_recursion():
    names = [f"v{number:03}" for number in range(500)]
    chain = CausalGraph.from_edges(pairwise(names))
    assert len(chain.ancestors("v499")) == 499
    assert chain.topological_order == tuple(names)


def test_roles_and_sets_say_the_same():
    graph = CausalGraph(nodes=("u", "s"), roles=(("u", "unobserved"),), selected=frozenset({"s"}))
    assert graph.latent == {"u"}
    assert graph.role("s") == "selected"
    assert graph.observed == {"s"}
    assert graph.with_role("u", None).latent == frozenset()


def test_families():
    graph = CausalGraph.from_edges([("a", "b"), ("b", "c")], [("a", "c")])
    assert graph.parents("b") == {"a"}
    assert graph.children("b") == {"c"}
    assert graph.siblings("a") == {"c"}
    assert graph.ancestors("c") == {"a", "b"}
    assert graph.ancestors_and_self("c") == {"a", "b", "c"}
    assert graph.descendants(["a", "b"]) == {"c"}
    assert graph.descendants_and_self("b") == {"b", "c"}


def test_edits_give_a_new_graph_and_leave_the_old():
    grown = TRIANGLE.with_node("m", "mediator", (1, 2)).with_edge("t", "m").with_edge("m", "x", "bidirected")
    assert grown.role("m") == "mediator"
    assert grown.positions == (("m", 1.0, 2.0),)
    assert grown.without_edge("x", "m", "bidirected").without_edge("t", "m").without_node("m") == TRIANGLE
    assert TRIANGLE.renamed("x", "age").renamed("age", "x") == TRIANGLE
    assert TRIANGLE.with_position("x", 3, 4).without_positions() == TRIANGLE
    assert TRIANGLE.with_forced("x").forced == {"x"}


def test_edits_that_make_no_sense_say_why():
    with pytest.raises(CyclicGraph, match="t → y → t"):
        TRIANGLE.with_edge("y", "t")
    with pytest.raises(GraphError, match='already has a variable "t"'):
        TRIANGLE.with_node("t")
    with pytest.raises(GraphError, match='already has a variable "t"'):
        TRIANGLE.renamed("x", "t")
    with pytest.raises(GraphError, match='no edge "y" → "x"'):
        TRIANGLE.without_edge("y", "x")
    with pytest.raises(GraphError, match="is none of"):
        TRIANGLE.with_role("x", "cause")


def test_unobserving_a_forced_variable_lifts_the_force():
    assert TRIANGLE.with_forced("x").with_role("x", "unobserved").forced == frozenset()
