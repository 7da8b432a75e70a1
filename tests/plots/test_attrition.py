from __future__ import annotations

from causal.logs.attrition import Attrition, AttritionStep
from causal.plots.attrition import attrition, rows

FLOW = Attrition(
    1_000,
    (
        AttritionStep("events", "that repeat a row", 100, 900),
        AttritionStep("units", "found in the events", 0, 50),
        AttritionStep("units", "without an anchor", 20, 30),
    ),
)


def test_events_are_shares_of_the_rows_and_units_of_those_found() -> None:
    shown = attrition(FLOW)
    stays, lost = shown.data[:2]
    assert list(stays.x) == [100.0, 90.0, 100.0, 60.0]
    assert list(lost.x) == [0.0, 10.0, 0.0, 40.0]
    assert "without an anchor (40" in shown.layout.title.text.replace("<br>", " ")
    assert "30 stay" in shown.layout.meta["alt"]


def test_the_table_behind_it_has_a_row_per_step() -> None:
    assert rows(FLOW)[0] == {"of": "events", "step": "rows of the log", "removed": 0, "left": 1_000}
    assert [each["left"] for each in rows(FLOW)] == [1_000, 900, 50, 30]


def test_a_log_that_gives_nobody_is_drawn_too() -> None:
    empty = Attrition(3, (AttritionStep("units", "found in the events", 0, 0),))
    assert list(attrition(empty, narrow=True).data[0].x) == [100.0, 0.0]
