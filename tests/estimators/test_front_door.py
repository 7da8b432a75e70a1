"""The front door: exact on cells, the truth in simulations, and right where one of its models is wrong."""

from __future__ import annotations

import json
import os

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.analysis import analysis_from_json, analysis_to_json
from causal.errors import CovariateProblem, NotIdentified, PerfectSeparation

STUDIES = 1_000 if os.environ.get("DOABLE_FULL_COVERAGE") else 200
GRAPH = causal.CausalGraph.parse("t -> m -> y; t <-> y")
TWO = causal.CausalGraph.parse("t -> m -> y; t -> v -> y; t <-> y")
ESTIMATORS = ("doubly robust", "linear")


def drawn(rng, n=1_500, kind="number", curved=False, varying=0.0):
    """A hidden cause of `t` and `y`; 0.8 of the mediator's units by the treatment, 1.5 of the outcome's by each."""
    hidden = rng.normal(size=n)
    t = (hidden + rng.normal(size=n) > (1 if curved else 0)).astype(int)
    m = 0.8 * t + rng.normal(size=n)
    if kind == "binary":
        m = (m > 0.4).astype(int)
    bend = m**2 if curved else m
    y = 1 + 1.5 * bend + hidden * (1 + varying * m) + rng.normal(size=n)
    return pd.DataFrame({"t": t, "m": m, "y": y})


def ask(frame, graph=GRAPH, method="front_door", types=None, **changes):
    question = changes.pop("question", causal.Question("t", "y", target=changes.pop("target", "everyone")))
    table = causal.UnitTable.from_frame(frame, types)
    return causal.answer(table, causal.AnalysisSpec(question, graph, method, **changes))


def by_name(estimator):
    return {"estimator": estimator}


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("binary", [False, True], ids=["number", "yes or no"])
def test_on_cells_it_is_the_identified_formula(target, binary):
    frame = drawn(np.random.default_rng(1), kind="binary")
    frame = frame.assign(m=np.random.default_rng(2).integers(0, 2, len(frame)) + frame["m"])
    frame = frame.assign(m=frame["m"].map({0: "low", 1: "middle", 2: "high"}))
    if binary:
        frame["y"] = (frame["y"] > 1.5).astype(int)
    ours, theirs = (ask(frame, method=each, target=target).estimate for each in ("front_door", "identified_formula"))
    assert ours.effect == pytest.approx(theirs.effect, rel=1e-8)
    assert ours.std_error == pytest.approx(theirs.std_error, rel=1e-6)
    assert dict(ours.arm_means) == pytest.approx(dict(theirs.arm_means), rel=1e-8)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", ["number", "binary"])
def test_intervals_hold_the_truth_as_often_as_they_say(estimator, kind):
    from scipy.stats import norm

    truth = 1.2 if kind == "number" else 1.5 * (norm.cdf(0.4) - norm.cdf(-0.4))
    hits, mean_hits, effects, errors = 0, 0, [], []
    base = 1 if kind == "number" else 1 + 1.5 * norm.cdf(-0.4)
    for study in range(STUDIES):
        frame = drawn(np.random.default_rng([30, study]), 800, kind)
        estimate = ask(frame, options=by_name(estimator)).estimate
        low, high = estimate.interval(0.95)
        hits += low <= truth <= high
        mean_hits += estimate.arm_interval(0)[0] <= base <= estimate.arm_interval(0)[1]
        effects.append(estimate.effect)
        errors.append(estimate.std_error)
    assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, hits
    assert binomtest(mean_hits, STUDIES, 0.95).pvalue > 0.001, mean_hits
    assert np.sqrt(np.mean(np.square(errors))) / np.std(effects, ddof=1) == pytest.approx(1, abs=0.2)


def test_where_the_outcome_is_bent_the_doubly_robust_one_is_right_and_the_linear_one_is_not():
    """The mediator's odds of treatment are logistic in it, as it is normal with equal spread."""
    truth, found = 1.5 * 0.64, {}
    for estimator in ESTIMATORS:
        estimates = [
            ask(drawn(np.random.default_rng([31, study]), 2_000, curved=True), options=by_name(estimator)).estimate
            for study in range(100)
        ]
        effects = np.array([each.effect for each in estimates])
        hits = sum(low <= truth <= high for low, high in (each.interval(0.95) for each in estimates))
        found[estimator] = abs(effects.mean() - truth) / (effects.std() / 10), hits
    assert found["doubly robust"][0] < 4
    assert binomtest(found["doubly robust"][1], 100, 0.95).pvalue > 0.001
    assert found["linear"][0] > 4


def test_several_mediators_carry_the_effect_together():
    rng = np.random.default_rng(32)
    hidden = rng.normal(size=20_000)
    t = (hidden + rng.normal(size=20_000) > 0).astype(int)
    m, v = t + rng.normal(size=20_000), rng.normal(size=20_000) - 0.5 * t
    frame = pd.DataFrame({"t": t, "m": m, "v": v, "y": m + 2 * v + hidden + rng.normal(size=20_000)})
    for estimator in ESTIMATORS:
        estimate = ask(frame, TWO, options=by_name(estimator)).estimate
        assert abs(estimate.effect) < 4 * estimate.std_error
        assert estimate.std_error < 0.1
    assert ask(frame, TWO).estimand.mediators == ("m", "v")


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_standard_errors_are_those_of_the_jackknife(estimator):
    frame = drawn(np.random.default_rng(33), 150, varying=0.5)
    estimate = ask(frame, options=by_name(estimator)).estimate
    left = [ask(frame.drop(index=place), options=by_name(estimator)).estimate for place in range(150)]
    for take, error in (
        (lambda each: each.effect, estimate.std_error),
        (lambda each: each.arm_means.control, estimate.arm_std_errors.control),
        (lambda each: each.arm_means.treated, estimate.arm_std_errors.treated),
    ):
        values = np.array([take(each) for each in left])
        assert error == pytest.approx(np.sqrt(149 / 150 * ((values - values.mean()) ** 2).sum()), rel=0.1)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_clusters_of_equal_rows_count_once(estimator):
    frame = drawn(np.random.default_rng(34), 400)
    users = pd.concat([frame.assign(user=np.arange(400))] * 3, ignore_index=True)
    plain = ask(frame, options=by_name(estimator)).estimate
    clustered = ask(users, options=by_name(estimator), cluster="user").estimate
    assert clustered.effect == pytest.approx(plain.effect, rel=1e-8)
    assert clustered.std_error == pytest.approx(plain.std_error * np.sqrt(400 / 399), rel=1e-6)


def test_a_mediator_that_stands_still_is_named():
    with pytest.raises(CovariateProblem, match='"m" is the same for all units compared'):
        ask(drawn(np.random.default_rng(35), 300).assign(m=2.0))


def test_a_mediator_that_tells_the_treatment_is_named_and_the_linear_one_extrapolates():
    frame = drawn(np.random.default_rng(36), 300)
    apart = frame.assign(m=frame["m"] + 50 * frame["t"])
    with pytest.raises(PerfectSeparation, match='"m" tells for some units which "t" they had'):
        ask(apart)
    assert np.isfinite(ask(apart, options=by_name("linear")).estimate.std_error)


def test_graphs_without_a_front_door_and_covariates_are_refused():
    frame = drawn(np.random.default_rng(37), 300).assign(x=1.0)
    with pytest.raises(NotIdentified, match='no front door from "t" to "y"'):
        ask(frame, causal.CausalGraph.parse("t -> m -> y; t -> y; t <-> y"))
    with pytest.raises(CovariateProblem, match="leave x out"):
        ask(frame, adjust_for=("x",))
    with pytest.raises(NotIdentified, match="needs a causal graph"):
        ask(frame, None)


def test_rows_names_levels_and_units_may_be_any():
    frame = drawn(np.random.default_rng(38), 600)
    estimate = ask(frame).estimate
    digits = (estimate.effect, estimate.std_error)
    shuffled = ask(frame.sample(frac=1, random_state=1)).estimate
    assert (shuffled.effect, shuffled.std_error) == pytest.approx(digits, rel=1e-8)
    odd = '<b>m</b> "; $x'
    named = frame.rename(columns={"m": odd}).assign(y=5_000 - 200 * frame["y"])
    named["t"] = named["t"].map({0: "old", 1: "new"})
    named[odd] = 1e6 + 1e-3 * named[odd]
    question = causal.Question("t", "y", control="old", treated="new")
    again = ask(named, GRAPH.renamed("m", odd), question=question)
    assert again.estimate.effect == pytest.approx(-200 * estimate.effect, rel=1e-6)
    assert again.estimate.std_error == pytest.approx(200 * estimate.std_error, rel=1e-6)
    document = json.loads(json.dumps(analysis_to_json(again), allow_nan=False))
    assert analysis_to_json(analysis_from_json(document)) == document


def test_missing_values_of_a_mediator_leave_complete_cases():
    frame = drawn(np.random.default_rng(39), 600)
    frame.loc[:9, "m"] = np.nan
    analysis = ask(frame)
    assert (analysis.dropped, analysis.estimate.n) == (10, 590)
    assert analysis.estimate.effect == pytest.approx(ask(frame.iloc[10:]).estimate.effect, rel=1e-10)


@pytest.mark.parametrize("parameters", [None, {"graph": "t -> m -> y; t <-> y"}, {"options": {"estimator": "linear"}}])
def test_dowhy_gives_the_digits_of_answer(parameters):
    from dowhy import CausalModel

    frame = drawn(np.random.default_rng(40), 600)
    edges = [("t", "m"), ("m", "y"), ("u", "t"), ("u", "y")]
    model = CausalModel(frame, treatment="t", outcome="y", graph=nx.DiGraph(edges))
    estimand = model.identify_effect(proceed_when_unidentifiable=True)
    place = "frontdoor.causal.estimators.dowhy_adapter.FrontDoor"
    theirs = model.estimate_effect(estimand, method_name=place, method_params=parameters)
    ours = ask(frame, options=(parameters or {}).get("options")).estimate
    assert theirs.value == pytest.approx(ours.effect, rel=1e-12)
    assert theirs.get_standard_error() == pytest.approx(ours.std_error, rel=1e-12)


def test_stock_dowhy_agrees_with_the_product_of_coefficients():
    frame = drawn(np.random.default_rng(41), 600)
    stock = ask(frame, method="dowhy:frontdoor.two_stage_regression").estimate.effect
    assert stock == pytest.approx(ask(frame, options=by_name("linear")).estimate.effect, rel=1e-6)
