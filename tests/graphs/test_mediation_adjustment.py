"""Two regressions on the covariates that the graph gives, against nested counterfactuals with explicit noise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import CovariateProblem, DoableError, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.mediation_adjustment import estimand_by_mediation, mediators_between
from causal.study import Question
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import joint_of
from tests.graphs.test_mediation import nested_mean

ASKED = Question("t", "y")


def by_two_regressions(estimand, names, joint, level, other):
    """The mediation formula on the joint distribution: covariates and mediators summed over."""
    axis = {name: place for place, name in enumerate(names)}

    def chance(values):
        index = tuple(values.get(name, slice(None)) for name in names)
        return float(np.sum(joint[index]))

    total = 0.0
    w, m, t, y = estimand.adjust_for, estimand.mediators, estimand.treatment, estimand.outcome
    assert set(w) | set(m) | {t, y} <= set(axis)
    for given_values in product((0, 1), repeat=len(w)):
        held = dict(zip(w, given_values, strict=True))
        for between in product((0, 1), repeat=len(m)):
            through = dict(zip(m, between, strict=True))
            of_outcome = chance({**held, **through, t: level, y: 1}) / chance({**held, **through, t: level})
            of_mediators = chance({**held, **through, t: other}) / chance({**held, t: other})
            total += chance(held) * of_outcome * of_mediators
    return total


@settings(max_examples=80, deadline=None)
@given(small_graphs(most=5), st.data())
def test_on_random_graphs_the_two_regressions_give_the_nested_counterfactual(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    question = Question(treatment, outcome)
    try:
        estimand = estimand_by_mediation(graph, question, mediators_between(graph, question)[:2])
    except DoableError:
        return
    names, joint = joint_of(graph, 5)
    for level, other in product((0, 1), repeat=2):
        expected = nested_mean(graph, treatment, outcome, estimand.mediators, level, other, 5)
        found = by_two_regressions(estimand, names, joint, level, other)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("graph", "covariates"),
    [
        ("t -> m -> y; t -> y", ()),
        ("x -> t; x -> m; x -> y; t -> m -> y; t -> y", ("x",)),
        ("x -> m; t -> m -> y; t -> y; z -> t; v -> y", ("v", "x")),
        ("x <-> m; x -> y; t -> m -> y; t -> y", ("x",)),
    ],
)
def test_covariates_are_the_causes_of_what_lies_on_the_way(graph, covariates):
    assert estimand_by_mediation(CausalGraph.parse(graph), ASKED, ("m",)).adjust_for == covariates


def test_marked_mediators_come_before_the_others():
    graph = CausalGraph.parse("t -> m -> y; t -> v -> y; t -> y")
    assert mediators_between(graph, ASKED) == ("m", "v")
    assert mediators_between(graph.with_role("v", "mediator"), ASKED) == ("v",)
    with pytest.raises(NotIdentified, match="Draw the mediator between them"):
        mediators_between(CausalGraph.parse("t -> y"), ASKED)


def test_a_covariate_that_the_treatment_changes_is_refused():
    graph = CausalGraph.parse("t -> m -> y; t -> y; t -> c")
    with pytest.raises(CovariateProblem, match='or takes in what "t" changes'):
        estimand_by_mediation(graph, ASKED, ("m",), ("c",))
