"""Effects in groups from stored scores: they hold the truth, add up to the whole, and test whether groups differ."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

import causal
from causal.analysis import analysis_from_json, analysis_to_json, scores_to_arrays
from causal.effects.groups import groupable
from causal.errors import CovariateProblem, NoScores, OptionProblem, TooFewUnits, UnknownColumn
from tests.estimators.designs import LINEAR, VARIED
from tests.estimators.references import LALONDE, ask, lalonde

HALF = {"high": 1.5, "low": 0.5}
"""The effect is 1 + a with a uniform on -1 to 1."""


def grouped(frame):
    return frame.assign(half=np.where(frame["a"] > 0, "high", "low"))


def answered(frame, method="doubly_robust", **changes):
    return ask(frame, "t", "y", ("a", "b"), method, **changes)


STUDIES = 200


@pytest.fixture(scope="module")
def studies():
    frames = [grouped(VARIED.draw(VARIED.generator(study), 600)) for study in range(STUDIES)]
    return [causal.group_effects(answered(each), "half") for each in frames]


def test_intervals_hold_each_groups_effect_and_all_at_once(studies):
    alone = together = 0
    for found in studies:
        alone += sum(each.low <= HALF[each.label] <= each.high for each in found.groups)
        together += all(each.joint_low <= HALF[each.label] <= each.joint_high for each in found.groups)
    assert alone >= 363  # of 400: the exact binomial test of 95 % at .001
    assert together >= 179  # of 200


def test_groups_that_do_not_differ_are_told_apart_as_often_as_chance_has_it():
    found = []
    for study in range(STUDIES):
        frame = grouped(LINEAR.draw(LINEAR.generator(study), 600))
        found.append(causal.group_effects(answered(frame), "half").p_value)
    assert sum(each < 0.05 for each in found) <= 21  # of 200: the exact binomial test of 5 % at .001


def test_groups_that_differ_are_found(studies):
    assert np.mean([each.p_value < 0.05 for each in studies]) > 0.9


def test_groups_add_up_to_the_whole():
    analysis = answered(VARIED.draw(np.random.default_rng(2), 1_000))
    found = causal.group_effects(analysis, "a", bins=5)
    sizes = [each.control_units + each.treated_units for each in found.groups]
    assert sum(sizes) == 1_000 and max(sizes) - min(sizes) <= 1
    assert np.average([each.effect for each in found.groups], weights=sizes) == pytest.approx(analysis.estimate.effect)
    assert all(one.highest < two.lowest for one, two in zip(found.groups, found.groups[1:], strict=False))


def test_one_group_of_all_has_the_error_of_the_whole_where_the_models_are_right():
    frame = VARIED.draw(np.random.default_rng(3), 2_000).assign(all="all")
    analysis = answered(frame)
    (group,) = causal.group_effects(analysis, "all").groups
    assert group.effect == pytest.approx(analysis.estimate.effect, rel=1e-12)
    assert group.std_error == pytest.approx(analysis.estimate.std_error, rel=0.02)
    assert np.isnan(causal.group_effects(analysis, "all").p_value)


def test_clusters_are_summed_first_and_make_students_intervals():
    frame = grouped(VARIED.draw(np.random.default_rng(4), 900))
    twice = frame.loc[frame.index.repeat(2)].assign(user=np.repeat(np.arange(900), 2))
    alone = causal.group_effects(answered(frame.assign(user=np.arange(900)), cluster="user"), "half")
    doubled = causal.group_effects(answered(twice, cluster="user"), "half")
    for one, two in zip(alone.groups, doubled.groups, strict=True):
        assert [one.effect, one.std_error, one.low] == pytest.approx([two.effect, two.std_error, two.low], rel=1e-8)
    assert alone.p_value == pytest.approx(doubled.p_value, rel=1e-6)


def test_units_without_a_value_are_left_out_and_counted():
    frame = grouped(VARIED.draw(np.random.default_rng(5), 600))
    frame.loc[:99, "half"] = None
    assert causal.group_effects(answered(frame), "half").left_out == 100


def test_a_group_without_an_arm_has_no_effect_and_the_others_do():
    frame = grouped(VARIED.draw(np.random.default_rng(6), 600))
    frame["half"] = np.where(frame.index < 5, "odd", frame["half"])
    frame.loc[:4, "t"] = 1
    found = causal.group_effects(answered(frame), "half")
    assert [each.label for each in found.groups] == ["high", "low", "odd"]
    assert found.groups[2].effect is None and len(found.known) == 2
    assert json.dumps(dataclasses.asdict(found), allow_nan=False)


def test_a_stored_analysis_tells_the_same_groups():
    frame = lalonde()
    analysis = ask(frame, "treat", "re78", LALONDE, "doubly_robust")
    document = json.loads(json.dumps(analysis_to_json(analysis)))
    back = analysis_from_json(document, scores_to_arrays(analysis), causal.UnitTable.from_frame(frame))
    assert causal.group_effects(back, "race") == causal.group_effects(analysis, "race")


def test_what_does_not_fit_is_said():
    frame = grouped(VARIED.draw(np.random.default_rng(7), 300)).assign(many=np.arange(300).astype(str), m=0.0)
    analysis = answered(frame)
    with pytest.raises(NoScores, match="keeps no unit-level scores that hold in every group"):
        causal.group_effects(answered(frame, "weighting"), "half")
    with pytest.raises(UnknownColumn):
        causal.group_effects(analysis, "nothing")
    with pytest.raises(CovariateProblem, match="more than 30 groups"):
        causal.group_effects(analysis, "many")
    with pytest.raises(CovariateProblem, match="part of the question itself"):
        causal.group_effects(analysis, "y")
    with pytest.raises(OptionProblem, match="2 to 30 groups, not 1"):
        causal.group_effects(analysis, "a", bins=1)
    with pytest.raises(TooFewUnits, match="has 2 units of each arm"):
        causal.group_effects(answered(frame.assign(t_copy=frame["t"].astype(str) + "_")), "t_copy")
    drawn = causal.CausalGraph.from_edges(
        [("a", "t"), ("a", "y"), ("b", "t"), ("b", "y"), ("t", "y"), ("t", "m"), ("m", "y")]
    )
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph=drawn)
    by_graph = causal.answer(causal.UnitTable.from_frame(frame), spec)
    with pytest.raises(CovariateProblem, match='"t" changes "m"'):
        causal.group_effects(by_graph, "m")
    assert "m" not in groupable(by_graph) and "half" in groupable(by_graph)
