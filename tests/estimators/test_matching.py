"""Matching against R's Matching and MatchIt, Stata's manual, brute force, and its limits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import causal
from causal.errors import DoableError, OptionProblem, TooFewUnits
from causal.estimators import neighbours
from causal.estimators.matching import MatchingOptions
from causal.estimators.neighbours import between_covariates, nearest, on_a_line
from causal.estimators.pairing import pairs
from tests.estimators.designs import LINEAR
from tests.estimators.references import LALONDE, ask, cattaneo, lalonde_answer

GOLDEN = json.loads((Path(__file__).parent / "golden" / "matching.json").read_text())


@pytest.mark.parametrize("reference", GOLDEN, ids=lambda each: f"{each['package']} {each['options']}")
def test_lalonde_gives_the_digits_of_r(reference):
    options = dict(reference["options"])
    if options.get("bias_adjustment") == "all":
        options["bias_adjustment"] = LALONDE
    estimate = lalonde_answer("matching", options.pop("target"), **options).estimate
    assert estimate.effect == pytest.approx(reference["effect"], rel=1e-9)
    if reference["std_error"] != "unknown":
        assert estimate.std_error == pytest.approx(reference["std_error"], rel=1e-9)


def brute_force(points, stratum, donors, asking, count, reach, tolerance):
    """Sets of donors by all distances."""
    found = []
    for unit in asking:
        distance = np.sqrt(((points[donors] - points[unit]) ** 2).sum(axis=1))
        distance = np.where(stratum[donors] == stratum[unit], distance, np.inf)
        able = np.sort(distance[np.isfinite(distance)])
        radius = min(able[min(count, len(able)) - 1], reach) if len(able) else -1.0
        found.append(set(donors[distance <= radius + tolerance]))
    return found


def listed(neighbours):
    sets = [set() for _ in range(neighbours.points)]
    for low, high, owner in zip(neighbours.low, neighbours.high, neighbours.owner, strict=True):
        sets[owner] |= set(neighbours.donors[low:high])
    return [sets[point] for point in neighbours.point]


def drawn(dimensions, ties, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(120, dimensions))
    if ties:
        points = np.round(points)
    stratum = rng.integers(0, 3, 120)
    units = rng.permutation(120)
    return points, stratum, units[:50], units[50:]


def space_of(points, stratum):
    if points.shape[1] == 1:
        return on_a_line(points[:, 0], stratum, 1e-10)
    return between_covariates(points, np.eye(points.shape[1]), stratum, 1e-10)


@pytest.mark.parametrize("reach", [np.inf, 0.4])
@pytest.mark.parametrize("count", [1, 3, 60])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("dimensions", [1, 2, 5, 12])
def test_neighbours_are_those_of_all_distances(dimensions, ties, count, reach):
    points, stratum, donors, asking = drawn(dimensions, ties, 7)
    found = nearest(space_of(points, stratum), donors, asking, count, reach)
    wanted = brute_force(points, stratum, donors, asking, count, reach, 1e-10)
    assert listed(found) == wanted
    assert found.size.tolist() == [len(each) for each in wanted]
    values = np.random.default_rng(8).normal(size=120)
    assert found.means(values) == pytest.approx([values[list(each)].mean() if each else 0.0 for each in wanted])
    amounts = np.arange(len(asking), dtype=float)
    given = [sum(amount for amount, each in zip(amounts, wanted, strict=True) if unit in each) for unit in range(120)]
    assert found.shared_out(amounts, 120) == pytest.approx(given)


@pytest.mark.parametrize("reach", [np.inf, 0.4])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("dimensions", [1, 2, 5, 12])
def test_pairs_are_those_of_a_search_among_all_that_are_free(dimensions, ties, count, reach):
    points, stratum, asking, donors = drawn(dimensions, ties, 9)
    free, wanted = set(donors), {unit: [] for unit in asking}
    for _ in range(count):
        for unit in asking:
            away = {each: np.sqrt(((points[each] - points[unit]) ** 2).sum()) for each in free}
            able = [each for each in free if stratum[each] == stratum[unit] and away[each] <= reach + 1e-10]
            if able:
                least = min(away[each] for each in able)
                taken = min(each for each in able if away[each] <= least + 1e-10)
                free.remove(taken)
                wanted[unit].append(taken)
    found = listed(pairs(space_of(points, stratum), donors, asking, count, reach))
    assert found == [set(wanted[unit]) for unit in asking]


def simulated(n=400, seed=3):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    t = (rng.random(n) < 1 / (1 + np.exp(-0.8 * a))).astype(int)
    g = np.where(b > 0.5, "high", np.where(b < -0.5, "low", "middle"))
    return pd.DataFrame({"t": t, "y": a + b + t + rng.normal(size=n), "a": a, "b": b, "g": g})


def matched(frame, adjust_for=("a", "b"), target="everyone", **options):
    return ask(frame, "t", "y", adjust_for, "matching", target, options)


def test_constant_covariates_leave_the_difference_in_means():
    frame = simulated().assign(a=1.0)
    naive = frame.loc[frame["t"] == 1, "y"].mean() - frame.loc[frame["t"] == 0, "y"].mean()
    for distance in ("propensity", "log_odds", "mahalanobis", "inverse_variance", "euclidean"):
        assert matched(frame, ("a",), distance=distance).estimate.effect == pytest.approx(naive)


@pytest.mark.parametrize("distance", ["mahalanobis", "inverse_variance", "euclidean"])
def test_a_category_is_matched_whatever_the_order_of_its_levels(distance):
    frame = simulated()
    renamed = frame.assign(g=frame["g"].map({"low": "z", "middle": "a", "high": "m"}))
    first, second = (matched(each, ("a", "g"), distance=distance).estimate for each in (frame, renamed))
    assert second.effect == pytest.approx(first.effect, rel=1e-9)
    assert second.std_error == pytest.approx(first.std_error, rel=1e-9)


@pytest.mark.parametrize("distance", ["mahalanobis", "inverse_variance"])
def test_the_units_of_covariates_do_not_matter_where_the_distance_scales_them(distance):
    frame = simulated()
    moved = frame.assign(a=1000 * frame["a"] + 5)
    first, second = (matched(each, distance=distance).estimate.effect for each in (frame, moved))
    assert second == pytest.approx(first, rel=1e-9)


def test_a_copied_column_changes_no_mahalanobis_distance():
    frame = simulated()
    doubled = frame.assign(c=2 * frame["a"] - frame["b"])
    again = matched(doubled, ("a", "b", "c"), distance="mahalanobis").estimate
    assert again.effect == pytest.approx(matched(frame, distance="mahalanobis").estimate.effect, rel=1e-9)


def test_exact_columns_are_equal_in_every_match():
    frame = simulated().assign(y=lambda each: each["g"].map({"low": 0.0, "middle": 10.0, "high": 100.0}) + each["t"])
    for options in ({}, {"distance": "mahalanobis", "match_on": ("a",)}):
        estimate = matched(frame, ("a", "g"), exact=("g",), **options).estimate
        assert estimate.effect == pytest.approx(1, abs=1e-12)
    paired = matched(frame, ("a", "g"), "treated", exact=("g",), replacement=False).estimate
    assert paired.effect == pytest.approx(1, abs=1e-12)


def test_bias_adjustment_by_the_right_regression_leaves_no_bias():
    frame = simulated().assign(y=lambda each: 3 * each["a"] - 2 * each["b"] + each["t"])
    for target in ("everyone", "treated", "untreated"):
        for options in ({"distance": "mahalanobis"}, {}, {"distance": "log_odds", "neighbours": 3}):
            found = matched(frame, target=target, bias_adjustment=("a", "b"), **options).estimate
            assert found.effect == pytest.approx(1, abs=1e-9)
            assert matched(frame, target=target, **options).estimate.effect != pytest.approx(1, abs=1e-3)


def test_units_without_a_match_are_left_out_and_counted():
    frame = simulated()
    whole, near = matched(frame, target="treated"), matched(frame, target="treated", caliper=0.001)
    assert whole.overlap.share_trimmed == 0
    summary = near.matches
    assert 2 < summary.matched < summary.asked == (frame["t"] == 1).sum()
    assert near.overlap.share_trimmed == pytest.approx(1 - summary.matched / summary.asked)
    lost = summary.asked - summary.matched
    assert f"{lost} of {summary.asked} units asked about have no match" in near.notes[0]


def test_a_caliper_in_the_scores_own_units_is_the_same_as_in_its_standard_deviations():
    frame = simulated()
    for distance in ("propensity", "log_odds"):
        narrow = matched(frame, distance=distance, caliper=0.01)
        propensity = np.asarray(_propensities(frame))
        score = propensity if distance == "propensity" else np.log(propensity / (1 - propensity))
        same = matched(frame, distance=distance, caliper=0.01 * float(score.std(ddof=1)), caliper_unit="distance")
        assert same.estimate == narrow.estimate


def _propensities(frame):
    from causal.estimators.design import draw_sample
    from causal.estimators.nuisance import fit_propensity

    table = causal.UnitTable.from_frame(frame[["t", "y", "a", "b"]])
    return fit_propensity(draw_sample(table, causal.Question("t", "y"), ("a", "b"))).fitted


def test_reuse_adds_up():
    summary = matched(simulated(), target="treated", neighbours=2).matches
    assert sum(each.control for each in summary.reuse) == summary.available
    assert sum(each.treated for each in summary.reuse) == 0
    assert sum(each.control for each in summary.reuse if each.least > 0) == summary.donors
    paired = matched(simulated(), target="treated", replacement=False).matches
    assert paired.busiest == 1
    assert paired.donors == paired.matched <= paired.available


def test_without_replacement_more_treated_than_controls_leaves_some_over():
    frame = simulated()
    frame = frame.assign(t=1 - (frame["t"] * (np.arange(400) % 3 == 0)))
    analysis = matched(frame, target="treated", replacement=False)
    assert analysis.matches.matched == (frame["t"] == 0).sum() < analysis.matches.asked


def test_two_units_per_arm_are_enough_for_a_number():
    frame = pd.DataFrame({"t": [0, 0, 1, 1], "y": [1.0, 2.0, 3.0, 5.0], "a": [0.0, 1.0, 1.0, 0.1]})
    for options in ({"distance": "mahalanobis"}, {}, {"distance": "euclidean", "bias_adjustment": ("a",)}):
        assert np.isfinite(matched(frame, ("a",), **options).estimate.std_error)
    paired = matched(frame, ("a",), "treated", replacement=False, distance="euclidean", order="table").estimate
    assert paired.effect == pytest.approx(2.5)


@pytest.mark.parametrize("n", [6, 20])
def test_covariates_that_decide_the_treatment_are_no_hindrance_to_a_distance(n):
    frame = pd.DataFrame({"t": np.arange(n) // (n // 2), "y": np.arange(n) % 5.0, "a": np.arange(float(n))})
    analysis = matched(frame, ("a",), distance="mahalanobis")
    assert np.isfinite(analysis.estimate.effect)
    assert analysis.overlap.propensity_histogram is None


@pytest.mark.parametrize(
    ("options", "target", "sentence"),
    [
        ({"caliper": 0.0, "caliper_unit": "distance"}, "everyone", "No unit has a match within the caliper"),
        ({"caliper": -1.0}, "everyone", "must not be negative"),
        ({"caliper": float("nan")}, "everyone", "must not be negative"),
        ({"caliper": "far"}, "everyone", "it must be float or NoneType"),
        ({"exact": ("b",)}, "everyone", "No unit has a match with the same b"),
        ({"exact": ("z",)}, "everyone", '"exact" names "z", which is not adjusted for. The columns adjusted for: a, b'),
        ({"exact": "a"}, "everyone", "it must be a list of column names"),
        ({"bias_adjustment": ("y",)}, "everyone", '"bias_adjustment" names "y", which is not adjusted for'),
        ({"match_on": ("a",)}, "everyone", '"match_on" chooses columns for a distance between covariates'),
        ({"replacement": False}, "everyone", "cannot speak for everyone"),
        ({"tie_tolerance": 0.0}, "everyone", "must lie between 1e-13 and 1"),
        ({"distance": "manhattan"}, "everyone", "must be one of 'propensity', 'log_odds', 'mahalanobis'"),
    ],
)
def test_options_that_cannot_be_are_refused_in_a_sentence(options, target, sentence):
    with pytest.raises(DoableError, match=sentence):
        matched(simulated(), target=target, **options)


def test_a_search_without_end_is_refused_before_it_begins(monkeypatch):
    n = 4_000
    monkeypatch.setattr(neighbours, "MOST_COMPARISONS", n * n // 8)
    columns = np.random.default_rng(0).normal(size=(n, 12))
    whole = between_covariates(columns, np.eye(12), np.zeros(n, dtype=np.int64), 1e-10)
    with pytest.raises(OptionProblem, match="by 12 columns among 2,000 and 2,000 units would take too long"):
        nearest(whole, np.arange(n // 2), np.arange(n // 2, n), 1)
    within = between_covariates(columns, np.eye(12), np.arange(n) % 10, 1e-10)
    assert (nearest(within, np.arange(n // 2), np.arange(n // 2, n), 1).size == 1).all()


def test_one_unit_in_an_arm_is_refused():
    with pytest.raises(TooFewUnits, match="only 1 unit has the treatment level 1"):
        matched(pd.DataFrame({"t": [0, 0, 0, 1], "y": [1.0, 2.0, 3.0, 5.0], "a": [0.0, 1.0, 1.0, 0.1]}), ("a",))


def test_options_survive_json():
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"),
        method="matching",
        adjust_for=("a", "b"),
        options=MatchingOptions(exact=("a",), bias_adjustment=("a", "b"), caliper=0.2),
    )
    assert json.loads(json.dumps(spec.to_json())) == spec.to_json()
    again = causal.AnalysisSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert again.options == spec.options
    assert again.fingerprint == spec.fingerprint


def test_those_treated_may_be_fewer_than_the_neighbours_of_each():
    frame = LINEAR.draw(np.random.default_rng(31), 400)
    few = frame.drop(index=frame.index[frame["t"] == 1][4:])
    found = ask(few, "t", "y", ("a", "b"), "matching", "treated", {"neighbours": 5})
    assert found.matches.asked == found.matches.matched == 4
    with pytest.raises(TooFewUnits, match="4 units have the treatment level 1, fewer than the neighbours asked for"):
        ask(few, "t", "y", ("a", "b"), "matching", "untreated", {"neighbours": 5})
    with pytest.raises(TooFewUnits, match="fewer than the variance neighbours"):
        ask(few, "t", "y", ("a", "b"), "matching", "treated", {"variance_neighbours": 5})


def test_statas_error_of_those_treated_is_ours_with_its_own_derivative():
    """Abadie and Imbens (2016), their estimator for those treated, with plain Euclidean distances between columns.

    The manual of Stata's `teffects nnmatch` gives the formula, not that metric: with it, and our variance of matches on
    a known score, Stata's 30.55147 comes out. With years of age counted in months it would be another figure.
    """
    columns = ["mmarried_", "mage", "fage", "medu", "prenatal1_"]
    frame = cattaneo()
    x, t, y = frame[columns].to_numpy(float), frame["mbsmoke_"].to_numpy(), frame["bweight"].to_numpy(float)
    known = ask(frame, "mbsmoke_", "bweight", tuple(columns), "matching", "treated", {"nuisance": "known"}).estimate
    assert _error_by_stata(x, t == 1, y, known.effect, known.std_error) == pytest.approx(30.55147, abs=5e-6)
    months = x * np.array([1, 12, 1, 1, 1])
    assert _error_by_stata(months, t == 1, y, known.effect, known.std_error) != pytest.approx(30.55147, abs=1e-2)


def _error_by_stata(x, treated, y, effect, known_error):
    design = np.column_stack([np.ones(len(x)), x])
    fit = sm.Logit(treated, design).fit(disp=0, method="newton", tol=1e-12)
    p, spread = fit.predict(), fit.predict() * (1 - fit.predict())
    line = on_a_line(np.round(p, 12), np.zeros(len(x), dtype=np.int64), 1e-10)
    covariance, smoothed = [], []
    for arm in (~treated, treated):
        donors, everybody = np.flatnonzero(arm), np.arange(len(x))
        near = nearest(line, donors, everybody, 2)
        size, centred = near.size, y - y.mean()
        each = [near.means(column * centred) - near.means(column) * near.means(centred) for column in design.T]
        covariance.append(np.column_stack(each) * (size / (size - 1))[:, None])
        # of its own arm a unit's two nearest beside itself, all that tie with the second
        beside = nearest(line, donors, everybody, 3)
        own_mean = (beside.means(y) * beside.size - y) / (beside.size - 1)
        smoothed.append(np.where(arm, own_mean, near.means(y)))
    others = np.empty(len(x))
    plain = between_covariates(x, np.eye(x.shape[1]), np.zeros(len(x), dtype=np.int64), 1e-9)
    for arm in (~treated, treated):
        asking = np.flatnonzero(~arm)
        others[asking] = nearest(plain, np.flatnonzero(arm), asking, 1).means(y)
    leaning = covariance[1] + (p / (1 - p))[:, None] * covariance[0]
    c = design.T @ (spread * (smoothed[1] - smoothed[0] - effect)) + spread @ leaning
    derivative = design.T @ (spread * (np.where(treated, 1, -1) * (y - others) - effect))
    bread = np.linalg.inv(design.T @ (design * spread[:, None]))
    change = (derivative @ bread @ derivative - c @ bread @ c) / treated.sum() ** 2
    return np.sqrt(known_error**2 + change)
