"""All lights together say how a headline may be read; an analyst may say otherwise, in writing."""

from __future__ import annotations

import pytest

from causal.checks.ledger import Ledger, Overruling
from causal.checks.verdict import Verdict
from causal.errors import OptionProblem


def ledger(*lights, overruling=None):
    return Ledger(
        tuple(Verdict(f"check {place}", light, "A sentence.") for place, light in enumerate(lights)), overruling
    )


@pytest.mark.parametrize(
    ("lights", "standing"),
    [
        (("passed", "passed"), "causal"),
        (("passed", "does_not_apply"), "causal"),
        (("does_not_apply",), "causal"),
        (("passed", "not_checked"), "tentative"),
        (("passed", "attention"), "tentative"),
        (("attention", "not_checked"), "tentative"),
        (("passed", "not_checked", "failed"), "do not use"),
        (("failed", "attention"), "do not use"),
    ],
)
def test_the_standing_is_that_of_the_worst_light_and_what_was_not_run_is_not_green(lights, standing):
    assert ledger(*lights).by_the_checks == ledger(*lights).standing == standing


def test_an_analyst_overrules_either_way_and_the_checks_stay_on_record():
    up = ledger("failed", overruling=Overruling("causal", "Drawn by lot, as the notes say.", "do not use"))
    down = ledger("passed", overruling=Overruling("do not use", "The log broke  on\nTuesday.", "causal"))
    assert (up.standing, up.by_the_checks) == ("causal", "do not use")
    assert (down.standing, down.by_the_checks) == ("do not use", "causal")
    assert down.overruling.reason == "The log broke on Tuesday."


def test_an_overruling_without_a_reason_is_refused():
    with pytest.raises(OptionProblem, match=r"a reason of 10 to 500 characters.*this one has 2"):
        Overruling("causal", "  ok ", "tentative")
    with pytest.raises(OptionProblem, match="this one has 501"):
        Overruling("causal", "x" * 501, "tentative")
    with pytest.raises(OptionProblem, match='"certain" is not one of "causal", "tentative", "do not use"'):
        Overruling("certain", "Because I say so.", "tentative")
