from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.logs.number_text import numbers_in, read_as_numbers, unit_of


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["$1.00", "-$2.50", "($3.25)", "$1,234.50"], [1, -2.5, -3.25, 1234.5]),
        (["3,50 €", "1.234 €", "EUR 12,00"], [3.5, 1234, 12]),
        (["12 %", "7.5%", "-3 %"], [12, 7.5, -3]),
        (["1 234", "1\u202f234,5", "1'000"], [1234, 1234.5, 1000]),
        (["R$ 5,20", "kr 7,10", "1.5e3"], [5.2, 7.1, 1500]),
        (["k.A.", "", None, "1 2 3", "1.2.3", "12a", "2024-01-02", "inf", "--5"], [np.nan] * 9),
    ],
)
def test_numbers_are_found_as_people_write_them(texts: list[str | None], numbers: list[float]) -> None:
    np.testing.assert_array_equal(numbers_in(pd.Series(texts)), numbers)


def test_one_unmistakable_value_decides_the_columns_decimal_mark() -> None:
    np.testing.assert_array_equal(numbers_in(pd.Series(["1,234", "0,5", "2.500"])), [1.234, 0.5, 2500])
    np.testing.assert_array_equal(numbers_in(pd.Series(["1,234", "0.5", "2.500"])), [1234, 0.5, 2.5])


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        (["$1.00"] * 19 + ["free"], True),
        (["$1.00"] * 18 + ["free", "gift"], False),
        (["1,5"] * 5 + ["k.A."] * 50, True),
        (["1,234", "2,345"], False),
        (["1.234 €", "2.345 €"], False),
        (["$1.00", "2.00 €"], False),
        (["12 %", "0.5"], False),
        (["12 %", "0"], True),
        (["007", "123"], False),
        (["unknown", "-"], False),
    ],
)
def test_a_column_is_numbers_only_beyond_doubt(texts: list[str], verdict: bool) -> None:
    assert read_as_numbers(pd.Series(texts)) is verdict


def test_a_unit_is_named_where_there_is_one() -> None:
    assert unit_of(["3 €", "4", "free"]) == "€"
    assert unit_of(["3 €", "$4"]) is None
