"""The graph's formula beside the model: the digits of `what_if`, kept as plain values, told as they agree or part."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.errors import OptionProblem
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import Randomise, Scale, Set, Shift
from causal.interventions.kept_arms import KeptArms, keep_arms
from causal.interventions.kept_formula import KeptFormula, keep_formula
from causal.interventions.roads import Roads, both_roads, roads_from
from causal.interventions.scenario import simulate
from causal.interventions.structural_model import fit_structural_model
from causal.interventions.what_if import what_if
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Condition, Question
from causal.wording.roads import roads_finding
from causal.wording.what_if import Told


@pytest.fixture(scope="module")
def asked():
    rng = np.random.default_rng(3)
    x = rng.normal(size=500)
    t = (rng.random(500) < 1 / (1 + np.exp(-x))).astype(int)
    y = 2 * t + x + rng.normal(size=500)
    table = UnitTable.from_frame(pd.DataFrame({"x": x, "t": t, "y": y}))
    spec = AnalysisSpec(Question("t", "y"), CausalGraph.parse("x -> t; x -> y; t -> y"))
    return table, spec, fit_structural_model(table, spec.graph)


def test_both_roads_have_the_digits_of_what_if(asked) -> None:
    table, spec, model = asked
    found = both_roads(table, spec, {"t": Set(1)}, "y", model)
    direct = what_if(table, spec, {"t": Set(1)}, "y", road="both", model=model)
    assert direct.agreement is not None
    assert (found.formula, found.formula_interval) == (direct.difference, direct.interval())
    assert (found.model, found.agrees) == (direct.agreement.difference, direct.agreement.agrees)
    assert Roads.from_json(json.loads(json.dumps(found.to_json()))) == found
    told = Told(simulate(model, {"t": Set(1)}))
    assert roads_finding(told, found).startswith("Two roads agree: the graph's own formula (")
    parted = roads_finding(told, replace(found, agrees=False))
    assert parted.startswith("Two roads part: ") and parted.endswith("which rests on fewer models.")


def test_of_some_units_both_roads_are_of_them(asked) -> None:
    table, spec, model = asked
    some = (Condition("x", "is at least", 0.0),)
    found = both_roads(table, spec, {"t": Set(1)}, "y", model, where=some)
    assert found.formula == what_if(table, spec, {"t": Set(1)}, "y", some, road="identified").difference
    assert found.model == simulate(model, {"t": Set(1)}, some).node("y").difference
    assert found.agrees and found.formula != both_roads(table, spec, {"t": Set(1)}, "y", model).formula
    said = roads_finding(Told(simulate(model, {"t": Set(1)}, some)), found)
    assert said.startswith("Two roads agree")


def test_a_filter_of_the_study_need_not_be_in_the_graph(asked) -> None:
    """The model is of the filter's units already; the formula takes the filter from the spec."""
    table, spec, _ = asked
    wide = table.with_column("site", table.frame["x"] > -0.5, "binary")
    filtered = replace(spec, where=(Condition("site", "is", True),))
    model = fit_structural_model(wide, spec.graph, where=filtered.where)
    found = both_roads(wide, filtered, {"t": Set(1)}, "y", model)
    assert found.formula is not None and found.agrees


def test_where_there_is_no_formula_the_reason_is_said(asked) -> None:
    table, spec, model = asked
    changes = {"t": Set(1), "x": Set(1.0)}
    found = both_roads(table, spec, changes, "y", model)
    assert found.formula is None and found.agrees is None
    assert Roads.from_json(json.loads(json.dumps(found.to_json()))) == found
    said = roads_finding(Told(simulate(model, changes)), found)
    assert said.startswith('One road only, the model\'s. "x" is a quantity that is set to one value together')


@pytest.mark.parametrize(("outcome", "level"), [("y", None), ("z", None), ("z", "low"), ("k", "b")])
def test_kept_scores_of_a_quantity_have_the_digits_of_both_roads(asked, outcome, level) -> None:
    table, spec, _ = asked
    rng = np.random.default_rng(4)
    y = table.frame["y"].to_numpy()
    named = np.where(y + rng.normal(size=500) > 0, "up", "low")
    kinds = np.where(y > 1, "a", np.where(rng.random(500) < 0.5, "b", "c"))
    wide = table.with_column("z", pd.Series(named), "binary").with_column("k", pd.Series(kinds), "category")
    graph = CausalGraph.parse("x -> t; x -> y; t -> y; y -> z; y -> k")
    spec = replace(spec, graph=graph)
    model = fit_structural_model(wide, graph)
    kept = keep_formula(wide, spec, "x", outcome, level)
    again = KeptFormula.from_arrays(*kept.to_arrays())
    for change in (Shift(0.25), Scale(0.9)):
        found = both_roads(wide, spec, {"x": change}, outcome, model, level)
        node = simulate(model, {"x": change}).node(outcome)
        assert roads_from(again, {"x": change}, node, level) == found
        assert found.formula is not None and any("In effect" in note for note in found.notes)
    assert roads_from(again, {"x": Shift(60.0)}, simulate(model, {"x": Shift(0.25)}).node(outcome), level) is None
    with pytest.raises(OptionProblem, match="has levels"):
        keep_formula(wide, spec, "t", outcome, level)


@pytest.mark.parametrize(("outcome", "level", "cells"), [("y", None, False), ("z", "low", False), ("y", None, True)])
def test_kept_arms_have_the_digits_of_both_roads_for_every_combination(asked, outcome, level, cells) -> None:
    table, _, _ = asked
    rng = np.random.default_rng(5)
    y, half = table.frame["y"].to_numpy(), (table.frame["x"] > 0).to_numpy()
    wide = table.with_column("z", pd.Series(np.where(y + rng.normal(size=500) > 0, "up", "low")), "binary")
    wide = wide.with_column("k", pd.Series(rng.choice(["a", "b"], 500)), "binary")
    wide = wide.with_column("h", pd.Series(np.where(half, "far", "near")), "binary")
    cause = "h" if cells else "x"
    graph = CausalGraph.parse(f"{cause} -> t; {cause} -> y; {cause} -> k; t -> y; k -> y; y -> z")
    spec = AnalysisSpec(Question("t", "y"), graph)
    kept = KeptArms.from_json(json.loads(json.dumps(keep_arms(wide, spec, ("k", "t"), outcome, level).to_json())))
    for changes in (
        {"k": Set("b"), "t": Set(1)},
        {"k": Set("a"), "t": Set(0)},
        {"k": Randomise(), "t": Set(1)},
        {"k": Randomise(), "t": Randomise()},
    ):
        found, direct = kept.under(changes), what_if(wide, spec, changes, outcome, road="identified", level=level)
        assert found is not None and direct.method.startswith("Identified formula" if cells else "Doubly robust")
        assert (found.method, found.adjusted_for, found.units) == (direct.method, direct.adjusted_for, direct.units)
        assert found.outcome == pytest.approx(direct.outcome, rel=1e-12)
        assert found.difference == pytest.approx(direct.difference, rel=1e-9)
        assert found.std_error == pytest.approx(direct.std_error, rel=1e-9)
        assert found.outcome_std_error == pytest.approx(direct.outcome_std_error, rel=1e-9)
    assert kept.under({"k": Set("b")}) is None and kept.under({"k": Set("c"), "t": Set(1)}) is None


def test_kept_arms_know_clusters_and_leave_out_what_no_unit_has() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=600)
    t, k = rng.integers(0, 2, 600), rng.choice(["a", "b", "c"], 600)
    t[k == "c"] = 0
    frame = pd.DataFrame({"x": x, "t": t, "k": k, "y": x + t + rng.normal(size=600), "user": np.arange(600) % 60})
    table = UnitTable.from_frame(frame)
    spec = AnalysisSpec(Question("t", "y"), CausalGraph.parse("x -> t; x -> y; t -> y; k -> y; x -> k"), cluster="user")
    kept = keep_arms(table, spec, ("k", "t"), "y")
    changes = {"k": Set("b"), "t": Set(1)}
    found, direct = kept.under(changes), what_if(table, spec, changes, road="identified")
    assert found is not None and found.degrees_of_freedom == direct.degrees_of_freedom == 59
    assert found.std_error == pytest.approx(direct.std_error, rel=1e-9)
    assert kept.under({"k": Set("c"), "t": Set(1)}) is None
    assert kept.under({"k": Randomise(), "t": Set(1)}) is None
    with pytest.raises(OptionProblem, match="no arms are kept"):
        keep_arms(table, spec, ("x", "t"), "y")
