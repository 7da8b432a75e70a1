from dataclasses import replace

import pytest

from causal.errors import OptionProblem
from causal.plots.overlap import overlap, rows
from tests.wording.simulated import analysis


def test_treated_stand_above_the_line_and_control_below():
    treated, control = overlap(analysis()).data
    assert min(treated.y) >= 0 >= max(control.y)
    assert sum(treated.y) == pytest.approx(100) and sum(control.y) == pytest.approx(-100)


def test_arms_differ_in_pattern_as_well_as_colour():
    treated, control = overlap(analysis()).data
    assert treated.marker.pattern.shape != control.marker.pattern.shape
    assert (treated.name, control.name) == ("with new", "with old")


def test_the_table_counts_every_unit():
    sizes = analysis().estimate.arm_sizes
    table = rows(analysis())
    assert sum(each["treated"] for each in table) == sizes.treated
    assert sum(each["control"] for each in table) == sizes.control


def test_the_title_gives_the_share_with_little_chance():
    result = analysis()
    none = replace(result, overlap=replace(result.overlap, share_beyond=0.0))
    some = replace(result, overlap=replace(result.overlap, share_beyond=0.25))
    assert "between 10 &#37; and 90 &#37;" in overlap(none).layout.title.text.replace("<br>", " ")
    assert "25 &#37; of the units" in overlap(some).layout.title.text.replace("<br>", " ")


def test_a_method_without_a_propensity_is_refused():
    with pytest.raises(OptionProblem, match="Regression fits no propensity, so there is no overlap to draw"):
        overlap(analysis("regression"))
