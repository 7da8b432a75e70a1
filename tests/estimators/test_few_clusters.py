"""Few clusters: CR2 and Satterthwaite as R has them, Student's quantiles, and intervals that hold the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.errors import TooFewUnits
from tests.estimators.references import LALONDE, ask, lalonde

GOLDEN = json.loads((Path(__file__).parent / "golden" / "few_clusters.json").read_text())


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["cluster"])
def test_regression_agrees_with_clubsandwich(case):
    estimate = ask(lalonde(), "treat", "re78", LALONDE, "regression", cluster=case["cluster"]).estimate
    assert estimate.effect == pytest.approx(case["effect"], rel=1e-9)
    assert estimate.std_error == pytest.approx(case["std_error"], rel=1e-8)
    assert estimate.degrees_of_freedom == pytest.approx(case["degrees_of_freedom"], rel=1e-7)
    assert estimate.p_value == pytest.approx(case["p_value"], rel=1e-6)


def test_other_methods_take_the_clusters_less_one():
    analysis = ask(lalonde(), "treat", "re78", LALONDE, "doubly_robust", cluster="educ")
    assert analysis.estimate.degrees_of_freedom == lalonde()["educ"].nunique() - 1 == 18
    assert "only 19 clusters" in analysis.notes[-1]
    low, high = analysis.estimate.interval()
    assert (high - low) / 2 == pytest.approx(2.10092204 * analysis.estimate.std_error, rel=1e-8)  # t(18) at .975


def test_without_clusters_quantiles_are_normal():
    estimate = ask(lalonde(), "treat", "re78", LALONDE, "regression").estimate
    assert estimate.degrees_of_freedom == np.inf
    assert estimate.interval()[1] - estimate.effect == pytest.approx(1.959963984540054 * estimate.std_error)


def clustered(rng: np.random.Generator, clusters: int = 10, rows: int = 20) -> pd.DataFrame:
    """Half the clusters treated, no effect, a covariate of the cluster and noise that its rows share."""
    cluster = np.repeat(np.arange(clusters), rows)
    t, x = np.arange(clusters) % 2, rng.normal(size=clusters)
    y = x[cluster] + rng.normal(size=clusters)[cluster] + rng.normal(size=len(cluster))
    return pd.DataFrame({"user": cluster, "t": t[cluster], "x": x[cluster], "y": y})


def test_ten_clusters_are_enough_for_regression_to_hold_the_truth():
    hits = normal = 0
    studies = 400
    for study in range(studies):
        frame = clustered(np.random.default_rng([20_261_126, study]))
        estimate = ask(frame, "t", "y", ("x",), "regression", cluster="user").estimate
        low, high = estimate.interval()
        hits += low <= 0 <= high
        normal += abs(estimate.effect) <= 1.959963984540054 * estimate.std_error
    assert binomtest(hits, studies, 0.95).pvalue > 0.001
    assert normal < hits  # what Student's quantiles are for


def test_a_cluster_that_alone_determines_a_column_is_left_uncorrected():
    frame = clustered(np.random.default_rng(5)).assign(z=lambda each: (each["user"] == 0).astype(float))
    estimate = ask(frame, "t", "y", ("x", "z"), "regression", cluster="user").estimate
    assert np.isfinite([estimate.std_error, estimate.degrees_of_freedom]).all()


def test_many_clusters_give_what_few_do_but_for_the_correction():
    frame = clustered(np.random.default_rng(6), clusters=1_200, rows=2)
    more = ask(frame, "t", "y", ("x",), "regression", cluster="user").estimate
    fewer = ask(frame[frame["user"] < 900], "t", "y", ("x",), "regression", cluster="user").estimate
    assert more.degrees_of_freedom == 1_199
    assert fewer.std_error / more.std_error == pytest.approx(np.sqrt(1_200 / 900), rel=0.1)


def test_the_degrees_of_freedom_are_stored():
    from causal.analysis import analysis_from_json, analysis_to_json

    analysis = ask(lalonde(), "treat", "re78", LALONDE, "regression", cluster="educ")
    back = analysis_from_json(json.loads(json.dumps(analysis_to_json(analysis), allow_nan=False)))
    assert back.estimate == analysis.estimate
    old = analysis_to_json(analysis)
    del old["estimate"]["degrees_of_freedom"]
    assert analysis_from_json(old).estimate.degrees_of_freedom == np.inf


@pytest.mark.parametrize("method", ["difference_in_means", "regression", "doubly_robust"])
@pytest.mark.parametrize("arm", [0, 1])
def test_an_arm_within_one_cluster_is_refused(method, arm):
    """Its one sum of residuals is nil whatever the cluster's own noise, so the interval would be far too narrow."""
    frame = clustered(np.random.default_rng(7)).assign(t=lambda each: np.where(each["user"] == 0, arm, 1 - arm))
    with pytest.raises(TooFewUnits, match=f"level {arm} belong to one cluster"):
        ask(frame, "t", "y", ("x",), method, cluster="user")


def test_many_arms_with_one_in_a_single_cluster_are_refused():
    frame = clustered(np.random.default_rng(8)).assign(t=lambda each: np.array([0, 0, 1, 2, 2])[each["user"] // 2])
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="regression", adjust_for=("x",), cluster="user")
    with pytest.raises(TooFewUnits, match="level 1 belong to one cluster"):
        causal.compare_arms(causal.UnitTable.from_frame(frame[frame["user"] != 4]), spec)
