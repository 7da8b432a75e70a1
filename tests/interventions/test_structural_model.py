"""A fitted structural model against designs whose interventional means are known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem, EmptyLog, OptionProblem, TooFewUnits, UnknownNode
from causal.interventions.changes import changes_from_json, changes_to_json


def chain(n: int, seed: int) -> pd.DataFrame:
    """x -> t -> m -> y with x a cause of all; y is curved in m. What t does is known by the formulas below."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    t = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    m = 0.5 * t + x + rng.normal(size=n)
    y = m**2 + t + rng.normal(size=n)
    clicked = np.where(rng.random(n) < 1 / (1 + np.exp(1 - m)), "yes", "no")
    return pd.DataFrame({"x": x, "t": t, "m": m, "y": y, "clicked": clicked})


GRAPH = causal.CausalGraph.from_edges(
    [("x", "t"), ("x", "m"), ("t", "m"), ("m", "y"), ("t", "y"), ("m", "clicked")],
)


@pytest.fixture(scope="module")
def model():
    return causal.fit_structural_model(causal.UnitTable.from_frame(chain(4000, 1)), GRAPH)


def test_setting_a_cause_moves_what_stands_below_as_the_design_says(model):
    """E m = 0.5, E y = Var(x) + 1 + 0.25 + 1 under t = 1."""
    scenario = causal.simulate(model, {"t": causal.Set(1)})
    for name, truth in (("m", 0.5), ("y", 3.25)):
        node = scenario.node(name)
        assert node.role == "affected"
        assert abs(node.after - truth) < 3 * node.after_std_error
        assert node.after_std_error < 0.1
    assert scenario.node("t").after == 1
    assert scenario.node("x").difference == 0


def test_shifting_a_mediator_leaves_its_causes_alone(model):
    """y = m^2 + t: with m one more, E y grows by 2 E m + 1 = 1.5."""
    scenario = causal.simulate(model, {"m": causal.Shift(1.0)})
    node = scenario.node("y")
    assert abs(node.difference - 1.5) < 3 * node.std_error
    assert scenario.node("t").role == "as it was"
    assert scenario.node("m").difference == pytest.approx(1.0)


def test_levels_are_shares_that_sum_to_one(model):
    levels = causal.simulate(model, {"m": causal.Set(1.0)}).node("clicked").levels
    assert sum(each.after for each in levels) == pytest.approx(1)
    yes = causal.simulate(model, {"m": causal.Set(1.0)}).node("clicked").share("yes")
    assert abs(yes.after - 0.5) < 3 * yes.after_std_error


def test_a_filter_asks_some_of_the_units(model):
    scenario = causal.simulate(model, {"t": causal.Set(1)}, where=causal.Condition("x", "is above", 0))
    assert 0.45 < scenario.share_of_units < 0.55
    truth = 0.5 + np.sqrt(2 / np.pi)
    assert abs(scenario.node("m").after - truth) < 4 * scenario.node("m").after_std_error


def test_the_same_seed_gives_the_same_digits_and_arrays_give_the_model_back(model):
    arrays, facts = model.to_arrays()
    back = causal.StructuralModel.from_arrays(arrays, json.loads(json.dumps(facts)))
    changes = {"t": causal.Randomise(), "m": causal.Scale(1.1)}
    assert causal.simulate(back, changes) == causal.simulate(model, changes)
    assert back.fingerprint == model.fingerprint


def test_changes_are_json_and_back():
    changes = {"t": causal.Set("new"), "x": causal.Shift(0.5), "z": causal.Scale(2.0), "w": causal.Randomise()}
    assert changes_from_json(json.loads(json.dumps(changes_to_json(changes)))) == changes


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({}, OptionProblem, "Nothing is changed"),
        ({"T": causal.Set(1)}, UnknownNode, 'no variable "T"'),
        ({"t": causal.Set(2)}, OptionProblem, 'No unit has "t" = 2. Its levels are: 0, 1.'),
        ({"clicked": causal.Shift(1)}, OptionProblem, "cannot be shifted"),
        ({"x": causal.Set("high")}, OptionProblem, "is a quantity and cannot be set to 'high'"),
        ({"x": 3}, OptionProblem, "Use causal.Set"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(model, changes, error, sentence):
    with pytest.raises(error, match=sentence.replace("(", r"\(")):
        causal.simulate(model, changes)


def test_a_filter_by_what_the_changes_move_is_refused(model):
    with pytest.raises(OptionProblem, match='"m", which the changes move'):
        causal.simulate(model, {"t": causal.Set(1)}, where=causal.Condition("m", "is above", 0))


def test_a_node_that_shares_a_hidden_cause_with_its_ancestor_is_not_told_and_others_are():
    table = causal.UnitTable.from_frame(chain(400, 2))
    model = causal.fit_structural_model(table, GRAPH.with_edge("t", "y", "bidirected"))
    assert model.node("y").confounded_with == ("t",)
    assert causal.simulate(model, {"x": causal.Set(0.0), "y": causal.Set(1.0)}).node("y").after == 1
    scenario = causal.simulate(model, {"t": causal.Set(1)})
    assert scenario.node("y").role == "not told"
    assert scenario.node("y").after is None
    assert "shares a hidden common cause" in scenario.node("y").note
    assert scenario.node("m").role == "affected"


def test_columns_that_no_mechanism_serves_are_named():
    frame = pd.DataFrame({"x": [f"user {i}" for i in range(300)], "y": np.arange(300.0)})
    graph = causal.CausalGraph.from_edges([("x", "y")])
    with pytest.raises(CovariateProblem, match="300 different values"):
        causal.fit_structural_model(causal.UnitTable.from_frame(frame), graph)
    with pytest.raises(CovariateProblem, match="is an identifier"):
        causal.fit_structural_model(causal.UnitTable.from_frame(frame, {"x": "identifier"}), graph)


def test_missing_values_are_counted_and_too_few_units_refused():
    frame = chain(400, 3)
    frame.loc[:99, "m"] = np.nan
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), GRAPH)
    assert "100 of 400 units lack a value" in model.notes[0]
    with pytest.raises(TooFewUnits, match="Only 1 unit has"):
        causal.fit_structural_model(causal.UnitTable.from_frame(frame.iloc[-1:]), GRAPH)
    frame["m"] = np.nan
    with pytest.raises(EmptyLog, match='The emptiest is "m"'):
        causal.fit_structural_model(causal.UnitTable.from_frame(frame), GRAPH)


def test_a_constant_node_stays_as_it_is():
    frame = chain(400, 4).assign(x=1.0)
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), GRAPH)
    assert model.node("x").mechanism == "the same value for every unit"
    assert "never varies" in model.node("m").note
    with pytest.raises(OptionProblem, match="the same value for every unit"):
        causal.simulate(model, {"x": causal.Set(2.0)})
    seen = frame["m"][frame["t"] == 1].mean()
    assert causal.simulate(model, {"t": causal.Set(1)}).node("m").after == pytest.approx(seen, abs=1e-6)


def test_a_share_on_which_the_few_units_seen_agree_is_still_unsure():
    """A logistic regression would call it certain: a handful of burglaries, each with its alarm."""
    rng = np.random.default_rng(5)
    burglary, quake = rng.random(500) < 0.02, rng.random(500) < 0.03
    alarm = burglary | (quake & (rng.random(500) < 0.3))
    call = alarm | (rng.random(500) < 0.05)
    frame = pd.DataFrame({"burglary": burglary, "quake": quake, "alarm": alarm, "call": call}).astype(int)
    graph = causal.CausalGraph.parse("burglary -> alarm; quake -> alarm; alarm -> call")
    scenario = causal.simulate(
        causal.fit_structural_model(causal.UnitTable.from_frame(frame), graph), {"burglary": causal.Set(1)}
    )
    for name in ("alarm", "call"):
        assert scenario.node(name).after > 0.8
        assert 0.02 < scenario.node(name).after_std_error < 0.2


def test_units_are_not_chosen_by_what_shares_a_hidden_cause_with_levels_drawn_anew():
    """h stands behind z and y: among z = 1 the effect on y is another, of which the model's shares know nothing."""
    rng = np.random.default_rng(1)
    h, t = rng.normal(size=600), rng.integers(0, 2, 600)
    y = (rng.random(600) < 1 / (1 + np.exp(3 - 2.5 * t - 3 * h))).astype(int)
    frame = pd.DataFrame({"t": t, "z": (h > 0).astype(int), "y": y})
    graph = causal.CausalGraph.from_edges([("t", "y")], bidirected=[("z", "y")])
    model = causal.fit_structural_model(causal.UnitTable.from_frame(frame), graph)
    with pytest.raises(OptionProblem, match='by "z", which tells of a hidden common cause of "y"'):
        causal.simulate(model, {"t": causal.Set(1)}, where=causal.Condition("z", "is", 1))
    assert causal.simulate(model, {"t": causal.Set(1)}).node("y").difference > 0.1
