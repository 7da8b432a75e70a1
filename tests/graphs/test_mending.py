import pytest

from causal.errors import CyclicGraph
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.mending import mended
from causal.study import Question

QUESTION = Question("t", "y")
GRAPH = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("z", "t"), ("w", "y")])


@pytest.mark.parametrize(
    ("edge", "change"),
    [
        (("x", "z", "directed"), "none"),
        (("z", "w", "bidirected"), "none"),  # w, which y depends on, is adjusted for anyway
        (("z", "y", "directed"), "other columns"),
        (("t", "w", "directed"), "other columns"),  # w becomes a step on the way
        (("t", "y", "bidirected"), "other strategy"),
    ],
)
def test_an_edge_changes_the_answer_or_not(edge, change):
    assert mended(GRAPH, QUESTION, *edge).change == change


def test_a_hidden_cause_without_an_instrument_loses_the_answer():
    bow = mended(CausalGraph.from_edges([("t", "y")]), QUESTION, "t", "y", "bidirected")
    assert (bow.change, bow.estimand) == ("lost", None)


def test_an_effect_that_was_not_identified_stays_so_without_a_change():
    hidden = CausalGraph.from_edges([("t", "y"), ("x", "t")], bidirected=[("t", "y"), ("x", "y")])
    assert mended(hidden, QUESTION, "t", "x", "bidirected").change == "none"


def test_a_circle_is_refused():
    with pytest.raises(CyclicGraph):
        mended(GRAPH, QUESTION, "y", "x", "directed")
