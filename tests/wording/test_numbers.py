import math

import pytest

from causal.wording.numbers import (
    all_digits,
    change_text,
    count,
    counted,
    deviations,
    interval,
    mean_text,
    number,
    percent,
    plural,
    points,
    remainder,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0234, "5.02"),
        (-0.03124, "−0.0312"),
        (9.996, "10.0"),
        (999.6, "1,000"),
        (1214.0712, "1,214"),
        (15992, "15,992"),
        (1234567.8, "1,234,568"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.00001234, "0.0000123"),
        (1.234e-9, "1.23 × 10⁻⁹"),
        (-2e20, "−2.00 × 10²⁰"),
        (math.nan, "–"),
        (None, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert number(value) == text


def test_signs_and_units_are_shown_when_asked_for():
    assert number(5.0234, unit="minutes", signed=True) == "+5.02 minutes"
    assert number(-5.0234, signed=True) == "−5.02"
    assert number(0.0, signed=True) == "0"
    assert number(5.0234, digits=5) == "5.0234"


def test_per_cent_and_percentage_points_are_told_apart():
    assert percent(0.1234) == "12.3 %"
    assert percent(0.5) == "50 %"
    assert percent(0.00012) == "0.0120 %"
    assert percent(-0.25, signed=True) == "−25 %"
    assert points(0.0502, signed=True) == "+5.02 percentage points"
    assert points(-0.0502, short=True) == "−5.02 pp"
    assert percent(math.nan) == points(None) == "–"


def test_intervals_stand_in_brackets():
    assert interval(2.4912, 4.3971) == "[2.49, 4.40]"
    assert interval(-0.05, 0.0123, binary=True) == "[−5.00, 1.23]"


def test_where_there_is_no_interval_it_says_none():
    assert interval(math.nan, math.nan) == "none"


def test_means_and_changes_follow_the_kind_of_outcome():
    assert mean_text(0.351, True) == "35.1 %"
    assert mean_text(0.351, False) == "0.351"
    assert change_text(0.021, True) == "+2.10 percentage points"
    assert change_text(-2.1, False) == "−2.10"
    assert change_text(2.1, False, signed=False) == "2.10"


def test_counts_are_grouped_and_whole():
    assert count(1207.6) == "1,208"
    assert count(math.nan) == "–"


def test_one_thing_is_singular():
    assert counted(1, "unit") == "1 unit" and counted(0.9, "unit") == "1 unit"
    assert counted(2611, "unit") == "2,611 units" and counted(0, "unit") == "0 units"
    assert counted(2, "category", "categories") == "2 categories"
    assert (plural(1, "is", "are"), plural(2, "is", "are")) == ("is", "are")


def test_standardised_differences_have_two_decimals():
    assert deviations(-0.836) == "0.84"
    assert deviations(0.0007) == "< 0.01"
    assert deviations(0.0) == "0.00"
    assert deviations(math.inf) == "∞"
    assert (deviations(0.1), deviations(0.102), deviations(-0.102)) == ("0.10", "0.102", "0.102")


@pytest.mark.parametrize(
    ("whole", "part", "binary", "text"),
    [
        (61.54, 20.16, False, "+41.3"),
        (5.0, 8.004, False, "−3.00"),
        (1214.07, 24.63, False, "+1,189.4"),
        (-0.5, 0.25, False, "−0.750"),
        (0.0615, 0.0202, True, "+4.13 percentage points"),
        (1e20, 5e19, False, "+5.00 × 10¹⁹"),
        (2.0, 2.0, False, "0.00"),
    ],
)
def test_parts_add_up_as_they_are_shown(whole, part, binary, text):
    assert remainder(whole, part, binary) == text


def test_all_digits_round_trip():
    value = 0.1 + 0.2
    assert float(all_digits(value)) == value
    assert all_digits(-1.5) == "−1.5"
