from causal.graphs.causal_graph import CausalGraph
from causal.graphs.difference import graph_difference

BEFORE = CausalGraph.from_edges([("x", "t"), ("t", "y"), ("x", "y"), ("a", "t")], bidirected=[("t", "y")])


def test_moving_a_card_makes_no_difference():
    assert graph_difference(BEFORE, BEFORE.with_position("x", 3, 4)).same


def test_edges_are_added_removed_and_turned_each_once():
    after = BEFORE.without_edge("a", "t").with_edge("t", "a").without_edge("x", "y").with_edge("x", "y", "bidirected")
    found = graph_difference(BEFORE, after)
    assert found.turned == (("t", "a"),)
    assert found.added == (("x", "y", "bidirected"),)
    assert found.removed == (("x", "y", "directed"),)
    back = graph_difference(after, BEFORE)
    assert (back.turned, back.added, back.removed) == ((("a", "t"),), found.removed, found.added)


def test_variables_roles_and_forced_ones_are_told():
    after = BEFORE.without_node("a").with_node("b").with_role("x", "confounder").with_forced("x")
    found = graph_difference(BEFORE, after)
    assert (found.new_variables, found.gone_variables) == (("b",), ("a",))
    assert found.roles == (("x", None, "confounder"),)
    assert found.forced == ("x",)
    assert graph_difference(after, BEFORE).freed == ("x",)
    assert found.removed == (("a", "t", "directed"),)
