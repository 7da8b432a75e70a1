"""Balance: differences over a denominator fixed before adjustment, one row per covariate and level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.balance import THRESHOLD, BalanceRow, BalanceTable, balance
from causal.estimators.design import draw_sample
from causal.estimators.registry import method_named
from tests.estimators.designs import DISCRETE, RANDOMISED, VARIED
from tests.estimators.references import LALONDE, ask, lalonde, lalonde_answer

METHODS = tuple(method.name for method in causal.METHODS if method.on_its_own)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    frame = VARIED.draw(rng, 1_500)
    return frame.assign(flag=(rng.random(1_500) < 0.2 + 0.3 * frame["t"]).astype(int), g=rng.choice(list("xyz"), 1_500))


NAMES = ("a", "b", "flag", "g")


def rows_of(analysis):
    return {row.name: row for row in analysis.balance.rows}


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_the_denominator_is_the_targets_own_spread_before_adjustment(frame, target):
    arms = {arm: frame[frame["t"] == arm] for arm in (0, 1)}
    rows = rows_of(ask(frame, "t", "y", NAMES, "weighting", target))
    variance = {name: (arms[0][name].var(), arms[1][name].var()) for name in ("a", "b")}
    variance["flag"] = tuple(arms[arm]["flag"].mean() * (1 - arms[arm]["flag"].mean()) for arm in (0, 1))
    for name, (control, treated) in variance.items():
        chosen = {"everyone": (control + treated) / 2, "treated": treated, "untreated": control}[target]
        difference = arms[1][name].mean() - arms[0][name].mean()
        assert rows[name].before == pytest.approx(difference / np.sqrt(chosen), rel=1e-9)
        assert rows[name].control_mean == pytest.approx(arms[0][name].mean(), rel=1e-9)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_after_is_the_weighted_difference_over_the_same_denominator(frame, target):
    propensity = 1 / (1 + np.exp(-_logit(frame)))
    t = frame["t"].to_numpy()
    odds = {
        "everyone": np.where(t == 1, 1 / propensity, 1 / (1 - propensity)),
        "treated": np.where(t == 1, 1, propensity / (1 - propensity)),
        "untreated": np.where(t == 1, (1 - propensity) / propensity, 1),
    }[target]
    rows = rows_of(ask(frame, "t", "y", NAMES, "weighting", target))
    for name in ("a", "b", "flag"):
        means = [np.average(frame.loc[t == arm, name], weights=odds[t == arm]) for arm in (0, 1)]
        plain = frame.loc[t == 1, name].mean() - frame.loc[t == 0, name].mean()
        scale = plain / rows[name].before
        assert rows[name].after == pytest.approx((means[1] - means[0]) / scale, abs=1e-7)


def _logit(frame):
    import statsmodels.api as sm

    columns = pd.get_dummies(frame[list(NAMES)], columns=["g"], drop_first=True).astype(float)
    fitted = sm.GLM(frame["t"], sm.add_constant(columns), sm.families.Binomial()).fit(tol=1e-14)
    return np.log(fitted.fittedvalues / (1 - fitted.fittedvalues)).to_numpy()


def test_every_level_has_its_row_and_no_other_column_has(frame):
    assert list(rows_of(ask(frame, "t", "y", NAMES, "weighting"))) == ["a", "b", "flag", "g: x", "g: y", "g: z"]


def test_terms_of_the_models_are_not_balanced(frame):
    terms = causal.Terms(squares=("a",), interactions=(("a", "b"),))
    assert list(rows_of(ask(frame, "t", "y", ("a", "b"), "weighting", terms=terms))) == ["a", "b"]


@pytest.mark.parametrize("method", METHODS)
def test_adjustment_improves_balance_and_the_naive_difference_has_none(frame, method):
    analysis = ask(frame, "t", "y", NAMES, method)
    before = max(abs(row.before) for row in analysis.balance.rows)
    after = max(abs(row.after) for row in analysis.balance.rows)
    assert before > 0.3
    if method == "difference_in_means":
        assert after == pytest.approx(before)
    else:
        assert after < before / 2


@pytest.mark.parametrize("method", ["regression", "standardisation"])
def test_linear_models_balance_the_means_exactly(frame, method):
    analysis = ask(frame, "t", "y", NAMES, method)
    assert max(abs(row.after) for row in analysis.balance.rows) < 1e-9


CORRECTED = ("doubly_robust", "tmle", "weighted_regression", "double_ml", "causal_forest")
"""Their weights are the propensity's; an outcome model corrects what the weighted means say."""


@pytest.mark.parametrize("method", [method for method in METHODS if method not in CORRECTED])
def test_the_weights_shown_reproduce_the_effect_of_methods_that_are_weighted_means(method):
    """Balance speaks of the estimate: weighting each outcome as each covariate gives the effect itself."""
    frame = VARIED.draw(np.random.default_rng(2), 800)
    analysis = ask(frame.assign(copy=frame["y"]), "t", "copy", ("a", "b"), method)
    from causal.estimators.design import draw_sample
    from causal.estimators.estimation import estimate_from_sample
    from causal.estimators.registry import method_named

    sample = draw_sample(causal.UnitTable.from_frame(frame), causal.Question("t", "y"), ("a", "b"))
    _, fit = estimate_from_sample(sample, method_named(method))
    kept = fit.sample
    means = [np.average(kept.outcome[arm], weights=fit.weights[arm]) for arm in (~kept.treated, kept.treated)]
    assert means[1] - means[0] == pytest.approx(analysis.estimate.effect, rel=1e-8)


def test_the_worst_row_and_the_unbalanced_are_named():
    table = BalanceTable(
        (BalanceRow("a", 0.5, -0.3, 0, 0), BalanceRow("b", 0.9, 0.05, 0, 0), BalanceRow("c", 0.2, 0.15, 0, 0))
    )
    assert table.worst.name == "a"
    assert table.worst_before.name == "b"
    assert [row.name for row in table.unbalanced] == ["a", "c"]
    assert table.threshold == THRESHOLD == 0.1
    assert BalanceTable(()).worst is None


def test_trimming_keeps_the_denominator_of_all_units(frame):
    whole, trimmed = (rows_of(ask(frame, "t", "y", NAMES, "weighting", options={"trim": trim})) for trim in (0.0, 0.35))
    for name, row in whole.items():
        assert trimmed[name].before == pytest.approx(row.before, rel=1e-12)


def test_a_randomised_study_is_balanced_from_the_start():
    frame = RANDOMISED.draw(np.random.default_rng(3), 20_000)
    assert not [row for row in ask(frame, "t", "y", ("a", "b"), "weighting").balance.rows if abs(row.before) > 0.05]


def test_a_category_is_balanced_exactly_by_its_own_strata():
    frame = DISCRETE.draw(np.random.default_rng(4), 2_000)
    assert max(abs(row.after) for row in ask(frame, "t", "y", ("level",), "stratification").balance.rows) < 1e-12


def test_a_constant_in_both_arms_but_not_between_them_is_infinitely_apart():
    frame = VARIED.draw(np.random.default_rng(5), 200).assign(twin=lambda each: each["t"] * 2.0)
    row = rows_of(ask(frame, "t", "y", ("twin",), "difference_in_means"))["twin"]
    assert row.before == np.inf


def test_lalonde_is_out_of_balance_before_weighting_and_says_so():
    analysis = lalonde_answer("weighting", "treated")
    verdicts = {each.check: each for each in analysis.verdicts}
    assert verdicts["balance"].light in ("passed", "attention", "failed")
    assert analysis.balance.worst.name in verdicts["balance"].sentence
    assert len(analysis.balance.rows) == len(LALONDE) + lalonde()["race"].nunique() - 1


@pytest.mark.parametrize("factor", [1e-20, 1e20])
def test_the_unit_of_a_column_does_not_matter(frame, factor):
    plain = rows_of(ask(frame, "t", "y", NAMES, "weighting"))["a"]
    scaled = rows_of(ask(frame.assign(a=frame["a"] * factor), "t", "y", NAMES, "weighting"))["a"]
    assert (scaled.before, scaled.after) == pytest.approx((plain.before, plain.after), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("terms", [causal.Terms(), causal.Terms(squares=("a",), treatment_by=("b", "g"))])
@pytest.mark.parametrize("method", ["regression", "standardisation"])
def test_the_sums_that_a_method_knows_are_those_of_its_weights(frame, method, terms, target):
    question = causal.Question("t", "y", target=target)
    sample = draw_sample(causal.UnitTable.from_frame(frame), question, NAMES, terms)
    fit = method_named(method).fit(sample, method_named(method).make_options(None))
    known, added_up = (balance(sample, fit.weights, sums=sums) for sums in (fit.weighted_sums, None))
    assert fit.weighted_sums is not None
    assert [row.after for row in known.rows] == pytest.approx([row.after for row in added_up.rows], abs=1e-12)
