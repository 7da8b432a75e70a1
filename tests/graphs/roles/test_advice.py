from causal.graphs.causal_graph import CausalGraph
from causal.graphs.roles.advice import advice


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
