"""Two policies at every budget: beside an own implementation of maq's paired resampling, and beside known truths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from causal.errors import OptionProblem
from causal.policies.alike import alike_path
from causal.policies.allocation import AllocationPath, allocation_path
from causal.policies.arm_scores import ArmScores
from causal.policies.budget_curve import budget_curve, stop_influence
from causal.policies.paired_curves import PairedCurves, paired_curves
from causal.policies.spending import Spending, less, spending_at, spending_of


def scores_of(scores: np.ndarray, predicted: np.ndarray, clusters: np.ndarray | None = None) -> ArmScores:
    n, count = scores.shape
    return ArmScores(
        tuple(range(count)), 0, predicted, scores, np.full((n, count), 1 / count), np.zeros(n, dtype=np.int64),
        scores[:, 0], np.arange(n), n, clusters, (), False,
    )  # fmt: skip


def problem(n: int, seed: int, count: int = 4) -> tuple[ArmScores, np.ndarray, np.ndarray]:
    """Scores of a free arm and others, costs per unit and arm, and the predictions of another policy."""
    rng = np.random.default_rng(seed)
    effects = np.column_stack([np.zeros(n), rng.normal(0.3, 1.0, (n, count - 1))])
    costs = np.column_stack([np.zeros(n), 0.05 + rng.random((n, count - 1))])
    scores = scores_of(effects + rng.standard_normal(effects.shape), effects + 0.5 * rng.standard_normal(effects.shape))
    return scores, costs, effects + rng.standard_normal(effects.shape)


def hull_steps(predicted: np.ndarray, costs: np.ndarray) -> list[tuple[float, int, int, int]]:
    """(gain per cost, unit, arm left, arm taken) of every unit's upper hull, the best first; in plain Python."""
    steps = []
    for unit, (gains, prices) in enumerate(zip(predicted.tolist(), costs.tolist(), strict=True)):
        at = min(range(len(gains)), key=lambda arm: (prices[arm], -gains[arm]))
        while True:
            here = at
            better = [a for a in range(len(gains)) if gains[a] > gains[here] and prices[a] > prices[here]]
            if not better:
                break
            at = max(better, key=lambda arm: (gains[arm] - gains[here]) / (prices[arm] - prices[here]))
            steps.append(((gains[at] - gains[here]) / (prices[at] - prices[here]), unit, here, at))
    return sorted(steps, key=lambda step: -step[0])


class Maq:
    """The curve as R's maq has it: a path over the units, and the same path over halves of them with weight two."""

    def __init__(self, predicted: np.ndarray, costs: np.ndarray, scores: np.ndarray) -> None:
        steps = hull_steps(predicted, costs)
        self.n, self.unit = len(predicted), np.array([step[1] for step in steps])
        before, after = (np.array([step[each] for step in steps]) for each in (2, 3))
        self.cost = costs[self.unit, after] - costs[self.unit, before]
        self.gain = scores[self.unit, after] - scores[self.unit, before]

    def gain_at(self, budget: float, weight: np.ndarray) -> float:
        inside = weight[self.unit] / self.n
        spent, gain = np.cumsum(self.cost * inside), np.cumsum(self.gain * inside)
        return float(np.interp(budget, np.concatenate([[0.0], spent]), np.concatenate([[0.0], gain])))


def test_differences_and_errors_are_those_of_maqs_paired_half_samples():
    scores, costs, predicted = problem(600, 1)
    first, other = allocation_path(scores.predicted, costs), allocation_path(predicted, costs)
    found = paired_curves(scores, costs, first, other, 0.95, points=9)
    curves = [Maq(each, costs, scores.scores) for each in (scores.predicted, predicted)]
    rng, everyone = np.random.default_rng(2), np.ones(600)
    halves = np.zeros((400, 600))
    for row in halves:
        row[rng.permutation(600)[:300]] = 2.0
    for place in range(1, 9):
        budget = found.budgets[place] / 600
        by_hand = curves[0].gain_at(budget, everyone) - curves[1].gain_at(budget, everyone)
        assert found.differences[place] == pytest.approx(by_hand, abs=2 * np.ptp(scores.scores, axis=1).max() / 600)
        drawn = [curves[0].gain_at(budget, row) - curves[1].gain_at(budget, row) for row in halves]
        assert found.std_errors[place] == pytest.approx(np.std(drawn), rel=0.15)


@pytest.mark.parametrize("clustered", [False, True])
def test_errors_are_those_of_influences_counted_unit_by_unit(clustered):
    scores, costs, predicted = problem(400, 3)
    rng = np.random.default_rng(4)
    codes = np.unique(rng.integers(0, 90, 400), return_inverse=True)[1].astype(np.int64) if clustered else None
    scores = replace(scores, clusters=codes)
    first, other = allocation_path(scores.predicted, costs), allocation_path(predicted, costs)
    found = paired_curves(scores, costs, first, other, 0.95, points=7)
    units, influences = np.arange(400), []
    for budget in found.budgets:
        parts = []
        for path in (first, other):
            steps = path.steps_within(budget)
            parts.append(scores.scores[units, path.arms_after(steps)] + stop_influence(scores, path, steps))
        influences.append(parts[0] - parts[1])
    table = np.column_stack(influences)
    assert found.differences == pytest.approx(table.mean(axis=0))
    apart = table - table.mean(axis=0)
    groups = units if codes is None else codes
    sums = np.array([np.bincount(groups, weights=each) for each in apart.T]).T
    covariance = sums.T @ sums * len(sums) / (len(sums) - 1) / 400**2
    assert found.std_errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-9)
    widths = np.diff(found.budgets)
    for place in (3, 6):
        weights = np.zeros(7)
        weights[:place] += widths[:place] / 2
        weights[1 : place + 1] += widths[:place] / 2
        weights /= widths[:place].sum()
        assert found.averages[place] == pytest.approx(weights @ table.mean(axis=0))
        assert found.average_errors[place] == pytest.approx(np.sqrt(weights @ covariance @ weights), rel=1e-9)
    assert found.degrees_of_freedom == (len(sums) - 1 if clustered else np.inf)


def test_the_gains_are_those_of_each_curve_told_alone():
    scores, costs, predicted = problem(500, 5)
    path, other = allocation_path(scores.predicted, costs), allocation_path(predicted, costs)
    alone = budget_curve(scores, path, 0.95, points=5)
    found = paired_curves(scores, costs, path, other, 0.95, at=alone.budgets, points=3)
    places = [found.place_of(budget) for budget in alone.budgets]
    assert [found.budgets[each] for each in places] == pytest.approx(alone.budgets)
    assert [found.gains[each] for each in places] == pytest.approx(alone.gains)
    assert [found.spent[each] for each in places] == pytest.approx(alone.spent)


def test_one_arm_at_one_price_is_the_difference_of_two_qini_curves():
    rng = np.random.default_rng(6)
    effect = rng.normal(0.5, 1.0, 300)
    scores = scores_of(np.column_stack([np.zeros(300), effect]), np.zeros((300, 2)))
    rankings = [effect + rng.standard_normal(300) + 9, effect + 2 * rng.standard_normal(300) + 9]
    costs = np.tile([0.0, 1.0], (300, 1))
    paths = [allocation_path(np.column_stack([np.zeros(300), each]), costs) for each in rankings]
    found = paired_curves(scores, costs, *paths, 0.95, points=31)
    for place, budget in enumerate(found.budgets):
        qini = [effect[np.argsort(-each)][: round(budget)].sum() / 300 for each in rankings]
        assert found.gains[place] == pytest.approx(qini[0])
        assert found.differences[place] == pytest.approx(qini[0] - qini[1], abs=1e-12)
    assert found.std_errors[0] == found.std_errors[-1] == 0.0  # nobody, and everybody


def map_study(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The design of the paper's simulations: outcomes' means under three arms, costs, predictions, scores."""
    x = rng.random((n, 7))
    region0 = (x[:, 4] < 0.6) & (x[:, 6] > 0.35)
    region2 = x[:, 4] ** 2 / 0.6**2 + x[:, 6] ** 2 / 0.35**2 < 1
    region2 |= (x[:, 4] - 1) ** 2 / 0.4**2 + (x[:, 6] - 1) ** 2 / 0.35**2 < 1
    arms = np.arange(3)
    means = np.where(region0[:, None], 3.0 - arms, 2 - np.abs(arms - 1) / 2)
    means = np.where((region2 & ~region0)[:, None], 1.5 * (arms - 1), means)
    costs = np.column_stack([np.zeros(n), x[:, 0], 2 * x[:, 1]])
    predicted = np.column_stack([np.zeros(n), 1.5 * x[:, 4] - 0.8 * x[:, 6], 2.2 * x[:, 4] - 1.5 * x[:, 6]])
    given = rng.integers(0, 3, n)
    outcome = means[np.arange(n), given] + 2 * rng.standard_normal(n)
    base = np.array([1.6, 1.4, 1.2])
    scores = base + np.where(given[:, None] == arms, 3 * (outcome - base[given])[:, None], 0.0)
    return means, costs, predicted, scores


def curves_of(study: tuple[np.ndarray, ...], other: str, scores: np.ndarray, budgets: np.ndarray) -> PairedCurves:
    _, costs, predicted, _ = study
    path = allocation_path(predicted, costs)
    beside = alike_path(predicted, costs) if other == "alike" else allocation_path(predicted[:, :2], costs[:, :2])
    given = scores_of(scores, predicted)
    return paired_curves(given, costs, path, beside, 0.95, at=budgets * len(predicted), points=12)


@pytest.mark.parametrize("other", ["alike", "first arm"])
def test_pointwise_and_joint_intervals_and_the_averages_hold_the_truth(other):
    """120 studies of 500 units, seeds 0 to 119; the truth by 100,000: exact binomial tests against 95 % at p < .001."""
    budgets = np.array([0.1, 0.25, 0.4])
    population = map_study(100_000, np.random.default_rng(999))
    truth = curves_of(population, other, population[0], budgets)
    wanted = [truth.differences[truth.place_of(each * 100_000)] for each in budgets]
    hits, joint, averages = np.zeros(3), 0, 0
    for seed in range(120):
        study = map_study(500, np.random.default_rng([70, seed]))
        found = curves_of(study, other, study[3], budgets)
        places = [found.place_of(each * 500) for each in budgets]
        for at, (place, right) in enumerate(zip(places, wanted, strict=True)):
            low, high = found.difference(place).interval()
            hits[at] += low <= right <= high
        ends = [found.joint_interval(place) for place in places]
        joint += all(low <= right <= high for (low, high), right in zip(ends, wanted, strict=True))
        low, high = found.average(places[-1]).interval()
        averages += low <= truth.averages[truth.place_of(0.4 * 100_000)] <= high
    for count in (*hits, averages):
        assert stats.binomtest(int(count), 120, 0.95).pvalue > 0.001
    assert stats.binomtest(joint, 120, 0.95, alternative="less").pvalue > 0.001


def test_the_same_policy_twice_differs_by_nothing():
    scores, costs, _ = problem(300, 7)
    path = allocation_path(scores.predicted, costs)
    found = paired_curves(scores, costs, path, allocation_path(scores.predicted.copy(), costs), 0.95)
    for numbers in (found.differences, found.std_errors, found.averages, found.average_errors):
        assert set(numbers) == {0.0}
    assert found.joint_interval(10) == (0.0, 0.0)


def test_where_one_has_all_it_can_gain_it_stays():
    scores, costs, predicted = problem(300, 8)
    path = allocation_path(scores.predicted, costs)
    short = allocation_path(predicted[:, :2], costs[:, :2])
    found = paired_curves(scores, costs, path, short, 0.95)
    assert found.budgets[-1] == pytest.approx(path.most)
    ended = found.place_of(short.most) + 1
    assert len(set(found.other_gains[ended:])) == len(set(found.other_spent[ended:])) == 1
    assert found.other_spent[-1] == pytest.approx(short.most)


def test_alike_is_each_arm_for_a_share_of_the_units():
    scores, costs, _ = problem(400, 9)
    path = alike_path(scores.predicted, costs)
    assert path.arms[0] == 0
    budget = 0.4 * path.most
    shares = path.shares_within(budget)
    assert shares.sum() == pytest.approx(1.0)
    assert shares @ costs.sum(axis=0) == pytest.approx(budget)
    found = spending_at(scores, costs, path, budget)
    assert found.total == pytest.approx(budget)
    assert found.values.mean() == pytest.approx(shares @ scores.scores.mean(axis=0))
    assert path.shares_within(10 * path.most).max() == 1.0


def test_at_anothers_money_the_same_allocation_differs_by_nothing():
    scores, costs, _ = problem(300, 10)
    path = allocation_path(scores.predicted, costs)
    arms = path.arms_after(path.steps_within(0.3 * path.most))
    fixed = spending_of(scores, costs, arms)
    beside = less(spending_at(scores, costs, path, fixed), fixed, scores, 0.95)
    assert (beside.value, beside.std_error) == (0.0, 0.0)


def test_the_error_at_anothers_money_counts_that_it_moves_with_the_sample():
    """The other spends on a coin's toss: 300 studies; the standard error is the spread of the differences."""
    values, errors = [], []
    for seed in range(300):
        rng = np.random.default_rng([80, seed])
        effect = rng.normal(1.0, 0.5, 400)
        scores = scores_of(
            np.column_stack([np.zeros(400), effect + rng.standard_normal(400)]),
            np.column_stack([np.zeros(400), effect]),
        )
        costs = np.column_stack([np.zeros(400), 0.5 + rng.random(400)])
        tossed = spending_of(scores, costs, rng.integers(0, 2, 400))
        told = less(spending_at(scores, costs, allocation_path(scores.predicted, costs), tossed), tossed, scores, 0.95)
        values.append(told.value)
        errors.append(told.std_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)


@pytest.mark.parametrize("kind", ["no gain", "no cost", "one prediction", "few units"])
def test_limits(kind):
    scores, costs, _ = problem(5 if kind == "few units" else 60, 11)
    if kind == "no gain":
        scores = replace(scores, predicted=np.tile([1.0, 0, 0, 0], (60, 1)))
    if kind == "no cost":
        costs = np.zeros_like(costs)
    if kind == "one prediction":
        scores, costs = replace(scores, predicted=np.tile([0.0, 1, 2, 3], (60, 1))), np.tile([0.0, 1, 2, 4], (60, 1))
    path = allocation_path(scores.predicted, costs)
    found = paired_curves(scores, costs, path, alike_path(scores.predicted, costs), 0.95, points=5)
    assert np.isfinite([*found.differences, *found.std_errors, *found.averages]).all()
    if kind == "no gain":
        assert found.budgets == (0.0,)
        assert found.differences == (0.0,)
    if kind == "no cost":
        best = scores.scores[np.arange(60), scores.predicted.argmax(axis=1)].mean()
        assert found.differences[0] == pytest.approx(
            best - scores.scores[:, scores.predicted.mean(axis=0).argmax()].mean()
        )
    if kind == "one prediction":
        assert found.differences[0] == 0.0
        assert found.differences[-1] == pytest.approx(0.0, abs=1e-12)


def test_one_unit_has_no_error():
    scores, costs, _ = problem(1, 12)
    path = allocation_path(scores.predicted, costs)
    found = paired_curves(scores, costs, path, path, 0.95, points=3)
    assert set(found.differences) == {0.0}
    assert np.isnan(found.std_errors).all()


def test_the_budget_pays_for_both_at_their_cheapest():
    """The other has no free arm: the curves begin where it can be paid for."""
    scores, costs, _ = problem(50, 13)
    dear = allocation_path(scores.predicted[:, 1:], costs[:, 1:])
    other = replace(dear, start=dear.start + 1, before=dear.before + 1, after=dear.after + 1)
    found = paired_curves(scores, costs, allocation_path(scores.predicted, costs), other, 0.95)
    assert found.budgets[0] == pytest.approx(max(costs[:, 1:].min(axis=1).sum(), 0.0))
    with pytest.raises(OptionProblem, match="does not pay for the cheapest arm"):
        spending_at(scores, costs, other, 0.0)


def test_a_spending_knows_its_total():
    assert Spending(np.ones(2), np.array([1.0, 2.5]), np.zeros(2)).total == 3.5
    assert isinstance(allocation_path(np.zeros((2, 2)), np.zeros((2, 2))), AllocationPath)
