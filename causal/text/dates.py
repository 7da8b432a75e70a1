"""Dates in a text: "12 March 2019", "2019-03-12", 2019年3月12日, "the 1990s"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from causal.text.plain_words import words_of

_MONTHS = words_of("january february march april may june july august september october november december")
_MONTH = "|".join([*_MONTHS, *(each[:3] + r"\.?" for each in _MONTHS if each != "may"), r"sept\.?"])
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_YEAR = r"[12]\d{3}"
_HAN = "〇零一二三四五六七八九"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d)(?P<y>{_YEAR})\s?[-/.]\s?(?P<m>1[0-2]|0?[1-9])\s?[-/.]\s?(?P<d>{_DAY})(?:T[\d:.]+Z?)?(?!\d)",
        rf"(?<!\d)(?P<y>{_YEAR}|[{_HAN}]{{4}})\s?年\s?(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?月(?:\s?(?P<d>{_DAY}|[一二三]?十?[一二三四五六七八九十])\s?[日号])?",
        r"(?<!\d)(?P<m>1[0-2]|0?[1-9])\s?月\s?(?P<d>[12]\d|3[01]|0?[1-9])\s?[日号]",
        rf"(?<!\d)(?P<y>{_YEAR}|[{_HAN}]{{4}})\s?年(?!代|龄)",
        rf"\b(?P<d>{_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH})(?:,?\s+(?P<y>{_YEAR}))?\b",
        rf"\b(?P<m>{_MONTH})\s+(?P<d>{_DAY})(?:st|nd|rd|th)?(?:,?\s+(?P<y>{_YEAR}))?\b(?!\d)",
        rf"\b(?P<m>{_MONTH}),?\s+(?P<y>{_YEAR})\b",
        rf"\b(?P<decade>{_YEAR})s\b",
        rf"(?<!\d)(?P<decade>{_YEAR})\s?年代",
    )
)


@dataclass(frozen=True)
class DateMention:
    """A date in a text; parts that it does not say are None. A `decade` has its first year in `year`."""

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    decade: bool = False

    def said_by(self, fact: DateMention) -> bool:
        """Whether the fact says every part of this date."""
        if self.decade:
            return fact.year is not None and fact.year - fact.year % 10 == self.year
        pairs = ((self.year, fact.year), (self.month, fact.month), (self.day, fact.day))
        return all(own is None or own == given for own, given in pairs)


def dates_in(text: str) -> list[DateMention]:
    """Every date in the text, in order; where two forms fit, the longer one."""
    found: list[DateMention] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(each.start < match.end() and match.start() < each.end for each in found):
                found.append(_mention(match))
    return sorted(found, key=lambda each: each.start)


def _mention(match: re.Match[str]) -> DateMention:
    parts = match.groupdict()
    if parts.get("decade"):
        return DateMention(match.start(), match.end(), int(parts["decade"]), decade=True)
    year, month, day = parts.get("y"), parts.get("m"), parts.get("d")
    return DateMention(
        match.start(),
        match.end(),
        None if year is None else _number(year),
        None if month is None else _month(month),
        None if day is None else _number(day),
    )


def _month(text: str) -> int:
    named = next((place for place, each in enumerate(_MONTHS, start=1) if each[:3] == text[:3].lower()), None)
    return _number(text) if named is None else named


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if len(text) == 4:
        return int("".join(str("零一二三四五六七八九".index(each.replace("〇", "零"))) for each in text))
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return "零一二三四五六七八九".index(text)
    return ("零一二三四五六七八九".index(tens) if tens else 1) * 10 + (
        "零一二三四五六七八九".index(ones) if ones else 0
    )
