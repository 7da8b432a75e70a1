import dataclasses

import numpy as np
import pytest

from causal.checks.hidden_causes.e_value import from_difference
from causal.plots.sensitivity import rows, sensitivity_contour
from causal.wording.sensitivity import (
    bound_sentence,
    debiased_sentence,
    e_value_sentence,
    finding,
    hidden_cause_verdict,
    matched_sentence,
    odds_sentence,
    regression_caption,
    worst_case_sentence,
)
from tests.effects.test_sensitivity import darfur_weighed, weighed
from tests.estimators.designs import LINEAR


@pytest.fixture(scope="module")
def found():
    return weighed(LINEAR.draw(np.random.default_rng(1), 600), "t", "y", ("a", "b"), method="weighting")


def test_benchmarks_stand_where_their_partial_r2_say_and_the_zero_line_is_drawn():
    found = darfur_weighed()
    shown = found.bounds
    picture = sensitivity_contour(found, shown)
    marks = picture.data[-1]
    assert list(marks.x) == [100 * each.partial_r2_treatment for each in shown]
    assert list(marks.y) == [100 * each.partial_r2_outcome for each in shown]
    assert [each.contours.start for each in picture.data if each.type == "contour"][-1] == 0
    assert "3 times as strong as female would be enough" in picture.layout.title.text.replace("<br>", " ")
    assert picture.data[0].z[0][0] == pytest.approx(found.coefficient.effect)


def test_the_table_has_a_row_per_benchmark():
    found = darfur_weighed()
    assert [each["hidden cause"] for each in rows(found, found.bounds)] == ["1× female", "2× female", "3× female"]
    assert len(rows(found, ())) == 2


def test_the_tipping_point_in_words():
    found = darfur_weighed()
    assert finding(found).startswith(
        "A hidden cause would have to explain 13.9 % of what is left of both directlyharmed and peacefactor to undo "
        "the effect, and 7.63 % to make it unclear. One as strong as village would be enough"
    )
    assert bound_sentence(found, found.bounds[0]).endswith("left of the effect would be +0.0752 [0.0323, 0.118].")
    assert "explains 2.19 % of what the covariates leave" in regression_caption(found)


def test_the_light_hangs_on_the_strongest_covariate(found):
    assert hidden_cause_verdict(darfur_weighed()).light == "attention"
    verdict = hidden_cause_verdict(found)
    assert verdict.light == ("passed" if found.strongest.leaves_it_clear else "attention")
    assert verdict.check == "hidden cause"
    unclear = dataclasses.replace(
        found, coefficient=dataclasses.replace(found.coefficient, effect=0.0), risk_ratio=from_difference(0.0, 1.0, 1.0)
    )
    assert hidden_cause_verdict(unclear).light == "does_not_apply"


def test_a_clear_effect_with_no_covariate_to_compare_a_hidden_cause_with_asks_for_a_second_look():
    nothing = weighed(LINEAR.draw(np.random.default_rng(1), 600), "t", "y", (), method="difference_in_means")
    verdict = hidden_cause_verdict(nothing)
    assert verdict.light == "attention"
    assert verdict.sentence.endswith("no covariate says how strong one could be: causal only if treatment was random.")


def test_a_clear_answer_beside_an_unclear_regression_asks_for_a_second_look(found):
    unclear = dataclasses.replace(
        found, coefficient=dataclasses.replace(found.coefficient, effect=0.0), risk_ratio=from_difference(1.0, 0.1, 1.0)
    )
    verdict = hidden_cause_verdict(unclear)
    assert verdict.light == "attention"
    assert verdict.sentence.startswith("The answer is clear, but regression on the same covariates is not")


def test_other_measures_are_said_where_they_apply(found):
    assert "reaches zero if odds of treatment are off by a factor of" in odds_sentence(found)
    assert "leaves zero out up to a factor of" in odds_sentence(found) and "200 samples drawn" in odds_sentence(found)
    assert matched_sentence(found) == "" and debiased_sentence(found) == ""
    assert e_value_sentence(found).startswith("About a risk ratio of")
    assert "Whatever decided who was treated" in worst_case_sentence(found)


def test_a_doubly_robust_estimate_is_bounded_itself():
    both = weighed(LINEAR.draw(np.random.default_rng(1), 600), "t", "y", ("a", "b"), method="doubly_robust")
    told = debiased_sentence(both)
    assert told.startswith("For the estimate itself: a hidden cause that explains ")
    assert "would undo it, and" in told and "One that adds as much as " in told and "95 % limits [" in told
