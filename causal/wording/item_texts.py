"""Rows of a table as items for people: their facts, what a person likes, and the text put together from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from causal.text.descriptions import Description, describe
from causal.text.facts import Facts, KnownEffect, Language
from causal.text.plain_words import words_of
from causal.wording.drivers import value_text

if TYPE_CHECKING:
    from causal.effects.drivers import Drivers
    from causal.logs.unit_table import UnitTable

MOST_DRIVERS = 2
MOST_FACTS = 8

_TITLES = ("title", "name", "headline", "item", "标题", "片名", "书名", "名称")
_FACTS = words_of(
    """
category genre topic type brand author director artist price length duration year description colour color
类别 类型 题材 品牌 作者 导演 价格 时长 年份 描述
"""
)


@dataclass(frozen=True)
class ItemChoice:
    """Which columns are an item's title and facts, which one says what a person likes, and the units of numbers."""

    title: str | None
    facts: tuple[str, ...]
    interests: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    language: Language = "en"


@dataclass(frozen=True)
class ItemText:
    """The facts of one row, the interests of its person, and the text from both."""

    facts: Facts
    interests: tuple[str, ...]
    own: Description


def guessed_choice(table: UnitTable) -> ItemChoice:
    """The columns whose names look like an item's title and facts."""
    named = {name.casefold(): name for name in table.names}
    title = next((found for each in _TITLES if (found := _column(named, each)) is not None), None)
    facts = [found for each in _FACTS if (found := _column(named, each)) is not None and found != title]
    return ItemChoice(title, tuple(dict.fromkeys(facts))[:MOST_FACTS])


def item_text(table: UnitTable, row: int, choice: ItemChoice, drivers: Drivers | None, seed: int) -> ItemText:
    """The text about the item of one row for the person of that row.

    `drivers`: what the effect predicted for each row rests on; what adds to it is told.
    """
    interests = _interests(table, row, choice)
    facts = _facts(table, row, choice, interests, drivers)
    return ItemText(facts, interests, describe(facts, interests, seed))


def _column(named: Mapping[str, str], wanted: str) -> str | None:
    if wanted in named:
        return named[wanted]
    return next((name for lowered, name in named.items() if lowered.endswith(("_" + wanted, " " + wanted))), None)


def _interests(table: UnitTable, row: int, choice: ItemChoice) -> tuple[str, ...]:
    if choice.interests is None:
        return ()
    value = table.column(choice.interests).iloc[row]
    if value is None or value != value or not str(value).strip():
        return ()
    return tuple(
        part.strip()[:60] for part in str(value).replace("，", ",").replace("、", ",").split(",") if part.strip()
    )


def _facts(
    table: UnitTable, row: int, choice: ItemChoice, interests: tuple[str, ...], drivers: Drivers | None
) -> Facts:
    item: dict[str, Any] = {} if choice.title is None else {"title": str(_plain(table.column(choice.title).iloc[row]))}
    item |= {name: _plain(table.column(name).iloc[row]) for name in choice.facts if name != choice.title}
    found = () if drivers is None else drivers.of(row, MOST_DRIVERS)
    effects = [
        KnownEffect(f"{each.column} {value_text(each.value)}", "up" if each.part > 0 else "down", predicted=True)
        for each in found
    ]
    return Facts.of(item, choice.language, effects, interests, units=choice.units)


def _plain(value: Any) -> Any:
    """A cell as a plain value: numbers as such, moments as their day, the rest as text of one line."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:
        return None
    if isinstance(value, bool | int | float):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return " ".join(text.split())[:200]
