"""The trust ledger: each light reaches each of its states from what was found, and the headline follows."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.graph_fit import graph_fit
from causal.checks.ledger import OverlapJudgement, Overruling
from causal.checks.refuters.refutation import Refutation
from causal.checks.verdicts import judge
from causal.effects.specification_curve import specification_curve
from causal.effects.specifications import Choices, OutcomeDefinition, Population
from causal.wording import sentences
from causal.wording.evidence import Evidence, trust_ledger, with_ledger
from causal.wording.ledger import TITLES, ledger_finding, ledger_rows
from tests.wording.simulated import analysis, table

PASSED = (Refutation("placebo", "passed", "as expected", 0.0), Refutation("subset", "passed", "as expected", 5.0))
OVERRULING = Overruling("causal", "Drawn by lot, as the release notes say.", "tentative")


def refuted(light):
    return (*PASSED, Refutation("simulated_outcome", light, "biased", 1.0))


@cache
def weighed(method="doubly_robust", effect=5.0):
    found = analysis(method, effect)
    return causal.sensitivity(table(effect), found.spec)


@cache
def fit(extra=()):
    """The data against the study's graph with some arrows taken out; none of the covariates cause each other."""
    graph = analysis().spec.graph
    for left, right in extra:
        graph = graph.without_edge(left, right)
    return graph_fit(table(), graph)


def light(name, result, **evidence):
    (found,) = [each for each in trust_ledger(result, Evidence(**evidence)).verdicts if each.check == name]
    return found.light


@cache
def tried():
    """The curve of a few specifications."""
    choices = Choices(
        (Population(),), (OutcomeDefinition("engagement"),), (("activity", "age", "gender"),),
        ("doubly_robust", "regression", "weighting"),
    )  # fmt: skip
    return specification_curve(table(), analysis().spec, choices, 20)


def everything(result):
    return Evidence(refutations=PASSED, sensitivity=weighed(), curve=tried(), graph_fit=fit())


def test_when_all_lights_are_green_the_headline_is_causal():
    result = with_ledger(analysis(), everything(analysis()))
    assert {each.light for each in result.ledger.verdicts} == {"passed"}
    assert result.standing == "causal"
    assert sentences.headline(result).startswith("Algorithm (new instead of old) raises engagement by")
    assert ledger_finding(result.ledger) == "Causal. All 7 checks that apply hold."


def test_a_graph_without_causes_makes_no_confounded_difference_causal():
    """The table holds what decides both, the graph does not: every test that a refit can make is passed."""
    question = causal.Question("algorithm", "engagement", control="old", treated="new")
    spec = causal.AnalysisSpec(question, causal.CausalGraph.from_edges([("algorithm", "engagement")]))
    result = causal.answer(table(), spec)
    evidence = Evidence(
        refutations=PASSED, sensitivity=causal.sensitivity(table(), spec), curve=tried(), graph_fit=fit()
    )
    assert light("hidden cause", result, sensitivity=evidence.sensitivity) == "attention"
    assert with_ledger(result, evidence).standing == "tentative"


@pytest.mark.parametrize("missing", ["refutations", "sensitivity", "curve", "graph_fit"])
def test_what_was_not_run_is_said_and_is_not_green(missing):
    result = with_ledger(analysis(), replace(everything(analysis()), **{missing: None}))
    (open_light,) = result.ledger.of_light("not_checked")
    assert result.standing == "tentative"
    assert sentences.headline(result).startswith("Tentative: algorithm (new instead of old) seems to raise")
    assert ledger_finding(result.ledger) == f"Tentative. Not yet checked: {TITLES[open_light.check].lower()}."
    assert {row["light"] for row in ledger_rows(result.ledger)} == {"holds", "not yet checked"}


def test_identification_reaches_each_light():
    assert light("identification", analysis()) == "passed"
    own = replace(analysis().spec, graph=None, adjust_for=("age",))
    assert light("identification", causal.answer(table(), own)) == "attention"
    plain = replace(analysis().spec, method="difference_in_means")
    assert light("identification", causal.answer(table(), plain)) == "failed"


def test_balance_reaches_each_light():
    found, lights = analysis(), []
    for after in (0.01, 0.2, 0.4):
        moved = replace(found.balance, rows=tuple(replace(row, after=after) for row in found.balance.rows))
        told = judge(found.method, found.estimand, found.adjust_for, moved, found.overlap, found.estimate)
        lights.append(light("balance", replace(found, verdicts=told)))
    assert lights == ["passed", "attention", "failed"]
    alone = causal.AnalysisSpec(analysis().spec.question, adjust_for=(), method="difference_in_means")
    assert light("balance", causal.answer(table(), alone)) == "does_not_apply"


def test_overlap_reaches_each_light_and_the_analyst_can_put_it_out():
    rng = np.random.default_rng(20_261_126)
    seen = {}
    for strength in (0.5, 2.5, 5.0):
        x = rng.normal(size=600)
        t = (rng.random(600) < 1 / (1 + np.exp(-strength * x))).astype(int)
        units = causal.UnitTable.from_frame(pd.DataFrame({"x": x, "t": t, "y": x + t + rng.normal(size=600)}))
        spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("x",), method="weighting")
        seen[strength] = causal.answer(units, spec)
    assert [light("overlap", each) for each in seen.values()] == ["passed", "attention", "failed"]
    assert light("overlap", seen[0.5], overlap_judgement=OverlapJudgement(False, "Too few are alike.")) == "failed"
    assert light("overlap", seen[2.5], overlap_judgement=OverlapJudgement(True, "All ages are in both.")) == "attention"
    assert light("overlap", analysis("difference_in_means")) == "does_not_apply"


def test_the_refuters_reach_each_light():
    assert light("refuters", analysis()) == "not_checked"
    lights = [light("refuters", analysis(), refutations=refuted(each)) for each in ("passed", "attention", "failed")]
    assert lights == ["passed", "attention", "failed"]
    nothing = (Refutation("placebo", "does_not_apply", "no answer"),)
    assert light("refuters", analysis(), refutations=nothing) == "does_not_apply"


def test_hidden_causes_reach_each_light():
    assert light("hidden cause", analysis()) == "not_checked"
    assert light("hidden cause", analysis(), sensitivity=weighed()) == "passed"
    fragile = replace(weighed(), coefficient=replace(weighed().coefficient, effect=0.5))
    assert light("hidden cause", analysis(), sensitivity=fragile) == "attention"
    nothing = replace(weighed(), coefficient=replace(weighed().coefficient, effect=0.0), risk_ratio=None)
    assert light("hidden cause", analysis(), sensitivity=nothing) == "does_not_apply"


def test_the_specification_curve_reaches_each_light():
    name, found = "specification curve", tried()
    assert light(name, analysis()) == "not_checked"
    assert light(name, analysis(), curve=replace(found, answers=found.answers[:2])) == "not_checked"
    assert light(name, analysis(), curve=found) == "passed"

    def turned(*places):
        answers = tuple(
            replace(each, effect=-each.effect, low=-each.high, high=-each.low) if each.place in places else each
            for each in found.answers
        )
        return light(name, analysis(), curve=replace(found, answers=answers))

    assert (turned(2), turned(1, 2)) == ("attention", "failed")
    assert light(name, analysis("difference_in_means")) == "does_not_apply"


def test_the_graph_reaches_each_light():
    assert light("graph", analysis()) == "not_checked"
    assert light("graph", analysis(), graph_fit=fit()) == "passed"
    broken = fit((("age", "algorithm"), ("age", "engagement")))
    assert light("graph", analysis(), graph_fit=broken) == "attention"
    bare = causal.answer(table(), replace(analysis().spec, graph=None, adjust_for=("age",)))
    assert light("graph", bare) == "does_not_apply"


def test_a_failed_light_names_itself_in_the_headline():
    result = with_ledger(analysis(), replace(everything(analysis()), refutations=refuted("failed")))
    told = sentences.headline(result)
    assert told.startswith("Not an effect to act on: engagement is ") and told.endswith("; the refuters check failed.")
    assert ledger_finding(result.ledger) == "Do not use. Failed: refuters."


def test_a_written_reason_overrules_and_stands_in_the_headline():
    result = with_ledger(analysis(), Evidence(), OVERRULING)
    told = sentences.headline(result)
    assert told.startswith("Algorithm (new instead of old) raises engagement by")
    assert told.endswith("The analyst overrules the checks, which said “tentative”: " + OVERRULING.reason)
    aside = with_ledger(analysis(), everything(analysis()), replace(OVERRULING, standing="do not use"))
    assert "; the analyst sets it aside. The analyst overrules the checks" in sentences.headline(aside)
    assert "raise" not in sentences.finding(aside)


def test_trimming_changes_the_population_and_the_headline_names_it():
    spec = replace(analysis("weighting").spec, options={"trim": 0.2})
    result = causal.answer(table(), spec)
    assert 0 < result.overlap.share_trimmed < 1
    assert "for everyone left after trimming" in sentences.headline(with_ledger(result, everything(result)))
    assert "left after trimming" not in sentences.headline(analysis("weighting"))


def test_without_an_interval_the_standing_is_tentative_at_most_unless_someone_vouches():
    bare = replace(analysis(), estimate=replace(analysis().estimate, std_error=math.nan))
    assert with_ledger(bare, everything(bare)).standing == "tentative"
    assert with_ledger(bare, everything(bare), OVERRULING).standing == "causal"
