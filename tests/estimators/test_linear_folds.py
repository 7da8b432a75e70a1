"""Linear models of all folds at once are those of each fold on its own rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from causal.estimators import linear_folds
from causal.estimators.linear_folds import predict_linearly
from causal.estimators.nuisance import fit_logistic


def drawn(n, folds, seed=1):
    rng = np.random.default_rng(seed)
    model = np.asfortranarray(rng.normal(size=(n, 4)))
    model[:, 0] = 1.0
    model[:, 3] = (rng.random(n) < 0.02) - 0.02
    chosen = rng.random(n) < expit(model @ [0.2, 0.5, -0.5, 1.0])
    return model, model @ [1.0, 2.0, 0.0, 3.0] + rng.normal(size=n), chosen, rng.permutation(n) % folds


def one_by_one(model, outcome, binary, fold, inside):
    found = np.empty(len(fold))
    for each in range(fold.max() + 1):
        train, test = inside & (fold != each), fold == each
        if binary and np.ptp(outcome[train]) > 0:
            found[test] = expit(model[test] @ fit_logistic(np.asfortranarray(model[train]), outcome[train]))
        else:
            own = model[train]
            found[test] = model[test] @ np.linalg.solve(own.T @ own, own.T @ outcome[train])
    return found


@pytest.mark.parametrize(("n", "folds"), [(300, 2), (3_000, 50), (120_000, 5)])
@pytest.mark.parametrize("binary", [False, True])
def test_all_folds_at_once_are_each_on_its_own(n, folds, binary, monkeypatch):
    model, numbers, chosen, fold = drawn(n, folds)
    outcome = chosen.astype(float) if binary else numbers
    inside = np.random.default_rng(2).random(n) < 0.6
    alone = []
    if n > 100_000:  # together they settle, and none is fitted anew
        monkeypatch.setattr(linear_folds, "fit_logistic", lambda *given: alone.append(1))
    found = predict_linearly(model, outcome, binary, fold, inside)
    assert not alone
    assert found == pytest.approx(one_by_one(model, outcome, binary, fold, inside), rel=1e-9, abs=1e-9)


def test_a_fold_without_which_one_value_is_seen_takes_that_value():
    model, _, chosen, fold = drawn(600, 3)
    outcome = (chosen & (fold == 0)).astype(float)
    found = predict_linearly(model, outcome, True, fold)
    assert found[fold == 0] == pytest.approx(0, abs=1e-12)
    assert found == pytest.approx(one_by_one(model, outcome, True, fold, np.ones(600, dtype=bool)), abs=1e-9)


def test_a_fold_without_which_a_level_decides_is_fitted_on_its_own():
    model, _, chosen, fold = drawn(120_000, 3)
    rare = np.flatnonzero(model[:, 3] > 0)
    outcome = chosen.astype(float)
    outcome[rare] = 0.0
    outcome[rare[fold[rare] == 1]] = 1.0
    everyone = np.ones(len(fold), dtype=bool)
    found = predict_linearly(model, outcome, True, fold)
    assert found == pytest.approx(one_by_one(model, outcome, True, fold, everyone), abs=1e-9)
    assert found[rare[fold[rare] == 1]].max() < 1e-6


def test_a_level_that_one_fold_alone_holds_says_nothing_to_it():
    model, numbers, _, fold = drawn(600, 3)
    model[:, 3] = (fold == 2) - 0.3
    found = predict_linearly(model, numbers, False, fold)
    others = np.linalg.lstsq(model[fold != 2, :3], numbers[fold != 2])[0]
    assert found[fold == 2] == pytest.approx(model[fold == 2, :3] @ others, rel=1e-9)
