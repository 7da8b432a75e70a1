"""Numbers in a text, in English and Chinese: in digits and words, fractions, per cent, money, times."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache

from causal.text.plain_words import words_of
from causal.text.units_of_measure import BEFORE, SECONDS, SHARE, TIMES, measure_of, spellings

ORDINAL = "ordinal"
"""What "third" or 第三 measures."""

VAGUE = "vague"
"""What "dozens", "hundreds of" or 数百 measures: no fact can hold it."""

_ONES = words_of(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = words_of("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = words_of("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_SMALL = {word: float(place) for place, word in enumerate(_ONES)} | {
    word: 10.0 * place for place, word in enumerate(_TENS, start=2)
}
_LARGE = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_ABBREVIATED = {"k": 1e3, "K": 1e3, "M": 1e6, "mn": 1e6, "bn": 1e9, **_LARGE}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
          "sixth": 6, "eighth": 8, "tenth": 10, "tenths": 10}  # fmt: skip

_WORD = "|".join(sorted([*_SMALL, *_LARGE], key=len, reverse=True))
_SPELLED = rf"(?:{_WORD})(?:(?:[\s-]+and)?[\s-]+(?:{_WORD}))*(?:\s+point(?:\s+(?:{'|'.join(_ONES[:10])}))+)?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ENGLISH = re.compile(
    rf"""
    (?P<in>\b(?:\d+|{_SPELLED})\s+(?:in|out\s+of)\s+(?:every\s+)?(?:\d+|{_SPELLED})\b)
  | (?P<fraction>(?<![\w.])\d+\s?[/⁄]\s?\d+(?![\w/]))
  | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b)
  | (?P<digits>(?<![\w.]){_DIGITS}(?:\s?(?P<scale>million|billion|thousand|hundred|[kKM]|mn|bn)(?![A-Za-z]))?)
  | (?P<dozen>\b(?:(?:an?|half\s+a|two|three|four|five|six|\d+)\s+)?dozen\b)
  | (?P<part>\b(?:(?:one|two|three|four|a)[\s-]+)?(?:{"|".join(_PARTS)})\b(?![\s-]*(?:place|time)))
  | (?P<spelled>\b(?:an?\s+)?(?<!-){_SPELLED}\b)
  | (?P<vague>\b(?:dozens|hundreds|thousands|millions|billions|scores)\b)
  | (?P<multiple>\b(?:twice|thrice|doubl(?:es?|ed|ing)|tripl(?:es?|ed|ing)|quadruples?|halv(?:es|ed|ing))\b)
  | (?P<first>\b(?:{"|".join(_ORDINALS)})\b)
  | (?P<article>\ban?\s+(?=(?:hour|minute|second|day|week|month|year|hundred|thousand|million)\b))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MULTIPLES = {"twice": 2.0, "thrice": 3.0, "doubl": 2.0, "tripl": 3.0, "quadr": 4.0, "halv": 0.5}

_HAN = "零〇一二两三四五六七八九十百千万亿"
_HAN_DIGITS = {each: float(place) for place, each in enumerate("零一二三四五六七八九")} | {"〇": 0.0, "两": 2.0}
_HAN_SCALES = {"十": 10.0, "百": 100.0, "千": 1e3, "万": 1e4, "亿": 1e8}
_HAN_NUMBER = rf"(?:[{_HAN}]+(?:点[{_HAN}]+)?)"
_CHINESE = re.compile(
    rf"""
    (?P<percent>百分之(?P<percent_value>{_DIGITS}|{_HAN_NUMBER}))
  | (?P<fraction>(?P<below>\d+|{_HAN_NUMBER})分之(?P<above>\d+|{_HAN_NUMBER}))
  | (?P<slash>\d+\s?[/⁄]\s?\d+)
  | (?P<ordinal>第(?P<ordinal_value>\d+|{_HAN_NUMBER}))
  | (?P<tenths>(?P<tenths_value>[一二两三四五六七八九]|\d)成(?P<half>半)?)
  | (?P<minutes>(?P<minutes_value>\d+|[一两三四五六七八九十]+)分半钟?)
  | (?P<vague>[数几][十百千万]+|上[百千万]+|成[百千]上[千万]+|千万(?=[^\d])|百万级)
  | (?P<digits>{_DIGITS}(?P<scale>[百千万亿]+)?)
  | (?P<halfmore>[一两三四五六七八九十]个半)
  | (?P<multiple>翻倍|翻一番|加倍|减半)
  | (?P<han>{_HAN_NUMBER})
  | (?P<halfunit>半(?=升|公斤|千克|米|公里|千米|斤|克))
  | (?P<part>一半|半)
    """,
    re.VERBOSE,
)
_JOINED = re.compile(
    r"[\s,，\[\]()（）]*(?:to|and|or|through|[-–—~～]|至|到|和|,|，|、)[\s,，\[\]()（）]*", re.IGNORECASE
)
_SIGN = re.compile(r"(?:^|[^\w.,\s)%]|\s|[\u3400-\u9fff])([-+−＋－])\s?(?:[$€£¥]\s?)?$")


@dataclass(frozen=True)
class Mention:
    """A number in a text: where it stands, its value in `scale` of what it measures, to how many decimals.

    `measure` is None where no unit follows, and `lent` where it is that of the next number. `sign` is -1
    or 1 where one is written, else 0.
    """

    start: int
    end: int
    value: float
    measure: str | None = None
    scale: float = 1.0
    decimals: int = 0
    sign: int = 0
    lent: bool = False

    @property
    def amount(self) -> float:
        """In whole units of what is measured: seconds, shares."""
        return self.value * self.scale

    @property
    def step(self) -> float:
        """Half a unit in the last place that is written: numbers this near are rounded to it."""
        return 0.5 * 10.0**-self.decimals * self.scale


def normalised(text: str) -> str:
    """The text with every digit, sign and full-width letter as ASCII writes it, character by character."""
    return "".join(_plain(each) for each in text)


def _plain(character: str) -> str:
    if character.isdigit() and not character.isascii():
        value = unicodedata.digit(character, None)
        return character if value is None else str(value)
    if "\uff01" <= character <= "\uff5e" and character not in "，；：！？（）":
        return unicodedata.normalize("NFKC", character)
    return {"¼": "1⁄4", "½": "1⁄2", "¾": "3⁄4", "⅓": "1⁄3", "⅔": "2⁄3", "\u00a0": " ", "\u202f": " "}.get(
        character, character
    )


def mentions(text: str, own_units: tuple[str, ...] = ()) -> list[Mention]:
    """Every number in `text` (as `normalised` writes it), in order; times such as "1 hour 38 minutes" are one."""
    found: list[Mention] = []
    place = 0
    while place < len(text):
        matched = _next(text, place)
        if matched is None:
            break
        mention = _with_unit(text, matched, own_units)
        if mention.value != 1.0 or not _mere_article(text, mention):
            found.append(mention)
        place = max(mention.end, matched.end, place + 1)
    return _summed(_ranged(found, text), text)


def _next(text: str, place: int) -> Mention | None:
    english, chinese = _ENGLISH.search(text, place), _CHINESE.search(text, place)
    # digits are read by both: as Chinese where Chinese characters follow
    if chinese is not None and (
        english is None
        or chinese.start() < english.start()
        or (chinese.start() == english.start() and chinese.end() > english.end())
    ):
        return _chinese(chinese)
    return None if english is None else _english(english)


def _english(found: re.Match[str]) -> Mention:
    start, end, text = found.start(), found.end(), found[0].lower()
    if found["in"]:
        above, below = re.split(r"\s+(?:in|out\s+of)\s+(?:every\s+)?", text)
        return _fraction(start, end, _value(above), _value(below))
    if found["fraction"]:
        above, below = re.split(r"\s?[/⁄]\s?", text)
        return _fraction(start, end, float(above), float(below))
    if found["ordinal"]:
        return Mention(start, end, float(text[:-2]), ORDINAL)
    if found["digits"]:
        told = found["scale"] or ""
        bare = found[0].removesuffix(told).strip()
        scale = _ABBREVIATED.get(told, _ABBREVIATED.get(told.lower(), 1.0))
        decimals = len(bare.partition(".")[2])
        return Mention(start, end, float(bare.replace(",", "")), scale=scale, decimals=decimals)
    if found["part"]:
        words = re.split(r"[\s-]+", text)
        above = 1.0 if len(words) == 1 or words[0] == "a" else _SMALL[words[0]]
        if len(words) == 1 and words[0] in _ORDINALS:
            return Mention(start, end, float(_ORDINALS.index(words[0]) + 1), ORDINAL)
        return _fraction(start, end, above, _PARTS[words[-1]])
    if found["dozen"]:
        count = text.split()[0]
        return Mention(start, end, 12.0 * (0.5 if count == "half" else _value(count) or 1.0))
    if found["vague"]:
        return Mention(start, end, float("nan"), VAGUE)
    if found["multiple"]:
        value = next(value for stem, value in _MULTIPLES.items() if text.startswith(stem))
        return Mention(start, end, value, TIMES)
    if found["first"]:
        return Mention(start, end, float(_ORDINALS.index(text) + 1), ORDINAL)
    if found["article"]:
        return Mention(start, end, 1.0)
    return Mention(start, end, _value(text), decimals=_decimals(text))


def _fraction(start: int, end: int, above: float, below: float) -> Mention:
    return Mention(start, end, above / below if below else float("nan"), SHARE, decimals=4)


@cache
def _value(text: str) -> float:
    """A number in words or digits: "one hundred and five", "four point five"."""
    if re.fullmatch(r"[\d,.]+", text):
        return float(text.replace(",", ""))
    whole, _, after = text.partition("point")
    total = current = 0.0
    for word in re.split(r"[\s-]+", whole):
        if word in _SMALL:
            current += _SMALL[word]
        elif word == "hundred":
            current = max(current, 1.0) * 100
        elif word in _LARGE:
            total, current = total + max(current, 1.0) * _LARGE[word], 0.0
    digits = "".join(str(int(_SMALL[word])) for word in after.split() if word in _SMALL)
    return total + current + (float(f"0.{digits}") if digits else 0.0)


def _decimals(text: str) -> int:
    return len(text.partition("point")[2].split())


def _chinese(found: re.Match[str]) -> Mention:
    start, end = found.start(), found.end()
    if found["percent"]:
        value, decimals = _han_or_digits(found["percent_value"])
        return Mention(start, end, value, SHARE, 0.01, decimals)
    if found["fraction"]:
        return _fraction(start, end, _han_or_digits(found["above"])[0], _han_or_digits(found["below"])[0])
    if found["slash"]:
        above, below = re.split(r"\s?[/⁄]\s?", found["slash"])
        return _fraction(start, end, float(above), float(below))
    if found["ordinal"]:
        return Mention(start, end, _han_or_digits(found["ordinal_value"])[0], ORDINAL)
    if found["tenths"]:
        return Mention(start, end, _han_or_digits(found["tenths_value"])[0] + (0.5 if found["half"] else 0), SHARE, 0.1)
    if found["minutes"]:
        return Mention(start, end, _han_or_digits(found["minutes_value"])[0] + 0.5, SECONDS, 60.0, 1)
    if found["vague"]:
        return Mention(start, end, float("nan"), VAGUE)
    if found["digits"]:
        scale = 1.0
        for each in found["scale"] or "":
            scale *= _HAN_SCALES[each]
        bare = found["digits"][: len(found["digits"]) - len(found["scale"] or "")]
        return Mention(start, end, float(bare.replace(",", "")), scale=scale, decimals=len(bare.partition(".")[2]))
    if found["halfmore"]:
        return Mention(start, end, _han(found["halfmore"][0]) + 0.5, decimals=1)
    if found["halfunit"]:
        return Mention(start, end, 0.5, decimals=1)
    if found["multiple"]:
        return Mention(start, end, 0.5 if found["multiple"] == "减半" else 2.0, TIMES)
    if found["part"]:
        return _fraction(start, end, 1.0, 2.0)
    value, decimals = _han_or_digits(found["han"])
    return Mention(start, end, value, decimals=decimals)


def _han_or_digits(text: str) -> tuple[float, int]:
    if text[0].isdigit():
        return float(text.replace(",", "")), len(text.partition(".")[2])
    whole, _, after = text.partition("点")
    digits = "".join(str(int(_HAN_DIGITS[each])) for each in after if each in _HAN_DIGITS)
    return _han(whole) + (float(f"0.{digits}") if digits else 0.0), len(digits)


def _han(text: str) -> float:
    """A number in Chinese: 一百零五, 三千二百万, and digit by digit 二〇一九."""
    if len(text) > 1 and all(each in _HAN_DIGITS for each in text):
        return float("".join(str(int(_HAN_DIGITS[each])) for each in text))
    total = section = digit = 0.0
    for each in text:
        if each in _HAN_DIGITS:
            digit = _HAN_DIGITS[each]
        elif each in "十百千":
            section, digit = section + (digit or 1.0) * _HAN_SCALES[each], 0.0
        else:
            total, section, digit = (total + section + digit) * _HAN_SCALES[each], 0.0, 0.0
    return total + section + digit


@cache
def _unit_pattern(own_units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[\s-]?(?P<unit>{spellings(own_units)})", re.IGNORECASE)


_MONEY_BEFORE = re.compile(rf"({BEFORE})\s?$", re.IGNORECASE)
_HALF_MORE = re.compile(r"\s+and\s+a\s+(?P<part>half|quarter)\b", re.IGNORECASE)


def _more(found: re.Match[str]) -> float:
    return 0.5 if found["part"].lower() == "half" else 0.25


def _with_unit(text: str, mention: Mention, own_units: tuple[str, ...]) -> Mention:
    signed = _SIGN.search(text[: mention.start])
    if signed is not None:
        mention = replace(mention, sign=1 if signed[1] in "+＋" else -1)
    half = _HALF_MORE.match(text, mention.end)
    if half is not None and mention.measure is None:
        mention = replace(mention, value=mention.value + _more(half), end=half.end(), decimals=2)
    money = _MONEY_BEFORE.search(text[: mention.start])
    if money is not None and mention.measure is None:
        return replace(mention, start=money.start(1), measure=measure_of(money[1])[0])
    unit = _unit_pattern(own_units).match(text, mention.end)
    if unit is None and mention.measure == SHARE:
        of_unit = re.compile(rf"\s+(?:of\s+)?an?\s+(?P<unit>{spellings(own_units)})", re.IGNORECASE)
        unit = of_unit.match(text, mention.end)
    if unit is None or (mention.measure is not None and mention.measure != SHARE):
        return mention
    measure, scale = measure_of(unit["unit"])
    if mention.measure == SHARE and measure == SHARE:
        return mention
    fraction_scale = mention.scale if mention.measure == SHARE else 1.0
    half = _HALF_MORE.match(text, unit.end())
    value = mention.value + (0.0 if half is None else _more(half))
    return replace(
        mention,
        value=value,
        end=unit.end() if half is None else half.end(),
        measure=measure,
        scale=scale * (mention.scale if mention.measure is None else fraction_scale),
        decimals=mention.decimals if half is None else max(mention.decimals, 2),
    )


_ARTICLE_MEASURES = frozenset({None, "piece", "count", "person", "part", "point", "occasion", "user", "track"})


def _mere_article(text: str, mention: Mention) -> bool:
    """Whether a "one" is no count: "this one", 一部, "at one"."""
    written = text[mention.start : mention.end].lower()
    if written.startswith("one"):
        return mention.measure is None and mention.scale == 1.0
    if written.startswith(("a ", "an ")):
        return mention.measure is None and mention.scale == 1.0
    return written.startswith("一") and mention.measure in _ARTICLE_MEASURES and mention.scale == 1.0


def _ranged(found: list[Mention], text: str) -> list[Mention]:
    """Of "98 to 102 minutes" the first number has the unit of the second."""
    told = list(found)
    for place in range(len(told) - 2, -1, -1):
        first, second = told[place], told[place + 1]
        between = text[first.end : second.start]
        if first.measure is None and second.measure not in (None, ORDINAL, VAGUE) and _JOINED.fullmatch(between):
            told[place] = replace(first, measure=second.measure, scale=first.scale * second.scale, lent=True)
    return told


def _summed(found: list[Mention], text: str) -> list[Mention]:
    """Times that follow each other are one: "1 hour and 38 minutes"."""
    told: list[Mention] = []
    for each in found:
        before = told[-1] if told else None
        joined = before is not None and re.fullmatch(r"[\s,]*(?:and\s+)?|又?零?", text[before.end : each.start])
        if before is not None and joined and before.measure == each.measure == SECONDS and each.scale < before.scale:
            told[-1] = replace(
                each, start=before.start, value=before.amount / each.scale + each.value, sign=before.sign
            )
        else:
            told.append(each)
    return told
