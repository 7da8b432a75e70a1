from hypothesis import given, settings

from causal.graphs.adjustment import forbidden_variables, graph_without_effect
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.paths import each_path, read_path
from causal.graphs.roles.advice import advice
from tests.graphs.random_graphs import small_graphs, subsets


def said(graph):
    return {each.name: (each.verdict, each.reason) for each in advice(graph, "t", "y")}


def test_each_kind_of_variable_gets_its_verdict_and_reason():
    graph = CausalGraph.from_edges(
        [
            ("x", "t"), ("x", "y"), ("t", "m"), ("m", "y"), ("m", "d"), ("y", "after"), ("z", "t"), ("w", "y"),
            ("a", "t"), ("a", "c"), ("b", "c"), ("b", "y"),
        ],
        latent=["a", "b"],
        nodes=["alone"],
    )  # fmt: skip
    found = said(graph)
    assert found["x"] == ("adjust", 'Without "x" the path t ← x → y is open and biases the effect.')
    assert found["m"][0] == "must not adjust" and "mediator" in found["m"][1]
    assert found["d"][0] == "must not adjust" and 'effect of the mediator "m"' in found["d"][1]
    assert found["after"][0] == "must not adjust" and 'effect of the outcome "y"' in found["after"][1]
    assert found["c"][0] == "must not adjust" and "t ← a → c ← b → y" in found["c"][1]
    assert found["z"][0] == "must not adjust" and "amplifies" in found["z"][1]
    assert found["w"][0] == "may adjust" and "more precise" in found["w"][1]
    assert found["alone"] == ("may adjust", '"alone" is not needed, and it does no harm.')
    assert found["a"][0] == "must not adjust" and "unobserved" in found["a"][1]
    assert "t" not in found and "y" not in found


def test_a_variable_of_another_valid_set_may_stand_in():
    graph = CausalGraph.from_edges([("a", "t"), ("a", "b"), ("b", "y"), ("t", "y")])
    assert said(graph)["a"] == (
        "may adjust",
        '"a" can stand in for a variable of the chosen set: it is part of another valid set.',
    )


def test_where_no_set_helps_the_open_path_is_named():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("z", "t")], [("t", "y")])
    found = said(graph)
    assert found["x"][0] == "may adjust" and "t ↔ y stays open" in found["x"][1]
    assert found["z"][0] == "must not adjust" and "is an instrument" in found["z"][1]


def test_forced_and_selected_variables_say_so():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("x", "s")], selected=["s"], forced=["x"])
    assert "in any case" in said(graph)["x"][1]
    assert "held fixed already" in said(graph)["s"][1]


def test_a_collider_is_not_said_to_leave_open_what_it_opens_itself():
    napkin = CausalGraph.from_edges([("w", "z"), ("z", "t"), ("t", "y")], [("w", "t"), ("w", "y")])
    assert said(napkin)["w"] == ("must not adjust", 'Adjusting for "w" opens the path t ↔ w ↔ y, which was closed.')


def test_an_effect_of_the_treatment_alone_amplifies_nothing():
    verdict, reason = said(CausalGraph.from_edges([("t", "y"), ("t", "d")]))["d"]
    assert verdict == "may adjust" and "amplifies" not in reason and "costs precision" in reason


@settings(deadline=None, max_examples=150)
@given(small_graphs())
def test_a_path_said_to_stay_open_is_open_whatever_is_adjusted_for(graph):
    t, y = sorted(graph.nodes)[:2]
    remaining = graph_without_effect(graph, t, y)
    paths = {path.text: path for path in each_path(remaining, t, y)}
    free = graph.observed - {t, y} - forbidden_variables(graph, t, y)
    for each in advice(graph, t, y):
        if "whatever is adjusted for" in each.reason:
            path = paths[each.reason.split("the path ")[1].removesuffix(" stays open.")]
            assert all(read_path(remaining, path, names).open for names in subsets(free))
