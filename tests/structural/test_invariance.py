"""Invariance beside lavaan's (`invariance_reference.R` made the file), planted differences, and refusals."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import DoableError
from causal.structural.invariance import Invariance, invariance
from causal.structural.prepared import SemOptions
from tests.structural import test_lavaan, test_ordered

REFERENCE: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "invariance_reference.json").read_text())
FACTORS = "f =~ a + b + c\ng =~ d + e + h"


@cache
def judged(name: str) -> Invariance:
    if name == "abilities":
        case = test_lavaan.REFERENCE["abilities by school, configural"]
        return invariance(test_lavaan.rows_of(case), case["model"], "school")
    if name == "skewed":
        rows = test_lavaan.rows_of(test_lavaan.REFERENCE["labels by group MLR"])
        return invariance(rows, FACTORS, "school", SemOptions(errors="sandwich"))
    case = test_ordered.REFERENCE["abilities by school"]
    ordered = tuple(case["ordered"])[: 6 if name == "mixed" else 9]
    return invariance(test_ordered.rows_of(case), case["model"], "school", SemOptions(ordered=ordered))


@pytest.mark.parametrize("name", REFERENCE)
def test_every_level_fits_as_lavaans(name):
    for told, step in zip(REFERENCE[name]["fits"], judged(name).steps, strict=True):
        ending = ".scaled" if name in ("ordered", "mixed") else ""
        ours = (step.measures.chi2, step.measures.df, step.measures.cfi, step.measures.rmsea, step.measures.srmr)
        wanted = [told[f"chisq{ending}"], told["df"], told[f"cfi{ending}"], told[f"rmsea{ending}"], told["srmr"]]
        assert ours == pytest.approx(wanted, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", REFERENCE)
def test_differences_are_lavaans(name):
    for told, step in zip(REFERENCE[name]["tests"], judged(name).steps[1:], strict=True):
        ours = step.difference
        assert ours.df == told["df"]
        wanted = told["chi2"], told["adjusted"], told["p"]
        assert (ours.chi2, ours.adjusted, ours.p_value) == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def test_score_tests_are_lavaans():
    """lavaan tests every equality of the model; ours those that are new at the level."""
    for told, step in zip(REFERENCE["abilities"]["scores"], judged("abilities").steps[1:], strict=True):
        wanted = {each["name"]: each["chi2"] for each in told}
        assert {each.name: each.chi2 for each in step.equalities} == pytest.approx(
            {each.name: wanted[each.name] for each in step.equalities}, rel=1e-3
        )
        assert len(step.equalities) == {"metric": 6, "scalar": 9, "strict": 9}[step.level]


def test_schools_differ_in_two_intercepts():
    """Known of these data: loadings hold, intercepts do not, x3 and x7 worst (lavaan's tutorial on invariance)."""
    found = judged("abilities")
    assert [each.standing for each in found.steps] == [None, "holds", "fails", "holds"]
    assert found.holds == "metric"
    assert [each.name for each in found.first_doubt.equalities[:2]] == ["x3 ~1", "x7 ~1"]


def grouped(n: int, seed: int, loading: float = 0.8, intercept: float = 0.0) -> pd.DataFrame:
    """Three groups of n rows that show f alike, but for the third group's b and c."""
    rng = np.random.default_rng(seed)
    parts = []
    for at, group in enumerate(("one", "two", "three")):
        f = rng.standard_normal(n) + 0.5 * at
        shown = f[:, None] * [1.0, loading if at == 2 else 0.8, 0.7, 0.9] + 0.6 * rng.standard_normal((n, 4))
        shown[:, 2] += intercept * (at == 2)
        parts.append(pd.DataFrame(shown, columns=list("abcd")).assign(group=group))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("planted", "holds", "worst"),
    [
        ({}, "strict", None),
        ({"loading": 0.1}, "configural", ("f =~ b", "three")),
        ({"intercept": 1.0}, "metric", ("c ~1", "three")),
    ],
)
def test_what_is_planted_is_found(planted, holds, worst):
    found = invariance(grouped(800, 1, **planted), "f =~ a + b + c + d", "group")
    assert found.holds == holds
    assert found.rows == (800, 800, 800)
    if worst:
        top = found.first_doubt.equalities[0]
        assert (top.name, top.group) == worst
        assert top.p_value < 1e-6


def test_ordered_columns_are_judged_by_their_responses():
    rows = grouped(700, 2)
    cut = rows.assign(**{name: np.digitize(rows[name], [-0.7, 0.3, 1.2]) for name in "abcd"})
    ordered = SemOptions(ordered=tuple("abcd"))
    same = invariance(cut, "f =~ a + b + c + d", "group", ordered)
    assert [each.level for each in same.steps] == ["configural", "scalar", "strict"]
    assert same.holds == "strict"
    moved = cut.assign(c=np.where(cut.group == "three", np.digitize(rows.c, [0.1, 1.1, 2.0]), cut.c))
    found = invariance(moved, "f =~ a + b + c + d", "group", ordered)
    assert found.holds == "configural"
    assert found.first_doubt.equalities[0].name.startswith("c |")


def test_it_survives_json():
    found = judged("abilities")
    kept = causal.Invariance.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert kept.to_json() == found.to_json()
    assert kept.holds == found.holds


@pytest.mark.parametrize(
    ("model", "group", "sentence"),
    [
        ("f =~ a + b + c + d", "alone", '"alone" has one value only, so there are no groups'),
        ("a ~ b + c", "group", "The model has no latent variable"),
        ("f =~ a + b + c + d", "nowhere", 'no column "nowhere"'),
    ],
)
def test_what_has_no_answer_is_said(model, group, sentence):
    with pytest.raises(DoableError, match=sentence):
        causal.invariance(grouped(100, 3).assign(alone=1), model, group)


def test_what_goes_by_the_likelihood_refuses_ordered_columns():
    rows = test_ordered.answered(300, 1)
    for verb in (causal.bootstrap_sem, causal.held_out_fit):
        with pytest.raises(DoableError, match="goes by the likelihood of the rows"):
            verb(rows, test_ordered.CHAIN, test_ordered.ORDERED)
