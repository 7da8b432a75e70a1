"""Risks: textbook figures, intervals that fall apart around infinity, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import causal
from causal.effects.risk import number_needed_intervals
from causal.errors import OutcomeProblem
from tests.estimators.designs import YES_OR_NO
from tests.estimators.references import ask


def counted(control_yes: int, control: int, treated_yes: int, treated: int) -> pd.DataFrame:
    t = np.repeat([0, 1], [control, treated])
    y = np.concatenate([np.arange(control) < control_yes, np.arange(treated) < treated_yes]).astype(int)
    return pd.DataFrame({"t": t, "y": y})


def test_the_physicians_health_study_as_agresti_prints_it():
    """Agresti (2002), Categorical Data Analysis, tables 2.1 and 3.1: placebo against aspirin."""
    found = causal.risk_measures(ask(counted(104, 11_037, 189, 11_034), "t", "y", (), "difference_in_means"))
    difference = found.difference
    assert [round(each, 3) for each in (difference.value, difference.low, difference.high)] == [0.008, 0.005, 0.011]
    assert [round(each, 2) for each in (found.ratio.value, found.ratio.low, found.ratio.high)] == [1.82, 1.43, 2.31]
    odds = found.odds_ratio
    assert [round(each, 2) for each in (odds.value, odds.low, odds.high)] == [1.83, 1.44, 2.33]
    assert found.is_clear and found.number_needed == pytest.approx(1 / 0.0077, rel=0.01)


def test_the_interval_of_the_number_needed_falls_apart_as_altman_says():
    """Altman (1998): a difference of -5 % to 25 % is NNTH 20 to infinity to NNTB 4."""
    (harm, benefit) = number_needed_intervals(-0.05, 0.25)
    assert harm == pytest.approx((-math.inf, -20)) and benefit == pytest.approx((4, math.inf))
    assert number_needed_intervals(0.05, 0.25)[0] == pytest.approx((4, 20))
    assert number_needed_intervals(-0.5, -0.1)[0] == pytest.approx((-10, -2))
    assert number_needed_intervals(0.0, 0.25) == ((4, math.inf),)
    assert number_needed_intervals(-0.25, 0.0) == ((-math.inf, -4),)
    assert number_needed_intervals(0.0, 0.0) == ()
    assert number_needed_intervals(math.nan, math.nan) == ()


@pytest.mark.parametrize("method", ["standardisation", "doubly_robust", "weighting"])
def test_ratios_hold_the_truth(method):
    control, treated = YES_OR_NO.truth("everyone")
    ratio, odds = treated / control, treated / (1 - treated) / (control / (1 - control))
    hits = np.zeros(2)
    for study in range(150):
        frame = YES_OR_NO.draw(YES_OR_NO.generator(study), 600)
        found = causal.risk_measures(ask(frame, "t", "y", ("a", "b"), method))
        hits += [found.ratio.low <= ratio <= found.ratio.high, found.odds_ratio.low <= odds <= found.odds_ratio.high]
    assert (hits >= 133).all()  # the exact binomial test of 95 % at .001


def test_the_numbers_are_those_of_the_estimate():
    analysis = ask(YES_OR_NO.draw(np.random.default_rng(1), 500), "t", "y", ("a", "b"), "doubly_robust")
    found, estimate = causal.risk_measures(analysis), analysis.estimate
    assert found.difference.value == estimate.effect
    assert (found.difference.low, found.difference.high) == estimate.interval()
    assert found.number_needed == 1 / estimate.effect
    assert (found.control_risk, found.treated_risk) == (estimate.arm_means.control, estimate.arm_means.treated)


def test_a_risk_of_nil_has_no_ratio():
    found = causal.risk_measures(ask(counted(0, 50, 9, 50), "t", "y", (), "difference_in_means"))
    assert math.isnan(found.ratio.value) and math.isnan(found.odds_ratio.low)
    assert found.number_needed == pytest.approx(50 / 9)


@pytest.mark.parametrize("method", ["difference_in_means", "doubly_robust"])
def test_an_arm_without_events_has_no_error_and_says_what_it_does_not_rule_out(method):
    """Clopper and Pearson's upper limit for 0 of 50 is 7.11 %, as R's binom.test(0, 50) prints it."""
    found = causal.risk_measures(ask(counted(0, 50, 9, 50), "t", "y", (), method))
    assert found.unvaried == (("control", pytest.approx(0.0711, abs=5e-5)),)
    assert causal.risk_measures(ask(counted(1, 50, 9, 50), "t", "y", (), method)).unvaried == ()


def test_a_fitted_risk_of_nil_has_no_ratio_either():
    """A logistic model says 1e-17 where nobody had the outcome: a ratio to that is rounding."""
    frame = counted(0, 60, 20, 60).assign(x=np.random.default_rng(0).normal(size=120))
    found = causal.risk_measures(ask(frame, "t", "y", ("x",), "doubly_robust"))
    assert math.isnan(found.ratio.value) and math.isnan(found.odds_ratio.value)


def test_what_is_not_yes_or_no_is_refused():
    frame = counted(5, 50, 9, 50).assign(y=np.arange(100.0))
    with pytest.raises(OutcomeProblem, match='"y" is not yes or no'):
        causal.risk_measures(ask(frame, "t", "y", (), "difference_in_means"))
