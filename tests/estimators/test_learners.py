"""Nuisances that are learnt: who is in which fold, what the scores are, what is shared, and that digits stay."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import causal
from causal.errors import OptionProblem, PerfectSeparation, TooFewUnits
from causal.estimators import cross_fitting
from causal.estimators.cross_fitting import combined, convex_weights, nuisances_of
from causal.estimators.design import draw_sample
from causal.estimators.double_ml import DoubleMlOptions, fit
from causal.estimators.estimation import summarise
from causal.estimators.folds import fold_of, settled_order
from causal.estimators.learnt import augmented, middle_of
from causal.estimators.registry import method_named
from tests.estimators.designs import DISCRETE, LINEAR, USERS, VARIED, YES_OR_NO
from tests.estimators.references import ask

LEARNT = ("lasso", "boosting", "forest", "best")


def sample_of(frame, covariates=("a", "b"), target="everyone", cluster=None, seed=0):
    question = causal.Question("t", "y", target=target)
    return draw_sample(causal.UnitTable.from_frame(frame), question, covariates, cluster=cluster, seed=seed)


def folds_by_row(sample, folds=5, repeat=0):
    return fold_of(sample, settled_order(sample), folds, repeat)


def drawn(design, n, seed=1):
    return design.draw(np.random.default_rng(seed), n)


@pytest.mark.parametrize("design", [VARIED, YES_OR_NO, DISCRETE], ids=lambda design: design.name)
def test_every_fold_has_its_share_of_each_arm_and_each_outcome(design):
    sample = sample_of(drawn(design, 503), design.covariates)
    fold = folds_by_row(sample)
    kinds = 2 * sample.treated + (sample.outcome if sample.outcome_is_binary else 0)
    for kind in np.unique(kinds):
        sizes = np.bincount(fold[kinds == kind], minlength=5)
        assert sizes.max() - sizes.min() <= 1
    assert np.ptp(np.bincount(fold)) <= 1


def test_a_cluster_is_in_one_fold():
    sample = sample_of(drawn(USERS, 900), USERS.covariates, cluster="user")
    fold = folds_by_row(sample)
    assert (pd.Series(fold).groupby(sample.clusters).nunique() == 1).all()
    for arm in (sample.treated, ~sample.treated):
        assert np.bincount(fold[arm], minlength=5).min() > 0.6 * arm.sum() / 5


def test_folds_hang_on_what_units_hold_on_the_seed_and_on_the_repeat():
    frame = drawn(VARIED, 400)
    fold = folds_by_row(sample_of(frame))
    shuffled = frame.sample(frac=1, random_state=2)
    assert (folds_by_row(sample_of(shuffled)) == fold[shuffled.index]).all()
    moved = frame.assign(a=1e6 - 3 * frame["a"], y=10 - frame["y"], t=1 - frame["t"])
    assert (folds_by_row(sample_of(moved, ("b", "a"))) == fold).all()
    assert (folds_by_row(sample_of(frame, seed=1)) != fold).mean() > 0.5
    assert (folds_by_row(sample_of(frame), repeat=1) != fold).mean() > 0.5


def by_hand(sample, fold):
    """Predictions of each fold by statsmodels on the others: treatment, outcome, outcome under each arm."""
    n, family = len(sample), sm.families.Binomial() if sample.outcome_is_binary else sm.families.Gaussian()
    chance, plain, arms = np.empty(n), np.empty(n), np.empty((2, n))
    for each in range(fold.max() + 1):
        train, test = fold != each, fold == each
        score = sm.GLM(sample.treated[train].astype(float), sample.model[train], family=sm.families.Binomial())
        chance[test] = score.fit(tol=1e-14).predict(sample.model[test])
        plain[test] = (
            sm.GLM(sample.outcome[train], sample.model[train], family=family).fit(tol=1e-14).predict(sample.model[test])
        )
        for place, arm in enumerate((~sample.treated, sample.treated)):
            own = sm.GLM(sample.outcome[train & arm], sample.model[train & arm], family=family).fit(tol=1e-14)
            arms[place, test] = own.predict(sample.model[test])
    return chance, plain, arms


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("design", [VARIED, YES_OR_NO], ids=lambda design: design.name)
def test_the_interactive_model_is_the_papers_score_on_the_same_folds(design, target):
    """Chernozhukov et al. 2018, equations 5.3 and 5.4."""
    sample = sample_of(drawn(design, 600), design.covariates, target)
    chance, _, (low, high) = by_hand(sample, folds_by_row(sample))
    t, y = sample.treated.astype(float), sample.outcome
    if target == "everyone":
        score = high - low + t * (y - high) / chance - (1 - t) * (y - low) / (1 - chance)
        effect, spread = score.mean(), score.std()
    elif target == "treated":
        part = t * (y - low) - (1 - t) * chance / (1 - chance) * (y - low)
        effect, spread = part.mean() / t.mean(), None
        spread = ((part - t * effect) / t.mean()).std()
    else:
        part = t * (1 - chance) / chance * (y - high) + (1 - t) * (high - y)
        effect = part.mean() / (1 - t).mean()
        spread = ((part - (1 - t) * effect) / (1 - t).mean()).std()
    estimate = summarise(fit(sample, DoubleMlOptions(learner="linear")), 0.95)
    assert estimate.effect == pytest.approx(effect, rel=1e-8)
    assert estimate.std_error == pytest.approx(spread / np.sqrt(len(sample)), rel=1e-8)


@pytest.mark.parametrize("design", [VARIED, YES_OR_NO], ids=lambda design: design.name)
def test_the_partially_linear_model_is_the_regression_of_what_is_left_on_what_is_left(design):
    sample = sample_of(drawn(design, 600), design.covariates)
    chance, plain, _ = by_hand(sample, folds_by_row(sample))
    left = sm.OLS(sample.outcome - plain, sample.treated - chance).fit(cov_type="HC0")
    estimate = summarise(fit(sample, DoubleMlOptions(model="partially linear", learner="linear")), 0.95)
    assert estimate.effect == pytest.approx(left.params[0], rel=1e-8)
    assert estimate.std_error == pytest.approx(left.bse[0], rel=1e-8)
    control = (sample.outcome - estimate.effect * sample.treated).mean()
    assert estimate.arm_means.control == pytest.approx(control, rel=1e-10)


@pytest.mark.parametrize("method", ["doubly_robust", "tmle", "double_ml"])
@pytest.mark.parametrize("learner", LEARNT)
def test_every_learner_finds_the_effect(method, learner):
    truth = VARIED.truth("everyone")
    estimate = ask(drawn(VARIED, 1_500), "t", "y", ("a", "b"), method, options={"learner": learner}).estimate
    assert estimate.effect == pytest.approx(truth[1] - truth[0], abs=4 * estimate.std_error)
    assert estimate.arm_means.treated == pytest.approx(truth[1], abs=4 * estimate.arm_std_errors.treated)
    assert 0.05 < estimate.std_error < 0.09


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated", "overlap"])
def test_a_learner_answers_for_every_population(target):
    estimate = ask(drawn(VARIED, 1_500), "t", "y", ("a", "b"), "doubly_robust", target, {"learner": "lasso"}).estimate
    plain = ask(drawn(VARIED, 1_500), "t", "y", ("a", "b"), "doubly_robust", target).estimate
    assert estimate.effect == pytest.approx(plain.effect, abs=plain.std_error)
    assert estimate.std_error == pytest.approx(plain.std_error, rel=0.1)


def bent(rng, n):
    """Neither a line nor a logistic line: what linear models get wrong."""
    a, b = rng.uniform(-2, 2, n), rng.uniform(-2, 2, n)
    t = (rng.random(n) < 1 / (1 + np.exp(-1.2 * (np.abs(a) - 1)))).astype(int)
    return pd.DataFrame({"a": a, "b": b, "t": t, "y": 3 * np.abs(a) + a * b + t + rng.normal(size=n)})


@pytest.mark.parametrize("learner", LEARNT)
def test_learners_find_what_linear_models_miss(learner):
    frame = bent(np.random.default_rng(3), 2_000)
    linear = ask(frame, "t", "y", ("a", "b"), "doubly_robust").estimate
    learnt = ask(frame, "t", "y", ("a", "b"), "doubly_robust", options={"learner": learner}).estimate
    assert abs(linear.effect - 1) > 8 * linear.std_error
    assert learnt.effect == pytest.approx(1, abs=3.5 * learnt.std_error)
    assert learnt.std_error < linear.std_error


def test_best_says_how_well_each_learner_did_and_what_it_counts():
    sample = sample_of(bent(np.random.default_rng(4), 800))
    losses = dict(fit(sample, DoubleMlOptions(learner="best")).facts)["losses"]
    for nuisance in ("treatment", "outcome under control", "outcome under treated"):
        own = [each for each in losses if each.nuisance == nuisance]
        assert sum(each.share for each in own) == pytest.approx(1)
        assert min(each.share for each in own) >= 0
        assert {each.learner.split(" ")[0].rstrip(",") for each in own} >= {"linear", "lasso", "boosting", "forest"}
    linear = next(each for each in losses if each.nuisance == "outcome under control" and "linear" in each.learner)
    assert linear.share == pytest.approx(0, abs=0.02)


def test_methods_with_the_same_learner_share_its_fits(monkeypatch):
    calls = []
    whole = cross_fitting._Split.predict
    monkeypatch.setattr(
        cross_fitting._Split, "predict", lambda self, fit: (calls.append(self.repeat), whole(self, fit))[1]
    )
    sample = sample_of(drawn(VARIED, 400))
    for method in ("doubly_robust", "tmle", "double_ml"):
        found = method_named(method)
        found.fit(sample, found.make_options({"learner": "lasso"}))
    assert calls == [0, 0]
    sample_again = sample_of(drawn(VARIED, 400))
    fit(sample_again, DoubleMlOptions(repeats=3))
    assert calls[2:] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("repeats", [2, 3])
def test_repeats_are_summed_up_by_the_median(repeats):
    sample = sample_of(drawn(VARIED, 400))
    fits = [augmented(sample, nuisances_of(sample, "linear", 5, repeat)) for repeat in range(repeats)]
    estimates = [summarise(each, 0.95) for each in fits]
    effects = np.array([each.effect for each in estimates])
    errors = np.array([each.std_error for each in estimates])
    estimate = summarise(fit(sample, DoubleMlOptions(learner="linear", repeats=repeats)), 0.95)
    assert np.ptp(effects) > 1e-6
    assert estimate.effect == pytest.approx(np.median(effects), rel=1e-12)
    assert estimate.std_error == pytest.approx(np.sqrt(np.median(errors**2 + (effects - np.median(effects)) ** 2)))
    assert middle_of(fits).means == pytest.approx(tuple(estimate.arm_means.values()))


def test_the_best_convex_weights_are_found():
    rng = np.random.default_rng(5)
    seen = rng.normal(size=300)
    found = {str(noise): seen + rng.normal(0, noise, 300) for noise in (0.5, 0.7, 2.0)}
    everyone = np.ones(300, dtype=bool)
    mean, losses = combined("outcome", found, seen, everyone)
    best = ((mean - seen) ** 2).mean()
    for _ in range(2_000):
        weights = rng.dirichlet(np.ones(3))
        assert ((weights @ np.stack(list(found.values())) - seen) ** 2).mean() >= best - 1e-9
    assert losses[0].loss == pytest.approx(((found["0.5"] - seen) ** 2).mean())
    assert convex_weights(np.zeros((3, 3))).sum() == pytest.approx(1)
    assert convex_weights(np.ones((3, 3))).sum() == pytest.approx(1)


@pytest.mark.parametrize("learner", LEARNT)
def test_the_order_of_rows_does_not_matter_to_a_learner(learner):
    frame = drawn(VARIED, 300).assign(g=lambda frame: np.where(frame["a"] > 0.3, "up", "down"))
    options = {"learner": learner}
    first = ask(frame, "t", "y", ("a", "b", "g"), "doubly_robust", options=options).estimate
    again = ask(frame.sample(frac=1, random_state=6), "t", "y", ("a", "b", "g"), "doubly_robust", options=options)
    assert again.estimate.effect == pytest.approx(first.effect, rel=1e-6)


def test_the_number_of_cores_does_not_matter():
    program = (
        "import numpy as np, causal\n"
        "from tests.estimators.test_learners import drawn, VARIED, ask\n"
        "found = ask(drawn(VARIED, 400), 't', 'y', ('a', 'b'), 'tmle', options={'learner': 'best'}).estimate\n"
        "print(repr(found.effect), repr(found.std_error))\n"
    )
    root = Path(causal.__file__).parents[1]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            cwd=root,
            check=True,
            env={"OMP_NUM_THREADS": cores, "OPENBLAS_NUM_THREADS": cores, "PATH": "/usr/bin"},
        ).stdout
        for cores in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


def test_another_seed_gives_another_split_and_nearly_the_same_answer():
    table = causal.UnitTable.from_frame(drawn(LINEAR, 800))
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"), adjust_for=("a", "b"), method="double_ml", options={"learner": "linear"}
    )
    first = causal.answer(table, spec).estimate
    second = causal.answer(table, dataclasses.replace(spec, seed=1)).estimate
    assert first.effect != second.effect
    assert first.effect == pytest.approx(second.effect, abs=first.std_error / 2)


@pytest.mark.parametrize("learner", ["lasso", "boosting", "best"])
def test_covariates_that_decide_the_arm_are_refused(learner):
    frame = drawn(VARIED, 500).assign(twin=lambda frame: 3.0 * frame["t"])
    with pytest.raises(PerfectSeparation, match='most of all "twin"'):
        ask(frame, "t", "y", ("a", "twin"), "doubly_robust", options={"learner": learner})


def test_an_arm_too_small_for_its_folds_is_refused():
    frame = drawn(VARIED, 200).assign(t=lambda frame: (np.arange(200) < 3).astype(int))
    with pytest.raises(TooFewUnits, match="The 3 units with treatment level 1 are too few to be spread over 5 folds"):
        ask(frame, "t", "y", ("a", "b"), "double_ml", options={"learner": "linear"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"folds": 1}, "1 folds cannot be; choose between 2 and 50"),
        ({"repeats": 0}, "0 repeats cannot be; choose between 1 and 100"),
        ({"learner": "magic"}, "must be one of 'linear', 'lasso', 'boosting', 'forest', 'best'"),
        ({"trim": 0.6}, "must be at least 0 and below 0.5"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, sentence):
    with pytest.raises(OptionProblem, match=sentence):
        ask(drawn(VARIED, 200), "t", "y", ("a", "b"), "double_ml", options=options)


def test_trimming_leaves_out_units_by_their_learnt_propensity():
    frame = drawn(VARIED, 800)
    chance = nuisances_of(sample_of(frame), "linear", 5).propensity
    analysis = ask(frame, "t", "y", ("a", "b"), "double_ml", options={"learner": "linear", "trim": 0.3})
    outside = float(((chance < 0.3) | (chance > 0.7)).mean())
    assert analysis.overlap.share_trimmed == pytest.approx(outside)
    assert analysis.estimate.n == round(800 * (1 - outside))
