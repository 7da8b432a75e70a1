from dataclasses import replace

import pytest

from causal.errors import OptionProblem
from causal.plots.strata import rows, strata
from tests.wording.simulated import analysis


def markers(shown):
    return [trace for trace in shown.data if trace.mode == "markers"]


def test_each_stratum_stands_at_its_effect():
    result = analysis("stratification")
    assert [trace.x[0] for trace in markers(strata(result))] == [each.effect for each in result.strata]
    assert [each["effect"] for each in rows(result)] == [each.effect for each in result.strata]


def test_a_stratum_that_points_the_other_way_is_a_square():
    result = analysis("stratification")
    first = replace(result.strata[0], treated_mean=result.strata[0].control_mean - 1)
    shown = strata(replace(result, strata=(first, *result.strata[1:])))
    assert [trace.marker.symbol for trace in markers(shown)] == ["square"] + ["circle"] * 4
    assert "in 4 of 5 strata, lower in the others" in shown.layout.title.text.replace("<br>", " ")


def test_a_method_without_strata_is_refused():
    with pytest.raises(OptionProblem, match="Doubly robust forms no strata, so there are none to draw"):
        strata(analysis())
