"""Winsorising: the clipped column's digits, coverage of the effect within limits, and nothing changed without."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats.mstats import winsorize

import causal
from causal.analysis import analysis_from_json, analysis_to_json
from causal.archive.script import reproduction_script
from causal.archive.study import LogReference
from causal.errors import OptionProblem, OutcomeProblem
from causal.logs.units import UnitRecipe
from causal.wording import sentences

QUESTION = causal.Question("t", "y")
SEED = 20_261_126
RULE = causal.OutcomeRule("quantiles", 0.01, 0.95)


def skewed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Log-normal spending; the treated spend a little more, those with a high x are treated more often."""
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-0.5 * x))).astype(int)
    return pd.DataFrame({"x": x, "t": t, "y": np.exp(0.3 * t + 0.4 * x + rng.normal(0, 1, n))})


def spec_of(rule: object, method: str = "doubly_robust", **more: object) -> causal.AnalysisSpec:
    return causal.AnalysisSpec(QUESTION, method=method, adjust_for=("x",), outcome_rule=rule, **more)


def asked(frame: pd.DataFrame, rule: object, method: str = "doubly_robust", **more: object) -> causal.Analysis:
    return causal.answer(causal.UnitTable.from_frame(frame), spec_of(rule, method, **more))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return skewed(np.random.default_rng(SEED), 1_000)


@pytest.mark.parametrize("method", ["difference_in_means", "regression", "doubly_robust", "matching", "stratification"])
def test_the_answer_is_that_on_the_clipped_column(frame, method):
    low, high = np.quantile(frame["y"], [0.01, 0.95])
    by_hand = asked(frame.assign(y=frame["y"].clip(low, high)), None, method).estimate
    found = asked(frame, RULE, method)
    assert found.estimate == by_hand
    assert asked(frame, causal.OutcomeRule("values", low, high), method).estimate == by_hand
    limits = found.outcome_limits
    assert (limits.low, limits.high, limits.below, limits.above) == (low, high, 10, 50)


def test_the_limited_mean_is_scipys(frame):
    """SciPy moves whole ranks: at shares of whole units its winsorised outcome has its limits at neighbouring units."""
    found = asked(frame, RULE, "difference_in_means").estimate
    other = pd.Series(np.asarray(winsorize(frame["y"], (0.01, 0.05))))
    gap = other[frame["t"] == 1].mean() - other[frame["t"] == 0].mean()
    assert found.effect == pytest.approx(gap, abs=1e-3)


def test_limits_are_of_the_units_compared_only(frame):
    wild = frame.assign(other=np.where(np.arange(1_000) < 500, "in", "out"))
    wild.loc[500:, "y"] = 1e9
    where = causal.Condition("other", "is", "in")
    assert asked(wild, RULE, where=where).estimate == asked(frame[:500], RULE).estimate


def test_intervals_hold_the_effect_on_the_outcome_within_the_limits_found():
    population = skewed(np.random.default_rng(SEED + 1), 400_000)
    own = np.random.default_rng(SEED + 2).normal(0, 1, 400_000)
    worlds = [np.exp(0.3 * arm + 0.4 * population["x"].to_numpy() + own) for arm in (0, 1)]
    hits = 0
    for study in range(200):
        found = asked(skewed(np.random.default_rng([SEED, study]), 500), causal.OutcomeRule(), "weighting")
        low, high = found.estimate.interval()
        control, treated = (np.minimum(world, found.outcome_limits.high).mean() for world in worlds)
        hits += low <= treated - control <= high
    assert hits >= 179  # the exact binomial test of 95 % at .001


def test_limits_make_skewed_outcomes_more_precise(frame):
    assert asked(frame, RULE).estimate.std_error < 0.8 * asked(frame, None).estimate.std_error


def test_without_a_rule_a_spec_is_what_it_was():
    plain = spec_of(None)
    assert "outcome_rule" not in plain.to_json()
    assert causal.AnalysisSpec.from_json(plain.to_json()) == plain
    ruled = spec_of(RULE)
    assert causal.AnalysisSpec.from_json(json.loads(json.dumps(ruled.to_json()))) == ruled
    assert (
        spec_of({"kind": "values", "low": 0, "high": 1}).fingerprint
        == spec_of(causal.OutcomeRule("values", 0.0, 1.0)).fingerprint
    )
    assert ruled.fingerprint != plain.fingerprint


def test_an_answer_says_its_limits_and_is_stored_with_them(frame):
    found = asked(frame, RULE)
    assert "only: 60 values beyond are held to the limit" in sentences.rows_sentence(found)
    assert any("count as" in note and "(50 units)" in note for note in found.notes)
    again = analysis_from_json(json.loads(json.dumps(analysis_to_json(found))))
    assert again.outcome_limits == found.outcome_limits
    old = {name: each for name, each in analysis_to_json(asked(frame, None)).items() if name != "outcome_limits"}
    assert analysis_from_json(old).outcome_limits is None


def test_the_script_names_the_rule():
    script = reproduction_script(LogReference(name="log.csv"), UnitRecipe(), spec_of(RULE))
    assert "outcome_rule={'kind': 'quantiles', 'low': 0.01, 'high': 0.95}" in script


def test_what_follows_an_answer_counts_the_same_outcome(frame):
    high = float(np.quantile(frame["y"], 0.99))
    table, clipped = (
        causal.UnitTable.from_frame(each) for each in (frame, frame.assign(y=frame["y"].clip(upper=high)))
    )
    ruled, plain = spec_of(causal.OutcomeRule()), spec_of(None)
    curves = [causal.treat_share(causal.answer(*each), (0.0, 0.5, 1.0)) for each in ((table, ruled), (clipped, plain))]
    assert curves[0].today == curves[1].today
    arms = [causal.compare_arms(*each).pairs for each in ((table, ruled), (clipped, plain))]
    assert arms[0] == arms[1]
    hidden = [causal.sensitivity(*each).robustness_value for each in ((table, ruled), (clipped, plain))]
    assert hidden[0] == hidden[1]


def test_bad_limits_are_refused_with_what_to_do(frame):
    with pytest.raises(OptionProblem, match="name neither low nor high"):
        causal.OutcomeRule("values", None, None)
    with pytest.raises(OptionProblem, match="must be below its high limit"):
        causal.OutcomeRule("values", 2, 1)
    with pytest.raises(OptionProblem, match="must lie between 0 and 1"):
        causal.OutcomeRule("quantiles", None, 99)
    with pytest.raises(OptionProblem, match="must be a number"):
        causal.OutcomeRule("values", None, float("nan"))
    with pytest.raises(OutcomeProblem, match="is yes or no"):
        asked(frame.assign(y=(frame["y"] > 1).astype(int)), RULE)
    with pytest.raises(OutcomeProblem, match="Widen the limits"):
        asked(frame, causal.OutcomeRule("values", 1e6, 2e6))
    assert replace(spec_of(RULE), outcome_rule=None) == spec_of(None)
