"""The layered layout: every variable has a place, causes come first, and no card covers another."""

import time

from hypothesis import given, settings

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.layout import CARD_HEIGHT, ONE_CARD, in_pixels, laid_out
from tests.graphs.random_graphs import small_graphs
from tests.hang import SECONDS_OF_A_HANG


@settings(max_examples=60, deadline=None)
@given(small_graphs())
def test_causes_come_before_their_effects_and_no_card_covers_another(graph):
    for downwards in (False, True):
        drawn = laid_out(graph, dict.fromkeys(graph.nodes, 120.0), downwards)
        places = {name: (x, y) for name, x, y in drawn.positions}
        assert set(places) == set(graph.nodes)
        assert drawn.without_positions() == graph.without_positions()
        axis = 1 if downwards else 0
        assert all(places[cause][axis] < places[effect][axis] for cause, effect in graph.directed)
        for one in graph.nodes:
            for other in graph.nodes:
                if one < other:
                    (ax, ay), (bx, by) = places[one], places[other]
                    assert abs(ax - bx) >= 120 or abs(ay - by) >= CARD_HEIGHT


def test_an_empty_graph_has_an_empty_layout():
    assert laid_out(CausalGraph(), {}).positions == ()


def test_five_hundred_variables_are_laid_out_at_once():
    edges = [(f"v{first}", f"v{first + step}") for first in range(400) for step in (1, 7, 50)]
    graph = CausalGraph.from_edges(edges)
    start = time.process_time()
    laid_out(graph, dict.fromkeys(graph.nodes, 100.0))
    assert time.process_time() - start < SECONDS_OF_A_HANG


def test_positions_in_other_units_are_stretched_and_pixels_are_left_alone():
    dagitty = CausalGraph.parse('dag { a [pos="-1.2,0.3"] b [pos="1.1,0.3"] c [pos="0,-0.8"] a -> b }')
    places = {name: (x, y) for name, x, y in in_pixels(dagitty).positions}
    assert places["b"][0] - places["a"][0] > ONE_CARD and places["a"][1] == places["b"][1]
    assert in_pixels(in_pixels(dagitty)) == in_pixels(dagitty)
    heap = CausalGraph.parse('dag { a [pos="1,1"] b [pos="1,1"] a -> b }')
    assert in_pixels(heap).positions == ()
    assert in_pixels(CausalGraph()) == CausalGraph()
