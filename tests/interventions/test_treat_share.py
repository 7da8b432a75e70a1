"""What-ifs over shares: equal to the arm means at the ends, with intervals that hold the truth."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import NoScores, OptionProblem, UnknownColumn
from tests.estimators.designs import RANDOMISED, USERS, VARIED, Design
from tests.estimators.references import ask

METHODS = tuple(
    method.name
    for method in causal.METHODS
    if method.on_its_own and method.population is None and method.name != "coarsened_matching"
)
"""Overlap weighting and coarsened matching speak of other units: what-ifs they refuse are in their own tests."""

RANKING = tuple(method.name for method in causal.METHODS if method.ranks)
STUDIES = 1_000 if os.environ.get("DOABLE_FULL_COVERAGE") else 200


def answered(frame, method="doubly_robust", target="everyone", **changes):
    return ask(frame, "t", "y", ("a", "b"), method, target, **changes)


@pytest.fixture(scope="module")
def frame():
    return VARIED.draw(np.random.default_rng(1), 600)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("method", METHODS)
def test_no_one_and_everyone_are_the_arm_means(frame, method, target):
    analysis = answered(frame, method, target)
    curve = causal.treat_share(analysis, [0.0, 1.0])
    means, errors = analysis.estimate.arm_means, analysis.estimate.arm_std_errors
    assert curve.means == pytest.approx((means.control, means.treated), rel=1e-10)
    finite = {"difference_in_means": 5e-3, "regression": 1e-4}  # n against n - 1, and HC2's factors
    expected = pytest.approx((errors.control, errors.treated), rel=finite.get(method, 1e-8))
    assert curve.std_errors == expected


@pytest.mark.parametrize("by", ["a", "b"])
@pytest.mark.parametrize("method", RANKING)
def test_the_ends_are_the_same_by_whatever_column(frame, method, by):
    analysis = answered(frame, method)
    ordered, random = (causal.treat_share(analysis, [0.0, 1.0], each) for each in (by, None))
    assert ordered.means == pytest.approx(random.means, rel=1e-12)
    assert ordered.std_errors == pytest.approx(random.std_errors, rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_at_random_the_curve_is_a_straight_line(frame, method):
    analysis = answered(frame, method)
    curve = causal.treat_share(analysis, [0.0, 0.25, 0.5, 1.0])
    low, quarter, half, high = curve.means
    assert quarter == pytest.approx(0.75 * low + 0.25 * high, rel=1e-12)
    assert half == pytest.approx((low + high) / 2, rel=1e-12)


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(RANKING)))
def test_methods_whose_scores_hold_only_on_average_refuse_a_column(frame, method):
    with pytest.raises(NoScores, match="it cannot say what treating the top by a column would do"):
        causal.treat_share(answered(frame, method), [0.5], "a")


def test_the_top_share_is_the_average_of_its_units_scores(frame):
    analysis = answered(frame)
    scores = analysis.scores
    order = np.argsort(-frame["a"].to_numpy())
    top = np.zeros(600, dtype=bool)
    top[order[:150]] = True
    expected = np.where(top, scores.treated, scores.control).mean()
    assert causal.treat_share(analysis, [0.25], "a").means[0] == pytest.approx(expected, rel=1e-12)


def test_a_share_between_two_units_treats_part_of_one(frame):
    analysis = answered(frame)
    low, middle, high = causal.treat_share(analysis, [100 / 600, 100.25 / 600, 101 / 600], "a").means
    assert middle == pytest.approx(0.75 * low + 0.25 * high, rel=1e-9)


def test_units_that_tie_at_the_cut_are_averaged(frame):
    tied = frame.assign(grade=np.arange(600) % 3)
    analysis = ask(tied, "t", "y", ("a", "b"), "doubly_robust")
    shares = [1 / 3, 1 / 2, 2 / 3]
    low, middle, high = causal.treat_share(analysis, shares, "grade").means
    assert middle == pytest.approx((low + high) / 2, rel=1e-9)
    shuffled = causal.treat_share(ask(tied.iloc[::-1], "t", "y", ("a", "b"), "doubly_robust"), shares, "grade")
    assert shuffled.means == pytest.approx((low, middle, high), rel=1e-9)
    assert shuffled.std_errors == pytest.approx(causal.treat_share(analysis, shares, "grade").std_errors, rel=1e-7)


def test_a_column_that_is_the_same_for_all_is_treating_at_random(frame):
    analysis = answered(frame.assign(flat=1.0))
    flat, random = (causal.treat_share(analysis, [0.2, 0.7], by) for by in ("flat", None))
    assert flat.means == pytest.approx(random.means, rel=1e-10)
    assert flat.std_errors == pytest.approx(random.std_errors, rel=1e-10)


def test_the_curve_rises_where_every_score_gains():
    rng = np.random.default_rng(3)
    frame = VARIED.draw(rng, 600)
    frame["y"] = 10.0 * frame["t"] + frame["a"]
    curve = causal.treat_share(answered(frame), np.linspace(0, 1, 101), "a")
    assert (np.diff(curve.means) > 0).all()
    assert curve.means[100] - curve.means[0] == pytest.approx(10, rel=1e-6)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("method", METHODS)
def test_today_is_the_observed_mean_and_the_total_its_change_times_the_units(frame, method, target):
    inside = {"everyone": frame, "treated": frame[frame["t"] == 1], "untreated": frame[frame["t"] == 0]}[target]
    curve = causal.treat_share(answered(frame, method, target), [0.0, 0.4, 1.0])
    assert curve.today == pytest.approx(inside["y"].mean(), rel=1e-12)
    assert curve.today_share == pytest.approx(inside["t"].mean(), rel=1e-12)
    assert curve.population == len(inside)
    for place, mean in enumerate(curve.means):
        assert curve.changes[place] == pytest.approx(mean - inside["y"].mean(), rel=1e-9, abs=1e-12)
        assert curve.total_change(place) == pytest.approx(curve.changes[place] * len(inside), rel=1e-12)
        low, high = curve.total_change_interval(place)
        assert (low, high) == pytest.approx([bound * len(inside) for bound in curve.change_interval(place)])


@pytest.mark.parametrize("method", ["doubly_robust", "standardisation", "weighting"])
def test_treating_those_treated_changes_nothing_for_sure(frame, method):
    """Today's mean of the treated is known: the change at everyone is nil, and so is its error."""
    curve = causal.treat_share(answered(frame, method, "treated"), [1.0])
    assert curve.changes[0] == pytest.approx(0, abs=1e-9)
    assert curve.change_std_errors[0] == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("by", [None, "a", "grade"])
@pytest.mark.parametrize("target", ["everyone", "treated"])
def test_singleton_clusters_give_the_plain_formula_but_for_their_factor(frame, by, target):
    named = frame.assign(user=np.arange(600), grade=np.arange(600) % 3)
    shares = [0.0, 0.1, 0.35, 0.8, 1.0]
    plain = causal.treat_share(answered(named, target=target), shares, by)
    clustered = causal.treat_share(answered(named, target=target, cluster="user"), shares, by)
    factor = np.sqrt(600 / 599)
    assert clustered.means == pytest.approx(plain.means, rel=1e-10)
    assert clustered.std_errors == pytest.approx(factor * np.array(plain.std_errors), rel=1e-6)
    assert clustered.change_std_errors == pytest.approx(factor * np.array(plain.change_std_errors), rel=1e-6, abs=1e-7)


def test_a_second_call_gives_the_same_curve(frame):
    analysis = answered(frame)
    assert causal.treat_share(analysis, [0.3], "a") == causal.treat_share(analysis, [0.3], "a")


def test_missing_values_of_the_column_come_last(frame):
    holed = frame.assign(rank=frame["a"].where(frame["a"] > -0.5))
    analysis = answered(holed)
    present = float(holed["rank"].notna().mean())
    ordered, whole = (causal.treat_share(analysis, [0.2, present], by) for by in ("rank", "a"))
    assert ordered.means == pytest.approx(whole.means, rel=1e-10)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(frame, share):
    with pytest.raises(OptionProblem, match=r"A share lies between 0 \(no one\) and 1 \(everyone\)"):
        causal.treat_share(answered(frame), [share])


def test_a_column_without_order_is_refused(frame):
    named = answered(frame.assign(g="x"))
    with pytest.raises(OptionProblem, match='"g" is not numeric, so it puts the units in no order'):
        causal.treat_share(named, [0.5], "g")
    with pytest.raises(UnknownColumn, match='no column "zz"'):
        causal.treat_share(named, [0.5], "zz")


def test_stock_methods_answer_no_what_if(frame):
    analysis = answered(frame, "dowhy:backdoor.linear_regression")
    with pytest.raises(NoScores, match="Answer with doubly robust as well"):
        causal.treat_share(analysis, [0.5])


def test_the_target_counts_only_its_own_units(frame):
    analysis = answered(frame, target="treated")
    treated = frame["t"] == 1
    cut = float(np.sort(frame.loc[treated, "a"])[::-1][49])
    share = 50 / treated.sum()
    scores, top = analysis.scores, (frame["a"] >= cut).to_numpy()
    expected = np.where(top, scores.treated, scores.control).sum() / treated.sum()
    found = causal.treat_share(analysis, [share], "a").means[0]
    assert found == pytest.approx(expected, abs=0.02)


SHARES = (0.1, 0.3, 0.6)


def truth(design: Design, target: str, share: float, by: str | None) -> float:
    """The mean outcome of the target if its top share by a column is treated, over the design's grid."""
    control, treated = design.mean(design.grid, 0), design.mean(design.grid, 1)
    weight = {"everyone": np.ones(len(control)), "treated": design.chance(design.grid)}[target]
    chosen = np.full(len(control), share)
    if by is not None:
        order = np.argsort(-design.grid[by].to_numpy(), kind="stable")
        reached = np.cumsum(weight[order]) / weight.sum()
        chosen[order] = reached <= share
    return float(np.average(control + chosen * (treated - control), weights=weight))


def curves(design: Design, target: str, by: str | None, cluster: str | None = None) -> np.ndarray:
    """(studies, shares, 4): means, their errors, changes, their errors."""
    found = []
    for study in range(STUDIES):
        curve = causal.treat_share(
            answered(design.draw(design.generator(study)), target=target, cluster=cluster), SHARES, by
        )
        found.append(np.stack([curve.means, curve.std_errors, curve.changes, curve.change_std_errors], axis=1))
    return np.array(found)


@pytest.mark.parametrize(
    ("design", "target", "by", "cluster"),
    [
        (VARIED, "everyone", "a", None),
        (VARIED, "treated", "a", None),
        (VARIED, "everyone", None, None),
        (USERS, "everyone", "b", "user"),
    ],
    ids=lambda value: value.name if isinstance(value, Design) else str(value),
)
def test_bands_of_the_curve_hold_the_truth(design, target, by, cluster):
    found = curves(design, target, by, cluster)
    control, treated = design.mean(design.grid, 0), design.mean(design.grid, 1)
    today = float(np.mean(control + design.chance(design.grid) * (treated - control)))
    for place, share in enumerate(SHARES):
        true = truth(design, target, share, by)
        hits = int((np.abs(found[:, place, 0] - true) <= 1.959963984540054 * found[:, place, 1]).sum())
        assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, (share, hits)
        if target == "everyone":
            hits = int((np.abs(found[:, place, 2] - (true - today)) <= 1.959963984540054 * found[:, place, 3]).sum())
            assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, (share, "change", hits)


def test_difference_in_means_ranks_where_treatment_was_random():
    hits = 0
    for study in range(STUDIES):
        analysis = answered(RANDOMISED.draw(RANDOMISED.generator(study)), "difference_in_means")
        low, high = causal.treat_share(analysis, [0.3], "a").interval(0)
        hits += low <= truth(RANDOMISED, "everyone", 0.3, "a") <= high
    assert hits / STUDIES > 0.92


def test_the_frame_is_left_alone(frame):
    before = frame.copy(deep=True)
    causal.treat_share(answered(frame), [0.5], "a")
    pd.testing.assert_frame_equal(frame, before)
