"""Stratification's table and options against strata cut by hand, and its error where a part tells the derivative."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from causal.estimators import stratification
from tests.estimators.designs import LINEAR
from tests.estimators.references import LALONDE, ask, lalonde, lalonde_answer


def by_hand(frame: pd.DataFrame, trim: float, strata: int) -> pd.DataFrame:
    """One row per stratum: pandas' quantile cut of statsmodels' logit, fitted anew after trimming."""
    for _ in range(2):
        x = sm.add_constant(pd.get_dummies(frame[list(LALONDE)], drop_first=True).astype(float))
        score = sm.Logit(frame["treat"], x).fit(disp=0, tol=1e-13, maxiter=200).predict()
        if trim == 0:
            break
        inside = (score >= trim) & (score <= 1 - trim)
        frame, trim = frame[inside], 0
    cells = frame.assign(stratum=pd.qcut(np.round(score, 12), strata, labels=False)).groupby("stratum")
    return pd.DataFrame(
        {
            "treated": cells["treat"].sum(),
            "control": cells["treat"].count() - cells["treat"].sum(),
            "effect": cells.apply(lambda cell: cell.groupby("treat")["re78"].mean().diff().iloc[-1]),
        }
    )


@pytest.mark.parametrize(("strata", "trim"), [(5, 0.0), (8, 0.0), (5, 0.05), (10, 0.1)])
def test_the_table_is_the_one_cut_by_hand(strata, trim):
    table = by_hand(lalonde(), trim, strata)
    analysis = lalonde_answer("stratification", "treated", strata=strata, trim=trim)
    assert [each.treated for each in analysis.strata] == table["treated"].tolist()
    assert [each.control for each in analysis.strata] == table["control"].tolist()
    assert [each.effect for each in analysis.strata] == pytest.approx(table["effect"].tolist(), rel=1e-8)
    assert analysis.estimate.effect == pytest.approx(np.average(table["effect"], weights=table["treated"]), rel=1e-8)
    assert analysis.overlap.share_trimmed == pytest.approx(1 - (table["treated"] + table["control"]).sum() / 614)


def test_the_strata_reach_from_the_lowest_propensity_to_the_highest():
    analysis = lalonde_answer("stratification", "treated")
    low, high = analysis.overlap.propensity_range
    assert (analysis.strata[0].low, analysis.strata[-1].high) == pytest.approx((low, high), abs=1e-11)
    for before, after in zip(analysis.strata, analysis.strata[1:], strict=False):
        assert before.high <= after.low


def test_a_part_of_the_units_tells_the_derivatives_as_well(monkeypatch):
    frame = LINEAR.draw(np.random.default_rng(1), 60_000)
    whole = ask(frame, "t", "y", ("a", "b"), "stratification").estimate
    monkeypatch.setattr(stratification, "ENOUGH", 10_000)
    part = ask(frame, "t", "y", ("a", "b"), "stratification").estimate
    assert part.effect == whole.effect
    assert part.std_error == pytest.approx(whole.std_error, rel=0.03)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_column_of_two_values_is_adjusted_for_whichever_is_frequent(share):
    """Once 80 % or more had the larger score, all quantiles fell on it, and nothing was adjusted for."""
    rng = np.random.default_rng(12)
    g = (np.arange(2_000) < 2_000 * share).astype(int)
    frame = pd.DataFrame({"g": g, "t": (rng.random(2_000) < 0.3 + 0.4 * g).astype(int)})
    frame["y"] = 5 * g + frame["t"] + rng.normal(size=2_000)
    found, exact = (ask(frame, "t", "y", ("g",), name).estimate for name in ("stratification", "weighting"))
    assert found.effect == pytest.approx(exact.effect, rel=1e-9)
    assert found.std_error == pytest.approx(exact.std_error, rel=1e-6)


def test_a_frequent_score_has_a_stratum_of_its_own():
    rng = np.random.default_rng(13)
    level = np.repeat(["a", "b", "c"], [100, 1_800, 100])
    chance = {"a": 0.2, "b": 0.5, "c": 0.8}
    frame = pd.DataFrame({"level": level, "t": (rng.random(2_000) < pd.Series(level).map(chance)).astype(int)})
    frame["y"] = rng.normal(size=2_000)
    assert [each.control + each.treated for each in ask(frame, "t", "y", ("level",), "stratification").strata] == [
        100,
        1_800,
        100,
    ]
