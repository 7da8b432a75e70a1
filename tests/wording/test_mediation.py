from dataclasses import replace

import pytest

from causal.wording import mediation
from tests.wording.split import through_mediator


def test_both_parts_and_the_share_are_told():
    result = through_mediator()
    sentence = mediation.parts_sentence(result)
    assert sentence.startswith("Of the whole change of +5.85 in minutes, +2.96")
    assert "goes through prominence" in sentence and "goes around it (95 % intervals)" in sentence
    assert "The share through prominence is, on average over both levels of the treatment, " in sentence
    assert "Were the rest as under control, prominence would carry" in mediation.interaction_sentence(result)
    assert mediation.interaction_sentence(through_mediator(interaction=False)) == ""


def test_the_title_says_which_part_is_clear():
    assert "goes through prominence" in mediation.parts_finding(through_mediator())
    assert mediation.parts_finding(through_mediator(carried=0.0)).startswith("No clear part of the effect goes through")
    assert "pp" in mediation.parts_finding(through_mediator(binary=True))


def test_a_share_of_an_effect_that_may_be_zero_is_not_told():
    result = through_mediator()
    found = result.mediation
    unclear = replace(found, total=replace(found.total, effect=0.01, std_error=0.1))
    sentence = mediation.share_sentence(replace(result, mediation=unclear))
    assert sentence == "What share that is cannot be said, as the whole effect may be zero."


def test_parts_that_pull_in_opposite_directions_are_told():
    assert "pull in opposite directions" in mediation.share_sentence(through_mediator(carried=-1.0))


def test_what_a_hidden_cause_would_have_to_do_is_told_or_left_out():
    sentence = mediation.hidden_cause_sentence(through_mediator())
    assert sentence.startswith("A hidden cause of prominence and minutes that makes what is left of both correlate by")
    assert mediation.hidden_cause_sentence(through_mediator(binary=True)) == ""
    with pytest.raises(Exception, match="Doubly robust splits no effect"):
        from tests.wording.simulated import analysis

        mediation.parts_sentence(analysis())
