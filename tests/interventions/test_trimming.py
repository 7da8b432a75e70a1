"""The answers at every bound of trimming: the digits of the methods' own option, and how sure a move is."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import OptionProblem, PerfectSeparation, WorkStopped
from causal.interventions.trimming import TrimmingCurve, trimming, untrimmed
from tests.estimators.designs import HEAVY, LINEAR, VARIED


def spec_of(method="weighting", target="everyone", **changes):
    question = causal.Question("t", "y", target=target)
    return causal.AnalysisSpec(question=question, method=method, adjust_for=("a", "b"), **changes)


@pytest.fixture(scope="module")
def table():
    return causal.UnitTable.from_frame(HEAVY.draw(np.random.default_rng(1), 3_000))


@pytest.mark.parametrize("method", ["weighting", "doubly_robust", "matching", "stratification"])
@pytest.mark.parametrize("target", ["everyone", "treated"])
def test_every_bound_has_the_digits_of_the_option(table, method, target):
    curve = trimming(table, spec_of(method, target), bounds=(0.02, 0.1))
    assert [each.bound for each in curve.answers] == [0.0, 0.02, 0.1]
    for each in curve.answers:
        analysis = causal.answer(table, spec_of(method, target, options={"trim": each.bound}))
        assert (each.effect, each.std_error) == (analysis.estimate.effect, analysis.estimate.std_error)
        assert each.share == pytest.approx(1 - analysis.overlap.share_trimmed)
        assert each.units == analysis.estimate.n


def test_a_learnt_propensity_trims_by_itself(table):
    options = {"learner": "lasso", "folds": 2}
    curve = trimming(table, spec_of("doubly_robust", options=options), bounds=(0.1,))
    analysis = causal.answer(table, spec_of("doubly_robust", options={**options, "trim": 0.1}))
    assert (curve.answers[1].effect, curve.answers[1].std_error) == (
        analysis.estimate.effect,
        analysis.estimate.std_error,
    )
    assert curve.answers[1].share == pytest.approx(1 - analysis.overlap.share_trimmed)
    assert curve.answers[1].shift_std_error > 0


def test_the_curve_is_the_same_whatever_bound_the_spec_has(table):
    plain = trimming(table, spec_of())
    assert trimming(table, spec_of(options={"trim": 0.1, "trim_rule": "optimal"})) == plain
    assert untrimmed(spec_of(options={"trim": 0.1})).fingerprint == untrimmed(spec_of()).fingerprint


def test_the_interval_narrows_and_crumps_bound_is_where_it_should_be(table):
    curve = trimming(table, spec_of("doubly_robust"))
    assert curve.optimal == pytest.approx(0.095, abs=0.02)
    shares = [each.share for each in curve.answers]
    assert shares == sorted(shares, reverse=True)
    assert curve.answers[curve.nearest(0.1)].bound == 0.1
    assert trimming(table, spec_of("doubly_robust", "treated")).optimal is None


def test_a_moves_error_is_its_spread_over_studies():
    """Over 120 studies in which trimming moves nothing, as the effect is the same for all."""
    shifts, errors = [], []
    for study in range(120):
        frame = LINEAR.draw(LINEAR.generator(study), 800)
        curve = trimming(causal.UnitTable.from_frame(frame), spec_of(), bounds=(0.3,))
        shifts.append(curve.answers[-1].shift)
        errors.append(curve.answers[-1].shift_std_error)
    assert np.mean(shifts) == pytest.approx(0, abs=4 * np.std(shifts) / np.sqrt(120))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(shifts), rel=0.2)
    assert np.mean(errors) < 0.9 * np.mean([each.std_error for each in curve.answers])


def test_where_trimming_takes_whom_the_effect_is_for_the_move_is_seen():
    frame = VARIED.draw(np.random.default_rng(2), 40_000)
    curve = trimming(causal.UnitTable.from_frame(frame[frame["a"] > -0.5]), spec_of(), bounds=(0.4,))
    low, high = curve.shift_interval(1)
    assert not low <= 0 <= high


def test_without_influences_the_move_has_no_error(table):
    curve = trimming(table, spec_of("matching"), bounds=(0.05,))
    assert np.isnan(curve.answers[1].shift_std_error)
    written = json.loads(json.dumps(curve.to_json(), allow_nan=False))
    back = TrimmingCurve.from_json(written)
    assert back.to_json() == curve.to_json()
    assert np.isnan(back.answers[1].shift_std_error)


def test_beyond_the_last_answer_it_says_why():
    frame = LINEAR.draw(np.random.default_rng(3), 300)
    few = frame.assign(t=np.where(np.arange(300) % 10 == 0, frame["t"], 0))
    curve = trimming(causal.UnitTable.from_frame(few), spec_of(), bounds=(0.01, 0.25))
    assert curve.ended.startswith("Beyond 0.01 there is no answer: After trimming,")


def test_a_method_that_trims_nothing_is_refused(table):
    with pytest.raises(OptionProblem, match="Overlap weighting leaves out no units by their propensity"):
        trimming(table, spec_of("overlap_weighting"))


def test_where_no_propensity_can_be_fitted_the_methods_sentence_stands():
    frame = LINEAR.draw(np.random.default_rng(4), 300)
    with pytest.raises(PerfectSeparation, match='most of all "a"'):
        trimming(causal.UnitTable.from_frame(frame.assign(a=frame["t"] * 2.0)), spec_of())


def test_progress_is_told_and_stops_the_work(table):
    told = []

    def listen(share, stage):
        told.append((share, stage))
        if share > 0.5:
            raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped):
        trimming(table, spec_of(), progress=listen)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert "without propensities beyond 0.01" in [stage for _, stage in told]


def test_clusters_reach_the_error_of_the_move(table):
    frame = HEAVY.draw(np.random.default_rng(5), 2_000)
    frame = frame.assign(user=np.arange(2_000) // 2)
    doubled = frame.loc[np.repeat(frame.index, 2)].assign(user=np.repeat(np.arange(2_000), 2))
    twice = causal.UnitTable.from_frame(doubled)
    once = trimming(causal.UnitTable.from_frame(frame), spec_of(), bounds=(0.1,)).answers[1]
    clustered = trimming(twice, spec_of(cluster="user"), bounds=(0.1,)).answers[1]
    assert clustered.shift == pytest.approx(once.shift, rel=1e-7)
    assert clustered.shift_std_error == pytest.approx(once.shift_std_error, rel=1e-2)


def test_with_clusters_the_intervals_are_those_of_the_answers():
    frame = LINEAR.draw(np.random.default_rng(21), 600).assign(user=np.arange(600) % 12)
    spec = spec_of(cluster="user")
    curve = trimming(causal.UnitTable.from_frame(frame), spec, bounds=(0.25,))
    back = TrimmingCurve.from_json(json.loads(json.dumps(curve.to_json(), allow_nan=False)))
    assert back == curve
    for place, each in enumerate(curve.answers):
        trimmed = spec_of(cluster="user", options={"trim": each.bound})
        assert back.interval(place) == causal.answer(causal.UnitTable.from_frame(frame), trimmed).estimate.interval()
    low, high = curve.shift_interval(1)
    assert (high - low) / 2 == pytest.approx(2.20098516 * curve.answers[1].shift_std_error, rel=1e-8)  # t(11) at .975


def test_the_effect_on_compliers_has_no_curve():
    """Its trimming is by the chance of the instrument, not of the treatment."""
    with pytest.raises(OptionProblem, match="leaves out no units by their propensity"):
        untrimmed(spec_of("complier_effect"))


@pytest.fixture(scope="module")
def rules():
    from causal.interventions.trimming import trimming_rules
    from tests.estimators.references import LALONDE, lalonde

    spec = causal.AnalysisSpec(question=causal.Question("treat", "re78"), adjust_for=LALONDE, method="weighting")
    return {
        (each.rule, each.parameter if each.rule in ("fixed", "percentiles") else None): each
        for each in trimming_rules(causal.UnitTable.from_frame(lalonde()), spec).rules
    }


@pytest.mark.parametrize(
    ("rule", "options"),
    [(("fixed", 0.1), {"trim": 0.1}), (("crump", None), {"trim_rule": "optimal"}), (("all", None), {})],
)
def test_a_rule_is_the_methods_own_trimming_to_the_digit(rules, rule, options):
    from tests.estimators.references import lalonde_answer

    analysis = lalonde_answer("weighting", **options)
    answer = rules[rule].answer
    assert (answer.effect, answer.std_error) == (analysis.estimate.effect, analysis.estimate.std_error)
    assert answer.units == analysis.estimate.n


@pytest.mark.parametrize("method", ["weighting", "doubly_robust", "matching", "stratification", "tmle"])
def test_every_rule_can_be_taken_by_every_method_that_trims_and_leaves_the_same_units(rules, method):
    from tests.estimators.references import lalonde_answer

    for each in rules.values():
        if method not in ("weighting", "doubly_robust") and each.rule != "percentiles":
            continue
        analysis = lalonde_answer(method, **each.options)
        assert analysis.overlap.share_trimmed == pytest.approx(1 - each.answer.share, abs=1e-12)
        if method == "weighting":
            assert (analysis.estimate.effect, analysis.estimate.std_error) == (
                each.answer.effect,
                each.answer.std_error,
            )


def test_bounds_of_trimming_that_hold_nobody_are_refused():
    from tests.estimators.references import lalonde_answer

    with pytest.raises(OptionProblem, match=r'"trim_above" is 0\.2; it must be above "trim", which is 0\.3'):
        lalonde_answer("weighting", trim=0.3, trim_above=0.2)


def test_a_spec_without_a_bound_of_its_own_above_keeps_its_fingerprint():
    plain = spec_of("weighting", options={"trim": 0.1})
    assert "trim_above" not in plain.to_json()["options"]
    both = spec_of("weighting", options={"trim": 0.1, "trim_above": 0.8})
    assert causal.AnalysisSpec.from_json(both.to_json()).options.trim_above == 0.8
    assert both.fingerprint != plain.fingerprint
    assert untrimmed(both) == untrimmed(plain)


def test_percentiles_and_the_shared_range_are_of_each_arms_own_scores(rules):
    import statsmodels.api as sm

    from tests.estimators.references import LALONDE, lalonde

    frame = lalonde()
    columns = pd.get_dummies(frame[list(LALONDE)], columns=["race"], drop_first=True).astype(float)
    score = sm.GLM(frame["treat"], sm.add_constant(columns), sm.families.Binomial()).fit(tol=1e-14).fittedvalues
    treated, control = score[frame["treat"] == 1], score[frame["treat"] == 0]
    at = rules[("percentiles", 0.025)]
    assert (at.low, at.high) == pytest.approx((treated.quantile(0.025), control.quantile(0.975)), rel=1e-7)
    assert at.answer.units == ((score >= at.low) & (score <= at.high)).sum()
    shared = rules[("range", None)]
    assert (shared.low, shared.high) == pytest.approx((treated.min(), control.max()), rel=1e-7)


def test_what_a_rule_does_to_the_population_is_named(rules):
    from tests.estimators.references import lalonde

    frame, moved = lalonde(), rules[("fixed", 0.1)].moved
    assert moved[0].name == "race: white"
    assert moved[0].before == pytest.approx((frame["race"] == "white").mean())
    assert moved[0].after < moved[0].before
    assert rules[("all", None)].moved == ()


def test_rules_come_back_from_json(rules):
    from causal.interventions.trimming import TrimmingRules

    found = TrimmingRules(tuple(rules.values()), 0.95, "re78", False)
    assert TrimmingRules.from_json(found.to_json()) == found
