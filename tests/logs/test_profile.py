from __future__ import annotations

import pytest

from causal.logs.profile import QUANTILES, ColumnProfile, profile
from causal.logs.reading import read_log


def profiles(text: str) -> dict[str, ColumnProfile]:
    return {each.name: each for each in profile(read_log(text.encode()))}


def test_numbers_have_range_quantiles_and_a_histogram_of_all_rows() -> None:
    one = profiles("x,k\n" + "".join(f"{i / 2},a\n" for i in range(101)) + ",b\n")["x"]
    assert (one.missing, one.distinct, one.minimum, one.maximum, one.mean) == (1, 101, 0.0, 50.0, 25.0)
    assert one.quantiles == pytest.approx([50 * each for each in QUANTILES])
    assert len(one.edges) == len(one.counts) + 1
    assert sum(one.counts) == 101


def test_categories_have_their_ten_most_frequent_levels_and_the_rest() -> None:
    text = "k,x\n" + "".join(f"level{i},1\n" * (i + 1) for i in range(12))
    one = profiles(text)["k"]
    assert one.levels[0] == "level11"
    assert one.counts[0] == 12
    assert (len(one.levels), one.others, one.distinct) == (10, 3, 12)


def test_times_are_drawn_as_seconds_and_named_as_dates() -> None:
    one = profiles("when,x\n1970-01-01 00:00:10,1\n1970-01-01 00:00:30,2\n")["when"]
    assert one.type == "time"
    assert (one.minimum, one.mean) == ("1970-01-01 00:00:10", 20.0)


def test_binary_and_empty_columns_are_counted() -> None:
    found = profiles("b,e,f\n1,,true\n0,,false\n1,,true\n")
    assert found["b"].levels == ("1", "0")
    assert found["f"].levels == ("True", "False")
    assert (found["e"].missing, found["e"].distinct) == (3, 0)
