"""Every number beside lavaan's; `lavaan_reference.R` made the file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions
from causal.structural.scores import factor_scores
from causal.structural.sem_fit import SemFit

REFERENCE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "lavaan_reference.json").read_text())


def with_moments(each: dict[str, Any], names: list[str], seed: int) -> pd.DataFrame:
    """Rows that have exactly these means and covariances, which is all that the normal likelihood sees."""
    draws = np.random.default_rng(seed).standard_normal((each["n"], len(names)))
    draws -= draws.mean(axis=0)
    draws = np.linalg.solve(np.linalg.cholesky(draws.T @ draws / each["n"]), draws.T)
    rows = (np.linalg.cholesky(np.array(each["covariance"])) @ draws).T + np.array(each["mean"])
    return pd.DataFrame(rows, columns=names)


def rows_of(case: dict[str, Any]) -> pd.DataFrame:
    if "rows" in case:
        return pd.DataFrame(case["rows"], columns=case["names"], dtype=float)
    parts = [with_moments(each, case["names"], at) for at, each in enumerate(case["moments"])]
    if case["groups"]:
        parts = [part.assign(school=label) for part, label in zip(parts, case["groups"], strict=True)]
    return pd.concat(parts, ignore_index=True)


@cache
def fitted(name: str) -> SemFit:
    case = REFERENCE[name]
    asked = {key: tuple(value) if isinstance(value, list) else value for key, value in dict(case["options"]).items()}
    return fit_sem(rows_of(case), case["model"], SemOptions(**asked))


def group_of(case: dict[str, Any], fit: SemFit, told: int) -> int:
    return fit.groups.index(case["labels"][told - 1]) if "labels" in case else 0


@pytest.mark.parametrize("name", REFERENCE)
def test_fit_is_lavaans(name):
    wanted, fit = REFERENCE[name]["fit"], fitted(name)
    measures = fit.measures
    ours = {
        "chisq": fit.chi2,
        "df": fit.df,
        "pvalue": fit.p_value,
        "baseline.chisq": measures.baseline_chi2,
        "baseline.df": measures.baseline_df,
        "cfi": fit.cfi,
        "tli": fit.tli,
        "rmsea": fit.rmsea,
        "rmsea.ci.lower": measures.rmsea_interval[0],
        "rmsea.ci.upper": measures.rmsea_interval[1],
        "srmr": fit.srmr,
        "logl": measures.log_likelihood,
        "aic": measures.aic,
        "bic": measures.bic,
        "chisq.scaled": fit.chi2_scaled,
        "chisq.scaling.factor": fit.scaling,
        "pvalue.scaled": fit.p_scaled,
    }
    assert {key: ours[key] for key in wanted} == pytest.approx(wanted, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", REFERENCE)
def test_coefficients_and_errors_are_lavaans(name):
    case, fit = REFERENCE[name], fitted(name)
    for told in case["parameters"]:
        if told["op"] in ("==", "~1") and told["lhs"] in fit.exogenous:
            continue
        spelled = f"{told['lhs']} {told['op']} {told.get('rhs', '')}".rstrip()
        group = group_of(case, fit, max(told["group"], 1))
        if told["op"] == ":=":
            ours = next(each for each in fit.parameters if each.operator == ":=" and each.left == told["lhs"])
        else:
            ours = fit.coefficient(spelled, group)
        assert (ours.estimate, ours.std_error) == pytest.approx((told["est"], told["se"]), rel=1e-4, abs=1e-4), spelled
        if told.get("std") is not None:
            assert ours.standardised == pytest.approx(told["std"], abs=1e-4), spelled
        if told.get("std.se") is not None and told["op"] != ":=":
            assert ours.standardised_error == pytest.approx(told["std.se"], abs=1e-4), spelled


@pytest.mark.parametrize("name", [name for name, case in REFERENCE.items() if "labels" not in case])
def test_explained_shares_are_lavaans(name):
    ours = {each.variable: each.r_squared for each in fitted(name).explained}
    assert ours == pytest.approx(REFERENCE[name]["r2"], abs=1e-4)


def test_modification_indices_are_lavaans():
    wanted = {f"{each['lhs']} {each['op']} {each['rhs']}": each for each in REFERENCE["democracy"]["indices"]}
    found = fitted("democracy").modifications
    assert found[0].index == max(each.index for each in found)
    for each in found:
        told = wanted.get(each.name) or wanted[f"{each.right} {each.operator} {each.left}"]
        assert (each.index, each.expected) == pytest.approx((told["mi"], told["epc"]), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", ["latent", "missing"])
def test_factor_scores_are_lavaans(name):
    case = REFERENCE[name]
    scores = factor_scores(rows_of(case), fitted(name))
    assert scores.columns.tolist() == ["f", "g"]
    assert scores.to_numpy()[:5] == pytest.approx(np.array(case["scores"]), abs=1e-4)


def test_rows_with_holes_are_scored_from_what_they_have():
    case = REFERENCE["missing"]
    scores = factor_scores(rows_of(case), fitted("missing"))
    assert scores.notna().all().all()
    whole = factor_scores(rows_of(REFERENCE["latent"]), fitted("latent"))
    assert np.corrcoef(scores.f, whole.f)[0, 1] > 0.95
