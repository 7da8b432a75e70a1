"""Every cause in turn: each with its own adjustment set, statsmodels' digits, ranks and refusals with their reasons."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.effects.slope import slope
from causal.errors import OptionProblem, TreatmentProblem, UnknownColumn
from causal.wording.impact import impact_finding, is_clear

GRAPH = causal.CausalGraph.from_edges(
    [("age", "plan"), ("age", "y"), ("plan", "hours"), ("hours", "y"), ("plan", "y"), ("country", "y"), ("y", "late")],
    bidirected=[("price", "y")],
)


def draw(study: int, n: int = 400) -> pd.DataFrame:
    """plan raises y by 1 by itself and by 2 x 0.5 through hours, so by 2 in all; age by 1.5 and through plan."""
    rng = np.random.default_rng([20_261_126, study])
    age = rng.normal(40, 10, n)
    plan = (rng.random(n) < 1 / (1 + np.exp(-(age - 40) / 10))).astype(int)
    hours = 2.0 * plan + rng.normal(0, 2, n)
    country = rng.choice(["DE", "FR", "IT"], n)
    y = 0.15 * age + plan + 0.5 * hours + np.where(country == "IT", 1.0, 0.0) + rng.normal(0, 1, n)
    return pd.DataFrame(
        {"age": age, "plan": plan, "hours": hours, "country": country, "y": y, "late": y + rng.normal(size=n),
         "price": rng.normal(size=n), "name": [f"n{place}" for place in range(n)]}
    )  # fmt: skip


def asked(frame, **changes):
    return causal.feature_impact(causal.UnitTable.from_frame(frame), GRAPH, "y", **changes)


def test_each_cause_has_its_own_adjustment_set_and_its_total_effect():
    found = asked(draw(0, 20_000))
    by_change = {(each.cause, each.contrast): each for each in found.impacts}
    plan = by_change["plan", "1 instead of 0"]
    assert plan.effect == pytest.approx(2.0, abs=0.1)  # not the 1 of a regression that holds hours fixed
    assert set(plan.adjust_for) == {"age"}
    hours = next(each for each in found.impacts if each.cause == "hours")
    assert hours.effect / hours.step == pytest.approx(0.5, abs=0.02)
    assert "plan" in hours.adjust_for
    assert by_change["country", "IT instead of DE"].effect == pytest.approx(1.0, abs=0.1)
    assert by_change["country", "FR instead of DE"].effect == pytest.approx(0.0, abs=0.1)
    sizes = [abs(each.effect) for each in found.impacts]
    assert sizes == sorted(sizes, reverse=True)


def test_what_cannot_be_told_is_listed_with_its_reason():
    reasons = {each.cause: each.reason for each in asked(draw(1)).left_out}
    assert set(reasons) == {"price", "late"}
    assert '"late" has no effect on "y"' in reasons["late"]


def test_a_quantitys_slope_is_statsmodels_with_hc2():
    import statsmodels.api as sm

    frame = draw(2)
    spec = causal.AnalysisSpec(causal.Question("hours", "y"), graph=GRAPH)
    found = slope(causal.UnitTable.from_frame(frame), spec, ("age", "plan"))
    fit = sm.OLS(frame["y"], sm.add_constant(frame[["hours", "age", "plan"]])).fit(cov_type="HC2")
    assert found.effect / found.deviation == pytest.approx(fit.params["hours"], rel=1e-9)
    assert found.std_error / found.deviation == pytest.approx(fit.bse["hours"], rel=1e-9)


def test_intervals_hold_the_truth_and_all_at_once():
    studies, alone, together = 80, 0, 0
    truth = {"hours": 0.5, "plan": 2.0}
    for study in range(studies):
        impacts = [each for each in asked(draw(study, 300)).impacts if each.cause in truth]
        right = [truth[each.cause] * (each.step or 1.0) for each in impacts]
        alone += impacts[0].low <= right[0] <= impacts[0].high
        together += all(each.joint_low <= now <= each.joint_high for each, now in zip(impacts, right, strict=True))
    assert binomtest(alone, studies, 0.95).pvalue > 0.001
    assert together >= 70  # Bonferroni over five changes: at least 95 %


def test_many_questions_widen_the_intervals_and_correct_the_p_values():
    found = asked(draw(3))
    for each in found.impacts:
        assert each.joint_low < each.low < each.effect < each.high < each.joint_high
        assert each.p_value <= each.false_discovery_p <= each.holm_p


def test_the_ranking_survives_json_and_a_filter():
    found = asked(draw(4), where=[causal.Condition("country", "is not", "FR")])
    assert "chooses units by the treatment" in {each.cause: each.reason for each in found.left_out}["country"]
    assert causal.FeatureImpact.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_progress_names_each_cause_and_can_stop_the_work():
    from causal.errors import WorkStopped

    seen = []
    asked(draw(5, 200), progress=lambda share, stage: seen.append((share, stage)))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen) and seen[-1][0] == 1.0
    assert any("asking about hours" in stage for _, stage in seen)

    def stop(share, stage):
        raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped):
        asked(draw(5, 200), progress=stop)


def test_what_does_not_fit_is_said():
    frame = draw(6)
    with pytest.raises(UnknownColumn):
        asked(frame, causes=["nothing"])
    with pytest.raises(OptionProblem, match='no column beside "y"'):
        causal.feature_impact(causal.UnitTable.from_frame(frame), causal.CausalGraph.from_edges([("u", "y")]), "y")
    spec = causal.AnalysisSpec(causal.Question("country", "y"), graph=GRAPH)
    with pytest.raises(TreatmentProblem, match='"country" is no quantity'):
        slope(causal.UnitTable.from_frame(frame), spec, ())
    flat = causal.UnitTable.from_frame(frame.assign(hours=1.0))
    with pytest.raises(TreatmentProblem, match='"hours" has one value only'):
        slope(flat, causal.AnalysisSpec(causal.Question("hours", "y"), graph=GRAPH), ())


def test_a_larger_move_that_is_not_clear_is_not_passed_over():
    """What is clear and small does not move the outcome "most" where something larger may do so."""
    rng = np.random.default_rng(1)
    rare = (np.arange(400) < 4).astype(int)
    frame = pd.DataFrame({"rare": rare, "plain": rng.normal(size=400)})
    frame["y"] = 0.5 * frame["plain"] + 0.4 * rare * rng.normal(3, 20, 400) + rng.normal(size=400)
    graph = causal.CausalGraph.from_edges([("rare", "y"), ("plain", "y")])
    found = causal.feature_impact(causal.UnitTable.from_frame(frame), graph, "y")
    assert found.impacts[0].cause == "rare" and not is_clear(found.impacts[0])
    assert impact_finding(found).startswith("Plain, of those that are clear, moves y most")


def test_a_unit_that_decides_alone_is_no_certainty():
    """Its own residual is nil, so that HC2's error nearly vanished and the p-value with it."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"far": rng.poisson(2, 300).astype(float), "y": rng.normal(size=300)})
    frame.loc[0, "far"] = 1e6
    graph = causal.CausalGraph.from_edges([("far", "y")])
    found = causal.feature_impact(causal.UnitTable.from_frame(frame), graph, "y", causes=["far", "far"])
    assert found.impacts == () and len(found.left_out) == 1
    assert found.left_out[0].reason.startswith('One unit alone decides what "far" does')
