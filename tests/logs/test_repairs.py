from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.logs.repairs import (
    says_total,
    sentinels_in,
    spellings_in,
    total_row,
    with_one_spelling,
    without_sentinels,
    without_total_row,
)


def orders(rows: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "customer": [f"c{each:04d}" for each in range(rows)],
            "amount": rng.gamma(2, 10, rows).round(2),
            "clicks": rng.integers(0, 9, rows),
        }
    )


def with_last(frame: pd.DataFrame, *values: object) -> pd.DataFrame:
    return pd.concat([frame, pd.DataFrame([values], columns=frame.columns)], ignore_index=True)


@pytest.mark.parametrize(
    ("sentinel", "others", "found"),
    [
        (-1, range(16, 70), (-1.0,)),
        (-1, range(-5, 70), ()),
        (-999, range(-50, 50), (-999.0,)),
        (9999, range(100), (9999.0,)),
        (99, range(110), ()),
    ],
)
def test_sentinels_stand_apart_from_all_other_values(sentinel: int, others: range, found: tuple[float, ...]) -> None:
    values = pd.Series([*others, *[sentinel] * 5])
    assert sentinels_in(values) == found
    assert without_sentinels(values).isna().sum() == (5 if found else 0)


def test_the_most_frequent_spelling_stands_for_all() -> None:
    values = pd.Series(["Ja", "ja", "ja", " JA ", "nein", None, "New  York", "new york", "New  York"])
    assert spellings_in(values) == {"Ja": "ja", " JA ": "ja", "new york": "New  York"}
    assert with_one_spelling(values).dropna().unique().tolist() == ["ja", "nein", "New  York"]
    assert with_one_spelling(values).isna().sum() == 1


@pytest.mark.parametrize("word", ["Summe", "TOTAL", "Gesamt:", "Insgesamt", "Grand total", "Total général", "Suma"])
def test_a_last_row_that_says_total_is_one(word: str) -> None:
    frame = with_last(orders(), word, 12_345.0, None)
    assert total_row(frame) == f'"customer" says "{word}"'
    assert len(without_total_row(frame)) == 50


def test_a_last_row_that_the_others_add_up_to_is_a_total() -> None:
    frame = orders()
    last = with_last(frame, "c9999", frame["amount"].sum(), frame["clicks"].sum())
    assert total_row(last) == 'the rows above add up to it in "amount", "clicks"'


def test_an_ordinary_last_row_is_no_total() -> None:
    assert total_row(orders()) is None
    assert total_row(with_last(orders(), "Total Recall", 3.0, 2)) is None
    assert total_row(with_last(orders(), "Total", 3.0, 2)) is None
    assert total_row(pd.DataFrame({"x": [1, 2, 3], "y": [1, 2, 3]})) is None
    assert total_row(pd.DataFrame({"x": [0.0] * 9, "y": ["total"] * 9})) is None


def test_headings_of_totals_are_told_from_titles() -> None:
    assert says_total("Total 2024")
    assert not says_total("Total War")
    assert not says_total("2024")
