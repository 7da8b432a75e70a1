"""Regions without overlap and the rules of trimming, in pictures and sentences."""

from __future__ import annotations

import pytest

import causal
from causal.checks.verdict import Verdict
from causal.effects.positivity import positivity
from causal.errors import OptionProblem
from causal.interventions.trimming import trimming_rules as tried
from causal.plots.overlap_regions import overlap_regions
from causal.plots.trimming import rule_rows, trimming_rules
from causal.wording import positivity as wording
from causal.wording.trimming import rule_sentence, rules_finding
from tests.effects.test_positivity import users
from tests.estimators.references import LALONDE, lalonde


def asked(frame, covariates, **question):
    spec = causal.AnalysisSpec(question=causal.Question(**question), adjust_for=covariates, method="weighting")
    return causal.UnitTable.from_frame(frame), spec


@pytest.fixture(scope="module")
def holed():
    return positivity(*asked(users(6_000, 1)[0], ("age", "platform", "activity"), treatment="t", outcome="y"))


@pytest.fixture(scope="module")
def rules():
    return tried(*asked(lalonde(), LALONDE, treatment="treat", outcome="re78"))


def test_it_says_for_how_many_units_nobody_is_comparable_and_who_they_are(holed):
    assert holed.regions.without_control == 132
    assert wording.positivity_finding(holed) == (
        "For 132 of 6,000 units (2.20 %) there is hardly a comparable one with t at 0: those with age below 20 and "
        "platform web."
    )


def test_a_rule_tells_its_counts_and_that_the_model_does_not_see_it(holed):
    told = wording.rule_sentence(holed, holed.regions.rules[0])
    assert "none are with t at 0" in told
    assert "did not find this rule it is none of" in told
    assert "does not see the gap" in told
    assert wording.agreement_sentence(holed).startswith(
        "The propensity model gives no unit a chance of an arm below 2 %"
    )


@pytest.mark.parametrize("narrow", [False, True])
def test_the_picture_shows_what_was_counted_beside_the_model(holed, narrow):
    shown = overlap_regions(holed, dark=narrow, narrow=narrow)
    names = [trace.name for trace in shown.data if trace.name]
    assert names == ["counted, with its upper bound", "by the propensity model"]
    assert "have hardly anybody to be compared with" in shown.layout.title.text.replace("<br>", " ")
    assert wording.positivity_rows(holed)[0]["of that arm"] == 0


def test_without_a_region_there_is_a_sentence_and_no_picture():
    frame, _ = users(2_000, 7, hole=False)
    found = positivity(*asked(frame, ("age", "platform"), treatment="t", outcome="y"))
    assert "No group that can be told by its covariates" in wording.positivity_finding(found)
    with pytest.raises(OptionProblem, match="No region without overlap was found"):
        overlap_regions(found)


def test_the_rules_of_lalonde_say_whom_they_hold_of():
    found = positivity(*asked(lalonde(), LALONDE, treatment="treat", outcome="re78"))
    assert "race other than black and re74 from 30 up" in wording.positivity_finding(found)
    assert wording.agreement_sentence(found).startswith(
        "36 units have a propensity below 2 % for an arm; the rules hold"
    )


@pytest.mark.parametrize(
    ("light", "then"), [("passed", "attention"), ("failed", "failed"), ("does_not_apply", "attention")]
)
def test_many_without_comparison_ask_for_a_second_look(holed, light, then):
    told = wording.with_regions(Verdict("overlap", light, "As it is."), holed)
    assert told.light == then
    assert told.sentence.startswith("As it is. For ")
    assert wording.with_regions(Verdict("overlap", light, "As it is."), None).light == light


def test_every_rule_has_its_row_with_all_units_on_top(rules):
    shown = trimming_rules(rules)
    assert sum(trace.mode == "markers" for trace in shown.data) == len(rules.rules)
    told = rule_rows(rules)
    assert told[0]["rule"] == "All units"
    assert told[3]["rule"].startswith("Crump's optimum, 0.09")
    assert "race: white" in told[1]["population"]
    assert trimming_rules(rules, dark=True, narrow=True).layout.height


def test_rules_say_what_they_change(rules):
    told = rule_sentence(rules, 2)
    assert told.startswith("Beyond 0.1 left out: 341 units (55.5 %) stay, ")
    assert "Those who stay differ from all in their means: race: white from 0.487" in told
    assert "narrowest is" in rules_finding(rules)
