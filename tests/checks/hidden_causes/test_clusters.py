"""Hidden causes where units come in clusters: what would make an effect unclear rests on errors by cluster."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import causal
from causal.checks.hidden_causes.omitted_variable import Coefficient, coefficient
from causal.effects.sensitivity import Sensitivity
from causal.estimators.design import draw_sample
from causal.wording.sensitivity import hidden_cause_verdict, regression_caption

GROUPS, SIZE, EFFECT = 60, 6, 1.0


def clustered(rng: np.random.Generator, groups: int = GROUPS) -> pd.DataFrame:
    """Units of a group share the hidden cause, a covariate and part of their noise; treatment follows both causes."""
    group = np.repeat(np.arange(groups), SIZE)
    hidden, seen, shared = (rng.normal(size=groups)[group] for _ in range(3))
    treated = (0.6 * hidden + 0.6 * seen + rng.normal(size=len(group)) > 0).astype(int)
    outcome = EFFECT * treated + 0.5 * hidden + 0.8 * seen + shared + rng.normal(size=len(group))
    return pd.DataFrame({"t": treated, "y": outcome, "x": seen, "u": hidden, "group": group})


def coefficient_of(frame: pd.DataFrame, cluster: str | None = "group") -> Coefficient:
    table = causal.UnitTable.from_frame(frame[["t", "y", "x", "group"]])
    return coefficient(draw_sample(table, causal.Question("t", "y"), ("x",), causal.Terms(), cluster))


def asked(frame: pd.DataFrame, cluster: str | None, method: str = "regression") -> Sensitivity:
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method=method, adjust_for=("x",), cluster=cluster)
    return causal.sensitivity(causal.UnitTable.from_frame(frame.drop(columns="u")), spec, benchmark=("x",))


def residual(frame: pd.DataFrame, name: str, beside: list[str]) -> np.ndarray:
    design = np.column_stack([np.ones(len(frame)), frame[beside]])
    values = frame[name].to_numpy(dtype=float)
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def true_strength() -> float:
    """The strength of the hidden cause, from its partial R² in 300,000 units."""
    frame = clustered(np.random.default_rng(1), 50_000)
    with_treatment = 1 - residual(frame, "t", ["x", "u"]).var() / residual(frame, "t", ["x"]).var()
    with_outcome = 1 - residual(frame, "y", ["t", "x", "u"]).var() / residual(frame, "y", ["t", "x"]).var()
    return float(np.sqrt(with_outcome * with_treatment / (1 - with_treatment)))


def test_the_interval_is_that_of_the_method_regression() -> None:
    frame = clustered(np.random.default_rng(2))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="regression", adjust_for=("x",), cluster="group")
    answer = causal.answer(causal.UnitTable.from_frame(frame.drop(columns="u")), spec)
    found = asked(frame, "group").coefficient
    assert found.own_interval(0.95) == pytest.approx(answer.estimate.interval(0.95), rel=1e-12)
    plain = asked(frame, None).coefficient
    assert plain.clustered is None
    assert (plain.effect, plain.std_error, plain.partial_r2) == (found.effect, found.std_error, found.partial_r2)


def test_the_influence_of_effect_and_bias_is_what_leaving_a_group_out_moves() -> None:
    groups = 240  # leaving one of few out moves more than its influence says
    frame = clustered(np.random.default_rng(3), groups)
    whole = coefficient_of(frame)
    assert whole.clustered is not None
    moved = []
    for group in range(groups):
        part = coefficient_of(frame[frame["group"] != group])
        moved.append((part.effect, part.std_error * np.sqrt(part.degrees_of_freedom)))
    jackknife = np.cov(np.array(moved).T) * (groups - 1) ** 2 / groups
    spread = whole.clustered
    assert spread.variance == pytest.approx(jackknife[0, 0], rel=0.06)
    assert spread.bias_variance == pytest.approx(jackknife[1, 1], rel=0.06)
    assert spread.covariance == pytest.approx(jackknife[0, 1], abs=0.06 * np.sqrt(jackknife[0, 0] * jackknife[1, 1]))


def test_intervals_of_the_effect_left_cover_the_truth_where_classical_ones_do_not() -> None:
    strength, rng, replicates = true_strength(), np.random.default_rng(20_261_127), 200
    covered = {"clustered": 0, "classical": 0}
    for _ in range(replicates):
        found = coefficient_of(clustered(rng))
        assert found.clustered is not None
        left = found.effect - strength * found.std_error * np.sqrt(found.degrees_of_freedom)
        for name, error, freedom in (
            ("clustered", found.clustered.std_error(1.0, strength), found.clustered.degrees_of_freedom),
            ("classical", found.std_error, found.degrees_of_freedom),
        ):
            covered[name] += abs(left - EFFECT) < stats.t.ppf(0.975, freedom) * error
    assert stats.binomtest(covered["clustered"], replicates, 0.95).pvalue > 0.001, covered
    assert covered["classical"] < covered["clustered"]


def test_what_makes_the_effect_unclear_is_less_with_errors_by_cluster_and_its_limit_is_zero_there() -> None:
    frame = clustered(np.random.default_rng(5))
    doubled = pd.concat([frame] * 4, ignore_index=True)
    alike, apart = asked(doubled, "group"), asked(doubled, None)
    assert alike.robustness_value == apart.robustness_value
    assert 0 < alike.robustness_value_alpha < apart.robustness_value_alpha
    share, own = alike.robustness_value_alpha, alike.coefficient
    assert own.clustered is not None
    strength = share / np.sqrt(1 - share)
    left = own.effect - strength * own.std_error * np.sqrt(own.degrees_of_freedom)
    reach = stats.t.ppf(0.975, own.clustered.degrees_of_freedom) * own.clustered.std_error(1.0, strength)
    assert left == pytest.approx(reach, abs=1e-9)
    for one, other in zip(alike.bounds, apart.bounds, strict=True):
        assert one.adjusted_effect == other.adjusted_effect
        assert one.adjusted_high - one.adjusted_low > other.adjusted_high - other.adjusted_low
    mirrored = asked(doubled.assign(y=-doubled["y"]), "group")
    for one, other in zip(alike.bounds, mirrored.bounds, strict=True):
        pull = np.sqrt(one.partial_r2_outcome * one.partial_r2_treatment / (1 - one.partial_r2_treatment))
        reach = stats.t.ppf(0.975, own.clustered.degrees_of_freedom) * own.clustered.std_error(1.0, pull)
        ends = one.adjusted_effect - reach, one.adjusted_effect + reach
        assert (one.adjusted_low, one.adjusted_high) == pytest.approx(ends)
        assert (-other.adjusted_high, -other.adjusted_low) == pytest.approx(ends)
    assert Sensitivity.from_json(alike.to_json()) == alike


def test_the_light_and_its_words_take_errors_by_cluster() -> None:
    rng = np.random.default_rng(6)
    frame = clustered(rng)
    frame["t"] = (rng.random(GROUPS) < 0.5).astype(int)[frame["group"]]
    frame["y"] = rng.normal(size=GROUPS)[frame["group"]] + 0.3 * rng.normal(size=len(frame))
    frame["y"] += 0.4 * frame["t"] - frame.groupby("t")["y"].transform("mean") + 0.5
    alike, apart = asked(frame, "group"), asked(frame, None)
    assert apart.is_clear
    assert not alike.is_clear
    assert "not clearly different from zero as it is" in hidden_cause_verdict(alike).sentence
    assert "interval with errors by group" in regression_caption(alike)
    assert "interval with classical errors" in regression_caption(apart)
    assert any('units of the same "group" being alike' in each for each in alike.notes)


def test_an_exact_outcome_and_one_unit_per_cluster_are_no_trouble() -> None:
    frame = clustered(np.random.default_rng(7))
    frame["y"] = 2.0 * frame["t"] + frame["x"]
    assert asked(frame, "group").coefficient.clustered is None
    alone = clustered(np.random.default_rng(8)).assign(group=np.arange(GROUPS * SIZE))
    found = asked(alone, "group").coefficient
    assert found.clustered is not None
    assert np.sqrt(found.clustered.variance) == pytest.approx(found.std_error, rel=0.1)
    assert replace(found, clustered=None).robustness_value(0.05) == pytest.approx(
        found.robustness_value(0.05), abs=0.03
    )
