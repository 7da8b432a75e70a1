"""BigQuery and Snowflake cannot run here: what they are asked is the text that was looked at when it was written."""

from __future__ import annotations

import pytest

from tests.logs.engines.golden_sql import ENGINES, RECIPES, golden, sql


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_sql_is_that_which_was_looked_at(engine: str, recipe: str) -> None:
    assert sql(engine, recipe) + "\n" == golden(engine, recipe).read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", [*ENGINES, "clickhouse", "postgres"])
def test_nothing_in_it_is_an_estimate_or_writes(engine: str) -> None:
    for recipe in RECIPES:
        text = sql(engine, recipe)
        assert text.startswith("WITH ")
        words = {word.strip('"`(),').casefold() for word in text.split()}
        assert not words & {"insert", "create", "update", "delete", "drop", "merge", "alter"}
        assert "approx" not in text.casefold()
        assert "uniq(" not in text
        assert "uniqIf(" not in text
