"""The specification curve: digits of `answer`, nothing done twice, a joint test that holds its level, and shares."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import causal
from causal.effects.joint_null import JointTest, joint_test
from causal.effects.specification_curve import SpecificationAnswer, SpecificationCurve, specification_curve
from causal.effects.specifications import (
    Choices,
    OutcomeDefinition,
    Population,
    default_choices,
    specifications,
    valid_sets,
)
from causal.errors import OptionProblem

SEED = 20_261_126
GRAPH = causal.CausalGraph.from_edges([("x", "t"), ("x", "y"), ("z", "y"), ("g", "t"), ("g", "y"), ("t", "y")])
SPEC = causal.AnalysisSpec(causal.Question("t", "y"), GRAPH, "doubly_robust")


def drawn(n=400, effect=1.0, seed=0):
    rng = np.random.default_rng([SEED, seed])
    x, z, g = rng.normal(size=n), rng.normal(size=n), rng.choice(["a", "b", "c"], n)
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.8 * x + 0.5 * (g == "b"))))).astype(int)
    y = effect * t + x + z + (g == "b") + rng.normal(size=n)
    return pd.DataFrame({"t": t, "y": y, "x": x, "z": z, "g": g, "y2": 10 * y + rng.normal(size=n)})


@cache
def table():
    return causal.UnitTable.from_frame(drawn())


@cache
def curve():
    return specification_curve(table(), SPEC, draws=40)


def test_the_first_is_the_analysis_itself_and_each_has_the_digits_of_answer():
    found = curve()
    assert found.is_complete and found.specifications[0].spec == SPEC
    assert len(found.answers) == len(found.specifications) > 40
    for each in found.answers[::7]:
        spec = found.specifications[each.place].spec
        told = causal.answer(table(), spec)
        assert (each.effect, each.std_error) == (told.estimate.effect, told.estimate.std_error)
        assert each.units == told.estimate.n
        assert each.is_sound == all(verdict.light != "failed" for verdict in told.verdicts)
    assert found.own.effect == causal.answer(table(), SPEC).estimate.effect


def test_a_colleagues_choices_are_populations_limits_valid_sets_methods_and_trimming():
    choices = default_choices(table(), SPEC)
    assert choices.populations == (Population("everyone"), Population("treated"))
    assert [each.rule is None for each in choices.outcomes] == [True, False]
    assert set(choices.adjustments) == {("g", "x", "z"), ("g", "x")}
    assert choices.methods[0] == "doubly_robust" and choices.trims[0] == 0.0
    listed = specifications(SPEC, choices)
    assert len({each.spec.fingerprint for each in listed}) == len(listed)
    regressions = [each for each in listed if each.spec.method == "regression"]
    assert {each.picks[4] for each in regressions} == {0} and {each.picks[0] for each in regressions} == {0}
    varying = replace(SPEC, terms=causal.Terms(treatment_by=("x",)))
    again = [each for each in specifications(varying, choices) if each.spec.method == "regression"]
    assert {each.picks[0] for each in again} == {0, 1}  # there the target matters
    assert Choices.from_json(json.loads(json.dumps(choices.to_json()))) == choices


def test_only_sets_that_the_graph_allows_are_tried():
    graph = GRAPH.with_edge("t", "z")
    assert all("z" not in each for each in valid_sets(table(), replace(SPEC, graph=graph)))
    assert valid_sets(table(), replace(SPEC, graph=None, adjust_for=("x",))) == (("x",),)


def test_what_is_known_is_not_worked_out_twice():
    kept: dict[str, SpecificationAnswer] = {}
    choices = Choices((Population(),), (OutcomeDefinition("y"),), (("g", "x"),), ("doubly_robust", "regression"))

    class Stopped(Exception):
        pass

    def stop_after_one(share, stage):
        if stage.startswith("specification 2"):
            raise Stopped

    keep = lambda spec, found: kept.update({spec.fingerprint: found})  # noqa: E731
    with pytest.raises(Stopped):
        specification_curve(table(), SPEC, choices, 0, stop_after_one, keep=keep)
    assert len(kept) == 1
    asked, told = [], []

    def known(spec):
        asked.append(spec.fingerprint in kept)
        return kept.get(spec.fingerprint)

    again = specification_curve(table(), SPEC, choices, 0, tell=told.append, known=known, keep=keep)
    assert asked == [True, False] and len(kept) == 2
    assert tuple(told) == again.answers


def test_shares_of_the_variance_name_the_choice_that_moves_the_answer():
    frame = drawn(seed=1)
    frame = frame.assign(y3=frame["y"] - 2 * frame["t"])
    choices = Choices(
        (Population(),), (OutcomeDefinition("y"), OutcomeDefinition("y3")), (("g", "x", "z"), ("g", "x")),
        ("regression", "weighting", "doubly_robust"),
    )  # fmt: skip
    found = specification_curve(causal.UnitTable.from_frame(frame), SPEC, choices, 0)
    shares = dict(found.contributions)
    assert next(iter(shares)) == "outcome" and shares["outcome"] > 0.9
    assert 0 <= sum(shares.values()) <= 1 + 1e-12
    assert found.in_deviations and found.share_of_sign == 0.5
    deviation = frame.loc[frame["t"] == 0, "y"].std(ddof=0)
    assert found.scaled(found.own)[0] == pytest.approx(found.own.effect / deviation, rel=1e-9)


def test_alternative_outcomes_stand_where_the_outcome_stands_in_the_graph():
    choices = replace(curve().choices, outcomes=(OutcomeDefinition("y"), OutcomeDefinition("y2")), trims=(0.0,))
    listed = specifications(SPEC, choices)
    other = next(each for each in listed if each.picks[1] == 1)
    assert other.spec.question.outcome == "y2" and "y2" in other.spec.graph.nodes and "y" not in other.spec.graph.nodes
    assert causal.answer(table(), other.spec).verdicts[0].light == "passed"


def test_a_specification_without_an_answer_says_why_and_counts_for_nothing():
    choices = Choices(
        (Population(), Population(where=(causal.Condition("g", "is", "nowhere"),))),
        (OutcomeDefinition("y"),), (("g", "x"),), ("doubly_robust",),
    )  # fmt: skip
    found = specification_curve(table(), SPEC, choices, 0)
    assert "No unit of the two arms satisfies the filter" in found.answers[1].error
    assert len(found.sound) == 1 and found.contributions == () and found.joint is None


def test_it_survives_json_as_a_job_tells_it():
    told = json.loads(
        json.dumps([*(each.to_json() for each in curve().answers), {"joint": curve().joint.to_json()}], allow_nan=False)
    )
    again = SpecificationCurve.from_outcomes(SPEC, curve().choices, False, told)
    assert [repr(each) for each in again.answers] == [repr(each) for each in curve().answers]
    assert again.joint == curve().joint and isinstance(again.joint, JointTest)


def test_what_does_not_fit_is_said():
    with pytest.raises(OptionProblem, match="no option left for: method"):
        specifications(SPEC, replace(curve().choices, methods=()))
    many = replace(curve().choices, trims=tuple(np.linspace(0, 0.3, 300)))
    with pytest.raises(OptionProblem, match="more than 2,000 specifications"):
        specifications(SPEC, many)


REGRESSIONS = Choices(
    (Population(),),
    (OutcomeDefinition("y"), OutcomeDefinition("y", causal.OutcomeRule())),
    (("g", "x", "z"), ("g", "x")),
    ("regression",),
)


def joint_of(frame, draws, seed=0, cluster=None, choices=REGRESSIONS):
    units = causal.UnitTable.from_frame(frame)
    spec = replace(SPEC, method="regression", seed=seed, cluster=cluster)
    return specification_curve(units, spec, choices, draws).joint


def test_the_joint_tests_draws_are_regressions_on_drawn_units_without_the_effect():
    """Each draw against least squares on the drawn rows, of the outcome less the estimated effect times treatment."""
    frame, captured = drawn(200, seed=2), []
    units = causal.UnitTable.from_frame(frame)
    spec = replace(SPEC, method="regression", adjust_for=("g", "x"))
    import causal.effects.joint_null as module

    def captured_statistics(effects, errors, scale, reach):
        captured.append(effects)
        return original(effects, errors, scale, reach)

    original = module._statistics
    try:
        module._statistics = captured_statistics
        own = causal.answer(units, spec).estimate
        answered = SpecificationAnswer(0, own.effect, own.std_error)
        joint_test(units, [(spec, answered, 1.0), (spec, answered, 1.0)], 3, 7)
    finally:
        module._statistics = original
    design = np.column_stack([np.ones(200), frame["x"], frame["g"] == "b", frame["g"] == "c", frame["t"]]).astype(float)
    forced = frame["y"] - own.effect * frame["t"]
    for at, seed in enumerate(np.random.SeedSequence(7).spawn(3)):
        rows = np.random.default_rng(seed).integers(0, 200, 200)
        direct = np.linalg.lstsq(design[rows], forced.to_numpy()[rows], rcond=None)[0][-1]
        assert captured[1][at] == pytest.approx([direct, direct], abs=1e-10)


def test_the_joint_test_holds_its_level_and_finds_an_effect():
    """Without an effect it rejects at 5 % as often as it should (exact binomial test at p < .001), 40 tables."""
    pair = replace(REGRESSIONS, outcomes=REGRESSIONS.outcomes[:1])
    tests = [joint_of(drawn(120, 0.0, seed), 19, seed, choices=pair) for seed in range(40)]
    rejected = sum(each.average_z_p <= 0.05 for each in tests)
    assert binom.cdf(rejected, 40, 0.05) > 0.0005 and binom.sf(rejected - 1, 40, 0.05) > 0.0005
    found = joint_of(drawn(300, 1.0, 500), 199)
    assert found.median_p == found.average_z_p == 1 / 200 and found.share_clear_p < 0.05
    assert found.regressions == 4 and found.share_clear == 1.0 and found.average_z > 0


def test_whole_clusters_are_drawn():
    """A cluster's effect on outcome and treatment alike looks like an effect to a test that draws single units."""
    rng = np.random.default_rng([SEED, 900])
    frame = drawn(600, 0.0, 901).assign(user=np.repeat(np.arange(20), 30))
    lucky = rng.normal(size=20)[frame["user"]]
    frame = frame.assign(y=frame["y"] + 3 * lucky, t=((lucky + rng.normal(0, 0.3, 600)) > 0).astype(int))
    alone, whole = joint_of(frame, 199), joint_of(frame, 199, cluster="user")
    assert alone.average_z_p == 1 / 200
    assert whole.average_z_p >= alone.average_z_p and abs(whole.average_z) < abs(alone.average_z)
