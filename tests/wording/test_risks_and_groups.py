"""Risks and groups in words: the number needed to treat, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd

import causal
from causal.wording.groups import groups_finding, risk_rows, risk_sentence
from tests.estimators.designs import VARIED
from tests.estimators.references import ask


def risks(control_yes, treated_yes, size=1_000):
    y = np.concatenate([np.arange(size) < control_yes, np.arange(size) < treated_yes]).astype(int)
    analysis = ask(pd.DataFrame({"t": np.repeat([0, 1], size), "y": y}), "t", "y", (), "difference_in_means")
    return analysis, causal.risk_measures(analysis)


def test_how_many_to_treat_for_one_more_or_less():
    assert risk_sentence(*risks(100, 200)).startswith("One more yes in y for every 10 units with t at 1 instead of 0 (")
    assert risk_sentence(*risks(200, 100)).startswith("One less yes in y for every 10 units")


def test_a_risk_of_all_has_a_ratio_and_no_odds():
    rows = risk_rows(risks(500, 1_000)[1])
    assert rows[1]["value"] == "2.00"
    assert rows[2]["interval"] == "none: one of the risks is 0 or 1, or beyond"


def test_a_difference_that_may_be_nothing_has_no_number():
    sentence = risk_sentence(*risks(100, 103))
    assert sentence.startswith("How many to treat for one more yes in y cannot be told")
    assert " or " in risk_rows(risks(100, 103)[1])[3]["interval"]


def test_groups_that_differ_are_named_with_both_ends():
    analysis = ask(VARIED.draw(np.random.default_rng(1), 3_000), "t", "y", ("a", "b"), "doubly_robust")
    assert groups_finding(causal.group_effects(analysis, "a", 3)).startswith("The effect differs by a (p ")
    assert "does not clearly differ by b" in groups_finding(causal.group_effects(analysis, "b", 3))
