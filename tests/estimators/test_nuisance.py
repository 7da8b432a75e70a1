"""The fitted parts: converged where a maximum exists, refused where none does, whatever the covariates look like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import PerfectSeparation
from causal.estimators import nuisance
from causal.estimators.design import draw_sample
from causal.estimators.nuisance import GRADIENT, dependent_columns, fit_propensity, inverse_of
from tests.estimators.designs import VARIED, YES_OR_NO


def sample_of(covariates: dict[str, np.ndarray], treated: np.ndarray, **changes):
    frame = pd.DataFrame({**covariates, "t": treated.astype(int), "y": np.arange(len(treated)) % 17.0})
    question = causal.Question("t", "y", target=changes.pop("target", "everyone"))
    return draw_sample(causal.UnitTable.from_frame(frame), question, tuple(covariates), **changes)


def expit(index):
    return 1 / (1 + np.exp(-index))


def rare(rng, n):
    a = rng.normal(size=n)
    return {"a": a}, rng.random(n) < expit(-7 + 0.5 * a)


def heavy_tailed(rng, n):
    a, b = rng.standard_t(3, n), np.exp(1.5 * rng.normal(size=n))
    return {"a": a, "b": b}, rng.random(n) < expit(0.1 * a - 0.05 * b)


def nearly_collinear(rng, n):
    a = rng.normal(size=n)
    return {"a": a, "b": a + 1e-4 * rng.normal(size=n)}, rng.random(n) < expit(a)


def far_from_zero(rng, n):
    a = rng.normal(size=n)
    return {"when": 1.7e9 + 1e5 * a, "tiny": 1e-9 * rng.normal(size=n)}, rng.random(n) < expit(a)


def exactly_collinear(rng, n):
    a, b = rng.normal(size=n), rng.normal(size=n)
    return {"a": a, "b": b, "sum": a + b, "twice": 2 * a}, rng.random(n) < expit(a - b)


def steep(rng, n):
    a = rng.normal(size=n)
    return {"a": a}, rng.random(n) < expit(3 * a)


def skewed_flag(rng, n):
    flag = rng.random(n) < 0.004
    a = rng.normal(size=n)
    return {"flag": flag.astype(int), "a": a}, rng.random(n) < expit(0.5 * a + np.where(flag, 1.0, -1.0))


DESIGNS = (rare, heavy_tailed, nearly_collinear, far_from_zero, exactly_collinear, steep, skewed_flag)


@pytest.mark.parametrize("n", [3_000, 250_000])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.__name__)
def test_the_propensity_converges_to_its_gradient(design, n):
    covariates, treated = design(np.random.default_rng(1), n if design is not rare else max(n, 20_000))
    sample = sample_of(covariates, treated, target="treated")
    fitted = fit_propensity(sample)
    gradient = sample.model.T @ (sample.treated - fitted.fitted) / len(sample)
    assert np.abs(gradient).max() <= GRADIENT
    assert fitted.fitted.mean() == pytest.approx(treated.mean(), rel=1e-6)


@pytest.mark.parametrize("design", [rare, steep, skewed_flag], ids=lambda design: design.__name__)
def test_the_propensity_is_that_of_statsmodels(design):
    import statsmodels.api as sm

    covariates, treated = design(np.random.default_rng(2), 20_000)
    theirs = sm.GLM(
        treated.astype(float), sm.add_constant(np.column_stack(list(covariates.values()))), sm.families.Binomial()
    ).fit(tol=1e-14, maxiter=100)
    ours = fit_propensity(sample_of(covariates, treated)).fitted
    assert ours == pytest.approx(theirs.fittedvalues, rel=1e-6)


@pytest.mark.parametrize("few", [2, 3, 20])
@pytest.mark.parametrize("n", [500, 20_000, 300_000])
def test_a_few_units_that_their_level_decides_are_found_in_any_crowd(few, n):
    rng = np.random.default_rng(3)
    a, treated = rng.normal(size=n), rng.random(n) < 0.5
    flag = np.zeros(n)
    flag[np.flatnonzero(treated)[:few]] = 1
    with pytest.raises(PerfectSeparation, match=rf'decide the treatment of {few} of .*most of all "flag"'):
        fit_propensity(sample_of({"a": a, "flag": flag}, treated))
    flag[np.flatnonzero(~treated)[:1]] = 1
    assert fit_propensity(sample_of({"a": a, "flag": flag}, treated)).fitted.max() < 1


def test_a_line_that_parts_the_arms_is_found():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=2_000), rng.normal(size=2_000)
    with pytest.raises(PerfectSeparation, match="decide the treatment of every unit"):
        fit_propensity(sample_of({"a": a, "b": b}, a + 2 * b > 0.3))


def test_a_line_that_touches_both_arms_in_one_point_is_found():
    a = np.concatenate([np.linspace(-1, 0, 500), np.linspace(0, 1, 500)])
    with pytest.raises(PerfectSeparation, match='most of all "a"'):
        fit_propensity(sample_of({"a": a}, np.arange(1_000) >= 500))


def test_columns_that_others_determine_have_no_coefficient():
    gram = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]])
    assert dependent_columns(gram) == [2]
    assert inverse_of(gram) == pytest.approx(np.diag([1.0, 1.0, 0.0]))
    assert inverse_of(np.diag([4.0, 0.0, 1e-40])) == pytest.approx(np.diag([0.25, 0.0, 1e40]))


@pytest.mark.parametrize("design", [VARIED, YES_OR_NO], ids=lambda design: design.name)
def test_where_a_fit_starts_leaves_no_trace_in_effect_or_error(design, monkeypatch):
    table = causal.UnitTable.from_frame(design.draw(np.random.default_rng(6), 120_000))
    asked = [
        causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=design.covariates, method=method)
        for method in ("weighting", "doubly_robust")
    ]
    polished = []
    whole = nuisance._polish
    monkeypatch.setattr(nuisance, "_polish", lambda *given: (polished.append(1), whole(*given))[1])
    sampled = [causal.answer(table, spec).estimate for spec in asked]
    assert polished
    monkeypatch.setattr(nuisance, "ROWS_FOR_A_START", 10**9)
    plain = [causal.answer(table, spec).estimate for spec in asked]
    for first, second in zip(sampled, plain, strict=True):
        assert first.effect == pytest.approx(second.effect, rel=1e-10)
        assert first.std_error == pytest.approx(second.std_error, rel=1e-10)


def test_a_million_units_give_the_same_digits_in_any_order():
    rng = np.random.default_rng(5)
    n = 1_000_000
    a, b = rng.normal(size=n), rng.exponential(size=n)
    treated = rng.random(n) < expit(-5 + 0.8 * a + 0.3 * b)
    frame = pd.DataFrame({"a": a, "b": b, "t": treated.astype(int), "y": a + b + treated + rng.normal(size=n)})
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("a", "b"))
    first, second = (
        causal.answer(causal.UnitTable.from_frame(each), spec).estimate for each in (frame, frame.iloc[::-1])
    )
    assert second.effect == pytest.approx(first.effect, rel=1e-9)
    assert second.std_error == pytest.approx(first.std_error, rel=1e-9)
    assert first.effect == pytest.approx(1, abs=4 * first.std_error)
