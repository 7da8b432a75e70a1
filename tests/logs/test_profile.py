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
    assert one.middle_day == "1970-01-01"
    assert profiles("when,x\n1970-01-01 00:00:10,1\n1970-01-01 00:00:30,2\n")["x"].middle_day is None


def test_binary_and_empty_columns_are_counted() -> None:
    found = profiles("b,e,f\n1,,true\n0,,false\n1,,true\n")
    assert found["b"].levels == ("1", "0")
    assert found["f"].levels == ("True", "False")
    assert (found["e"].missing, found["e"].distinct) == (3, 0)


def test_a_few_far_values_do_not_flatten_the_picture_and_are_counted_beyond_it() -> None:
    one = profiles("x,k\n" + "".join(f"{i},a\n" for i in range(1_000)) + "1234567,a\n-9000,a\n")["x"]
    assert (one.edges[0] < 10, one.edges[-1] > 990, one.edges[-1] < 1_000) == (True, True, True)
    assert sum(one.counts) + one.others == 1_002
    assert one.others == one.below + one.above
    assert (one.minimum, one.maximum) == (-9_000, 1_234_567)
    assert one.beyond == (
        f"Beyond the picture: {one.below} rows below, down to -9,000 and {one.above} rows above, up to 1.23457e+06."
    )


def test_a_picture_of_ordinary_numbers_or_of_nearly_one_value_leaves_nothing_out() -> None:
    found = profiles("x,y,k\n" + "".join(f"{i},0,a\n" for i in range(1_000)) + "5,7,b\n")
    assert [(each.below, each.above, each.beyond) for each in found.values()] == [(0, 0, "")] * 3


def test_texts_that_spell_numbers_are_drawn_as_numbers() -> None:
    one = profiles("x,k\n" + "".join(f"${i}.50,a\n" for i in range(99)) + "free,a\n")["x"]
    assert (one.type, one.missing, one.maximum) == ("numeric", 1, 98.5)
