"""The straight line from a question to its answer."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import causal
from causal.analysis import analysis_from_json, analysis_to_json, scores_to_arrays
from causal.errors import CovariateProblem, NotIdentified, OptionProblem, TreatmentProblem, WorkStopped
from tests.estimators.designs import VARIED
from tests.estimators.references import NHEFS, lalonde, lalonde_answer, nhefs_answer

ADJUSTING = tuple(method.name for method in causal.METHODS if method.adjusts and method.on_its_own)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    frame = VARIED.draw(rng, 600)
    return frame.assign(z=frame["t"] + rng.normal(size=600), m=frame["t"] + rng.normal(size=600))


def graph(*edges, **changes):
    return causal.CausalGraph.from_edges(
        [("a", "t"), ("a", "y"), ("b", "t"), ("b", "y"), ("t", "y"), *edges], **changes
    )


def answered(frame, drawn, method="weighting", **changes):
    question = changes.pop("question", causal.Question("t", "y"))
    spec = causal.AnalysisSpec(question=question, graph=drawn, method=method, **changes)
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


@pytest.mark.parametrize("method", ADJUSTING)
def test_the_graph_says_what_to_adjust_for(frame, method):
    by_graph = answered(frame, graph(), method)
    by_hand = answered(frame, None, method, adjust_for=("a", "b"))
    assert set(by_graph.adjust_for) == {"a", "b"}
    assert by_graph.estimate.effect == pytest.approx(by_hand.estimate.effect, rel=1e-10)
    assert by_graph.estimand.strategy == "backdoor"
    assert {each.check: each.light for each in by_graph.verdicts}["identification"] == "passed"
    assert {each.check: each.light for each in by_hand.verdicts}["identification"] == "attention"


def test_the_difference_in_means_fails_where_the_graph_asks_to_adjust(frame):
    verdict = answered(frame, graph(), "difference_in_means").verdicts[0]
    assert verdict.light == "failed"
    assert "The graph asks to adjust for a, b" in verdict.sentence


@pytest.mark.parametrize("method", ADJUSTING)
def test_without_graph_and_without_names_nothing_is_guessed(frame, method):
    with pytest.raises(NotIdentified, match="Nothing says what to adjust for"):
        answered(frame, None, method)


@pytest.mark.parametrize("method", ADJUSTING)
def test_a_hidden_common_cause_is_not_identified(frame, method):
    with pytest.raises(NotIdentified):
        answered(frame, graph(bidirected=[("t", "y")]), method)


def test_a_node_that_is_no_column_counts_as_unobserved(frame):
    with pytest.raises(NotIdentified):
        answered(frame, graph(("u", "t"), ("u", "y")))


def test_a_set_named_by_hand_is_checked_against_the_graph(frame):
    with pytest.raises(CovariateProblem):
        answered(frame, graph(), adjust_for=("a",))
    with pytest.raises(CovariateProblem):
        answered(frame, graph(("t", "m"), ("m", "y")), adjust_for=("a", "b", "m"))
    assert answered(frame, graph(), adjust_for=("b", "a")).adjust_for == ("b", "a")


def test_a_covariate_named_twice_is_refused(frame):
    with pytest.raises(CovariateProblem, match='"b" stands among the covariates more than once'):
        answered(frame, None, adjust_for=("a", "b", "b"))


def test_no_causal_path_gives_an_estimate_with_a_note(frame):
    drawn = causal.CausalGraph.from_edges([("a", "t"), ("a", "y"), ("b", "t"), ("b", "y")])
    analysis = answered(frame, drawn)
    assert analysis.estimand.strategy == "no_effect"
    assert "so it says that the effect is zero" in analysis.notes[0]


def test_a_front_door_is_refused_with_the_way_out(frame):
    drawn = causal.CausalGraph.from_edges([("t", "m"), ("m", "y")], bidirected=[("t", "y")])
    with pytest.raises(NotIdentified, match="frontdoor"):
        answered(frame, drawn)
    stock = answered(frame, drawn, "dowhy:frontdoor.two_stage_regression")
    assert np.isfinite(stock.estimate.effect)


def test_an_instrument_is_refused_with_the_way_out():
    rng = np.random.default_rng(2)
    z, u = rng.normal(size=3_000), rng.normal(size=3_000)
    t = (z + u + rng.normal(size=3_000) > 0).astype(int)
    frame = pd.DataFrame({"z": z, "t": t, "y": 2.0 * t + u + rng.normal(size=3_000)})
    drawn = causal.CausalGraph.from_edges([("z", "t"), ("t", "y")], bidirected=[("t", "y")])
    with pytest.raises(NotIdentified, match=r"iv\.instrumental_variable"):
        answered(frame, drawn)
    stock = answered(frame, drawn, "dowhy:iv.instrumental_variable").estimate
    wald = np.cov(z, frame["y"])[0, 1] / np.cov(z, t)[0, 1]
    assert stock.effect == pytest.approx(wald, rel=1e-6)


def test_the_naive_difference_is_of_the_same_units(frame):
    holed = frame.assign(a=frame["a"].where(frame["b"] < 0.5))
    analysis = answered(holed, graph())
    kept = holed.dropna()
    arms = kept.groupby("t")["y"].mean()
    assert analysis.dropped == 600 - len(kept)
    assert analysis.naive.effect == pytest.approx(arms[1] - arms[0], rel=1e-12)
    assert (analysis.rows == np.flatnonzero(holed["a"].notna())).all()


def test_progress_runs_forward_to_the_end_and_can_stop_the_work(frame):
    table = causal.UnitTable.from_frame(frame)
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("a", "b"))
    seen = []
    causal.answer(table, spec, lambda share, stage: seen.append((share, stage)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(stage for _, stage in seen)

    def stop(share, stage):
        raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped, match="Stopped"):
        causal.answer(table, spec, stop)


def test_fingerprints_tell_specs_apart():
    question = causal.Question("t", "y")
    specs = [
        causal.AnalysisSpec(question),
        causal.AnalysisSpec(question, method="weighting"),
        causal.AnalysisSpec(question, confidence=0.9),
        causal.AnalysisSpec(question, adjust_for=()),
        causal.AnalysisSpec(question, adjust_for=("a",)),
        causal.AnalysisSpec(question, cluster="user"),
        causal.AnalysisSpec(question, seed=1),
        causal.AnalysisSpec(question, terms=causal.Terms(squares=("a",))),
        causal.AnalysisSpec(question, terms=causal.Terms(treatment_by=("a",))),
        causal.AnalysisSpec(causal.Question("t", "y", target="treated")),
        causal.AnalysisSpec(causal.Question("t", "y", control=0, treated=1)),
        causal.AnalysisSpec(question, graph=graph()),
    ]
    assert len({spec.fingerprint for spec in specs}) == len(specs)
    for spec in specs:
        back = causal.AnalysisSpec.from_json(json.loads(json.dumps(spec.to_json())))
        assert back.fingerprint == spec.fingerprint


def test_options_as_a_mapping_and_as_their_dataclass_are_one_request():
    from causal.estimators.weighting import WeightingOptions

    question = causal.Question("t", "y")
    mapped = causal.AnalysisSpec(question, method="weighting", options={"trim": 0.1})
    named = causal.AnalysisSpec(question, method="weighting", options=WeightingOptions(trim=0.1))
    assert mapped.fingerprint == named.fingerprint
    assert causal.AnalysisSpec.from_json(mapped.to_json()) == named


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, float("nan"), "0.9"])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(OptionProblem, match=r"must lie between 0 and 1, for example 0\.95"):
        causal.AnalysisSpec(causal.Question("t", "y"), confidence=confidence)


def test_a_question_needs_two_columns_and_a_known_target():
    with pytest.raises(TreatmentProblem, match='"t" cannot be the treatment and the outcome at once'):
        causal.Question("t", "t")
    with pytest.raises(OptionProblem, match='"nobody" is not one of "everyone", "treated", "untreated", "overlap"'):
        causal.Question("t", "y", target="nobody")


def test_a_stored_analysis_answers_what_ifs_as_before():
    analysis = lalonde_answer("doubly_robust", "treated")
    document = json.loads(json.dumps(analysis_to_json(analysis), allow_nan=False))
    back = analysis_from_json(document, scores_to_arrays(analysis), causal.UnitTable.from_frame(lalonde()))
    assert causal.treat_share(back, [0.1, 0.5], "age") == causal.treat_share(analysis, [0.1, 0.5], "age")
    assert back.table_fingerprint == causal.UnitTable.from_frame(lalonde()).fingerprint


def test_a_stored_stock_analysis_keeps_its_missing_error():
    analysis = lalonde_answer("dowhy:backdoor.linear_regression")
    back = analysis_from_json(json.loads(json.dumps(analysis_to_json(analysis), allow_nan=False)))
    assert np.isnan(back.estimate.std_error)
    assert back.estimate.effect == analysis.estimate.effect
    assert back.notes == analysis.notes


def test_numpy_levels_survive_json():
    frame = VARIED.draw(np.random.default_rng(3), 300)
    question = causal.Question("t", "y", control=np.int64(0), treated=np.int64(1))
    analysis = answered(frame, graph(), question=question)
    assert json.dumps(analysis_to_json(analysis), allow_nan=False)


def test_the_books_covariates_are_all_in_the_balance_table():
    names = [row.name.split(":")[0] for row in nhefs_answer("weighting").balance.rows]
    assert set(names) == set(NHEFS)


def test_stratification_gives_its_table_of_strata():
    strata = lalonde_answer("stratification", strata=3).strata
    assert len(strata) == 3
    assert sum(each.control + each.treated for each in strata) == 614
    assert all(before.high < after.low for before, after in pairwise(strata))
    effect = np.average([each.effect for each in strata], weights=[each.control + each.treated for each in strata])
    assert lalonde_answer("stratification", strata=3).estimate.effect == pytest.approx(effect, rel=1e-10)


def test_an_interval_at_an_impossible_level_is_refused():
    with pytest.raises(OptionProblem, match="The confidence 95 must lie between 0 and 1"):
        lalonde_answer("weighting").estimate.interval(95)


def test_one_name_where_a_list_is_meant_is_refused():
    question = causal.Question("t", "y")
    with pytest.raises(OptionProblem, match=r'adjust_for is a list of column names: write \("age",\)'):
        causal.AnalysisSpec(question, adjust_for="age")
    with pytest.raises(OptionProblem, match=r'squares is a list of columns: write \("age",\)'):
        causal.Terms(squares="age")


def test_one_level_of_two_is_not_enough(frame):
    with pytest.raises(TreatmentProblem, match=r'names one level of "t" only.*Its levels are: 0, 1'):
        answered(frame, graph(), question=causal.Question("t", "y", treated=1))


def test_an_error_that_cannot_be_known_is_not_a_number_in_the_lift_too():
    analysis = lalonde_answer("dowhy:backdoor.linear_regression")
    assert np.isnan(analysis.estimate.std_error)
    assert np.isnan(analysis.estimate.lift_std_error)
    assert np.isnan(analysis.estimate.p_value)
