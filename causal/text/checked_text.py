"""A text laid beside its facts: where it says them in their own words, its numbers, its dates, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from causal.text import plain_words as words
from causal.text.dates import dates_in
from causal.text.facts import Facts
from causal.text.quantities import mentions, normalised

Kind = Literal["form", "number", "date", "title", "property", "claim", "direction", "causal claim", "word", "empty"]


@dataclass(frozen=True)
class Departure:
    """One thing that a text says and no fact does: its kind, the words, and the sentence for a person."""

    kind: Kind
    quote: str
    sentence: str


Found = Iterator[tuple[int, Departure]]


MASK = "\ue000"


WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)*")


HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")


_SENTENCE = re.compile(r"[.!?;。！？；\n]+(?:\s|$|(?<=[。！？；]))")


_CLAUSE = re.compile(
    r"[.!?;:,。！？；：，、\n]+(?:\s|$|(?<=[。！？；：，、]))|\b(?:but|while|whereas|although|though|and)\b|但|而且|却"
)


_BLIND = frozenset({"no", "none", "false", "0", "never", "not", "without", "无", "否", "没有", "不", "不是"})


@dataclass(frozen=True)
class Span:
    """A fact's own words in a text."""

    start: int
    end: int
    kind: str
    name: str
    value: str


class CheckedText:
    """A text with the facts' own words found in it; `masked` has a sign in their place, of the same length."""

    def __init__(self, text: str, facts: Facts) -> None:
        self.text, self.facts = text, facts
        self.spans = spans_in(text, facts)
        self.masked = masked(text, ((each.start, each.end) for each in self.spans if not _is_name(each)))
        self.dates = dates_in(self.masked)
        undated = masked(self.masked, ((each.start, each.end) for each in self.dates))
        own = tuple(sorted({each.unit for each in facts.quantities if each.unit}))
        self.numbers = mentions(undated, own)
        self.bare = masked(undated, ((each.start, each.end) for each in self.numbers))
        self.known = _known_words(facts)
        self.titled = _title_words(facts)
        self.given = given_texts(facts)

    def clause(self, place: int) -> tuple[int, int]:
        """Where the clause around a place begins and ends."""
        return _around(_CLAUSE, self.bare, place)

    def sentence(self, place: int) -> tuple[int, int]:
        """Where the sentence around a place begins and ends."""
        return _around(_SENTENCE, self.bare, place)

    def before(self, place: int, count: int = 3) -> list[str]:
        """The English words just before a place, within its clause."""
        start, _ = self.clause(place)
        return [each[0].lower() for each in WORD.finditer(self.text, start, place)][-count:]


def spans_in(text: str, facts: Facts) -> list[Span]:
    """The facts' own words in the text, the longest first, none over another."""
    wanted = [
        *(("title", "title", each) for each in facts.titles),
        *(("property", each.name, each.value) for each in facts.properties),
        *(("word", "word", each) for each in facts.words),
        *(("effect", "cause", each.cause) for each in facts.effects),
        *(("effect", "outcome", each.outcome) for each in facts.effects),
        *(("level", "level", level) for each in facts.effects for level in (each.treated, each.control)),
        *(("name", each.name, each.name) for each in facts.quantities),
        *(("name", each.name, each.name) for each in facts.properties),
    ]
    found: list[Span] = []
    lowered = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    for kind, name, value in sorted(wanted, key=lambda each: -len(each[2])):
        spelled = normalised(value).casefold().strip()
        if not spelled or (spelled.replace(".", "").isdigit() and kind != "title"):
            continue
        pattern = (r"(?<!\w)" if spelled[0].isascii() and spelled[0].isalnum() else "") + re.escape(spelled)
        pattern += r"(?!\w)" if spelled[-1].isascii() and spelled[-1].isalnum() and facts.language == "en" else ""
        for match in re.finditer(pattern, lowered):
            start, end = match.span()
            end += 2 if text[end : end + 2] in ("'s", "’s") else 0
            if kind == "title" and not _cased(text[match.start() : match.end()], value):
                continue
            if not any(each.start < end and start < each.end for each in found):
                found.append(Span(start, end, kind, name, value))
    return sorted(found, key=lambda each: each.start)


def _cased(written: str, title: str) -> bool:
    """Whether a title is written as one: a plain word in small letters is a word."""
    return written[:1] == normalised(title).strip()[:1] or written != written.lower() or not title[:1].isupper()


def _is_name(span: Span) -> bool:
    return span.kind == "name"


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with a sign in place of each character of the spans."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = MASK * (end - start)
    return "".join(characters)


def _around(pattern: re.Pattern[str], text: str, place: int) -> tuple[int, int]:
    start = 0
    for match in pattern.finditer(text):
        if match.start() >= place:
            return start, match.start()
        start = match.end()
    return start, len(text)


def folded(text: str) -> str:
    """The text without what capitals, hyphens and spaces add to it."""
    return " ".join(normalised(text).casefold().replace("’", "'").replace("-", " ").split())


def given_texts(facts: Facts) -> list[str]:
    """Every text that a fact is made of."""
    return [
        *facts.titles,
        *(each.value for each in facts.properties),
        *(each.name for each in facts.properties),
        *(each.name for each in facts.quantities),
        *(each.unit for each in facts.quantities),
        *facts.words,
        *(part for each in facts.effects for part in (each.cause, each.outcome, each.treated, each.control) if part),
    ]


def _known_words(facts: Facts) -> frozenset[str]:
    """The single words that facts give: not those of titles, which are told whole, nor of what is denied."""
    texts = [
        *(each.value for each in facts.properties if not denies(each.value)),
        *(each.name for each in facts.properties if not denies(each.value) or len(each.value.split()) == 1),
        *(each.name for each in facts.quantities),
        *(each.unit for each in facts.quantities),
        *facts.words,
        *(part for each in facts.effects for part in (each.cause, each.outcome, each.treated, each.control) if part),
    ]
    found = {word.lower() for text in texts for word in WORD.findall(normalised(text))}
    found |= {each for text in texts for each in HAN.findall(normalised(text))}
    found |= able_verbs(facts)
    found |= _kinds(found)
    found |= {each[1:] for each in found if HAN.fullmatch(each) and len(each) > 2}
    found |= {other for same in words.SAME if found & same for other in same}
    return frozenset(found | {stem for word in found for stem in words.stems(word) if len(stem) > 3})


def able_verbs(facts: Facts) -> frozenset[str]:
    """What can be done with a thing that is said to be so: "dim" of what is dimmable."""
    named = [each.name.casefold() for each in facts.properties if not denies(each.value)]
    stems = {each.removesuffix("able") for each in named if each.endswith("able") and len(each) > 6}
    return frozenset(stems | {each[:-1] for each in stems if each[-1] == each[-2]})


def _kinds(found: set[str]) -> set[str]:
    """What the item may be called: as the facts call it, else as what has such properties; else nothing."""
    if said := found & words.ITEM_KINDS:
        return said
    shown = [kinds for signs, kinds in words.KINDS_BY_SIGN if found & signs]
    return set().union(*shown)


def _title_words(facts: Facts) -> frozenset[str]:
    """What a title says its thing is: a "Clearwater Kettle" is a kettle, 清泉电热水壶 is a 水壶."""
    texts = [normalised(each) for each in facts.titles]
    found = set()
    for text in texts:
        content = [word.lower() for word in WORD.findall(text) if word.lower() not in words.FUNCTION]
        found |= set(content[1:])  # "Salt Road" is a road, and not about salt
    runs = [run for text in texts for run in HAN.findall(text)]
    return frozenset(found | {run[place:] for run in runs for place in range(1, len(run) - 1) if len(run) > 3})


def value_words(facts: Facts) -> frozenset[str]:
    """The words that properties' values are made of, and those that stand for them."""
    values = (each.value for each in facts.properties if not denies(each.value))
    found = {word.lower() for value in values for word in WORD.findall(normalised(value))}
    return frozenset((found | {other for same in words.SAME if found & same for other in same}) - words.NEUTRAL)


def denies(value: str) -> bool:
    """Whether a property's value says that something is not so."""
    return bool(_BLIND & {each.casefold() for each in value.split()}) or any(
        each in value for each in ("无", "没有", "不")
    )


def whole(name: str) -> str:
    """A pattern of the name as a word of its own."""
    spelled = re.escape(name.casefold())
    return rf"\b{spelled}\b" if name.isascii() else spelled


_NO_DENIAL = re.compile("不仅|不但|不妨|无论|不只|不到|不超过|不少于|不低于|不高于|不足|不如|无疑")
"""Chinese words with a "no" in them that deny nothing."""


def negated(checked: CheckedText, place: int, reach: int = 3) -> bool:
    """Whether the words just before a place deny what follows."""
    if checked.facts.language == "zh":
        start, _ = checked.clause(place)
        near = checked.text[max(start, place - 4) : place]
        return any(each in _NO_DENIAL.sub("", near) for each in words.NEGATORS_ZH)
    before = [each.replace("’", "'") for each in checked.before(place, reach)]
    if any(pair in (("not", "only"), ("not", "just")) for pair in pairwise(before)):
        return False
    return any(each in words.NEGATORS or each.endswith("n't") for each in before)


def negated_after(checked: CheckedText, place: int) -> bool:
    """Whether the words just after a place deny it: 无, "not"."""
    after = checked.text[place : place + 12].casefold()
    return re.match(r"\W*(?:is|are|：)?\W*(?:not|none|no|false|无|没有|否|不)", after) is not None
