"""Intervals of shares lie between 0 and 1 and hold the truth near these ends.

Longer runs of the last test, 300 of 1,000 units: the share after 0.95, where the normal interval has 0.90; the
difference 0.93.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

import causal
from causal.errors import OptionProblem
from causal.estimators.estimate import normal_interval
from causal.interventions.share_interval import difference_interval, share_interval


@pytest.mark.parametrize(("had", "units"), [(3, 200), (40, 100), (199, 200), (1, 5000)])
def test_of_plain_units_it_is_jeffreys(had, units):
    share = had / units
    found = share_interval(share, np.sqrt(share * (1 - share) / units))
    assert found == pytest.approx(proportion_confint(had, units, method="jeffreys"), rel=1e-6)


def test_far_from_the_ends_it_is_the_normal_interval():
    for freedom in (float("inf"), 12.0):
        near = normal_interval(0.4, 1e-4, 0.9, freedom)
        assert share_interval(0.4, 1e-4, 0.9, freedom) == pytest.approx(near, abs=1e-7)
    assert share_interval(0.4, 1e-7) == pytest.approx(normal_interval(0.4, 1e-7, 0.95), abs=1e-12)
    assert share_interval(1.0, 1e-7)[1] == 1.0


@pytest.mark.parametrize("share", [0.0, 1e-9, 0.002, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("error", [0.0, 1e-12, 0.003, 0.2, 0.7])
def test_no_end_leaves_what_shares_can_be(share, error):
    low, high = share_interval(share, error, degrees_of_freedom=19)
    assert 0 <= low <= share <= high <= 1
    assert (low == high) == (error == 0)
    low, high = difference_interval(1 - share, error)
    assert -1 <= low <= 1 - share <= high <= 1


def test_a_level_that_is_none_is_refused():
    with pytest.raises(OptionProblem, match="between 0 and 1"):
        share_interval(0.5, 0.1, 95)


@pytest.mark.parametrize(("truth", "units"), [(0.01, 500), (0.01, 2000), (0.004, 1000), (0.97, 300)])
def test_over_all_outcomes_coverage_near_the_ends_is_close_to_what_it_says(truth, units):
    had = np.arange(units + 1)
    chance, share = binom.pmf(had, units, truth), (had + 0.25) / (units + 0.5)
    error = np.sqrt(share * (1 - share) / units)
    covered = np.array([low <= truth <= high for low, high in map(share_interval, share, error)])
    assert 0.93 <= chance @ covered <= 0.985


def test_a_rare_outcome_of_a_model_is_covered():
    graph, inside, runs = causal.CausalGraph.from_edges([("t", "y")]), np.zeros(2, int), 40
    for seed in range(runs):
        rng = np.random.default_rng([61, seed])
        t = rng.integers(0, 2, 1000)
        y = (rng.random(1000) < np.where(t == 1, 0.02, 0.01)).astype(int)
        model = causal.fit_structural_model(causal.UnitTable.from_frame(pd.DataFrame({"t": t, "y": y})), graph)
        node = causal.simulate(model, {"t": causal.Set(0)}).node("y")
        low, high = node.after_interval()
        assert 0 < low < high < 1
        assert (low, high) == node.share(1).after_interval()
        inside += [low <= 0.01 <= high, node.interval()[0] <= -0.005 <= node.interval()[1]]
    for count in inside.tolist():
        assert binomtest(count, runs, 0.95).pvalue > 0.001


def test_a_what_if_by_the_model_has_the_node_s_own_interval():
    rng = np.random.default_rng(62)
    t = rng.integers(0, 2, 800)
    y = (rng.random(800) < np.where(t == 1, 0.02, 0.005)).astype(int)
    table, graph = causal.UnitTable.from_frame(pd.DataFrame({"t": t, "y": y})), causal.CausalGraph.parse("t -> y")
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph=graph)
    found = causal.what_if(table, spec, {"t": causal.Set(0)}, road="model")
    assert found.outcome_interval() == found.distribution.after_interval() == found.share(1).after_interval()
    assert found.outcome_interval()[0] > 0


def test_a_level_so_rare_that_a_fold_lacks_it_is_no_obstacle():
    """Cross-validation with trees once ended in a shape mismatch."""
    rng = np.random.default_rng(63)
    frame = pd.DataFrame({"x": rng.normal(size=400), "y": np.where(np.arange(400) == 7, "yes", "no")})
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), causal.CausalGraph.parse("x -> y"))
    low, high = causal.simulate(model, {"x": causal.Shift(1.0)}).node("y").after_interval()
    assert 0 <= low < high < 0.2


def test_a_rare_share_by_the_formula_keeps_within_its_ends_too():
    rng = np.random.default_rng(8)
    x = rng.integers(0, 2, 300)
    a = rng.random(300) < 0.3 + 0.3 * x
    y = np.where(rng.random(300) < 0.012, "yes", "no")
    table = causal.UnitTable.from_frame(pd.DataFrame({"x": x.astype(str), "a": a, "y": y}))
    graph = causal.CausalGraph.from_edges([("x", "a"), ("x", "y"), ("a", "y")])
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=graph)
    for arm in (False, True):
        found = causal.what_if(table, spec, {"a": causal.Set(arm)}, road="identified")
        low, high = found.outcome_interval()
        assert 0 <= low <= max(found.outcome, 0) < high <= 1
