import pytest

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.hedges import hedge_in_words, hedge_of
from causal.graphs.identification import identify
from causal.study import Question
from tests.graphs.test_id_algorithm import IDENTIFIABLE, NOT_IDENTIFIABLE


@pytest.mark.parametrize("name", NOT_IDENTIFIABLE)
def test_a_hedge_is_named_with_both_its_sets(name):
    graph = CausalGraph.parse(NOT_IDENTIFIABLE[name])
    hedge = hedge_of(graph, "X", "Y")
    words = hedge_in_words(graph, hedge)
    assert all(f'"{each}"' in words for each in hedge.outer)
    assert words.startswith("Hidden common causes (")
    assert words.endswith("can differ in the effect (a hedge).")


@pytest.mark.parametrize("name", IDENTIFIABLE)
def test_where_a_formula_exists_there_is_no_hedge(name):
    assert hedge_of(CausalGraph.parse(IDENTIFIABLE[name]), "X", "Y") is None


def test_the_bow_in_words():
    graph = CausalGraph.from_edges([("t", "y")], [("t", "y")])
    with pytest.raises(NotIdentified) as caught:
        identify(graph, Question("t", "y"))
    assert caught.value.reason.endswith(
        'No other formula exists either. Hidden common causes (t ↔ y) hold "t" and "y" together, "y" among them, so '
        "two worlds that agree in every recorded column can differ in the effect (a hedge)."
    )


def test_a_latent_variable_is_a_hidden_common_cause():
    graph = CausalGraph.from_edges([("t", "m"), ("m", "y"), ("u", "t"), ("u", "m")], latent=["u"])
    assert "(m ↔ t)" in hedge_in_words(graph, hedge_of(graph, "t", "y"))


def test_many_hidden_causes_are_not_all_listed():
    names = [f"v{number}" for number in range(9)]
    arcs = [(left, right) for place, left in enumerate(names) for right in names[place + 1 :]]
    graph = CausalGraph.from_edges([*((name, "v8") for name in names[:8])], arcs)
    assert ", …)" in hedge_in_words(graph, hedge_of(graph, "v0", "v8"))
