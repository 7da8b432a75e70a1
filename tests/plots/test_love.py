from dataclasses import replace

import pytest

from causal.checks.balance import BalanceRow, BalanceTable
from causal.errors import OptionProblem
from causal.plots.love import ROWS_SHOWN, love_plot, rows
from tests.wording.simulated import analysis


def with_rows(*listed):
    return replace(analysis(), balance=BalanceTable(tuple(listed)))


def test_before_is_hollow_and_after_is_solid():
    before, after = love_plot(analysis()).data[:2]
    assert before.marker.symbol == "circle-open"
    assert set(after.marker.symbol) == {"circle"}


def test_the_most_unbalanced_before_stands_on_top():
    sizes = [abs(each) for each in love_plot(analysis()).data[0].x]
    assert sizes == sorted(sizes, reverse=True)
    assert rows(analysis())[0]["covariate"] == "age"


def test_thresholds_stand_at_a_tenth():
    lines = [each.x0 for each in love_plot(analysis()).layout.shapes if each.type == "line"]
    assert {-0.1, 0.1} <= set(lines)


def test_the_worst_is_named_in_the_title():
    title = love_plot(
        with_rows(BalanceRow("age", 0.9, 0.31, 1, 2), BalanceRow("sex", 0.2, 0.01, 1, 2))
    ).layout.title.text
    assert "1 of 2 differs by more than 0.1" in title.replace("<br>", " ")
    assert "0.31: age" in title.replace("<br>", " ")


def test_what_is_beyond_the_threshold_has_its_own_symbol():
    after = love_plot(with_rows(BalanceRow("age", 0.9, 0.31, 1, 2), BalanceRow("sex", 0.2, 0.01, 1, 2))).data[1]
    assert list(after.marker.symbol) == ["x", "circle"]


def test_a_method_without_weights_shows_before_only():
    shown = love_plot(with_rows(BalanceRow("age", 0.9, float("nan"), 1, 2)))
    assert [trace.name for trace in shown.data] == ["before"]
    assert "Before adjustment" in shown.layout.title.text
    assert rows(with_rows(BalanceRow("age", 0.9, float("nan"), 1, 2)))[0]["after"] is None


def test_a_method_that_adjusts_for_nothing_says_so():
    shown = love_plot(analysis("difference_in_means"))
    assert [trace.name for trace in shown.data] == ["before"]
    assert "Nothing is adjusted for" in shown.layout.title.text


def test_forty_rows_are_drawn_and_the_rest_counted():
    many = with_rows(*(BalanceRow(f"x{place}", place / 100, 0.0, 0, 0) for place in range(45)))
    shown = love_plot(many)
    assert len(shown.data[0].x) == ROWS_SHOWN
    assert "5 more" in shown.layout.xaxis.title.text.replace("<br>", " ")
    assert len(rows(many)) == 45


def test_infinite_differences_do_not_break_the_axis():
    shown = love_plot(with_rows(BalanceRow("flag", float("inf"), 0.0, 0, 1), BalanceRow("age", 0.4, 0.0, 0, 1)))
    low, high = shown.layout.xaxis.range
    assert -1 < low < high < 1


def test_nothing_to_balance_is_refused():
    with pytest.raises(OptionProblem, match="There are no covariates to balance: the answer adjusts for nothing"):
        love_plot(with_rows())
