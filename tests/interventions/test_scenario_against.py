"""One scenario against another: what each has on its own, and the error that common draws leave of the difference.

A longer run of the coverage below: 0.98 of 150.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import OptionProblem
from causal.interventions.today import scenario_of
from tests.interventions.a_model import a_model

SCENARIOS = {
    "treat all": {"t": causal.Set(1)},
    "treat none": {"t": causal.Set(0)},
    "more x": {"x": causal.Shift(1.0)},
    "draw": {"t": causal.Randomise()},
    "m and d": {"m": causal.Shift(0.5), "d": causal.Set("phone")},
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_against_itself_is_nothing_without_width(name):
    found = causal.simulate(a_model(), SCENARIOS[name], against=SCENARIOS[name])
    for node in found.nodes:
        for each in node.levels:
            assert each.difference == 0
            assert each.interval() == (0, 0)
        if node.kind != "category":
            assert node.difference == 0
            assert node.interval() == (0, 0)


@pytest.mark.parametrize("against", SCENARIOS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_each_has_what_it_has_on_its_own(name, against):
    first, second = (causal.simulate(a_model(), SCENARIOS[each]) for each in (against, name))
    found = causal.simulate(a_model(), SCENARIOS[name], against=SCENARIOS[against])
    assert found.changes == second.changes
    assert found.against == first.changes
    for start, then, node in zip(first.nodes, second.nodes, found.nodes, strict=True):
        assert (node.before, node.after) == (start.after, then.after)
        assert [each.before for each in node.levels] == [each.after for each in start.levels]
        assert [each.after for each in node.levels] == [each.after for each in then.levels]


def test_turned_round_it_is_the_same_with_the_other_sign():
    one, other = SCENARIOS["treat all"], SCENARIOS["more x"]
    there, back = causal.simulate(a_model(), one, against=other), causal.simulate(a_model(), other, against=one)
    for name in ("t", "m", "y", "stars", "won"):
        assert there.node(name).difference == -back.node(name).difference
        assert there.node(name).std_error == pytest.approx(back.node(name).std_error, rel=1e-9)


def test_what_two_scenarios_share_cancels_in_their_difference():
    """Both move y by the slope of m alone: one by 1.2 times what the other does."""
    model = a_model()
    less, more = {"m": causal.Shift(1.0)}, {"m": causal.Shift(1.2)}
    apart = [causal.simulate(model, each).node("y") for each in (less, more)]
    together = causal.simulate(model, more, against=less).node("y")
    assert together.std_error < 0.2 * math.hypot(*(each.std_error for each in apart))
    assert together.std_error == pytest.approx(0.2 * apart[0].std_error, rel=1e-6)
    levels = causal.simulate(model, more, against=less).node("won").levels[-1]
    assert levels.std_error < 0.3 * causal.simulate(model, less).node("won").levels[-1].std_error


def test_the_interval_of_a_paired_difference_covers():
    graph = causal.CausalGraph.parse("t -> m; x -> m; m -> y; x -> y")
    truth, inside, runs = 0.5 * 0.8 - 0.3 * (0.8 + 0.5), 0, 40
    for seed in range(runs):
        rng = np.random.default_rng([71, seed])
        t, x = rng.integers(0, 2, 200), rng.normal(size=200)
        m = t + x + rng.normal(size=200)
        y = 0.8 * m + 0.5 * x + rng.normal(size=200)
        table = causal.UnitTable.from_frame(pd.DataFrame({"t": t, "x": x, "m": m, "y": y}))
        model = causal.fit_structural_model(table, graph, seed=seed)
        found = causal.simulate(model, {"t": causal.Set(1)}, against={"x": causal.Shift(0.3)})
        low, high = found.node("y").interval()
        inside += low <= truth <= high
    assert binomtest(inside, runs, 0.95).pvalue > 0.001


def test_what_one_of_them_cannot_tell_is_not_told():
    rng = np.random.default_rng(72)
    t, z = rng.integers(0, 2, 300), rng.normal(size=300)
    m = t + rng.normal(size=300)
    frame = pd.DataFrame({"t": t, "z": z, "m": m, "y": m + z + rng.normal(size=300)})
    graph = causal.CausalGraph.from_edges([("t", "m"), ("m", "y"), ("z", "y")], bidirected=[("m", "t")])
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), graph)
    found = scenario_of(model, {"z": causal.Shift(1.0)}, against={"t": causal.Set(1)})
    assert [found.node(name).role for name in ("t", "z", "m", "y")] == ["changed", "changed", "not told", "not told"]
    assert scenario_of(model, {"m": causal.Set(1.0)}, against={"m": causal.Set(0.0)}).node("y").role == "affected"


def test_the_other_scenario_is_checked_like_the_first():
    model = a_model()
    with pytest.raises(OptionProblem, match='No unit has "t" = 7'):
        causal.simulate(model, {"t": causal.Set(1)}, against={"t": causal.Set(7)})
    inside = causal.Condition("x", "is at least", 10.0)
    with pytest.raises(OptionProblem, match='The filter chooses units by "m"'):
        causal.simulate(
            model, {"d": causal.Set("phone")}, causal.Condition("m", "is at least", 1.0), against={"t": causal.Set(1)}
        )
    some = causal.simulate(model, {"t": causal.Set(1)}, inside, against={"t": causal.Set(0)})
    assert some.share_of_units < 0.7
    assert some.node("y").std_error > 0
