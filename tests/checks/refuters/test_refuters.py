"""Each refuter catches the fault it is for and is quiet on the others; 20 seeds each are in tests/bench/refuters.py."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.refuters.refutation import Refutation
from causal.checks.refuters.registry import REFUTERS
from causal.effects.refutation import NegativeControls, control_candidates, refute
from causal.errors import CovariateProblem, OptionProblem
from causal.wording.refutation import refutation_sentence
from tests.checks.refuters.planted import CATCHES, CONTROLS, FIRST, draw, refuted


@pytest.mark.parametrize("fault", CATCHES)
def test_each_fault_is_caught_by_what_is_for_it_and_by_nothing_else(fault):
    for seed in (0, 1):
        failed = {name for name, found in refuted(fault, seed).items() if found.light == "failed"}
        assert failed <= CATCHES[fault]
        assert FIRST[fault] is None or FIRST[fault] in failed


@pytest.mark.parametrize("method", ["doubly_robust", "weighting", "matching", "standardisation", "tmle"])
def test_a_sound_answer_stands_by_every_method(method):
    found = refuted("none", 0, 10, method)
    lights = {name: each.light for name, each in found.items()}
    assert lights.pop("resampled") == ("does_not_apply" if method == "matching" else "passed")
    assert set(lights.values()) <= {"passed", "attention"}


def test_whole_clusters_are_drawn_again_and_matching_says_why_no_unit_is():
    frame = draw("none", 8, 600)
    doubled = pd.concat([frame, frame], ignore_index=True).assign(user=np.tile(np.arange(len(frame)), 2))
    table, question = causal.UnitTable.from_frame(doubled), causal.Question("t", "y")
    spec = causal.AnalysisSpec(question, method="regression", adjust_for=("x", "g"))
    alone = refute(table, spec, ["resampled"], 100, processes=1)[0]
    whole = refute(table, dataclasses.replace(spec, cluster="user"), ["resampled"], 100, processes=1)[0]
    assert whole.light == alone.light == "passed"
    assert 0.8 < float(whole.detail) < 1.25 and 0.8 < float(alone.detail) < 1.25
    assert whole.effects.std() > 1.2 * alone.effects.std()  # each unit stands twice, which only clusters know
    matched = refute(table, dataclasses.replace(spec, method="matching"), ["resampled"], 10, processes=1)[0]
    assert "Abadie and Imbens" in refutation_sentence(matched, False)


def table_and_spec(fault="none", **changes):
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="regression", adjust_for=("x", "g"), **changes)
    return causal.UnitTable.from_frame(draw(fault, 3)), spec


def test_the_same_seed_gives_the_same_digits_in_any_number_of_processes():
    table, spec = table_and_spec()
    one, two = (refute(table, spec, ["placebo"], 10, processes=each)[0] for each in (1, 2))
    assert one == two
    other = refute(table, table_and_spec(seed=1)[1], ["placebo"], 10, processes=1)[0]
    assert other.trials != one.trials


def test_every_simulation_fits_the_nuisances_anew():
    table, spec = table_and_spec()
    found = refute(table, spec, ["random_cause", "subset"], 10, processes=1)
    for each in found:
        assert len({round(trial.effect, 12) for trial in each.trials}) == 10


def test_each_is_told_as_it_comes_with_progress_and_survives_json():
    table, spec = table_and_spec()
    told, shares = [], []
    found = refute(table, spec, simulations=10, controls=CONTROLS, processes=1, tell=told.append,
                   progress=lambda share, stage: shares.append(share))  # fmt: skip
    assert tuple(told) == found and [each.refuter for each in found] == [each.name for each in REFUTERS]
    assert shares == sorted(shares) and shares[-1] == 1
    for each in found:
        again = Refutation.from_json(json.loads(json.dumps(each.to_json(), allow_nan=False)))
        assert again.trials == each.trials and again.light == each.light


def test_without_controls_or_covariates_it_does_not_apply():
    table, _ = table_and_spec()
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="difference_in_means")
    lights = {each.refuter: each.light for each in refute(table, spec, simulations=10, processes=1)}
    assert [name for name, light in lights.items() if light == "does_not_apply"] == [
        "negative_outcome", "negative_exposure", "leave_out_covariate", "leave_out_segment",
    ]  # fmt: skip


def test_a_yes_or_no_outcome_in_clusters():
    frame = draw("none", 4)
    frame = frame.assign(y=(frame["y"] > 1).astype(int), user=np.arange(len(frame)) // 3)
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method="doubly_robust", adjust_for=("x", "g"), cluster="user")
    found = refute(causal.UnitTable.from_frame(frame), spec, simulations=10, processes=1)
    assert not [each.refuter for each in found if each.light == "failed"]


def test_controls_follow_the_graph():
    graph = causal.CausalGraph.from_edges(
        [
            ("x", "t"),
            ("x", "y"),
            ("t", "y"),
            ("g", "t"),
            ("g", "y"),
            ("x", "w"),
            ("t", "leak"),
            ("y", "leak"),
            ("x", "z"),
        ]
    )
    table = causal.UnitTable.from_frame(draw("none", 5))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), graph, "regression")
    assert control_candidates(table, spec, ("x", "g")) == (["w", "z"], ["z"])
    with pytest.raises(CovariateProblem, match='"t" changes "leak"'):
        refute(table, spec, controls=NegativeControls(outcome="leak"))
    with pytest.raises(CovariateProblem, match='"x" cannot be the negative control exposure'):
        refute(table, spec, controls=NegativeControls(exposure="x"))


def test_outcomes_are_limited_as_the_answer_limits_them():
    table = causal.UnitTable.from_frame(draw("outlier", 3))
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"), method="regression", adjust_for=("x", "g"), outcome_rule=causal.OutcomeRule()
    )
    found = refute(table, spec, ["leave_out_unit"], 10, processes=1)[0]
    assert found.expected == pytest.approx(causal.answer(table, spec).estimate.effect, rel=1e-12)
    assert found.light == "passed"
    assert causal.sensitivity(table, spec).coefficient.effect == pytest.approx(found.expected, rel=1e-9)


def test_what_does_not_fit_is_said():
    table, spec = table_and_spec()
    with pytest.raises(OptionProblem, match=r'no refuter "magic".*placebo'):
        refute(table, spec, ["magic"])
    with pytest.raises(OptionProblem, match="needs the whole table, and these tests change the units"):
        refute(table, dataclasses.replace(spec, method="dowhy:backdoor.linear_regression"))
    with pytest.raises(OptionProblem, match="10 to 1,000 simulations, not 3"):
        refute(table, spec, simulations=3)
    with pytest.raises(OptionProblem, match='has two levels; "g2" has 3'):
        frame = draw("none", 6)
        wider = causal.UnitTable.from_frame(pd.DataFrame({**frame, "g2": frame["g"]}))
        refute(wider, spec, controls=NegativeControls(exposure="g2"))
