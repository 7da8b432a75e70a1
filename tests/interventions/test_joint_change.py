"""Several variables with levels changed at once, by the graph's formula: exact networks, joint arms, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem, NotIdentified, TooFewUnits
from tests.interventions.networks import ASIA, CANCER, Network, drawn_network, exact_shares, sample

NETWORKS = {"asia": ASIA, "cancer": CANCER, "drawn": drawn_network(3)}

GRAPH = causal.CausalGraph.from_edges(
    [("x", "arm"), ("x", "kind"), ("x", "y"), ("arm", "y"), ("kind", "y"), ("arm", "late"), ("y", "late")]
)
SPEC = causal.AnalysisSpec(causal.Question("arm", "y"), graph=GRAPH)


def shop(n: int, seed: int) -> pd.DataFrame:
    """y = 2 arm + [kind B] + arm [kind B] + x + noise; arm and kind follow x."""
    rng = np.random.default_rng([31, seed])
    x = rng.normal(size=n)
    arm = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    kind = np.where(x + rng.normal(size=n) > 0.5, "A", np.where(rng.random(n) < 0.5, "B", "C"))
    y = 2 * arm + (kind == "B") * (1 + arm) + x + rng.normal(size=n)
    return pd.DataFrame({"x": x, "arm": arm, "kind": kind, "y": y, "late": y + arm})


@pytest.fixture(scope="module")
def table() -> causal.UnitTable:
    return causal.UnitTable.from_frame(shop(4000, 1))


@pytest.mark.parametrize("name", NETWORKS)
def test_two_variables_set_at_once_have_the_exact_shares_of_a_network(name):
    """Within the larger of 0.02 and three standard errors at 10,000 rows; a combination without units is named."""
    network: Network = NETWORKS[name]
    table = causal.UnitTable.from_frame(sample(network, 10_000, seed=4))
    rng, told = np.random.default_rng(5), 0
    nodes = list(network.parents)
    while told < 5:
        first, second, outcome = (str(each) for each in rng.choice(nodes, 3, replace=False))
        if not {first, second} <= network.graph.ancestors(outcome):
            continue
        do = {each: str(rng.choice(network.levels[each])) for each in (first, second)}
        spec = causal.AnalysisSpec(causal.Question(first, outcome), graph=network.graph)
        changes = {each: causal.Set(level) for each, level in do.items()}
        try:
            found = causal.what_if(table, spec, changes, road="identified")
        except TooFewUnits as error:
            assert any(each in str(error) for each in ("No unit has", "no unit has", "only 1 unit has", "Weighted, "))
            told += 1
            continue
        truth = exact_shares(network, do)[outcome]
        for each in found.levels:
            share = truth[network.levels[outcome].index(each.level)]
            assert abs(each.after - share) <= max(0.02, 3 * each.after_std_error), (do, outcome, each, share)
        told += 1


def test_a_combination_has_the_mean_of_compare_joint_arms_to_the_digit(table):
    arms = causal.compare_joint_arms(table, SPEC, "kind").comparison
    for arm, kind in ((1, "B"), (0, "C")):
        found = causal.what_if(table, SPEC, {"arm": causal.Set(arm), "kind": causal.Set(kind)})
        same = arms.arm(f"{arm} × {kind}")
        assert found.road == "identified" and found.adjusted_for == ("x",)
        assert found.outcome == same.mean
        assert found.outcome_std_error == pytest.approx(same.std_error, rel=1e-12)
        truth = 2 * arm + (kind == "B") * (1 + arm)
        assert abs(found.outcome - truth) < 3.5 * found.outcome_std_error


def test_both_roads_agree_on_a_joint_change(table):
    changes = {"arm": causal.Set(1), "kind": causal.Set("B")}
    found = causal.what_if(table, SPEC, changes, road="both")
    assert found.road == "identified"
    assert found.agreement is not None and found.agreement.agrees


def test_one_set_and_one_drawn_at_random_mix_the_arms_by_its_shares(table):
    found = causal.what_if(table, SPEC, {"arm": causal.Set(1), "kind": causal.Randomise()})
    share = (table.frame["kind"] == "B").mean()
    assert abs(found.outcome - (2 + 2 * share)) < 3.5 * found.outcome_std_error
    arms = causal.compare_joint_arms(table, SPEC, "kind").comparison
    weights = table.frame["kind"].value_counts(normalize=True)
    assert found.outcome == pytest.approx(sum(weights[kind] * arms.arm(f"1 × {kind}").mean for kind in "ABC"))
    drawn = causal.what_if(table, SPEC, {"arm": causal.Randomise(), "kind": causal.Randomise()})
    arm = table.frame["arm"].mean()
    assert abs(drawn.outcome - (2 * arm + share * (1 + arm))) < 3.5 * drawn.outcome_std_error


def test_the_shares_of_what_is_drawn_are_themselves_estimated():
    """Without noise the mean of each combination is known, and only the share of B moves from sample to sample."""
    frame = shop(2000, 3)
    of_b = frame["kind"] == "B"
    frame["y"] = 2 * frame["arm"] + of_b * (1 + frame["arm"])
    changes = {"arm": causal.Set(1), "kind": causal.Randomise()}
    found = causal.what_if(causal.UnitTable.from_frame(frame), SPEC, changes, road="identified")
    share = of_b.mean()
    assert found.outcome == pytest.approx(2 + 2 * share)
    assert found.outcome_std_error == pytest.approx(2 * (share * (1 - share) / 2000) ** 0.5)


def test_the_interval_of_a_joint_change_is_that_of_many_samples():
    """The standard error against the spread of 60 answers, within what chance allows (chi square, p < .001)."""
    changes = {"arm": causal.Set(1), "kind": causal.Randomise()}
    means, errors = [], []
    for seed in range(60):
        found = causal.what_if(causal.UnitTable.from_frame(shop(300, 100 + seed)), SPEC, changes, road="identified")
        means.append(found.difference)
        errors.append(found.std_error)
    ratio = np.var(means, ddof=1) / np.mean(np.square(errors))
    assert 0.52 < ratio < 1.70  # quantiles .0005 and .9995 of chi square (59) / 59


def test_what_a_set_variable_cuts_off_makes_no_difference():
    """arm -> step -> y: with step set, what becomes of arm is of no matter, hidden causes of arm and y included."""
    rng = np.random.default_rng(32)
    arm = rng.integers(0, 2, 800)
    step = (rng.random(800) < 0.3 + 0.4 * arm).astype(int)
    frame = pd.DataFrame({"arm": arm, "step": step, "y": step + rng.normal(size=800)})
    graph = causal.CausalGraph.from_edges([("arm", "step"), ("step", "y")])
    spec = causal.AnalysisSpec(causal.Question("arm", "y"), graph=graph)
    table = causal.UnitTable.from_frame(frame)
    both = causal.what_if(table, spec, {"arm": causal.Set(0), "step": causal.Set(1)})
    one = causal.what_if(table, spec, {"step": causal.Set(1)})
    assert (both.outcome, both.std_error) == (one.outcome, one.std_error)


def test_a_filter_asks_some_of_the_units(table):
    inside = causal.Condition("x", "is above", 0.0)
    changes = {"arm": causal.Set(1), "kind": causal.Set("B")}
    found = causal.what_if(table, SPEC, changes, where=inside)
    some = table.frame[table.frame["x"] > 0]
    assert found.units == len(some)
    assert abs(found.outcome - 4 - some["x"].mean()) < 3.5 * found.outcome_std_error


def test_units_chosen_by_what_is_changed_or_by_what_it_does_are_refused(table):
    changes = {"arm": causal.Set(1), "kind": causal.Set("B")}
    for where, sentence in (
        (causal.Condition("arm", "is", 1), 'chooses units by the treatment "arm" itself'),
        (causal.Condition("late", "is above", 0.0), 'which the graph says "arm" changes'),
    ):
        with pytest.raises(CovariateProblem, match=sentence):
            causal.what_if(table, SPEC, changes, where=where, road="identified")


def test_clusters_widen_the_interval_of_a_joint_change():
    frame = pd.concat([shop(400, 2).assign(user=np.arange(400))] * 4, ignore_index=True)
    table = causal.UnitTable.from_frame(frame)
    changes = {"arm": causal.Set(1), "kind": causal.Set("C")}
    clustered = causal.AnalysisSpec(causal.Question("arm", "y"), graph=GRAPH, cluster="user")
    wide, narrow = (causal.what_if(table, spec, changes).std_error for spec in (clustered, SPEC))
    assert wide == pytest.approx(2 * narrow, rel=0.01)


def test_a_combination_that_no_unit_has_is_named_and_the_model_says_that_it_guesses(table):
    frame = table.frame[~((table.frame["arm"] == 1) & (table.frame["kind"] == "B"))].reset_index(drop=True)
    rare = causal.UnitTable.from_frame(frame)
    changes = {"arm": causal.Set(1), "kind": causal.Set("B")}
    with pytest.raises(TooFewUnits, match='No unit has "arm" = 1, "kind" = B at once'):
        causal.what_if(rare, SPEC, changes, road="identified")
    found = causal.what_if(rare, SPEC, changes)
    assert found.road == "model"
    assert 'No unit has "arm" = 1, "kind" = B at once' in found.notes[0]


def test_a_combination_missing_in_a_cell_is_named():
    rng = np.random.default_rng(33)
    z = rng.choice(["u", "v"], 900)
    arm = rng.integers(0, 2, 900)
    kind = np.where((z == "v") & (arm == 1), "A", rng.choice(["A", "B"], 900))
    frame = pd.DataFrame({"z": z, "arm": arm, "kind": kind, "y": rng.normal(size=900)})
    graph = causal.CausalGraph.from_edges([("z", "arm"), ("z", "kind"), ("z", "y"), ("arm", "y"), ("kind", "y")])
    spec = causal.AnalysisSpec(causal.Question("arm", "y"), graph=graph)
    changes = {"arm": causal.Set(1), "kind": causal.Set("B")}
    with pytest.raises(TooFewUnits, match='No unit has "arm × kind" = 1 × B, "z" = v'):
        causal.what_if(causal.UnitTable.from_frame(frame), spec, changes, road="identified")


def test_a_combination_that_is_not_asked_about_may_be_missing(table):
    frame = table.frame[~((table.frame["arm"] == 0) & (table.frame["kind"] == "B"))].reset_index(drop=True)
    frame = pd.concat([frame, frame.assign(kind="D").iloc[:1].assign(arm=0)], ignore_index=True)
    found = causal.what_if(
        causal.UnitTable.from_frame(frame), SPEC, {"arm": causal.Set(1), "kind": causal.Set("C")}, road="identified"
    )
    assert found.method == "Doubly robust, arm and kind at once"
    assert np.isfinite(found.std_error)


def test_a_hidden_cause_of_both_is_no_joint_formula(table):
    bow = GRAPH.with_edge("arm", "y", "bidirected")
    with pytest.raises(NotIdentified, match='No set of observed columns serves "arm" and "kind", neither at once'):
        causal.what_if(
            table,
            causal.AnalysisSpec(causal.Question("arm", "y"), graph=bow),
            {"arm": causal.Set(1), "kind": causal.Set("B")},
            road="identified",
        )
