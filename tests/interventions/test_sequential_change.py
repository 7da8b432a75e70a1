"""Several variables changed one after the other: truths, Robins' formula by hand, wrong models, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import NotIdentified, TooFewUnits
from causal.graphs.sequential_adjustment import sequential_sets
from causal.interventions.several_changes import moving_changes
from tests.interventions.networks import drawn_network, exact_shares, sample

GRAPH = causal.CausalGraph.from_edges(
    [("x", "first"), ("x", "mood"), ("x", "y"), ("first", "mood"), ("mood", "second"), ("first", "y"), ("second", "y")],
    bidirected=[("mood", "y")],
)
SPEC = causal.AnalysisSpec(causal.Question("first", "y"), graph=GRAPH)


def visits(n: int, seed: int) -> pd.DataFrame:
    """y = first + 2 second + hidden + x + noise; mood, which first moves, says who has second: no single set serves."""
    rng = np.random.default_rng([41, seed])
    hidden, x = rng.normal(size=n), rng.normal(size=n)
    first = (rng.random(n) < 1 / (1 + np.exp(-x / 2))).astype(int)
    mood = 0.5 * first + hidden + x + rng.normal(size=n)
    second = (rng.random(n) < 1 / (1 + np.exp(-mood / 2))).astype(int)
    y = first + 2 * second + hidden + x + rng.normal(size=n)
    return pd.DataFrame({"x": x, "first": first, "mood": mood, "second": second, "y": y})


def test_what_one_change_moves_is_adjusted_for_at_the_next():
    assert sequential_sets(GRAPH, ["second", "first"], "y") == {"first": ("x",), "second": ("mood",)}
    assert causal.adjustment_sets(GRAPH, ["first", "second"], "y") == []
    with pytest.raises(NotIdentified, match="neither at once nor one after the other"):
        sequential_sets(GRAPH.with_edge("second", "y", "bidirected"), ["first", "second"], "y")


def test_a_change_that_builds_on_its_own_value_needs_that_value_to_be_told():
    """With second set, what it shares with first is cut; shifted, it stays."""
    graph = causal.CausalGraph.from_edges([("first", "y"), ("second", "y")], bidirected=[("first", "second")])
    assert sequential_sets(graph, ["first", "second"], "y") == {"first": (), "second": ()}
    with pytest.raises(NotIdentified, match='"first" shares'):
        sequential_sets(graph, ["first", "second"], "y", natural=["second"])


@pytest.mark.parametrize(("first", "second"), [(1, 1), (0, 1)])
def test_levels_set_one_after_the_other_have_the_true_mean_and_its_interval(first, second):
    """Truth: first + 2 second; the spread of 40 answers against their standard errors (chi square, p < .001)."""
    changes, means, errors = {"first": causal.Set(first), "second": causal.Set(second)}, [], []
    for seed in range(40):
        found = causal.what_if(causal.UnitTable.from_frame(visits(800, seed)), SPEC, changes, road="identified")
        means.append(found.outcome)
        errors.append(found.outcome_std_error)
    assert found.method == "doubly robust, one change after the other"
    assert found.adjusted_for == ("mood", "x")
    assert abs(np.mean(means) - first - 2 * second) < 3.3 * np.std(means) / np.sqrt(40)
    ratio = np.var(means, ddof=1) / np.mean(np.square(errors))
    assert 0.43 < ratio < 1.91  # quantiles .0005 and .9995 of chi square (39) / 39


def test_where_all_is_discrete_it_is_the_formula_of_robins_by_hand():
    """Sum over l of P(l | a1) E(y | a1, l, a2), in counts; cells shrink by one unit, which is a hair at 6,000."""
    rng = np.random.default_rng(42)
    n = 6000
    hidden = rng.random(n) < 0.5
    a1 = rng.integers(0, 2, n)
    step = (rng.random(n) < 0.2 + 0.3 * a1 + 0.3 * hidden).astype(int)
    a2 = (rng.random(n) < 0.3 + 0.4 * step).astype(int)
    y = (rng.random(n) < 0.1 + 0.2 * a1 + 0.3 * a2 * step + 0.3 * hidden).astype(int)
    frame = pd.DataFrame({"a1": a1, "l": step, "a2": a2, "y": y})
    graph = causal.CausalGraph.from_edges(
        [("a1", "l"), ("l", "a2"), ("a1", "y"), ("a2", "y"), ("l", "y")], bidirected=[("l", "y")]
    )
    spec = causal.AnalysisSpec(causal.Question("a1", "y"), graph=graph)
    found = causal.what_if(
        causal.UnitTable.from_frame(frame), spec, {"a1": causal.Set(1), "a2": causal.Set(1)}, road="identified"
    )
    by_hand = sum(
        (frame[frame["a1"] == 1]["l"] == each).mean()
        * frame[(frame["a1"] == 1) & (frame["l"] == each) & (frame["a2"] == 1)]["y"].mean()
        for each in (0, 1)
    )
    assert found.outcome == pytest.approx(by_hand, abs=0.02 * found.outcome_std_error)
    assert found.levels[1].after == found.outcome


def test_it_is_right_where_the_models_of_the_outcome_are_wrong():
    """y waves with mood, which neither lines nor curves follow; the chances are logistic in mood, as fitted."""
    misses = []
    for seed in range(12):
        frame = visits(1500, 60 + seed)
        frame["y"] += 4 * np.sin(3 * frame["mood"]) * frame["second"]
        found = causal.what_if(
            causal.UnitTable.from_frame(frame), SPEC, {"first": causal.Set(1), "second": causal.Set(1)}
        )
        # mood is normal with mean 0.5 under first = 1, variance 3: E sin(3 mood) = sin(1.5) exp(-13.5)
        misses.append((found.outcome - 3 - 4 * np.sin(1.5) * np.exp(-13.5)) / found.outcome_std_error)
    assert abs(np.mean(misses)) < 3.3 / np.sqrt(12)


def test_a_level_is_set_and_a_quantity_shifted_where_it_would_have_been_then():
    """price = 2 arm + x + noise, y = price - arm: with the arm set, the price moves by 2 before it is shifted."""
    rng = np.random.default_rng(43)
    n = 4000
    x = rng.normal(size=n)
    arm = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    price = 2 * arm + x + rng.normal(size=n)
    frame = pd.DataFrame({"x": x, "arm": arm, "price": price, "y": price - arm + x + rng.normal(size=n)})
    graph = causal.CausalGraph.from_edges(
        [("x", "arm"), ("x", "price"), ("arm", "price"), ("x", "y"), ("arm", "y"), ("price", "y")]
    )
    table = causal.UnitTable.from_frame(frame)
    spec = causal.AnalysisSpec(causal.Question("arm", "y"), graph=graph)
    found = causal.what_if(table, spec, {"arm": causal.Set(1), "price": causal.Shift(0.5)}, road="both")
    assert found.road == "identified"
    assert abs(found.outcome - 1.5) < 3.5 * found.outcome_std_error
    assert found.agreement is not None and found.agreement.agrees
    assert 0.2 * n < found.overlap.effective_size < 0.8 * n
    alone = causal.what_if(table, spec, {"price": causal.Shift(0.5)}, road="identified")
    drawn = causal.what_if(table, spec, {"arm": causal.Randomise(), "price": causal.Shift(0.5)}, road="identified")
    assert abs(drawn.outcome - arm.mean() - 0.5) < 3.5 * drawn.outcome_std_error
    assert abs(alone.difference - 0.5) < 3.5 * alone.std_error


def test_three_levels_of_a_drawn_network_one_after_the_other():
    """Exact shares by enumeration, within the larger of 0.02 and three standard errors at 10,000 rows."""
    network = drawn_network(3)
    table = causal.UnitTable.from_frame(sample(network, 10_000, seed=2))
    for do, outcome in (
        ({"node 1": "middle", "node 3": "high"}, "node 4"),
        ({"node 0": "low", "node 3": "middle"}, "node 4"),
        ({"node 0": "middle", "node 2": "low"}, "node 3"),
    ):
        spec = causal.AnalysisSpec(causal.Question(next(iter(do)), outcome), graph=network.graph)
        changes = {name: causal.Set(level) for name, level in do.items()}
        found = causal.what_if(table, spec, changes, road="identified")
        assert found.method == "doubly robust, one change after the other"
        for each in found.levels:
            share = exact_shares(network, do)[outcome][network.levels[outcome].index(each.level)]
            assert abs(each.after - share) <= max(0.02, 3 * each.after_std_error)


def test_nothing_changed_twice_is_today():
    """Both shifts nought: every weight is one, and the scores are the outcomes up to what the models foretell."""
    frame = visits(500, 3).assign(dose=np.random.default_rng(44).normal(size=500))
    graph = causal.CausalGraph.from_edges([*GRAPH.directed, ("dose", "y"), ("mood", "y")])
    spec = causal.AnalysisSpec(causal.Question("dose", "y"), graph=graph)
    changes = {"dose": causal.Shift(0.0), "mood": causal.Shift(0.0)}
    found = causal.what_if(causal.UnitTable.from_frame(frame), spec, changes, road="identified")
    assert found.outcome == pytest.approx(found.baseline, abs=1e-9)
    assert found.std_error == pytest.approx(0, abs=1e-9)


def test_a_cell_without_anybody_who_has_what_is_set_is_named():
    rng = np.random.default_rng(45)
    a1, step = rng.integers(0, 2, 1000), rng.integers(0, 2, 1000)
    a2 = np.where((step == 1) & (a1 == 1), 0, rng.integers(0, 2, 1000))
    frame = pd.DataFrame({"a1": a1, "l": step, "a2": a2, "y": rng.normal(size=1000)})
    graph = causal.CausalGraph.from_edges([("a1", "l"), ("l", "a2"), ("a1", "y"), ("a2", "y")], bidirected=[("l", "y")])
    spec = causal.AnalysisSpec(causal.Question("a1", "y"), graph=graph)
    with pytest.raises(TooFewUnits, match='No unit has "a2" = 1 among those with "a1" = 1, "l" = 1'):
        causal.what_if(
            causal.UnitTable.from_frame(frame), spec, {"a1": causal.Set(1), "a2": causal.Set(1)}, road="identified"
        )


def test_a_few_units_or_clusters_are_too_few_and_a_shift_too_far_is_refused():
    changes = {"first": causal.Set(1), "second": causal.Set(1)}
    with pytest.raises(TooFewUnits, match="60 units are too few"):
        causal.what_if(causal.UnitTable.from_frame(visits(60, 5)), SPEC, changes, road="identified")
    table = causal.UnitTable.from_frame(visits(300, 5).assign(user=np.arange(300) % 6))
    clustered = causal.AnalysisSpec(causal.Question("first", "y"), graph=GRAPH, cluster="user")
    with pytest.raises(TooFewUnits, match="Too few clusters"):
        causal.what_if(table, clustered, changes, road="identified")
    with pytest.raises(TooFewUnits, match="too few for a formula of the graph"):
        causal.what_if(table, SPEC, {"x": causal.Shift(40.0), "second": causal.Set(1)}, road="identified")


def test_a_quantity_that_is_set_with_others_goes_by_the_model_and_says_why():
    table = causal.UnitTable.from_frame(visits(300, 4).drop(columns="second"))
    graph = causal.CausalGraph.from_edges([("x", "first"), ("x", "mood"), ("x", "y"), ("first", "y"), ("mood", "y")])
    spec = causal.AnalysisSpec(causal.Question("first", "y"), graph=graph)
    found = causal.what_if(table, spec, {"first": causal.Set(1), "mood": causal.Set(0.5)})
    assert found.road == "model"
    assert found.notes[0].startswith('By the model, because: "mood" is a quantity that is set to one value together')


def test_only_changes_that_can_still_move_the_outcome_count():
    graph = causal.CausalGraph.from_edges([("a", "b"), ("b", "c"), ("c", "y"), ("a", "y")])
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=graph)
    both = {"b": causal.Set(1), "c": causal.Set(1)}
    assert list(moving_changes(spec, both)) == ["c"]
    assert list(moving_changes(spec, {"b": causal.Set(1), "c": causal.Shift(1.0)})) == ["b", "c"]
    assert list(moving_changes(spec, {"a": causal.Set(1), **both})) == ["a", "c"]
