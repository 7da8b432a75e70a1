"""A result told to somebody who is no analyst: within the answer's facts, and no surer than its ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

import causal
from causal.checks.ledger import Ledger
from causal.checks.verdict import Verdict
from causal.logs.samples import sample_named
from causal.text.fact_guard import guard_text
from causal.wording.explanation import explanation, result_facts
from causal.wording.sentences import headline

LIGHTS = {"causal": "passed", "tentative": "not_checked", "do not use": "failed"}


@pytest.fixture(scope="module", params=["classic", "shop"])
def analysis(request):
    sample = sample_named(request.param)
    table = causal.build_units(causal.open_sample(sample.name), sample.recipe)
    graph = causal.CausalGraph.parse(sample.graph_text)
    return causal.answer(table, causal.AnalysisSpec(causal.Question(**sample.question), graph=graph))


@pytest.fixture(params=LIGHTS)
def standing(request, analysis):
    verdict = Verdict("refuters", LIGHTS[request.param], "Said by the test.")
    held = replace(analysis, ledger=Ledger((*analysis.verdicts, verdict)))
    assert held.standing == request.param
    return held


def test_the_chinese_form_keeps_to_the_facts_however_the_answer_stands(standing):
    text = explanation(standing, "zh")
    assert guard_text(text, result_facts(standing, "zh")).reason == ""
    other = {"causal": "tentative", "tentative": "causal", "do not use": "causal"}[standing.standing]
    assert text != explanation(replace(standing, ledger=None), "zh") or other == "tentative"


def test_the_english_form_says_the_headline_first(standing):
    assert explanation(standing).startswith(headline(standing))


def test_the_headline_is_within_the_facts(standing):
    if standing.standing != "do not use":  # it says what failed
        assert guard_text(headline(standing), result_facts(standing)).reason == ""


def test_the_other_direction_is_not(standing):
    text = f"{standing.spec.question.treatment.capitalize()} seems to lower {standing.spec.question.outcome}."
    assert "not the direction" in guard_text(text, result_facts(standing)).reason


def test_an_answer_without_a_direction_says_so(analysis):
    estimate = replace(analysis.estimate, std_error=10 * abs(analysis.estimate.effect))
    unclear = replace(analysis, estimate=estimate)
    text = explanation(unclear, "zh")
    assert "无法判断" in text
    assert guard_text(text, result_facts(unclear, "zh")).reason == ""
