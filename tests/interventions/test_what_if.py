"""What if, by both roads: the digits of `answer`, agreement on designs whose truth is known, and refusals in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import NotIdentified, OptionProblem, TooFewUnits, UnknownColumn
from causal.interventions.what_if import NOT_COMPARED
from causal.study import OutcomeRule


def shop(n: int, seed: int) -> pd.DataFrame:
    """taste -> all; arm and price are set by taste; spend = 2 arm + 1 [B] - 0.5 price + taste + noise.

    E taste = 0, E price = 0, half the arms are new; kind B has a share that is known by symmetry: none, so it is drawn.
    """
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=n)
    arm = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(int)
    price = 0.7 * taste + rng.normal(size=n)
    kind = np.where(taste + rng.normal(size=n) > 0.5, "A", np.where(rng.random(n) < 0.5, "B", "C"))
    spend = 2 * arm + (kind == "B") - 0.5 * price + taste + rng.normal(size=n)
    bought = np.where(rng.random(n) < 1 / (1 + np.exp(1 - spend)), "yes", "no")
    return pd.DataFrame({"taste": taste, "arm": arm, "price": price, "kind": kind, "spend": spend, "bought": bought})


GRAPH = causal.CausalGraph.from_edges(
    [
        ("taste", "arm"),
        ("taste", "price"),
        ("taste", "kind"),
        ("taste", "spend"),
        ("arm", "spend"),
        ("price", "spend"),
        ("kind", "spend"),
        ("spend", "bought"),
    ]
)
SPEC = causal.AnalysisSpec(causal.Question("arm", "spend"), graph=GRAPH)


@pytest.fixture(scope="module")
def table():
    return causal.UnitTable.from_frame(shop(3000, 1))


@pytest.fixture(scope="module")
def model(table):
    return causal.fit_structural_model(table, GRAPH)


@pytest.mark.parametrize("method", ["doubly_robust", "standardisation", "weighting", "difference_in_means"])
def test_setting_a_treatment_gives_the_arm_means_of_answer_to_the_digit(table, method):
    spec = causal.AnalysisSpec(causal.Question("arm", "spend"), graph=GRAPH, method=method)
    means = causal.answer(table, spec).estimate
    for level, mean, error in (
        (0, means.arm_means.control, means.arm_std_errors.control),
        (1, means.arm_means.treated, means.arm_std_errors.treated),
    ):
        found = causal.what_if(table, spec, {"arm": causal.Set(level)})
        assert found.road == "identified"
        assert found.outcome == mean
        assert found.outcome_std_error == pytest.approx(error, rel=1e-12)
        assert found.baseline == pytest.approx(table.frame["spend"].mean(), rel=1e-12)


def test_setting_one_of_many_arms_gives_the_means_of_compare_arms_to_the_digit(table):
    arms = causal.compare_arms(table, causal.AnalysisSpec(causal.Question("kind", "spend"), graph=GRAPH))
    for level in "ABC":
        found = causal.what_if(table, SPEC, {"kind": causal.Set(level)})
        assert found.outcome == arms.arm(level).mean
        assert found.outcome_std_error == pytest.approx(arms.arm(level).std_error, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"arm": causal.Set(1)}, 1.0),
        ({"arm": causal.Set(0)}, -1.0),
        ({"price": causal.Shift(1.0)}, -0.5),
        ({"price": causal.Set(2.0)}, -1.0),
        ({"price": causal.Scale(3.0)}, 0.0),
        ({"price": causal.Randomise()}, 0.0),
        ({"arm": causal.Randomise()}, 0.0),
    ],
)
def test_both_roads_find_the_truth_and_agree(table, model, changes, difference):
    found = causal.what_if(table, SPEC, changes, model=model)
    assert found.road == "identified"
    assert abs(found.difference - difference) < 3 * found.std_error
    assert found.std_error < 0.12
    assert found.agreement is not None
    assert found.agreement.road == "model"
    assert found.agreement.agrees
    assert abs(found.agreement.gap) < found.agreement.gap_std_error


def test_several_changes_go_by_both_roads(table, model):
    found = causal.what_if(table, SPEC, {"arm": causal.Set(1), "price": causal.Shift(1.0)}, model=model)
    assert found.road == "identified"
    assert abs(found.difference - 0.5) < 3 * found.std_error
    assert found.agreement is not None and found.agreement.agrees


def test_an_outcome_of_words_is_the_share_of_a_level(table, model):
    found = causal.what_if(table, SPEC, {"arm": causal.Set(1)}, outcome="bought", model=model)
    assert found.level == "yes"
    assert found.baseline == pytest.approx((table.frame["bought"] == "yes").mean(), rel=1e-12)
    assert found.share("no").after == pytest.approx(1 - found.outcome, rel=1e-12)
    assert found.agreement.agrees
    assert found.distribution.kind == "binary"


def test_a_filter_asks_some_of_the_units(table, model):
    inside = causal.Condition("taste", "is above", 0.0)
    found = causal.what_if(table, SPEC, {"arm": causal.Set(1)}, where=inside, model=model)
    assert found.units == (table.frame["taste"] > 0).sum()
    assert abs(found.difference - 2 * (1 - table.frame["arm"][table.frame["taste"] > 0].mean())) < 4 * found.std_error
    assert found.agreement.agrees


def test_what_stands_below_no_change_stays_as_it_is(table):
    found = causal.what_if(table, SPEC, {"spend": causal.Set(1.0)}, outcome="taste")
    assert found.difference == 0
    assert found.interval() == (0, 0)
    assert found.baseline == pytest.approx(table.frame["taste"].mean())
    assert "no causal path" in found.notes[0]


def test_the_model_says_what_formulas_cannot_and_a_bow_neither():
    frame = shop(400, 2)
    bow = GRAPH.with_edge("arm", "spend", "bidirected")
    table = causal.UnitTable.from_frame(frame)
    with pytest.raises(NotIdentified, match="shares a hidden common cause"):
        causal.what_if(table, causal.AnalysisSpec(causal.Question("arm", "spend"), graph=bow), {"arm": causal.Set(1)})


def test_a_front_door_is_taken_where_the_graph_gives_one():
    """t -> m -> y with a hidden cause of t and y: E[y | do(t=1)] - E[y | do(t=0)] = 0.6 * 1 - 0.2 * 1 = 0.4."""
    rng = np.random.default_rng(5)
    n = 4000
    hidden = rng.random(n) < 0.5
    t = (rng.random(n) < np.where(hidden, 0.8, 0.2)).astype(int)
    m = (rng.random(n) < np.where(t == 1, 0.6, 0.2)).astype(int)
    y = m + 2 * hidden + rng.normal(size=n)
    graph = causal.CausalGraph.from_edges([("t", "m"), ("m", "y")], bidirected=[("t", "y")])
    table = causal.UnitTable.from_frame(pd.DataFrame({"t": t, "m": m, "y": y}))
    found = causal.what_if(table, causal.AnalysisSpec(causal.Question("t", "y"), graph=graph), {"t": causal.Set(1)})
    assert found.road == "identified"
    assert found.method == "Front door"
    assert abs(found.outcome - 1.6) < 3 * found.outcome_std_error


@pytest.mark.parametrize(
    ("changes", "outcome", "error", "sentence"),
    [
        ({}, None, OptionProblem, "Nothing is changed"),
        ({"prise": causal.Set(1)}, None, UnknownColumn, 'Did you mean "price"'),
        ({"arm": causal.Set(3)}, None, OptionProblem, 'No unit has "arm" = 3. Its levels are: 0, 1.'),
        ({"arm": causal.Shift(1)}, None, OptionProblem, "cannot be shifted"),
        ({"kind": causal.Set("Z")}, None, OptionProblem, "No unit has \"kind\" = 'Z'"),
        ({"price": causal.Set("low")}, None, OptionProblem, "cannot be set to 'low'"),
        ({"spend": causal.Set(1)}, None, OptionProblem, "is changed itself"),
        ({"arm": causal.Set(1)}, "spent", UnknownColumn, 'Did you mean "spend"'),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(table, changes, outcome, error, sentence):
    with pytest.raises(error, match=sentence):
        causal.what_if(table, SPEC, changes, outcome=outcome)


def test_a_combination_without_units_is_named_and_the_model_says_that_it_guesses():
    """Level c of t never occurs with z = v, so no formula says what it would do there."""
    rng = np.random.default_rng(6)
    n = 900
    z = rng.choice(["u", "v"], n)
    t = np.where(z == "u", rng.choice(["a", "b", "c"], n), rng.choice(["a", "b"], n))
    y = (rng.random(n) < np.where(t == "a", 0.2, 0.6)).astype(int)
    table = causal.UnitTable.from_frame(pd.DataFrame({"z": z, "t": t, "y": y}))
    graph = causal.CausalGraph.from_edges([("z", "t"), ("z", "y"), ("t", "y")])
    spec = causal.AnalysisSpec(causal.Question("t", "y", control="a", treated="c"), graph=graph)
    with pytest.raises(TooFewUnits, match='No unit has "t" = c, "z" = v'):
        causal.what_if(table, spec, {"t": causal.Set("c")}, road="identified")
    found = causal.what_if(table, spec, {"t": causal.Set("c")})
    assert found.road == "model"
    assert any('No unit has "t" = c, "z" = v' in note and '"y" is taken from a model' in note for note in found.notes)
    assert found.outcome_std_error > 0.05


@pytest.mark.parametrize(
    "changes", [{"price": causal.Shift(1.0)}, {"price": causal.Set(1.0)}, {"price": causal.Randomise()}], ids=str
)
def test_the_formula_s_interval_for_a_quantity_covers(changes):
    """y = x + 0.5 p + noise whose spread grows with x; p = x + noise, E p = 0. Shift, Set: E change 0.5; drawn: 0."""
    truth = 0.0 if isinstance(changes["price"], causal.Randomise) else 0.5
    graph = causal.CausalGraph.from_edges([("x", "price"), ("x", "y"), ("price", "y")])
    spec, inside, runs = causal.AnalysisSpec(causal.Question("price", "y"), graph=graph), 0, 120
    for seed in range(runs):
        rng = np.random.default_rng([7, seed])
        x = rng.normal(size=250)
        price = x + rng.normal(size=250)
        y = x + 0.5 * price + (1 + np.abs(x)) * rng.normal(size=250)
        table = causal.UnitTable.from_frame(pd.DataFrame({"x": x, "price": price, "y": y}))
        low, high = causal.what_if(table, spec, changes, road="identified").interval()
        inside += low <= truth <= high
    assert binomtest(inside, runs, 0.95).pvalue > 0.001


def test_a_constant_outcome_keeps_its_value_by_the_model():
    frame = shop(300, 8).assign(spend=5.0)
    found = causal.what_if(causal.UnitTable.from_frame(frame), SPEC, {"arm": causal.Set(1)}, road="model")
    assert (found.baseline, found.outcome, found.std_error) == (5.0, 5.0, 0.0)


def test_clusters_widen_the_formula_s_interval():
    frame = pd.concat([shop(300, 9).assign(user=np.arange(300))] * 4, ignore_index=True)
    table = causal.UnitTable.from_frame(frame)
    clustered = causal.AnalysisSpec(causal.Question("arm", "spend"), graph=GRAPH, cluster="user")
    for changes in ({"arm": causal.Set(1)}, {"price": causal.Set(1.0)}):
        wide = causal.what_if(table, clustered, changes).std_error
        assert wide == pytest.approx(2 * causal.what_if(table, SPEC, changes).std_error, rel=0.05)


def test_a_model_that_cells_contradict_gives_way_to_the_formula():
    """Treatment and outcome follow an exclusive or of two columns, which main effects cannot see: 0.3 under t = 1."""
    rng = np.random.default_rng(10)
    n = 4000
    a, b = rng.integers(0, 2, n), rng.integers(0, 2, n)
    odd = a ^ b
    t = (rng.random(n) < np.where(odd == 1, 0.9, 0.1)).astype(int)
    y = (rng.random(n) < np.where(odd == 1, 0.5, 0.1)).astype(int)
    table = causal.UnitTable.from_frame(pd.DataFrame({"a": a, "b": b, "t": t, "y": y}))
    graph = causal.CausalGraph.from_edges([("a", "t"), ("b", "t"), ("a", "y"), ("b", "y"), ("t", "y")])
    found = causal.what_if(table, causal.AnalysisSpec(causal.Question("t", "y"), graph=graph), {"t": causal.Set(1)})
    assert found.method == "Identified formula"
    assert "Doubly robust gives 0.4" in found.notes[0]
    assert abs(found.outcome - 0.3) < 3 * found.outcome_std_error


def test_limits_on_extreme_outcomes_are_those_of_the_questions_outcome_and_part_no_roads(table, model):
    limited = replace(SPEC, outcome_rule=OutcomeRule("values", -1.0, 2.0))
    found = causal.what_if(table, limited, {"arm": causal.Set(1)}, road="both", model=model)
    free = causal.what_if(table, SPEC, {"arm": causal.Set(1)}, road="both", model=model)
    assert found.outcome < free.outcome
    assert found.agreement is None and any(note.endswith(NOT_COMPARED) for note in found.notes)
    assert free.agreement is not None and not any(note.endswith(NOT_COMPARED) for note in free.notes)
    tight = replace(SPEC, outcome_rule=OutcomeRule("values", -0.1, 0.1))  # of what is spent, not of a price
    other = causal.what_if(table, tight, {"taste": causal.Shift(1.0)}, "price", road="identified")
    assert other.difference == causal.what_if(table, SPEC, {"taste": causal.Shift(1.0)}, "price").difference
