"""The lights of one answer: few units, thin overlap, no interval; and their sentences."""

from __future__ import annotations

import pytest

from causal.checks.balance import BalanceRow, BalanceTable
from causal.checks.ledger import Ledger
from causal.checks.overlap import OverlapSummary
from causal.checks.verdicts import judge
from causal.estimators.estimate import Estimate, PerArm
from causal.estimators.registry import method_named


def verdicts(effective=(400, 400), sizes=(400, 400), beyond=0.0, std_error=1.0, rows=(), method="weighting"):
    spread = PerArm(1.0, 1.0)
    estimate = Estimate(5.0, std_error, int(sum(sizes)), PerArm(1.0, 6.0), spread, PerArm(*sizes))
    weighted = None if effective is None else PerArm(*effective)
    overlap = OverlapSummary(weighted, 0.0, None, None, beyond, None)
    found = judge(method_named(method), None, ("age",), BalanceTable(tuple(rows)), overlap, estimate)
    return {each.check: each for each in found}


def covariate(name, after):
    return BalanceRow(name, 0.5, after, 1.0, 2.0)


@pytest.mark.parametrize(
    ("case", "light", "words"),
    [
        ({}, "passed", "The control arm counts as 400 of its 400 units after weighting."),
        ({"effective": (199, 400)}, "attention", "counts as 199 of its 400 units after weighting. A small group"),
        ({"effective": (400, 201)}, "passed", "The treated arm counts as 201 of its 400 units"),
        ({"beyond": 0.11}, "attention", "11 % of the units had a chance of treatment below 10 % or above 90 %"),
        ({"beyond": 0.1}, "passed", "counts as"),
        ({"effective": (29, 400)}, "failed", "counts as 29 of its 400 units after weighting. So few say little"),
        ({"effective": (29, 29), "sizes": (30, 4000)}, "failed", "The control arm counts as 29 of its 30 units"),
        ({"effective": (29, 400), "sizes": (29, 400)}, "attention", "Only 29 units in the control arm: too few units"),
        ({"effective": (400, 4), "sizes": (400, 22)}, "failed", "Only 22 units in the treated arm: too few units to"),
        ({"effective": (400, 9), "sizes": (400, 9)}, "failed", "Only 9 units in the treated arm: too few units to"),
        ({"effective": (400, 1), "sizes": (400, 1)}, "failed", "Only 1 unit in the treated arm: too few units to"),
    ],
)
def test_the_light_of_overlap_follows_what_carries_the_answer(case, light, words):
    overlap = verdicts(**case)["overlap"]
    assert overlap.light == light
    assert words in overlap.sentence


def test_an_arm_too_small_to_judge_is_named_by_every_method_that_adjusts():
    small = {"effective": None, "sizes": (400, 12), "beyond": None}
    assert "Only 12 units in the treated arm" in verdicts(**small, method="regression")["overlap"].sentence
    assert verdicts(**small, method="difference_in_means")["overlap"].light == "does_not_apply"


def test_a_method_without_weights_still_tells_of_small_chances():
    assert verdicts(effective=None, beyond=0.3)["overlap"].light == "attention"
    assert verdicts(effective=None, beyond=None)["overlap"].light == "does_not_apply"


def test_an_answer_without_an_interval_is_at_most_tentative():
    bare = verdicts(std_error=float("nan"))
    assert bare["interval"].light == "attention"
    assert "no interval" in bare["interval"].sentence
    assert Ledger(tuple(bare.values())).standing == "tentative"
    assert "interval" not in verdicts()


@pytest.mark.parametrize(
    ("afters", "sentence"),
    [
        ((0.02,), 'The one difference is within 0.1 after adjustment; the largest is "x0" at 0.02.'),
        ((0.136,), 'The one difference exceeds 0.1 after adjustment; the worst is "x0" at 0.14.'),
        ((0.02, 0.001), 'All 2 differences are within 0.1 after adjustment; the largest is "x0" at 0.02.'),
        ((0.136, 0.0), '1 of 2 differences exceeds 0.1 after adjustment; the worst is "x0" at 0.14.'),
        ((0.136, 0.3), '2 of 2 differences exceed 0.1 after adjustment; the worst is "x1" at 0.30.'),
        ((0.102,), 'The one difference exceeds 0.1 after adjustment; the worst is "x0" at 0.102.'),
        ((0.001,), 'The one difference is within 0.1 after adjustment; the largest is "x0" at less than 0.01.'),
    ],
)
def test_balance_counts_its_differences_in_grammatical_words(afters, sentence):
    found = verdicts(rows=[covariate(f"x{place}", after) for place, after in enumerate(afters)])
    assert found["balance"].sentence == sentence
