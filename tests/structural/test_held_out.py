"""Losses on rows not seen: beside leave-one-out by hand, and which model wins where."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from causal.errors import OptionProblem
from causal.structural.fitting import fit_sem
from causal.structural.held_out import HeldOutFit, held_out_fit
from causal.structural.prepared import SemOptions
from causal.structural.scores import point_of
from tests.structural.test_fitting import MODEL, measured


def test_leaving_one_out_is_what_it_is_by_hand():
    rows = measured(40, 1)
    found = held_out_fit(rows, MODEL, folds=40)
    (outcome,) = found.outcomes
    assert (outcome.column, outcome.predictors) == ("y", ("a", "b", "c", "x"))
    others = np.column_stack([np.ones(40), rows[["a", "b", "c", "x"]]])
    hat = others @ np.linalg.solve(others.T @ others, others.T)
    residual = (rows.y - hat @ rows.y) / (1 - np.diag(hat))
    assert outcome.squared_error.plain == pytest.approx((residual**2).mean())
    assert outcome.squared_error.nothing == pytest.approx(((rows.y - rows.y.mean()) * 40 / 39).pow(2).mean())
    ours, surprise = [], []
    for left in range(40):
        train = rows.drop(index=left)
        fit = fit_sem(train, MODEL)
        at, mean = point_of(fit, 0), train[list(fit.observed)].mean().to_numpy()
        row = rows.loc[left, list(fit.observed)].to_numpy(float)
        surprise.append(-stats.multivariate_normal(mean, at.covariance).logpdf(row))
        y = fit.observed.index("y")
        rest = [each for each in range(5) if each != y]
        slopes = np.linalg.solve(at.covariance[np.ix_(rest, rest)], at.covariance[rest, y])
        ours.append(row[y] - mean[y] - (row[rest] - mean[rest]) @ slopes)
    ours = np.array(ours)
    assert outcome.squared_error.model == pytest.approx((ours**2).mean(), rel=1e-6)
    assert found.surprise.model == pytest.approx(np.mean(surprise), rel=1e-6)
    apart = ours**2 - residual.to_numpy() ** 2
    assert outcome.squared_error.against_plain.difference == pytest.approx(apart.mean(), rel=1e-5)
    assert outcome.squared_error.against_plain.std_error == pytest.approx(apart.std(ddof=1) / np.sqrt(40), rel=1e-5)


def test_a_model_without_restrictions_is_the_regression():
    found = held_out_fit(measured(200, 2), "y ~ x + a", folds=5)
    (outcome,) = found.outcomes
    assert outcome.squared_error.model == pytest.approx(outcome.squared_error.plain, rel=1e-9)
    assert outcome.surprise.against_plain.difference == pytest.approx(0, abs=1e-9)
    assert found.surprise.model == pytest.approx(found.surprise.plain, rel=1e-9)
    assert outcome.r_squared == pytest.approx(outcome.plain_r_squared)
    assert outcome.squared_error.against_nothing.interval()[1] < 0


def test_the_true_model_wins_and_a_wrong_one_is_found_out():
    """Few rows: what the model leaves out costs a free covariance matrix more than it gains; a wrong model loses."""
    rows = measured(80, 3)
    true, wrong = held_out_fit(rows, MODEL), held_out_fit(measured(2_000, 4), MODEL.replace("f ~ x", "f ~ 0*x"))
    assert true.surprise.against_plain.difference < 0
    assert wrong.surprise.against_plain.interval()[0] > 0


def test_latent_outcomes_are_predicted_through_the_columns_that_show_them():
    rng = np.random.default_rng(5)
    f = rng.standard_normal(300)
    g = 0.7 * f + 0.5 * rng.standard_normal(300)
    rows = pd.DataFrame({f"f{each}": f + rng.standard_normal(300) for each in range(3)})
    for each in range(3):
        rows[f"g{each}"] = g + rng.standard_normal(300)
    found = held_out_fit(rows, "f =~ f0 + f1 + f2\ng =~ g0 + g1 + g2\ng ~ f")
    assert [each.column for each in found.outcomes] == ["g0", "g1", "g2"]
    assert all(each.predictors == ("f0", "f1", "f2") for each in found.outcomes)
    assert held_out_fit(rows, "f =~ f0 + f1 + f2").outcomes == ()


def test_missing_values_and_groups():
    rows = measured(400, 6)
    rows.loc[:99, "b"] = np.nan
    rows["g"] = np.where(np.arange(400) % 2, "one", "two")
    found = held_out_fit(rows, MODEL.replace("effect*", ""), SemOptions(group="g", missing="likelihood"), folds=4)
    assert found.rows == 300
    assert 0 < found.outcomes[0].r_squared < 1
    assert HeldOutFit.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_folds_must_be_some():
    with pytest.raises(OptionProblem, match="1 folds"):
        held_out_fit(measured(50, 7), MODEL, folds=1)
