"""Risks and groups in words: the number needed to treat, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd

import causal
from causal.wording.groups import groups_finding, risk_rows, risk_sentence, risk_warning
from tests.estimators.designs import VARIED
from tests.estimators.references import ask


def risks(control_yes, treated_yes, size=1_000):
    y = np.concatenate([np.arange(size) < control_yes, np.arange(size) < treated_yes]).astype(int)
    analysis = ask(pd.DataFrame({"t": np.repeat([0, 1], size), "y": y}), "t", "y", (), "difference_in_means")
    return analysis, causal.risk_measures(analysis)


def test_how_many_to_treat_for_one_more_or_less():
    assert risk_sentence(*risks(100, 200)).startswith("One more yes in y for every 10 units with t at 1 instead of 0 (")
    assert risk_sentence(*risks(200, 100)).startswith("One less yes in y for every 10 units")


def test_ten_is_ten_though_its_last_digit_is_not():
    """1 / (1.0 - 0.9) is 10.000000000000002, which rounds up to 11."""
    assert risk_sentence(*risks(1_000, 900)).startswith("One less yes in y for every 10 units")
    assert "for every unit with t at 1" in risk_sentence(*risks(0, 1_000))


def test_the_table_gives_the_direction_in_words_and_the_number_without_a_sign():
    less = risk_rows(risks(200, 100)[1])[3]
    assert (less["measure"], less["value"]) == ("Number needed to treat for one less", "10.0")
    assert "−" not in less["interval"]
    assert risk_rows(risks(100, 200)[1])[3]["measure"] == "Number needed to treat for one more"
    unclear = risk_rows(risks(100, 103)[1])[3]["interval"]
    assert unclear.count("to ∞") == 2 and "for one more, or " in unclear and unclear.endswith("for one less")


def test_an_arm_without_a_yes_is_not_taken_for_certain_in_silence():
    assert risk_warning(*risks(0, 9, 50)) == (
        "None of the 50 units with t at 0 have a yes in y. The intervals take that for certain; so many units alone "
        "would not rule out 7.11 % with one."
    )
    assert risk_warning(*risks(9, 50, 50)).startswith("All of the 50 units with t at 1 have a yes in y.")
    assert risk_warning(*risks(9, 12, 50)) == ""


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
