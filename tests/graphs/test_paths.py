from hypothesis import given, settings
from hypothesis import strategies as st

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.paths import _edges_of_biasing_walks, each_path, open_path, path_colours, paths_between
from causal.graphs.separation import is_separated
from tests.graphs.random_graphs import small_graphs

M_BIAS = CausalGraph.from_edges([("a", "t"), ("a", "m"), ("b", "m"), ("b", "y"), ("t", "y")])


def test_paths_say_what_they_carry_and_what_blocks_them():
    listed = paths_between(M_BIAS, "t", "y")
    assert listed.complete
    assert [(each.path.text, each.path.causal, each.open, each.blocked_by) for each in listed.readings] == [
        ("t → y", True, True, ()),
        ("t ← a → m ← b → y", False, False, ("m",)),
    ]
    assert paths_between(M_BIAS, "t", "y", ["m", "b"]).readings[1].blocked_by == ("b",)


def test_the_limit_is_kept_and_said():
    names = [f"v{number}" for number in range(12)]
    graph = CausalGraph.from_edges([(left, right) for left in names for right in names if left < right])
    listed = paths_between(graph, "v0", "v9", limit=20)
    assert len(listed.readings) == 20
    assert not listed.complete


def test_colours_follow_what_is_adjusted_for():
    causal = frozenset({("t", "y", "directed")})
    assert path_colours(M_BIAS, "t", "y").causal == causal
    assert path_colours(M_BIAS, "t", "y").biasing == frozenset()
    assert len(path_colours(M_BIAS, "t", "y", ["m"]).biasing) == 4


def test_a_held_variable_is_passed_by_the_edge_that_makes_it_a_collider():
    graph = CausalGraph.from_edges([("b", "c")], [("a", "b"), ("b", "c")])
    assert open_path(graph, "a", "c").text == "a ↔ b → c"
    assert open_path(graph, "a", "c", ["b"]).text == "a ↔ b ↔ c"


def test_a_bidirected_edge_has_its_own_colour():
    graph = CausalGraph.from_edges([("t", "y")], [("t", "y")])
    assert path_colours(graph, "t", "y").biasing == {("t", "y", "bidirected")}
    assert path_colours(graph, "y", "t").biasing == {("t", "y", "bidirected"), ("t", "y", "directed")}


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5), st.data())
def test_open_paths_and_separation_agree(graph, data):
    names = data.draw(st.permutations(graph.nodes))
    held = frozenset(names[2 : data.draw(st.integers(2, len(names)))])
    readings = paths_between(graph, names[0], names[1], held).readings
    opened = [each.path for each in readings if each.open]
    assert len({each.path for each in readings}) == len(list(each_path(graph, names[0], names[1])))
    assert bool(opened) != is_separated(graph, names[0], names[1], held)
    found = open_path(graph, names[0], names[1], held)
    assert found in opened if opened else found is None
    assert path_colours(graph, names[0], names[1], held).biasing <= _edges_of_biasing_walks(
        graph, names[0], names[1], held
    )


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5))
def test_every_path_comes_once_and_the_shortest_first(graph):
    found = list(each_path(graph, graph.nodes[0], graph.nodes[1]))
    assert {each.text for each in found} == set(walks_without_repeats(graph, graph.nodes[0], graph.nodes[1]))
    assert len({each.text for each in found}) == len(found)
    lengths = [len(each.nodes) for each in found]
    assert lengths == sorted(lengths)


def walks_without_repeats(graph, start, end, met=()):
    if start == end:
        return [end]
    steps = [
        *((" → ", child) for child in graph.children_of[start]),
        *((" ← ", parent) for parent in graph.parents_of[start]),
        *((" ↔ ", sibling) for sibling in graph.siblings_of[start]),
    ]
    return [
        f"{start}{arrow}{rest}"
        for arrow, name in steps
        if name not in met
        for rest in walks_without_repeats(graph, name, end, (*met, start))
    ]
