"""Descriptions and names of topics put together from facts alone, in English and Chinese: the same facts and seed give
the same text, and every text keeps to the facts (`fact_guard.py` holds it in tests).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from causal.text.checked_text import denies
from causal.text.facts import Facts, KnownEffect, Language, Property, Quantity
from causal.text.plain_words import words_of
from causal.text.units_of_measure import MONEY, measure_of

MOST_KEYWORDS = 3
"""Keywords in the name of a topic."""

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_YEARS = frozenset(words_of("year released published release 年份 年 上映"))
_LENGTHS = frozenset(words_of("length duration runtime minutes 时长 片长 长度"))
_PRICES = frozenset(words_of("price cost 价格 售价 定价"))
_KINDS = frozenset(words_of("genre category kind type 类型 类别 题材"))
_MAKERS: Mapping[str, tuple[str, str]] = {
    "director": ("directed by {}", "由{}导演"),
    "author": ("written by {}", "作者{}"),
    "writer": ("written by {}", "作者{}"),
    "artist": ("by the artist {}", "由{}演唱"),
    "导演": ("directed by {}", "由{}导演"),
    "作者": ("written by {}", "作者{}"),
    "主演": ("starring {}", "主演{}"),
}


@dataclass(frozen=True)
class Description:
    """A text about one item for one person, and who wrote it: our own form, or a model."""

    text: str
    language: Language
    written_by: Literal["form", "model"] = "form"


def describe(facts: Facts, interests: Sequence[str] = (), seed: int = 0) -> Description:
    """A recommendation put together from the facts: what the item is, why this person may care, what moves outcomes.

    `interests` are the person's, of the facts' `words`. Which of several forms is taken depends on the seed and on the
    facts, so that a list of texts does not repeat itself, and a repeated call does.
    """
    turn = _turn(facts, seed)
    write = _chinese if facts.language == "zh" else _english
    return Description(write(facts, [each for each in interests if each in facts.words], turn), facts.language)


def topic_name(keywords: Sequence[str], language: Language = "en", taken: Collection[str] = ()) -> str:
    """A topic's name from its keywords, the most telling first; more of them where a shorter name is `taken`."""
    known = [each.strip() for each in dict.fromkeys(keywords) if each.strip()]
    if not known:
        return "未命名" if language == "zh" else "Unnamed"
    for count in range(min(MOST_KEYWORDS, len(known)), len(known) + 1):
        name = _listed(known[:count], language)
        name = name[:1].upper() + name[1:]
        if name not in taken:
            break
    return name


def amount_text(quantity: Quantity, language: Language) -> str:
    """A number with its unit as people write it: "$12.50", "98 minutes", "25 %", 98 分钟."""
    measure = measure_of(quantity.unit)[0] if quantity.unit else None
    if measure in MONEY and measure in _SIGNS and quantity.value >= 0:
        return f"{_SIGNS[measure]}{quantity.value:,.2f}".removesuffix(".00")
    text = f"{quantity.value:.10f}".rstrip("0").rstrip(".") if abs(quantity.value) < 1e15 else repr(quantity.value)
    if not quantity.unit:
        return text
    return text + ("" if language == "zh" and not quantity.unit.isascii() else " ") + quantity.unit


def _turn(facts: Facts, seed: int) -> int:
    told = f"{seed} {facts.titles} {facts.properties} {facts.quantities}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")


def _english(facts: Facts, interests: Sequence[str], turn: int) -> str:
    title = _quoted(facts, "“{}”", "This item")
    kinds = [each.value for each in facts.properties if each.name.casefold() in _KINDS]
    parts = [*_phrases(facts, 0)]
    kind = _listed(kinds, "en")
    openings = (
        f"{title}: {', '.join([*([kind] if kind else []), *parts])}." if kinds or parts else f"{title}.",
        f"{title} is listed under {kind}{_with(parts)}." if kinds else f"{title}{_with(parts, ': ')}.",
        f"A pick for you: {title}{', ' + kind if kinds else ''}{_with(parts)}.",
    )
    told = [openings[turn % len(openings)]]
    if interests:
        liked = _listed(interests, "en")
        reasons = (
            f"It matches your interest in {liked}.",
            f"If you like {liked}, this may suit you.",
            f"Selected because your interests include {liked}.",
        )
        told.append(reasons[turn // 3 % len(reasons)])
    told += [_effect_en(facts, each, turn // 9) for each in _told(facts)]
    return " ".join(told)


def _told(facts: Facts) -> list[KnownEffect]:
    """The effects that a description tells: those with a direction; of what a prediction rests on, what adds to it."""
    known = [each for each in facts.effects if each.direction != "unclear"]
    return [each for each in known if each.direction == "up" or not each.predicted][:2]


def _effect_en(facts: Facts, effect: KnownEffect, turn: int) -> str:
    if effect.predicted:
        return f"For you, {effect.cause} adds to the predicted gain."
    toward = "positive" if effect.direction == "up" else "negative"
    verb = "is" if facts.standing == "causal" else "seems to be"
    on = f" on {effect.outcome}" if effect.outcome else ""
    if facts.standing == "do not use":
        within = f" in {effect.outcome}" if effect.outcome else ""
        return f"For you, {effect.cause} goes along with a {toward} difference{within}."
    forms = (
        f"Among people like you, the effect of {effect.cause}{on} {verb} {toward}.",
        f"Why it is here: for people like you, the effect of {effect.cause}{on} {verb} {toward}.",
    )
    return forms[turn % len(forms)]


def _chinese(facts: Facts, interests: Sequence[str], turn: int) -> str:
    title = _quoted(facts, "《{}》", "这个项目")
    kinds = [each.value for each in facts.properties if each.name.casefold() in _KINDS]
    parts = _phrases(facts, 1)
    described = "，".join([*([f"类型为{_listed(kinds, 'zh')}"] if kinds else []), *parts])
    openings = (
        f"{title}：{described}。" if described else f"{title}。",
        f"为您推荐{title}{'，' + described if described else ''}。",
        f"{title}值得考虑{'：' + described if described else ''}。",
    )
    told = [openings[turn % len(openings)]]
    if interests:
        liked = _listed(interests, "zh")
        reasons = (f"符合您的兴趣：{liked}。", f"如果您喜欢{liked}，不妨看看。", f"推荐理由：您的兴趣包括{liked}。")
        told.append(reasons[turn // 3 % len(reasons)])
    told += [_effect_zh(facts, each) for each in _told(facts)]
    return "".join(told)


def _effect_zh(facts: Facts, effect: KnownEffect) -> str:
    if effect.predicted:
        return f"对您而言，{effect.cause}使预测的收益增加。"
    toward = "为正" if effect.direction == "up" else "为负"
    on = f"对{effect.outcome}" if effect.outcome else ""
    if facts.standing == "do not use":
        return f"对您这样的用户，{effect.cause}与{effect.outcome or '结果'}的差异相关，方向{toward}。"
    seems = "" if facts.standing == "causal" else "似乎"
    return f"对您这样的用户，{effect.cause}{on}的效果{seems}{toward}。"


def _phrases(facts: Facts, place: Literal[0, 1]) -> list[str]:
    """Properties and numbers as phrases, kinds and what is not so left out; `place`: 0 for English, 1 for Chinese."""
    language: Language = "zh" if place else "en"
    shown = [each for each in facts.properties if each.name.casefold() not in _KINDS and not denies(each.value)]
    told = [_property(each, place) for each in shown]
    return told + [_number(each, language) for each in facts.quantities]


def _property(given: Property, place: Literal[0, 1]) -> str:
    form = _MAKERS.get(given.name.casefold())
    if form is not None:
        return form[place].format(given.value)
    return f"{given.name}：{given.value}" if place else f"{given.name}: {given.value}"


def _number(given: Quantity, language: Language) -> str:
    name, amount = given.name.casefold(), amount_text(given, language)
    if not given.unit and name in _YEARS and float(given.value).is_integer():
        return f"{amount}年" if language == "zh" else f"from {amount}"
    if given.unit and name in _LENGTHS:
        return f"时长{amount}" if language == "zh" else f"{amount} long"
    if name in _PRICES:
        return f"售价{amount}" if language == "zh" else f"{'for' if given.unit else 'priced at'} {amount}"
    return f"{given.name}：{amount}" if language == "zh" else f"{given.name}: {amount}"


def _quoted(facts: Facts, form: str, otherwise: str) -> str:
    if not facts.titles:
        return otherwise
    title = facts.titles[0]
    return title if set(form.replace("{}", "")) & set(title) else form.format(title)


def _with(parts: Sequence[str], joined: str = ", ") -> str:
    return joined + ", ".join(parts) if parts else ""


def _listed(parts: Sequence[str], language: Language) -> str:
    if language == "zh":
        return "、".join(parts)
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""
