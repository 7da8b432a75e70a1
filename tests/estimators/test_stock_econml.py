"""EconML's estimators in the list of methods: DoWhy's own number, the same in every process, and told what it is."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_limits

import causal
from causal.errors import EstimationError, OptionProblem
from causal.estimators.registry import method_named
from causal.estimators.stock_econml import ECONML_NAMES, MENDED
from causal.wording.ledger import ledger_of, ledger_rows
from causal.wording.phrases import method_name
from tests.estimators.designs import VARIED

FRAME = VARIED.draw(np.random.default_rng(12), 150)
ADJUSTED = ("a", "b")


@functools.cache
def ours(name, target="everyone", seed=0, **options):
    question = causal.Question("t", "y", target=target)
    spec = causal.AnalysisSpec(
        question, method=f"dowhy:backdoor.econml.{name}", adjust_for=ADJUSTED, options=options or None, seed=seed
    )
    return causal.answer(causal.UnitTable.from_frame(FRAME), spec)


def by_hand(frame, name, init, target="ate"):
    """DoWhy called as its documentation says, on the columns in their order."""
    from dowhy import CausalModel

    edges = [("t", "y"), *((each, end) for each in ADJUSTED for end in ("t", "y"))]
    model = CausalModel(frame.copy(), treatment="t", outcome="y", graph=nx.DiGraph(edges))
    estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
    for names in estimand.backdoor_variables.values():
        names.sort()  # else their order hangs on the process, and the digits on it
    with threadpool_limits(1):
        return model.estimate_effect(
            estimand,
            method_name=f"backdoor.econml.{name}",
            target_units=target,
            effect_modifiers=list(ADJUSTED),
            method_params={"init_params": init, "fit_params": {}},
        )


def test_linear_dml_is_dowhys_with_econmls_interval_of_the_average():
    theirs = by_hand(FRAME, "dml.LinearDML", {"random_state": 3})
    found = ours("dml.LinearDML", seed=3).estimate
    assert found.effect == pytest.approx(theirs.value, rel=1e-6)
    interval = theirs.estimator.estimator.ate_interval(FRAME[list(ADJUSTED)].to_numpy(), T0=0, T1=1, alpha=0.05)
    assert found.interval() == pytest.approx([float(np.squeeze(each)) for each in interval], rel=1e-6)


def test_those_treated_are_named_one_by_one_as_dowhy_hears_no_att():
    boosting = HistGradientBoostingRegressor(random_state=0)
    named = by_hand(FRAME, "metalearners.TLearner", {"models": boosting}, lambda frame: frame["t"] == 1).value
    deaf = by_hand(FRAME, "metalearners.TLearner", {"models": boosting}, "att").value
    analysis = ours("metalearners.TLearner", "treated")
    assert analysis.estimate.effect == pytest.approx(named, rel=1e-6)
    assert deaf == pytest.approx(ours("metalearners.TLearner").estimate.effect, rel=1e-6)
    assert abs(deaf - named) > 0.01
    assert any("stock DoWhy would give EconML's effect for everyone" in note for note in analysis.notes)


@pytest.mark.parametrize("name", ["metalearners.SLearner", "metalearners.XLearner"])
def test_metalearners_have_no_interval_and_a_verdict_that_says_what_is_wrong(name):
    analysis = ours(name)
    assert analysis.estimate.effect == pytest.approx(1, abs=0.6)
    assert np.isnan(analysis.estimate.std_error)
    verdicts = {each.check: each for each in analysis.verdicts}
    assert verdicts["method"].light == "attention"
    assert "stays in the effect" in verdicts["method"].sentence
    assert "interval" in verdicts
    assert "The method itself" in [each["check"] for each in ledger_rows(ledger_of(analysis))]
    assert method_name(analysis) == f"EconML's stock {name.rsplit('.', 1)[-1]}"


def test_a_forest_answers_once_it_is_told_that_the_treatment_has_two_values():
    analysis = ours("dml.CausalForestDML", corrected=True)
    assert analysis.estimate.effect == pytest.approx(1, abs=0.6)
    assert np.isnan(analysis.estimate.std_error)
    assert not any(each.check == "method" for each in analysis.verdicts)


def test_the_same_spec_gives_the_same_digits_in_a_process_that_orders_sets_otherwise(tmp_path):
    FRAME.to_parquet(tmp_path / "units.parquet")
    program = (
        "import sys, pandas as pd, causal\n"
        "table = causal.UnitTable.from_frame(pd.read_parquet(sys.argv[1]))\n"
        "spec = causal.AnalysisSpec(causal.Question('t', 'y'), method='dowhy:backdoor.econml.dr.LinearDRLearner',\n"
        "                           adjust_for=('a', 'b'))\n"
        "estimate = causal.answer(table, spec).estimate\n"
        "print(repr((estimate.effect, estimate.std_error)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "units.parquet")],
        capture_output=True,
        text=True,
        cwd=Path(causal.__file__).parents[1],
        env={"PYTHONHASHSEED": "4", "PATH": ""},
        check=True,
    )
    here = ours("dr.LinearDRLearner").estimate
    assert run.stdout.strip() == repr((here.effect, here.std_error))
    assert here.effect != ours("dr.LinearDRLearner", seed=1).estimate.effect


def test_a_category_is_served_though_dowhy_fails_on_it():
    frame = FRAME.assign(b=pd.cut(FRAME["b"], 3, labels=list("xyz")).astype(str))
    with pytest.raises(KeyError):
        by_hand(frame, "metalearners.TLearner", {"models": LinearRegression()})
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"), method="dowhy:backdoor.econml.metalearners.TLearner", adjust_for=ADJUSTED
    )
    assert np.isfinite(causal.answer(causal.UnitTable.from_frame(frame), spec).estimate.effect)


@pytest.mark.parametrize("dowhy_name", ECONML_NAMES)
def test_each_is_marked_as_stock_and_slow(dowhy_name):
    method = method_named(f"dowhy:{dowhy_name}")
    assert method.title.startswith("EconML (stock): ")
    assert method.family == "stock"
    assert method.slow
    assert "overlap" not in method.targets
    assert ("two values" in method.summary) == (dowhy_name in MENDED)


def test_without_covariates_a_sentence_says_what_failed():
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"), method="dowhy:backdoor.econml.dr.ForestDRLearner", adjust_for=()
    )
    with pytest.raises(EstimationError, match=r"failed: .*Choose one of our methods instead"):
        causal.answer(causal.UnitTable.from_frame(FRAME), spec)


def test_without_econml_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr("causal.estimators.stock_econml.importlib.util.find_spec", lambda name: None)
    with pytest.raises(OptionProblem, match="EconML is not installed here"):
        ours("metalearners.TLearner", "untreated")
