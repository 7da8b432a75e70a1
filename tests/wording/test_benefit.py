"""What the page of who benefits says first, of curves made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from causal.effects.effect_differences import DifferenceTest, EffectDifferences
from causal.effects.effect_projection import EffectCurve
from causal.effects.priority import PriorityCurve
from causal.effects.score_means import Measured
from causal.wording import benefit as wording
from causal.wording.benefit import benefit_finding

EFFECTS = cast(Any, SimpleNamespace(outcome="clicked", outcome_is_binary=True, unit=""))


def curve(fifth: Measured, autoc: Measured) -> PriorityCurve:
    return PriorityCurve((0.2, 1.0), (fifth, Measured(0.0, 0.0)), (fifth, fifth), fifth, autoc, autoc, 1000)


def differences(ranking: float, columns: float = 0.5, rules: float = 0.5) -> EffectDifferences:
    told = {"ranking": ranking, "columns": columns, "rules": rules}
    return EffectDifferences(tuple(DifferenceTest(cast(Any, name), p, p) for name, p in told.items()), 0.95)


SHOWN, NOT_SHOWN = differences(0.001), differences(0.2)


def test_a_fifth_that_is_not_clear_is_no_evidence_for_a_ranking_that_is() -> None:
    clear = benefit_finding(EFFECTS, curve(Measured(0.03, 0.01), Measured(0.02, 0.005)), SHOWN)
    assert clear.startswith("Units differ in what they gain in clicked, and it can be foretold: in the fifth")
    unclear = benefit_finding(EFFECTS, curve(Measured(0.02, 0.02), Measured(0.02, 0.005)), SHOWN)
    assert "(AUTOC +2 percentage points [1.02, 2.98])" in unclear
    assert "of the fifth ranked highest alone it is not clear: +2 percentage points [−1.92, 5.92]" in unclear


def test_a_curve_that_is_clear_alone_says_nothing_where_the_tests_together_do_not() -> None:
    told = curve(Measured(0.03, 0.01), Measured(0.02, 0.005))
    assert benefit_finding(EFFECTS, told, NOT_SHOWN).startswith("No difference between units in what they gain")
    for title in (wording.toc_title(NOT_SHOWN), wording.gain_title(told, NOT_SHOWN)):
        assert "not shown to gain more" in title
    assert wording.gain_title(told, SHOWN) == "Treating by rank gains more than treating as many at random"


def test_differences_that_a_ranking_does_not_find_are_told_by_what_shows_them() -> None:
    told = benefit_finding(EFFECTS, curve(Measured(0.0, 0.01), Measured(0.0, 0.005)), differences(0.9, 0.001, 0.01))
    assert told.startswith("Units differ in what they gain in clicked, along the columns adjusted for and by rules")
    assert "finds those who gain more is not shown" in told


def test_a_curve_counts_how_many_there_are_to_look_at() -> None:
    one = EffectCurve("age", (1.0, 2.0), (Measured(0.0, 1.0), Measured(0.1, 1.0)), Measured(0.1, 0.045), 0.05, 1, 100)
    assert wording.curve_title(one, SHOWN, 1) == "The effect rises with age"
    assert wording.curve_title(one, SHOWN, 3) == "The effect is not shown to change over age"
    assert wording.curve_title(one, NOT_SHOWN, 1) == "The effect is not shown to change over age"
