"""Combinations of causes with few units or none: how sure the model is of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.study import same_level

GRAPH = causal.CausalGraph.from_edges([("a", "b"), ("a", "y"), ("b", "y")])


def two_causes(chance: np.ndarray, never: tuple[int, int], n: int, seed: int) -> causal.UnitTable:
    """Levels of a and b at random, but never one combination; a yes in y by the chance of the combination."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, chance.shape[0], n), rng.integers(0, chance.shape[1], n)
    kept = (a != never[0]) | (b != never[1])
    a, b = a[kept], b[kept]
    y = rng.random(len(a)) < chance[a, b]
    frame = pd.DataFrame({"a": [f"a{each}" for each in a], "b": [f"b{each}" for each in b], "y": y})
    return causal.UnitTable.from_frame(frame)


def asked_of_the_empty_one(table: causal.UnitTable, never: tuple[int, int]) -> causal.WhatIf:
    spec = causal.AnalysisSpec(causal.Question("b", "y"), graph=GRAPH)
    changes = {"a": causal.Set(f"a{never[0]}"), "b": causal.Set(f"b{never[1]}")}
    return causal.what_if(table, spec, changes, "y", road="model")


def test_a_combination_without_units_is_unsure_where_others_do_not_foretell_each_other():
    """The shares have no pattern, so one that nobody has may be anything: told with its error, and named."""
    rng = np.random.default_rng(5)
    misses = []
    for seed in range(6):
        chance = rng.beta(0.5, 0.5, size=(3, 4))
        found = asked_of_the_empty_one(two_causes(chance, (2, 3), 3000, seed), (2, 3))
        assert found.outcome_std_error > 0.12
        assert any('No unit has "a" = a2, "b" = b3' in note for note in found.notes)
        misses.append(abs(found.outcome - chance[2, 3]) / found.outcome_std_error)
    assert max(misses) < 3.5


def test_a_combination_without_units_is_foretold_where_main_effects_hold():
    index = np.linspace(-1.5, 1.5, 5)[:, None] + np.linspace(-1, 1, 6)
    chance = 1 / (1 + np.exp(-index))
    found = asked_of_the_empty_one(two_causes(chance, (4, 5), 20_000, 1), (4, 5))
    assert found.outcome_std_error < 0.06
    assert abs(found.outcome - chance[4, 5]) < 3 * found.outcome_std_error


def test_a_rule_that_no_unit_breaks_is_not_carried_to_combinations_without_units():
    """Where causes decide the level a regression fits without error; what it says beyond the data is still a guess."""
    rng = np.random.default_rng(2)
    a = rng.integers(0, 4, 8000)
    b = np.where(a < 2, 0, 1)
    b = np.where(rng.random(8000) < 0.3, 2, b)
    frame = pd.DataFrame({"a": [f"a{each}" for each in a], "b": [f"b{each}" for each in b], "y": (a + b) % 3 == 0})
    spec = causal.AnalysisSpec(causal.Question("b", "y"), graph=GRAPH)
    found = causal.what_if(causal.UnitTable.from_frame(frame), spec, {"b": causal.Set("b0")}, "y", road="model")
    assert found.outcome_std_error > 0.1  # half of the units come to stand where no unit is
    assert abs(found.outcome - 0.5) < 3 * found.outcome_std_error


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (True, "TRUE", True),
        ("false", False, True),
        (1.0, "1", True),
        ("1.0", 1, True),
        (2, 2.0, True),
        ("1.0", "1", False),
        ("TRUE", "True", False),
        (True, "yes", False),
        (0.5, "half", False),
    ],
)
def test_a_level_and_its_text_are_one(left, right, same):
    assert same_level(left, right) is same


@pytest.mark.parametrize("road", ["identified", "model"])
def test_a_yes_or_no_that_a_file_wrote_in_capitals_is_asked_for_as_it_was_written(road):
    """A reader makes booleans of TRUE and FALSE; the network's own names of its levels still find them."""
    rng = np.random.default_rng(4)
    a = rng.random(4000) < 0.4
    b = rng.random(4000) < np.where(a, 0.7, 0.4)
    y = rng.random(4000) < 0.2 + 0.4 * b + 0.2 * a
    table = causal.UnitTable.from_frame(pd.DataFrame({"a": a, "b": b, "y": y}))
    spec = causal.AnalysisSpec(causal.Question("b", "y"), graph=GRAPH)
    asked = causal.what_if(table, spec, {"b": causal.Set("TRUE")}, "y", road=road)
    assert asked.outcome == causal.what_if(table, spec, {"b": causal.Set(True)}, "y", road=road).outcome
    assert asked.share("FALSE").after == pytest.approx(1 - asked.share("TRUE").after)
    some = causal.what_if(table, spec, {"b": causal.Set("TRUE")}, "y", where=causal.Condition("a", "is", "FALSE"))
    assert abs(some.outcome - 0.6) < 0.05


def test_the_formula_asks_only_for_units_with_the_level_it_speaks_of():
    """Nobody in b2 lacks a1: what a1 does is still told cell by cell, and what a0 does is refused by name."""
    rng = np.random.default_rng(6)
    b = rng.integers(0, 3, 6000)
    a = np.where(b == 2, 1, rng.integers(0, 2, 6000))
    y = rng.random(6000) < 0.2 + 0.2 * b + 0.1 * a
    frame = pd.DataFrame({"a": [f"a{each}" for each in a], "b": [f"b{each}" for each in b], "y": y})
    table = causal.UnitTable.from_frame(frame)
    graph = causal.CausalGraph.from_edges([("b", "a"), ("a", "y"), ("b", "y")])
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=graph, method="identified_formula")
    found = causal.what_if(table, spec, {"a": causal.Set("a1")}, "y", road="identified")
    assert abs(found.outcome - 0.5) < 3 * found.outcome_std_error
    with pytest.raises(causal.errors.TooFewUnits, match=r'No unit has "a" = a0, "b" = b2.*33.*% of the units'):
        causal.what_if(table, spec, {"a": causal.Set("a0")}, "y", road="identified")


def test_where_a_cell_is_empty_another_set_to_adjust_for_is_taken():
    """What decides the outcome leaves a cell without units; what decides the cause serves as well."""
    rng = np.random.default_rng(7)
    c = rng.integers(0, 2, 8000)
    a = (rng.random(8000) < np.where(c == 1, 0.7, 0.3)).astype(int)
    z = np.where((c == 1) & (rng.random(8000) < 0.5), 1 + rng.integers(0, 2, 8000), 0)
    z[(z == 2) & (a == 1)] = 1  # the draw that happens to leave nobody with both
    y = rng.random(8000) < 0.3 + 0.3 * a + 0.1 * (z > 0)
    frame = pd.DataFrame({"c": c, "a": [f"a{each}" for each in a], "z": [f"z{each}" for each in z], "y": y})
    graph = causal.CausalGraph.from_edges([("c", "a"), ("c", "z"), ("a", "y"), ("z", "y")])
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=graph, method="identified_formula")
    found = causal.what_if(causal.UnitTable.from_frame(frame), spec, {"a": causal.Set("a1")}, "y", road="identified")
    assert found.adjusted_for == ("c",)
    assert 'No unit has "a" = a1, "z" = z2' in found.notes[0]
    assert "adjust for c instead" in found.notes[0]
    assert abs(found.outcome - 0.625) < 4 * found.outcome_std_error


@pytest.mark.parametrize("road", ["identified", "model"])
@pytest.mark.parametrize("levels", [2, 3])
def test_units_that_agree_are_as_unsure_as_the_rule_of_three_says(road, levels):
    """Of 60 units none has the level: up to 3 / 60 of them might, and three standard errors reach that far."""
    rng = np.random.default_rng(8)
    b = np.array(["rare"] * 60 + ["usual"] * 4000)
    y = np.array(["no"] * 60 + rng.choice(["no", "yes", "so"][:levels], 4000).tolist())
    table = causal.UnitTable.from_frame(pd.DataFrame({"b": b, "y": y}))
    spec = causal.AnalysisSpec(causal.Question("b", "y"), graph=causal.CausalGraph.from_edges([("b", "y")]))
    found = causal.what_if(table, spec, {"b": causal.Set("rare")}, "y", road=road)
    assert 0.5 * 3 / 60 < found.share("yes").after + 3 * found.share("yes").after_std_error < 1.5 * 3 / 60


@pytest.mark.parametrize("road", ["identified", "model", "either"])
def test_setting_what_every_unit_has_changes_nothing_and_another_level_is_unknown(road):
    frame = pd.DataFrame({"a": ["same"] * 400, "y": ["no", "yes", "no", "no"] * 100})
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=causal.CausalGraph.from_edges([("a", "y")]))
    table = causal.UnitTable.from_frame(frame)
    found = causal.what_if(table, spec, {"a": causal.Set("same")}, "y", road=road)
    assert (found.outcome, found.difference, found.std_error) == (0.25, 0, 0)
    assert found.notes == ('Every unit has "a" = same already, so nothing changes.',)
    with pytest.raises(causal.errors.OptionProblem, match="the same value for every unit"):
        causal.what_if(table, spec, {"a": causal.Set("other")}, "y", road=road)


@pytest.mark.parametrize("road", ["identified", "model"])
def test_a_whole_number_that_no_unit_has_is_named(road):
    rng = np.random.default_rng(9)
    a = rng.choice([0, 1, 3], 3000)
    table = causal.UnitTable.from_frame(pd.DataFrame({"a": a, "y": rng.random(3000) < 0.2 + 0.2 * a}))
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=causal.CausalGraph.from_edges([("a", "y")]))
    found = causal.what_if(table, spec, {"a": causal.Set(2)}, "y", road=road)
    assert any('No unit has "a" = 2' in note for note in found.notes)


def test_a_model_that_cells_of_another_set_contradict_gives_way_to_them():
    """Codes of six causes taken as quantities mislead a regression on them all; the one cause of the cause does not."""
    rng = np.random.default_rng(10)
    c = rng.integers(0, 4, 10_000)
    t = (rng.random(10_000) < np.array([0.8, 0.2, 0.2, 0.8])[c]).astype(int)
    many = {f"w{place}": np.where(rng.random(10_000) < 0.5, c, rng.integers(0, 4, 10_000)) for place in range(6)}
    y = t + 2.0 * np.mean([(each == 0) | (each == 3) for each in many.values()], axis=0) + rng.normal(size=10_000)
    edges = [("c", "t"), ("t", "y"), *[("c", name) for name in many], *[(name, "y") for name in many]]
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph=causal.CausalGraph.from_edges(edges))
    table = causal.UnitTable.from_frame(pd.DataFrame({"c": c, "t": t, **many, "y": y}))
    found = causal.what_if(table, spec, {"t": causal.Set(1)}, "y", road="identified")
    assert found.adjusted_for == ("c",)
    assert "which the units contradict cell by cell" in found.notes[0]
    assert abs(found.outcome - 2) < 3 * found.outcome_std_error


def test_drawing_a_cause_of_few_whole_numbers_takes_them_as_levels_by_the_formula():
    """A bent effect of codes, which a line through them would miss."""
    rng = np.random.default_rng(11)
    c = rng.integers(0, 2, 8000)
    t = np.where(rng.random(8000) < 0.6, 2 * c, rng.integers(0, 3, 8000))
    y = rng.random(8000) < np.array([0.1, 0.8, 0.2])[t] + 0.1 * c
    table = causal.UnitTable.from_frame(pd.DataFrame({"c": c, "t": t, "y": y}))
    graph = causal.CausalGraph.from_edges([("c", "t"), ("t", "y"), ("c", "y")])
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph=graph)
    found = causal.what_if(table, spec, {"t": causal.Randomise()}, "y", road="identified")
    truth = np.bincount(t) / 8000 @ np.array([0.15, 0.85, 0.25])
    assert found.method == "Identified formula"
    assert abs(found.outcome - truth) < 3 * found.outcome_std_error


def test_units_chosen_by_a_filter_have_an_error_that_knows_how_many_they_are():
    """Of few units their own luck counts as well: in 95 % of 40 samples, less three errors of that share."""
    rng = np.random.default_rng(12)
    graph = causal.CausalGraph.from_edges([("t", "y"), ("w", "y"), ("w", "f")])
    covered = []
    for _ in range(40):
        w = rng.random(1500) < 0.5
        t = rng.random(1500) < 0.5
        f = rng.random(1500) < np.where(w, 0.12, 0.08)
        y = rng.random(1500) < 0.1 + 0.3 * w + 0.3 * t
        table = causal.UnitTable.from_frame(pd.DataFrame({"w": w, "t": t, "f": f, "y": y}))
        model = causal.fit_structural_model(table, graph)
        node = causal.simulate(model, {"t": causal.Set(True)}, causal.Condition("f", "is", True)).node("y")
        covered.append(abs(node.after - (0.4 + 0.3 * 0.6)) <= 1.96 * node.after_std_error)
    assert np.mean(covered) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 40)


def test_a_combination_of_two_causes_that_agrees_is_unsure_as_well():
    rng = np.random.default_rng(13)
    a, b = rng.random(4000) < 0.1, rng.random(4000) < 0.1
    y = ~(a & b) & (rng.random(4000) < 0.5)
    spec = causal.AnalysisSpec(causal.Question("a", "y"), graph=causal.CausalGraph.from_edges([("a", "y"), ("b", "y")]))
    changes = {"a": causal.Set(True), "b": causal.Set(True)}
    table = causal.UnitTable.from_frame(pd.DataFrame({"a": a, "b": b, "y": y}))
    found = causal.what_if(table, spec, changes, "y", road="identified")
    assert found.outcome == 0
    assert found.outcome_std_error == pytest.approx(1 / (a & b).sum(), rel=0.1)
