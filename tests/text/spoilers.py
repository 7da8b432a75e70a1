"""Spoils true texts on purpose, with a seed: numbers, units, titles, properties, dates, directions, claims, promises.

It knows the facts, not the guard: every spoiled text says something that the facts do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from causal.text.facts import Facts

OTHERS = {
    "genre": ["comedy", "romance", "western", "jazz", "horror"],
    "name": ["Tom Hollis", "Maria Svensson", "Wei Zhang", "Elena Petrov"],
    "place": ["Norway", "Peru", "Kyoto", "Berlin"],
    "colour": ["bright red", "silver", "white"],
    "类型": ["喜剧片", "爱情片", "纪录片", "摇滚"],
    "人名": ["王小明", "赵海燕", "陈大文"],
    "颜色": ["鲜红色", "银色"],
}
TITLES = ["The Glass River", "Morning Harbour", "Seven Doors", "Return to Elm Street"]
TITLES_ZH = ["玻璃河", "清晨港湾", "七扇门", "归途列车"]
CLAIMS = [
    "It won three awards.", "It is the best of its kind.", "Critics call it a masterpiece.", "Now 20 % off!",
    "It is free this week.", "Only $9.99 today.", "Millions of people love it.", "It comes with free shipping.",
    "Based on a true story.", "It has subtitles in Spanish.", "Recommended by experts.", "It is suitable for children.",
]  # fmt: skip
CLAIMS_ZH = [
    "荣获三项大奖。", "同类中最好的选择。", "今天免费。", "现价仅9.9元。", "数百万人都喜欢。", "根据真实故事改编。",
    "专家推荐。", "适合儿童。", "限时八折。", "附赠精美礼品。",
]  # fmt: skip
PROMISES = [
    "You will love it.",
    "Satisfaction guaranteed.",
    "It is sure to make you happy.",
    "You'll never want to stop.",
]
PROMISES_ZH = ["您一定会爱上它。", "保证满意。", "绝对不会失望。"]
ADJECTIVES = ["award-winning", "gripping", "handmade", "waterproof", "hilarious", "vegan", "limited-edition"]
ADJECTIVES_ZH = ["获奖的", "惊心动魄的", "手工制作的", "限量版的", "爆笑的"]
FLIPS = {
    "raises": "lowers", "raise": "lower", "increase": "decrease", "increased": "decreased", "rises": "falls",
    "higher": "lower", "positive": "negative", "reduces": "increases", "lower": "raise", "negative": "positive",
    "fall": "rise", "drop": "gain", "提高": "降低", "增加": "减少", "提升": "降低", "为正": "为负", "延长": "缩短",
}  # fmt: skip
_HAN = "零一二三四五六七八九"

Spoiler = Callable[[str, Facts, np.random.Generator], "str | None"]


def number(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """One number in digits becomes another one, by at least a seventh."""
    found = [each for each in re.finditer(r"\d+(?:[.,]\d+)*", text) if not _in_title(each, text, facts)]
    if not found:
        return None
    match = found[rng.integers(len(found))]
    old = float(match[0].replace(",", ""))
    new = old * float(rng.choice([0.5, 0.7, 1.3, 1.6, 2.0, 10.0])) + 1
    if 1900 <= old <= 2100:
        new = old + int(rng.choice([-7, -3, 4, 6]))
    shown = f"{new:.{len(match[0].partition('.')[2])}f}" if "." in match[0] else str(round(new))
    return text[: match.start()] + shown + text[match.end() :]


def written_number(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """A number in words becomes another one."""
    english = {"one": "three", "two": "five", "seven": "nine", "four": "six", "twenty": "thirty", "half": "quarter"}
    for old, new in english.items():
        if facts.language == "en" and re.search(rf"\b{old}\b(?! of)", text, re.IGNORECASE) and "one thing" not in text:
            if old == "one" and not re.search(r"\bone hour", text):
                continue
            return re.sub(rf"\b{old}\b", new, text, count=1, flags=re.IGNORECASE)
    match = re.search(r"[二三四五六七八九](?=[十百]|年|分)", text) if facts.language == "zh" else None
    if match is None:
        return None
    other = _HAN[(_HAN.index(match[0]) + int(rng.integers(1, 6)) - 2) % 8 + 2]
    return None if other == match[0] else text[: match.start()] + other + text[match.end() :]


def unit(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """A number gets another unit."""
    swaps = {
        "percentage points": "percent", "minutes": "hours", " min": " hours", "$": "£", "€": "$", "litres": "gallons",
        "euros": "dollars", "metres": "miles", "dollars": "euros", "pages": "chapters", "分钟": "小时", "元": "美元",
        "升": "毫升", "页": "章", "百分点": "%",
    }  # fmt: skip
    fitting = [
        old for old in swaps if re.search(rf"(?:\d|[{_HAN}十百])[\s-]?{re.escape(old)}|{re.escape(old)}\d", text)
    ]
    if not fitting:
        return None
    old = fitting[rng.integers(len(fitting))]
    return text.replace(old, swaps[old], 1)


def title(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """The title becomes another one, or one of its words does."""
    if not facts.titles or facts.titles[0] not in text:
        return None
    old = facts.titles[0]
    if facts.language == "zh":
        new = str(rng.choice(TITLES_ZH)) if rng.random() < 0.6 else old[:-1] + str(rng.choice(list("山海城梦")))
    else:
        words = old.split()
        swapped = [*words[:-1], str(rng.choice(["Garden", "Winter", "Machine", "Stories"]))]
        new = str(rng.choice(TITLES)) if rng.random() < 0.6 else " ".join(swapped)
    return text.replace(old, new)


def named_property(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """A property becomes another one of its kind."""
    kinds = {
        "genre": "genre", "category": "genre", "topic": "genre", "section": "genre", "director": "name",
        "author": "name", "teacher": "name", "host": "name", "artist": "name", "country": "place", "city": "place",
        "colour": "colour", "brand": "name", "类型": "类型", "题材": "类型", "导演": "人名", "作者": "人名",
        "歌手": "人名", "颜色": "颜色", "品牌": "人名", "国家": "人名", "类别": "类型",
    }  # fmt: skip
    fitting = [each for each in facts.properties if each.name in kinds and each.value in text]
    if not fitting:
        return None
    chosen = fitting[rng.integers(len(fitting))]
    return text.replace(chosen.value, str(rng.choice(OTHERS[kinds[chosen.name]])))


def claim(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """A sentence more that no fact says."""
    chosen = str(rng.choice(CLAIMS_ZH if facts.language == "zh" else CLAIMS))
    return text + chosen if facts.language == "zh" else f"{text} {chosen}"


def promise(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """A promise more."""
    chosen = str(rng.choice(PROMISES_ZH if facts.language == "zh" else PROMISES))
    return text + chosen if facts.language == "zh" else f"{text} {chosen}"


def adjective(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """An invented quality before something that is given."""
    fitting = [each.value for each in facts.properties if each.value in text]
    if not fitting:
        return None
    before = str(rng.choice(ADJECTIVES_ZH)) if facts.language == "zh" else str(rng.choice(ADJECTIVES)) + " "
    return text.replace(fitting[0], before + fitting[0], 1)


def direction(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """What goes up goes down."""
    if not facts.effects or facts.effects[0].direction == "unclear":
        return None
    fitting = [old for old in FLIPS if (re.search(rf"\b{old}\b", text) if old.isascii() else old in text)]
    if len(fitting) != 1:
        return None
    old = fitting[0]
    return re.sub(rf"\b{old}\b", FLIPS[old], text, count=1) if old.isascii() else text.replace(old, FLIPS[old], 1)


def negation(text: str, facts: Facts, rng: np.random.Generator) -> str | None:
    """What is said of the item is denied."""
    if facts.language == "zh":
        return text.replace("是一", "不是一", 1) if "是一" in text and "不是一" not in text else None
    match = re.search(r"\bis an? (?=\w)", text)
    return None if match is None or not facts.properties else text[: match.start()] + "is not a " + text[match.end() :]


SPOILERS: dict[str, Spoiler] = {
    each.__name__: each
    for each in (
        number, written_number, unit, title, named_property, claim, promise, adjective, direction, negation,
    )
}  # fmt: skip


def spoiled(text: str, facts: Facts, seed: int) -> tuple[str, str]:
    """The name of a spoiler that can do something with the text, drawn with the seed, and what it makes of it."""
    rng = np.random.default_rng(seed)
    for name in rng.permutation(list(SPOILERS)):
        made = SPOILERS[str(name)](text, facts, rng)
        if made is not None and made != text:
            return str(name), made
    raise AssertionError(f"no spoiler fits: {text}")


def _in_title(match: re.Match[str], text: str, facts: Facts) -> bool:
    return any(match[0] in each for each in facts.titles)
