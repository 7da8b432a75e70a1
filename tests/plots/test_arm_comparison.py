"""The figures of arms and groups show the numbers of their nouns, and their titles say what is clear."""

from __future__ import annotations

import pytest

import causal
from causal.plots import arm_comparison, groups
from tests.effects.four_arms import draw
from tests.estimators.references import ask


@pytest.fixture(scope="module")
def comparison():
    spec = causal.AnalysisSpec(causal.Question("arm", "y"), adjust_for=("a", "b"))
    return causal.compare_arms(causal.UnitTable.from_frame(draw(0, 3_000)), spec)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_best_arm_stands_first_and_filled(comparison, narrow):
    shown = arm_comparison.arm_means(comparison, narrow=narrow)
    markers = [trace for trace in shown.data if trace.mode == "markers"]
    assert markers[0].name == "yellow"
    assert [trace.x[0] for trace in markers] == sorted((each.mean for each in comparison.arms), reverse=True)
    assert "yellow is clearly best" in shown.layout.title.text
    assert shown.layout.meta["alt"]


def test_the_matrix_says_each_pair_both_ways(comparison):
    rows = arm_comparison.matrix(comparison)
    assert len(rows) == 4 and all(len(row) == 5 for row in rows)
    assert rows[3]["blue"].startswith("▲ +") and rows[0]["yellow"].startswith("▼ −")
    assert len(arm_comparison.pair_rows(comparison)) == 6
    assert "2 of 3 arms differ clearly from blue" in arm_comparison.against_control(comparison).layout.title.text


def test_groups_are_shown_with_their_ends():
    frame = draw(0, 2_000)
    frame = frame[frame["arm"].isin(["blue", "yellow"])].assign(t=lambda each: (each["arm"] == "yellow").astype(int))
    found = causal.group_effects(ask(frame, "t", "y", ("a", "b"), "doubly_robust"), "a")
    shown = groups.groups(found, "y")
    assert sum(trace.mode == "markers" for trace in shown.data) == 4 == len(groups.rows(found))
    assert "between groups of a" in shown.layout.title.text
