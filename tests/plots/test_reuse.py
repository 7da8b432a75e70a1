from dataclasses import replace

import pytest

from causal.errors import OptionProblem
from causal.plots.reuse import reuse, rows
from tests.wording.simulated import analysis


def test_bars_are_the_units_by_how_often_they_serve():
    result = analysis("matching")
    shown = reuse(result)
    for trace, arm in zip(shown.data, ("control", "treated"), strict=True):
        assert list(trace.y) == [getattr(each, arm) for each in result.matches.reuse]
        assert list(trace.y) == [each[arm] for each in rows(result)]
    assert sum(sum(trace.y) for trace in shown.data) == result.matches.available == 1200
    assert "1,200 units have a match; " in shown.layout.title.text.replace("<br>", " ")


def test_the_title_counts_those_without_a_match():
    result = analysis("matching")
    fewer = replace(result, matches=replace(result.matches, matched=900, donors=880, busiest=1.0))
    title = reuse(fewer).layout.title.text.replace("<br>", " ")
    assert "900 of the 1,200 units have a match; 880 serve as one, none of them twice" in title


def test_a_hover_says_how_often():
    words = [trace.hovertext for trace in reuse(analysis("matching")).data]
    assert "serve no one as a match." in words[0][0].replace("<br>", " ")
    assert "serve once." in words[0][1].replace("<br>", " ")


def test_a_method_that_matches_no_units_is_refused():
    with pytest.raises(OptionProblem, match="Doubly robust matches no units"):
        reuse(analysis())
