"""Texts from facts alone: the same for the same seed, in both languages, and always within the facts."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.text.descriptions import describe, topic_name
from causal.text.fact_guard import guard_text
from causal.text.facts import Facts, KnownEffect, Property, Quantity
from tests.text.guard_cases import EVERY

LETTERS = st.text(string.ascii_lowercase, min_size=3, max_size=9)
AMOUNTS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda each: round(each, 2))
HAN = st.text("甲乙丙丁戊己庚辛壬癸", min_size=2, max_size=5)


@pytest.mark.parametrize("item", [each for each in EVERY.values() if each.facts.titles], ids=lambda each: each.name)
def test_a_description_keeps_to_its_facts(item):
    for seed in range(6):
        found = describe(item.facts, item.facts.words[:1], seed)
        assert found == describe(item.facts, item.facts.words[:1], seed)
        assert guard_text(found.text, item.facts).reason == ""
        assert found.written_by == "form"


@settings(max_examples=60, deadline=None)
@given(
    title=LETTERS.map(str.capitalize),
    value=LETTERS,
    amount=AMOUNTS,
    unit=st.sampled_from(["minutes", "%", "$", "pages", "km"]),
    direction=st.sampled_from(["up", "down", "unclear"]),
    standing=st.sampled_from(["causal", "tentative", "do not use"]),
    seed=st.integers(0, 99),
)
def test_whatever_the_facts_are_the_description_keeps_to_them(title, value, amount, unit, direction, standing, seed):
    facts = Facts(
        titles=(title,),
        quantities=(Quantity("measure", amount, unit),),
        properties=(Property("quality", value),),
        effects=(KnownEffect("theme", direction, "outcome"),),
        words=("theme",),
        standing=standing,
    )
    text = describe(facts, ("theme",), seed).text
    assert guard_text(text, facts).reason == "", text


@settings(max_examples=40, deadline=None)
@given(title=HAN, value=HAN, amount=AMOUNTS, direction=st.sampled_from(["up", "down"]), seed=st.integers(0, 99))
def test_so_does_a_chinese_one(title, value, amount, direction, seed):
    facts = Facts(
        titles=(title,),
        quantities=(Quantity("时长", amount, "分钟"),),
        properties=(Property("类型", value),),
        effects=(KnownEffect(value, direction, "观看时长"),),
        words=(value,),
        language="zh",
    )
    text = describe(facts, (value,), seed).text
    assert guard_text(text, facts).reason == "", text


def test_seeds_vary_the_form():
    item = EVERY["film"]
    assert len({describe(item.facts, ("trains",), seed).text for seed in range(12)}) > 4


def test_a_topic_is_named_by_its_keywords():
    assert topic_name(["train", "rail", "journey", "station"]) == "Train, rail and journey"
    assert topic_name(["火车", "铁路"], "zh") == "火车、铁路"
    assert topic_name(["train", "rail", "journey", "station"], taken=("Train, rail and journey",)).endswith("station")
    assert topic_name([" "]) == "Unnamed"
