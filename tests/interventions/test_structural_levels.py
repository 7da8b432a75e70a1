"""Ordered columns in what-ifs by equations: shares of levels beside a known truth, simulation and limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from causal.errors import OptionProblem
from causal.interventions.changes import Set, Shift
from causal.interventions.structural_equations import sem_what_if
from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions
from tests.structural.test_ordered import CHAIN, ORDERED, answered

CUTS = np.linspace(-1, 1.5, 3)


def truth(shift: float) -> np.ndarray:
    """The shares of levels of d in `answered` once x is moved: its response is normal with variance 1.47."""
    below = stats.norm.cdf((CUTS - 0.3 * shift) / np.sqrt(1.47))
    return np.diff([0, *below, 1])


def test_shares_before_are_those_of_the_rows_where_nothing_is_given():
    rows = answered(800, 1)
    fit = fit_sem(rows, CHAIN.replace("\ng ~ x", ""), ORDERED)
    scenario = sem_what_if(fit, {"f": Shift(0.5)})
    for name in "abcde":
        node = scenario.node(name)
        assert [each.before for each in node.levels] == pytest.approx([(rows[name] == at).mean() for at in range(4)])
        assert node.before == pytest.approx(rows[name].mean())
        assert sum(each.after for each in node.levels) == pytest.approx(1)
        assert sum(each.difference for each in node.levels) == pytest.approx(0, abs=1e-12)
    # one unit of f is one standard deviation of the response of a
    loading, below = fit.coefficient("f =~ b").estimate, np.cumsum([each.before for each in scenario.node("b").levels])
    moved = stats.norm.cdf(stats.norm.ppf(below[:-1]) - 0.5 * loading)
    assert np.cumsum([each.after for each in scenario.node("b").levels])[:-1] == pytest.approx(moved)


def test_a_simulated_world_agrees():
    """4,000 rows of the truth, with x moved by one: levels of d, which shows g, and a that x does not reach."""
    fit = fit_sem(answered(4_000, 2), CHAIN, ORDERED)
    scenario = sem_what_if(fit, {"x": Shift(1.0)})
    for each, before, after in zip(scenario.node("d").levels, truth(0), truth(1), strict=True):
        assert (each.before, each.after) == pytest.approx((before, after), abs=0.03)
        assert abs(each.difference - (after - before)) < 4 * each.std_error
    assert scenario.node("a").role == "as it was" and scenario.node("a").interval() == (0, 0)


def test_intervals_of_shares_cover():
    """60 studies of 400 rows, seeds 0 to 59: exact binomial test against 95 % at p < .001."""
    wanted, hits = float(np.arange(4) @ (truth(0.5) - truth(0))), np.zeros(2)
    top = truth(0.5)[3] - truth(0)[3]
    for seed in range(60):
        fit = fit_sem(answered(400, seed), "d ~ x", SemOptions(ordered=("d",)))
        node = sem_what_if(fit, {"x": Shift(0.5)}).node("d")
        for at, (ends, value) in enumerate(((node.interval(), wanted), (node.share(3).interval(), top))):
            hits[at] += ends[0] <= value <= ends[1]
    assert all(stats.binomtest(int(each), 60, 0.95).pvalue > 0.001 for each in hits), hits


def test_two_levels_are_told_by_the_share_of_the_second():
    rows = answered(800, 3, levels=2)
    node = sem_what_if(fit_sem(rows, CHAIN, ORDERED), {"f": Set(1.0)}).node("e")
    assert node.kind == "binary" and (node.before, node.after) == (node.levels[1].before, node.levels[1].after)
    assert node.before == pytest.approx(rows.e.mean(), abs=0.01) and node.difference > 0


def test_groups_with_scales_of_their_own_answer_for_themselves():
    rows = answered(900, 4).assign(h=np.where(np.arange(900) % 3 > 0, "p", "q"))
    model = CHAIN.replace("\ng ~ x", "")
    fit = fit_sem(rows, model, SemOptions(ordered=ORDERED.ordered, group="h", equal=("loadings", "thresholds")))
    for group, name in enumerate(fit.groups):
        node, own = sem_what_if(fit, {"f": Shift(0.3)}, group).node("d"), rows[rows.h == name]
        assert node.before == pytest.approx(own.d.mean(), abs=0.05) and node.difference > 0


def test_a_level_cannot_be_set():
    fit = fit_sem(answered(300, 5), CHAIN, ORDERED)
    with pytest.raises(OptionProblem, match='"a" is taken as levels in order'):
        sem_what_if(fit, {"a": Set(1)})
