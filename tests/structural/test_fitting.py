"""What no data can tell is refused by name, what cannot be fitted is said, and large samples cost no digit."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import causal
from causal.errors import DoableError, EstimationError, GraphError, GraphSyntax, LogError, NotIdentified, TooFewUnits
from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions

LOADINGS = np.array([1.0, 0.8, 0.7])
MODEL = "f =~ a + b + c\ny ~ effect*f + x\nf ~ x"


def measured(n: int, seed: int, effect: float = 0.5) -> pd.DataFrame:
    """Rows of MODEL: x causes the latent f, which shows in a, b, c; y is caused by f and x."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    f = 0.4 * x + rng.standard_normal(n)
    shown = f[:, None] * LOADINGS + 0.6 * rng.standard_normal((n, 3))
    y = effect * f + 0.3 * x + rng.standard_normal(n)
    return pd.DataFrame({"a": shown[:, 0], "b": shown[:, 1], "c": shown[:, 2], "x": x, "y": y})


def test_a_feedback_loop_is_refused_by_the_names_of_what_cannot_be_told():
    rows = pd.DataFrame(np.random.default_rng(0).standard_normal((200, 3)), columns=["x1", "x2", "y"])
    with pytest.raises(NotIdentified) as refused:
        fit_sem(rows, "y ~ x1 + x2\nx1 ~ y\nx2 ~ y\nx1 ~~ 0*x2")
    for name in ("y ~ x1", "y ~ x2", "x1 ~ y", "x2 ~ y"):
        assert f'"{name}"' in refused.value.reason
    assert "7 free parameters, but the data offer 6 means and covariances" in refused.value.reason
    assert "each needs an instrument" in refused.value.reason


def test_enough_moments_are_not_enough():
    """Two columns of one latent variable beside an unrelated column: moments to spare, and no loading told."""
    rows = measured(300, 1)
    with pytest.raises(NotIdentified) as refused:
        fit_sem(rows, "f =~ a + b\ng =~ c + y\nf ~~ 0*g\nx ~~ x\nx ~ 0*f")
    assert '"f =~ b"' in refused.value.reason
    assert '"x ~~ x"' not in refused.value.reason


def test_what_only_a_zero_hides_is_refused_at_the_estimates():
    """Two latent variables with two indicators each are told by their covariance, which is exactly zero here."""
    rng = np.random.default_rng(2)
    draws = rng.standard_normal((400, 4))
    draws -= draws.mean(axis=0)
    draws = np.linalg.solve(np.linalg.cholesky(draws.T @ draws / 400), draws.T).T
    shape = np.array([[1, 0.5, 0, 0], [0.5, 1, 0, 0], [0, 0, 1, 0.5], [0, 0, 0.5, 1]])
    rows = pd.DataFrame(draws @ np.linalg.cholesky(shape).T, columns=list("abcd"))
    with pytest.raises(DoableError):
        fit_sem(rows, "f =~ a + b\ng =~ c + d")


def test_loops_report_whether_they_die_out():
    rng = np.random.default_rng(3)
    z = rng.standard_normal((2_000, 2))
    noise = rng.standard_normal((2_000, 2))
    arrows = np.array([[0, 0.4], [0.5, 0]])
    v = np.linalg.solve(np.eye(2) - arrows, (z + noise).T).T
    rows = pd.DataFrame({"u": v[:, 0], "v": v[:, 1], "p": z[:, 0], "q": z[:, 1]})
    fit = fit_sem(rows, "u ~ v + p\nv ~ u + q")
    assert fit.spectral_radius[0] == pytest.approx(np.sqrt(0.2), abs=0.06)
    total = next(each for each in fit.effects if (each.cause, each.effect) == ("q", "u"))
    assert total.total == pytest.approx(0.4 / 0.8, abs=4 * total.total_error)
    assert total.direct == 0


def test_text_and_graph_are_one_model():
    graph = causal.CausalGraph.from_edges(
        [("f", "a"), ("f", "b"), ("f", "c"), ("f", "y"), ("x", "f"), ("x", "y")], latent=("f",)
    )
    rows = measured(400, 4)
    drawn, written = fit_sem(rows, graph), fit_sem(rows, graph.to_text("lavaan"))
    assert drawn == written
    assert drawn.coefficient("y ~ x").estimate == pytest.approx(fit_sem(rows, MODEL).coefficient("y ~ x").estimate)


def test_a_column_of_two_words_counts_as_0_and_1():
    rows = measured(400, 14)
    words = rows.assign(x=np.where(rows.x > 0, "new", "old"))
    fit = fit_sem(words, MODEL)
    assert fit.coded == ('"x" counts as 1 where it is old, else as 0.',)
    numbers = fit_sem(rows.assign(x=(rows.x <= 0).astype(float)), MODEL)
    assert fit.coefficient("y ~ x").estimate == numbers.coefficient("y ~ x").estimate


def test_a_fit_survives_json():
    fit = fit_sem(measured(300, 5), MODEL + "\ntwice := 2*effect")
    kept = causal.SemFit.from_json(json.loads(json.dumps(fit.to_json(), allow_nan=False)))
    assert kept.to_json() == fit.to_json()
    effect = fit.coefficient("y ~ f")
    twice = fit.parameters[-1]
    assert (twice.estimate, twice.std_error) == pytest.approx((2 * effect.estimate, 2 * effect.std_error))


def test_effects_add_up():
    fit = fit_sem(measured(500, 6), MODEL)
    told = next(each for each in fit.effects if (each.cause, each.effect) == ("x", "y"))
    through = fit.coefficient("f ~ x").estimate * fit.coefficient("y ~ f").estimate
    assert told.indirect == pytest.approx(through)
    assert told.total == pytest.approx(told.direct + told.indirect)
    assert told.direct_error == pytest.approx(fit.coefficient("y ~ x").std_error)


def test_the_chi_square_of_a_million_rows_is_that_of_their_moments():
    """A search that stops at a tolerance is off by whole units of chi-square at a million rows."""
    small = measured(1_000, 7)
    large = pd.concat([small] * 1_000, ignore_index=True)
    assert fit_sem(large, MODEL).chi2 == pytest.approx(1_000 * fit_sem(small, MODEL).chi2, rel=1e-7)


def test_units_change_nothing_but_the_units():
    rows = measured(500, 8)
    plain, scaled = fit_sem(rows, MODEL), fit_sem(rows.assign(x=rows.x * 1e5), MODEL)
    assert scaled.chi2 == pytest.approx(plain.chi2, rel=1e-8)
    assert scaled.coefficient("y ~ x").estimate * 1e5 == pytest.approx(plain.coefficient("y ~ x").estimate, rel=1e-8)
    assert scaled.coefficient("y ~ f").standardised == pytest.approx(plain.coefficient("y ~ f").standardised, rel=1e-8)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda rows: rows.assign(a=1.0), EstimationError, '"a" has one value only'),
        (lambda rows: rows.assign(b=rows.a + rows.c), EstimationError, 'determine one another: "a", "b", "c"'),
        (lambda rows: rows.assign(y=rows.y * 1e9), EstimationError, '"y" varies more than a million times as much'),
        (lambda rows: rows.assign(x=["old", "new", "none", "none"] * 50), LogError, '"x" holds words'),
        (lambda rows: rows.assign(x=np.nan), TooFewUnits, "no row without a missing value"),
        (lambda rows: rows.head(4), TooFewUnits, "There are 4 rows"),
        (lambda rows: rows.drop(columns="c"), LogError, 'no column "c"'),
        (lambda rows: rows.head(0), TooFewUnits, "no row without a missing value"),
        (lambda rows: rows.assign(f=1.0), GraphError, '"f" is a latent variable of the equations and also a column'),
    ],
)
def test_what_cannot_be_fitted_is_said(change, error, sentence):
    with pytest.raises(error, match=sentence):
        fit_sem(change(measured(200, 9)), MODEL)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the model has no equation"),
        ("y ~", "a variable is missing"),
        ("y ~ a:b", "make it a column of its own"),
        ("y ~ x\ny ~ x", "written twice"),
        ("y ~ p*x\np > 0", "bounds"),
        ("y ~ x\ngroup: 2", "blocks are not read"),
        ("y ~ 2", "an intercept is"),
        ("y ~ exp(2)*x", "is no modifier"),
        ("q := )(", "after := stands a formula"),
    ],
)
def test_a_text_that_is_no_model_is_said_with_its_place(text, sentence):
    with pytest.raises(GraphSyntax, match=sentence) as refused:
        fit_sem(measured(50, 10), text)
    assert "Line" in str(refused.value)


def test_a_label_that_nobody_has_is_named():
    with pytest.raises(DoableError, match='uses "q", which labels nothing'):
        fit_sem(measured(100, 11), MODEL + "\nwhole := q + effect")


def test_a_variance_below_zero_is_called_a_heywood_case():
    shape = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    draws = np.random.default_rng(12).standard_normal((100, 3))
    draws -= draws.mean(axis=0)
    draws = np.linalg.solve(np.linalg.cholesky(draws.T @ draws / 100), draws.T)
    rows = pd.DataFrame((np.linalg.cholesky(shape) @ draws).T, columns=["a", "b", "c"])
    fit = fit_sem(rows, "f =~ a + b + c")
    assert any("Heywood" in note and '"a"' in note for note in fit.notes)


def test_equal_groups_and_missing_values_leave_the_same_answer():
    """Two groups that hold the same rows, everything equal, say what one group says."""
    rows = measured(300, 13)
    twice = pd.concat([rows.assign(g="one"), rows.assign(g="two")], ignore_index=True)
    equal = ("loadings", "intercepts", "residuals", "regressions", "means", "latent variances", "latent covariances")
    both = fit_sem(twice, MODEL, SemOptions(group="g", equal=equal))
    alone = fit_sem(pd.concat([rows, rows], ignore_index=True), MODEL)
    for name in ("y ~ f", "f =~ b", "y ~ x"):
        assert both.coefficient(name).estimate == pytest.approx(alone.coefficient(name).estimate, rel=1e-6)
        assert both.coefficient(name).std_error == pytest.approx(alone.coefficient(name).std_error, rel=1e-6)
    full = fit_sem(rows, MODEL, SemOptions(missing="likelihood"))
    assert full.chi2 == pytest.approx(fit_sem(rows, MODEL).chi2, rel=1e-8)


def test_full_information_takes_many_columns():
    rng = np.random.default_rng(7)
    rows = pd.DataFrame(rng.standard_normal((300, 1)) + rng.standard_normal((300, 9)), columns=list("abcdefghi"))
    holed = rows.mask(rng.random(rows.shape) < 0.05)
    fit = fit_sem(holed, f"q =~ {' + '.join(rows)}", SemOptions(missing="likelihood"))
    whole = fit_sem(rows, f"q =~ {' + '.join(rows)}")
    assert fit.n == 300 and fit.df == 27
    assert fit.coefficient("q =~ b").estimate == pytest.approx(whole.coefficient("q =~ b").estimate, abs=0.1)


def test_full_information_uses_what_left_out_rows_show():
    """Values missing by another column's value: leaving rows out is biased, the likelihood of what is seen is not."""
    errors = {"leave out": [], "likelihood": []}
    for seed in range(8):
        rows = measured(2_000, 100 + seed)
        rows.loc[rows.a > 0.3, "y"] = np.nan
        for missing, found in errors.items():
            fit = fit_sem(rows, "a ~~ y", SemOptions(missing=missing))
            found.append(fit.coefficient("y ~~ y").estimate - measured(2_000, 100 + seed).y.var(ddof=0))
    assert abs(np.mean(errors["likelihood"])) < 0.05 < abs(np.mean(errors["leave out"]))


@pytest.mark.parametrize("errors", ["expected", "sandwich"])
def test_intervals_cover(errors):
    """100 studies of 300 rows, seeds 0 to 99: the exact binomial test against 95 % at p < .001."""
    hits = 0
    for seed in range(100):
        low, high = fit_sem(measured(300, seed), MODEL, SemOptions(errors=errors)).coefficient("y ~ f").interval()
        hits += low <= 0.5 <= high
    assert stats.binomtest(hits, 100, 0.95).pvalue > 0.001


def test_the_test_of_fit_rejects_as_often_as_it_says():
    """100 studies of 300 rows, seeds 0 to 99."""
    values = [fit_sem(measured(300, seed), MODEL).p_value for seed in range(100)]
    assert stats.kstest(values, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        ("g =~ g + a", {}, "columns determine one another exactly"),
        ("b ~ a\nb ~~ 0*b", {}, "A residual variance may be held at 0"),
        ("b ~ 0.5*a\nb ~~ 1*b", {}, "there is nothing to estimate"),
        ("g =~ none + b + c", {"missing": "likelihood"}, '"none" has no value at all'),
        ("g =~ a + b + equal('g=~b')*c", {}, "give both the same label"),
        ("g =~ a + b + c\nc ~ g", {}, '"g =~ c" and "c ~ g" are one and the same arrow'),
    ],
)
def test_equations_that_cannot_be_fitted_are_said(model, options, said):
    rows = measured(200, 5).assign(none=np.nan)
    with pytest.raises(DoableError, match=said):
        fit_sem(rows, model, SemOptions(**options))


@pytest.mark.parametrize("formula", ["p / 0", "log(0 - p^2)", "sqrt(0 - p^2)"])
def test_a_formula_without_a_value_has_none(formula):
    fit = fit_sem(measured(200, 5), f"y ~ p*x\nz := {formula}")
    defined = fit.parameters[-1]
    assert np.isnan(defined.estimate)
    assert type(fit).from_json(json.loads(json.dumps(fit.to_json()))).df == fit.df
