"""Nested counterfactuals by structural functions with explicit noise, against the formulas."""

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import GraphError, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.mediation import identify_mediation, natural_effects
from causal.study import Question
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import binary_tables, joint_of

ASKED = Question("t", "y")
IDENTIFIED = {
    "nothing hidden": ("t -> m -> y; t -> y", ["m"]),
    "a confounder": ("t -> m -> y; t -> y; x -> t; x -> m; x -> y", ["m"]),
    "front door": ("t -> m -> y; t <-> y", ["m"]),
    "two mediators in a row": ("t -> w -> m -> y; w -> y; t -> y", ["m", "w"]),
    "a mediator's hidden cause is not the outcome's": ("t -> m -> y; t -> y; x -> m; x -> y; x <-> m", ["m"]),
    "around in two steps": ("t -> d -> y; t -> m -> y", ["m"]),
}
REFUSED = {
    "recanting witness": ("t -> w -> m -> y; w -> y; t -> y", ["m"], r'"w" is caused by "t" and leads to "y" both'),
    "recanting district": ("t -> m -> y; t -> y; m <-> y", ["m"], r'Hidden common causes tie "m", with which the part'),
    "recanting district in two steps": ("t -> m -> y; t -> d -> y; m <-> d", ["m"], r'tie "m".* to "d"'),
    "no total effect": ("t -> m -> y; t <-> m", ["m"], r"Already the total effect .* \(m ↔ t\)"),
}


def nested_mean(graph, treatment, outcome, mediators, level, other, seed):
    """E[Y(level, M(other))] with one noise per variable, the same in both worlds: a node is 1 below its threshold."""
    directed, tables = binary_tables(graph, seed)
    order = list(nx.topological_sort(directed))
    causes = {node: sorted(directed.predecessors(node), key=str) for node in order}
    cuts = {node: np.unique([0.0, *tables[node].ravel(), 1.0]) for node in order}
    noises = [list(zip((cuts[node][:-1] + cuts[node][1:]) / 2, np.diff(cuts[node]), strict=True)) for node in order]
    noises = [[(0.5, 1.0)] if node == treatment else each for node, each in zip(order, noises, strict=True)]
    total = 0.0
    for combination in product(*noises):
        noise = {node: place for node, (place, _) in zip(order, combination, strict=True)}
        weight = np.prod([share for _, share in combination])

        def world(fixed, noise=noise):
            values = {}
            for node in order:
                chance = tables[node][tuple(values[cause] for cause in causes[node])]
                values[node] = fixed[node] if node in fixed else int(noise[node] < chance)
            return values

        inner = world({treatment: other})
        total += weight * world({treatment: level, **{name: inner[name] for name in mediators}})[outcome]
    return total


def check_against_nested(graph, question, mediators, seed):
    estimand = identify_mediation(graph, question, mediators)
    names, joint = joint_of(graph, seed)
    found = natural_effects(estimand, names, joint, np.array([0.0, 1.0]))
    means = {
        (level, other): nested_mean(graph, question.treatment, question.outcome, mediators, level, other, seed)
        for level in (0, 1)
        for other in (0, 1)
    }
    assert found.direct == pytest.approx(means[1, 0] - means[0, 0], abs=1e-12)
    assert found.indirect == pytest.approx(means[0, 1] - means[0, 0], abs=1e-12)
    assert found.total_indirect == pytest.approx(means[1, 1] - means[1, 0], abs=1e-12)
    assert found.total == pytest.approx(found.direct + found.total_indirect, abs=1e-12)
    return estimand


@pytest.mark.parametrize("name", IDENTIFIED)
def test_formulas_give_the_nested_counterfactuals(name):
    text, mediators = IDENTIFIED[name]
    check_against_nested(CausalGraph.parse(text), ASKED, mediators, 3)


@settings(max_examples=60, deadline=None)
@given(small_graphs(most=4, latent=False), st.data())
def test_whatever_is_identified_is_right(graph, data):
    treatment, outcome = data.draw(st.sampled_from(graph.nodes[:2])), graph.nodes[-1]
    between = sorted(graph.descendants(treatment) & graph.ancestors(outcome))
    if not between or len(graph.bidirected) > 2:
        return
    mediators = data.draw(st.lists(st.sampled_from(between), min_size=1, unique=True))
    try:
        check_against_nested(graph, Question(treatment, outcome), mediators, 3)
    except NotIdentified as refusal:
        assert refusal.reason


def test_the_mediation_formula_as_the_books_write_it():
    found = identify_mediation(CausalGraph.parse(IDENTIFIED["nothing hidden"][0]), ASKED, ["m"])
    assert (found.around, found.through) == (("y",), ("m",))
    assert found.formula.endswith(
        r"= \sum_{\text{m}} P(\text{m} \mid \text{t}^{*}) P(\text{y} \mid \text{m}, \text{t})"
    )
    assert any("no experiment can check this" in each for each in found.assumptions)


def test_a_whole_effect_through_the_mediator_leaves_no_direct_one():
    graph = CausalGraph.parse(IDENTIFIED["front door"][0])
    found = identify_mediation(graph, ASKED, ["m"])
    assert found.sentence.endswith("the direct effect is zero.")
    names, joint = joint_of(graph, 8)
    assert natural_effects(found, names, joint, np.array([0.0, 1.0])).direct == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_apart_says_why(name):
    text, mediators, reason = REFUSED[name]
    with pytest.raises(NotIdentified, match=reason):
        identify_mediation(CausalGraph.parse(text), ASKED, mediators)


def test_a_hidden_variable_on_both_parts_is_refused():
    graph = CausalGraph.from_edges([("t", "u"), ("u", "m"), ("u", "y"), ("m", "y")], latent=["u"])
    with pytest.raises(NotIdentified, match='tie "m"'):
        identify_mediation(graph, ASKED, ["m"])


def test_a_mediator_lies_between():
    graph = CausalGraph.parse("t -> m -> y; x -> y")
    with pytest.raises(GraphError, match='"x" lies on no causal path from "t" to "y"'):
        identify_mediation(graph, ASKED, ["x"])
    with pytest.raises(GraphError, match="needs at least one mediator"):
        identify_mediation(graph, ASKED, [])
    with pytest.raises(NotIdentified, match='"m" is unobserved'):
        identify_mediation(graph.with_role("m", "unobserved"), ASKED, ["m"])


def test_a_variable_called_like_the_other_value_is_no_trouble():
    graph = CausalGraph.from_edges([("t", "t*"), ("t*", "y"), ("t", "y")])
    assert identify_mediation(graph, ASKED, ["t*"]).other == "t**"
    check_against_nested(graph, ASKED, ["t*"], 3)
