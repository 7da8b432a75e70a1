"""Rows as items: which columns say what an item is, and what the prediction for its person rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.effects.drivers import drivers_of
from causal.logs.unit_table import UnitTable
from causal.text.fact_guard import guard_text
from causal.wording.item_texts import ItemChoice, guessed_choice, item_text


@pytest.fixture(scope="module")
def table() -> UnitTable:
    count = 40
    return UnitTable.from_frame(
        pd.DataFrame(
            {
                "item_title": [f"Lamp {place}" for place in range(count)],
                "category": ["garden", "kitchen"] * (count // 2),
                "price": [10.5 + place for place in range(count)],
                "age": [20.0 + place % 30 for place in range(count)],
                "likes": ["lamps, tea", None] * (count // 2),
                "launched": pd.date_range("2024-01-01", periods=count),
            }
        )
    )


def test_columns_are_guessed_by_their_names(table: UnitTable) -> None:
    choice = guessed_choice(table)
    assert choice.title == "item_title"
    assert set(choice.facts) == {"category", "price"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_row_s_text_says_its_own_values_and_what_adds_to_the_prediction(table: UnitTable, language) -> None:
    predicted = np.where(table.column("category") == "garden", 1.0, 0.0)
    drivers = drivers_of(predicted, table, ["category"])
    choice = ItemChoice("item_title", ("category", "price", "launched"), "likes", {"price": "$"}, language)
    found = [item_text(table, row, choice, drivers, seed=0) for row in range(4)]
    for row, each in enumerate(found):
        assert guard_text(each.own.text, each.facts).reason == ""
        assert f"Lamp {row}" in each.own.text and f"${10.5 + row:.2f}" in each.own.text
        assert each.interests == (("lamps", "tea") if row % 2 == 0 else ())
    adds = "predicted gain" if language == "en" else "预测的收益"
    assert [adds in each.own.text for each in found] == [True, False, True, False]


def test_a_wrong_price_is_sent_back(table: UnitTable) -> None:
    found = item_text(table, 0, ItemChoice("item_title", ("price",), None, {"price": "$"}), None, seed=0)
    assert not guard_text(found.own.text.replace("10.50", "9.50"), found.facts).passed
