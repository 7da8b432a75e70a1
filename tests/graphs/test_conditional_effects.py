import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import NotIdentified, UnknownNode
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.conditional_effects import conditional_distribution, exchangeable, identify_conditional
from causal.graphs.expression import evaluate
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.study import Question
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import joint_of

ASKED = Question("t", "y")


def true_conditional(graph, treatment, outcome, given, seed):
    """P(outcome = 1 | do(treatment), given): axes treatment, then given in order."""
    levels = []
    for level in (0, 1):
        names, joint = joint_of(graph, seed, {treatment: level})
        kept = (*given, outcome)
        joint = joint.sum(axis=tuple(axis for axis, name in enumerate(names) if name not in kept))
        remaining = [name for name in names if name in kept]
        ordered = joint.transpose([remaining.index(name) for name in kept])
        levels.append(ordered[..., 1] / ordered.sum(axis=-1))
    return np.stack(levels)


def found_conditional(graph, expression, treatment, outcome, given, seed):
    names, joint = joint_of(graph, seed)
    found, values = evaluate(expression, names, joint)
    kept = (treatment, *given, outcome)
    values = values[tuple(slice(None) if name in kept else 0 for name in found)]
    remaining = [name for name in found if name in kept]
    missing = [name for name in kept if name not in remaining]
    values = values.reshape(values.shape + (1,) * len(missing))
    everything = [*remaining, *missing]
    ordered = values.transpose([everything.index(name) for name in kept])
    return np.broadcast_to(ordered, (2,) * len(kept))[..., 1]


@settings(max_examples=60, deadline=None)
@given(small_graphs(most=5), st.data())
def test_every_formula_found_gives_the_effect_among_units_alike(graph, data):
    treatment, outcome, *others = data.draw(st.permutations(graph.nodes))
    names = tuple(sorted(name for name in others if name in graph.observed and data.draw(st.booleans())))
    if {treatment, outcome} & graph.latent:
        return
    expression = conditional_distribution(graph, treatment, outcome, names)
    if isinstance(expression, Hedge):
        assert names or isinstance(identify_distribution(graph, treatment, outcome), Hedge)
        return
    found = found_conditional(graph, expression, treatment, outcome, names, 5)
    assert np.allclose(found, true_conditional(graph, treatment, outcome, names, 5), atol=1e-9)


def test_a_confounder_may_be_set_instead_of_seen():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])
    found = identify_conditional(graph, ASKED, ["x"])
    assert (found.given, found.exchanged) == (("x",), ("x",))
    assert found.sentence == 'Seeing "x" says the same as setting it.'
    assert found.formula.endswith(r"\text{x}) = P(\text{y} \mid \text{t}, \text{x})")


def test_what_comes_after_the_outcome_is_divided_out():
    graph = CausalGraph.from_edges([("t", "y"), ("t", "z"), ("y", "z"), ("x", "y")])
    found = identify_conditional(graph, ASKED, ["z", "x"])
    assert found.exchanged == ("x",)
    assert "\\frac" in found.formula
    assert found.sentence == (
        'Seeing "x" says the same as setting it; the joint response of the outcome and "z" is divided by that of "z".'
    )


def test_knowing_more_may_make_an_effect_identifiable():
    graph = CausalGraph.from_edges([("t", "y"), ("x", "y")], [("t", "x")])
    assert identify_conditional(graph, ASKED, ["x"]).exchanged == ("x",)
    collider = CausalGraph.from_edges([("t", "y"), ("t", "z"), ("u", "z"), ("u", "y")], latent=["u"])
    assert identify_conditional(collider, ASKED, []).sentence == "Nothing is given: this is the effect on everyone."
    assert exchangeable(collider, "t", "y", ["z"]) == ()


def test_what_cannot_be_had_says_why():
    bow = CausalGraph.from_edges([("t", "y"), ("x", "y")], [("t", "y")])
    with pytest.raises(NotIdentified, match=r'on "y" among units alike in "x"\. Hidden common causes \(t ↔ y\)'):
        identify_conditional(bow, ASKED, ["x"])
    with pytest.raises(NotIdentified, match='"x" is unobserved: ask about variables that the log holds'):
        identify_conditional(bow.with_role("x", "unobserved"), ASKED, ["x"])
    with pytest.raises(NotIdentified, match="cannot be among the values that are given"):
        identify_conditional(bow, ASKED, ["t"])
    with pytest.raises(UnknownNode, match='no variable "q"'):
        identify_conditional(bow, ASKED, ["q"])
    with pytest.raises(NotIdentified, match='depends on "x", and this kind of effect needs a log of all rows'):
        identify_conditional(bow.with_role("x", "selected"), ASKED, [])
