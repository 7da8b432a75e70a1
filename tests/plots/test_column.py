from causal.logs.profile import ColumnProfile
from causal.plots.column import HEIGHT, column, rows

NUMBERS = ColumnProfile("age", "numeric", 3, 60, 18.0, 90.0, 41.0, (20, 30, 40, 50, 70), (18.0, 54.0, 90.0), (), (5, 4))
TIMES = ColumnProfile(
    "seen", "time", 0, 9, "2024-01-01 00:00:00", "2024-01-03 00:00:00", 0.0, (), (1704067200.0, 1704240000.0), (), (9,)
)
WORDS = ColumnProfile("city", "category", 0, 3, levels=("Rome", "Oslo"), counts=(6, 3), others=1)


def texts(shown):
    return list(shown.data[1].text)


def test_numbers_are_bars_between_their_ends_with_missing_hatched():
    shown = column(NUMBERS)
    assert shown.layout.height == HEIGHT
    assert list(shown.data[0].y) == [1.0, 0.8, 0.6]
    assert list(shown.data[0].marker.pattern.shape) == ["", "", "/"]
    assert texts(shown) == ["18.0", "90.0, 3 missing"]


def test_categories_are_bars_by_frequency():
    assert rows(WORDS) == [
        {"value": "Rome", "rows": 6},
        {"value": "Oslo", "rows": 3},
        {"value": "other values", "rows": 1},
    ]
    assert texts(column(WORDS)) == ["Rome", "and 2 more"]


def test_times_are_told_as_dates():
    assert rows(TIMES) == [{"value": "2024-01-01 00:00 to 2024-01-03 00:00", "rows": 9}]
    assert texts(column(TIMES)) == ["2024-01-01", "2024-01-03"]


def test_an_empty_column_draws_its_missing_rows():
    shown = column(ColumnProfile("gone", "text", 9, 0))
    assert texts(shown) == ["empty", "9 missing"]
    assert list(shown.data[0].y) == [1.0]
    assert list(column(ColumnProfile("none", "text", 0, 0)).data[0].y) == []
