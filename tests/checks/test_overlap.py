"""Overlap: propensities by arm, effective sizes, what trimming took; and the verdicts made of them."""

from __future__ import annotations

import numpy as np
import pytest

import causal
from causal.checks.overlap import BINS
from tests.estimators.designs import HEAVY, RANDOMISED, VARIED
from tests.estimators.references import ask

SCORED = tuple(method.name for method in causal.METHODS if method.has_propensity)


@pytest.fixture(scope="module")
def frame():
    return VARIED.draw(np.random.default_rng(1), 2_000)


@pytest.mark.parametrize("method", SCORED)
def test_every_unit_is_in_the_histogram_of_its_arm(frame, method):
    overlap = ask(frame, "t", "y", ("a", "b"), method).overlap
    histogram = overlap.propensity_histogram
    assert len(histogram.edges) == BINS + 1
    assert sum(histogram.control) == (frame["t"] == 0).sum()
    assert sum(histogram.treated) == (frame["t"] == 1).sum()
    low, high = overlap.propensity_range
    assert 0.1 < low < high < 0.9
    assert overlap.share_beyond == 0


def test_the_effective_size_is_kishs(frame):
    overlap = ask(frame, "t", "y", ("a", "b"), "weighting", "treated").overlap
    assert overlap.effective_sample_size["treated"] == pytest.approx((frame["t"] == 1).sum())
    assert overlap.effective_sample_size["control"] < (frame["t"] == 0).sum()


@pytest.mark.parametrize("method", ["difference_in_means", "regression", "standardisation"])
def test_methods_without_a_score_show_no_propensities(frame, method):
    overlap = ask(frame, "t", "y", ("a", "b"), method).overlap
    assert overlap.propensity_histogram is None
    assert overlap.propensity_range is None
    assert overlap.share_beyond is None
    assert overlap.share_trimmed == 0


def test_heavy_weights_shrink_the_effective_size_and_trimming_restores_it():
    frame = HEAVY.draw(np.random.default_rng(2), 4_000)
    heavy, trimmed = (ask(frame, "t", "y", ("a", "b"), "weighting", options={"trim": trim}) for trim in (0.0, 0.1))
    share = [
        each.overlap.effective_sample_size["treated"] / each.estimate.arm_sizes["treated"] for each in (heavy, trimmed)
    ]
    assert share[0] < share[1]
    assert heavy.overlap.share_beyond > 0.2
    assert heavy.overlap.largest_weight_share > trimmed.overlap.largest_weight_share


def test_the_smaller_effective_share_is_the_one_spoken_of():
    frame = RANDOMISED.draw(np.random.default_rng(3), 2_000)
    verdict = {each.check: each for each in ask(frame, "t", "y", ("a", "b"), "weighting").verdicts}["overlap"]
    assert verdict.light == "passed"
    assert "arm counts as" in verdict.sentence


def test_few_effective_units_fail():
    frame = HEAVY.draw(np.random.default_rng(4), 80)
    verdict = {each.check: each for each in ask(frame, "t", "y", ("a", "b"), "weighting").verdicts}["overlap"]
    assert verdict.light == "failed"
    assert "So few say little" in verdict.sentence


def test_nothing_adjusted_for_is_causal_only_if_random(frame):
    verdicts = {each.check: each for each in ask(frame, "t", "y", (), "difference_in_means").verdicts}
    assert verdicts["identification"].light == "attention"
    assert "only if treatment was random" in verdicts["identification"].sentence
