"""Effects of single units: seen by no model of theirs, with errors that hold, and what is told of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, t

import causal
from causal.effects.effect_tree import _narrowed, leaf_of
from causal.effects.unit_effects import FOLDS, START, UnitEffects, _errors, _Learnt
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.effect_learners import FOREST, LEARNERS, NewUnits, Training
from causal.estimators.subsamples import FREEDOM
from causal.logs.conditions import satisfied
from causal.study import Condition

REPEATS = 120


def draw(study: int, n: int = 800, slope: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Columns t, y, a, b, c; the effect is 1 + slope * b, the chance of treatment follows a."""
    rng = np.random.default_rng([20_261_127, study])
    a, b, c = rng.normal(size=(3, n))
    treated = rng.random(n) < 1 / (1 + np.exp(-0.5 * a))
    effect = 1 + slope * b
    y = a + c + effect * treated + rng.normal(size=n)
    return pd.DataFrame({"t": treated.astype(int), "y": y, "a": a, "b": b, "c": c}), effect


def spec_of(*names: str, **more) -> causal.AnalysisSpec:
    return causal.AnalysisSpec(question=causal.Question("t", "y"), adjust_for=names or ("a", "b", "c"), **more)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Fewer trees: what is tested here does not hang on them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("causal.estimators.effect_learners.TREES", 8)
        yield


@pytest.fixture(scope="module")
def studied() -> tuple[causal.UnitTable, UnitEffects, np.ndarray]:
    frame, truth = draw(1)
    frame.loc[::50, "a"] = np.nan
    frame["kind"] = np.where(frame.b > 0, "eager", "idle")
    table = causal.UnitTable.from_frame(frame)
    return table, causal.unit_effects(table, spec_of(), learner="linear"), truth


def simulated(study: int, slope: float, n: int = 600, cluster: bool = False) -> tuple[causal.UnitTable, UnitEffects]:
    """Units with what `unit_effects` makes of them, by true nuisances and a line per prefix of folds: in no time."""
    rng = np.random.default_rng([20_261_128, study])
    groups = np.repeat(np.arange(n // 4), 4) if cluster else np.arange(n)
    b = rng.normal(size=groups.max() + 1)[groups] if cluster else rng.normal(size=n)
    shock = rng.normal(size=groups.max() + 1)[groups] if cluster else 0.0
    score = 1 + slope * b + shock + rng.normal(0, 2, n)
    fold = rng.permutation(groups.max() + 1)[groups] % FOLDS
    ranking = np.full(n, np.nan)
    for each in range(START, FOLDS):
        line = np.polyfit(b[fold < each], score[fold < each], 1)
        ranking[fold == each] = np.polyval(line, b[fold == each])
    treated = rng.random(n) < 0.5
    table = causal.UnitTable.from_frame(pd.DataFrame({"b": b, "t": treated.astype(int), "y": score}))
    found = UnitEffects(
        effect=ranking,
        std_error=ranking,
        score=score,
        ranking=ranking,
        fold=fold,
        cluster=groups,
        treated=treated,
        control_level=0,
        treated_level=1,
        losses=(),
        loss=0.0,
        adjust_for=("b",),
        clustered=cluster,
        outcome_is_binary=False,
        confidence=0.95,
        seed=0,
        treatment="t",
        outcome="y",
    )
    return table, found


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation needs no third digit of a joint quantile."""
    monkeypatch.setattr("causal.estimators.simultaneous.DRAWS", 2_000)


def fair(hits: int, of: int = REPEATS, level: float = 0.95) -> bool:
    return binomtest(hits, of, level).pvalue > 0.001


def test_effects_stand_in_the_tables_order_and_near_the_truth(studied) -> None:
    table, found, truth = studied
    missing = table.frame["a"].isna().to_numpy()
    assert np.isnan(found.effect[missing]).all() and np.isnan(found.std_error[missing]).all()
    assert np.isfinite(found.effect[~missing]).all()
    assert np.corrcoef(found.effect[~missing], truth[~missing])[0, 1] > 0.95
    assert (found.std_error[~missing] > 0).all()
    frame = found.frame()
    assert len(frame) == len(table)
    assert sum(each.share for each in found.losses) == pytest.approx(1)
    assert found.loss < next(each.loss for each in found.losses if each.learner == "the same effect for all")


def test_no_model_has_seen_the_unit_it_speaks_of(studied) -> None:
    table, found, _ = studied
    frame = table.frame.copy()
    row = int(found.rows[0])
    frame.loc[row, "y"] += 1e-7  # so little that the folds, which go by what units hold, stay as they are
    moved = causal.unit_effects(causal.UnitTable.from_frame(frame), spec_of(), learner="linear")
    assert (moved.fold == found.fold).all()
    beside = found.fold == found.fold[row]
    assert moved.effect[beside] == pytest.approx(found.effect[beside], abs=1e-13)
    assert np.abs(moved.effect - found.effect)[~beside & (found.fold >= 0)].max() > 1e-12


def test_it_keeps_what_it_is_as_arrays_and_finite_json(studied) -> None:
    _, found, _ = studied
    facts = json.loads(json.dumps(found.facts(), allow_nan=False))
    again = UnitEffects.from_arrays(found.to_arrays(), facts)
    assert again.losses == found.losses and again.adjust_for == found.adjust_for
    assert causal.priority_curve(again) == causal.priority_curve(found)


@pytest.mark.parametrize("cluster", [False, True])
@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_the_rate_holds_its_interval_and_its_level(few_draws, slope: float, cluster: bool) -> None:
    """The truth is that of the rules that were learnt: with a normal b the rank decides the mean of b above it."""
    hits = {"autoc": 0, "qini": 0, "p": 0, "slope": 0}
    for study in range(REPEATS):
        table, found = simulated(study, slope, cluster=cluster)
        curve, told = causal.priority_curve(found), causal.effect_calibration(found)
        b = table.frame["b"].to_numpy()
        signs = [
            np.sign(np.corrcoef(found.ranking[found.fold == each], b[found.fold == each])[0, 1])
            for each in range(START, FOLDS)
        ]
        truth = {"autoc": 0.9032 * slope * np.mean(signs), "qini": 0.2821 * slope * np.mean(signs)}
        for name, value in truth.items():
            low, high = getattr(curve, name).interval()
            hits[name] += low <= value <= high
        hits["p"] += told.p_value > 0.05
    assert fair(hits["autoc"]) and fair(hits["qini"])
    assert fair(hits["p"]) if slope == 0 else hits["p"] == 0


@pytest.mark.parametrize("learner", ["DR-learner, linear", "R-learner, linear", "T-learner, linear"])
def test_subsamples_tell_the_error_of_a_units_effect(learner: str) -> None:
    """The first unit of each study, predicted by four fifths of the others, whose error it is."""
    hits = 0
    for study in range(REPEATS):
        frame, truth = draw(1_000 + study, 300)
        a, b, c = (frame[name].to_numpy() for name in ("a", "b", "c"))
        model, chance = np.column_stack([np.ones(300), a, b, c]), 1 / (1 + np.exp(-0.5 * a))
        seen = Training(model, frame.t.to_numpy() == 1, frame.y.to_numpy(), chance, (a + c, a + c + 1 + b))
        learnt = _Learnt(seen, {learner: LEARNERS[learner]}, np.ones(1), study)
        reach = t.ppf(0.975, FREEDOM) * _errors(learnt, None, lambda done: None)[0]
        others = replace(learnt, seen=seen.only(np.arange(60, 300)))
        predicted = others.mix(others.each(NewUnits(model[:1], chance[:1])))[0]
        hits += abs(predicted - truth[0]) <= reach
    assert fair(hits)


def test_leaves_hold_together(few_draws) -> None:
    hits, found_apart = 0, 0
    for study in range(REPEATS):
        table, found = simulated(study, 0.0)
        tree = causal.effect_tree(found, table)
        hits += all(low <= 1 <= high for low, high in (leaf.effect.joint_interval() for leaf in tree.leaves))
        found_apart += tree.p_value < 0.05
    assert fair(hits)
    assert fair(REPEATS - found_apart)


def test_a_line_is_found_by_line_curve_and_tree(few_draws) -> None:
    hits = {"line": 0, "curve": 0}
    for study in range(REPEATS):
        table, found = simulated(study, 1.0)
        (slope,) = causal.effect_projection(found, table, ["b"]).slopes
        low, high = slope.interval()
        hits["line"] += low <= 1 <= high
        curve = causal.effect_curve(found, table, "b")
        truth = 1 + np.array(curve.values)
        ends = np.array([each.joint_interval() for each in curve.effects])
        hits["curve"] += bool(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).all())
    assert fair(hits["line"]) and fair(hits["curve"])
    tree = causal.effect_tree(found, table)
    assert tree.p_value < 1e-4
    assert tree.leaves[0].effect.value < tree.leaves[-1].effect.value
    place = leaf_of(tree, table)
    assert place.notna().all()
    assert (place == 0).to_numpy().tolist() == satisfied(table, tree.leaves[0].conditions).tolist()


def test_a_rule_does_not_deny_one_level_of_a_column_and_then_name_another() -> None:
    denied, named = Condition("kind", "is not", "loyal"), Condition("kind", "is", "browser")
    of_another = Condition("device", "is not", "phone")
    assert _narrowed((denied, of_another), named) == (of_another, named)
    assert _narrowed((denied,), Condition("kind", "is not", "new")) == (denied, Condition("kind", "is not", "new"))


def test_the_profile_names_what_the_effect_goes_with(studied) -> None:
    table, found, _ = studied
    told = causal.effect_profile(found, table, ("a", "b", "c", "kind"))
    assert told.rows[0].column in ("b", "kind") and told.rows[0].difference.clear
    assert told.gap.value == pytest.approx(told.top.value - told.bottom.value)
    assert told.gap.interval()[0] > 0


def test_without_anything_to_go_by_all_units_have_the_same_effect() -> None:
    frame, _ = draw(2, 200)
    table = causal.UnitTable.from_frame(frame)
    found = causal.unit_effects(table, replace(spec_of(), adjust_for=()))
    curve = causal.priority_curve(found)
    assert curve.autoc.value == pytest.approx(0, abs=1e-9)
    assert curve.autoc.interval()[0] <= 0 <= curve.autoc.interval()[1]
    assert math.isnan(causal.effect_calibration(found).slope.value)
    with pytest.raises(CovariateProblem, match="the same for all"):
        causal.effect_profile(found, table)
    with pytest.raises(CovariateProblem, match="at least one column"):
        causal.effect_tree(found, table)


def test_too_little_to_learn_from_is_said() -> None:
    frame, _ = draw(3, 100)
    table = causal.UnitTable.from_frame(frame)
    few = frame.assign(t=(np.arange(100) == 5).astype(int))
    with pytest.raises(TooFewUnits):
        causal.unit_effects(causal.UnitTable.from_frame(few), spec_of())
    with pytest.raises(causal.DoableError):
        causal.unit_effects(causal.UnitTable.from_frame(frame.assign(y=1.0)), spec_of())
    with pytest.raises(OptionProblem, match="no learner"):
        causal.unit_effects(table, spec_of(), learner="guess")
    clustered = causal.UnitTable.from_frame(frame.assign(g=np.arange(100) % 12))
    with pytest.raises(TooFewUnits, match="clusters"):
        causal.unit_effects(clustered, spec_of(cluster="g"))


def test_folds_that_are_not_told_apart_are_left_out_of_the_profile() -> None:
    table, found = simulated(1, 1.0)
    ranking = found.ranking.copy()
    ranking[found.fold == START] = 1.0
    told = causal.effect_profile(replace(found, ranking=ranking), table)
    assert told.rows[0].difference.clear
    assert told.units == pytest.approx(0.2 * np.isin(found.fold, range(START + 1, FOLDS)).sum(), abs=4)
    with pytest.raises(CovariateProblem, match="the same for all"):
        causal.effect_profile(replace(found, ranking=np.where(found.fold < START, np.nan, 1.0)), table)


def test_a_clustered_study_keeps_clusters_in_one_fold_and_has_students_intervals() -> None:
    frame, _ = draw(4, 300)
    table = causal.UnitTable.from_frame(frame.assign(g=np.arange(300) // 3))
    found = causal.unit_effects(table, spec_of(cluster="g"), learner="linear")
    assert all(len(np.unique(found.fold[found.cluster == each])) == 1 for each in range(100))
    assert found.degrees_of_freedom == 99


def test_the_forest_is_econmls_own_but_for_the_residuals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside CausalForestDML with the same trees: it grows the same forest on residuals of its own cross-fitting."""
    pytest.importorskip("econml")
    from econml.dml import CausalForestDML
    from sklearn.linear_model import LinearRegression, LogisticRegression

    monkeypatch.setattr("causal.estimators.effect_learners.FOREST_TREES", 60)
    frame, _ = draw(5, 500)
    x, treated = frame[["a", "b", "c"]].to_numpy(), frame.t.to_numpy() == 1
    theirs = CausalForestDML(
        model_y=LinearRegression(),
        model_t=LogisticRegression(C=np.inf),
        discrete_treatment=True,
        n_estimators=60,
        min_samples_leaf=5,
        subforest_size=4,
        random_state=0,
        n_jobs=1,
        cv=2,
        inference=False,
    ).fit(frame.y.to_numpy(), frame.t.to_numpy(), X=x)
    chance = 1 / (1 + np.exp(-0.5 * frame.a.to_numpy()))
    mean = frame.a.to_numpy() + frame.c.to_numpy()
    seen = Training(
        np.column_stack([np.ones(500), x]), treated, frame.y.to_numpy(), chance, (mean, mean + 1 + frame.b.to_numpy())
    )
    fresh = draw(6, 400)
    new = fresh[0][["a", "b", "c"]].to_numpy()
    ours = FOREST["causal forest"](seen, NewUnits(np.column_stack([np.ones(400), new]), np.full(400, 0.5)), 0)
    told = theirs.effect(new)
    assert np.corrcoef(ours, told)[0, 1] > 0.95
    assert np.sqrt(np.mean((ours - told) ** 2)) < 0.35 * np.std(told)
    gaps = [np.sqrt(np.mean((each - fresh[1]) ** 2)) for each in (ours, told)]
    assert gaps[0] < 1.1 * gaps[1]


def test_a_forest_is_tried_by_choice_and_weighed_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forest of few trees, so that the way it takes part is what is tested; without EconML it is refused in words."""
    pytest.importorskip("econml")
    monkeypatch.setattr("causal.estimators.effect_learners.FOREST_TREES", 8)
    monkeypatch.setattr("causal.estimators.subsamples.PAIRS", 2)
    frame, _ = draw(7, 200)
    table = causal.UnitTable.from_frame(frame)
    found = causal.unit_effects(table, spec_of(), learner="linear", forest=True)
    assert "causal forest" in {each.learner for each in found.losses}
    assert np.isfinite(found.effect).all() and np.isfinite(found.std_error).all()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OptionProblem, match="EconML is not installed"):
        causal.unit_effects(table, spec_of(), learner="linear", forest=True)
