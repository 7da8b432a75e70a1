"""Ordered columns: every number beside lavaan's WLSMV (`ordered_reference.R` made the file), limits and simulation."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import causal
from causal.errors import DoableError
from causal.structural.fitting import fit_sem
from causal.structural.pair_correlations import bivariate_normal
from causal.structural.prepared import SemOptions
from causal.structural.scores import factor_scores
from causal.structural.sem_fit import SemFit

REFERENCE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "ordered_reference.json").read_text())


def rows_of(case: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(case["rows"], columns=case["names"]).replace({None: np.nan}).infer_objects()


@cache
def fitted(name: str) -> SemFit:
    case = REFERENCE[name]
    asked = {key: tuple(value) if isinstance(value, list) else value for key, value in dict(case["options"]).items()}
    return fit_sem(rows_of(case), case["model"], SemOptions(ordered=tuple(case["ordered"]), **asked))


@pytest.mark.parametrize("name", REFERENCE)
def test_fit_is_lavaans(name):
    wanted, fit = REFERENCE[name]["fit"], fitted(name)
    ours = {}
    for each, ending in ((fit.measures, ""), (fit.scaled_measures, ".scaled")):
        ours |= {
            f"chisq{ending}": each.chi2,
            f"df{ending}": each.df,
            f"pvalue{ending}": each.p_value,
            f"baseline.chisq{ending}": each.baseline_chi2,
            f"baseline.df{ending}": each.baseline_df,
            f"cfi{ending}": each.cfi,
            f"tli{ending}": each.tli,
            f"rmsea{ending}": each.rmsea,
            f"rmsea.ci.lower{ending}": each.rmsea_interval[0],
            f"rmsea.ci.upper{ending}": each.rmsea_interval[1],
            f"srmr{ending}": each.srmr,
        }
    ours |= {"chisq.scaling.factor": fit.scaling}
    assert {key: ours[key] for key in wanted} == pytest.approx(wanted, rel=1e-4, abs=1e-4)
    assert (fit.chi2_scaled, fit.p_scaled) == pytest.approx((ours["chisq.scaled"], ours["pvalue.scaled"]))


@pytest.mark.parametrize("name", REFERENCE)
def test_coefficients_and_errors_are_lavaans(name):
    case, fit = REFERENCE[name], fitted(name)
    for told in case["parameters"]:
        if told["op"] in ("==", "~1") and told["lhs"] in fit.exogenous:
            continue
        spelled = f"{told['lhs']} {told['op']} {told.get('rhs', '')}".rstrip()
        group = fit.groups.index(case["labels"][max(told["group"], 1) - 1]) if "labels" in case else 0
        if told["op"] == ":=":
            ours = next(each for each in fit.parameters if each.operator == ":=" and each.left == told["lhs"])
        else:
            ours = fit.coefficient(spelled, group)
        assert ours.estimate == pytest.approx(told["est"], rel=1e-4, abs=1e-4), spelled
        if told.get("se") is not None:
            assert ours.std_error == pytest.approx(told["se"], rel=1e-4, abs=1e-4), spelled
        if told.get("std") is not None:
            assert ours.standardised == pytest.approx(told["std"], abs=1e-4), spelled
        if told.get("std.se") is not None and told["op"] not in (":=", "~*~"):
            assert ours.standardised_error == pytest.approx(told["std.se"], abs=1e-4), spelled


@pytest.mark.parametrize("name", [name for name, case in REFERENCE.items() if "r2" in case])
def test_explained_shares_are_lavaans(name):
    ours = {each.variable: each.r_squared for each in fitted(name).explained}
    assert ours == pytest.approx(REFERENCE[name]["r2"], abs=1e-4)


@pytest.mark.parametrize("name", [name for name, case in REFERENCE.items() if "indices" in case])
def test_modification_indices_are_lavaans(name):
    """lavaan takes one row off in the gradient and none in the information; ours takes it off in both."""
    lost = 1 - 1 / len(REFERENCE[name]["rows"])
    wanted = {f"{each['lhs']} {each['op']} {each['rhs']}": each for each in REFERENCE[name]["indices"]}
    found = [each for each in fitted(name).modifications if each.operator != "~"]
    for each in found:
        told = wanted.get(each.name) or wanted.get(f"{each.right} {each.operator} {each.left}")
        if told is None:  # lavaan offers no covariance of an outcome with an indicator
            assert {each.left, each.right} & {"y", "e"}
            continue
        assert (each.index * lost, each.expected * lost) == pytest.approx((told["mi"], told["epc"]), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", [name for name, case in REFERENCE.items() if "scores" in case])
def test_factor_scores_are_lavaans(name):
    case = REFERENCE[name]
    scores = factor_scores(rows_of(case), fitted(name))
    assert scores.to_numpy()[:8] == pytest.approx(np.array(case["scores"]), abs=1e-3)


def test_the_bivariate_normal_is_exact():
    h, k = (each.ravel() for each in np.meshgrid([-2.5, -0.3, 0.0, 1.7, 38.0], [-38.0, -1.1, 0.0, 0.8, 3.0]))
    for rho in (-0.95, -0.2, 0.0, 0.6, 0.998):
        wanted = [stats.multivariate_normal.cdf([a, b], cov=[[1, rho], [rho, 1]]) for a, b in zip(h, k, strict=True)]
        assert bivariate_normal(h, k, rho) == pytest.approx(wanted, abs=1e-10)
        assert bivariate_normal(np.tile(h, 50), np.tile(k, 50), rho) == pytest.approx(np.tile(wanted, 50), abs=1e-10)


CHAIN = "f =~ a + b + c\ng =~ d + e\ng ~ f\ng ~ x"


def answered(n: int, seed: int, levels: int = 4) -> pd.DataFrame:
    """Rows of CHAIN: the latent f moves the latent g by 0.5; both show in columns of few levels."""
    rng = np.random.default_rng(seed)
    x, f = rng.standard_normal((2, n))
    g = 0.5 * f + 0.3 * x + 0.8 * rng.standard_normal(n)
    shown = np.column_stack([f, f, f, g, g]) + 0.7 * rng.standard_normal((n, 5))
    cut = np.digitize(shown, np.linspace(-1, 1.5, levels - 1))
    return pd.DataFrame(cut, columns=list("abcde")).assign(x=x)


ORDERED = SemOptions(ordered=("a", "b", "c", "d", "e"))


def test_intervals_cover_and_the_test_keeps_its_level():
    """40 studies of 400 rows, seeds 0 to 39: exact binomial test against 95 % at p < .001.

    g ~ f is 0.5 in the units of f and g as drawn; the fit counts them in units of the responses of a and of d.
    """
    model = CHAIN.replace("\ng ~ x", "")
    fits = [fit_sem(answered(400, seed), model, ORDERED) for seed in range(40)]
    unit = np.sqrt((0.8**2 + 0.5**2 + 0.3**2 + 0.7**2) / (1 + 0.7**2))  # responses of d and of a have variance one
    hits = 0
    for fit in fits:
        low, high = fit.coefficient("g ~ f").interval()
        hits += low <= 0.5 / unit <= high
    assert stats.binomtest(hits, len(fits), 0.95).pvalue > 0.001
    assert stats.kstest([fit.p_scaled for fit in fits], "uniform").pvalue > 0.001


def test_intervals_cover_where_values_are_missing_by_chance():
    """30 studies of 400 rows, seeds 0 to 29, a fifth of every column missing: as above."""
    unit = np.sqrt((0.8**2 + 0.5**2 + 0.3**2 + 0.7**2) / (1 + 0.7**2))
    hits = 0
    for seed in range(30):
        rows = answered(400, seed)[list("abcd")]
        holed = rows.mask(np.random.default_rng(1_000 + seed).random(rows.shape) < 0.2)
        fit = fit_sem(holed, "f =~ a + b + c\nd ~ f", SemOptions(ordered=tuple("abcd"), missing="pairwise"))
        low, high = fit.coefficient("d ~ f").interval()
        hits += low <= 0.5 / unit <= high
    assert stats.binomtest(hits, 30, 0.95).pvalue > 0.001


def test_rows_with_a_missing_value_are_left_out_or_used_by_pairs():
    rows = answered(300, 9)
    holed = rows.assign(a=rows.a.where(np.arange(300) % 4 > 0, np.nan))
    left, used = (fit_sem(holed, CHAIN, replace(ORDERED, missing=each)) for each in ("leave out", "pairwise"))
    assert (left.n, left.left_out, used.n, used.left_out) == (225, 75, 300, 0)
    assert factor_scores(holed, left).isna().all(axis=1).sum() == 75 and factor_scores(holed, used).notna().all().all()
    assert fit_sem(rows, CHAIN, replace(ORDERED, missing="pairwise")).chi2 == fit_sem(rows, CHAIN, ORDERED).chi2


def test_many_levels_say_what_quantities_say():
    rng = np.random.default_rng(5)
    f = rng.standard_normal(4_000)
    rows = pd.DataFrame(f[:, None] + 0.7 * rng.standard_normal((4_000, 4)), columns=list("abcd"))
    cut = rows.apply(lambda column: pd.qcut(column, 15, labels=False))
    ordered = fit_sem(cut, "f =~ a + b + c + d", SemOptions(ordered=tuple("abcd")))
    plain = fit_sem(rows, "f =~ a + b + c + d")
    for name in ("f =~ b", "f =~ c", "f =~ d"):
        assert ordered.coefficient(name).standardised == pytest.approx(plain.coefficient(name).standardised, abs=0.01)


def test_an_ordered_category_is_taken_by_its_order():
    rows = answered(500, 3)
    words = ["never", "rarely", "often", "always"]
    told = rows.assign(a=pd.Categorical.from_codes(rows.a, words, ordered=True))
    assert fit_sem(told, CHAIN, ORDERED).coefficient("g ~ f") == fit_sem(rows, CHAIN, ORDERED).coefficient("g ~ f")


def test_a_fit_of_ordered_columns_survives_json():
    rows = answered(300, 4)
    fit = fit_sem(rows, CHAIN, ORDERED)
    kept = causal.SemFit.from_json(json.loads(json.dumps(fit.to_json(), allow_nan=False)))
    assert kept.to_json() == fit.to_json()
    assert factor_scores(rows, kept).equals(factor_scores(rows, fit))
    assert factor_scores(rows.assign(a=rows.a + 0.5), fit).isna().all().all()


def test_theta_says_what_delta_says_in_other_units():
    """Chi-square, standardised coefficients and shares of levels are the same; scores are those in other units.

    lavaan 0.6-14's scores under theta are not: its own under "delta", which ours equal, it does not reproduce.
    """
    rows = answered(500, 12)
    delta, theta = (fit_sem(rows, CHAIN, replace(ORDERED, parameterization=each)) for each in ("delta", "theta"))
    assert (theta.chi2_scaled, theta.df) == pytest.approx((delta.chi2_scaled, delta.df))
    assert theta.coefficient("a ~~ a").estimate == 1 and delta.coefficient("a ~*~ a").estimate == 1
    for name in ("f =~ b", "g ~ f", "g ~ x", "a ~~ a", "d | t2"):
        assert theta.coefficient(name).standardised == pytest.approx(delta.coefficient(name).standardised, abs=1e-6)
    ratio = factor_scores(rows, theta) / factor_scores(rows, delta)
    assert ratio.std().max() < 1e-4
    shares = [
        [each.after for each in causal.sem_what_if(fit, {"x": causal.Shift(1.0)}).node("d").levels]
        for fit in (delta, theta)
    ]
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)
    held = fit_sem(rows, f"{CHAIN}\na ~~ 2*a", replace(ORDERED, parameterization="theta"))
    assert held.coefficient("a ~~ a").estimate == 2 and held.chi2 == pytest.approx(theta.chi2)


def test_a_pair_of_levels_that_no_row_has_is_said():
    rows = answered(60, 6)
    assert any("Some pair of levels occurs in no row" in note for note in fit_sem(rows, CHAIN, ORDERED).notes)


@pytest.mark.parametrize(
    ("change", "asked", "sentence"),
    [
        (lambda rows: rows.assign(a=1), {}, '"a" has one level only'),
        (lambda rows: rows.assign(b=rows.a), {}, '"a" and "b" tell the same: their correlation'),
        (lambda rows: rows.assign(a=np.arange(len(rows))), {}, '"a" has 300 values: an ordered column may have 20'),
        (lambda rows: rows.assign(e=np.nan), {"missing": "pairwise"}, '"e" has'),
        (
            lambda rows: rows.assign(
                a=rows.a.where(np.arange(300) < 150, np.nan), b=rows.b.where(np.arange(300) >= 150, np.nan)
            ),
            {"missing": "pairwise"},
            'No row has both "a" and "b"',
        ),
        (lambda rows: rows, {"missing": "pairwise", "ordered": ()}, "Pair by pair only ordered columns"),
        (lambda rows: rows.head(12), {}, "There are 12 rows without a missing value, for"),
        (lambda rows: rows, {"missing": "likelihood"}, "found pair by pair, not by a likelihood"),
        (lambda rows: rows, {"ordered": ("a", "z")}, '"z" is to be taken as ordered, but the model has no such column'),
        (lambda rows: rows, {"ordered": ("a", "x")}, '"x" causes others and is caused by nothing here'),
        (
            lambda rows: rows.assign(h=np.where(rows.a == 3, "up", "down")),
            {"group": "h"},
            'No row in the group "down" has "a" at 3, which other rows have',
        ),
        (lambda rows: rows.assign(a=["low", "mid", "high"] * 100), {}, '"a" holds words'),
        (lambda rows: rows.assign(x=1.0), {}, '"x" has one value only'),
    ],
)
def test_what_cannot_be_fitted_is_said(change, asked, sentence):
    with pytest.raises(DoableError, match=sentence):
        fit_sem(change(answered(300, 9)), CHAIN, SemOptions(**{"ordered": ORDERED.ordered, **asked}))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a | t9", "its thresholds are t1 to t3"),
        ("x | t1", '"x" is not taken as ordered'),
        ("a ~~ 0.5*a", "the variance of its response is one"),
    ],
)
def test_lines_that_ordered_columns_cannot_have_are_said(line, sentence):
    with pytest.raises(DoableError, match=sentence):
        fit_sem(answered(300, 9), f"{CHAIN}\n{line}", ORDERED)


def test_too_few_indicators_of_levels_are_refused_by_name():
    with pytest.raises(causal.NotIdentified, match='"f =~ b"'):
        fit_sem(answered(300, 10), "f =~ a + b", SemOptions(ordered=("a", "b")))
