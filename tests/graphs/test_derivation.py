from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.derivation import Separation, derivation, holds
from causal.graphs.expression import evaluate
from causal.graphs.id_algorithm import Hedge, stages_of
from causal.graphs.identification import identify
from causal.graphs.projection import districts, latent_projection
from causal.study import Question
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import IDENTIFIABLE, joint_of

ASKED = Question("X", "Y")


def steps_of(text):
    graph = CausalGraph.parse(text)
    return graph, derivation(graph, identify(graph, ASKED))


def test_the_back_door_by_two_rules():
    graph, steps = steps_of("Z -> X; Z -> Y; X -> Y")
    assert [step.rule for step in steps] == ["total probability", "rule 3", "rule 2", "together"]
    assert steps[2].words == (
        'Setting says what seeing says: nothing joins "Y" and "X" among units alike in "Z" once the arrows out of "X" '
        "are cut."
    )
    assert all(step.because is None or holds(graph, step.because) for step in steps)


def test_the_front_door_by_seven_steps():
    graph, steps = steps_of(IDENTIFIABLE["figure 2e"])
    assert [step.rule for step in steps] == [
        "total probability", "rule 2", "rule 2", "rule 3", "total probability", "rule 2", "rule 3", "together",
    ]  # fmt: skip
    assert all(step.because is None or holds(graph, step.because) for step in steps)
    assert steps[-2].formula == (r"P(\text{X}' \mid \operatorname{do}(\text{Z})) = P(\text{X}')")


def test_the_napkin_by_districts():
    _, steps = steps_of(IDENTIFIABLE["napkin"])
    assert [step.rule for step in steps] == ["rule 2", "sum", "districts", "together"]
    assert steps[1].words == '"W" causes nothing else in this group: summed over.'


def test_an_instrument_has_no_derivation_from_the_graph_alone():
    assert steps_of("X -> Y; Z -> X; X <-> Y")[1] == ()


def test_a_separation_is_said_in_words():
    assert Separation(("a",), ("b", "c")).words == 'nothing joins "a" and "b" and "c"'


@settings(max_examples=60, deadline=None)
@given(small_graphs(most=5), st.data())
def test_every_derivation_ends_in_the_formula_by_rules_that_hold(graph, data):
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    try:
        estimand = identify(graph, Question(treatment, outcome))
    except NotIdentified:
        return
    steps = derivation(graph, estimand)
    if estimand.strategy == "instrument":
        assert steps == ()
        return
    assert all(step.because is None or holds(graph, step.because) for step in steps)
    assert steps[-1].formula.startswith(estimand.formula.split(" = ")[0])
    if estimand.strategy in ("backdoor", "frontdoor", "no_effect"):
        assert any(step.because for step in steps)


@pytest.mark.parametrize("name", IDENTIFIABLE)
def test_every_stage_is_the_response_to_setting_all_else(name):
    graph = CausalGraph.parse(IDENTIFIABLE[name])
    projection = latent_projection(graph)
    relevant = projection.ancestors_within(frozenset({"Y"}), frozenset(graph.nodes) - {"X"})
    for part in districts(projection.siblings_of, relevant):
        stages = stages_of(projection, part)
        assert not isinstance(stages, Hedge)
        assert stages[-1].members == part
        for stage in stages:
            _check_response(graph, stage)


def _check_response(graph, stage):
    names, joint = joint_of(graph, 4)
    found, values = evaluate(stage.expression, names, joint)
    others = sorted(set(graph.nodes) - stage.members)
    for levels in product((0, 1), repeat=len(others)):
        at = dict(zip(others, levels, strict=True))
        _, intervened = joint_of(graph, 4, at)
        expected = intervened[tuple(at.get(name, slice(None)) for name in names)]
        response = values[tuple(at.get(name, slice(None)) for name in found)]
        remaining = [name for name in found if name in stage.members]
        ordered = response.transpose([remaining.index(name) for name in names if name in stage.members])
        assert np.allclose(ordered, expected, atol=1e-12)
