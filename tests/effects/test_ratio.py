"""Ratios of totals: the delta method by hand, linearised outcomes, coverage with clusters, limits and refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem, OptionProblem, OutcomeProblem

SEED = 20_261_127
LINEAR = ("difference_in_means", "regression", "standardisation", "weighting", "doubly_robust", "overlap_weighting")


def sessions(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Users with impressions and clicks: the treated see more, and click on more of what they see."""
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-0.5 * x))).astype(int)
    seen = 1.0 + rng.poisson(np.exp(1.5 + 0.3 * x + 0.2 * t))
    clicks = rng.binomial(seen.astype(int), 1 / (1 + np.exp(1.5 - 0.3 * x - 0.4 * t))).astype(float)
    return pd.DataFrame({"x": x, "t": t, "seen": seen, "clicks": clicks, "one": 1.0})


def spec_of(method: str, **more: object) -> causal.AnalysisSpec:
    return causal.AnalysisSpec(causal.Question("t", "clicks"), method=method, **({"adjust_for": ("x",)} | more))


def asked(frame: pd.DataFrame, method: str, denominator: str = "seen", **more: object) -> causal.RatioEffect:
    return causal.ratio_effect(causal.UnitTable.from_frame(frame), spec_of(method, **more), denominator)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return sessions(np.random.default_rng(SEED), 1_500)


def test_the_plain_ratio_is_the_textbooks_delta_method(frame):
    found = asked(frame, "difference_in_means").estimate
    for arm, name in ((0, "control"), (1, "treated")):
        own = frame[frame["t"] == arm]
        ratio = own["clicks"].sum() / own["seen"].sum()
        cov = np.cov(own["clicks"], own["seen"])
        variance = (cov[0, 0] - 2 * ratio * cov[0, 1] + ratio**2 * cov[1, 1]) / own["seen"].mean() ** 2 / len(own)
        assert found.arm_means[name] == pytest.approx(ratio, rel=1e-12)
        assert found.arm_std_errors[name] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_it_survives_json(frame):
    found = asked(frame, "doubly_robust")
    assert causal.RatioEffect.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


@pytest.mark.parametrize("method", LINEAR)
def test_errors_are_those_of_the_linearised_outcome(frame, method):
    """The answer on (clicks - ratio x seen) / mean seen is nil for that arm, with the ratio's own error."""
    found = asked(frame, method)
    for arm in ("control", "treated"):
        ratio, mean = found.estimate.arm_means[arm], found.denominators.arm_means[arm]
        line = frame.assign(clicks=(frame["clicks"] - ratio * frame["seen"]) / mean)
        other = causal.answer(causal.UnitTable.from_frame(line), spec_of(method)).estimate
        assert other.arm_means[arm] == pytest.approx(0, abs=1e-10)
        assert found.estimate.arm_std_errors[arm] == pytest.approx(other.arm_std_errors[arm], rel=1e-8)


@pytest.mark.parametrize("method", [*LINEAR, "stratification", "tmle", "weighted_regression", "entropy_balancing"])
def test_per_one_is_the_answer_itself(frame, method):
    table = causal.UnitTable.from_frame(frame)
    found, plain = causal.ratio_effect(table, spec_of(method), "one").estimate, causal.answer(table, spec_of(method))
    assert found.effect == pytest.approx(plain.estimate.effect, rel=1e-9)
    assert found.interval() == pytest.approx(plain.estimate.interval(), rel=1e-7)
    assert found.lift_interval() == pytest.approx(plain.estimate.lift_interval(), rel=1e-7)


def test_intervals_hold_the_truth_where_rows_belong_to_users():
    many = sessions(np.random.default_rng(SEED + 1), 600_000)
    rate = {
        arm: (
            np.exp(1.5 + 0.3 * many["x"] + 0.2 * arm),
            1 / (1 + np.exp(1.5 - 0.3 * many["x"] - 0.4 * arm)),
        )
        for arm in (0, 1)
    }
    truth = {arm: float(((1 + seen) * share).sum() / (1 + seen).sum()) for arm, (seen, share) in rate.items()}
    effect, lift = truth[1] - truth[0], truth[1] / truth[0] - 1
    hits = np.zeros(2)
    for study in range(200):
        frame = sessions(np.random.default_rng([SEED, study]), 200)
        twice = pd.concat([frame, frame], ignore_index=True).assign(user=np.tile(np.arange(200), 2))
        found = asked(twice, "weighting", cluster="user").estimate
        for place, (ends, true) in enumerate(((found.interval(), effect), (found.lift_interval(), lift))):
            hits[place] += ends[0] <= true <= ends[1]
    assert (hits >= 179).all()  # the exact binomial test of 95 % at .001


def test_what_moves_the_denominator_is_said(frame):
    assert asked(frame, "doubly_robust").moves_denominator
    assert not asked(frame, "doubly_robust", "one").moves_denominator


def test_the_graph_must_let_the_denominator_be_told(frame):
    drawn = [("x", "t"), ("x", "clicks"), ("x", "seen"), ("t", "seen"), ("seen", "clicks"), ("t", "clicks")]
    graph = causal.CausalGraph.from_edges(drawn)
    assert asked(frame, "doubly_robust", graph=graph, adjust_for=None).notes == ()
    without = causal.CausalGraph.from_edges([*drawn[:2], ("t", "clicks")])
    assert "does not hold" in asked(frame, "doubly_robust", graph=without, adjust_for=None).notes[0]
    hidden = causal.CausalGraph.from_edges([("t", "clicks"), ("t", "seen")], bidirected=[("t", "seen")])
    with pytest.raises(CovariateProblem):
        asked(frame, "doubly_robust", graph=hidden, adjust_for=None)


def test_what_gives_no_ratio_is_refused_with_what_to_do(frame):
    with pytest.raises(OutcomeProblem, match="not clearly above zero"):
        asked(frame.assign(y=np.random.default_rng(1).normal(size=len(frame))), "regression", "y")
    with pytest.raises(OutcomeProblem, match="is the treatment"):
        asked(frame, "regression", "t")
    with pytest.raises(CovariateProblem, match="is adjusted for"):
        asked(frame, "regression", "x")
    with pytest.raises(OutcomeProblem, match="holds no numbers"):
        asked(frame.assign(word="a"), "regression", "word")
    with pytest.raises(OptionProblem, match="no influence of each unit"):
        asked(frame, "matching")
    with pytest.raises(OptionProblem, match="take the bootstrap back"):
        asked(frame, "regression", bootstrap=causal.Bootstrap())
