"""Many arms at once: two of them are `answer`, R's digits, intervals that hold together, ranks that hold the truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.api import MNLogit, add_constant

import causal
from causal.effects.arm_means import MODELS
from causal.errors import OptionProblem, PerfectSeparation, TooFewUnits, TreatmentProblem
from causal.estimators.registry import method_named
from causal.wording.arms import arms_finding
from tests.effects.four_arms import ARMS, MEANS, draw
from tests.estimators.references import LALONDE, lalonde

GOLDEN = json.loads((Path(__file__).parent / "arms.json").read_text())
ADJUSTING = [name for name in MODELS if name != "difference_in_means"]


def compared(frame, method="doubly_robust", treatment="arm", outcome="y", adjust_for=("a", "b"), arms=None, **changes):
    question = changes.pop("question", causal.Question(treatment, outcome))
    spec = causal.AnalysisSpec(question, adjust_for=adjust_for, method=method, **changes)
    return causal.compare_arms(causal.UnitTable.from_frame(frame), spec, arms)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("cluster", [None, "educ"])
@pytest.mark.parametrize("method", MODELS)
def test_two_arms_are_the_answer(method, cluster, target):
    question = causal.Question("treat", "re78", target=target)
    spec = causal.AnalysisSpec(question, adjust_for=LALONDE, method=method, cluster=cluster)
    table = causal.UnitTable.from_frame(lalonde())
    estimate, comparison = causal.answer(table, spec).estimate, causal.compare_arms(table, spec)
    pair, (control, treated) = comparison.pairs[0], comparison.arms
    ours = [pair.effect, pair.std_error, pair.low, pair.high, pair.p_value, pair.joint_low, pair.joint_high]
    ours += [control.mean, treated.mean, control.std_error, treated.std_error, pair.holm_p]
    low, high = estimate.interval()
    means, errors = estimate.arm_means, estimate.arm_std_errors
    theirs = [estimate.effect, estimate.std_error, low, high, estimate.p_value, low, high]
    theirs += [means.control, means.treated, errors.control, errors.treated, estimate.p_value]
    assert ours == pytest.approx(theirs, rel=1e-10)
    assert comparison.against_control == comparison.pairs


def test_a_binary_outcome_of_two_arms_is_the_answer_too():
    frame = lalonde().assign(works=(lalonde()["re78"] > 0).astype(int))
    question = causal.Question("treat", "works")
    for method in ("standardisation", "doubly_robust"):
        spec = causal.AnalysisSpec(question, adjust_for=LALONDE, method=method)
        table = causal.UnitTable.from_frame(frame)
        estimate, pair = causal.answer(table, spec).estimate, causal.compare_arms(table, spec).pairs[0]
        assert pair.effect == pytest.approx(estimate.effect, rel=1e-10)
        assert pair.std_error == pytest.approx(estimate.std_error, rel=1e-8)  # an arm's Hessian is all but singular


OPTIONS_TRIED = [
    ("weighting", {"normalised": False}),
    ("weighting", {"trim": 0.05}),
    ("weighting", {"nuisance": "known"}),
    ("doubly_robust", {"trim": 0.1}),
    ("doubly_robust", {"nuisance": "known"}),
    ("doubly_robust", {"outcome_model": "poisson"}),
    ("standardisation", {"outcome_model": "poisson"}),
    ("regression", {"std_error": "classical"}),
    ("weighting", None),
    ("doubly_robust", None),
    ("difference_in_means", None),
]


@pytest.mark.parametrize("target", ["everyone", "treated", "overlap"])
@pytest.mark.parametrize(("method", "options"), OPTIONS_TRIED)
def test_with_options_and_for_the_overlap_two_arms_are_the_answer(method, options, target):
    if target not in method_named(method).targets:
        return
    question = causal.Question("treat", "re78", target=target)
    for cluster in (None, "educ") if method != "regression" else (None,):
        spec = causal.AnalysisSpec(question, adjust_for=LALONDE, method=method, options=options, cluster=cluster)
        table = causal.UnitTable.from_frame(lalonde())
        estimate, pair = causal.answer(table, spec).estimate, causal.compare_arms(table, spec).pairs[0]
        assert [pair.effect, pair.std_error] == pytest.approx([estimate.effect, estimate.std_error], rel=1e-9)


@pytest.mark.parametrize(
    ("method", "options"),
    [("weighting", {}), ("weighting", {"normalised": False}), ("doubly_robust", {})],
)
def test_the_errors_for_the_overlap_of_four_arms_are_those_of_the_jackknife(method, options):
    """Clusters of eight units, left out one by one."""
    frame = draw(8, 320).assign(cluster=np.arange(320) // 8)
    question = causal.Question("arm", "y", target="overlap")
    told = compared(frame, method, question=question, options=options, cluster="cluster").arms
    dropped = [
        [
            each.mean
            for each in compared(frame[frame["cluster"] != one], method, question=question, options=options).arms
        ]
        for one in range(40)
    ]
    spread = np.sqrt(39 / 40 * ((np.array(dropped) - np.mean(dropped, axis=0)) ** 2).sum(axis=0))
    assert [each.std_error for each in told] == pytest.approx(spread, rel=0.1)


def chances_of(frame):
    return MNLogit(frame["arm"].map(ARMS.index), add_constant(frame[["a", "b"]])).fit(disp=0, tol=1e-12).predict()


def test_the_overlap_of_four_arms_weights_by_one_over_the_sum_of_inverse_chances():
    frame = draw(9, 500)
    chances = chances_of(frame)
    tilt = 1 / (1 / chances).sum(axis=1)
    comparison = compared(frame, "weighting", question=causal.Question("arm", "y", target="overlap"))
    for place, level in enumerate(ARMS):
        inside = (frame["arm"] == level).to_numpy()
        mean = np.average(frame["y"][inside], weights=(tilt / chances[:, place])[inside])
        assert comparison.arm(level).mean == pytest.approx(mean, rel=1e-6)
        assert comparison.arm(level).smallest_chance is None
    assert "for those open to every arm" in arms_finding(comparison)


def test_trimming_leaves_out_units_with_too_small_a_chance_of_any_arm_and_counts_them():
    frame = draw(10, 2_000)
    plain, trimmed = compared(frame), compared(frame, options={"trim": 0.15})
    lost = plain.units - trimmed.units
    assert 0 < lost < 1_000
    assert any(f"left out {lost:,} of 2,000 units" in note for note in trimmed.notes)
    assert trimmed.units == (chances_of(frame) >= 0.15).all(axis=1).sum()
    with pytest.raises(TooFewUnits, match="Trim less, or leave that arm out"):
        compared(frame, options={"trim": 0.26})


def test_of_many_arms_the_words_name_the_one_whose_units_are_asked_about():
    question = causal.Question("race", "re78", target="treated", control="white", treated="hispan")
    comparison = compared(lalonde(), "regression", adjust_for=("age", "educ"), question=question)
    assert "for those who had hispan" in arms_finding(comparison)
    assert "for everyone" in arms_finding(by_race("regression"))


def by_race(method):
    return compared(lalonde(), method, "race", "re78", ("age", "educ", "re74"))


def test_all_pairs_at_once_agree_with_multcomp():
    comparison = by_race("regression")
    for golden in GOLDEN["pairs"]:
        pair = comparison.effect(*golden["pair"].split(" - "))
        assert [pair.effect, pair.std_error] == pytest.approx([golden["effect"], golden["std_error"]], rel=1e-9)
        assert pair.holm_p == pytest.approx(golden["holm_p"], rel=1e-8)
        assert pair.joint_p == pytest.approx(golden["joint_p"], abs=0.01)  # both draw the distribution
        reach = (golden["joint_high"] - golden["joint_low"]) / 2
        assert (pair.joint_high - pair.joint_low) / 2 == pytest.approx(reach, rel=0.01)


@pytest.mark.parametrize("method", ["weighting", "standardisation", "doubly_robust"])
def test_arm_means_agree_with_nnet_and_lm(method):
    comparison = by_race(method)
    for golden in GOLDEN["arms"]:
        assert comparison.arm(golden["arm"]).mean == pytest.approx(golden[method], rel=1e-7)


def test_against_a_control_there_are_fewer_comparisons_so_narrower_intervals():
    comparison = compared(draw(0), question=causal.Question("arm", "y", control="red", treated="blue"))
    assert comparison.control == "red"
    assert [(each.treated, each.control) for each in comparison.against_control] == [
        ("blue", "red"),
        ("green", "red"),
        ("yellow", "red"),
    ]
    for each in comparison.against_control:
        pair = comparison.effect(each.treated, "red")
        assert (each.effect, each.low, each.p_value) == (pair.effect, pair.low, pair.p_value)
        assert pair.joint_low < each.joint_low < each.low
        assert each.holm_p <= pair.holm_p and each.joint_p <= pair.joint_p


JOINT = ("regression", "doubly_robust")
STUDIES = 120


@pytest.fixture(scope="module")
def studies():
    tables = [draw(study) for study in range(STUDIES)]
    return {method: [compared(each, method) for each in tables] for method in JOINT}


def truth(level):
    return MEANS[ARMS.index(level)]


@pytest.mark.parametrize("method", JOINT)
def test_all_intervals_hold_the_truth_at_once(studies, method):
    alone = together = 0
    for each in studies[method]:
        held = [pair.low <= truth(pair.treated) - truth(pair.control) <= pair.high for pair in each.pairs]
        alone += held[0]
        together += all(
            pair.joint_low <= truth(pair.treated) - truth(pair.control) <= pair.joint_high for pair in each.pairs
        )
    assert binomtest(together, STUDIES, 0.95).pvalue > 0.001
    assert binomtest(alone, STUDIES, 0.95).pvalue > 0.001


@pytest.mark.parametrize("method", JOINT)
def test_rank_sets_hold_every_rank_and_the_best_arm(studies, method):
    """The true ranks are 3 or 4 for the two that tie, 2 for red and 1 for yellow; with a tie the sets hold both."""
    held = 0
    for each in studies[method]:
        right = each.arm("red").best_rank <= 2 <= each.arm("red").worst_rank
        right &= each.arm("yellow").best_rank == 1 and "yellow" in each.best
        for level in ("blue", "green"):
            right &= each.arm(level).best_rank <= 3 and each.arm(level).worst_rank == 4
        held += right
    assert held / STUDIES >= 0.95 - 3.1 * np.sqrt(0.95 * 0.05 / STUDIES)
    assert any(each.best == ("yellow",) for each in studies[method])


def test_many_rows_leave_one_best_and_clear_ranks():
    comparison = compared(draw(1, 60_000))
    assert comparison.best == ("yellow",)
    assert [(each.best_rank, each.worst_rank) for each in comparison.arms] == [(3, 4), (3, 4), (2, 2), (1, 1)]
    assert set(comparison.worst) == {"blue", "green"}


def test_weights_and_chances_say_what_each_arm_rests_on():
    for arm in compared(draw(0), "weighting").arms:
        assert 0 < arm.smallest_chance < 0.5
        assert 1 < arm.effective_size <= arm.units
    assert all(arm.effective_size is None for arm in compared(draw(0), "regression").arms)


def test_arms_can_be_chosen_and_row_order_does_not_matter():
    frame = draw(3)
    chosen = compared(frame, arms=["yellow", "blue", "green"])
    assert [each.level for each in chosen.arms] == ["blue", "green", "yellow"]
    fewer = compared(frame[frame["arm"] != "red"])
    assert chosen.pairs == fewer.pairs
    shuffled = compared(frame.sample(frac=1, random_state=1), arms=["blue", "green", "yellow"])
    for left, right in zip(chosen.pairs, shuffled.pairs, strict=True):
        assert [left.effect, left.joint_low] == pytest.approx([right.effect, right.joint_low], rel=1e-7)


def test_the_same_spec_gives_the_same_digits_and_survives_json():
    one, two = compared(draw(4), cluster=None), compared(draw(4), cluster=None)
    assert one == two
    assert causal.ArmComparison.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False))) == one


def test_a_filter_and_the_graph_hold_for_many_arms():
    drawn = causal.CausalGraph.from_edges([("a", "arm"), ("a", "y"), ("b", "arm"), ("b", "y"), ("arm", "y")])
    frame = draw(5)
    where = (causal.Condition("a", "is at least", 0),)
    spec = causal.AnalysisSpec(causal.Question("arm", "y"), graph=drawn, where=where)
    comparison = causal.compare_arms(causal.UnitTable.from_frame(frame), spec)
    assert set(comparison.adjust_for) == {"a", "b"}
    assert comparison.units == (frame["a"] >= 0).sum()
    assert comparison.pairs == compared(frame[frame["a"] >= 0]).pairs


def test_what_does_not_fit_is_said():
    frame = draw(6)
    with pytest.raises(OptionProblem, match='"matching" compares two arms only'):
        compared(frame, "matching")
    with pytest.raises(OptionProblem, match=r'without the option "learner"\..*for many arms are: trim, nuisance'):
        compared(frame, options={"learner": "lasso"})
    with pytest.raises(OptionProblem, match=r'without the option "trim_rule"\. Take it back, or compare two'):
        compared(frame, "weighting", options={"trim_rule": "optimal"})
    with pytest.raises(TreatmentProblem, match="No unit has \"arm\" = 'pink'"):
        compared(frame, arms=["pink", "blue"])
    with pytest.raises(TreatmentProblem, match="needs two arms or more, not 1"):
        compared(frame, arms=["blue"])
    with pytest.raises(TreatmentProblem, match="at most 30 arms"):
        compared(frame.assign(arm=np.arange(len(frame)) % 40))
    with pytest.raises(TooFewUnits, match="1 had the treatment level 'pink'"):
        compared(pd.concat([frame, frame.head(1).assign(arm="pink")]))
    with pytest.raises(PerfectSeparation, match="rule out"):
        compared(frame.assign(a=np.where(frame["arm"] == "red", 9.0, frame["a"])))
    with pytest.raises(OptionProblem, match="does not answer for those open to either arm"):
        compared(frame, "regression", question=causal.Question("arm", "y", target="overlap"))
    with pytest.raises(TreatmentProblem, match="which is not among the arms compared"):
        question = causal.Question("arm", "y", target="treated", control="blue", treated="red")
        compared(frame, question=question, arms=["blue", "green"])


def test_units_of_one_arm_can_be_the_population():
    """Means in the reds' population: the arms' constant effects are the same there, the covariates' part is theirs."""
    frame = draw(7, 40_000)
    question = causal.Question("arm", "y", target="treated", control="blue", treated="red")
    for method in ADJUSTING:
        comparison = compared(frame, method, question=question)
        assert comparison.arm("red").mean == pytest.approx(frame.loc[frame["arm"] == "red", "y"].mean(), abs=0.02)
        assert comparison.effect("red", "blue").effect == pytest.approx(0.5, abs=0.08)


def test_simultaneous_quantiles_lie_between_one_and_bonferroni():
    from causal.estimators.simultaneous import critical_value

    independent = critical_value(np.eye(5), 0.95)
    assert independent == pytest.approx(2.5690, abs=0.03)  # Φ⁻¹((1 + .95^(1/5)) / 2)
    assert critical_value(np.ones((5, 5)), 0.95) == pytest.approx(1.959964, abs=0.03)
    assert critical_value(np.eye(5), 0.95, 10) > critical_value(np.eye(5), 0.95, 100) > independent
    assert critical_value(np.diag([1.0, 0.0]), 0.95) == pytest.approx(1.959964, abs=1e-5)
    with pytest.raises(OptionProblem, match="must lie between 0 and 1"):
        critical_value(np.eye(2), 95)
