"""Quantile effects: the check function's minimum, errors beside a bootstrap, coverage, limits and refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, poisson

import causal
from causal.effects.quantiles import QUANTILES
from causal.errors import OptionProblem, OutcomeProblem

SEED = 20_261_128


def drawn(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """The treated shift by one and spread out twice as wide; x moves both treatment and outcome."""
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-0.7 * x))).astype(int)
    return pd.DataFrame({"x": x, "t": t, "y": x + t + (1 + t) * rng.normal(size=n)})


def spec_of(target: str = "everyone", adjust_for: tuple[str, ...] = ("x",), **more: object) -> causal.AnalysisSpec:
    return causal.AnalysisSpec(causal.Question("t", "y", target=target), adjust_for=adjust_for, **more)


def asked(frame: pd.DataFrame, quantiles=QUANTILES, **more: object) -> causal.QuantileEffects:
    return causal.quantile_effects(causal.UnitTable.from_frame(frame), spec_of(**more), quantiles)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return drawn(np.random.default_rng(SEED), 1_500)


def weights_of(frame: pd.DataFrame, target: str) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(frame[["x"]], frame["t"])
    chance = model.predict_proba(frame[["x"]])[:, 1]
    if target == "treated":
        return np.where(frame["t"] == 1, 1.0, chance / (1 - chance))
    return np.where(frame["t"] == 1, 1 / chance, 1 / (1 - chance))


def check(values: np.ndarray, weight: np.ndarray, share: float, at: np.ndarray) -> np.ndarray:
    """The weighted check function's sum at each of the places asked about."""
    gaps = values[None, :] - at[:, None]
    return (weight * np.where(gaps >= 0, share * gaps, (share - 1) * gaps)).sum(axis=1)


@pytest.mark.parametrize("target", ["everyone", "treated"])
def test_quantiles_minimise_the_weighted_check_function(frame, target):
    weight = weights_of(frame, target)
    for each in asked(frame, target=target).effects:
        for arm, value in ((0, each.control), (1, each.treated)):
            own = (frame["t"] == arm).to_numpy()
            asking = frame["y"].to_numpy()[own], weight[own], each.quantile
            lowest = check(*asking, at=asking[0]).min()
            assert check(*asking, at=np.array([value]))[0] == pytest.approx(lowest, rel=1e-12)


def test_without_covariates_they_are_the_arms_own(frame):
    for each in asked(frame, adjust_for=()).effects:
        own = np.quantile(frame["y"][frame["t"] == 1], each.quantile, method="inverted_cdf")
        assert each.treated == pytest.approx(own, abs=1e-12)


def test_errors_are_near_a_bootstrap_that_fits_the_propensity_anew(frame):
    rng, found = np.random.default_rng(SEED + 1), asked(frame)
    again = []
    for _ in range(120):
        rows = rng.integers(0, len(frame), len(frame))
        again.append([each.effect for each in asked(frame.iloc[rows].reset_index(drop=True)).effects])
    ratio = np.array([each.std_error for each in found.effects]) / np.std(again, axis=0, ddof=1)
    assert (np.abs(np.log(ratio)) < 0.25).all(), ratio


def test_intervals_hold_the_truth_alone_and_at_once():
    """y is normal with mean t and variance 1 + (1 + t)^2, so its quantiles are known."""
    place = norm.ppf(QUANTILES)
    truth = 1 + place * (np.sqrt(5) - np.sqrt(2))
    alone, joint = np.zeros(len(QUANTILES)), 0
    for study in range(150):
        found = asked(drawn(np.random.default_rng([SEED, study]), 800)).effects
        alone += [each.low <= true <= each.high for each, true in zip(found, truth, strict=True)]
        joint += all(each.joint_low <= true <= each.joint_high for each, true in zip(found, truth, strict=True))
    assert (alone >= 133).all(), alone  # the exact binomial test of 95 % at .001
    assert joint >= 133


def test_they_survive_json_and_keep_what_is_no_number(frame):
    few = frame.assign(y=np.where(frame["y"] < 1.5, 0.0, frame["y"]))
    for found in (asked(frame), asked(few)):
        back = causal.QuantileEffects.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
        assert repr(back) == repr(found)


def test_clusters_widen_what_repeats(frame):
    twice = pd.concat([frame, frame], ignore_index=True).assign(user=np.tile(np.arange(len(frame)), 2))
    one, two = asked(frame).effects[2], asked(twice, cluster="user").effects[2]
    assert two.effect == one.effect
    assert two.std_error == pytest.approx(one.std_error, rel=0.2)


def test_joint_intervals_are_wider(frame):
    for each in asked(frame).effects:
        assert each.joint_low < each.low < each.effect < each.high < each.joint_high


def test_intervals_of_counts_hold_the_truth():
    """Poisson means 3 and 5: a quantile moves in whole clicks, so its sparsity would say too little or nothing."""
    truth = poisson.ppf(QUANTILES, 5) - poisson.ppf(QUANTILES, 3)
    alone, joint = np.zeros(len(QUANTILES)), 0
    for study in range(60):
        rng = np.random.default_rng([SEED + 2, study])
        t = rng.integers(0, 2, 300)
        found = asked(pd.DataFrame({"t": t, "y": rng.poisson(3 + 2 * t)}), adjust_for=()).effects
        assert all(each.in_steps and np.isnan(each.std_error) for each in found)
        alone += [each.low <= true <= each.high for each, true in zip(found, truth, strict=True)]
        joint += all(each.joint_low <= true <= each.joint_high for each, true in zip(found, truth, strict=True))
    assert (alone >= 51).all(), alone  # the exact binomial test of 95 % at .001, one-sided: they are cautious
    assert joint >= 51


def test_where_units_share_a_value_the_interval_is_that_of_the_distribution_functions(frame):
    found = asked(frame.assign(y=frame["y"].clip(lower=0).round(3)))
    lowest = found.effects[0]
    assert lowest.in_steps and np.isnan(lowest.std_error)
    assert (lowest.low, lowest.high) == (0.0, 0.0)  # well within the zeros of both arms
    assert not found.effects[-1].in_steps
    assert found.notes[-1].startswith("At 10 %")


def test_without_units_beyond_a_tie_there_is_no_interval():
    rng = np.random.default_rng(SEED)
    t = np.arange(60) % 2
    found = asked(pd.DataFrame({"t": t, "y": rng.poisson(2 + t)}), adjust_for=(), quantiles=(0.02, 0.5))
    assert np.isnan(found.effects[0].low) and found.effects[1].has_interval
    assert found.notes[1] == (
        "No interval at 2 %: many units share the outcome's value there, and an arm has too few units beyond it."
    )


def test_the_highest_value_of_all_is_not_taken_for_certain():
    """Nobody lies above it, so its distribution function has no error; the one just below it has."""
    y = np.concatenate([np.repeat([1, 2], [27, 23]), np.repeat([1, 2], [22, 28])])
    found = asked(pd.DataFrame({"t": np.repeat([0, 1], 50), "y": y}), adjust_for=(), quantiles=(0.5,)).effects[0]
    assert (found.effect, found.low, found.high) == (1.0, -1.0, 1.0)


def test_bad_questions_are_refused(frame):
    with pytest.raises(OptionProblem, match="between 0 and 1"):
        asked(frame, quantiles=(50,))
    with pytest.raises(OptionProblem, match="take the bootstrap back"):
        asked(frame, bootstrap=causal.Bootstrap())
    with pytest.raises(OutcomeProblem, match="yes or no"):
        asked(frame.assign(y=(frame["y"] > 0).astype(int)))
    with pytest.raises(OutcomeProblem, match="quantiles need 20 or more"):
        asked(frame.iloc[:30])


def test_where_few_units_carry_the_weight_the_interval_is_said_to_be_too_narrow(frame):
    assert not any("too narrow" in note for note in asked(frame).notes)
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=500)
    t = (rng.random(500) < 1 / (1 + np.exp(1 - 2 * x))).astype(int)
    found = asked(pd.DataFrame({"x": x, "t": t, "y": x + t + rng.normal(size=500)}), adjust_for=("x",))
    assert found.notes[-1].startswith("At 10 %") and found.notes[-1].endswith("the interval can be too narrow.")
