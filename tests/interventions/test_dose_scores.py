"""Shifts and scales of a quantity, doubly robust: against the paper, closed forms, limits and wrong models."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm, poisson

import causal
from causal.interventions import policy_mean as roads
from causal.interventions.dose_scores import DoseScores
from causal.interventions.residual_density import fit_residual_density

GRAPH = causal.CausalGraph.from_edges([("x", "price"), ("x", "y"), ("price", "y")])
SPEC = causal.AnalysisSpec(causal.Question("price", "y"), graph=GRAPH)


def table_of(**columns: np.ndarray) -> causal.UnitTable:
    return causal.UnitTable.from_frame(pd.DataFrame(columns))


def lines(n: int, seed: int) -> causal.UnitTable:
    """y = x + 0.5 price + noise, price = 1 + x + noise, all noises of unit variance."""
    rng = np.random.default_rng([21, seed])
    x = rng.normal(size=n)
    price = 1 + x + rng.normal(size=n)
    return table_of(x=x, price=price, y=x + 0.5 * price + rng.normal(size=n))


def kept(table: causal.UnitTable, spec: causal.AnalysisSpec = SPEC) -> DoseScores:
    return roads._scores(roads._asked(table, spec, "price"))


def test_it_is_the_estimator_of_the_paper_written_anew():
    """Díaz and van der Laan (2012), section 4.3: lines and normal densities, fold by fold, in another hand."""
    table = lines(1500, 1)
    scores = kept(table)
    x, price, y = (table.frame[name].to_numpy() for name in ("x", "price", "y"))
    fold, n = scores.density.fold, len(x)
    for change, (after, before, stretch) in (
        (causal.Shift(0.4), (price + 0.4, price - 0.4, 1.0)),
        (causal.Scale(0.8), (price * 0.8, price / 0.8, 1 / 0.8)),
    ):
        psi = np.empty(n)
        left = np.empty(n)
        for each in range(5):
            train, test = fold != each, fold == each
            line = np.polyfit(x[train], price[train], 1)
            left[test] = price[test] - np.polyval(line, x[test])
        for each in range(5):
            train, test = fold != each, fold == each
            design = np.column_stack([np.ones(n), x, price])
            beta = np.linalg.lstsq(design[train], y[train], rcond=None)[0]
            line = np.polyfit(x[train], price[train], 1)
            spread = np.sqrt((left[train] ** 2).mean())
            law = norm(np.polyval(line, x[test]) + left[train].mean(), spread)
            ratio = law.pdf(before[test]) / law.pdf(price[test]) * stretch
            foretold = beta[0] + beta[1] * x[test] + beta[2] * after[test]
            psi[test] = foretold + ratio * (y[test] - design[test] @ beta)
        found = scores.under(change)
        assert found.outcome == pytest.approx(psi.mean(), abs=0.02 * psi.std() / np.sqrt(n))
        assert found.outcome_std_error == pytest.approx(psi.std() / np.sqrt(n), rel=5e-3)
        difference = (psi - y).std() / np.sqrt(n)
        assert found.std_error == pytest.approx(difference, rel=5e-3)


def test_where_all_is_normal_and_linear_it_has_the_closed_form():
    """Shift d: the change is d b, its variance s^2 (exp(d^2) - 1) / n, and n exp(-d^2) units are what the weights are
    worth."""
    n, d = 20_000, 0.5
    found = causal.what_if(lines(n, 2), SPEC, {"price": causal.Shift(d)}, road="identified")
    assert found.method == "doubly robust, linear"
    assert found.std_error == pytest.approx(np.sqrt((np.exp(d**2) - 1) / n), rel=0.06)
    assert abs(found.difference - 0.5 * d) < 3 * found.std_error
    assert found.overlap.effective_size == pytest.approx(n * np.exp(-(d**2)), rel=0.05)
    scaled = causal.what_if(lines(n, 2), SPEC, {"price": causal.Scale(1.1)}, road="identified")
    assert abs(scaled.difference - 0.05) < 3 * scaled.std_error


def test_nothing_changed_is_the_mean_and_the_interval_of_today():
    table = lines(400, 3)
    y = table.frame["y"].to_numpy()
    for change in (causal.Shift(0.0), causal.Scale(1.0)):
        found = causal.what_if(table, SPEC, {"price": change}, road="identified")
        assert (found.outcome, found.difference, found.std_error) == (found.baseline, 0.0, 0.0)
        assert found.outcome == pytest.approx(y.mean(), rel=1e-14)
        assert found.outcome_std_error == pytest.approx(y.std() / 20, rel=1e-12)
        assert found.overlap.effective_size == pytest.approx(400)


def test_a_wrong_model_of_the_outcome_is_mended_by_the_density():
    """y = 2 cos(2 x) price + x, price = x + exp(x / 2) noise: a shift of 0.3 gives 0.6 exp(-2), which a line with
    curves and products misses by more than three of its own errors."""
    truth, misses = 0.6 * np.exp(-2), []
    for seed in range(6):
        rng = np.random.default_rng([22, seed])
        x = rng.normal(size=4000)
        price = x + np.exp(x / 2) * rng.normal(size=4000)
        table = table_of(x=x, price=price, y=2 * np.cos(2 * x) * price + x + rng.normal(size=4000))
        asked = roads._asked(table, SPEC, "price")
        found = roads._scores(asked).under(causal.Shift(0.3))
        alone = roads._by_g_computation(asked, causal.Shift(0.3), None)
        assert abs(found.outcome - found.baseline - truth) < 3.5 * found.std_error
        misses.append(abs(alone.outcome - alone.baseline - truth) / alone.std_error)
    assert np.median(misses) > 2 and max(misses) > 3


def test_a_wrong_density_is_mended_by_the_model_of_the_outcome():
    """price is one of two clouds whose chances, not places, move with x; no mean and spread tell that."""
    inside = 0
    for seed in range(20):
        rng = np.random.default_rng([23, seed])
        x = rng.normal(size=600)
        far = rng.random(600) < 1 / (1 + np.exp(-2 * x))
        price = np.where(far, 3 + 0.4 * rng.normal(size=600), rng.normal(size=600))
        table = table_of(x=x, price=price, y=x + 0.5 * price + rng.normal(size=600))
        found = kept(table).under(causal.Shift(0.3))
        inside += abs(found.outcome - found.baseline - 0.15) < 1.96 * found.std_error
    assert binomtest(inside, 20, 0.95).pvalue > 0.001


def test_a_skewed_dose_is_weighed_by_its_logarithm():
    rng = np.random.default_rng(24)
    x = rng.normal(size=3000)
    price = np.exp(0.5 * x + 0.5 * rng.normal(size=3000))
    y = x + 2 * np.log(price) + rng.normal(size=3000)
    scores = kept(table_of(x=x, price=price, y=y))
    assert scores.density.logarithmic
    found = scores.under(causal.Scale(1.2))
    assert abs(found.outcome - found.baseline - 2 * np.log(1.2)) < 3 * found.std_error
    none = scores.under(causal.Shift(-0.5))  # below nought nobody can come from
    assert np.isfinite(none.outcome)


def test_the_weights_have_the_mean_one_and_the_ratio_of_the_densities():
    table = lines(20_000, 4)
    scores = kept(table)
    x, price = table.frame["x"].to_numpy(), table.frame["price"].to_numpy()
    weights = scores.density.ratio(causal.Shift(0.5), scores.dose, scores.own, slice(None))
    truth = norm.pdf(price - 0.5 - 1 - x) / norm.pdf(price - 1 - x)
    assert weights.mean() == pytest.approx(1, abs=0.02)
    assert np.abs(np.log(weights) - np.log(truth)).max() < 0.15


def test_a_binary_outcome_stays_a_share_and_clusters_widen_its_interval():
    rng = np.random.default_rng(25)
    x = rng.normal(size=400)
    price = x + rng.normal(size=400)
    y = (rng.random(400) < 1 / (1 + np.exp(-x - price))).astype(int)
    frame = pd.concat([pd.DataFrame({"x": x, "price": price, "y": y, "user": np.arange(400)})] * 4, ignore_index=True)
    table = causal.UnitTable.from_frame(frame)
    scores = kept(table, replace(SPEC, cluster="user"))
    found = scores.under(causal.Shift(0.5))
    assert found.baseline < found.outcome < 1
    assert found.degrees_of_freedom == 399
    alone = kept(table_of(x=x, price=price, y=y))
    assert found.std_error == pytest.approx(alone.under(causal.Shift(0.5)).std_error, rel=0.25)
    assert scores.under(causal.Randomise()).outcome == pytest.approx(found.baseline, abs=4 * found.std_error + 0.1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (causal.Shift(50.0), "hardly any unit stands where the change puts"),
        (causal.Scale(0.0), "is nought for every unit"),
    ],
)
def test_what_the_units_know_nothing_of_goes_by_the_outcome_s_model_and_says_so(change, reason):
    found = causal.what_if(lines(500, 5), SPEC, {"price": change}, road="identified")
    assert found.method == "g-computation, linear"
    assert any(reason in note for note in found.notes)
    assert found.overlap is None


@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        (lambda rng, x: np.maximum(x + rng.normal(size=len(x)), 0.0), "of the units have .* at 0 exactly"),
        (
            lambda rng, x: np.clip(np.round(4 + x + rng.normal(size=len(x))), 0, 14) / 2,
            "goes in steps of 0.5, and the change puts units between",
        ),
    ],
    ids=["many at nought", "half steps"],
)
def test_a_dose_without_a_density_goes_by_the_outcome_s_model_and_says_so(dose, reason):
    rng = np.random.default_rng(26)
    x = rng.normal(size=500)
    price = dose(rng, x)
    table = table_of(x=x, price=price, y=x + price + rng.normal(size=500))
    found = causal.what_if(table, SPEC, {"price": causal.Shift(0.3)}, road="identified")
    assert found.method.startswith("g-computation")
    assert any(re.search(reason, note) for note in found.notes)
    assert abs(found.difference - 0.3) < 4 * found.std_error


def test_far_out_doses_and_scales_of_any_size_are_answered_in_plain_numbers():
    rng = np.random.default_rng(29)
    x, wild = rng.normal(size=400), rng.standard_cauchy(400)
    y = x + rng.normal(size=400)
    with np.errstate(all="raise", under="ignore"):
        for change in (causal.Shift(0.5), causal.Scale(1.05), causal.Scale(-1.0)):
            found = causal.what_if(table_of(x=x, price=wild, y=y), SPEC, {"price": change}, road="identified")
            assert np.isfinite([found.outcome, found.std_error]).all()
        for seed in range(40):
            drawn = np.random.default_rng([30, seed])
            heavy = drawn.standard_t(1 + seed % 3, 100 + 20 * seed)
            density = fit_residual_density(heavy / np.subtract(*np.quantile(heavy, [0.75, 0.25])))
            assert density.logarithm(np.linspace(-14, 14, 999)).max() < 5
    table = lines(400, 6)
    plain = causal.what_if(table, SPEC, {"price": causal.Shift(0.5)}, road="identified")
    for size in (1e-12, 1e12):
        stretched = table_of(**{**table.frame.to_dict("series"), "price": table.frame["price"] * size})
        found = causal.what_if(stretched, SPEC, {"price": causal.Shift(0.5 * size)}, road="identified")
        assert found.outcome == pytest.approx(plain.outcome, rel=1e-6)
        assert found.std_error == pytest.approx(plain.std_error, rel=1e-6)


def counts(n: int, seed: int, at_nought: float = 0.0) -> causal.UnitTable:
    """price ~ Poisson(exp(1 + 0.4 x)), some set to nought; y = 3 cos(2 x) price + x + noise, which no line follows."""
    rng = np.random.default_rng([28, seed])
    x = rng.normal(size=n)
    price = np.where(rng.random(n) < at_nought, 0, rng.poisson(np.exp(1 + 0.4 * x)))
    return table_of(x=x, price=price, y=3 * np.cos(2 * x) * price + x + rng.normal(size=n))


def test_the_chances_of_counts_are_those_they_were_drawn_by():
    table = counts(20_000, 1)
    scores = kept_as_counts(table)
    x, price = table.frame["x"].to_numpy(), table.frame["price"].to_numpy()
    chance = poisson.pmf(price, np.exp(1 + 0.4 * x))
    assert np.abs(np.exp(scores.own) - chance).mean() < 0.005
    for move in (1, -2):
        weights = scores.density.ratio(causal.Shift(float(move)), scores.dose, scores.own, slice(None))
        truth = poisson.pmf(price - move, np.exp(1 + 0.4 * x)) / chance
        assert np.corrcoef(weights, truth)[0, 1] > 0.95
        assert weights.mean() == pytest.approx(truth.mean(), abs=0.03)


@pytest.mark.parametrize("at_nought", [0.0, 0.3])
def test_a_count_is_shifted_by_the_chances_of_its_values(at_nought):
    """A shift of one gives 3 E cos(2 x) = 3 exp(-2), whatever is at nought."""
    misses = []
    for seed in range(12):
        found = causal.what_if(counts(1200, seed, at_nought), SPEC, {"price": causal.Shift(1.0)}, road="identified")
        assert found.method.startswith("doubly robust")
        misses.append((found.difference - 3 * np.exp(-2)) / found.std_error)
    assert abs(np.mean(misses)) < 3.3 / np.sqrt(12)
    assert np.mean(np.square(misses)) < 2.75  # .9995 quantile of chi square (12) / 12


def kept_as_counts(table: causal.UnitTable) -> DoseScores:
    asked = roads._asked(table, SPEC, "price")
    assert roads._law(asked, causal.Shift(1.0))[0] == "chances"
    scores = roads._scores(asked, counted=True)
    return DoseScores.from_arrays(*scores.to_arrays())


def test_the_density_of_residuals_integrates_to_one_and_finds_bells_edges_and_two_heaps():
    rng = np.random.default_rng(27)
    grid = np.linspace(-9, 9, 4001)
    for values, at, density in (
        (rng.normal(size=4000), 0.0, norm.pdf(0.0)),
        (rng.uniform(-1.7, 1.7, 4000), 0.0, 1 / 3.4),
        (np.r_[rng.normal(-1, 0.3, 2000), rng.normal(1, 0.3, 2000)], -1.0, norm.pdf(0) / 0.6),
    ):
        found = np.exp(fit_residual_density(values).logarithm(grid))
        assert found.sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=0.01)
        assert np.interp(at, grid, found) == pytest.approx(density, rel=0.12)
    assert fit_residual_density(rng.normal(size=4000)).shape == (True, 2)


def test_counts_that_units_like_them_never_have_lie_beyond():
    """x decides the count, so that one more is what no unit like any has; of two lumps a gap lies between."""
    rng = np.random.default_rng(20_261_128)
    x, noise = rng.normal(size=(2, 1000))
    decided = np.round(10 + 5 * np.tanh(x))
    table = table_of(x=x, price=decided, y=x + decided + noise)
    assert kept_as_counts(table).under(causal.Shift(1.0)).overlap.beyond > 0.5
    found = causal.what_if(table, SPEC, {"price": causal.Shift(1.0)}, road="identified")
    assert found.method.startswith("g-computation")
    lumps = np.where(x > 0, 50, 0) + rng.integers(0, 3, 1000)
    table = table_of(x=x, price=lumps, y=x + lumps + noise)
    beyond = kept_as_counts(table).under(causal.Shift(1.0)).overlap.beyond
    assert beyond == pytest.approx(np.isin(lumps, (2, 52)).mean())
