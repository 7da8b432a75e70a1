"""Refits on rows drawn with replacement, beside lavaan's own refits and what theory says of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.errors import OptionProblem
from causal.structural.bootstrap import SemBootstrap, bootstrap_sem
from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions
from tests.structural.test_fitting import MODEL, measured

REFERENCE = json.loads((Path(__file__).parent / "lavaan_bootstrap.json").read_text())
REPLICATES = 150


def rows_of(name: str) -> pd.DataFrame:
    return pd.DataFrame(REFERENCE[name]["rows"], columns=REFERENCE[name]["names"], dtype=float)


@pytest.fixture(scope="module")
def refits() -> SemBootstrap:
    return bootstrap_sem(rows_of("bootstrap"), REFERENCE["bootstrap"]["model"], replicates=REPLICATES, processes=1)


def ours_of(refits: SemBootstrap, name: str):
    kind = "defined" if name in ("indirect", "total") else "coefficient"
    named = {"p": "f ~ x", "q": "y ~ f", "r": "y ~ x", "indirect": "indirect := p*q", "total": "total := indirect+r"}
    spelled = named.get(name) or name.replace("=~", " =~ ").replace("~~", " ~~ ")
    return refits.row(spelled, kind)


def test_errors_and_intervals_are_lavaans_but_for_the_draws(refits):
    """Both are spreads of so many draws: the ratio of errors within four of its own, ends within four of theirs."""
    draws = REFERENCE["bootstrap"]["draws"]
    noise = np.sqrt(1 / (2 * REPLICATES) + 1 / (2 * draws))
    for told in REFERENCE["bootstrap"]["parameters"]:
        ours = ours_of(refits, told["name"])
        assert ours.estimate == pytest.approx(told["est"], abs=1e-4)
        # rows of heavy tails: the fourth moment of the refits is up to twice the normal one
        assert abs(np.log(ours.std_error / told["se"])) < 4 * np.sqrt(2) * noise, told["name"]
        for kind in ("percentile", "corrected"):
            apart = np.abs(np.array(getattr(ours, kind)) - told[kind]) / told["se"]
            assert apart.max() < 4 * np.sqrt(0.025 * 0.975 / REPLICATES) / 0.0584 * 1.5, (told["name"], kind)


def test_the_test_of_fit_is_that_of_refits_by_lavaan(refits):
    told = REFERENCE["bootstrap"]["bollen_stine"]
    assert refits.chi2_p == pytest.approx(told, abs=4 * np.sqrt(told * (1 - told) / REPLICATES) + 0.01)
    off = bootstrap_sem(rows_of("misfit"), REFERENCE["misfit"]["model"], replicates=100)
    assert off.chi2_p is not None and off.chi2_p < 0.05 and REFERENCE["misfit"]["bollen_stine"] < 0.05


def test_digits_hang_on_the_seed_alone():
    rows = measured(100, 1)
    one, again = (bootstrap_sem(rows, "y ~ x", replicates=100, processes=each) for each in (1, 2))
    assert one.to_json() == again.to_json()
    assert SemBootstrap.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert bootstrap_sem(rows, "y ~ x", SemOptions(seed=1), 100).rows != one.rows


def test_a_regressions_spread_is_the_sandwichs():
    """Of one regression the bootstrap's error and the robust one are the same to first order (Efron 1979)."""
    rows = measured(800, 2)
    refits = bootstrap_sem(rows, "y ~ x", replicates=400, processes=1)
    robust = fit_sem(rows, "y ~ x", SemOptions(errors="sandwich")).coefficient("y ~ x").std_error
    assert refits.row("y ~ x").std_error == pytest.approx(robust, rel=0.15)
    assert refits.chi2_p is None  # without a degree of freedom


def test_missing_values_and_groups_are_drawn_as_they_are():
    rows = measured(160, 3)[["a", "b", "c"]]
    rows.loc[:30, "b"] = np.nan
    rows["g"] = np.where(np.arange(160) % 2, "one", "two")
    options = SemOptions(group="g", missing="likelihood", equal=("loadings",))
    refits = bootstrap_sem(rows, "f =~ a + b + c", options, replicates=100, processes=1)
    assert refits.chi2_p is None
    fit = fit_sem(rows, "f =~ a + b + c", options)
    for group in (0, 1):
        assert refits.row("f =~ b", group=group).std_error == pytest.approx(
            fit.coefficient("f =~ b", group).std_error, rel=0.6
        )


def test_too_few_replicates_are_refused():
    with pytest.raises(OptionProblem, match="at least 100"):
        bootstrap_sem(measured(100, 4), MODEL, replicates=20)
