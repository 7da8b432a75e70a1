"""Single units against simulated worlds whose noises are known, and the couplings against their own definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

import causal
from causal.errors import CovariateProblem, NotIdentified, OptionProblem, UnknownColumn
from causal.interventions.bounds_interval import bounds_interval
from causal.interventions.coupling import bounds, gumbel_chances, monotone_chances

GRAPH = causal.CausalGraph.from_edges(
    [("x", "t"), ("x", "m"), ("t", "m"), ("m", "bought"), ("t", "bought"), ("m", "minutes"), ("bought", "minutes")]
)


def world(n: int, seed: int, t_is: int | None = None) -> pd.DataFrame:
    """The same noises for the same seed, with t as it came about or set: what each unit would have had."""
    rng = np.random.default_rng(seed)
    x, own, noise, luck, rest = rng.normal(size=n), rng.random(n), rng.normal(size=n), rng.random(n), rng.normal(size=n)
    t = (own < 1 / (1 + np.exp(-x))).astype(int) if t_is is None else np.full(n, t_is)
    m = x + 1.5 * t + noise
    bought = (luck < 1 / (1 + np.exp(1 - m - t))).astype(int)
    minutes = 10 + 2 * m + 5 * bought + rest
    return pd.DataFrame({"x": x, "t": t, "m": m, "bought": bought, "minutes": minutes})


@pytest.fixture(scope="module")
def model():
    return causal.fit_structural_model(causal.UnitTable.from_frame(world(6000, 1)), GRAPH)


def test_a_quantity_with_known_noise_is_what_the_unit_would_have_had(model):
    seen, other = world(200, 2), world(200, 2, t_is=1)
    told = causal.counterfactual(model, seen, {"t": causal.Set(1)}, nodes=["m"])
    values = np.array([each.counterfactual for each in told.rows])
    assert np.abs(values - other["m"]).max() < 0.25
    assert all(each.identified and each.lower == each.upper for each in told.rows)


def test_a_yes_or_no_comes_back_as_a_level_with_its_chance(model):
    """The simulated coupling is one number per unit, which buys below its chance: monotone, so chances are right."""
    seen, other = world(1500, 3), world(1500, 3, t_is=1)
    told = causal.counterfactual(model, seen, {"t": causal.Set(1)}, nodes="bought")
    assert {each.counterfactual for each in told.rows} <= {0, 1}
    chance = np.array([each.levels[1].chance for each in told.rows])
    bought = other["bought"].to_numpy()
    assert abs(chance.mean() - bought.mean()) < 0.02
    for low, high in ((0.1, 0.4), (0.4, 0.7), (0.7, 0.95)):  # of those told so, so many did
        inside = (chance > low) & (chance < high)
        spread = np.sqrt(chance[inside] @ (1 - chance[inside])) / inside.sum()
        assert abs(bought[inside].mean() - chance[inside].mean()) < 3.5 * spread + 0.02
    kept = seen["bought"].to_numpy() == 1
    assert chance[kept].min() > 1 - 1e-9  # it only became likelier
    for each in told.rows:
        assert all(one.lower <= one.chance <= one.upper for one in each.levels)


def test_a_unit_whose_causes_do_not_change_has_what_it_has(model):
    seen = world(50, 4)
    kept = seen[seen["t"] == 1]
    for each in causal.counterfactual(model, kept, {"t": causal.Set(1)}).rows:
        assert each.identified
        assert each.counterfactual == pytest.approx(each.factual)


def test_a_quantity_below_an_open_level_has_the_range_of_its_worlds(model):
    seen = world(300, 5)
    seen = seen[(seen["t"] == 0) & (seen["bought"] == 0)]
    told = causal.counterfactual(model, seen, {"t": causal.Set(1)})
    other = world(300, 5, t_is=1)
    for label in seen.index:
        each = told.of(label, "minutes")
        assert not each.identified
        assert each.assumes == "monotone"
        assert each.upper - each.lower == pytest.approx(5, abs=0.6)
        assert each.lower - 0.5 < other.loc[label, "minutes"] < each.upper + 0.5
    assert told.frame().shape == (3 * len(seen), 11)


def test_the_monotone_chance_of_two_levels_is_tian_and_pearl_s():
    """Probability of necessity under monotonicity, 1 - (1 - p') ... : excess risk ratio (p - p') / p; bounds theirs."""
    before, after, had = np.array([[0.4, 0.6]]), np.array([[0.75, 0.25]]), np.array([1])
    assert monotone_chances(before, after, had)[0, 0] == pytest.approx((0.6 - 0.25) / 0.6)
    lower, upper = bounds(before, after, had)
    assert lower[0, 0] == pytest.approx((0.6 + 0.75 - 1) / 0.6)
    assert upper[0, 0] == pytest.approx(1.0)
    lower, upper = bounds(before, np.array([[0.3, 0.7]]), had)
    assert (lower[0, 0], upper[0, 0]) == (0.0, pytest.approx(0.5))


def test_gumbel_max_keeps_the_margins_and_is_stable():
    """Averaged over the levels had, the chances are those after; a level that lost to none is never swapped."""
    rng = np.random.default_rng(0)
    before, after = np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.3, 0.2])
    had = np.repeat(np.arange(3), 400)
    told = gumbel_chances(np.tile(before, (1200, 1)), np.tile(after, (1200, 1)), had, rng)
    each = np.array([told[had == level].mean(axis=0) for level in range(3)])
    assert before @ each == pytest.approx(after, abs=0.01)
    assert each[0, 0] == 1  # the level whose chance grew most, in proportion
    assert each[1, 2] == 0  # 2 lost more than 1 did
    # Oberst and Sontag (2019), definition 2, by plain simulation of the same noises
    noise = rng.gumbel(size=(200_000, 3))
    first, second = (noise + np.log(before)).argmax(axis=1), (noise + np.log(after)).argmax(axis=1)
    plain = np.array([np.bincount(second[first == level], minlength=3) / (first == level).sum() for level in range(3)])
    assert each == pytest.approx(plain, abs=0.01)


def test_categories_keep_their_gumbel_noise_and_every_coupling_lies_within_the_bounds():
    rng = np.random.default_rng(8)
    n = 5000
    t = rng.integers(0, 2, n)
    shares = {0: np.array([0.2, 0.3, 0.5]), 1: np.array([0.5, 0.3, 0.2])}
    noise = rng.gumbel(size=(n, 3))
    levels = np.array(["drama", "news", "sport"])
    kinds = {arm: levels[(noise + np.log(shares[arm])).argmax(axis=1)] for arm in (0, 1)}
    seen = pd.DataFrame({"t": t, "kind": np.where(t == 1, kinds[1], kinds[0])})
    graph = causal.CausalGraph.from_edges([("t", "kind")])
    model = causal.fit_structural_model(causal.UnitTable.from_frame(seen), graph)
    asked = seen[seen["t"] == 0].head(600)
    told = causal.counterfactual(model, asked, {"t": causal.Set(1)})
    assert told.rows[0].assumes == "Gumbel-max"
    assert "Gumbel-max" in told.notes[0]
    truth = pd.Series(kinds[1])[asked.index]
    for level in ("news", "sport"):
        mine = [each for each in told.rows if each.factual == level]
        for place, name in enumerate(levels):
            chance = np.mean([each.levels[place].chance for each in mine])
            assert abs(chance - np.mean([truth[each.unit] == name for each in mine])) < 0.08
    assert all(one.lower <= one.chance <= one.upper for each in told.rows for one in each.levels)


def test_a_shift_of_a_mediator_follows_only_what_stands_below(model):
    seen = world(20, 6)
    told = causal.counterfactual(model, seen, {"m": causal.Shift(0.0)})
    assert set(told.nodes) == {"bought", "minutes"}
    assert all(each.counterfactual == pytest.approx(each.factual) for each in told.rows)


@pytest.mark.parametrize("width", [0.0, 0.01, 0.1, 3.0])
def test_around_bounds_it_is_imbens_and_manski_s(width):
    """Their equation (6), solved by another way."""
    errors = (0.04, 0.05)
    reach = brentq(lambda c: norm.cdf(c + width / 0.05) - norm.cdf(-c) - 0.9, 0, 5)
    found = bounds_interval((0.2, 0.2 + width), errors, 0.9)
    assert found == pytest.approx((0.2 - reach * 0.04, 0.2 + width + reach * 0.05), abs=1e-9)
    assert bounds_interval((0.2, 0.7), (0.0, 0.0)) == (0.2, 0.7)
    with pytest.raises(OptionProblem, match="between 0 and 1"):
        bounds_interval((0.2, 0.7), errors, 95)


def test_the_interval_around_bounds_covers_whichever_end_is_true():
    """Tian and Pearl: of units with y = 1 under t = 0, a share of .5 to 1 would have it under t = 1."""
    graph, inside, runs = causal.CausalGraph.from_edges([("t", "y")]), np.zeros(2, int), 60
    unit = pd.DataFrame({"t": [0], "y": [1]})
    for seed in range(runs):
        rng = np.random.default_rng([81, seed])
        t = rng.integers(0, 2, 300)
        y = (rng.random(300) < np.where(t == 1, 0.7, 0.6)).astype(int)
        model = causal.fit_structural_model(causal.UnitTable.from_frame(pd.DataFrame({"t": t, "y": y})), graph)
        found = causal.counterfactual(model, unit, {"t": causal.Set(1)}).of(0, "y")
        low, high = found.levels[1].interval()
        assert low <= found.levels[1].lower <= found.levels[1].upper <= high
        inside += [low <= 0.3 / 0.6 <= high, low <= 1.0 <= high]
    for count in inside.tolist():
        assert binomtest(count, runs, 0.95, alternative="less").pvalue > 0.001
    assert inside[1] == runs  # the other end is that of a chance itself


def test_a_number_that_the_model_tells_has_the_error_of_its_slope():
    graph, inside, runs = causal.CausalGraph.from_edges([("x", "y")]), 0, 60
    unit = pd.DataFrame({"x": [0.3], "y": [1.0]})
    for seed in range(runs):
        rng = np.random.default_rng([82, seed])
        x = rng.normal(size=150)
        y = 0.5 * x + (1 + np.abs(x)) * rng.normal(size=150)
        model = causal.fit_structural_model(causal.UnitTable.from_frame(pd.DataFrame({"x": x, "y": y})), graph)
        if model.node("y").mechanism.startswith("curves"):
            runs -= 1
            continue
        found = causal.counterfactual(model, unit, {"x": causal.Shift(2.0)}).of(0, "y")
        assert found.identified
        low, high = found.interval()
        inside += low <= 2.0 <= high
    assert binomtest(inside, runs, 0.95).pvalue > 0.001


def test_a_unit_that_nothing_changes_has_what_it_has_without_any_error(model):
    """Exactly, for quantities and levels, whatever the change is called."""
    seen = world(40, 8)
    taken = seen[seen["t"] == 1]
    for rows, nothing in ((taken, causal.Set(1)), (seen, None)):
        changes = {"t": nothing} if nothing else {"x": causal.Shift(0.0), "m": causal.Scale(1.0)}
        for each in causal.counterfactual(model, rows, changes).rows:
            assert each.counterfactual == rows.loc[each.unit, each.node]
            assert each.identified
            assert each.interval() == (each.lower, each.upper)


def test_two_changes_in_a_chain_are_made_one_after_the_other(model):
    """The mediator has what the first change makes of it, and the second on top; set outright it forgets the first."""
    seen, other = world(60, 9), world(60, 9, t_is=1)
    told = causal.counterfactual(model, seen, {"t": causal.Set(1), "m": causal.Shift(1.0)}, nodes=["m", "minutes"])
    alone = causal.counterfactual(model, seen, {"t": causal.Set(1)}, nodes=["m"])
    fixed = causal.counterfactual(model, seen, {"t": causal.Set(1), "m": causal.Set(0.5)}, nodes=["m"])
    for unit in seen.index:
        m = told.of(unit, "m").counterfactual
        assert m == pytest.approx(alone.of(unit, "m").counterfactual + 1)
        assert m == pytest.approx(other.loc[unit, "m"] + 1, abs=0.25)
        assert fixed.of(unit, "m").counterfactual == 0.5
        minutes = told.of(unit, "minutes")
        assert minutes.lower - 0.8 < seen.loc[unit, "minutes"] + 2 * (m - seen.loc[unit, "m"]) < minutes.upper + 0.8


def test_rows_that_cannot_be_told_are_named(model):
    seen = world(5, 7)
    with pytest.raises(UnknownColumn, match='no column "m"'):
        causal.counterfactual(model, seen.drop(columns="m"), {"t": causal.Set(1)})
    with pytest.raises(CovariateProblem, match='Unit 2 has no "m"'):
        causal.counterfactual(model, seen.assign(m=seen["m"].where(seen.index != 2)), {"t": causal.Set(1)})
    with pytest.raises(CovariateProblem, match='Unit 4 has "bought" = 7'):
        causal.counterfactual(model, seen.assign(bought=7).iloc[[4, 0]], {"t": causal.Set(1)})
    for wrong in (np.inf, "many"):
        rows = seen.astype({"m": "object"})
        rows.loc[3, "m"] = wrong
        with pytest.raises(CovariateProblem, match=f'Unit 3 has "m" = {wrong!r}, which is no finite number'):
            causal.counterfactual(model, rows, {"t": causal.Set(1)})
    with pytest.raises(OptionProblem, match="do not randomise"):
        causal.counterfactual(model, seen, {"t": causal.Randomise()})


def test_a_node_with_a_hidden_cause_is_not_told():
    frame = world(400, 9)
    bow = GRAPH.with_edge("t", "m", "bidirected")
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), bow)
    with pytest.raises(NotIdentified, match="shares a hidden common cause"):
        causal.counterfactual(model, frame.head(3), {"t": causal.Set(1)}, nodes="m")
    assert causal.counterfactual(model, frame.head(3), {"t": causal.Set(1)}).rows == ()
