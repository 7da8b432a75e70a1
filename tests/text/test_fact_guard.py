"""The fact guard: what is false is sent back, what is true is let through, in English and Chinese."""

from __future__ import annotations

import pytest

from causal.errors import OptionProblem
from causal.text.fact_guard import guard_text
from causal.text.facts import Facts, KnownEffect, Quantity
from tests.text.examined_items import EXAMINED
from tests.text.guard_cases import EVERY, kept, made
from tests.text.sly_texts import SLIPS_THROUGH, SLY
from tests.text.spoilers import spoiled

FILM = Facts.of(
    {"title": "Night Train", "genre": "thriller", "director": "Ann Lee", "length": "98 minutes", "year": 2019},
    words=("trains",),
    effects=(KnownEffect("trains", "up", "minutes watched"),),
)
SHARE = Facts(quantities=(Quantity("completion", 25, "%"), Quantity("gain", 2.3, "percentage points")))
PRICE = Facts.of({"title": "Cup", "price": "$12.50"})
CHINESE = Facts.of({"片名": "夜车", "类型": "惊悚片", "时长": "98 分钟", "年份": 2019}, language="zh")


def test_of_two_hundred_texts_the_false_ones_are_caught_and_few_true_ones_with_them():
    cases = kept()
    assert cases == made()
    false, true = [each for each in cases if not each.true], [each for each in cases if each.true]
    assert (len(false), len(true)) == (100, 100)
    assert sum(not each.passed for each in false) >= 99
    assert sum(not each.passed for each in true) <= 5


def test_of_an_examiners_two_hundred_texts_the_false_ones_are_caught_and_few_true_ones_with_them():
    false = [(item, text) for item in EXAMINED for text, _ in item.false]
    true = [(item, text) for item in EXAMINED for text in item.true]
    assert (len(false), len(true)) == (100, 100)
    assert [text for item, text in false if guard_text(text, item.facts).passed] == []
    assert sum(not guard_text(text, item.facts).passed for item, text in true) <= 5


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("examined course", "The course does not come without a certificate."),
        ("examined film", "Film of the year 2021: a drama from Portugal."),
        ("examined result", "The interval holds zero from outside 0.6 to 3.0 percentage points."),
        ("examined film in Chinese", "林岸在2018年执导这部悬疑片。"),
        ("examined book in Chinese", "由河岸出版社撰写的历史书。"),
    ],
)
def test_what_the_examiners_texts_made_known_opens_no_hole(item, text):
    facts = next(each.facts for each in EXAMINED if each.name == item)
    assert not guard_text(text, facts).passed


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Cup weighs 1200 grams.", True),
        ("Cup weighs 1.2 grams.", False),
        ("Cup holds 0.5 litres.", True),
        ("Cup holds 500 litres.", False),
        ("Cup lasts half an hour.", True),
        ("Cup lasts 30 hours.", False),
    ],
)
def test_weights_volumes_and_lengths_may_be_told_in_other_units(text, passes):
    facts = Facts.of({"title": "Cup", "weight": "1.2 kg", "holds": "500 ml", "note": "lasts 30 minutes a day"})
    assert guard_text(text, facts).passed is passes


def test_texts_spoiled_otherwise_are_caught_too():
    pairs = [(item, text) for item in EVERY.values() for text in item.true]
    missed = [
        made_of for seed, (item, text) in enumerate(pairs, start=1_000_000)
        for _, made_of in [spoiled(text, item.facts, seed)] if guard_text(made_of, item.facts).passed
    ]  # fmt: skip
    assert len(missed) <= 0.02 * len(pairs), missed


@pytest.mark.parametrize("item", SLY)
def test_sly_texts_are_sent_back(item):
    assert [text for text in SLY[item] if guard_text(text, EVERY[item].facts).passed] == []


def test_what_is_known_to_slip_through_is_known():
    assert all(guard_text(text, EVERY[item].facts).passed for item, text in SLIPS_THROUGH)


@pytest.mark.parametrize(
    "text",
    [
        "It runs for 98 minutes.",
        "It runs for ninety-eight minutes.",
        "It runs for 1 hour 38 minutes.",
        "It runs for an hour and 38 minutes.",
        "It runs for nearly 100 minutes.",
        "It runs for about 100 minutes.",
        "It runs for less than 100 minutes.",
        "It is from 2019.",
    ],
)
def test_a_number_may_be_written_otherwise(text):
    assert guard_text(text, FILM).passed


@pytest.mark.parametrize(
    "text",
    [
        "It runs for 89 minutes.",
        "It runs for eighty-nine minutes.",
        "It runs for 98 hours.",
        "It runs for over 100 minutes.",
        "It runs for 100 minutes.",
        "It is from 2018.",
        "It is from the 1990s.",
        "It runs for two hours.",
        "It has 98 pages.",
        "It is the third film.",
        "It is twice as long.",
        "Hundreds watched it.",
        "It runs for ninety minutes.",
    ],
)
def test_another_number_is_sent_back(text):
    verdict = guard_text(text, FILM)
    assert not verdict.passed
    assert {each.kind for each in verdict.departures} & {"number", "date"}


@pytest.mark.parametrize(
    "text", ["25 % complete it.", "A quarter complete it.", "One in four complete it.", "twenty-five percent"]
)
def test_a_share_may_be_a_fraction(text):
    assert guard_text(text, SHARE).passed


@pytest.mark.parametrize(
    "text", ["25 percentage points", "A gain of 2.3 %.", "A third complete it.", "0.25 %", "Half complete it."]
)
def test_per_cent_and_percentage_points_are_not_the_same(text):
    assert not guard_text(text, SHARE).passed


@pytest.mark.parametrize(
    "text", ["It costs €12.50.", "It costs $12.", "It costs ¥12.50.", "It costs 12.50 pounds.", "It is free."]
)
def test_a_price_is_exact_and_in_its_currency(text):
    assert not guard_text(text, PRICE).passed


def test_what_costs_nothing_is_free():
    assert guard_text("Cup is free.", Facts.of({"title": "Cup", "price": "$0"})).passed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("“Day Train” is a thriller.", "title"),
        ("Tom Hollis directed Night Train.", "title"),
        ("Night Trains is a thriller.", "title"),
        ("Night Train is an award-winning thriller.", "claim"),
        ("The best thriller.", "claim"),
        ("You will love Night Train.", "causal claim"),
        ("Night Train is not a thriller.", "property"),
        ("Night Train, written by Ann Lee.", "property"),
        ("A gripping thriller.", "word"),
        ("Trains lower the minutes watched.", "direction"),
        ("Trains do not raise the minutes watched.", "direction"),
        ("Trains have no effect on the minutes watched.", "direction"),
        ("It came out on 3 May 2019.", "date"),
        ("See https://example.com for Night Train.", "form"),
        ("<b>Night Train</b>", "form"),
        ("Night Train ⭐", "form"),
        ("《夜车》是惊悚片。", "form"),
        ("", "form"),
        ("Night Train. " * 200, "form"),
    ],
)
def test_each_departure_is_named(text, kind):
    verdict = guard_text(text, FILM)
    assert kind in [each.kind for each in verdict.departures]
    assert verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "片长一百分钟。",
        "片长98小时。",
        "《日车》是惊悚片。",
        "最好的惊悚片。",
        "免费观看《夜车》。",
        "《夜车》不是惊悚片。",
        "2018年的惊悚片。",
        "感人的惊悚片。",
    ],
)
def test_chinese_is_read_too(text):
    assert not guard_text(text, CHINESE).passed


@pytest.mark.parametrize(
    "text", ["片长一小时三十八分钟。", "九十八分钟的惊悚片。", "《夜车》，二〇一九年。", "片长近100分钟。"]
)
def test_chinese_numbers_may_be_written_otherwise(text):
    assert guard_text(text, CHINESE).passed


def test_a_tentative_answer_must_be_hedged():
    facts = Facts(effects=(KnownEffect("autoplay", "down", "clicks", "on", "off"),), standing="tentative")
    assert guard_text("Autoplay seems to lower clicks.", facts).passed
    assert not guard_text("Autoplay lowers clicks.", facts).passed
    assert not guard_text("Autoplay seems to lower clicks with off instead of on.", facts).passed


def test_an_unclear_effect_may_not_be_told_as_one():
    facts = Facts(effects=(KnownEffect("banner", "unclear", "purchases"),))
    assert guard_text("It is unclear whether the banner raises purchases.", facts).passed
    assert not guard_text("The banner raises purchases.", facts).passed


def test_what_a_fact_denies_may_be_denied_and_not_said():
    facts = Facts.of({"title": "Harbour House", "pool": False})
    assert guard_text("Harbour House has no pool.", facts).passed
    assert not guard_text("Harbour House has a pool.", facts).passed


def test_facts_are_read_from_what_a_row_holds():
    facts = Facts.of({"name": "Cup", "price": "$12.50", "height": "9 cm", "sold": None, "colour": ["red", "blue"]})
    assert facts.titles == ("Cup",)
    assert [(each.name, each.value, each.unit) for each in facts.quantities] == [
        ("price", 12.5, "$"),
        ("height", 9, "cm"),
    ]
    assert [each.value for each in facts.properties] == ["red", "blue"]
    assert Facts.from_json(facts.to_json()) == facts


def test_another_language_is_refused():
    with pytest.raises(OptionProblem, match='not in "fr"'):
        Facts(language="fr")  # type: ignore[arg-type]
