"""What the page of who benefits says first, of curves made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from causal.effects.priority import PriorityCurve
from causal.effects.score_means import Measured
from causal.wording.benefit import benefit_finding

EFFECTS = cast(Any, SimpleNamespace(outcome="clicked", outcome_is_binary=True, unit=""))


def curve(fifth: Measured, autoc: Measured) -> PriorityCurve:
    return PriorityCurve((0.2, 1.0), (fifth, Measured(0.0, 0.0)), (fifth, fifth), fifth, autoc, autoc, 1000)


def test_a_fifth_that_is_not_clear_is_no_evidence_for_a_ranking_that_is() -> None:
    clear = benefit_finding(EFFECTS, curve(Measured(0.03, 0.01), Measured(0.02, 0.005)))
    assert clear.startswith("Units differ in what they gain in clicked, and it can be foretold: in the fifth")
    unclear = benefit_finding(EFFECTS, curve(Measured(0.02, 0.02), Measured(0.02, 0.005)))
    assert "(AUTOC +2 percentage points [1.02, 2.98])" in unclear
    assert "of the fifth ranked highest alone it is not clear: +2 percentage points [−1.92, 5.92]" in unclear
